"""Changes of colour value by value against the layers of Keras 3.15.1, the same drawn numbers forced on both."""

import keras
import numpy as np
import pytest
import scipy.stats
from common import every_cpu
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import between, numbers
from test_transforms_keras import IMAGES, as_keras

from seqaug import (
    AutoContrast,
    Equalization,
    GaussianNoise,
    Pipeline,
    RandomChannelShift,
    RandomColorDegeneration,
    RandomColorJitter,
    RandomFlip,
    RandomGamma,
    RandomInvert,
    RandomPosterization,
    RandomRotation,
    Rescaling,
    Solarization,
)
from seqaug.randomness import fold, nested

UNITS = st.floats(0, 1)
RANGES = st.sampled_from([(0, 255), (0.0, 1.0), (-20, 300)])


def run(transform, images=IMAGES, **arguments):
    return Pipeline([transform])(images, seed=0, **arguments)


def drawn(transform, number=0, count=4):
    return np.array([numbers(transform, 0, (0, 0, sample))[1][number] for sample in range(count)])


def in_range(value_range):
    low, high = value_range
    return (IMAGES.astype("f4") / 255 * (high - low) + low).astype("f4")


@pytest.mark.parametrize("factor", [1, 4, 8, (4, 4), (8, 8), (2, 7)])
@pytest.mark.parametrize("value_range", [(0, 255), (0.0, 1.0), (-20, 300)])
def test_posterization(factor, value_range):
    ours, layer = RandomPosterization(factor, value_range), keras.layers.RandomPosterization(factor, value_range)
    assert ours.factor == layer.factor
    low, high = ours.factor
    kept = low + np.floor(drawn(ours) * (high - low))
    images = in_range(value_range)
    theirs = as_keras(layer, {"shift_factor": (8 - kept).astype("u1")}, images)
    np.testing.assert_allclose(run(ours, images), theirs, atol=2e-7 * np.ptp(value_range))


def test_bits_are_drawn_as_keras_draws_them():
    """Up to one less than the upper bound."""
    images = np.arange(256, dtype="u1").reshape(1, 16, 16, 1).repeat(400, 0)
    ours = {len(np.unique(image)) for image in run(RandomPosterization(4), images)}
    layer = keras.layers.RandomPosterization(4, seed=0)
    theirs = 8 - np.asarray(layer.get_random_transformation(images)["shift_factor"])
    assert ours == {2**bits for bits in set(theirs.tolist())} == {2, 4, 8}


@settings(max_examples=25)
@given(UNITS | st.tuples(UNITS, UNITS), UNITS | st.tuples(UNITS, UNITS), RANGES)
def test_solarization(addition, threshold, value_range):
    ours = Solarization(addition, threshold, value_range)
    layer = keras.layers.Solarization(addition, threshold, value_range)
    assert (ours.addition_factor, ours.threshold_factor) == (layer.addition_factor, layer.threshold_factor)
    additions, thresholds = (
        np.float32(255 * between(bounds, drawn(ours, k))).reshape(-1, 1, 1, 1)
        for k, bounds in enumerate((ours.addition_factor, ours.threshold_factor))
    )
    images = in_range(value_range)
    theirs = as_keras(layer, {"additions": additions, "thresholds": thresholds}, images)
    bytes_ = (images - value_range[0]) / np.ptp(value_range) * 255
    sure = np.abs(bytes_ + additions - thresholds) > 1e-3
    np.testing.assert_allclose(run(ours, images)[sure], theirs[sure], atol=1e-6 * np.ptp(value_range))


@pytest.mark.parametrize("value_range", [(0, 255), (0.0, 1.0), (-20, 300)])
def test_auto_contrast(value_range):
    images = in_range(value_range) * np.float32(0.5) + np.float32(0.25 * sum(value_range))
    images[1, ..., 1] = images[1, 0, 0, 1]
    theirs = as_keras(keras.layers.AutoContrast(value_range), None, images)
    np.testing.assert_allclose(run(AutoContrast(value_range), images), theirs, atol=2e-6 * np.ptp(value_range))


