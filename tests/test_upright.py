"""Pictures of bytes that are resized or mirrored, not turned: made of lines, with the bits of the general samplers."""

import sys

import numpy as np
import pytest
from common import bits, every_cpu, guarded
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_pass import passed
from test_resample import INF, close, resample, steps

from seqaug import _core

SCALES = st.sampled_from([1.0, -1.0, 0.5, 1.37, -2.0, 3.5]) | st.floats(-5, 5)
WIDE = st.integers(1, 60) | st.integers(100, 300)
BORDERS = st.sampled_from(["nearest", "reflect"])
CHANNELS = st.sampled_from([1, 2, 3, 3, 3, 4, 5, 18])


@st.composite
def upright(draw):
    """A map without a turn, which may see far beyond the picture."""
    return np.array([draw(SCALES), 0.0, draw(st.floats(-90, 90)), 0.0, draw(SCALES), draw(st.floats(-300, 300))])


def noise(data, shape):
    return np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, 256, shape, np.uint8)


def by_every_variant(*call, **options):
    return [resample(*call, **options) for _ in every_cpu()]


@settings(max_examples=500)
@given(st.data())
def test_variants_give_the_same_bits(data):
    x = noise(data, data.draw(st.tuples(st.integers(1, 40), WIDE, CHANNELS)))
    size = data.draw(st.tuples(st.integers(1, 40), WIDE | st.integers(990, 1100)))
    kinds, colour = data.draw(steps(x.shape[2]))
    if data.draw(st.booleans()):  # of the recipe's kind: what is measured is kept in the target
        mean = np.tile(np.float64([0.7, 3, 0, 255, 0.3, 0])[:, None], (1, 1, x.shape[2]))
        kinds, colour = (*kinds[:2], "linear", *kinds[2:]), np.concatenate([colour[:2], mean, colour[2:]])
    call = x, data.draw(upright()), 1, data.draw(BORDERS), kinds, colour, 3.5, 0
    results = by_every_variant(*call, size=size, dtype=data.draw(st.sampled_from(["f4", "u1"])))
    assert len({bits(result) for result in results}) == 1


@settings(max_examples=100)
@given(st.data())
def test_samples_are_within_the_bound(data):
    x = noise(data, data.draw(st.tuples(st.integers(1, 20), WIDE, CHANNELS)))
    size, matrix, border = data.draw(st.tuples(st.integers(1, 20), WIDE)), data.draw(upright()), data.draw(BORDERS)
    close(
        resample(x, matrix, 1, border, size=size),
        passed(x, matrix, 1, border, size, (), np.zeros((0, 6, x.shape[2]))),
        255,
    )


@pytest.mark.skipif(sys.platform != "linux", reason="page protection is asked for by Linux's call")
@pytest.mark.parametrize("at_end", [True, False])
@settings(max_examples=300)
@given(st.data())
def test_stays_inside(at_end, data):
    shape = data.draw(st.tuples(st.integers(1, 12), WIDE, CHANNELS))
    x = guarded(np.ones(shape, "u1"), at_end)
    turned = data.draw(st.sampled_from([np.s_[:, :], np.s_[::-1, :]]))
    size = data.draw(st.tuples(st.integers(1, 12), WIDE))
    target = guarded(np.zeros((1, *size, shape[2]), data.draw(st.sampled_from(["f4", "u1"]))), at_end)
    colour = guarded(np.tile(np.float64([1, 1, -INF, INF, 0, 0])[:, None], (1, 2, 1, shape[2])), at_end)
    fill, order, border = np.ones((1, shape[2])), np.ones(1, "u1"), data.draw(BORDERS)
    matrix = data.draw(upright())[None]
    _core.resample([x[turned]], target, matrix, order, border, ("linear",) * 2, colour, fill, 0, None)
    np.testing.assert_allclose(target.astype("f8"), 3, rtol=1e-5)


@pytest.mark.parametrize("width", [223, 224, 225, 1023, 1024, 1025])
def test_widths_about_the_limits(width):
    x = np.random.default_rng(1).integers(0, 256, (9, 300, 3), np.uint8)
    matrix = [0.6, 0, 0.2, 0, 300 / width, 150 / width - 0.5]
    results = by_every_variant(x, matrix, 1, "nearest", size=(7, width))
    assert len({bits(result) for result in results}) == 1


@pytest.mark.parametrize("opens", [True, False])
@pytest.mark.parametrize("down", [0.6, 1.3])
@pytest.mark.parametrize("width", [8, 24, 120, 128, 136, 152, 224, 248, 256, 264, 384, 392, 520])
def test_means_have_the_same_bits(width, down, opens):
    """What lies between the mean and a number next to it, 2^20 times, which tells sums in another order apart."""
    x = np.random.default_rng(width).integers(0, 256, (60, 300, 3), np.uint8)
    first = np.tile(np.float64([0.7, 3, 0, 255, 0, 0])[:, None], (1, 1, 3))[:opens]
    about = 0.7 * 127.5 + 3 if opens else 127.5
    measured = np.tile(np.float64([0, -(2.0**20) * about, -INF, INF, 2.0**20, 0])[:, None], (1, 1, 3))
    matrix, kinds = [down, 0, 0.2, 0, 300 / width, 150 / width - 0.5], ("linear",) * (1 + opens)
    results = by_every_variant(x, matrix, 1, "nearest", kinds, np.concatenate([first, measured]), size=(40, width))
    assert len({bits(result) for result in results}) == 1
