"""Listings that are kept: used as long as nothing has changed, and never half a one."""

import itertools
import json
import os
import shutil
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.src.utils import dataset_utils
from trees import TREES, grow

from seqaug.sources import saved_listing
from seqaug.sources.listing import FORMATS, list_folder
from seqaug.sources.saved_listing import is_fresh, kept, load, save

OLD = 1_600_000_000


def keras(directory, classes, names=None, follow_links=False, **more):
    labels = "inferred" if classes else None
    return dataset_utils.index_directory(
        directory, labels, FORMATS, names, follow_links=follow_links, verbose=False, **more
    )


def ours(directory, classes, names=None, follow_links=False):
    return list_folder(directory, classes, names, follow_links, FORMATS)


def age(directory):
    """Makes all folders old."""
    for folder, _, _ in os.walk(directory):
        os.utime(folder, (OLD, OLD))


@given(TREES, st.booleans())
def test_saved_and_loaded(tree, classes):
    with tempfile.TemporaryDirectory() as folder:
        directory = grow(Path(folder, "data"), tree | {("a", "1.jpg")})
        age(directory)
        found = ours(directory, classes)
        save(found, Path(folder, "kept"))
        again = load(Path(folder, "kept"), directory)
        assert list(again.paths) == list(found.paths)
        assert again.class_names == found.class_names
        np.testing.assert_array_equal(again.classes, found.classes)
        assert again.left_out == found.left_out
        assert is_fresh(again)
        walked = {path for path, _, _ in os.walk(directory) if not (classes and "/." in path[len(directory) :][:2])}
        assert {os.path.normpath(path) for path in again.folders} == walked


CHANGES = {
    "a file more": lambda root: (root / "a" / "x" / "new.jpg").touch(),
    "a file less": lambda root: (root / "a" / "x" / "2.jpg").unlink(),
    "another name": lambda root: (root / "b" / "3.jpg").rename(root / "b" / "4.jpg"),
    "a class more": lambda root: (root / "c").mkdir(),
    "a class less": lambda root: shutil.rmtree(root / "b"),
    "another folder": lambda root: (
        shutil.rmtree(root / "b"),
        (root / "b").mkdir(),
        os.utime(root / "b", (OLD, OLD)),
        os.utime(root, (OLD, OLD)),
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_noticed(tmp_path, change):
    root = tmp_path / "data"
    directory = grow(root, {("a", "1.jpg"), ("a", "x", "2.jpg"), ("b", "3.jpg")})
    age(directory)
    looks = []

    def get():
        def look():
            looks.append(1)
            return ours(directory, True)

        found, keep = kept(str(tmp_path / "cache"), directory, [True], look)
        keep()
        return list(found.paths)

    first = get()
    assert get() == first
    assert len(looks) == 1
    CHANGES[change](root)
    assert get() == keras(directory, True, shuffle=False)[0]
    assert len(looks) == 2


def test_a_folder_that_has_just_changed_is_looked_into_again(tmp_path):
    directory = grow(tmp_path / "data", {("a", "1.jpg")})
    assert not is_fresh(ours(directory, True))
    age(directory)
    found = ours(directory, True)
    assert is_fresh(found)
    os.utime(tmp_path / "data" / "a", ns=(0, found.started - 1_000_000_000))
    assert not is_fresh(ours(directory, True))
    os.utime(tmp_path / "data" / "a", ns=(0, time.time_ns() + 10**12))
    assert not is_fresh(ours(directory, True))


def test_arguments_have_listings_of_their_own(tmp_path):
    directory = grow(tmp_path / "data", {("a", "1.jpg"), ("b", "2.jpg")})
    age(directory)
    for classes, names in itertools.product((True, False), (None, ["b"])):
        for _ in range(2):
            look = partial(ours, directory, classes, names)
            found, keep = kept(str(tmp_path / "cache"), directory, [classes, names], look)
            keep()
            assert list(found.paths) == list(ours(directory, classes, names).paths)
    assert len(list((tmp_path / "cache").iterdir())) == 4


@pytest.mark.parametrize("damage", ["cut", "gone", "no JSON", "no listing", "other version", "lengths"])
def test_damaged_listings_are_made_anew(tmp_path, damage):
    directory = grow(tmp_path / "data", {("a", "1.jpg"), ("b", "2.jpg")})
    age(directory)
    save(ours(directory, True), tmp_path / "kept")
    ends = next((tmp_path / "kept").glob("*.ends.npy"))
    index = tmp_path / "kept" / "listing.json"
    values = json.loads(index.read_text())
    if damage == "cut":
        ends.write_bytes(ends.read_bytes()[:-3])
    elif damage == "gone":
        ends.unlink()
    elif damage == "lengths":
        np.save(ends, np.array([3, 4]))
    else:
        other = {"no JSON": "{", "no listing": "[]", "other version": json.dumps(values | {"class_names": ["a"]})}
        index.write_text(other[damage])
    assert load(tmp_path / "kept", directory) is None
    save(ours(directory, True), tmp_path / "kept")
    assert list(load(tmp_path / "kept", directory).paths) == keras(directory, True, shuffle=False)[0]


def test_a_listing_that_fails_half_way_leaves_the_old_one(tmp_path, monkeypatch):
    directory = grow(tmp_path / "data", {("a", "1.jpg")})
    save(ours(directory, True), tmp_path / "kept")
    before = sorted(path.name for path in (tmp_path / "kept").iterdir())
    (tmp_path / "data" / "a" / "2.jpg").touch()
    real = np.save

    def full(file, array):
        if "stamps" in file.name:
            raise OSError(28, "No space left on device")
        real(file, array)

    monkeypatch.setattr(saved_listing.np, "save", full)
    found, keep = kept(str(tmp_path), directory, [], lambda: ours(directory, True))
    keep()  # logs it, and goes on
    assert len(found.paths) == 2
    with pytest.raises(OSError, match="No space"):
        save(found, tmp_path / "kept")
    assert sorted(path.name for path in (tmp_path / "kept").iterdir()) == before
    assert len(load(tmp_path / "kept", directory).paths) == 1


def test_what_was_left_is_removed(tmp_path):
    directory = grow(tmp_path / "data", {("a", "1.jpg")})
    for name, hours in (("old.names.npy", 2), ("new.names.npy", 0)):
        (tmp_path / "kept").mkdir(exist_ok=True)
        (tmp_path / "kept" / name).touch()
        os.utime(tmp_path / "kept" / name, (time.time() - 3600 * hours,) * 2)
    save(ours(directory, True), tmp_path / "kept")
    names = [path.name for path in (tmp_path / "kept").iterdir()]
    assert "new.names.npy" in names
    assert "old.names.npy" not in names
    assert len(names) == 8
