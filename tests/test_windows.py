"""What crops show of a picture: the native windows against the same rules written for one picture at a time."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqaug import _core

SIZES = st.integers(1, 60) | st.integers(1, 5000)
UNITS = st.floats(0, 1, exclude_max=True) | st.sampled_from([0.0, 0.5, 1 - 2.0**-53])


def exp(x):
    out = np.empty(1)
    _core.exp(np.float64([x]), out)
    return float(out[0])


def log(x):
    out = np.empty(1)
    _core.log(np.float64([x]), out)
    return float(out[0])


def window_of(numbers, height, width, scale, ratio):
    """Of `torchvision.transforms.RandomResizedCrop.get_params`, with these numbers for its draws."""
    low, high = map(log, ratio)
    for area, shape in zip(numbers[2::2], numbers[3::2], strict=True):
        area = height * width * (scale[0] + (scale[1] - scale[0]) * area)
        by = exp(low + (high - low) * shape)
        wide, tall = round(math.sqrt(area * by)), round(math.sqrt(area / by))
        if 0 < wide <= width and 0 < tall <= height:
            return math.floor(numbers[0] * (height - tall + 1)), math.floor(numbers[1] * (width - wide + 1)), tall, wide
    tall, wide = height, width
    if width / height < ratio[0]:
        tall = min(max(round(width / ratio[0]), 1), height)
    elif width / height > ratio[1]:
        wide = min(max(round(height * ratio[1]), 1), width)
    return (height - tall) // 2, (width - wide) // 2, tall, wide


def pairs(low, high):
    return st.tuples(st.floats(low, high), st.floats(low, high)).map(lambda pair: tuple(sorted(pair)))


@settings(max_examples=300)
@given(st.data())
def test_random_windows(data):
    count, tries = data.draw(st.integers(1, 5)), data.draw(st.integers(0, 4))
    sizes = data.draw(st.lists(st.tuples(SIZES, SIZES), min_size=count, max_size=count))
    row = st.lists(UNITS, min_size=2 + 2 * tries, max_size=2 + 2 * tries)
    numbers = np.array(data.draw(st.lists(row, min_size=count, max_size=count)))
    scale, ratio = data.draw(pairs(0.01, 1)), data.draw(pairs(0.1, 10))
    found = np.full((count, 4), np.nan)
    heights, widths = np.float64(sizes).T.copy()
    _core.random_windows(numbers, heights, widths, scale, ratio, found)
    expected = [window_of(n, *size, scale, ratio) for n, size in zip(numbers.tolist(), sizes, strict=True)]
    np.testing.assert_array_equal(found, expected)
    assert ((found[:, :2] >= 0) & (found[:, 2:] >= 1) & (found[:, :2] + found[:, 2:] <= np.float64(sizes))).all()


def test_window_without_tries_is_the_earlier_middle():
    """A window of one row in four can be in the second or third; the number that keeps a half out takes the second."""
    found = np.empty((1, 4))
    _core.random_windows(np.full((1, 2), 0.9), np.float64([4]), np.float64([1]), (1.0, 1.0), (1.0, 1.0), found)
    assert found.tolist() == [[1, 0, 1, 1]]


def upright(data):
    """A map without slant, of eighths and now and then a hair beside them, and the size of its output."""
    size = data.draw(st.tuples(st.integers(1, 50), st.integers(1, 50)))
    steps = [data.draw(st.sampled_from([1, -1, 2, 1.5, 0.125, -0.25, 3])) for _ in range(2)]
    edges = [data.draw(st.integers(-2, 40)) + data.draw(st.sampled_from([0, 0, 0, 0.25, 1e-7, 1e-5])) for _ in range(2)]
    begins = [edge + 0.5 * step - 0.5 for edge, step in zip(edges, steps, strict=True)]
    if data.draw(st.booleans()):
        return [steps[0], 0, begins[0], 0, steps[1], begins[1]], size
    return [0, steps[0], begins[0], steps[1], 0, begins[1]], size


def narrowed(matrix, size, window):
    """Returns what is seen of a window, if that is whole pixels of it, or else the window; and where it begins."""
    rows = [Fraction(v) for v in matrix]
    if any(matrix[k] for k in (1, 3)) and any(matrix[k] for k in (0, 4)):
        return window, (0, 0)
    seen = []
    for m, extent in zip((rows[:3], rows[3:]), window[2:], strict=True):
        ends = sorted(
            m[2] + y * m[0] + x * m[1] + Fraction(1, 2)
            for y, x in ((Fraction(-1, 2),) * 2, [Fraction(2 * n - 1, 2) for n in size])
        )
        whole = [round(end) for end in ends]
        if whole[0] < 0 or whole[1] > extent or any(abs(a - b) > 1e-6 for a, b in zip(ends, whole, strict=True)):
            return window, (0, 0)
        seen.append(whole)
    (top, bottom), (left, right) = seen
    return [window[0] + top, window[1] + left, bottom - top, right - left], (top, left)


@settings(max_examples=300)
@given(st.data())
def test_narrow(data):
    jobs = [upright(data) for _ in range(data.draw(st.integers(1, 4)))]
    jobs += [([1, 0.5, 0, -0.5, 1, 0], (3, 3))] * data.draw(st.integers(0, 1))
    maps, sizes = np.float64([matrix for matrix, _ in jobs]), np.float64([size for _, size in jobs])
    windows = np.float64([[data.draw(st.integers(0, 9)) for _ in range(2)] + [40, 50] for _ in jobs])
    expected = [narrowed(m, size, w) for (m, size), w in zip(jobs, windows.tolist(), strict=True)]
    after = maps.copy()
    after[:, [2, 5]] -= [place for _, place in expected]
    _core.narrow(maps, *sizes.T.copy(), windows)
    np.testing.assert_array_equal(windows, [window for window, _ in expected])
    np.testing.assert_array_equal(maps, after)


@pytest.mark.parametrize("beside", [0, 1e-7, -1e-7, 1e-5, -1e-5])
@pytest.mark.parametrize("place", [2, 5])
def test_narrow_allows_for_rounding(place, beside):
    maps, windows = np.float64([[1, 0, 3, 0, 1, 5]]), np.float64([[0, 0, 20, 20]])
    maps[0, place] += beside
    _core.narrow(maps, np.float64([4]), np.float64([6]), windows)
    assert windows.tolist() == ([[3, 5, 4, 6]] if abs(beside) < 1e-6 else [[0, 0, 20, 20]])


@settings(max_examples=300)
@given(st.data())
def test_reduce(data):
    """The map from the smaller picture shows the same edges, shrinks no more, and by less than a pixel's worth."""
    count, least = data.draw(st.integers(1, 4)), data.draw(st.sampled_from([1.0, 2.0]))
    maps, windows = np.zeros((count, 6)), np.zeros((count, 4))
    across = [data.draw(st.booleans()) for _ in range(count)]
    for i in range(count):
        before = data.draw(st.tuples(st.integers(1, 900), st.integers(1, 900)))
        factors = [data.draw(st.sampled_from([0.5, 1, 2, 2.5, 4, 3]) | st.floats(0.3, 9)) for _ in range(2)]
        windows[i] = [data.draw(st.integers(0, 9)), data.draw(st.integers(0, 9)), *before]
        for axis in range(2):
            sign = data.draw(st.sampled_from([1, -1]))
            maps[i, 3 * axis + (1 - axis if across[i] else axis)] = sign * factors[axis]
            maps[i, 3 * axis + 2] = data.draw(st.integers(-3, 30)) + 0.5 * sign * factors[axis] - 0.5
    before = maps.copy()
    sizes = np.full((count, 2), -1)
    found = _core.reduce(maps, windows, least, sizes)
    along = np.abs(before[:, [0, 4]]) + np.abs(before[:, [1, 3]])
    wanted = (along > least + 1e-9).any(axis=1)
    assert found == wanted.sum()
    np.testing.assert_array_equal(sizes[~wanted], 0)
    np.testing.assert_array_equal(maps[~wanted], before[~wanted])
    for i in np.flatnonzero(wanted):
        exact = windows[i, 2:] / np.maximum(along[i], 1)
        assert ((sizes[i] > exact - 1e-6) & (sizes[i] < exact + 1)).all()
        ratio = sizes[i] / windows[i, 2:]
        lines = before[i].reshape(2, 3) * ratio[:, None]
        lines[:, 2] += 0.5 * ratio - 0.5
        np.testing.assert_allclose(maps[i].reshape(2, 3), lines, rtol=0, atol=1e-9)
        assert (np.abs(maps[i].reshape(2, 3)[:, :2]).sum(axis=1) <= np.maximum(1, ratio * along[i]) + 1e-9).all()


