"""Stages that are no native pass: filters, and images that go different ways."""

import numpy as np
import pytest
from test_transforms_keras import IMAGES

from seqaug import AugmentedSequence, CenterCrop, Pipeline, RandomBrightness, RandomFlip, RandomRotation, Rescaling
from seqaug.filters import FILTERS, FilterKind
from seqaug.transforms.apart import Filter
from seqaug.transforms.compound import Choice

MASKS = (IMAGES[..., 0] % 7).astype(np.int64)


class Roll(Filter):
    """Moves rows down by a number that is drawn."""

    kind = "roll"

    def numbers(self, draws, height, width, values):  # noqa: ARG002
        return np.floor(draws.uniforms(1, 1, self.seed) * 5)


def roll(source, numbers, target):
    assert source.dtype == target.dtype == np.float32
    assert source.flags.c_contiguous
    assert target.flags.c_contiguous
    target[...] = np.roll(source, int(numbers[0]), axis=0)


def roll_mask(source, numbers, fill, target):
    target[...] = np.roll(source, int(numbers[0]), axis=0)


class Ways(Choice):
    """The first half of the numbers goes one way, the second another, and some stay."""

    def __init__(self, *ways):
        super().__init__(1.0, None)
        self.ways = ways
        self.transforms = tuple(transform for way in ways for transform in way)

    def paths(self, draws):
        return [tuple(enumerate(self.ways[i])) for i in (draws.ids % len(self.ways)).tolist()]

    def outcomes(self, start, act):
        after = set()
        for way in self.ways:
            state = start
            for transform in way:
                state = act(transform, state)
            after.add(state)
        return after


@pytest.fixture(autouse=True)
def _rolls(monkeypatch):
    monkeypatch.setitem(FILTERS, "roll", FilterKind(roll, roll_mask))


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
@pytest.mark.parametrize("threads", [1, 3])
def test_filters(dtype, threads):
    pipeline = Pipeline([CenterCrop(40, 50), Roll(0.5), RandomFlip("horizontal")])
    assert [stage.reason for stage in pipeline.stages] == ["", *["Roll looks at more than a pixel"] * 2]
    out = pipeline(IMAGES, seed=1, dtype=dtype, threads=threads)
    plan = pipeline.draw(seed=1, epoch=0, ids=range(len(IMAGES)), shapes=[image.shape for image in IMAGES])
    rolled, first = plan.stages[1], Pipeline([CenterCrop(40, 50)])(IMAGES, seed=0, dtype=dtype)
    flipped = plan.stages[2].matrices[:, 4] < 0
    assert 0 < rolled.changed.sum() < len(IMAGES) or len(IMAGES) < 4
    for i, image in enumerate(first):
        expected = np.roll(image, int(rolled.numbers[i, 0]) if rolled.changed[i] else 0, axis=0)
        np.testing.assert_array_equal(out[i], expected[:, ::-1] if flipped[i] else expected)


@pytest.mark.parametrize("data_format", ["channels_last", "channels_first"])
def test_a_filter_at_either_end_of_a_sequence(data_format):
    first = data_format == "channels_first"
    x = np.ascontiguousarray(np.moveaxis(IMAGES, -1, 1)) if first else IMAGES
    sequence = AugmentedSequence(
        x, {"segmentation_masks": MASKS}, augment=[Roll(1.0), Roll(1.0)], seed=2, data_format=data_format, shuffle=False
    )
    images, y = sequence[0]
    down = sum(stage.numbers[:, 0] for stage in sequence.plan(0).stages).astype(int)
    for i, image in enumerate(np.moveaxis(images, 1, -1) if first else images):
        np.testing.assert_array_equal(image, np.roll(IMAGES[i], down[i], axis=0))
        np.testing.assert_array_equal(y["segmentation_masks"][i], np.roll(MASKS[i], down[i], axis=0))


def test_branches():
    turn, light = RandomRotation((0.1, 0.1), "nearest"), RandomBrightness((0.2, 0.2))
    ways = [(turn, light), (), (light, turn)]
    images = np.stack([IMAGES[0]] * 7)
    pipeline = Pipeline([Ways(*ways), Rescaling(0.5)])
    out = pipeline(images, seed=0)
    for i, image in enumerate(out):
        alone = Pipeline([*ways[i % 3], Rescaling(0.5)])(images[:1], seed=0)
        np.testing.assert_array_equal(image, alone[0])
    three = pipeline(images, seed=0, threads=3)
    assert three.tobytes() == out.tobytes()
    shapes = [image.shape for image in images]
    plan = pipeline.draw(seed=0, epoch=0, ids=range(7), shapes=shapes, value_range=(0, 255))
    masks = pipeline.run_masks(plan, [MASKS[0]] * 7)
    still = Pipeline([turn])
    moved = still.run_masks(still.draw(seed=0, epoch=0, ids=[0], shapes=[images[0].shape]), MASKS[:1])
    for i, mask in enumerate(masks):
        np.testing.assert_array_equal(mask, MASKS[0] if i % 3 == 1 else moved[0])


def test_draws_in_branches_are_their_own():
    """A transform within another, and one of the same slot in the list itself, draw different numbers."""
    turn = RandomRotation(1.0, "nearest")
    pipeline = Pipeline([turn, Ways((turn,)), Ways((turn,))])
    plan = pipeline.draw(seed=0, epoch=0, ids=range(50), shapes=[(5, 5, 1)] * 50)
    angles = [plan.stages[0].matrices[:, 0], *(stage.branches[0][0].matrices[:, 0] for stage in plan.stages[1:])]
    assert np.abs(np.corrcoef(angles) - np.eye(3)).max() < 0.5
    again = pipeline.draw(seed=0, epoch=0, ids=range(49, -1, -1), shapes=[(5, 5, 1)] * 50)
    np.testing.assert_array_equal(again.stages[1].branches[0][0].matrices[::-1, 0], angles[1])


def test_a_range_that_is_wanted_within():
    with pytest.raises(ValueError, match="has to know the range of the values"):
        Pipeline([Ways((RandomBrightness(0.2),))])(IMAGES.astype("f4"), seed=0)
    Pipeline([Ways((RandomBrightness(0.2, (0, 255)),))])(IMAGES.astype("f4"), seed=0)
