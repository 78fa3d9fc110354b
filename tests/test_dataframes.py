"""from_dataframe beside Keras's flow_from_dataframe, with Pandas and with Polars; masks and boxes."""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from PIL import Image
from trees import photographs

from seqaug import AugmentedSequence, RandomFlip

SIZE = {"image_size": (8, 8)}
FRAMES = {"pandas": pd.DataFrame, "polars": lambda columns: pl.DataFrame(columns, strict=False)}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return photographs(tmp_path_factory.mktemp("photographs"), ["p"], 12) + "/p"


@pytest.fixture(params=FRAMES)
def frame_of(request):
    return FRAMES[request.param]


def names(count):
    return [f"{i:03}.png" for i in range(count)]


def theirs(frame, folder, split=0.0, **arguments):
    return ImageDataGenerator(validation_split=split).flow_from_dataframe(frame, folder, shuffle=False, **arguments)


def ours(frame, folder, **arguments):
    return AugmentedSequence.from_dataframe(frame, folder, **{"shuffle": False, "verbose": False} | SIZE | arguments)


def require_equal(their, our):
    assert list(our.file_paths) == list(their.filepaths)
    for i in range(len(their)):
        a, b = their[i], our[i]
        if not isinstance(a, tuple):
            assert not isinstance(b, tuple)
            continue
        for x, y in zip(a[1:], b[1:], strict=True):
            for one, other in zip(x if isinstance(x, list) else [x], y if isinstance(y, tuple) else [y], strict=True):
                np.testing.assert_array_equal(np.asarray(one), other)


TEXTS = st.sampled_from(["cat", "dog", "Bird", "é", ""])
MODES = {
    "categorical": st.one_of(TEXTS, st.lists(TEXTS, min_size=1, max_size=3)),
    "sparse": TEXTS,
    "binary": st.sampled_from(["yes", "no"]),
    "raw": st.floats(-5, 5),
    None: TEXTS,
}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_as_keras_reads_them(folder, data):
    count = data.draw(st.integers(4, 12))
    mode = data.draw(st.sampled_from([*MODES]))
    targets = data.draw(st.lists(MODES[mode], min_size=count, max_size=count))
    if mode == "binary":
        targets[:2] = ["yes", "no"]
    frame = pd.DataFrame({"filename": names(count), "class": targets, "weight": np.arange(count) / 3})
    chosen = {"class_mode": mode, "batch_size": data.draw(st.integers(1, 5))}
    if mode is not None and data.draw(st.booleans()):
        chosen["weight_col"] = "weight"
    if mode in ("sparse", "categorical") and data.draw(st.booleans()):
        flat = {name for target in targets for name in ([target] if isinstance(target, str) else target)}
        chosen["classes"] = [*data.draw(st.permutations(sorted(flat))), "more"][1:]
    left = theirs(frame, folder, **chosen)
    if not left.samples:
        return
    require_equal(left, ours(frame, folder, **chosen))
    split = data.draw(st.floats(0.05, 0.9))
    for subset in ("training", "validation"):
        their = theirs(frame, folder, split, subset=subset, **chosen)
        if not int(split * left.samples):
            with pytest.raises(ValueError, match="leaves no sample for validation"):
                ours(frame, folder, validation_split=split, subset=subset, **chosen)
        else:
            require_equal(their, ours(frame, folder, validation_split=split, subset=subset, **chosen))
    if int(split * left.samples):
        sides = ours(frame, folder, validation_split=split, subset="both", **chosen)
        assert [side.file_paths for side in sides] == [
            theirs(frame, folder, split, subset=subset, **chosen).filepaths for subset in ("training", "validation")
        ]


@pytest.mark.parametrize("mode", ["multi_output", "raw"])
def test_several_columns(folder, frame_of, mode):
    columns = {"filename": names(5), "a": [1.5, 2, 3, 4, 5], "b": [5, 4, 3, 2, 1]}
    chosen = {"y_col": ["a", "b"], "class_mode": mode, "batch_size": 3}
    require_equal(theirs(pd.DataFrame(columns), folder, **chosen), ours(frame_of(columns), folder, **chosen))


def test_the_pictures_themselves(folder, frame_of):
    frame = frame_of({"filename": names(3)})
    x, y = ours(frame, folder, class_mode="input", augment=[RandomFlip()], seed=1)[0]
    np.testing.assert_array_equal(x, y)


def test_both_kinds_of_frames_are_read_alike(folder, frame_of, capsys):
    columns = {"filename": names(6), "class": list("abcabc"), "weight": [1, 2, 3, 4, 5, 6]}
    sequence = ours(frame_of(columns), folder, weight_col="weight", verbose=True, seed=2)
    assert capsys.readouterr().out == "Found 6 validated image filenames belonging to 3 classes.\n"
    theirs(pd.DataFrame(columns), folder)
    assert capsys.readouterr().out == "Found 6 validated image filenames belonging to 3 classes.\n"
    assert sequence.class_names == ["a", "b", "c"]
    assert sequence[0][1].argmax(axis=1).tolist() == [0, 1, 2, 0, 1, 2]
    assert sequence[0][2].tolist() == [1, 2, 3, 4, 5, 6]


