"""Masks, moved by the plan of their images: nearest sampling of the same composite map, no colour, no blending."""

import re

import numpy as np
import pytest
from common import attempt
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_stages import groups, is_geometric, run_stage
from strategies import transform_lists

from seqaug import (
    CenterCrop,
    Pipeline,
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomTranslation,
    Rescaling,
    Resizing,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*is told that values go from")
DTYPES = ["?", "u1", "i1", "u2", "i2", "u4", "i4", "i8", "u8", "f4", "f8"]


def planned(pipeline, shapes, seed=0, ids=None):
    numbers = np.arange(len(shapes), dtype=np.uint32) if ids is None else np.asarray(ids, np.uint32)
    return pipeline.draw(seed=seed, epoch=0, ids=numbers, shapes=shapes, value_range=(0, 255))


class _Mask:
    """A geometric transform as it acts on masks."""

    def __new__(cls, transform, fill):
        other = object.__new__(type(transform))
        other.__dict__.update(transform.__dict__)
        other.interpolation = "nearest"
        if "fill_value" in other.__dict__:
            other.fill_value = fill
        return other


@settings(max_examples=150)
@given(st.data())
def test_equals_scipy_at_order_0(cpu, data):
    transforms = data.draw(transform_lists(most=5))
    dtype = np.dtype(data.draw(st.sampled_from(DTYPES)))
    size = data.draw(st.tuples(st.integers(1, 30), st.integers(1, 40)))
    seed, fill = data.draw(st.integers(0, 2**40)), data.draw(st.sampled_from([0, 1]))
    pipeline = Pipeline(transforms)
    ids = [3, 2**32 - 1]
    plan, refusal = attempt(planned, pipeline, [(*size, 3)] * 2, seed, ids)
    if plan is None:
        assert "would enlarge" in refusal or "has to know the range" in refusal
        return
    channels = data.draw(st.integers(1, 2))
    values = np.random.default_rng(0).integers(0, 2 if dtype.kind == "b" else 100, (2, *size, channels))
    masks = values.astype(dtype)
    flat = data.draw(st.booleans()) and channels == 1
    before = masks.tobytes()
    out = pipeline.run_masks(plan, masks[..., 0] if flat else masks, fill_value=fill)
    assert out.dtype == dtype
    assert out.shape == plan.out_shape[:3] + (() if flat else (channels,))
    assert masks.tobytes() == before
    source, sure = values.astype("f8"), None
    for group in groups(list(enumerate(transforms))):
        moves = [(slot, _Mask(t, fill)) for slot, t in group if is_geometric(t)]
        both = [run_stage(moves, image, (seed, 0, sample), {}) for image, sample in zip(source, ids, strict=True)]
        source = np.stack([value for value, _ in both])
        # A pixel whose source may fall on either side of a jump says nothing, nor do those taken from it: the doubt
        # goes through the later stages as one more mask.
        doubt = np.stack([doubtful for _, doubtful in both])
        if sure is not None:
            carried = [
                run_stage(moves, image, (seed, 0, sample), {})[0][..., 0] > 0
                for image, sample in zip(~sure[..., None] * 1.0, ids, strict=True)
            ]
            doubt |= np.stack(carried)
        sure = ~doubt
    ours = out[..., None] if flat else out
    np.testing.assert_array_equal(ours[sure], source[sure].astype(dtype))


def test_masks_follow_their_images():
    """Where an image is its own mask, nearest sampling gives one for the other."""
    images = np.random.default_rng(0).integers(0, 200, (3, 21, 34, 1)).astype("u1")
    pipeline = Pipeline([RandomFlip(), CenterCrop(20, 30), RandomRotation(0.2, "constant", "nearest", fill_value=255)])
    plan = planned(pipeline, [(21, 34, 1)] * 3)
    moved = pipeline.run(plan, images, np.empty(plan.out_shape, "u1"))
    np.testing.assert_array_equal(pipeline.run_masks(plan, images, fill_value=255), moved)


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_labels_beyond_double(dtype):
    """Labels are moved, not computed with: those that a double cannot hold as well."""
    labels = np.array([2**53 + 1, np.iinfo(dtype).max, np.iinfo(dtype).min, 2**62 + 3, 5, 6], dtype).reshape(1, 2, 3)
    for transform in (RandomFlip("horizontal", p=1), RandomRotation((0.5, 0.5), "nearest"), Resizing(4, 6)):
        pipeline = Pipeline([transform])
        out = pipeline.run_masks(planned(pipeline, [(2, 3, 1)]), labels)
        assert set(out.reshape(-1).tolist()) == set(labels.reshape(-1).tolist())


@pytest.mark.parametrize("dtype", ["i8", "u8"])
def test_fills_beyond_double(dtype):
    """Of several channels, whose halves lie side by side; both halves differ."""
    pipeline = Pipeline([RandomTranslation((1.0, 1.0), (0.0, 0.0), "constant")])
    out = pipeline.run_masks(planned(pipeline, [(2, 3, 1)]), np.ones((1, 2, 3, 3), dtype), fill_value=2**62 + 3)
    assert set(out.reshape(-1).tolist()) == {2**62 + 3}


def test_colours_do_not_touch_masks():
    pipeline = Pipeline([Rescaling(1 / 255), RandomContrast(1.0), Rescaling(3, -1)])
    masks = np.random.default_rng(0).integers(0, 9, (2, 5, 6))
    np.testing.assert_array_equal(pipeline.run_masks(planned(pipeline, [(5, 6, 3)] * 2), masks), masks)


def test_masks_of_many_sizes():
    pipeline = Pipeline([RandomFlip("vertical", p=1)], image_size=(4, 6))
    masks = [np.arange(6).reshape(2, 3), np.arange(24).reshape(4, 6)]
    out = pipeline.run_masks(planned(pipeline, [(2, 3, 1), (4, 6, 1)]), masks)
    np.testing.assert_array_equal(out[0], masks[0][::-1].repeat(2, axis=0).repeat(2, axis=1))
    np.testing.assert_array_equal(out[1], masks[1][::-1])


FLIP = Pipeline([RandomFlip()])
PLAN = planned(FLIP, [(4, 6, 3)] * 2)


@pytest.mark.parametrize(("masks", "fill_value", "error", "message"), [
    (np.zeros((2, 4, 5)), 0, ValueError, "`masks` must have the sizes of the plan's images.*(4, 5)"),
    (np.zeros((1, 4, 6)), 0, ValueError, "`masks` must have the sizes of the plan's images"),
    (np.zeros((0, 4, 6)), 0, ValueError, "`masks` must have the sizes of the plan's images"),
    (list(np.zeros((2, 4, 6, 1, 1))), 0, ValueError, "`masks` must be of rank 2 or 3 each.*(4, 6, 1, 1)"),
    (np.zeros((2, 4)), 0, ValueError, "`masks` must be of rank 2 or 3 each.*(4,)"),
    (np.zeros((2, 4, 6, 0)), 0, ValueError, "`masks` must be of rank 2 or 3 each.*(4, 6, 0)"),
    ([np.zeros((4, 6, 1)), np.zeros((4, 6, 2))], 0, ValueError, "the same rank, the same number of channels"),
    ([np.zeros((4, 6)), np.zeros((4, 6), int)], 0, ValueError, "and the same dtype"),
    ([np.zeros((4, 6)), np.zeros((4, 6, 1))], 0, ValueError, "the same rank, "),
    ([[[0] * 6] * 4] * 2, 0, TypeError, "`masks` must be NumPy arrays.*list"),
    (np.zeros((2, 4, 6), "f2"), 0, TypeError, "`masks` must be of dtype bool, uint8.*float16"),
    (np.zeros((2, 4, 6), "c8"), 0, TypeError, "`masks` must be of dtype bool, uint8.*complex64"),
    (np.zeros((2, 4, 6), "O"), 0, TypeError, "`masks` must be of dtype bool, uint8.*object"),
    (np.ma.masked_less(np.zeros((2, 4, 6)), 1), 0, TypeError, "must not be a masked array"),
    (np.zeros((2, 4, 6), "u1"), 256, ValueError, "`fill_value` must be a value of the masks' dtype, uint8.*256"),
    (np.zeros((2, 4, 6), "u1"), -1, ValueError, "`fill_value` must be a value of the masks' dtype, uint8.*-1"),
    (np.zeros((2, 4, 6), "i4"), 0.5, ValueError, "`fill_value` must be a value of the masks' dtype, int32.*0.5"),
    (np.zeros((2, 4, 6), "?"), 2, ValueError, "`fill_value` must be a value of the masks' dtype, bool.*2"),
    (np.zeros((2, 4, 6), "f4"), np.nan, ValueError, "`fill_value` must be a finite number.*nan"),
    (np.zeros((2, 4, 6), "f4"), "1", ValueError, "`fill_value` must be a finite number.*'1'"),
])  # fmt: skip
def test_refused(masks, fill_value, error, message):
    with pytest.raises(error, match="(?s)" + ".*".join(re.escape(part) for part in message.split(".*"))):
        FLIP.run_masks(PLAN, masks, fill_value=fill_value)