@pytest.mark.parametrize("bins", [2, 100, 256])
@pytest.mark.parametrize("value_range", [(0, 255), (0.0, 1.0)])
def test_equalization(value_range, bins):
    """Image by image: Keras counts those of a batch together."""
    images = in_range(value_range)
    images[1, ..., 1] = images[1, 0, 0, 1]
    layer = keras.layers.Equalization(value_range, bins=bins)
    theirs = np.concatenate([as_keras(layer, None, image[None]) for image in images])
    off = np.abs(run(Equalization(value_range, bins), images) - theirs) / np.ptp(value_range) * 255
    assert off.max() < 1.001  # a level, where Keras's single precision decides a tie
    assert (off > 1e-3).mean() < 0.01


def test_what_stays_for_evaluation():
    """As in Keras: equalization is for training, auto-contrast always on."""
    images = IMAGES.astype("f4")
    assert np.asarray(keras.layers.Equalization()(images, training=False)).tobytes() == images.tobytes()
    assert np.asarray(keras.layers.AutoContrast()(images, training=False)).tobytes() != images.tobytes()
    kept = Pipeline([Equalization(), AutoContrast(), RandomGamma(), Solarization(), GaussianNoise(1)]).evaluation()
    assert kept.transforms == (AutoContrast(),)


@pytest.mark.parametrize("factor", [0.0, 0.4, 1.0, (1.0, 1.0), (0.2, 0.9)])
def test_inversion(factor):
    ours, layer = RandomInvert(factor), keras.layers.RandomInvert(factor)
    assert ours.factor == layer.factor
    images = np.tile(IMAGES[:, :4, :5], (60, 1, 1, 1))
    chances = between(ours.factor, drawn(ours, 0, len(images)))
    inverted = drawn(ours, 1, len(images)) < chances
    theirs = as_keras(layer, {"apply_inversion": inverted}, images)
    assert run(ours, images).tobytes() == theirs.tobytes()
    draws = np.concatenate([layer.get_random_transformation(images)["apply_inversion"] for _ in range(4)])
    assert abs(inverted.mean() - draws.mean()) < 0.15


def test_inversion_about_the_middle_of_the_range():
    images = IMAGES.astype("f4") / 127.5 - 1
    np.testing.assert_allclose(run(RandomInvert((1, 1), (-1, 1)), images), -images, atol=1e-6)


@settings(max_examples=25)
@given(st.floats(-1, 1) | st.tuples(st.floats(-1, 1), UNITS), RANGES)
def test_degeneration(factor, value_range):
    ours = RandomColorDegeneration(factor, value_range)
    layer = keras.layers.RandomColorDegeneration(factor, value_range)
    assert ours.factor == pytest.approx(layer.factor)
    factors = np.float32(between(ours.factor, drawn(ours))).reshape(-1, 1, 1, 1)
    images = in_range(value_range)
    theirs = as_keras(layer, {"factor": factors}, images)
    np.testing.assert_allclose(run(ours, images), theirs, atol=2e-6 * np.ptp(value_range))


@pytest.mark.parametrize("value_range", [(0, 255), (0.0, 1.0)])
@pytest.mark.parametrize("left_out", [None, "brightness", "contrast", "saturation", "hue"])
def test_jitter(value_range, left_out):
    """All at a point, as Keras draws within `transform_images`; but the hue, whose sign is a coin, at 0 or a half."""
    given = {"brightness": (0.1, 0.1), "contrast": (0.0, 0.0), "saturation": (0.6, 0.6), "hue": (1.0, 1.0)}
    factors = {f"{name}_factor": factor for name, factor in given.items() if name != left_out}
    ours = RandomColorJitter(value_range, **factors)
    theirs = as_keras(keras.layers.RandomColorJitter(value_range, **factors), None, in_range(value_range))
    np.testing.assert_allclose(run(ours, in_range(value_range)), theirs, atol=3e-5 * np.ptp(value_range))


