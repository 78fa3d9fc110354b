"""Steps of colour along curves, and noise, of the native pass: against plain NumPy, by tables and by arithmetic."""

import itertools

import numpy as np
import pytest
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_pass import normals, passed
from test_resample import INF, resample

from seqaug import _core

STILL = [1.0, 0, 0, 0, 1.0, 0]
CURVES = ("posterize", "solarize", "power", "stretch", "equalize")
RANGES = [(0.0, 255.0), (0.0, 1.0), (-1.0, 1.0), (-20.0, 300.0)]


def rows(channels=1, **named):
    """The rows of a step: first, second, low, high, fifth, sixth."""
    names = ("first", "second", "low", "high", "fifth", "sixth")
    still = (1.0, 0.0, -INF, INF, 0.0, 0.0)
    given = [np.broadcast_to(named.get(name, value), channels) for name, value in zip(names, still, strict=True)]
    return np.array(given, np.float64)[None]


def both(x, kind, step, **arguments):
    """A step by the pass, and in double."""
    ours = resample(x, STILL, 1, "nearest", (kind,), step, **arguments)
    return ours, passed(x, STILL, 0, "nearest", x.shape[:2], (kind,), step)


@pytest.mark.parametrize("kept", range(1, 9))
@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_posterize_keeps_upper_bits(cpu, kept, dtype):
    x = np.arange(256).astype(dtype).reshape(1, -1, 1)
    ours, expected = both(x, "posterize", rows(first=2.0 ** (8 - kept), low=0, high=255))
    np.testing.assert_array_equal(ours, expected)
    np.testing.assert_array_equal(ours.astype(int) & (2 ** (8 - kept) - 1), 0)
    if dtype == "f4":  # parts are cut off, and what lies outside
        ours, _ = both(
            np.float32([[[-3.0], [15.99], [16.0], [300.0], [np.nan]]]), "posterize", rows(first=16.0, low=0, high=255)
        )
        np.testing.assert_array_equal(ours.ravel(), [0, 0, 16, 240, np.nan])


@pytest.mark.parametrize("value_range", RANGES)
def test_solarize(cpu, value_range):
    low, high = value_range
    x = np.random.default_rng(0).uniform(low - 1, high + 1, (9, 140, 3)).astype("f4")
    bound = np.array([low, (low + high) / 2, INF])
    ours, expected = both(x, "solarize", rows(3, first=bound, second=0.125, low=low, high=high))
    sure = np.abs(x + 0.125 - bound) > 1e-4 * (high - low)
    np.testing.assert_allclose(ours[sure], expected[sure], atol=1e-6 * (high - low))


@pytest.mark.parametrize("gamma", [0.01, 0.2, 0.5, 0.999, 1.0, 1.5, 2.2, 10.0, 1e3])
@pytest.mark.parametrize("value_range", RANGES)
def test_power_is_within_the_bound(cpu, value_range, gamma):
    low, high = value_range
    part = np.concatenate([np.linspace(0, 1, 5000), 2.0 ** -np.linspace(0, 110, 1000), 1 - 2.0 ** -np.arange(1, 25)])
    x = np.clip((low + part * (high - low)).astype("f4"), low, high).reshape(1, -1, 1)
    ours, expected = both(x, "power", rows(first=gamma, low=low, high=high))
    slack = (4e-7 + 1e-7 * gamma) * (high - low) + 2e-7 * max(abs(low), abs(high))
    error = np.abs(ours - expected)
    near = np.abs(x - low) < 1e-6 * abs(low)  # whose own distance from the end is rounded
    assert error[~near].max() < slack
    assert (np.diff(ours[0, :5000, 0]) >= -slack).all()
    ends, _ = both(
        np.float32([[[low], [high], [low - 1], [high + 1], [np.nan]]]), "power", rows(first=gamma, low=low, high=high)
    )
    np.testing.assert_array_equal(ends.ravel(), np.float32([low, high, low, high, np.nan]))
    if gamma == 1.0:
        np.testing.assert_array_equal(ours, x)


