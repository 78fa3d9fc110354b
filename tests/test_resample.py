"""The pass of the pipeline by itself: colour steps, the frame, means, memory at its limits."""

import sys

import numpy as np
import pytest
from common import DTYPES, bits, guarded, laid_out, pixels, scipy_affine
from hypothesis import given, settings
from hypothesis import strategies as st

from seqaug import _core
from seqaug.buffers import readable

SIZES = st.integers(1, 40)
LINEAR = st.sampled_from([1.0, -1.0, 0.5, 2.0, 0.0]) | st.floats(-3, 3)
MATRICES = st.tuples(LINEAR, LINEAR, st.floats(-60, 60), LINEAR, LINEAR, st.floats(-60, 60)).map(np.array)
INF = np.inf


def resample(x, matrix, order, border, colour=None, fill=0.0, size=None, dtype="f8"):
    """One image through the pass; `colour` is (steps, 4, channels)."""
    channels = x.shape[2]
    out = np.empty((1, *(size or x.shape[:2]), channels), dtype)
    fills = np.broadcast_to(np.float64(fill), (1, channels)).copy()
    steps = None if colour is None else np.ascontiguousarray(colour, np.float64)[None]
    _core.resample([x], out, np.array([matrix], np.float64), np.array([order], np.uint8), border, steps, fills)
    return out[0]


def stepped(value, colour):
    """The steps by hand; a NaN passes the cuts."""
    with np.errstate(invalid="ignore", over="ignore"):
        for scale, offset, low, high in colour:
            value = value * scale + offset
            value = np.where(value < low, low, value)
            value = np.where(value > high, high, value)
    return value


@st.composite
def steps(draw, channels):
    """1 to 4 steps with other numbers in each channel, cut on either, both or no side."""
    count = draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    colour = np.empty((count, 4, channels))
    colour[:, 0], colour[:, 1] = rng.normal(size=(count, channels)), rng.normal(size=(count, channels)) * 50
    ends = np.sort(rng.normal(size=(count, 2, channels)) * 100, axis=1)
    colour[:, 2] = np.where(rng.random((count, channels)) < 0.3, -INF, ends[:, 0])
    colour[:, 3] = np.where(rng.random((count, channels)) < 0.3, INF, ends[:, 1])
    return colour


@settings(max_examples=400)
@given(st.data())
def test_colour_steps(cpu, data):
    """After SciPy's sampling, in double and in order, channel by channel; the fill takes no step."""
    shape = data.draw(st.tuples(SIZES, st.integers(1, 150), st.integers(1, 19)))
    x = readable(data.draw(laid_out(data.draw(pixels(shape)))))
    matrix, order = data.draw(MATRICES), data.draw(st.integers(0, 1))
    border = data.draw(st.sampled_from(_core.BORDERS[:4]))
    colour = data.draw(steps(shape[2]))
    ours = resample(x, matrix, order, border, colour, fill=np.arange(shape[2]) + 0.5)
    if order == 1 and (matrix == np.round(matrix)).all():
        order = 0  # pixels onto pixels are moved
    sampled = scipy_affine(x.astype("f8"), matrix, order, border, 0.0)
    outside = scipy_affine(np.zeros(shape), matrix, 0, border, 1.0) == 1.0
    expected = np.where(outside, np.arange(shape[2]) + 0.5, stepped(sampled, colour))
    assert bits(ours + 0.0) == bits(expected + 0.0)


def test_odd_values_pass_the_steps(cpu):
    x = np.array([np.nan, INF, -INF, 5.0, -5.0, 0.0]).reshape(1, 6, 1)
    for order in (0, 1):
        clipped = resample(x, [1, 0, 0, 0, 1, 0], order, "nearest", [[[2.0], [1.0], [-3.0], [7.0]]])
        np.testing.assert_array_equal(clipped.reshape(-1), [np.nan, 7, -3, 7, -3, 1])
        free = resample(x, [1, 0, 0, 0, 1, 0], order, "nearest", [[[2.0], [1.0], [-INF], [INF]]])
        np.testing.assert_array_equal(free.reshape(-1), [np.nan, INF, -INF, 11, -9, 1])
        nothing = resample(x, [1, 0, 0, 0, 1, 0], order, "nearest", [[[0.0], [1.0], [0.0], [9.0]]] * 2)
        np.testing.assert_array_equal(nothing.reshape(-1), [np.nan, np.nan, np.nan, 1, 1, 1])


def framed(x, matrix, order, fill, size):
    """The picture goes on for half a pixel, and then there is the fill."""
    rows, columns = np.indices(size)
    y = (matrix[2] + rows * matrix[0]) + columns * matrix[1]
    z = (matrix[5] + rows * matrix[3]) + columns * matrix[4]
    inside = (y >= -0.5) & (y <= x.shape[0] - 0.5) & (z >= -0.5) & (z <= x.shape[1] - 0.5)
    sampled = scipy_affine(x.astype("f8"), matrix, order, "nearest", 0.0, size)
    return np.where(inside[..., None], sampled, fill)


