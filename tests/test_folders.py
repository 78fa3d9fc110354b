"""from_directory beside Keras's image_dataset_from_directory, and from_paths."""

import tempfile
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.utils import dataset_utils
from PIL import Image
from trees import photographs

from seqaug import AugmentedSequence, CutMix, RandomFlip, RandomRotation, Rescaling
from seqaug.sources.classes import OneHot
from seqaug.sources.listing import FORMATS

LOOSE = settings(max_examples=25, deadline=None)
SIZE = {"image_size": (8, 8)}


def theirs(*arguments, **more):
    return keras.utils.image_dataset_from_directory(*arguments, **more)


def labels_of(batches):
    return np.concatenate([np.asarray(batch[1]) for batch in batches])


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return photographs(tmp_path_factory.mktemp("photographs"), ["b", "a", "c"], 7)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    return photographs(tmp_path_factory.mktemp("two"), ["cat", "dog"], 6)


@st.composite
def arguments(draw):
    label_mode = draw(st.sampled_from(["int", "categorical", None]))
    names = draw(st.sampled_from([None, ["c", "a"], ("b", "c", "a")]))
    labels = draw(st.sampled_from(["inferred", None, [i % 4 for i in range(21)]]))
    chosen = {"labels": labels, "label_mode": label_mode, "shuffle": draw(st.booleans())}
    if labels == "inferred" and label_mode is not None:
        chosen["class_names"] = names
    if draw(st.booleans()):
        chosen |= {
            "validation_split": draw(st.floats(0.1, 0.9)),
            "subset": draw(st.sampled_from(["training", "validation", "both"])),
        }
    return chosen | {"seed": draw(st.integers(0, 2**31)), "batch_size": draw(st.integers(1, 9))}


@LOOSE
@given(arguments())
def test_files_classes_and_sides_are_keras(folder, capsys, chosen):
    found = theirs(folder, **chosen, **SIZE)
    printed = capsys.readouterr().out
    ours = AugmentedSequence.from_directory(folder, **chosen, **SIZE)
    assert capsys.readouterr().out == printed
    sides = zip(found, ours, strict=True) if chosen.get("subset") == "both" else [(found, ours)]
    for their, our in sides:
        assert our.file_paths == their.file_paths
        assert their.file_paths == our.file_paths
        names = their.class_names
        assert our.class_names == (names if names is None else list(names))
        assert len(our) == len(their)
    if chosen.get("subset") == "both":
        assert isinstance(ours, tuple)
    whole = {name: value for name, value in chosen.items() if name not in ("validation_split", "subset")}
    require_labels(folder, AugmentedSequence.from_directory(folder, verbose=False, **whole, **SIZE), chosen)


def require_labels(folder, sequence, chosen):
    """Each file has the label that Keras gives it."""
    labels = None if chosen["label_mode"] is None else chosen["labels"]
    names = (labels, FORMATS, chosen.get("class_names"), chosen["shuffle"], chosen["seed"])
    paths, expected, _ = dataset_utils.index_directory(folder, *names, verbose=False)
    assert sequence.file_paths == paths
    if expected is None:
        assert not sequence.data.table.labels
    else:
        found = labels_of(sequence.evaluation())
        np.testing.assert_array_equal(found.argmax(axis=1) if found.ndim == 2 else found, expected)


@pytest.mark.parametrize("label_mode", ["int", "categorical", "binary", None])
def test_labels_are_keras_labels(two, label_mode):
    found = theirs(two, label_mode=label_mode, shuffle=False, batch_size=5, **SIZE)
    ours = AugmentedSequence.from_directory(two, label_mode=label_mode, shuffle=False, batch_size=5, **SIZE)
    for their, our in zip(found, ours, strict=True):
        if label_mode is None:
            assert our.shape == their.shape
            continue
        assert our[1].dtype == their[1].numpy().dtype
        np.testing.assert_array_equal(our[1], their[1])
    given_labels = theirs(two, [3, 5] * 6, "int", shuffle=False, **SIZE)
    ours = AugmentedSequence.from_directory(two, [3, 5] * 6, "int", shuffle=False, **SIZE)
    np.testing.assert_array_equal(labels_of(ours), labels_of(given_labels))
    assert ours.class_names == given_labels.class_names == ["3", "5"]


