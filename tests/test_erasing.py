"""Erased rectangles: against Keras 3.15.1's RandomErasing, and what the pages say of all three kinds."""

import keras
import numpy as np
import pytest
from common import every_cpu
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import holes
from scipy.stats import ks_2samp, kstest
from test_transforms_keras import IMAGES, KEY, SIZE

import seqaug
from seqaug import (
    CoarseDropout,
    GridMask,
    Pipeline,
    RandomBrightness,
    RandomContrast,
    RandomErasing,
    RandomFlip,
    RandomRotation,
    Rescaling,
)

SHAPES = [(*SIZE, 3)] * 4


def erased(transform):
    """Where each of the four images is erased, by the documented rules."""
    return np.stack([holes(transform, 0, (*KEY, sample), *SIZE) for sample in range(4)])


@settings(max_examples=20)
@given(
    st.sampled_from([1.0, (1.0, 1.0), (0.2, 0.6)]),
    st.sampled_from([(0.02, 0.33), 1.0, (1.0, 1.0), (0.2, 0.2)]),
    st.sampled_from([7.0, (1.0, 2.0, 300.0)]),
)
def test_as_keras(factor, scale, fill):
    """The same rectangles and the same fill in both, cut to the range."""
    ours = RandomErasing(factor, scale, fill, (0, 255))
    layer = keras.layers.RandomErasing(factor, scale, fill)
    masks = np.repeat(erased(ours)[..., None], 3, axis=3)
    transformation = {
        "apply_erasing": np.ones(4, bool),
        "batch_masks": masks,
        "fill_value": layer._get_fill_value(IMAGES.astype("f4"), IMAGES.shape, 0),
    }
    theirs = keras.ops.convert_to_numpy(layer.transform_images(IMAGES.astype("f4"), transformation))
    np.testing.assert_array_equal(Pipeline([ours])(IMAGES, seed=KEY[0], epoch=KEY[1]), theirs)


def test_rectangles_are_drawn_as_by_keras():
    layer = keras.layers.RandomErasing(0.8, seed=3)
    theirs = layer.get_random_transformation(np.zeros((2000, 40, 60, 1), "f4"))
    masks = keras.ops.convert_to_numpy(theirs["batch_masks"])[..., 0]
    plan = Pipeline([RandomErasing(0.8, fill_value=0.0)]).draw(
        seed=7, epoch=0, ids=range(6000), shapes=[(40, 60, 1)] * 6000
    )
    ours = plan.stages[0].holes[:, 0]
    made = ours[:, 3] > 0
    assert abs(made.mean() - np.mean(keras.ops.convert_to_numpy(theirs["apply_erasing"]))) < 0.05
    for axis in (1, 2):
        line = masks.any(axis=3 - axis)
        extent, start = line.sum(axis=1), line.argmax(axis=1)
        assert ks_2samp(ours[made, 1 + axis], extent).pvalue > 1e-3
        assert ks_2samp(ours[made, axis - 1], start).pvalue > 1e-3


def test_noise_is_that_of_keras():
    """Normal numbers times the upper end of the range, cut to it: another one for each value."""
    pipeline = Pipeline([RandomErasing((1, 1), (1, 1))])
    ours = pipeline(np.full((8, 64, 64, 3), 9, np.uint8), seed=3)
    layer = keras.layers.RandomErasing((1, 1), (1, 1), seed=1)
    theirs = keras.ops.convert_to_numpy(layer(np.full((8, 64, 64, 3), 9, np.float32), training=True))
    inner = (ours > 0) & (ours < 255)
    assert ks_2samp(ours[inner], theirs[(theirs > 0) & (theirs < 255)]).pvalue > 1e-3
    for value in (0, 255):
        assert abs((ours == value).mean() - (theirs == value).mean()) < 0.01
    wide = Pipeline([RandomErasing((1, 1), (1, 1), value_range=(-1e6, 1))])(np.zeros((8, 64, 64, 3)), seed=3)
    assert kstest(wide[wide < 1], lambda x: np.clip(kstest_normal(x), 0, 1)).pvalue > 1e-3
    flat = np.where(wide < 1, wide, 0.0)
    assert np.abs(np.corrcoef(flat.reshape(8, -1)) - np.eye(8)).max() < 0.05  # of other images
    assert np.abs(np.corrcoef(flat.reshape(-1, 3).T) - np.eye(3)).max() < 0.02  # of other channels
    assert abs(np.corrcoef(flat[:, :, 1:].ravel(), flat[:, :, :-1].ravel())[0, 1]) < 0.02
    assert abs(np.corrcoef(flat[:, 1:].ravel(), flat[:, :-1].ravel())[0, 1]) < 0.02


