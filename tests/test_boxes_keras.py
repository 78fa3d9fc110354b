"""Bounding boxes against the layers of Keras 3.15.1 on TensorFlow, the same drawn numbers forced on both.

Keras mixes edges, which lie between pixels, with the centres of pixels; each test says by how much its boxes are off. A
box that leaves the picture keeps its place in Keras, with the label -1; it is dropped here.
"""

import keras
import numpy as np
import pytest
from reference import between
from test_transforms_keras import KEY, SIZE, column, drawn

from seqaug import CenterCrop, Pipeline, RandomCrop, RandomFlip, RandomRotation, RandomTranslation, RandomZoom, Resizing

RNG = np.random.default_rng(3)
SPANS = [np.sort(RNG.integers(0, extent, (4, 9, 2)), axis=2) for extent in SIZE[::-1]]
BOXES = np.stack([SPANS[0][..., 0], SPANS[1][..., 0], SPANS[0][..., 1] + 1, SPANS[1][..., 1] + 1], axis=2)
BOXES[:, 0] = 0, 0, SIZE[1], SIZE[0]
LABELS = np.arange(36).reshape(4, 9)
LAYERS = keras.layers


def ours(transform):
    pipeline = Pipeline([transform])
    plan = pipeline.draw(seed=KEY[0], epoch=KEY[1], ids=range(4), shapes=[(*SIZE, 3)] * 4)
    boxes, labels = pipeline.run_boxes(plan, BOXES, LABELS, bounding_box_format="xyxy")
    result = np.zeros((4, 9, 4))
    kept = np.isin(LABELS, np.concatenate(labels))
    result[kept] = np.concatenate(boxes)
    return result, kept


def theirs(layer, transformation):
    given = {"boxes": keras.ops.convert_to_tensor(np.float32(BOXES)), "labels": keras.ops.convert_to_tensor(LABELS)}
    moved = layer.transform_bounding_boxes(given, transformation, training=True)
    return keras.ops.convert_to_numpy(moved["boxes"])


def compare(transform, layer, transformation, within):
    boxes, kept = ours(transform)
    other = theirs(layer, transformation)
    assert kept.sum() > 9
    np.testing.assert_allclose(boxes[kept], other[kept], atol=within)
    gone = other[~kept]
    assert ((gone[:, 2:] - gone[:, :2]).min(axis=1, initial=np.inf) <= 2 * within + 1e-4).all()


@pytest.mark.parametrize("mode", ["horizontal", "vertical", "horizontal_and_vertical"])
def test_flip(mode):
    flip = RandomFlip(mode)
    flips = drawn_flips(flip)
    layer = LAYERS.RandomFlip(mode, bounding_box_format="xyxy")
    compare(flip, layer, {"flips": flips.reshape(-1, 1, 1, 1), "input_shape": (4, *SIZE, 3)}, 1e-4)


def drawn_flips(flip):
    plan = Pipeline([flip]).draw(seed=KEY[0], epoch=KEY[1], ids=range(4), shapes=[(*SIZE, 3)] * 4)
    flips = (plan.stages[0].matrices[:, ::4] < 0).any(axis=1)
    assert 0 < flips.sum() < 4
    return flips


def test_translation():
    ours = RandomTranslation(0.5, 0.5, "constant")
    layer = LAYERS.RandomTranslation(0.5, 0.5, "constant", bounding_box_format="xyxy")
    u = drawn(ours)
    y, x = between(ours.height_factor, u[:, 0]) * SIZE[0], between(ours.width_factor, u[:, 1]) * SIZE[1]
    moves = {"translations": np.concatenate([column(x), column(y)], axis=1), "input_shape": (4, *SIZE, 3)}
    compare(ours, layer, moves, 1e-3)


@pytest.mark.parametrize("bounds", [(-0.5, -0.2), (0.1, 0.5)])
def test_zoom(bounds):
    """Keras takes the centre for that of the pixels, and is off by (1 / zoom - 1) / 2 of a pixel."""
    ours = RandomZoom(bounds, bounds, "constant")
    layer = LAYERS.RandomZoom(bounds, bounds, "constant", bounding_box_format="xyxy")
    u = drawn(ours)
    down, right = (column(1 + between(bounds, u[:, k])) for k in (0, 1))
    compare(ours, layer, {"height_zoom": down, "width_zoom": right, "input_shape": (4, *SIZE, 3)}, 0.501)


def test_rotation():
    """Keras turns edges about the middle of the pixels' centres, half a pixel away: off by at most (1 + √2) / 2."""
    ours = RandomRotation(0.5, "constant")
    degrees = np.float32(360 * between(ours.factor, drawn(ours)[:, 0]))
    layer = LAYERS.RandomRotation(0.5, "constant", bounding_box_format="xyxy")
    turns = {"angle": degrees, "image_height": SIZE[0], "image_width": SIZE[1], "batch_size": 4}
    compare(ours, layer, turns, 1.208)


def test_random_crop():
    """Keras 3.15.1 takes the crop's top from x and its left from y, and cuts nothing off at the right and below."""
    crop = RandomCrop(40, 70)
    plan = Pipeline([crop]).draw(seed=KEY[0], epoch=KEY[1], ids=range(4), shapes=[(*SIZE, 3)] * 4)
    boxes, kept = ours(crop)
    layer = LAYERS.RandomCrop(40, 70, bounding_box_format="xyxy")
    for i, (top, left) in enumerate(plan.stages[0].windows[:, :2].tolist()):
        other = theirs(layer, (left, top))[i]  # changed about
        np.testing.assert_allclose(boxes[i][kept[i]], np.minimum(other, [70, 40, 70, 40])[kept[i]], atol=1e-4)


@pytest.mark.parametrize("size", [(40, 70), (100, 150), (100, 30)])
def test_center_crop(size):
    layer = LAYERS.CenterCrop(*size, bounding_box_format="xyxy")
    compare(CenterCrop(*size), layer, {"input_shape": (4, *SIZE, 3)}, 1e-3)


@pytest.mark.parametrize("size", [(40, 70), (100, 150), (100, 30)])
@pytest.mark.parametrize(("aspect", "within"), [
    ({}, 1e-3),
    # Here the padding, and what is cut off, are whole pixels before resizing, as of pictures; of Keras's boxes after.
    ({"pad_to_aspect_ratio": True}, 2.0),
    ({"crop_to_aspect_ratio": True}, 2.0),
])  # fmt: skip
def test_resizing(size, aspect, within):
    layer = LAYERS.Resizing(*size, **aspect, bounding_box_format="xyxy")
    compare(Resizing(*size, **aspect), layer, SIZE, within)
