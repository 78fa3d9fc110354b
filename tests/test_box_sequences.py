"""Boxes, keypoints and further pictures in a Sequence: what batches are, and what is refused."""

import json
import pickle

import keras
import numpy as np
import pytest
from common import Batches
from fits import flat, trained

from seqaug import (
    AugmentedSequence,
    MaxNumBoundingBoxes,
    Pipeline,
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomFlip,
    RandomHue,
    RandomRotation,
    RandomTranslation,
    Resizing,
)

COUNT = 20
RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (COUNT, 24, 34, 3), np.uint8)
LISTS = [np.sort(RNG.uniform(0, 24, (i % 5, 2, 2)), axis=1).reshape(-1, 4) for i in range(COUNT)]
LABELS = [10 * i + np.arange(i % 5) for i in range(COUNT)]
POINTS = np.concatenate([RNG.uniform(0, 24, (COUNT, 6, 2)), RNG.integers(0, 3, (COUNT, 6, 1))], axis=2)
PADDED, PADDED_LABELS = np.full((COUNT, 7, 4), -1.0), np.full((COUNT, 7), -1)
for _i, (_boxes, _labels) in enumerate(zip(LISTS, LABELS, strict=True)):
    PADDED[_i, : len(_boxes)], PADDED_LABELS[_i, : len(_boxes)] = _boxes, _labels
Y = {"labels": np.arange(COUNT), "bounding_boxes": {"boxes": LISTS, "labels": LABELS}, "keypoints": POINTS}
AUGMENT = [RandomFlip("horizontal"), RandomRotation(0.1, "constant"), RandomTranslation(0.6, 0.6)]


def make(y=Y, x=IMAGES, **changed):
    given = {"augment": AUGMENT, "batch_size": 8, "seed": 7, "shuffle": False, "bounding_box_format": "xyxy"}
    return AugmentedSequence(x, y, **{**given, **changed})


def boxes_of(sequence):
    return [sequence[i][1]["bounding_boxes"] for i in range(len(sequence))]


