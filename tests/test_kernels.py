"""The native kernels by themselves: every variant, memory at its limits, source and target of different kinds."""

import sys

import numpy as np
import pytest
from common import DTYPES, MODES, bits, guarded, laid_out, pixels, scipy_affine
from hypothesis import given, settings
from hypothesis import strategies as st

from seqaug import _core
from seqaug.buffers import readable

NUMBERS = st.one_of(st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0, 1e-3, 1e9, -1e13]), st.floats(-40, 40))
MATRICES = st.lists(NUMBERS, min_size=6, max_size=6).map(lambda numbers: np.array(numbers))
SIZES = st.integers(1, 70)
ORDERS = st.one_of(st.integers(0, 1), st.integers(2, 5))


def affine(x, matrix, order, mode, cval, size, target=None):
    out = np.empty((*size, x.shape[2]), x.dtype) if target is None else target
    _core.affine(x, out, matrix, order, mode, np.full(x.shape[2], cval, np.float64))
    return out


@settings(max_examples=800)
@given(st.data())
def test_affine_equals_scipy(cpu, data):
    """Any matrix, and an output of another size than the input."""
    shape = tuple(data.draw(st.tuples(SIZES, SIZES, st.integers(1, 20))))
    x = readable(data.draw(laid_out(data.draw(pixels(shape)))))
    matrix, size = data.draw(MATRICES), data.draw(st.tuples(SIZES, SIZES))
    order, mode, cval = data.draw(ORDERS), data.draw(st.sampled_from(MODES)), data.draw(st.floats(-300, 300))
    ours = affine(x, matrix, order, mode, cval, size)
    assert bits(ours) == bits(scipy_affine(x, matrix, order, mode, cval, size))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", range(6))
def test_affine_a_hair_beside_the_edges(cpu, mode, order):
    """Where the border rules take their turns: coordinates within a few roundings of every pixel and period."""
    x = np.random.default_rng(0).random((7, 7, 1))
    x[[0, 3, 6], [2, 0, 6]] = np.inf  # tells a weight of 1e-15 from none: infinity times 0 is NaN
    hairs = [0.0, *(sign * size for sign in (-1, 1) for size in (5e-324, 1e-300, 1e-17, 9e-16, 1e-15, 1.1e-15, 1e-14))]
    for base in (-14.0, -13.0, -7.0, -6.0, -1.0, 0.0, 6.0, 7.0, 12.0, 14.0):
        for hair in hairs:
            for start in (base + hair, np.nextafter(base, np.inf), np.nextafter(base, -np.inf)):
                matrix = np.array([1.0, 0.0, start, 0.0, 1.0, hair])
                expected = scipy_affine(x, matrix, order, mode, 2.0)
                assert bits(affine(x, matrix, order, mode, 2.0, (7, 7))) == bits(expected)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", range(2, 6))
@pytest.mark.parametrize("shape", [(1, 1), (1, 2), (2, 1), (2, 2), (3, 2), (1, 5), (4, 3), (5, 5), (6, 7), (33, 65)])
def test_splines_of_small_images(cpu, shape, order, mode):
    """Where taps fall off both edges, some more than once, and the edges are most of the line that is filtered."""
    x = np.random.default_rng(0).normal(size=(*shape, 5))
    for scale in (0.0, 0.03, 0.3, 1.0, -1.0, 40.0):
        for shift in (0.0, -0.5, 0.7, 2.0, -9.25, 100.0):
            matrix = np.array([scale, 0.1 * scale, shift, -0.2 * scale, scale, -shift])
            assert bits(affine(x, matrix, order, mode, 2.0, (9, 8))) == bits(
                scipy_affine(x, matrix, order, mode, 2.0, (9, 8))
            )


@pytest.mark.parametrize("order", range(2, 6))
@pytest.mark.parametrize("length", [27, 28, 100, 143, 600, 1500])
def test_splines_of_long_lines(cpu, length, order):
    """The ends of a line reach each other by powers of the filter's poles, which vanish one after the other."""
    noise = np.random.default_rng(length).normal(size=length)
    last = np.where(np.arange(length) < length - 1, 0.0, noise)  # at the other end nothing but such a power is seen
    for line in (noise * 10.0 ** np.linspace(0, 60, length), last if length < 144 else noise):
        for x in (line[:, None, None], line[None, ::-1, None]):
            for mode in MODES:
                matrix = np.array([1.0, 0.0, 0.3, 0.0, 1.0, 0.3])
                ours = affine(x, matrix, order, mode, 0.0, x.shape[:2])
                assert bits(ours) == bits(scipy_affine(x, matrix, order, mode, 0.0))