def test_the_pieces_of_a_jitter_draw_by_themselves():
    """What they do one after the other, each with the key that nests in the jitter's."""
    jitter = RandomColorJitter(None, 0.2, (0.3, 0.3), (0.4, 0.6), 0.1, seed=5)
    key, step = nested(fold(9, 5), 0), IMAGES.astype("f4")
    for slot, piece in enumerate(jitter.pieces):
        alone = Pipeline([piece])
        before = [Rescaling(1.0)] * slot  # to bring it to its slot
        step = Pipeline([*before, *alone.transforms], fill_mode="nearest")(step, seed=key, value_range=(0, 255))
    np.testing.assert_allclose(Pipeline([jitter])(IMAGES, seed=9), step, atol=1e-3)
    some = Pipeline([RandomColorJitter(None, 0.2, 0.3, p=0.5)])(np.tile(IMAGES, (5, 1, 1, 1)), seed=9)
    same = (some == np.tile(IMAGES, (5, 1, 1, 1))).all((1, 2, 3))
    assert 0 < same.sum() < 20
    assert run(RandomColorJitter()).tobytes() == IMAGES.astype("f4").tobytes()


def test_noise_has_the_distribution_of_keras():
    flat = np.full((2, 60, 60, 3), 0.5, "f4")
    ours = run(GaussianNoise(0.2), flat)
    theirs = np.asarray(keras.layers.GaussianNoise(0.2, seed=1)(flat, training=True))
    assert scipy.stats.ks_2samp(ours.ravel(), theirs.ravel()).pvalue > 1e-3
    assert not np.array_equal(ours[0], ours[1])
    clipped = run(GaussianNoise(0.5, value_range=(0, 1)), flat)
    assert (clipped.min(), clipped.max()) == (0, 1)


def test_a_pair_of_deviations():
    spread = run(GaussianNoise((1.0, 3.0)), np.zeros((60, 40, 40, 1), "f4")).std((1, 2, 3))
    assert 0.9 < spread.min() < 1.3 < 2.7 < spread.max() < 3.1


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4"])
@pytest.mark.parametrize("gamma", [0.5, (1.7, 1.7)])
def test_gamma(gamma, dtype):
    top = {"u1": 255, "u2": 65535, "f4": 1}[dtype]
    images = (IMAGES.astype("f8") / 255 * top).astype(dtype)
    power = gamma if isinstance(gamma, float) else gamma[0]
    out = run(RandomGamma(gamma, (0, top)), images)
    np.testing.assert_allclose(out, (images.astype("f8") / top) ** power * top, atol=1e-6 * top)


def test_channels_shift_by_themselves():
    images = np.full((300, 2, 2, 5), 100, np.uint8)
    shifts = run(RandomChannelShift((-0.1, 0.2)), images)[:, 0, 0] - 100
    assert -25.5 <= shifts.min() < -20 < 45 < shifts.max() <= 51
    assert np.abs(np.corrcoef(shifts.T) - np.eye(5)).max() < 0.25


ALL = [
    AutoContrast(), Equalization(), GaussianNoise(9.0), RandomChannelShift(0.2), RandomGamma((0.3, 3)), RandomInvert(),
    RandomPosterization((1, 8)), Solarization(0.3, 0.8), RandomColorDegeneration(0.9),
    RandomColorJitter(None, 0.2, 0.3, (0.4, 0.6), 0.2),
]  # fmt: skip
IDS = [type(t).__name__ for t in ALL]


