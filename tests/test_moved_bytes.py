"""Bytes that are only moved and change colour: computed eight and more at once, with the bits of the plain loops."""

import numpy as np
import pytest
from common import bits, guarded
from hypothesis import given, settings
from hypothesis import strategies as st
from test_resample import INF, resample
from test_upright import by_every_variant, noise

from seqaug import _core

WIDTHS = st.integers(1, 40) | st.integers(90, 300)
NUMBERS = st.sampled_from([0.0, 1.0, 0.5, -1.0, 1.5, 255.0, 127.5, -0.5, 1e8, 3e38, -3e38, INF]) | st.floats(-300, 300)
ENDS = st.sampled_from(
    [(0.0, 255.0), (0.0, 255.0), (-INF, INF), (-3.5, 300.0), (10.0, 200.0), (0.0, 254.5), (0.5, INF)]
)


@st.composite
def lines(draw, channels):
    """One to three steps that scale, move and cut, some by the mean."""
    count = draw(st.integers(1, 3))
    rows = np.zeros((count, 6, channels))
    for row in rows:
        alike = draw(st.booleans())
        for channel in range(channels):
            if channel == 0 or not alike:
                numbers = draw(NUMBERS), draw(NUMBERS), *draw(ENDS), draw(st.sampled_from([0.0, 0.0, 0.4]))
            row[:5, channel] = numbers
    return ("linear",) * count, rows


def moved(data, shape):
    """A map that mirrors, or shows a part."""
    down, along = data.draw(st.sampled_from([1, -1])), data.draw(st.sampled_from([1, -1]))
    size = data.draw(st.integers(1, shape[0])), data.draw(st.integers(1, shape[1]))
    top, left = (data.draw(st.integers(0, shape[axis] - size[axis])) for axis in range(2))
    first = top + (size[0] - 1) * (down < 0), left + (size[1] - 1) * (along < 0)
    return [down, 0, first[0], 0, along, first[1]], size


def check(data, x, kinds, colour):
    matrix, size = moved(data, x.shape[:2])
    dtype = data.draw(st.sampled_from(["u1", "u1", "f4"]))
    results = by_every_variant(x, matrix, 1, "nearest", kinds, colour, size=size, dtype=dtype)
    assert len({bits(result) for result in results}) == 1


@settings(max_examples=500)
@given(st.data())
def test_lines(data):
    x = noise(data, data.draw(st.tuples(st.integers(1, 12), WIDTHS, st.sampled_from([1, 2, 3, 3, 3, 4, 5]))))
    check(data, x, *data.draw(lines(x.shape[2])))


@settings(max_examples=300)
@given(st.data())
def test_gray(data):
    x = noise(data, data.draw(st.tuples(st.integers(1, 12), WIDTHS, st.just(3))))
    row = [data.draw(st.sampled_from([0.299, 1 / 3, 0.587, -1.0, 3e38]) | st.floats(-2, 2)) for _ in range(3)]
    colour = np.zeros((1, 6, 3))
    colour[0, [0, 4, 5]], colour[0, 1] = row, data.draw(st.sampled_from([0.0, 0.5]) | st.floats(-300, 300))
    colour[0, 2], colour[0, 3] = data.draw(ENDS)
    check(data, x, ("mix",), colour)


def test_every_colour_made_gray(cpu):
    """Sums of floats, in this order, rounded half up."""
    x = np.indices((256, 256, 256), np.uint8).reshape(3, 4096, 4096).transpose(1, 2, 0)[::7].copy()
    colour = np.zeros((1, 6, 3))
    weights = np.float32([0.2989, 0.587, 0.114])
    colour[0, [0, 4, 5]], colour[0, 2], colour[0, 3] = weights, -INF, INF
    ours = resample(x, [1, 0, 0, 0, 1, 0], 1, "nearest", ("mix",), colour, dtype="u1")
    r, g, b = np.moveaxis(x.astype("f4"), -1, 0) * weights[:, None, None]
    gray = (np.clip((r + g) + b, 0, 255) + np.float32(0.5)).astype("u1")
    np.testing.assert_array_equal(ours, np.repeat(gray[..., None], 3, -1))


@pytest.mark.parametrize("at_end", [True, False])
@pytest.mark.parametrize("kind", ["linear", "mix"])
@pytest.mark.parametrize("dtype", ["u1", "f4"])
@pytest.mark.parametrize("width", [1, 7, 8, 9, 10, 11, 31, 32, 33, 97])
def test_stays_inside(width, dtype, kind, at_end):
    x = guarded(np.full((2, width, 3), 5, "u1"), at_end)
    out = guarded(np.zeros((1, 2, width, 3), dtype), at_end)
    colour = np.zeros((1, 1, 6, 3))
    colour[0, 0, 0], colour[0, 0, 3] = 1.0, 255.0
    if kind == "mix":
        colour[0, 0, 4:] = 1.0
    else:
        colour[0, 0, 1] = 2.0
    fills, order = np.zeros((1, 3)), np.ones(1, "u1")
    _core.resample([x], out, np.float64([[1, 0, 0, 0, 1, 0]]), order, "nearest", (kind,), colour, fills, 0, None)
    assert (out == (15 if kind == "mix" else 7)).all()


@pytest.mark.parametrize("number", [1e6, 1e7, 1e8, -1e8, 1e12, 3e38, -3e38, INF, -INF, np.nan])
@pytest.mark.parametrize("kind", ["linear", "mix"])
@pytest.mark.parametrize("row", [0, 1])
def test_beyond_whole_numbers(row, kind, number):
    x = np.random.default_rng(0).integers(0, 256, (3, 99, 3), np.uint8)
    colour = np.zeros((1, 6, 3))
    colour[0, [0, 4, 5]] = 1 / 3 if kind == "mix" else np.array([[1.0], [0], [0]])
    colour[0, row], colour[0, 3] = number, 255.0
    results = by_every_variant(x, [1, 0, 0, 0, 1, 0], 1, "nearest", (kind,), colour, dtype="u1")
    assert len({bits(result) for result in results}) == 1


@pytest.mark.parametrize("ends", [(-255.0, 255.0), (-1e6, 1e6), (-INF, INF), (1e7, 2e7), (-2e7, -1e7), (0.0, 1e9)])
@pytest.mark.parametrize("number", [1e-6, 300.0, 1e6, 1e8, -1e8, 3e38, INF, np.nan])
@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("channels", [1, 3])
def test_beyond_whole_numbers_in_two_steps(channels, row, number, ends):
    x = np.random.default_rng(0).integers(0, 256, (3, 99, channels), np.uint8)
    colour = np.zeros((2, 6, channels))
    colour[0, 0], colour[0, 2], colour[0, 3] = 1.0, *ends
    colour[0, row], colour[1, 0], colour[1, 3] = number, 255.0, 255.0
    colour[0, :4, 1:], colour[1, 0, 1:] = np.array([[1.3], [7.0], [0.0], [255.0]]), 0.7  # which is no table of halves
    results = by_every_variant(x, [1, 0, 0, 0, 1, 0], 1, "nearest", ("linear", "linear"), colour, dtype="u1")
    assert len({bits(result) for result in results}) == 1