@pytest.mark.parametrize("mode", ["rgb", "grayscale", "rgba"])
@pytest.mark.parametrize("size", [(15, 20), (20, 30), (31, 40)])
def test_pixels_are_keras_pixels(two, mode, size):
    """Up to half the size, where nothing is averaged here."""
    for interpolation in ("bilinear", "nearest"):
        chosen = {"color_mode": mode, "image_size": size, "shuffle": False, "interpolation": interpolation}
        their = np.concatenate([np.asarray(x) for x, _ in theirs(two, **chosen)])
        ours = np.concatenate([x for x, _ in AugmentedSequence.from_directory(two, **chosen)])
        assert ours.dtype == np.float32
        np.testing.assert_allclose(ours, their.astype(np.float32), atol=1.01)


def test_shapes_are_kept_as_keras_keeps_them(two):
    for how, size in (("crop_to_aspect_ratio", (20, 20)), ("pad_to_aspect_ratio", (30, 30))):
        chosen = {how: True, "image_size": size, "shuffle": False}
        their = np.concatenate([np.asarray(x) for x, _ in theirs(two, **chosen)])
        ours = np.concatenate([x for x, _ in AugmentedSequence.from_directory(two, **chosen)])
        np.testing.assert_allclose(ours, their, atol=1.01)


def test_arguments_by_place(two):
    arguments = (
        two,
        "inferred",
        "binary",
        ["dog", "cat"],
        "grayscale",
        5,
        (9, 10),
        True,
        3,
        0.25,
        "training",
        "bilinear",
        False,
        False,
        True,
    )
    their, ours = theirs(*arguments), AugmentedSequence.from_directory(*arguments, "channels_first")
    assert ours.file_paths == their.file_paths
    assert ours[0][0].shape == (5, 1, 9, 10)
    assert ours[0][1].shape == (5, 1)


def test_other_formats(tmp_path):
    photographs(tmp_path / "d", ["a", "b"], 2)
    Image.new("RGB", (9, 8)).save(tmp_path / "d" / "a" / "x.webp")
    np.save(tmp_path / "d" / "b" / "y.npy", np.full((8, 9), 7, np.uint16))
    with pytest.warns(UserWarning, match=r"1 file is left out .*\.webp.*formats=.*'\.png', '\.webp'"):
        assert len(AugmentedSequence.from_directory(tmp_path / "d", **SIZE).file_paths) == 4
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(AugmentedSequence.from_directory(tmp_path / "d", formats=(".png", ".webp"), **SIZE).file_paths) == 5
        arrays = AugmentedSequence.from_directory(tmp_path / "d", formats=".npy", load=np.load, **SIZE)
    assert arrays[0][0].shape == (1, 8, 8, 1)
    assert (arrays[0][0] == 7).all()


def test_sides_are_numbered_as_the_whole(folder):
    """A sample draws by its place before the split; validation is not augmented."""
    chosen = {"augment": [RandomRotation(0.3), Rescaling(1 / 255)], "batch_size": 4, "seed": 3, **SIZE}
    whole = AugmentedSequence.from_directory(folder, verbose=False, **chosen)
    train, validation = AugmentedSequence.from_directory(
        folder, validation_split=0.3, subset="both", verbose=False, **chosen
    )
    paths = list(whole.file_paths)
    seen = {tuple(x.ravel()[:50]) for x, _ in whole for x in x}
    assert all(tuple(x.ravel()[:50]) in seen for x, _ in train for x in x)
    plain = AugmentedSequence(list(validation.file_paths), augment=[Rescaling(1 / 255)], batch_size=4, **SIZE)
    for (ours, _), expected in zip(validation, plain, strict=True):
        np.testing.assert_array_equal(ours, expected)
    assert list(train.file_paths) + list(validation.file_paths) == paths
    alone = AugmentedSequence.from_directory(folder, validation_split=0.3, subset="validation", verbose=False, **chosen)
    np.testing.assert_array_equal(alone[0][0], validation[0][0])


def test_attributes_go_along(folder):
    sequence = AugmentedSequence.from_directory(folder, seed=1, batch_size=4, verbose=False, **SIZE)
    train, validation = sequence.split(0.5, stratify=True)
    for view in (train, validation, sequence.evaluation(), sequence.shard(0, 2)):
        assert view.class_names == ["a", "b", "c"]
    assert sorted([*train.file_paths, *validation.file_paths]) == sorted(sequence.file_paths)
    assert sequence.shard(0, 2).file_paths == sequence.file_paths
    arrays = AugmentedSequence(np.zeros((3, 4, 4, 1), np.uint8))
    assert arrays.class_names is None
    assert arrays.file_paths is None


