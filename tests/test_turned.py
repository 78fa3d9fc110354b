"""Pictures that are turned a little, of which neighbouring pixels come from the same few rows, and some that are turned
by more: the bits of the general samplers, and no byte from outside."""

import math
import sys

import numpy as np
import pytest
from common import bits, every_cpu, guarded
from hypothesis import given, settings
from hypothesis import strategies as st
from test_resample import INF, close, resample, sampled
from test_upright import by_every_variant, noise

from seqaug import _core

SIDES = st.integers(1, 14) | st.integers(20, 300)
# Along an output row, how far a column goes down and to the side: about the bounds of what is read at once, too.
DOWN = st.floats(-0.4, 0.4) | st.sampled_from([sign * 2 / 7 + hair for sign in (-1, 1) for hair in (-1e-3, 0, 1e-3)])
ALONG = st.floats(-1.3, 1.3) | st.sampled_from([sign * 8 / 7 + hair for sign in (-1, 1) for hair in (-1e-3, 0, 1e-3)])
BORDERS = st.sampled_from(["nearest", "nearest", "reflect", "constant", "wrap"])
CHANNELS = st.sampled_from([3, 3, 3, 4, 1])


@st.composite
def turned(draw, shape, size):
    """A map whose output's middle shows some place of the source, which may be beyond its edges."""
    down = [draw(st.floats(-1.5, 1.5)), draw(DOWN)]
    along = [draw(st.floats(-0.6, 0.6)), draw(ALONG | st.floats(-3, 3))]
    place = [draw(st.floats(-0.2, 1.2)) * (extent - 1) for extent in shape[:2]]
    middle = [(extent - 1) / 2 for extent in size]
    matrix = []
    for row, at in zip((down, along), place, strict=True):
        matrix += [*row, at - row[0] * middle[0] - row[1] * middle[1]]
    return np.array(matrix)


@settings(max_examples=600)
@given(st.data())
def test_variants_give_the_same_bits(data):
    shape = data.draw(st.tuples(SIDES, SIDES, CHANNELS))
    x = noise(data, shape)
    x = x.astype("f4") if data.draw(st.booleans()) else x
    x = x[::-1] if data.draw(st.booleans()) else x
    size = data.draw(st.tuples(st.integers(1, 30), SIDES))
    colour = np.tile(np.float64([1 / 255, 0.25, -INF, INF, 0, 0])[:, None], (1, 1, shape[2]))
    kinds, colour = data.draw(st.sampled_from([((), None), (("linear",), colour)]))
    call = x, data.draw(turned(shape, size)), 1, data.draw(BORDERS), kinds, colour, 3.5, 0
    results = by_every_variant(*call, size=size, dtype=data.draw(st.sampled_from(["f4", "u1"])))
    assert len({bits(result) for result in results}) == 1


@settings(max_examples=200)
@given(st.data())
def test_samples_are_within_the_bound(cpu, data):
    shape, size = data.draw(st.tuples(SIDES, SIDES, CHANNELS)), data.draw(st.tuples(st.integers(1, 30), SIDES))
    x, matrix = noise(data, shape), data.draw(turned(shape, size))
    expected, _ = sampled(x, matrix, 1, "nearest", size)
    close(resample(x, matrix, 1, "nearest", size=size), expected, 255)


@pytest.mark.parametrize("degrees", [0, 1, 15, 16.6, 30, 45, 90, 135, 165, 179, 180])
@pytest.mark.parametrize("mirrored", [1, -1])
def test_every_turn(degrees, mirrored):
    x = np.random.default_rng(0).integers(0, 256, (97, 131, 3), np.uint8)
    sine, cosine = math.sin(math.radians(degrees)), math.cos(math.radians(degrees))
    y, x0 = 48.0, 65.0
    matrix = [cosine, sine * mirrored, 0, -sine, cosine * mirrored, 0]
    matrix[2], matrix[5] = y - matrix[0] * y - matrix[1] * x0, x0 - matrix[3] * y - matrix[4] * x0
    results = by_every_variant(x, matrix, 1, "nearest")
    assert len({bits(result) for result in results}) == 1
    close(results[0], sampled(x, np.array(matrix), 1, "nearest", x.shape[:2])[0], 255)


@pytest.mark.parametrize("down", [0, 0.28, 0.2856, 0.2858, 0.29, 0.33, 0.43])
@pytest.mark.parametrize("along", [0.3, 1, 1.14, 1.1427, 1.1429, 1.15, 1.2, 1.28, 1.3])
def test_about_the_bounds_of_what_is_read_at_once(down, along):
    x = np.random.default_rng(1).integers(0, 256, (150, 400, 3), np.uint8)
    for one, other in [(down, along), (-down, along), (down, -along), (-down, -along)]:
        matrix = [0.9, one, 75 - 144 * one, -0.2, other, 200 - 144 * other]
        results = by_every_variant(x, matrix, 1, "nearest", size=(40, 288))
        assert len({bits(result) for result in results}) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="page protection is asked for by Linux's call")
@pytest.mark.parametrize("at_end", [True, False])
@settings(max_examples=500)
@given(st.data())
def test_stays_inside(at_end, data):
    """Where a picture has few rows or columns, what is read at once must not begin so late that it ends outside."""
    shape = data.draw(st.tuples(st.integers(1, 14), st.integers(1, 14) | st.integers(20, 60), CHANNELS))
    x = guarded(np.ones(shape, data.draw(st.sampled_from(["u1", "u1", "f4"]))), at_end)
    source = x[data.draw(st.sampled_from([np.s_[:, :], np.s_[::-1, :]]))]
    size = data.draw(st.tuples(st.integers(1, 30), SIDES))
    matrix, border = data.draw(turned(shape, size))[None], data.draw(st.sampled_from(["nearest", "reflect"]))
    for _ in every_cpu():
        target = guarded(np.zeros((1, *size, shape[2]), "f4"), at_end)
        _core.resample([source], target, matrix, np.ones(1, "u1"), border, (), None, np.ones((1, shape[2])), 0, None)
        np.testing.assert_allclose(target, 1, rtol=1e-5)