@pytest.mark.parametrize("form", ["lists", "arrays", "wrapped"])
@pytest.mark.parametrize("shuffle", [False, True])
def test_batches_hold_what_the_pipeline_gives(form, shuffle):
    """Padded to one width, in the order of the boxes, and what belongs to a box where the box is."""
    more = {"weights": [labels / 2 for labels in LABELS], "ids": [np.stack([labels] * 2, axis=1) for labels in LABELS]}
    y = Y | {"bounding_boxes": Y["bounding_boxes"] | more}
    width = 4
    if form != "lists":
        y, width = Y | {"bounding_boxes": {"boxes": PADDED, "labels": PADDED_LABELS}}, 7
    if form == "wrapped":
        if shuffle:
            return
        parts = [slice(0, 8), slice(8, 16), slice(16, 20)]
        batches = [(IMAGES[p], keras.tree.map_structure(lambda a, p=p: a[p], y)) for p in parts]
        sequence = make(None, Batches(batches), batch_size=None, shuffle=None)
    else:
        sequence = make(y, shuffle=shuffle)
    dropped = 0
    for i in range(len(sequence)):
        ids = sequence.data.select(i, 7, 0).ids
        batch = sequence[i][1]
        plan = sequence.plan(i)
        boxes, labels = Pipeline(AUGMENT).run_boxes(
            plan, [LISTS[k] for k in ids], [LABELS[k] for k in ids], bounding_box_format="xyxy"
        )
        ours = batch["bounding_boxes"]
        assert ours["boxes"].shape == (len(ids), width, 4)
        assert (ours["boxes"].dtype, ours["labels"].dtype) == (np.float32, np.int64)
        assert ours["boxes"].ctypes.data % 64 == ours["labels"].ctypes.data % 64 == 0
        for j, k in enumerate(ids):
            count = len(labels[j])
            np.testing.assert_array_equal(ours["boxes"][j, :count], boxes[j])
            np.testing.assert_array_equal(ours["labels"][j, :count], labels[j])
            assert (ours["boxes"][j, count:] == -1).all()
            assert (ours["labels"][j, count:] == -1).all()
            assert (labels[j] // 10 == k).all()
            dropped += len(LABELS[k]) - count
            if form == "lists":
                np.testing.assert_array_equal(ours["weights"][j, :count], labels[j] / 2)
                np.testing.assert_array_equal(ours["ids"][j, :count], np.stack([labels[j]] * 2, axis=1))
                assert (ours["ids"][j, count:] == -1).all()
        np.testing.assert_array_equal(batch["keypoints"], Pipeline(AUGMENT).run_keypoints(plan, POINTS[ids]))
        np.testing.assert_array_equal(batch["labels"], ids)
    assert dropped > 0


@pytest.mark.parametrize("augment", [AUGMENT, [RandomCrop(9, 9), RandomRotation(0.3, "nearest"), AUGMENT[1]]])
def test_threads_give_the_same(augment):
    one, three = (make(augment=augment, threads=threads, max_boxes=3) for threads in (1, 3))
    assert flat(one[0]) == flat(three[0])


def test_without_augmentation_boxes_are_what_they_were():
    for augment in ((), [Resizing(24, 34)]):
        batch = make(augment=augment, batch_size=COUNT)[0][1]
        kept = batch["bounding_boxes"]["labels"] >= 0
        np.testing.assert_array_equal(batch["bounding_boxes"]["labels"][kept], np.concatenate(LABELS))
        np.testing.assert_allclose(batch["bounding_boxes"]["boxes"][kept], np.concatenate(LISTS), rtol=1e-6, atol=1e-5)
        np.testing.assert_allclose(batch["keypoints"], POINTS, rtol=1e-6)


def test_room_for_boxes():
    whole = np.concatenate([batch["labels"] for batch in boxes_of(make())])
    for arguments, padding in (
        ({"max_boxes": 2}, -1),
        ({"augment": [*AUGMENT, MaxNumBoundingBoxes(2, -5)]}, -5),
        ({"augment": [*AUGMENT, keras.layers.MaxNumBoundingBoxes(2, 0)], "max_boxes": 2}, 0),
        ({"max_boxes": 9}, -1),
    ):
        sequence = make(**arguments)
        batches = boxes_of(sequence)
        width = arguments.get("max_boxes", 2)
        assert {batch["boxes"].shape[1:] for batch in batches} == {(width, 4)}
        labels = np.concatenate([batch["labels"] for batch in batches])
        common = min(width, 4)
        np.testing.assert_array_equal(labels[:, :common], np.where(whole == -1, padding, whole)[:, :common])
        assert (labels[:, common:] == padding).all()
        boxes = np.concatenate([batch["boxes"] for batch in batches])
        assert (boxes[labels == padding] == padding).all()
        assert boxes_of(sequence.evaluation())[0]["boxes"].shape[1:] == (width, 4)


def test_minima_and_formats_reach_the_boxes():
    centred = [keras.utils.bounding_boxes.convert_format(boxes, "xyxy", "center_xywh") for boxes in LISTS]
    y = {"bounding_boxes": {"boxes": [np.asarray(boxes) for boxes in centred], "labels": LABELS}}
    some = boxes_of(make(y, bounding_box_format="center_xywh", min_area=30, min_visibility=0.5))
    plain = boxes_of(make(bounding_box_format="xyxy", min_area=30, min_visibility=0.5))
    for ours, theirs in zip(some, plain, strict=True):
        np.testing.assert_array_equal(ours["labels"], theirs["labels"])
        kept = ours["labels"] >= 0
        edges = np.asarray(keras.utils.bounding_boxes.convert_format(ours["boxes"], "center_xywh", "xyxy"))
        np.testing.assert_allclose(edges[kept], theirs["boxes"][kept], atol=1e-4)
        assert np.prod(edges[kept][:, 2:] - edges[kept][:, :2], axis=1).min() >= 29.9
    assert sum((batch["labels"] >= 0).sum() for batch in some) < sum((b["labels"] >= 0).sum() for b in boxes_of(make()))


def test_y_may_be_boxes_altogether():
    expected = boxes_of(make())
    alone = make(Y["bounding_boxes"], targets="bounding_boxes")
    bare = make(LISTS, targets="bounding_boxes")
    padded = make({"b": PADDED, "k": POINTS[..., :2]}, targets={"b": "bounding_boxes", "k": "keypoints"}, max_boxes=4)
    for i, theirs in enumerate(expected):
        assert flat(alone[i][1]) == flat(theirs)
        np.testing.assert_array_equal(bare[i][1], theirs["boxes"])
        np.testing.assert_array_equal(padded[i][1]["b"], theirs["boxes"])
    batches = [(IMAGES, {"boxes": PADDED, "labels": PADDED_LABELS})]
    wrapped = make(None, Batches(batches), batch_size=None, shuffle=None, targets="bounding_boxes")
    assert set(wrapped[0][1]) == {"boxes", "labels"}


def test_one_box_for_each_picture():
    boxes = np.tile([[2.0, 3.0, 10.0, 9.0]], (COUNT, 1))
    both = make({"bounding_boxes": {"boxes": boxes, "labels": np.arange(COUNT, dtype="u1")}}, augment=RandomFlip())[0][
        1
    ]
    ours = both["bounding_boxes"]
    assert (ours["boxes"].shape, ours["labels"].shape) == ((8, 4), (8,))
    np.testing.assert_array_equal(ours["labels"], np.arange(8))
    gone = make(boxes, targets="bounding_boxes", augment=RandomTranslation((0.9, 0.9), 0.0))[0][1]
    assert (gone == -1).all()


def test_keras_batches_as_x():
    """A dict of Keras's, `images` and what goes with them, in one."""
    given = {"images": IMAGES, "bounding_boxes": {"boxes": PADDED, "labels": PADDED_LABELS}, "labels": np.arange(COUNT)}
    sequence = make(None, Batches([given]), image="images", batch_size=None, shuffle=None)
    batch = sequence[0]
    assert set(batch) == {"images", "bounding_boxes", "labels"}
    padded = make({"bounding_boxes": given["bounding_boxes"]}, batch_size=COUNT)[0][1]
    assert flat(batch["bounding_boxes"]) == flat(padded["bounding_boxes"])


def test_keras_layers_say_the_format():
    layer = keras.layers.RandomFlip(bounding_box_format="XYWH")
    wide = [boxes - np.tile(boxes[:, :2], 2) * [0, 0, 1, 1] for boxes in LISTS]
    y = {"bounding_boxes": {"boxes": wide, "labels": LABELS}}
    ours = boxes_of(make(y, augment=layer, bounding_box_format=None))
    same = boxes_of(make(y, augment=RandomFlip(), bounding_box_format="xywh"))
    assert [flat(batch) for batch in ours] == [flat(batch) for batch in same]
    for arguments in (
        {},
        {"augment": [layer, keras.Sequential([keras.layers.RandomZoom(0.1, bounding_box_format="yxyx")])]},
    ):
        with pytest.raises(ValueError, match="`bounding_box_format` must be that of all Keras layers in `augment`"):
            make(y, **{"augment": layer, **arguments})


def test_configured_and_pickled():
    sequence = make(min_area=2.5, min_visibility=0.1, max_boxes=3, keypoint_flip_pairs=[(0, 1)])
    config = json.loads(json.dumps(sequence.get_config()))
    again = AugmentedSequence.from_config(config, IMAGES, Y)
    assert again.get_config() == sequence.get_config()
    other = pickle.loads(pickle.dumps(sequence))
    assert flat(sequence[1]) == flat(again[1]) == flat(other[1])
    assert flat(sequence[1][1]["keypoints"]) != flat(make()[1][1]["keypoints"])


def test_views():
    train, validation = make().split(0.3)
    rows = [row for i in range(len(validation)) for row in validation.data.select(i, 7, 0).rows]
    labels = np.concatenate([batch["labels"] for batch in boxes_of(validation)])
    assert sorted(labels[labels >= 0].tolist()) == sorted(np.concatenate([LABELS[row] for row in rows]).tolist())
    assert train[0][1]["bounding_boxes"]["boxes"].shape == (8, 4, 4)


def test_boxes_of_files(tmp_path):
    from PIL import Image

    paths = [tmp_path / f"{i}.png" for i in range(2)]
    for i, path in enumerate(paths):
        Image.fromarray(np.zeros((20 + 20 * i, 30, 3), np.uint8)).save(path)
    y = {"bounding_boxes": {"boxes": [[[0, 0, 1, 0.5]], [[0, 0.25, 0.5, 1]]], "labels": [[1], [2]]}}
    out = make(y, paths, bounding_box_format="rel_xyxy", image_size=(10, 10), augment=[])[0][1]["bounding_boxes"]
    np.testing.assert_allclose(out["boxes"][:, 0], [[0, 0, 1, 0.5], [0, 0.25, 0.5, 1]], atol=1e-6)


def test_preview_paints_boxes_and_keypoints():
    y = {
        "bounding_boxes": [[[5, 4, 15, 20]]] * COUNT,
        "keypoints": np.tile([[[25.0, 6.0, 2], [25, 16, 0]]], (COUNT, 1, 1)),
    }
    page = make(y, np.zeros((COUNT, 24, 34, 1), np.uint8), augment=RandomFlip("horizontal", p=1)).preview(1, 1)
    first, second = page[4:-4, 4:38], page[4:-4, 42:76]
    np.testing.assert_array_equal(first, second[:, ::-1])
    lit = first.max(axis=2) > 0
    box, spot = np.zeros((2, 24, 34), bool)
    box[4:20, 5:15], spot[5:8, 24:27] = True, True
    box[5:19, 6:14] = False
    np.testing.assert_array_equal(lit, box | spot)


FURTHER = RNG.integers(0, 256, (COUNT, 24, 34, 1), np.uint8)
COLOURED = [*AUGMENT, RandomContrast(0.5), RandomBrightness(0.2)]


def test_a_further_picture_has_the_draws_of_the_first():
    """Whatever its channels: as if it were the picture itself."""
    for extra in ({}, {"data_format": "channels_first", "shuffle": True, "threads": 3}, {"image_size": (30, 20)}):
        first = "data_format" in extra
        laid = (lambda a: np.ascontiguousarray(np.moveaxis(a, -1, 1))) if first else (lambda a: a)
        x = {"photo": laid(IMAGES), "same": laid(IMAGES), "gray": laid(FURTHER)}
        declared = {"same": "image", "gray": "image"}
        sequence = make(None, x, image="photo", targets=declared, augment=COLOURED, **extra)
        alone = make(None, x["gray"], augment=COLOURED, **extra)
        for i in range(len(sequence)):
            batch = sequence[i]
            np.testing.assert_array_equal(batch["same"], batch["photo"])
            np.testing.assert_array_equal(batch["gray"], alone[i])
    target = make({"clean": IMAGES}, targets={"clean": "image"}, dtype="uint8")[0]
    np.testing.assert_array_equal(target[0], target[1]["clean"])


BOX = [[[0, 0, 1, 1]]] * COUNT
REFUSED = {
    "no format": ({"bounding_box_format": None}, ValueError, r"must say how the boxes in `y\['bounding_boxes'\]` are"),
    "format": ({"bounding_box_format": "xxyy"}, ValueError, "`bounding_box_format` must be one of 'xyxy', .*'xxyy'"),
    "format no text": ({"bounding_box_format": 3}, ValueError, "`bounding_box_format` must be one of"),
    "area": ({"min_area": "3"}, ValueError, "`min_area` must be a finite number"),
    "visibility": ({"min_visibility": 2}, ValueError, "`min_visibility` must be a finite number from 0 to 1"),
    "room": ({"max_boxes": 0}, ValueError, "`max_boxes` must be at least 1"),
    "rooms": ({"max_boxes": 3, "augment": MaxNumBoundingBoxes(2)}, ValueError, "contradict each other.*max_boxes=3"),
    "room for one": ({"y": np.ones((COUNT, 4)), "targets": "bounding_boxes", "max_boxes": 2}, ValueError, "is one box"),
    "pairs": ({"keypoint_flip_pairs": [(0, 6)]}, ValueError, "must name keypoints that there are. Received: 6"),
    "count": ({"y": {"bounding_boxes": BOX[:3]}}, ValueError, "must have one entry for each of the 20 im.*Received: 3"),
    "keypoints' count": ({"y": {"keypoints": POINTS[:3]}}, ValueError, r"`y\['keypoints'\]` must .*Received: 3"),
    "no boxes": ({"y": {"a": {"labels": LABELS}}}, TypeError, r"`y\['a'\]` must be an array: .* nested no deeper"),
    "undeclared": ({"y": {"a": {"boxes": BOX}}}, TypeError, r"`y\['a'\]` must be an array to be a label"),
    "whole": ({"y": {"a": LABELS}, "targets": "bounding_boxes"}, ValueError, "`y` must have an entry"),
    "rank": ({"y": {"bounding_boxes": np.ones((COUNT, 2, 2, 4))}}, ValueError, r"must be boxes of four numbers"),
    "a row": ({"y": {"bounding_boxes": [*BOX[:-1], [0, 0, 1, 1]]}}, ValueError, r"'\]\[19\]` must be of shape"),
    "NaN": ({"y": {"bounding_boxes": [*BOX[:-1], [[0, 0, 1, np.nan]]]}}, ValueError, r"\[19\]\[0\]`, .* be finite"),
    "negative": ({"y": {"bounding_boxes": [*BOX[:-1], [[2, 0, 1, 1]]]}}, ValueError, r"\[19\]\[0\]`, .* be 'xyxy'"),
    "labels": (
        {"y": {"bounding_boxes": {"boxes": BOX, "labels": [[1]] * 19 + [[1, 2]]}}},
        ValueError,
        r"`y\['bounding_boxes'\]\['labels'\]\[19\]` must have one entry for each of the 1 boxes .*Received: 2",
    ),
    "size of a further picture": (
        {"y": {"a": IMAGES[:, :9]}, "targets": {"a": "image"}},
        ValueError,
        r"`y\['a'\]\[0\]`, a further image, must have the height and width of the picture. Received: 9×34 and 24×34",
    ),
    "rank of a further picture": ({"y": FURTHER[..., 0], "targets": "image"}, ValueError, "`y` must be of rank 4"),
    "channels of a further picture": (
        {"y": FURTHER, "targets": "image", "augment": RandomHue(0.1)},
        ValueError,
        "needs images of 3 channels",
    ),
    "no room for lists": (
        {"x": Batches([(IMAGES, {"bounding_boxes": BOX})]), "y": None, "batch_size": None, "shuffle": None},
        ValueError,
        "Batch 0 of the Sequence in `x`: `max_boxes` must say for how many boxes there is room",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    arguments, error, message = REFUSED[case]
    with pytest.raises(error, match=f"(?s){message}"):
        make(**arguments)


def test_batches_that_are_not_alike():
    one, two = {"boxes": PADDED, "labels": PADDED_LABELS}, {"boxes": PADDED}
    sequence = make(None, Batches([(IMAGES, {"b": boxes}) for boxes in (one, two)]), batch_size=None, shuffle=None,
                    targets={"b": "bounding_boxes"})  # fmt: skip
    with pytest.raises(ValueError, match=r"Batch 1 .* must be made as its batch 0.*with \[\].*with \['labels'\]"):
        sequence[1]


def test_a_transform_that_cannot_move_boxes(monkeypatch):
    monkeypatch.setattr(RandomFlip, "moves_points", False)
    make({"labels": np.arange(COUNT)})
    with pytest.raises(ValueError, match="RandomFlip cannot move bounding boxes and keypoints"):
        make()


@pytest.mark.parametrize("workers", [1, 3])
def test_fit_sees_boxes_as_they_are(workers):
    sequence = make(shuffle=True, workers=workers)
    assert trained(sequence, epochs=2) == [flat(sequence.batch(index, epoch)) for epoch in (0, 1) for index in range(3)]


def test_a_tf_dataset():
    sequence = make(Y["bounding_boxes"], targets="bounding_boxes")
    for i, (_, y) in enumerate(sequence.to_tf_dataset()):
        np.testing.assert_array_equal(y["boxes"], sequence.batch(i, 0)[1]["boxes"])
