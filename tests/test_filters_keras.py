"""Filters against the layers and operations of Keras 3.15.1, the same drawn numbers forced on both."""

import keras
import numpy as np
import pytest
import scipy.ndimage
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from test_transforms_keras import IMAGES, as_keras

from seqaug import (
    ContrastLimitedAdaptiveHistogramEqualization,
    Pipeline,
    RandomElasticTransform,
    RandomGaussianBlur,
    RandomSharpness,
    _core,
)
from seqaug.filters import field

UNITS = st.floats(0, 1)
RANGES = st.sampled_from([(0, 255), (0.0, 1.0), (-20, 300)])
RANDOM = np.random.default_rng(0)


def in_range(value_range):
    return IMAGES.astype("f4") / 255 * (value_range[1] - value_range[0]) + value_range[0]


def plan_of(transform, images=IMAGES, value_range=(0, 255)):
    arguments = {"seed": 0, "epoch": 0, "ids": range(len(images)), "shapes": [image.shape for image in images]}
    return Pipeline([transform]).draw(**arguments, value_range=value_range).stages[0]


@settings(max_examples=20)
@given(st.integers(0, 6), st.tuples(UNITS, st.floats(0, 40)), RANGES, st.sampled_from([1, 3, 5]))
def test_blur(half, sigma, value_range, channels):
    """Up to the last pixel: beyond the picture both have zeros."""
    images = np.repeat(in_range(value_range)[..., :1], channels, axis=3)[:, : 30 + half]
    images += RANDOM.normal(size=images.shape, scale=np.ptp(value_range) / 100).astype("f4")
    ours = RandomGaussianBlur((1.0, 1.0), 2 * half + 1, sigma, value_range)
    blurred = Pipeline([ours])(images, seed=0)
    plan = plan_of(ours, images)
    assert plan.changed.all()
    for image, result, numbers in zip(images, blurred, plan.numbers, strict=True):
        layer = keras.layers.RandomGaussianBlur((1.0, 1.0), 2 * half + 1, value_range=value_range)
        sigmas = np.float32(numbers[[3, 2]])  # across, and down
        theirs = as_keras(layer, {"blur_factor": sigmas, "should_apply_blur": np.ones(1, bool)}, image[None])
        np.testing.assert_allclose(result, theirs[0], atol=1e-5 * np.ptp(value_range))


def test_blur_by_a_kernel_that_is_no_square():
    """Keras puts the weights in another order; each axis has its own."""
    ours = RandomGaussianBlur((1.0, 1.0), (9, 3), (2.0, 2.0))
    result = Pipeline([ours])(IMAGES, seed=0)
    weights = [np.exp(-0.5 * (np.arange(-half, half + 1) / 2.0) ** 2) for half in (4, 1)]
    expected = IMAGES.astype("f8")
    for axis, weight in enumerate(weights):
        expected = scipy.ndimage.correlate1d(expected, weight / weight.sum(), axis + 1, mode="constant")
    np.testing.assert_allclose(result, expected, atol=1e-3)


def test_how_often_and_how_much():
    """The layer's draws, of which a batch has two deviations, and an image's."""
    images = np.zeros((400, 2, 2, 1), "u1")
    for factor, sigma in ((1.0, 0.7), ((0.2, 0.9), (0.3, 0.8))):
        layer = keras.layers.RandomGaussianBlur(factor, sigma=sigma, seed=1)
        ours = plan_of(RandomGaussianBlur(factor, 3, sigma), images)
        theirs = [layer.get_random_transformation(images) for _ in range(60)]
        applied = np.concatenate([np.asarray(one["should_apply_blur"]) for one in theirs])
        assert abs(ours.changed.mean() - applied.mean()) < 0.08
        sigmas = np.concatenate([np.asarray(one["blur_factor"]) for one in theirs])
        assert scipy.stats.ks_2samp(ours.numbers[:, 2], sigmas).pvalue > 1e-3
        assert scipy.stats.ks_2samp(ours.numbers[:, 3], sigmas).pvalue > 1e-3
    assert scipy.stats.spearmanr(ours.numbers[:, 2], ours.numbers[:, 3]).pvalue > 1e-3


@settings(max_examples=20)
@given(UNITS | st.tuples(UNITS, UNITS), RANGES)
def test_sharpness(factor, value_range):
    ours, layer = RandomSharpness(factor, value_range), keras.layers.RandomSharpness(factor, value_range)
    assert ours.factor == layer.factor
    images = in_range(value_range)
    strength = plan_of(ours, images).numbers[:, 0]
    theirs = as_keras(layer, {"factor": np.float32(strength / 2)}, images)
    np.testing.assert_allclose(Pipeline([ours])(images, seed=0), theirs, atol=1e-5 * np.ptp(value_range))