def kstest_normal(x):
    """The normal distribution below 1."""
    from scipy.stats import norm

    return norm.cdf(x) / norm.cdf(1)


def test_noise_depends_on_the_image_and_the_place_alone():
    pipeline = Pipeline([RandomErasing((1, 1))])
    arguments = {"seed": 5, "epoch": 2, "dtype": "float32"}
    batch = pipeline(IMAGES, **arguments)
    for _ in every_cpu():
        for threads in (1, 3):
            assert pipeline(IMAGES, threads=threads, **arguments).tobytes() == batch.tobytes()
    alone = pipeline(IMAGES[2:3], ids=[2], **arguments)
    assert alone.tobytes() == batch[2:3].tobytes()
    assert (pipeline(IMAGES, seed=5, epoch=3) != batch).any()
    rounded = pipeline(IMAGES, seed=5, epoch=2, dtype="uint8")
    np.testing.assert_array_equal(rounded, np.floor(batch + 0.5))


KINDS = [
    RandomErasing((1, 1), fill_value=7.0), CoarseDropout((1, 9), (0.05, 0.3), 11, 7.0),
    GridMask(13, 0.3, fill_value=7.0),
    GridMask((0.1, 0.9), random_offset=False, fill_value=7.0, p=0.5), CoarseDropout(3, 1.0, (1, 500), 7.0, p=0.7),
]  # fmt: skip


@pytest.mark.parametrize("transform", KINDS, ids=repr)
@pytest.mark.parametrize("dtype", ["u1", "u2", "i4", "f4", "f8"])
def test_what_is_not_erased_stays(cpu, transform, dtype):
    images = IMAGES.astype(dtype)
    where = erased(transform)
    assert where.any()
    out = Pipeline([transform])(images, seed=KEY[0], epoch=KEY[1])
    np.testing.assert_array_equal(out, np.where(where[..., None], 7.0, images))
    np.testing.assert_array_equal(images, IMAGES)


def test_colours_that_follow_share_the_pass():
    """A hole becomes what its fill would, clipping included; what came before does not touch it."""
    transforms = [RandomBrightness((0.5, 0.5)), CoarseDropout(fill_value=(250.0, 7.0, 0.0)), Rescaling(2.0),
                  RandomBrightness((0.1, 0.1), (0, 510)), Rescaling(1 / 510)]  # fmt: skip
    pipeline = Pipeline(transforms)
    assert len(pipeline.stages) == 1
    slot_one = np.stack([holes(transforms[1], 1, (*KEY, sample), *SIZE) for sample in range(4)])
    out = pipeline(IMAGES, seed=KEY[0], epoch=KEY[1])
    expected = np.clip(np.array([500.0, 14.0, 0.0]) + 51.0, 0, 510) / 510
    np.testing.assert_allclose(out[slot_one], np.tile(expected, (slot_one.sum(), 1)), rtol=1e-6)
    plain = Pipeline([transforms[0], Rescaling(1.0, p=0), *transforms[2:]])(IMAGES, seed=KEY[0], epoch=KEY[1])
    np.testing.assert_array_equal(out[~slot_one], plain[~slot_one])


@pytest.mark.parametrize(("after", "reason"), [
    (RandomFlip(), "RandomFlip moves pixels, some of which CoarseDropout has erased"),
    (RandomRotation(0.1), "RandomRotation moves pixels, some of which CoarseDropout has erased"),
    (RandomContrast(0.1), "RandomContrast measures a picture in which CoarseDropout has erased"),
    (RandomErasing(), "RandomErasing erases pixels after CoarseDropout has erased"),
])  # fmt: skip
def test_what_begins_a_new_pass(after, reason):
    pipeline = Pipeline([RandomRotation(0.1), CoarseDropout(), Rescaling(2.0), after])
    assert len(pipeline.stages) == 2
    assert reason in str(pipeline)


def test_masks_stay(cpu):
    """As in Keras."""
    masks = np.random.default_rng(0).integers(0, 9, (4, *SIZE))
    data = {"images": IMAGES.astype("f4"), "segmentation_masks": masks[..., None].astype("f4")}
    theirs = keras.layers.RandomErasing((1, 1))(data, training=True)["segmentation_masks"]
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(theirs)[..., 0], masks)
    for transform in (RandomErasing((1, 1)), *KINDS):
        pipeline = Pipeline([transform])
        plan = pipeline.draw(seed=0, epoch=0, ids=range(4), shapes=SHAPES, value_range=(0, 255))
        np.testing.assert_array_equal(pipeline.run_masks(plan, masks), masks)