@settings(max_examples=300)
@given(st.data())
def test_frame(cpu, data):
    shape = data.draw(st.tuples(SIZES, st.integers(1, 100), st.integers(1, 5)))
    x = data.draw(pixels(shape, data.draw(st.sampled_from(DTYPES[:-2]))))
    matrix, order = data.draw(MATRICES), data.draw(st.integers(0, 1))
    size = data.draw(st.tuples(SIZES, st.integers(1, 100)))
    ours = resample(x, matrix, order, "frame", fill=-7.25, size=size)
    np.testing.assert_array_equal(ours, framed(x, matrix, order, -7.25, size))


@pytest.mark.parametrize("order", [0, 1])
def test_frame_a_hair_beside_its_edges(cpu, order):
    x = np.arange(1.0, 13.0).reshape(3, 4, 1)
    for edge, axis in ((-0.5, 0), (2.5, 0), (-0.5, 1), (3.5, 1)):
        for start in (edge, np.nextafter(edge, INF), np.nextafter(edge, -INF)):
            matrix = np.array([0.0, 0, 1.0, 0, 0, 1.0])
            matrix[3 * axis + 2] = start
            ours = resample(x, matrix, order, "frame", fill=99.0)
            np.testing.assert_array_equal(ours, framed(x, matrix, order, 99.0, (3, 4)))
            assert (ours == 99).all() == (start < -0.5 or start > edge >= 0)


@settings(max_examples=300)
@given(st.data())
def test_means(data):
    shape = data.draw(st.tuples(SIZES, SIZES, st.integers(1, 9)))
    x = readable(data.draw(laid_out(data.draw(pixels(shape)))))
    out = np.empty(shape[2])
    _core.means(x, out)
    with np.errstate(invalid="ignore", over="ignore"):
        expected = x.astype("f8").mean((0, 1))
        scale = np.abs(x.astype("f8")).mean((0, 1))
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-13 * np.nan_to_num(scale, posinf=0).max())


@pytest.mark.parametrize("size", [(37, 41), (3, 7), (49, 11)])
def test_means_are_sums_of_rows(size):
    """The documented order, which every machine and variant keeps to."""
    x = np.random.default_rng(0).normal(size=(*size, 20)) * 1e3
    out = np.empty(20)
    _core.means(x, out)
    for channel in range(20):
        total = 0.0
        for row in x[:, :, channel].tolist():
            part = 0.0
            for value in row:
                part += value
            total += part
        assert out[channel] == total / (size[0] * size[1])


@pytest.mark.parametrize(("x", "places", "message"), [
    (np.ones((2, 3, 4)), 3, "one place per channel"),
    (np.ones((2, 3, 0)), 0, "one place per channel"),
    (np.ones((0, 3, 4)), 4, "an extent is 0"),
    (np.ones((2, 0, 4)), 4, "an extent is 0"),
    (np.ones((2, 3)), 3, "rank 3"),
    (np.ones((2, 3, 4), "f2"), 4, "native byte order"),
])  # fmt: skip
def test_bad_means_are_refused(x, places, message):
    with pytest.raises((ValueError, TypeError), match=message):
        _core.means(x, np.empty(places))


@pytest.mark.parametrize("colour", [(2, 1, 4, 3), (1, 1, 3, 3), (1, 1, 4, 2), (1, 1, 4, 4)])
def test_bad_steps_are_refused(colour):
    call = [np.ones((4, 4, 3))], np.empty((1, 4, 4, 3)), np.ones((1, 6)), np.ones(1, np.uint8), "nearest"
    with pytest.raises(ValueError, match="colour steps of four rows per image and channel"):
        _core.resample(*call, np.ones(colour), np.zeros((1, 3)))


@pytest.mark.skipif(sys.platform != "linux", reason="page protection is asked for by Linux's call")
@pytest.mark.parametrize("at_end", [True, False])
@settings(max_examples=200)
@given(st.data())
def test_stays_inside(cpu, at_end, data):
    """Source, target, steps and means end where memory does: one element too far would end the process."""
    shape = data.draw(st.tuples(st.integers(1, 12), st.integers(1, 70), st.integers(1, 18)))
    x = guarded(np.ones(shape, data.draw(st.sampled_from(DTYPES))), at_end)
    size, count = data.draw(st.tuples(st.integers(1, 12), st.integers(1, 140))), data.draw(st.integers(1, 3))
    target = guarded(np.zeros((1, *size, shape[2]), data.draw(st.sampled_from(["f4", "u1"]))), at_end)
    colour = guarded(np.tile(np.float64([1, 1, -INF, INF])[:, None], (1, count, 1, shape[2])), at_end)
    fill = guarded(np.ones((1, shape[2])), at_end)
    matrix = guarded(data.draw(MATRICES)[None], at_end)
    border = data.draw(st.sampled_from(_core.BORDERS))
    _core.resample([x], target, matrix, guarded(np.ones(1, "u1"), at_end), border, colour, fill)
    if x.dtype != "?":  # SciPy's sum of weights may be a hair below 1, and a fill is 1 as it stands
        assert (np.isclose(target, 1 + count) | ((target == 1) & (border in ("constant", "frame")))).all()
    means = guarded(np.zeros(shape[2]), at_end)
    _core.means(x, means)
    assert (means == 1).all()