def test_a_plain_resize_is_exact():
    """Sizes are those of the result, whatever was rounded on the way, and nothing is left for the map to do."""
    after = np.stack([np.arange(1, 1000), np.arange(1, 1000)[::-1]], axis=1)
    before = after + 1234
    ratio = before / after
    maps, windows = np.zeros((len(after), 6)), np.concatenate([np.zeros_like(before), before], axis=1).astype(float)
    maps[:, ::4], maps[:, 2::3] = ratio, 0.5 * ratio - 0.5
    sizes = np.empty_like(after)
    assert (before / ratio != after).any()
    assert _core.reduce(maps, windows, 1.0, sizes) == len(after)
    np.testing.assert_array_equal(sizes, after)
    np.testing.assert_array_equal(maps, np.tile([1, 0, 0, 0, 1, 0], (len(after), 1)))


def test_arrays_that_do_not_fit():
    maps, windows, sizes, one = np.zeros((2, 6)), np.zeros((2, 4)), np.zeros((2, 2), np.int64), np.ones(2)
    for wrong in [
        lambda: _core.random_windows(np.zeros((3, 4)), one, one, (1, 1), (1, 1), windows),
        lambda: _core.random_windows(np.zeros((2, 4)), one[:1], one, (1, 1), (1, 1), windows),
        lambda: _core.narrow(maps[:1], one, one, windows),
        lambda: _core.narrow(maps, one, one[:1], windows),
        lambda: _core.reduce(maps, windows[:1], 1.0, sizes),
        lambda: _core.reduce(maps, windows, 1.0, sizes[:1]),
    ]:
        with pytest.raises(ValueError, match="one length"):
            wrong()
    for wrong in [
        lambda: _core.random_windows(np.zeros((2, 3)), one, one, (1, 1), (1, 1), windows),
        lambda: _core.random_windows(np.zeros((2, 0)), one, one, (1, 1), (1, 1), windows),
        lambda: _core.random_windows(np.zeros((2, 4)), one, one, (1, 1), (1, 1), maps),
        lambda: _core.narrow(np.zeros((2, 9)), one, one, windows),
        lambda: _core.narrow(maps, one, one, maps),
        lambda: _core.reduce(np.zeros((2, 9)), windows, 1.0, sizes),
        lambda: _core.reduce(maps, maps, 1.0, sizes),
        lambda: _core.reduce(maps, windows, 1.0, np.zeros((2, 3), np.int64)),
    ]:
        with pytest.raises(ValueError, match="numbers in each"):
            wrong()


def test_no_pictures():
    none = np.zeros((0, 6)), np.zeros((0, 4))
    _core.random_windows(np.zeros((0, 4)), np.zeros(0), np.zeros(0), (1, 1), (1, 1), none[1])
    _core.narrow(none[0], np.zeros(0), np.zeros(0), none[1])
    assert _core.reduce(*none, 1.0, np.zeros((0, 2), np.int64)) == 0