@pytest.mark.parametrize("extent", [2**31 - 1, 2**27])
def test_splines_of_images_that_no_memory_holds(extent):
    x = np.broadcast_to(np.ones((1, 1, 1), "u1"), (extent, extent, 1))
    with pytest.raises(MemoryError, match="Cannot allocate"):
        affine(x, np.array([1.0, 0, 0, 0, 1, 0]), 3, "nearest", 0.0, (4, 4))


@pytest.mark.skipif(sys.platform != "linux", reason="page protection is asked for by Linux's call")
@pytest.mark.parametrize("at_end", [True, False])
@settings(max_examples=300)
@given(st.data())
def test_affine_stays_inside(cpu, at_end, data):
    """Source and target end where memory does: one element too far would end the process."""
    shape = tuple(data.draw(st.tuples(st.integers(1, 20), st.integers(1, 70), st.integers(1, 18))))
    dtype = data.draw(st.sampled_from(DTYPES))
    x = guarded(np.ones(shape, dtype), at_end)
    size = data.draw(st.tuples(st.integers(1, 20), st.integers(1, 140)))
    target = guarded(np.zeros((*size, shape[2]), dtype), at_end)
    how = data.draw(st.sampled_from(["plain", "turned", "one row", "one column", "one pixel"]))
    source = x[::-1, ::-1] if how == "turned" else x
    if how.startswith("one"):  # repeated with a stride of 0
        part = np.ones((1 if how != "one column" else shape[0], 1 if how != "one row" else shape[1], shape[2]), dtype)
        source = np.broadcast_to(guarded(part, at_end), shape)
    matrix, mode = data.draw(MATRICES), data.draw(st.sampled_from(["nearest", "reflect", "wrap"]))
    order = data.draw(ORDERS)
    affine(source, matrix, order, mode, 0.0, size, target)
    if dtype != "?":  # SciPy cuts a sum of 0.9999999999999999 to False
        precision = 0.1 if order > 1 and mode == "reflect" else 1e-6  # there SciPy's splines of few pixels are off
        np.testing.assert_allclose(target.astype("f8"), 1.0, rtol=precision)  # every pixel was written, from inside


@pytest.mark.skipif(sys.platform != "linux", reason="page protection is asked for by Linux's call")
@pytest.mark.parametrize("dtype", ["u1", "f4", "f8"])
@pytest.mark.parametrize("turned", [np.s_[:, :], np.s_[::-1, :], np.s_[:, ::-1], np.s_[::-1, ::-1]])
@pytest.mark.parametrize("part", [(8, 8), (1, 8), (8, 1), (1, 1)], ids=["whole", "row", "column", "pixel"])
def test_affine_last_pixels_of_three_channels(cpu, part, turned, dtype):
    """Where a four-lane read would go one element too far: at every pixel that is highest in memory."""
    shape = (8, 8, 3)
    values = np.arange(part[0] * part[1] * 3, dtype=dtype).reshape(*part, 3)
    x, expected = np.broadcast_to(guarded(values), shape)[turned], np.broadcast_to(values, shape)[turned]
    for angle in (0.0, 0.02, 0.8, 1.6):
        cosine, sine = np.cos(angle), np.sin(angle)
        matrix = np.array([cosine, sine, 3.5 * (1 - cosine - sine), -sine, cosine, 3.5 * (1 - cosine + sine)])
        for mode in MODES:
            ours = affine(x, matrix, 1, mode, 0.0, (8, 8))
            assert ours.tobytes() == scipy_affine(expected, matrix, 1, mode, 0.0).tobytes()


@settings(max_examples=300)
@given(st.data())
def test_flip_moves_whole_pixels(cpu, data):
    shape = data.draw(st.tuples(st.integers(0, 12), st.integers(0, 70), st.integers(0, 9)))
    dtype = data.draw(st.sampled_from([*DTYPES, "c16", "S3", "f2"]))
    raw = np.random.default_rng(data.draw(st.integers(0, 99))).integers(0, 256, (*shape, np.dtype(dtype).itemsize))
    x = raw.astype("u1").reshape(-1).view(dtype).reshape(shape) if raw.size else np.empty(shape, dtype)
    horizontal, vertical = data.draw(st.booleans()), data.draw(st.booleans())
    if data.draw(st.booleans()):
        x = x[::-1, :, ::-1]
    out = np.empty(shape, dtype)
    _core.flip(x, out, horizontal, vertical)
    expected = x[:: -1 if vertical else 1, :: -1 if horizontal else 1]
    assert out.tobytes() == expected.tobytes()