@settings(max_examples=20)
@given(
    st.tuples(st.integers(1, 9), st.integers(1, 40)),
    st.sampled_from([0.0, 0.3, 1.0, 4.0, 300.0]),
    RANGES,
    st.sampled_from([1, 2, 3]),
)
def test_clahe(grid, limit, value_range, channels):
    images = in_range(value_range)[..., :channels]
    ours = ContrastLimitedAdaptiveHistogramEqualization(value_range, limit, grid)
    layer = keras.layers.ContrastLimitedAdaptiveHistogramEqualization(value_range, limit, grid)
    theirs = keras.ops.convert_to_numpy(layer(images))
    result = Pipeline([ours])(images, seed=0)
    np.testing.assert_allclose(result, theirs, atol=1e-4 * np.ptp(value_range))


def test_clahe_of_bytes():
    """Keras cuts the fractions off, and here they stay."""
    theirs = keras.ops.convert_to_numpy(keras.layers.ContrastLimitedAdaptiveHistogramEqualization()(IMAGES))
    ours = Pipeline([ContrastLimitedAdaptiveHistogramEqualization()])(IMAGES, seed=0)
    assert theirs.dtype == np.uint8
    assert (np.abs(ours - theirs) <= 1).all()
    assert (ours % 1 > 0).any()


@pytest.mark.parametrize("scale", [0.02, 0.3, 1.0])
def test_the_displacements_that_a_noise_makes(scale):
    """Noise times sigma, blurred by Keras, times alpha; the outermost pixels too."""
    height, width = IMAGES.shape[1:3]
    transform = RandomElasticTransform((1.0, 1.0), (scale, scale))
    numbers = plan_of(transform).numbers[0]
    alpha, sigma = keras.layers.RandomElasticTransform().get_elastic_transform_params(height, width, scale)
    np.testing.assert_allclose(numbers[2:4], [alpha, sigma])
    noise = np.empty((2, height, width), "f4")
    for part in (0, 1):
        _core.noise(int(numbers[0]) | int(numbers[1]) << 32, part, noise[part].reshape(-1))
    size = 6 * int(sigma) | 1
    blurred = keras.ops.image.gaussian_blur(np.float32(noise * sigma)[..., None], (size, size), (sigma, sigma))
    ours = field(numbers, (height, width))
    expected = keras.ops.convert_to_numpy(blurred)[..., 0] * alpha
    np.testing.assert_allclose(ours, expected, atol=1e-5 * np.abs(expected).max())
    assert abs(np.corrcoef(ours[0].ravel(), ours[1].ravel())[0, 1]) < 0.5  # in Keras it is 1


@pytest.mark.parametrize("mode", ["reflect", "nearest", "wrap", "constant"])
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_elastic(mode, interpolation):
    """Inside as Keras looks pixels up at the same displacements, at the borders as SciPy does."""
    transform = RandomElasticTransform((1.0, 1.0), (0.7, 1.0), interpolation, mode, 9.0)
    order = 0 if interpolation == "nearest" else 1
    result, plan = Pipeline([transform])(IMAGES, seed=0), plan_of(transform)
    for image, ours, numbers in zip(IMAGES, result, plan.numbers, strict=True):
        pixels = np.indices(image.shape[:2], "f8")
        at = pixels + field(numbers, image.shape[:2])
        last = np.array(image.shape[:2]).reshape(2, 1, 1) - 1
        inside = ((at >= 0) & (at <= last)).all(axis=0)
        fraction = np.abs(at - np.floor(at) - 0.5).min(axis=0)
        certain = (fraction > 1e-4) | (order == 1)
        for k in range(image.shape[2]):
            plane = image[..., k].astype("f4")
            theirs = keras.ops.convert_to_numpy(keras.ops.image.map_coordinates(plane, np.float32(at), order, mode))
            mine = ours[..., k]
            np.testing.assert_allclose(mine[inside & certain], theirs[inside & certain], atol=0.02)
            scipys = scipy.ndimage.map_coordinates(image[..., k].astype("f8"), at, order=order, mode=mode, cval=9.0)
            np.testing.assert_allclose(mine[certain], scipys[certain], atol=0.02)
        assert 0.5 < inside.mean() < 1


def test_how_far_elastic_goes():
    images = np.zeros((300, 3, 3, 1), "u1")
    plan = plan_of(RandomElasticTransform((0.0, 0.6), (0.2, 0.8)), images)
    layer = keras.layers.RandomElasticTransform((0.0, 0.6), (0.2, 0.8), seed=1)
    theirs = [layer.get_random_transformation(images) for _ in range(60)]
    applied = np.concatenate([np.asarray(one["apply_transform"]) for one in theirs])
    assert abs(plan.changed.mean() - applied.mean()) < 0.08
    scales = [float(one["distortion_factor"]) for one in theirs]
    assert scipy.stats.ks_2samp(plan.numbers[:, 2] / 0.3, scales).pvalue > 1e-3