def test_files_that_are_not_there(folder, frame_of):
    frame = frame_of({"filename": ["000.png", "gone.png", "001.png", "002.webp"], "class": list("abca")})
    with pytest.warns(UserWarning, match=r"2 of the files in column 'filename' .*row 1 \('gone.png'\)"):
        sequence = ours(frame, folder)
    assert [Path(path).name for path in sequence.file_paths] == ["000.png", "001.png"]
    assert sequence.class_names == ["a", "c"]  # as in Keras, of the rows that are left
    with pytest.raises(FileNotFoundError, match=r"row 1 \('gone.png'\): there is no such file: .*gone.png"):
        ours(frame, folder, validate_filenames=False)
    with pytest.warns(UserWarning, match="left out"), pytest.raises(ValueError, match="names no picture"):
        ours(frame_of({"filename": ["gone.png"], "class": ["a"]}), folder)


def columns(**changes):
    return {"filename": names(4), "class": list("abab"), "weight": [1.0, 2.0, 3.0, 4.0]} | changes


BAD = {
    "file": (columns(filename=["000.png", None, "002.png", "003.png"]), {}, TypeError, "paths; in row 1 it is missing"),
    "class": (columns(**{"class": ["a", "b", None, "a"]}), {}, TypeError, r"row 2 \('002.png'\) it is missing"),
    "number": (columns(**{"class": [1, 2, 3, 4]}), {"class_mode": "sparse"}, TypeError, "must hold strings .* it is 1"),
    "three": (
        columns(**{"class": list("abca")}),
        {"class_mode": "binary"},
        ValueError,
        "takes two classes. Received: 3",
    ),
    "mode": (columns(), {"class_mode": "int"}, ValueError, "`class_mode` must be one of"),
    "multi": (columns(), {"class_mode": "multi_output"}, TypeError, "`y_col` must be a list"),
    "weight": (columns(weight=list("abcd")), {"weight_col": "weight"}, TypeError, "`weight_col` must hold numbers"),
}


@pytest.mark.parametrize("case", BAD)
def test_errors_are_of_keras_kinds(folder, frame_of, case):
    given, chosen, kind, message = BAD[case]
    with pytest.raises(kind):
        theirs(pd.DataFrame(given), folder, **chosen)
    with pytest.raises(kind, match=message):
        ours(frame_of(given), folder, **chosen)


@pytest.mark.parametrize(
    ("given", "chosen", "kind", "message"),
    [
        (columns(weight=[1, None, 3, 4]), {"weight_col": "weight"}, ValueError, r"no value in row 1 \('001.png'\)"),
        (columns(**{"class": [1, 2, None, 4]}), {"class_mode": "raw"}, ValueError, "no value in row 2"),
        (columns(), {"x_col": "file"}, ValueError, "`x_col` must be one of the columns .*'filename'"),
        (columns(), {"y_col": ["class"]}, ValueError, "`y_col` must be one of the columns"),
        (columns(), {"wieght_col": "weight"}, TypeError, "There is no argument `wieght_col`"),
        (columns(), {"validation_split": 0.2}, ValueError, "needs `subset`"),
        (columns(), {"class_mode": None, "weight_col": "weight"}, ValueError, "`sample_weight` needs `y`"),
        (columns(), {"mask_col": "class"}, FileNotFoundError, r"row 0 \('000.png'\): there is no such file: .*/a"),
        (columns(m=["000.png", None] * 2), {"mask_col": "m"}, TypeError, r"row 1 \('001.png'\) it is (None|nan)"),
        (columns(), {"box_labels_col": "class"}, ValueError, "`box_labels_col` needs `boxes_col`"),
    ],
)
def test_messages_name_the_row(folder, frame_of, given, chosen, kind, message):
    with pytest.raises(kind, match=message):
        ours(frame_of(given), folder, **chosen)


def test_no_frame(folder):
    with pytest.raises(TypeError, match="`dataframe` must be of Pandas or Polars"):
        ours({"filename": ["000.png"]}, folder)


def test_masks(folder, frame_of, tmp_path):
    for i in range(3):
        Image.new("L", (30, 20), i + 1).save(tmp_path / f"{i}.png")
    masks = [str(tmp_path / f"{i}.png") for i in (2, 0, 1)]
    frame = frame_of({"filename": names(3), "class": list("aba"), "mask": masks})
    y = ours(frame, folder, mask_col="mask")[0][1]
    assert y["labels"].shape == (3, 2)
    assert y["segmentation_masks"][:, 0, 0].tolist() == [3, 1, 2]
    alone = ours(frame, folder, mask_col="mask", class_mode=None)[0][1]
    np.testing.assert_array_equal(alone, y["segmentation_masks"])


BOXES = [[[0, 0, 4, 5], [1, 2, 3, 4]], [], [[2, 2, 9, 8]]]
KINDS = [["cat", "dog"], [], ["cat"]]


def boxes(**more):
    return {"bounding_box_format": "xyxy", "class_mode": None, "image_size": (20, 30)} | more