@settings(max_examples=100)
@given(st.data())
def test_stretch_and_equalize(cpu, data):
    channels, dtype = data.draw(st.integers(1, 18)), data.draw(st.sampled_from(["u1", "u2", "f4"]))
    low, high = {"u1": (0.0, 255.0), "u2": (0.0, 65535.0), "f4": (-2.0, 3.0)}[dtype]
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    few = np.round(rng.uniform(low, high, (data.draw(st.integers(1, 40)), channels)), 2)
    x = np.take_along_axis(few, rng.integers(0, len(few), (data.draw(st.integers(1, 9)) * 150, channels)), 0)
    x = x.reshape(-1, 150, channels).astype(dtype)
    if data.draw(st.booleans()):
        x = x[:, ::-1]
    ours, expected = both(x, "stretch", rows(channels, low=low, high=high))
    np.testing.assert_allclose(ours, expected, atol=2e-6 * (high - low))
    bins = data.draw(st.sampled_from([1, 2, 7, 256, 1000, 65536]))
    ours, expected = both(x, "equalize", rows(channels, first=bins, low=low, high=high))
    place = (x.astype("f8") - low) * (bins - 1) / (high - low)
    sure = (np.abs(place - np.round(place)) > 1e-3) | (dtype == "u1" and bins == 256)
    if sure.all():
        np.testing.assert_allclose(ours, expected, atol=1e-6 * (high - low))


def test_one_value_is_left_alone(cpu):
    for dtype, value in itertools.product(["u1", "f4"], [0, 7, 255]):
        x = np.full((3, 5, 2), value, dtype)
        x[1, 1, 1] = 9
        for kind in ("stretch", "equalize"):
            ours = resample(x, STILL, 1, "nearest", (kind,), rows(2, first=256, low=0, high=255))
            assert (ours[..., 0] == value).all()
            np.testing.assert_allclose(np.unique(ours[..., 1].round(3)), [0, 255])


@pytest.mark.parametrize("kind", CURVES)
def test_no_range_changes_no_bit(cpu, kind):
    """Channel by channel."""
    x = np.random.default_rng(0).normal(size=(5, 150, 3)).astype("f4") * 300
    x[2, 3] = np.nan
    for low, high in ((-INF, INF), (0, INF), (3, 3), (5, 2), (np.nan, 1), (-3e38, 3e38)):
        step = rows(3, first=4.0, second=3.0, low=[0, low, 0], high=[255, high, 255])
        ours = resample(x, STILL, 1, "nearest", (kind,), step)
        assert ours[..., 1].tobytes() == x[..., 1].tobytes()
        assert (ours[..., 0] != x[..., 0]).any()
    assert resample(x, STILL, 1, "nearest", (kind,), rows(3, first=4.0)).tobytes() == x.tobytes()


@settings(max_examples=100)
@given(st.data())
def test_tables_have_the_bits_of_arithmetic(cpu, data):
    """Bytes that are only moved are looked up; the same values as floats are computed one by one."""
    channels, count = data.draw(st.sampled_from([1, 2, 3, 3, 4, 17])), data.draw(st.integers(1, 3))
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    x = rng.integers(0, 256, (data.draw(st.integers(1, 20)), data.draw(st.integers(1, 300)), channels), np.uint8)
    kinds = tuple(data.draw(st.lists(st.sampled_from(("linear", *CURVES)), min_size=count, max_size=count)))
    colour = np.concatenate([rows(channels, low=0, high=255) for _ in kinds])
    for kind, step in zip(kinds, colour, strict=True):
        step[0] = {"posterize": 32, "equalize": 256, "power": 0.7, "solarize": 100}.get(kind, 1.25)
        step[1] = {"linear": rng.uniform(-9, 9, channels), "solarize": 20}.get(kind, 0)
        step[0] += rng.uniform(0, 2, channels) if kind == "power" else 0
    if kinds[0] == "linear" and data.draw(st.booleans()):
        colour[0, 4] = -0.25  # the mean of whole numbers, which both sum exactly
    turned = x[:, ::-1] if data.draw(st.booleans()) else x.transpose(1, 0, 2)
    if data.draw(st.booleans()):
        turned = np.ascontiguousarray(turned.transpose(2, 0, 1)).transpose(1, 2, 0)
    height, width = turned.shape[:2]
    matrix = data.draw(st.sampled_from([STILL, [1, 0, 0, 0, -1, width - 1], [-1, 0, height - 1, 0, -1, width - 1]]))
    for dtype in ("u1", "f4"):
        call = matrix, 1, "reflect", kinds, colour
        looked_up = resample(turned, *call, dtype=dtype)
        computed = resample(turned.astype("f4"), *call, dtype=dtype)
        assert looked_up.tobytes() == computed.tobytes()