def test_one_hot_rows_are_made_when_they_are_taken(folder):
    chosen = {"label_mode": "categorical", "seed": 1, "batch_size": 6, "verbose": False, **SIZE}
    sequence = AugmentedSequence.from_directory(folder, **chosen)
    column = sequence.data.table.labels["y", None]
    assert column.shape == np.asarray(column).shape == (21, 3)
    np.testing.assert_array_equal(np.asarray(column), np.eye(3, dtype=np.float32)[column.classes])
    np.testing.assert_array_equal(column[3], np.asarray(column)[3])
    numbers = AugmentedSequence.from_directory(folder, **chosen | {"label_mode": "int"})
    for ours, expected in zip(sequence.split(0.4, stratify=True), numbers.split(0.4, stratify=True), strict=True):
        assert ours.file_paths == expected.file_paths
    for (_, rows), (_, classes) in zip(sequence, numbers, strict=True):
        np.testing.assert_array_equal(rows.argmax(axis=1), classes)
    mixed = AugmentedSequence.from_directory(folder, augment=[CutMix()], **chosen)
    assert np.allclose(mixed[0][1].sum(axis=1), 1)
    with pytest.raises(ValueError, match="class numbers cannot be"):
        AugmentedSequence.from_directory(folder, augment=[CutMix()], **chosen | {"label_mode": "int"})


def test_classes_are_not_spread_out_to_be_split(folder, monkeypatch):
    chosen = {"label_mode": "categorical", "seed": 1, "verbose": False, **SIZE}
    sequence = AugmentedSequence.from_directory(folder, **chosen)
    monkeypatch.setattr(OneHot, "__getitem__", None)
    monkeypatch.setattr(OneHot, "__array__", None)
    train, _ = sequence.split(0.34, stratify=True)
    assert sorted(np.bincount(sequence.data.table.labels["y", None].classes[train.data.positions])) == [4, 5, 5]


def test_a_fresh_seed_can_be_given_again(folder):
    first = AugmentedSequence.from_directory(folder, verbose=False, augment=[RandomFlip()], **SIZE)
    second = AugmentedSequence.from_directory(folder, verbose=False, augment=[RandomFlip()], seed=first.seed, **SIZE)
    assert first.file_paths == second.file_paths
    np.testing.assert_array_equal(first[0][0], second[0][0])


def test_a_kept_listing_gives_the_same(folder, tmp_path):
    chosen = {"seed": 1, "verbose": False, "cache": tmp_path, **SIZE}
    first = AugmentedSequence.from_directory(folder, **chosen)
    assert [path.name[:8] for path in tmp_path.glob("listing-*")] == ["listing-"]
    second = AugmentedSequence.from_directory(folder, **chosen)
    assert first.file_paths == second.file_paths
    np.testing.assert_array_equal(labels_of(first), labels_of(second))


def test_a_folder_that_is_no_cache_stays_as_it_is(folder, tmp_path):
    (tmp_path / "letter.txt").touch()
    for _ in range(2):
        with pytest.raises(ValueError, match=r"`cache` must be a folder .* 'letter\.txt'"):
            AugmentedSequence.from_directory(folder, cache=tmp_path, verbose=False, **SIZE)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_odd_names(tmp_path):
    photographs(tmp_path, ["a", "\udcff b"], 1)
    (tmp_path / "a" / "000.png").rename(tmp_path / "a" / "\udce9\n'.png")
    sequence = AugmentedSequence.from_directory(tmp_path, shuffle=False, verbose=False, **SIZE)
    assert sequence.class_names == ["a", "\udcff b"]
    assert sequence[0][0].shape == (2, 8, 8, 3)


def test_fits(two):
    train, validation = AugmentedSequence.from_directory(
        two, label_mode="binary", validation_split=0.25, subset="both", seed=1, augment=[Rescaling(1 / 255)], **SIZE
    )
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Flatten(), keras.layers.Dense(1, "sigmoid")])
    model.compile("sgd", "binary_crossentropy")
    history = model.fit(train, validation_data=validation, epochs=1, verbose=0)
    assert np.isfinite(history.history["val_loss"]).all()
    assert model.predict(validation, verbose=0).shape == (3, 1)


def test_the_first_header_is_all_that_is_read(tmp_path):
    with tempfile.TemporaryDirectory() as folder:
        photographs(Path(folder), ["a"], 3)
        for path in Path(folder).glob("a/00[12].png"):
            path.write_bytes(b"no picture")
        AugmentedSequence.from_directory(folder, shuffle=False, verbose=False, **SIZE)
