"""Volumes: each slice is what an image of its own would be with the draw of its volume."""

import numpy as np
import pytest
from fits import flat, trained, within
from test_kinds_of_stages import Ways
from test_transforms_keras import IMAGES

from seqaug import (
    AugmentedSequence,
    Pipeline,
    Plan,
    RandomBrightness,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    Rescaling,
)

DEPTH = 5
RNG = np.random.default_rng(0)
VOLUMES = RNG.integers(0, 256, (7, DEPTH, 12, 15, 2), np.uint8)
MASKS = RNG.integers(0, 4, (7, DEPTH, 12, 15), np.int16)
AUGMENT = [
    RandomFlip("depth"),
    RandomCrop(9, 11),
    RandomRotation(0.1, "nearest"),
    RandomFlip("depth"),
    Ways((RandomBrightness(0.3), RandomFlip("vertical")), (RandomFlip("horizontal"),), ()),
    Rescaling(1 / 255),
]


def slice_by_slice(pipeline, volumes, masks, **key):
    """Each slice through the same pipeline without the flips along depth, under its volume's number."""
    still = Pipeline([t if repr(t) != "RandomFlip(mode='depth')" else RandomFlip(p=0.0) for t in pipeline.transforms])
    ids = np.arange(len(volumes))
    plans = pipeline.draw(**key, epoch=0, ids=ids, shapes=[volumes.shape[2:]] * len(ids), value_range=(0, 255))
    images, moved = [], []
    for place in range(DEPTH):
        plan = still.draw(**key, epoch=0, ids=ids, shapes=[volumes.shape[2:]] * len(ids), value_range=(0, 255))
        images.append(still.run(plan, np.ascontiguousarray(volumes[:, place])))
        moved.append(still.run_masks(plan, list(masks[:, place])))
    images, moved = np.stack(images, 1), np.stack(moved, 1)
    turned = np.zeros(len(ids), bool) if plans.turned is None else plans.turned
    images[turned], moved[turned] = images[turned, ::-1], moved[turned, ::-1]
    return images, moved, turned


@pytest.mark.parametrize("threads", [1, 3])
@pytest.mark.parametrize("layout", [
    lambda array: array,
    lambda array: array[:, ::-1],
    lambda array: np.ascontiguousarray(array.swapaxes(0, 1)).swapaxes(0, 1),
    lambda array: array.astype("f4"),
    lambda array: array.astype(">u2"),
])  # fmt: skip
def test_slices_share_a_draw(layout, threads):
    volumes = layout(VOLUMES)
    pipeline = Pipeline(AUGMENT)
    images, masks, turned = slice_by_slice(
        pipeline, np.asarray(volumes, volumes.dtype.newbyteorder("=")), MASKS, seed=3
    )
    assert 0 < turned.sum() < len(turned)
    bounds = {"value_range": (0, 255)}
    out = pipeline(volumes, seed=3, threads=threads, **bounds)
    assert out.shape == images.shape
    np.testing.assert_array_equal(out, images)
    plan = pipeline.draw(seed=3, epoch=0, ids=range(7), shapes=[(12, 15, 2)] * 7, **bounds)
    np.testing.assert_array_equal(pipeline.run(Plan.from_json(plan.to_json()), volumes, **bounds), images)
    np.testing.assert_array_equal(pipeline.run_masks(plan, MASKS[..., None])[..., 0], masks)


class Rows:
    """Rows of an array and nothing else, as a file of volumes gives them."""

    def __init__(self, array):
        self.array, self.shape, self.dtype = array, array.shape, array.dtype

    def __getitem__(self, row):
        return self.array[int(row)]


@pytest.mark.parametrize("wrap", [lambda array: array, Rows])
@pytest.mark.parametrize("channels", [False, True])
def test_a_sequence_of_volumes(wrap, channels):
    masks = MASKS[..., None] if channels else MASKS
    y = {"segmentation_masks": wrap(masks), "labels": np.arange(7)}
    sequence = AugmentedSequence(wrap(VOLUMES), y, augment=AUGMENT, batch_size=4, seed=3, shuffle=False, threads=2)
    assert "7 volumes of 5×9×11×2" in repr(sequence)
    images, moved, _ = slice_by_slice(sequence.pipeline, VOLUMES, MASKS, seed=3)
    for index, part in enumerate([slice(0, 4), slice(4, 7)]):
        x, y = sequence[index]
        np.testing.assert_array_equal(x, images[part])
        np.testing.assert_array_equal(y["segmentation_masks"], moved[part][..., None] if channels else moved[part])
        np.testing.assert_array_equal(y["labels"], np.arange(7)[part])
        np.testing.assert_array_equal(sequence.pipeline.run(sequence.plan(index), VOLUMES[part]), x)
    assert sequence.preview(2, 3).shape[2] == 3
    assert flat(sequence[0]) == within(trained, sequence)[0]


@pytest.mark.parametrize(("x", "arguments", "message"), [
    (IMAGES, {"augment": [RandomFlip("depth")]}, "is for volumes, .*Received: images of rank 3"),
    (VOLUMES, {"augment": [], "data_format": "channels_first"}, "Volumes must have their channels last"),
    (VOLUMES, {"augment": [], "y": MASKS[:, :4], "targets": "segmentation_mask"}, "must be of rank 4 or 5 to be"),
    (VOLUMES, {"augment": [], "y": MASKS[:, 0], "targets": "segmentation_mask"}, "must be of rank 4 or 5 to be"),
    (VOLUMES, {"augment": [RandomFlip()], "y": MASKS}, "has the height and width of the images"),
    (VOLUMES[:, :0], {"augment": []}, "at least one image, and no empty ones"),
    (VOLUMES[None], {"augment": []}, "must be of rank 4"),
])  # fmt: skip
def test_what_does_not_fit(x, arguments, message):
    y = arguments.pop("y", np.arange(len(x)))
    with pytest.raises(ValueError, match=message):
        AugmentedSequence(x, y, **arguments)


def test_what_does_not_fit_a_pipeline():
    with pytest.raises(ValueError, match=r"RandomFlip\(mode='depth'\) is for volumes"):
        Pipeline([RandomFlip("depth")])(IMAGES, seed=0)
    pipeline = Pipeline([RandomFlip()])
    plan = pipeline.draw(seed=0, epoch=0, ids=range(7), shapes=[(12, 15, 2)] * 7)
    with pytest.raises(ValueError, match=r"`out` must be of shape \(7, 5, 12, 15, 2\)"):
        pipeline.run(plan, VOLUMES, np.empty((7, 12, 15, 2), "f4"))
    with pytest.raises(ValueError, match="`out` must be contiguous along its volumes"):
        pipeline.run(plan, VOLUMES, np.empty((7, 5, 12, 15, 2), "f4").swapaxes(0, 1).copy().swapaxes(0, 1))
    with pytest.raises(ValueError, match="must be of rank 3"):
        pipeline(VOLUMES[:, :0], seed=0)