def require_boxes(y):
    assert y["labels"].tolist() == [[0, 1], [-1, -1], [0, -1]]
    expected = np.full((3, 2, 4), -1.0)
    for i, row in enumerate(BOXES):
        expected[i, : len(row)] = np.reshape(row, (-1, 4))
    np.testing.assert_array_equal(y["boxes"], expected)


def test_boxes_in_lists(folder, frame_of):
    frame = frame_of({"filename": names(3), "boxes": BOXES, "kinds": KINDS, "class": list("xyx")})
    sequence = ours(frame, folder, boxes_col="boxes", box_labels_col="kinds", **boxes())
    require_boxes(sequence[0][1])
    assert sequence.class_names == ["cat", "dog"]
    assert ours(frame, folder, boxes_col="boxes", **boxes())[0][1].shape == (3, 2, 4)
    both = ours(frame, folder, boxes_col="boxes", box_labels_col="kinds", **boxes(class_mode="sparse"))
    require_boxes(both[0][1]["bounding_boxes"])
    assert both[0][1]["labels"].tolist() == [0, 1, 0]
    assert both.class_names == ["x", "y"]


def rows(order=(0, 1, 2, 3), **more):
    """A box in each row, as CSV files have them."""
    files, kinds = ["000.png", "000.png", "001.png", "002.png"], ["cat", "dog", None, "cat"]
    sides = [[0.0, 0.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0], [None] * 4, [2.0, 2.0, 9.0, 8.0]]
    columns = {"filename": files, "kind": kinds} | {side: [box[i] for box in sides] for i, side in enumerate("abcd")}
    return {name: [column[i] for i in order] for name, column in (columns | more).items()}


def test_a_box_in_each_row(folder, frame_of):
    chosen = {"boxes_col": list("abcd"), "box_labels_col": "kind"} | boxes()
    sequence = ours(frame_of(rows()), folder, **chosen)
    assert [Path(path).name for path in sequence.file_paths] == names(3)
    require_boxes(sequence[0][1])
    apart = ours(frame_of(rows((2, 0, 3, 1))), folder, **chosen)
    assert [Path(path).name for path in apart.file_paths] == ["001.png", "000.png", "002.png"]
    require_boxes({key: value[[1, 0, 2]] for key, value in apart[0][1].items()})
    other = ours(frame_of(rows()), folder, classes=["dog", "cat"], **chosen)
    assert other[0][1]["labels"].tolist() == [[1, 0], [-1, -1], [1, -1]]
    labelled = frame_of(rows(**{"class": ["x", "x", "y", "x"], "weight": [1, 1, 2, 3]}))
    y, weights = ours(labelled, folder, weight_col="weight", **chosen | {"class_mode": "sparse"})[0][1:]
    assert y["labels"].tolist() == [0, 1, 0]
    assert weights.tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("given", "chosen", "kind", "message"),
    [
        (rows(a=[0.0, None, None, 2.0]), {}, ValueError, r"missing in row 1 \('000.png'\)"),
        (
            rows(**{"class": list("xyxx")}),
            {"class_mode": "sparse"},
            ValueError,
            r"must say the same .*'x' in row 0 and 'y' in row 1",
        ),
        (rows(), {"boxes_col": ["a", "b"]}, ValueError, "a column or four"),
        (rows(), {"classes": ["cat"]}, ValueError, "must be among .'cat'.. Received: 'dog'"),
        (rows(), {"bounding_box_format": None}, ValueError, "`bounding_box_format` must say"),
        (
            rows(l=["[1, 2, 3, 4]"] * 4),
            {"boxes_col": "l", "box_labels_col": None},
            TypeError,
            r"lists of boxes .* in row 0",
        ),
        (
            rows(l=[[[1, 2, 3]]] * 4),
            {"boxes_col": "l", "box_labels_col": None},
            TypeError,
            r"lists of boxes .* in row 0",
        ),
        (rows(l=[[[1, 2, 3, 4]] * 2] * 4), {"boxes_col": "l"}, ValueError, r"row 0 .* 2 boxes and 1 labels"),
    ],
)
def test_boxes_that_do_not_fit(folder, frame_of, given, chosen, kind, message):
    with pytest.raises(kind, match=message):
        ours(frame_of(given), folder, **{"boxes_col": list("abcd"), "box_labels_col": "kind"} | boxes() | chosen)


def test_sizes(folder, frame_of):
    frame = frame_of(columns())
    for chosen, size in (
        ({}, (256, 256)),
        ({"target_size": (5, 6)}, (5, 6)),
        ({"target_size": (5, 6), "image_size": 7}, (7, 7)),
    ):
        sequence = AugmentedSequence.from_dataframe(frame, folder, verbose=False, **chosen)
        assert sequence[0][0].shape == (4, *size, 3)
    whole = AugmentedSequence.from_dataframe(frame, folder, target_size=None, verbose=False)
    assert whole[0][0].shape == (4, 20, 30, 3)


def test_classes_without_use_are_told(folder):
    with pytest.warns(UserWarning, match="`classes` has no use with class_mode=None"):
        ours(pd.DataFrame(columns()), folder, class_mode=None, classes=["a"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        ours(pd.DataFrame(columns()), folder, classes=["a"])
