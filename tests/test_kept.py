"""A picture that is measured is kept in a packed target and finished from there; for others it is sampled twice."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqaug import _core

INF = np.inf
KINDS = ("linear", "linear", "mix", "noise", "linear")
AFFINE = st.tuples(*[st.floats(-1.5, 1.5), st.floats(-1.5, 1.5), st.floats(-20, 40)] * 2).map(np.array)


def run(x, out, matrix, border, colour, fill_step):
    fill, order = np.full((1, 3), 7.0), np.ones(1, np.uint8)
    _core.resample([x], out, matrix[None], order, border, KINDS, colour[None], fill, fill_step, None)
    return out


def steps(gains):
    """Steps of which two depend on the mean of what comes to them."""
    colour = np.tile(np.float64([1, 0, -INF, INF, 0, 0])[:, None], (len(KINDS), 1, 3))
    colour[0, :4] = np.float64([1.2, 9, 0, 255])[:, None]
    colour[1, 0], colour[1, 4] = 1 - gains[0], gains[0]
    colour[2, [0, 4, 5]] = [[0.5, 0.3, 0.2], [0.1, 0.8, 0.1], [0.2, 0.2, 0.6]]
    colour[3, 1], colour[3, 4:] = 3.0, np.float64([5, 6])[:, None]
    colour[4, 0], colour[4, 1], colour[4, 4] = 1 - gains[1], 0.25, gains[1]
    return colour


@pytest.mark.parametrize("border", _core.BORDERS)
@settings(max_examples=25)
@given(st.data())
def test_same_bits_into_every_target(cpu, border, data):
    x = np.random.default_rng(5).integers(0, 256, (19, 23, 3), dtype=np.uint8)
    size = data.draw(st.tuples(st.integers(1, 24), st.integers(1, 140)))
    colour = steps(data.draw(st.tuples(st.sampled_from([0.4, -0.3]), st.sampled_from([0.0, 0.7]))))
    rest = data.draw(AFFINE), border, colour, data.draw(st.integers(0, len(KINDS)))
    packed = run(x, np.empty((1, *size, 3), np.float32), *rest)
    planes = run(x, np.empty((1, 3, *size), np.float32).transpose(0, 2, 3, 1), *rest)
    np.testing.assert_array_equal(packed.view("u4"), np.ascontiguousarray(planes).view("u4"))
