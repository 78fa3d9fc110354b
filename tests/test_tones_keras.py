"""Grayscale, saturation and hue against the layers of Keras 3.15.1, the same drawn numbers forced on both."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import between, numbers
from test_transforms_keras import IMAGES, as_keras

from seqaug import Pipeline, RandomFlip, RandomGrayscale, RandomHue, RandomSaturation, Rescaling

UNITS = st.floats(0, 1)


def run(transform, images=IMAGES, **arguments):
    return Pipeline([transform])(images, seed=0, **arguments)


def drawn(transform, number=0):
    return np.array([numbers(transform, 0, (0, 0, sample))[1][number] for sample in range(len(IMAGES))])


@settings(max_examples=30)
@given(UNITS | st.tuples(UNITS, UNITS), st.sampled_from([(0, 255), (0.0, 1.0), (-20, 300)]))
def test_hue(factor, value_range):
    ours, layer = RandomHue(factor, value_range), keras.layers.RandomHue(factor, value_range)
    assert ours.factor == layer.factor
    images = IMAGES.astype("f4") / 255 * (value_range[1] - value_range[0]) + value_range[0]
    shifts = np.where(drawn(ours) > 0.5, -0.5, 0.5) * between(ours.factor, drawn(ours, 1))
    theirs = as_keras(layer, {"factor": np.float32(shifts)}, images)
    np.testing.assert_allclose(run(ours, images), theirs, atol=2e-5 * np.ptp(value_range))


@settings(max_examples=30)
@given(st.floats(-1, 0.999) | st.tuples(st.floats(-1, 0.999), UNITS), st.sampled_from([(0, 255), (0.0, 1.0)]))
def test_saturation(factor, value_range):
    """Keras cuts S to its `value_range`, whatever the values are; ours without one to 0 ... 1."""
    ours, layer = RandomSaturation(factor, value_range), keras.layers.RandomSaturation(factor, value_range)
    assert ours.factor == pytest.approx(layer.factor)
    factors = between(ours.factor, drawn(ours))
    factors = np.float32(factors / (1 - factors + 1e-7))
    theirs = as_keras(layer, {"factor": factors})
    np.testing.assert_allclose(run(ours), theirs, rtol=1e-5, atol=5e-3)
    unit = as_keras(keras.layers.RandomSaturation(factor, (0, 1)), {"factor": factors})
    np.testing.assert_allclose(run(RandomSaturation(factor)), unit, rtol=1e-5, atol=5e-3)


@pytest.mark.parametrize("factor", [0.0, 0.3, 1.0])
def test_grayscale(factor):
    images = np.tile(IMAGES, (10, 1, 1, 1))
    layer, out = keras.layers.RandomGrayscale(1.0), run(RandomGrayscale(factor), images)
    gray = as_keras(layer, np.ones((len(images), 1, 1, 1), bool), images)
    is_gray = (out == out[..., :1]).all((1, 2, 3))
    np.testing.assert_allclose(out, np.where(is_gray[:, None, None, None], gray, images), atol=1e-3)
    assert abs(is_gray.mean() - factor) < 0.25


def test_the_range_of_saturated_values_is_known():
    strong = RandomSaturation((0.6, 0.9))
    assert run(strong, dtype="uint8").dtype == np.uint8  # S is cut at 1: nothing below 0
    with pytest.raises(ValueError, match=r'`dtype="uint8"` holds 0 to 255'):
        run(RandomSaturation((0.6, 0.9), (0, 255)), dtype="uint8")
    assert run(RandomSaturation((0.6, 0.9), (0, 255))).min() < 0


@pytest.mark.parametrize("transform", [RandomHue(0.1), RandomSaturation(0.1), RandomGrayscale()])
def test_colours_need_three_channels(transform):
    with pytest.raises(ValueError, match=rf"{type(transform).__name__}.* needs images of 3 channels"):
        Pipeline([RandomFlip(), transform])(IMAGES[..., :2], seed=0)
    with pytest.raises(ValueError, match="`factor` must be"):
        type(transform)(2.0)


def test_folded_lines_around_a_mixture():
    """Rescaling before and after grayscale, one pass, the same as one by one."""
    lines = Rescaling([0.5, 1.0, 2.0], [1.0, 2.0, 3.0]), Rescaling([3.0, 2.0, 1.0], 0.5)
    together = Pipeline([lines[0], RandomGrayscale(1.0), lines[1]])(IMAGES, seed=0)
    alone = run(lines[1], run(RandomGrayscale(1.0), run(lines[0])))
    np.testing.assert_allclose(together, alone, rtol=1e-5)