def test_every_table(cpu):
    """All that bytes may become, by each width of the look-up, in one channel and in three."""
    rng = np.random.default_rng(0)
    for channels, width in itertools.product((1, 3), (1, 31, 32, 33, 127, 128, 129, 300)):
        x = rng.integers(0, 256, (7, width, channels), np.uint8)
        step = rows(channels, first=rng.uniform(-1, 1, channels), second=rng.uniform(0, 255, channels))
        ours = resample(x, STILL, 1, "nearest", ("linear",), step, dtype="u1")
        expected = np.clip(x * step[0, 0].astype("f4") + step[0, 1].astype("f4"), 0, 255)
        np.testing.assert_array_equal(ours, np.floor(expected + np.float32(0.5)))


def test_means_behind_a_curve(cpu):
    x = np.random.default_rng(0).integers(0, 256, (20, 150, 3), np.uint8)
    kinds = ("solarize", "linear")
    colour = np.concatenate([rows(3, first=99, low=0, high=255), rows(3, first=2.0, low=0, high=255, fifth=-1.0)])
    expected = passed(x, STILL, 0, "nearest", x.shape[:2], kinds, colour)
    for dtype in ("u1", "f4"):
        ours = resample(x.astype(dtype), STILL, 1, "nearest", kinds, colour)
        np.testing.assert_allclose(ours, expected, atol=2e-4)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 5, 1), (7, 300, 3), (5, 131, 4), (3, 140, 20)])
def test_noise_is_the_inverse_of_the_normal_distribution(cpu, shape):
    key = np.array([123456789, 4294967295.0])
    step = rows(shape[2], second=1.0, fifth=key[0], sixth=key[1])
    ours = resample(np.zeros(shape, "f4"), STILL, 1, "nearest", ("noise",), step)
    np.testing.assert_allclose(ours, normals(key, shape), atol=4.6e-5)


def test_noise_does_not_depend_on_where_chunks_begin(cpu):
    """Under a border rule with jumps a row is cut where the picture ends; what is outside has noise, too."""
    step = rows(3, second=[1.0, 2.0, 0.5], low=-2, high=9, fifth=7, sixth=8)
    whole = resample(np.full((9, 290, 3), 3.0, "f4"), STILL, 1, "nearest", ("noise",), step)
    moved = resample(
        np.full((9, 290, 3), 3.0, "f4"), [1, 0, 2.5, 0, 1, -37.25], 1, "constant", ("noise",), step, fill=3.0
    )
    assert moved.tobytes() == whole.tobytes()
    before = resample(
        np.full((9, 290, 3), 3.0, "f4"), [1, 0, 2.5, 0, 1, -37.25], 1, "constant", ("noise",), step, 3.0, 1
    )
    assert (before[:, :30] == 3).all()


def test_noise_is_normal(cpu):
    step = rows(3, second=1.0, fifth=1, sixth=2)
    ours = resample(np.zeros((400, 400, 3), "f4"), STILL, 1, "nearest", ("noise",), step).astype("f8")
    assert scipy.stats.kstest(ours.ravel(), "norm").pvalue > 1e-3
    assert abs(ours.mean()) < 0.005
    assert abs(ours.var() - 1) < 0.01
    flat = ours.reshape(-1)
    for lag in (1, 2, 3, 8, 64, 1200):
        assert abs(np.mean(flat[lag:] * flat[:-lag])) < 0.006


@pytest.mark.parametrize("bins", [0.0, -1.0, 65537.0, np.nan])
def test_bins_that_are_refused(bins):
    with pytest.raises(ValueError, match="step of colour"):
        resample(np.zeros((4, 4, 3), "u1"), STILL, 1, "nearest", ("equalize",), rows(3, first=bins, low=0, high=255))
    assert _core.MOST_BINS == 65536


@pytest.mark.parametrize("kind", [*CURVES, "noise"])
def test_odd_numbers_do_no_harm(cpu, kind):
    odd = [np.nan, INF, -INF, 0.0, -1.0, 1e300, 5e-324, 3e38]
    x = np.array([np.nan, INF, -INF, 0.0, -1.0, 3e38, 1e-44, 200.0] * 20, "f4").reshape(1, -1, 2)
    for numbers in itertools.product(odd, odd, (0.0, -1e300), (1.0, 1e300)):
        first, second, low, high = numbers
        first = 256 if kind == "equalize" else first
        resample(x, STILL, 1, "nearest", (kind,), rows(2, first=first, second=second, low=low, high=high, fifth=second))
