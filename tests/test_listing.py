"""The files of a folder: what Keras lists, in its order."""

import os
import tempfile
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.utils import dataset_utils
from trees import SEEDS, TREES, grow

from seqaug.sources import listing as module
from seqaug.sources.listing import FORMATS, keras_order, list_folder
from seqaug.sources.saved_listing import is_fresh

OLD = 1_600_000_000


def keras(directory, classes, names=None, follow_links=False, **more):
    labels = "inferred" if classes else None
    return dataset_utils.index_directory(
        directory, labels, FORMATS, names, follow_links=follow_links, verbose=False, **more
    )


def ours(directory, classes, names=None, follow_links=False):
    return list_folder(directory, classes, names, follow_links, FORMATS)


def require_equal(directory, classes, names=None, follow_links=False):
    paths, labels, class_names = keras(directory, classes, names, follow_links, shuffle=False)
    found = ours(directory, classes, names, follow_links)
    assert list(found.paths) == paths
    assert found.class_names == (None if class_names is None else list(class_names))
    if classes:
        np.testing.assert_array_equal(found.classes, labels)
        assert found.classes.dtype == labels.dtype
    return found


@given(TREES, st.booleans(), st.data())
def test_as_keras_lists(tree, classes, data):
    with tempfile.TemporaryDirectory() as folder:
        directory = grow(Path(folder), tree)
        found = require_equal(directory, classes)
        names = found.class_names
        if names:
            require_equal(directory, classes, data.draw(st.permutations(names)))
            require_equal(directory, classes, tuple(names[1:]))
        require_equal(directory + "/", classes)


@given(TREES, SEEDS)
def test_as_keras_shuffles(tree, seed):
    with tempfile.TemporaryDirectory() as folder:
        directory = grow(Path(folder), tree)
        paths, labels, _ = keras(directory, True, shuffle=True, seed=seed)
        found = ours(directory, True)
        order = keras_order(len(found.paths), seed)
        assert found.paths.taken(order) == paths
        np.testing.assert_array_equal(found.classes[order], labels)


def test_names_are_sorted_as_text(tmp_path):
    """What is no UTF-8 sorts elsewhere by its bytes."""
    grow(tmp_path, {("a", "\udcff.jpg"), ("a", "\ue000.jpg"), ("a", "\udcff", "1.jpg"), ("a", "\ue000", "1.jpg")})
    require_equal(str(tmp_path), True)


def test_seeds_of_more_bits_have_an_order():
    orders = [keras_order(50, seed).tolist() for seed in (3, 3 + 2**32, 3 + 2**33, 2**64 - 1)]
    assert len(set(map(tuple, orders))) == 4
    assert all(sorted(order) == list(range(50)) for order in orders)


LINKS = st.lists(
    st.tuples(st.sampled_from(["a", "b", "b/c", "d"]), st.sampled_from(["a", "b/c", "d", "out", "nowhere"])), max_size=3
)


@settings(deadline=None)
@given(LINKS)
def test_links_as_keras_follows_them(links):
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "root")
        for inner in ("root/a", "root/b/c", "root/d", "out/deep"):
            Path(folder, inner).mkdir(parents=True)
            Path(folder, inner, "1.jpg").touch()
        (root / "a" / "broken.jpg").symlink_to("gone")
        (root / "a" / "good.jpg").symlink_to("1.jpg")
        for number, (where, to) in enumerate(links):
            (root / where / f"l{number}").symlink_to(Path(folder, "out") if to == "out" else root / to)
        for classes in (True, False):
            require_equal(str(root), classes)
            if not has_loop(links):
                require_equal(str(root), classes, follow_links=True)
            else:
                found = list(ours(str(root), classes, follow_links=True).paths)
                assert len(found) == len(set(found))
                assert {*ours(str(root), classes).paths} <= {*found}
                assert {os.path.realpath(path) for path in found} == {
                    os.path.realpath(path) for path in keras_without_end(root, classes)
                }


def has_loop(links):
    steps = {"b": {"b/c"}}
    for where, to in links:
        steps.setdefault(where, set()).add(to)
    reach = {name: set(to) for name, to in steps.items()}
    for _ in range(6):
        reach = {name: to.union(*(reach.get(one, set()) for one in to)) for name, to in reach.items()}
    return any(name in to for name, to in reach.items())