def test_a_plan_with_holes_is_text():
    pipeline = Pipeline([RandomErasing((1, 1)), Rescaling(1 / 255)])
    plan = pipeline.draw(seed=0, epoch=0, ids=range(4), shapes=SHAPES, value_range=(0, 255))
    again = seqaug.Plan.from_json(plan.to_json())
    expected = pipeline(IMAGES, seed=0)
    np.testing.assert_array_equal(pipeline.run(again, IMAGES, np.empty(plan.out_shape, "f4")), expected)


def test_evaluation_erases_nothing():
    assert Pipeline([RandomErasing(), CoarseDropout(), GridMask()]).evaluation().transforms == ()


@pytest.mark.parametrize("channels", [1, 2, 5, 17, 40])
def test_any_number_of_channels(cpu, channels):
    images = np.zeros((3, 20, 150, channels), np.uint8)
    fill = tuple(float(k + 1) for k in range(channels))
    out = Pipeline([GridMask(7, fill_value=fill), Rescaling(2.0)])(images, seed=0)
    np.testing.assert_array_equal(np.unique(out.reshape(-1, channels), axis=0), [[0] * channels, np.multiply(fill, 2)])
    noise = Pipeline([RandomErasing((1, 1), (1, 1))])(images, seed=0).reshape(-1, channels)
    assert channels == 1 or np.abs(np.corrcoef(noise.T) - np.eye(channels)).max() < 0.15


def test_strange_numbers():
    images = np.full((2, 9, 9, 3), np.nan, np.float32)
    where = Pipeline([GridMask(4, fill_value=1e308)])(images, seed=0)
    assert set(np.unique(where[~np.isnan(where)])) == {np.inf}
    assert Pipeline([CoarseDropout(1, 2**31 - 1, 1.0)])(images, seed=0).max() == 0


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: RandomErasing(1.5), ValueError, "`factor` must be a finite number from 0 to 1.*1.5"),
    (lambda: RandomErasing(scale=-0.1), ValueError, "`scale` must be a finite number from 0 to 1.*-0.1"),
    (lambda: RandomErasing(fill_value="gray"), ValueError, "`fill_value` must be a finite number.*'gray'"),
    (lambda: RandomErasing(fill_value=(1, np.nan)), ValueError, "`fill_value` must be a finite number.*nan"),
    (lambda: RandomErasing(value_range=(1, 0)), ValueError, "`value_range` must be a pair with low < high"),
    (lambda: CoarseDropout((0, 2)), ValueError, "`num_holes_range` must be from 1 to 1000.*0"),
    (lambda: CoarseDropout((1, 2, 3)), ValueError, "`num_holes_range` must be one or two whole numbers"),
    (lambda: CoarseDropout(1.5), TypeError, "`num_holes_range` must be an integer.*1.5"),
    (lambda: CoarseDropout(1, (0.1, 4)), ValueError, "`hole_height_range` must be one or two numbers: integers"),
    (lambda: CoarseDropout(1, 0.1, 1.5), ValueError, "`hole_width_range` must be a finite number from 0 to 1.*1.5"),
    (lambda: CoarseDropout(1, 0.0), ValueError, "`hole_height_range` must be above 0"),
    (lambda: CoarseDropout(1, 0), ValueError, "`hole_height_range` must be at least 1|from 1 to"),
    (lambda: CoarseDropout(1, True), ValueError, "`hole_height_range` must be one or two numbers: integers"),
    (lambda: GridMask(ratio=0), ValueError, "`ratio` must be above 0"),
    (lambda: GridMask(random_offset=1), TypeError, "`random_offset` must be True or False"),
    (lambda: Pipeline([GridMask(2)])(np.zeros((1, 4, 600, 1)), seed=0), ValueError, "300 cells.*at most 256"),
    (lambda: Pipeline([CoarseDropout(fill_value=(1, 2))])(IMAGES, seed=0), ValueError, "one for each of the images' 3"),
    (lambda: Pipeline([RandomErasing()])(IMAGES.astype("f4"), seed=0), ValueError, "has to know the range"),
])  # fmt: skip
def test_refused(call, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        call()


def test_bytes_must_hold_the_fill():
    with pytest.raises(ValueError, match='`dtype="uint8"` holds 0 to 255'):
        Pipeline([CoarseDropout(fill_value=300.0)])(IMAGES, seed=0, dtype="uint8")
    assert Pipeline([CoarseDropout(fill_value=300.0, value_range=(0, 255))])(IMAGES, seed=0, dtype="uint8").max() == 255