@pytest.mark.parametrize("transform", ALL, ids=IDS)
def test_threads_variants_and_layouts_give_the_same_bits(transform):
    images = IMAGES.copy()
    kept, results = images.tobytes(), set()
    planar = np.ascontiguousarray(images.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
    for around in ([], [RandomFlip(), RandomRotation(0.1, fill_mode="constant")]):
        pipeline = Pipeline([*around, transform])
        for dtype in ("uint8", "float32"):
            results = {pipeline(images, seed=1, dtype=dtype, threads=3).tobytes()}
            for _ in every_cpu():
                for source in (images, planar):
                    results.add(pipeline(source, seed=1, dtype=dtype, threads=1).tobytes())
            assert len(results) == 1
    assert images.tobytes() == kept


@pytest.mark.parametrize("transform", ALL, ids=IDS)
def test_types_and_channels(transform):
    rng = np.random.default_rng(0)
    for dtype, channels in (("u1", 1), ("u1", 2), ("u2", 5), ("f4", 18), ("f4", 3), ("u2", 3)):
        images = rng.uniform(0, 255 if dtype == "u1" else 60000, (3, 9, 11, channels)).astype(dtype)
        images = images / np.float32(60000) if dtype == "f4" else images
        call = {"value_range": (0, 1)} if dtype == "f4" else {}
        if channels != 3 and transform.channels == 3:
            with pytest.raises(ValueError, match="needs images of 3 channels"):
                run(transform, images, **call)
            continue
        out = run(transform, images, **call)
        assert out.dtype == np.float32
        assert out.shape == images.shape
        if transform.kind != "noise":
            top = {"u1": 255, "u2": 65535, "f4": 1}[dtype]
            assert -1e-6 * top <= out.min() <= out.max() <= top * (1 + 1e-6)
    odd = np.full((2, 5, 6, 3), 0.5, "f4")
    odd[0, 2, 2] = np.nan, np.inf, -np.inf
    run(transform, odd, value_range=(0, 1))


@pytest.mark.parametrize("transform", ALL, ids=IDS)
def test_left_alone(transform):
    """With p = 0 no bit changes, though values lie outside the range."""
    never = type(transform)(**transform.get_config() | {"p": 0.0})
    images = IMAGES.astype("f4") * 3 - 100
    assert run(never, images, value_range=(0, 255)).tobytes() == images.tobytes()
    some = type(transform)(**transform.get_config() | {"p": 0.5})
    out = run(some, np.tile(images, (8, 1, 1, 1)), value_range=(0, 255))
    same = (out == np.tile(images, (8, 1, 1, 1))).all((1, 2, 3))
    assert 0 < same.sum() < 32


@pytest.mark.parametrize("transform", ALL, ids=IDS)
def test_config(transform):
    again = Pipeline.from_json(Pipeline([transform]).to_json())
    assert again.transforms == (transform,)
    assert again(IMAGES, seed=3).tobytes() == Pipeline([transform])(IMAGES, seed=3).tobytes()


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: RandomPosterization(0), ValueError, "`factor` must be from 1 to 8. Received: factor=0"),
    (lambda: RandomPosterization((1, 9)), ValueError, "`factor` must be from 1 to 8"),
    (lambda: RandomPosterization(2.5), TypeError, "`factor` must be an integer. Received: factor=2.5"),
    (lambda: RandomPosterization((1, 2, 3)), ValueError, "`factor` must be a number or a pair"),
    (lambda: Solarization(1.5), ValueError, "`addition_factor` must be a finite number from 0 to 1"),
    (lambda: Solarization(0, (0, -1)), ValueError, "`threshold_factor` must be a finite number from 0 to 1"),
    (lambda: RandomGamma(0), ValueError, "`gamma` must be a finite number from 0.01 to 100. Received: gamma=0"),
    (lambda: RandomGamma((1, 2, 3)), ValueError, "`gamma` must be a number or a pair"),
    (lambda: Equalization(bins=0), ValueError, "`bins` must be from 1 to 65536"),
    (lambda: Equalization(bins=2.0), TypeError, "`bins` must be an integer"),
    (lambda: AutoContrast((1, 1)), ValueError, "`value_range` must be a pair with low < high"),
    (lambda: RandomInvert(2), ValueError, "`factor` must be a finite number from 0 to 1"),
    (lambda: RandomChannelShift(2), ValueError, "`factor` must be a finite number from -1 to 1"),
    (lambda: RandomColorDegeneration(2), ValueError, "`factor` must be a finite number from -1 to 1"),
    (lambda: RandomColorJitter(hue_factor=2), ValueError, "`hue_factor` must be a finite number.*hue_factor=2"),
    (lambda: GaussianNoise(-1), ValueError, "`stddev` must be a finite number from 0"),
    (lambda: run(RandomGamma(), IMAGES.astype("f4")), ValueError, "RandomGamma.* has to know the range"),
])  # fmt: skip
def test_bad_arguments(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_slices_of_a_volume_have_noise_of_their_own():
    volume = np.full((2, 4, 6, 7, 1), 50.0, "f4")
    out = Pipeline([GaussianNoise(1.0)])(volume, seed=0)
    assert len({image.tobytes() for image in out.reshape(8, 6, 7, 1)}) == 8