def keras_without_end(root, classes):
    """All files that links lead to: what Keras goes around in."""
    tasks, seen, files = [root / name for name in ("a", "b", "d")] if classes else [root], set(), []
    while tasks:
        folder = tasks.pop()
        if folder.resolve() in seen:
            continue
        seen.add(folder.resolve())
        for entry in folder.iterdir():
            if entry.is_dir():
                tasks.append(entry)
            elif entry.name.endswith(".jpg"):
                files.append(entry)
    return files


def test_a_loop_is_listed_once(tmp_path):
    (tmp_path / "a" / "deep").mkdir(parents=True)
    for name in ("a/1.jpg", "a/deep/2.jpg"):
        (tmp_path / name).touch()
    (tmp_path / "a" / "deep" / "up").symlink_to(tmp_path / "a")
    assert len(keras(str(tmp_path), True, follow_links=True)[0]) > 20  # until the system refuses
    (tmp_path / "a" / "0").symlink_to(tmp_path / "a" / "deep")  # with which Keras does not end
    found = ours(str(tmp_path), True, follow_links=True)
    assert [path[len(str(tmp_path)) :] for path in found.paths] == ["/a/1.jpg", "/a/deep/2.jpg"]


def test_many_links_end(tmp_path):
    """Every folder links to every other: there are more ways than can be gone."""
    for i in range(12):
        (tmp_path / "c" / f"{i}").mkdir(parents=True)
        (tmp_path / "c" / f"{i}" / "x.jpg").touch()
        for j in range(12):
            (tmp_path / "c" / f"{i}" / f"to{j}").symlink_to(tmp_path / "c" / f"{j}")
    found = ours(str(tmp_path), True, follow_links=True)
    assert list(found.paths) == sorted(str(path) for path in tmp_path.glob("c/[0-9]*/x.jpg"))


@pytest.mark.parametrize(
    ("classes", "names", "directory"),
    [(True, ["a", "z"], "."), (True, None, "gone"), (True, None, "a/1.jpg"), (True, [".h"], ".")],
)
def test_errors_are_keras_errors(tmp_path, classes, names, directory):
    grow(tmp_path, {("a", "1.jpg"), ("b", "2.jpg"), (".h", "3.jpg")})
    raised = []
    for function in (keras, ours):
        with pytest.raises((ValueError, OSError)) as error:
            function(str(tmp_path / directory), classes, names)
        raised.append(type(error.value))
    assert raised[0] is raised[1]


def test_what_is_an_error_here(tmp_path):
    grow(tmp_path, {("a", "1.jpg")})
    with pytest.raises(ValueError, match=r"`class_names` must be folders .*each once.*Received: class_names=.'a'"):
        ours(str(tmp_path), True, ["a", "a"])
    with pytest.raises(ValueError, match="`directory` must be a folder"):
        ours(str(tmp_path / "gone"), False)


def test_folders_that_cannot_be_read(tmp_path, monkeypatch):
    grow(tmp_path, {("a", "1.jpg"), ("a", "locked", "2.jpg"), ("b", "3.jpg")})
    scandir = os.scandir

    def refusing(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(module.os, "scandir", refusing)
    with pytest.warns(
        UserWarning, match="1 folders in .* cannot be read, and are left out; the first: 'locked' .*denied"
    ):
        found = ours(str(tmp_path), True)
    assert list(found.paths) == [str(tmp_path / "a/1.jpg"), str(tmp_path / "b/3.jpg")]
    assert not is_fresh(found)


def test_other_pictures_are_counted(tmp_path):
    grow(tmp_path, {("a", "1.jpg"), ("a", "2.webp"), ("a", "x", "3.TIF"), ("a", "4.webp"), ("a", "5.txt")})
    assert ours(str(tmp_path), True).left_out == {".webp": 2, ".tif": 1}
    assert list_folder(str(tmp_path), True, None, False, (".webp", ".tif")).left_out == {}


def test_no_warning_of_anything(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours(grow(tmp_path, {("a", "1.jpg")}), True)