@pytest.mark.skipif(sys.platform != "linux", reason="page protection is asked for by Linux's call")
@pytest.mark.parametrize("at_end", [True, False])
@pytest.mark.parametrize("item", range(1, 40))
def test_flip_stays_inside(cpu, item, at_end):
    for width in (1, 2, 3, 4, 5, 17, 33):
        raw = np.random.default_rng(width).integers(0, 256, (3, width, item)).astype("u1")
        x, out = guarded(raw, at_end), guarded(np.zeros_like(raw), at_end)
        for horizontal, vertical in ((True, False), (False, True), (True, True)):
            _core.flip(x, out, horizontal, vertical)
            expected = raw[:: -1 if vertical else 1, :: -1 if horizontal else 1]
            np.testing.assert_array_equal(out, expected)


@settings(max_examples=100)
@given(st.data())
def test_targets_of_any_layout(cpu, data):
    shape = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 70), st.integers(1, 18)))
    x = data.draw(pixels(shape, "f4"))
    matrix = np.array([0.9, 0.1, 0.3, -0.1, 0.9, 0.2])
    interpolation, mode = data.draw(ORDERS), data.draw(st.sampled_from(MODES))
    plain = affine(x, matrix, interpolation, mode, 2.0, shape[:2])
    order = data.draw(st.permutations(range(3)))
    target = np.empty([shape[axis] for axis in order], "f4").transpose(np.argsort(order))
    assert bits(affine(x, matrix, interpolation, mode, 2.0, shape[:2], target)) == bits(plain)


@pytest.mark.parametrize("matrix", [[np.nan, 0, 0, 0, 1, 0], [1, 0, np.inf, 0, 1, 0], [1, 0, 0, 0, 1e300, 0]])
def test_bad_matrices_are_refused(cpu, matrix):
    x = np.ones((4, 4, 1), "f4")
    with pytest.raises(ValueError, match="not finite"):
        affine(x, np.array(matrix, np.float64), 1, "nearest", 0.0, (4, 4))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target": np.empty((4, 4, 2), "f4")}, "shapes that must agree differ"),
        ({"x": np.ones((0, 4, 1), "f4")}, "an extent is 0"),
        ({"x": np.ones((4, 4), "f4")}, "rank 3"),
        ({"x": np.ones((4, 4, 1), ">f4")}, "native byte order"),
        ({"x": np.ones((4, 4, 1), "f2")}, "native byte order"),
        ({"x": np.ones((4, 4, 1), "V0")}, "at least a byte"),
        ({"x": np.ones((4, 4, 1), "O")}, "no Python objects"),
        ({"order": 6}, "order, border"),
        ({"order": -1}, "order, border"),
        ({"border": "edge"}, "edge"),
        ({"matrix": np.eye(2).reshape(-1)}, "six matrix elements"),
        ({"fill": np.zeros(2)}, "one fill per channel"),
    ],
)
def test_bad_calls_are_refused(change, message):
    call = {
        "x": np.ones((4, 4, 1), "f4"),
        "target": np.empty((4, 4, 1), "f4"),
        "matrix": np.array([1.0, 0, 0, 0, 1, 0]),
        "order": 1,
        "border": "nearest",
        "fill": np.zeros(1),
        **change,
    }
    with pytest.raises((ValueError, TypeError), match=message):
        _core.affine(*call.values())


def test_read_only_targets_are_refused():
    target = np.empty((4, 4, 1), "f4")
    target.flags.writeable = False
    with pytest.raises((ValueError, BufferError), match="read-only"):
        affine(np.ones((4, 4, 1), "f4"), np.array([1.0, 0, 0, 0, 1, 0]), 1, "nearest", 0.0, (4, 4), target)


def test_flip_refuses_objects():
    with pytest.raises(TypeError, match="no Python objects"):
        _core.flip(np.full((2, 2, 1), None), np.full((2, 2, 1), None), True, False)


def test_unknown_cpu():
    with pytest.raises(ValueError, match="expected 'baseline', 'avx2', 'avx512' or 'neon'"):
        _core.use_cpu("z80")
