"""Changes of colour against the layers of Keras 3.15.1 on TensorFlow, the same drawn numbers forced on both."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import between, numbers
from test_transforms_keras import IMAGES, as_keras

from seqaug import Normalization, Pipeline, RandomBrightness, RandomContrast, Rescaling

RANGES = st.sampled_from([(0, 255), (0.0, 1.0), (-20, 100)])


def run(transform, images=IMAGES, **arguments):
    return Pipeline([transform])(images, seed=0, **arguments)


def first_numbers(transform):
    return np.array([numbers(transform, 0, (0, 0, sample))[1][0] for sample in range(len(IMAGES))])


@settings(max_examples=40)
@given(st.floats(-1, 1).map(lambda v: (v, v)) | st.sampled_from([0.4, (-0.7, 0.1)]), RANGES)
def test_brightness(factor, value_range):
    ours = RandomBrightness(factor, value_range)
    images = IMAGES.astype("f4") / 255 * (value_range[1] - value_range[0]) + value_range[0]
    delta = between(ours.factor, first_numbers(ours)) * (value_range[1] - value_range[0])
    layer = keras.layers.RandomBrightness(factor, value_range)
    theirs = as_keras(layer, {"rgb_delta": np.float32(delta).reshape(-1, 1, 1, 1)}, images)
    result = run(ours, images)
    np.testing.assert_allclose(result, theirs, atol=1e-6 * np.ptp(value_range))
    assert result.min() >= np.float32(value_range[0])
    assert result.max() <= np.float32(value_range[1])


@settings(max_examples=40)
@given(st.floats(0, 1) | st.tuples(st.floats(0, 1), st.floats(0, 1)), RANGES)
def test_contrast(factor, value_range):
    ours, layer = RandomContrast(factor, value_range), keras.layers.RandomContrast(factor, value_range)
    assert ours.factor == layer.factor
    images = IMAGES.astype("f4") / 255 * (value_range[1] - value_range[0]) + value_range[0]
    factors = between((1 - ours.factor[0], 1 + ours.factor[1]), first_numbers(ours))
    theirs = as_keras(layer, {"contrast_factor": np.float32(factors).reshape(-1, 1, 1, 1)}, images)
    np.testing.assert_allclose(run(ours, images), theirs, atol=1e-5 * np.ptp(value_range))


def test_one_factor_only_raises_the_contrast():
    """As in Keras 3.15.1, whatever its documentation says; a pair goes both ways."""
    images = np.random.default_rng(0).integers(100, 140, (200, 4, 4, 1), np.uint8)
    spread = images.std((1, 2, 3))
    one = run(RandomContrast(0.5), images).std((1, 2, 3)) / spread
    assert 1 <= one.min() < 1.05
    assert 1.45 < one.max() < 1.5 + 1e-6
    pair = run(RandomContrast((0.5, 0.2)), images).std((1, 2, 3)) / spread
    assert pair.min() < 0.85  # the smaller one is the lower
    assert 1.45 < pair.max() < 1.5 + 1e-6
    keras_layer = keras.layers.RandomContrast(0.5, seed=0)
    theirs = keras_layer.get_random_transformation(images.astype("f4"))["contrast_factor"]
    assert 1 <= float(keras.ops.min(theirs)) < float(keras.ops.max(theirs)) <= 1.5


def test_an_image_that_is_left_alone_is_not_clipped():
    images = np.full((50, 2, 2, 1), 300.0, "f4")
    for transform in (RandomBrightness((0.1, 0.1), (0, 255), p=0.5), RandomContrast(0.1, (0, 255), p=0.5)):
        assert set(run(transform, images)[:, 0, 0, 0].tolist()) == {300.0, 255.0}


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_an_odd_pixel_stays_alone_in_an_image_whose_contrast_is_left_alone(odd):
    images = np.ones((40, 3, 3, 2), "f4")
    images[:, 1, 1, 0] = odd
    out = run(RandomContrast((0.5, 0.5), (0, 1), p=0.5), images)
    alone = [numbers(RandomContrast(0.5, p=0.5), 0, (0, 0, sample))[0] == 0 for sample in range(40)]
    assert 0 < sum(alone) < 40
    assert out[alone].tobytes() == images[alone].tobytes()


@pytest.mark.parametrize("adapted", [IMAGES, IMAGES.astype("f8") * 1e3 - 5e6, IMAGES[:1, :1, :1], IMAGES.astype("f4")])
@pytest.mark.parametrize("invert", [False, True])
@pytest.mark.parametrize("axis", [-1, None])
def test_normalization_adapts(axis, invert, adapted):
    ours, layer = Normalization(axis, invert=invert), keras.layers.Normalization(axis, invert=invert)
    ours.adapt(adapted)
    layer.adapt(adapted)
    axes = (0, 1, 2) if axis == -1 else None
    np.testing.assert_allclose(ours.mean, adapted.mean(axes, dtype="f8"), rtol=1e-12)
    np.testing.assert_allclose(ours.variance, adapted.var(axes, dtype="f8"), rtol=1e-9)
    np.testing.assert_allclose(ours.mean, layer.adapt_mean.numpy(), rtol=1e-4)
    if adapted.dtype != "f8":  # Keras measures in single precision
        theirs = keras.ops.convert_to_numpy(layer(adapted.astype("f4")))
        np.testing.assert_allclose(run(ours, adapted), theirs, rtol=2e-4, atol=2e-4)


@settings(max_examples=40)
@given(st.data())
def test_normalization(data):
    one = st.floats(-200, 200)
    mean = data.draw(one | st.lists(one, min_size=3, max_size=3))
    few = st.sampled_from([0.0, 1e-20, 1.0]) | st.floats(0, 1e4)
    variance = data.draw(st.lists(few, min_size=3, max_size=3) if isinstance(mean, list) else few)
    invert = data.draw(st.booleans())
    ours = run(Normalization(mean=mean, variance=variance, invert=invert))
    layer = keras.layers.Normalization(mean=mean, variance=variance, invert=invert)
    theirs = keras.ops.convert_to_numpy(layer(IMAGES.astype("f4")))
    np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-5 / max(1e-7, np.sqrt(np.min(variance))) + 1e-3)


def test_normalization_of_no_variance():
    flat = np.full((2, 3, 3, 2), 100, np.uint8)
    normalization = Normalization()
    normalization.adapt(flat)
    assert (normalization.mean, normalization.variance) == ((100.0, 100.0), (0.0, 0.0))
    assert np.abs(run(normalization, flat)).max() <= 1e-6
    np.testing.assert_allclose(run(Normalization(mean=100, variance=0), flat + 1), 1e7)


def test_inverted_normalization_undoes_it():
    numbers = {"mean": (120.0, 100.0, 90.0), "variance": (3000.0, 2500.0, 1.0)}
    both = Pipeline([Normalization(**numbers), Normalization(**numbers, invert=True)])
    np.testing.assert_allclose(both(IMAGES, seed=0), IMAGES, atol=1e-4)


@pytest.mark.parametrize("there_and_back", [
    [Rescaling(1 / 49), Rescaling(49)],
    [Normalization(mean=120.0, variance=3000.0), Normalization(mean=120.0, variance=3000.0, invert=True)],
])  # fmt: skip
def test_bytes_there_and_back_are_bytes_again(there_and_back):
    """The range of values comes back as 0 … 255.00000000000003: no reason to refuse bytes, nor to warn."""
    told = [*there_and_back, RandomBrightness(0, (0, 255))]
    assert Pipeline(told)(IMAGES, seed=0, dtype="uint8").tobytes() == IMAGES.tobytes()
    assert Pipeline(there_and_back)(IMAGES, seed=0, dtype="uint8").tobytes() == IMAGES.tobytes()


@settings(max_examples=20)
@given(st.data())
def test_rescaling(data):
    one = st.floats(-10, 10)
    scale, offset = (data.draw(one | st.lists(one, min_size=3, max_size=3)) for _ in range(2))
    theirs = keras.ops.convert_to_numpy(keras.layers.Rescaling(scale, offset)(IMAGES.astype("f4")))
    np.testing.assert_allclose(run(Rescaling(scale, offset)), theirs, rtol=1e-6, atol=1e-3)


def test_rows_are_adapted_to_one_after_the_other():
    """A generator has no length and no random access."""
    normalization, whole = Normalization(), Normalization()
    normalization.adapt(image for image in IMAGES)
    whole.adapt(IMAGES)
    assert (normalization.mean, normalization.variance) == (whole.mean, whole.variance)
    sizes = Normalization(axis=None)
    sizes.adapt([IMAGES[0], IMAGES[1, :5]])
    values = np.concatenate([IMAGES[0].reshape(-1), IMAGES[1, :5].reshape(-1)]).astype("f8")
    assert sizes.mean == pytest.approx(values.mean())
    assert sizes.variance == pytest.approx(values.var())
