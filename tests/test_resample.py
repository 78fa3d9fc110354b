"""The pass of the pipeline by itself, against the plain one in double: places, samples, colour, store, memory."""

import sys

import numpy as np
import pytest
from common import DTYPES, bits, every_cpu, guarded, laid_out, pixels, scipy_affine
from hypothesis import given, settings
from hypothesis import strategies as st
from reference_pass import passed, sampled, shrunk

from seqaug import _core
from seqaug.buffers import SOURCE_DTYPES, readable

INF = np.inf
SOURCES = tuple(np.dtype(name).str[1:] for name in SOURCE_DTYPES)
SIZES = st.integers(1, 40)
WIDE = SIZES | st.integers(100, 280)  # several chunks of columns
LINEAR = st.sampled_from([1.0, -1.0, 0.5, 2.0, 0.0]) | st.floats(-3, 3)
AFFINE = st.tuples(LINEAR, LINEAR, st.floats(-60, 60), LINEAR, LINEAR, st.floats(-60, 60)).map(np.array)
LAST_ROW = st.tuples(st.floats(-0.02, 0.02), st.floats(-0.02, 0.02), st.sampled_from([1.0, 0.5, 2.0, -1.0]))
PERSPECTIVE = st.tuples(AFFINE, LAST_ROW).map(np.concatenate)
ORDERS = st.sampled_from([0, 1, 1, 1, 3])
BORDERS = st.sampled_from(_core.BORDERS)


def resample(
    x, matrix, order, border, kinds=(), colour=None, fill=0.0, fill_step=0, size=None, dtype="f4", shrink=None
):
    """One image through the pass; `colour` is (steps, 6, channels)."""
    channels = x.shape[2]
    out = np.empty((1, *(size or x.shape[:2]), channels), dtype)
    fills = np.broadcast_to(np.float64(fill), (1, channels)).copy()
    steps = np.ascontiguousarray(colour, np.float64)[None] if len(kinds) else None
    matrices, orders = np.array([matrix], np.float64), np.array([order], np.uint8)
    sizes = None if shrink is None else np.array([shrink], np.int64)
    _core.resample([x], out, matrices, orders, border, kinds, steps, fills, fill_step, sizes)
    return out[0]


def noise(seed, shape, dtype):
    return np.random.default_rng(seed).integers(0, 256, shape).astype(dtype)


def picture(data, shape, dtype=None):
    """Pixels of any value of their type, in any layout."""
    dtype = data.draw(st.sampled_from(SOURCES)) if dtype is None else dtype
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    if dtype[0] == "f":
        return readable(
            data.draw(laid_out((rng.normal(size=shape) * data.draw(st.sampled_from([1, 255]))).astype(dtype)))
        )
    info = np.iinfo(dtype)
    return readable(data.draw(laid_out(rng.integers(info.min, info.max, shape, dtype, endpoint=True))))


MIXTURES = ("mix", "saturation", "hue")
SMOOTH, JUMPING = ("power", "noise"), ("posterize", "solarize", "stretch", "equalize")


@st.composite
def steps(draw, channels, most=4, curves=SMOOTH):
    """Steps of colour, cut on either, both or no side."""
    names = ("linear", "linear", *(MIXTURES if channels == 3 else ()), *curves)
    kinds = tuple(draw(st.lists(st.sampled_from(names), max_size=most)))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    colour = np.zeros((len(kinds), 6, channels))
    colour[:, [0, 4, 5]], colour[:, 1] = (
        rng.normal(size=(len(kinds), 3, channels)),
        rng.normal(size=(len(kinds), channels)),
    )
    ends = np.sort(rng.normal(size=(len(kinds), 2, channels)), axis=1)
    colour[:, 2] = np.where(rng.random((len(kinds), channels)) < 0.3, -INF, ends[:, 0])
    colour[:, 3] = np.where(rng.random((len(kinds), channels)) < 0.3, INF, ends[:, 1])
    for kind, rows in zip(kinds, colour, strict=True):
        if kind == "linear" and rng.random() < 0.6:
            rows[4] = 0.0
        if kind == "saturation":
            rows[0], rows[2], rows[3] = rng.uniform(0, 3), 0.0, rng.choice([1.0, 255.0])
        if kind == "hue":
            rows[0] = rng.uniform(-1, 1)
        if kind == "noise":
            rows[1], rows[4:] = rng.uniform(0, 1, channels), rng.integers(0, 2**32, (2, 1))
        if kind in ("power", *JUMPING):
            rows[0] = rng.choice([0.1, 0.7, 1.0, 3.0]) if kind == "power" else rng.choice([2.0, 8.0, 128.0])
            rows[2], rows[3] = rng.choice([0.0, -1.5, -INF]), rng.choice([1.0, 4.0, INF])
        if kind == "equalize":
            rows[0] = rng.choice([1, 2, 100, 256, 4096])
    return kinds, colour


def close(ours, expected, width):
    """Within 1e-4 of the range of values before the store; after it equal, or one off where that is near to a tie."""
    if ours.dtype == np.float32:
        np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-4 * width)
        return
    clipped = np.clip(expected, 0, 255)
    off = ours != np.floor(clipped + 0.5)
    assert (np.abs(clipped[off] - np.floor(clipped[off]) - 0.5) < 1e-4 * width + 1e-6 * 255).all()
    assert np.abs(ours - clipped).max() <= 0.5 + 1e-4 * width + 1e-3


@settings(max_examples=500)
@given(st.data())
def test_samples_are_within_the_bound(cpu, data):
    shape = data.draw(st.tuples(SIZES, WIDE, st.integers(1, 19)))
    x, size = picture(data, shape), data.draw(st.tuples(SIZES, WIDE))
    matrix, order, border = data.draw(AFFINE | AFFINE | PERSPECTIVE), data.draw(ORDERS), data.draw(BORDERS)
    fill = float(x.min())
    ours = resample(x, matrix, order, border, fill=fill, size=size)
    if len(matrix) == 6 and (matrix == np.round(matrix)).all():
        order = 0  # pixels onto pixels are moved
    expected, outside = sampled(x, matrix, order, border, size)
    expected = np.where(outside[..., None], fill, expected)
    width = float(np.ptp(x.astype("f8")))
    if order == 0:
        np.testing.assert_array_equal(ours, expected.astype("f4"))
    np.testing.assert_allclose(ours, expected, rtol=1e-6, atol=1e-4 * width)


@settings(max_examples=400)
@given(st.data())
def test_bytes_are_rounded_half_up(cpu, data):
    shape = data.draw(st.tuples(SIZES, WIDE, st.integers(1, 5)))
    x = picture(data, shape, data.draw(st.sampled_from(["u1", "f4"])))
    matrix, order, border = data.draw(AFFINE), data.draw(st.sampled_from([1, 3])), data.draw(BORDERS)
    colour = np.zeros((1, 6, shape[2]))
    colour[0, 0], colour[0, 2], colour[0, 3] = data.draw(st.sampled_from([1.0, 0.5, 3.0])), -INF, INF
    ours = resample(x, matrix, order, border, ("linear",), colour, fill=77.25, dtype="u1")
    if (matrix == np.round(matrix)).all():
        order = 0
    close(ours, passed(x, matrix, order, border, shape[:2], ("linear",), colour, 77.25), np.ptp(x) * 3.0)


@settings(max_examples=400)
@given(st.data())
def test_steps_of_colour(cpu, data):
    """In order, the fill joining where it is told to, means being those of the picture as it stands, fill included."""
    channels = data.draw(st.sampled_from([1, 2, 3, 3, 3, 4, 17, 20]))
    shape = data.draw(st.tuples(SIZES, WIDE, st.just(channels)))
    x = np.random.default_rng(data.draw(st.integers(0, 2**32))).random(shape).astype("f4")
    kinds, colour = data.draw(steps(channels))
    matrix, order, border = data.draw(AFFINE), data.draw(ORDERS), data.draw(BORDERS)
    fill, fill_step = np.linspace(0.2, 0.9, channels), data.draw(st.integers(0, len(kinds)))
    ours = resample(x, matrix, order, border, kinds, colour, fill, fill_step)
    if (matrix == np.round(matrix)).all():
        order = 0
    expected = passed(x, matrix, order, border, shape[:2], kinds, colour, fill, fill_step)
    scale = np.prod(2 + np.abs(colour[:, [0, 4, 5]]).sum(1).max(-1)) if kinds else 1.0
    np.testing.assert_allclose(ours, expected, rtol=1e-5, atol=3e-4 * scale)


def test_hue_and_saturation_of_every_colour(cpu):
    """All bytes in steps of 5: grays, ties between channels, black."""
    axis = np.arange(0, 256, 5, np.float32)
    x = np.stack(np.meshgrid(axis, axis, axis), -1).reshape(52, -1, 3)
    still = [1, 0, 0, 0, 1, 0]
    for kind, number, low, high in [
        ("hue", 0.3, 0, 255), ("hue", -0.5, 0, 255), ("hue", 1.0, 0, 255), ("hue", -1.0, 0, 255),
        ("hue", 1 / 6, 0, 255),
        ("saturation", 0.0, 0, 1), ("saturation", 0.4, 0, 1), ("saturation", 2.5, 0, 1), ("saturation", 2.5, 0, 255),
        ("saturation", 1e7, 0, 1),
    ]:  # fmt: skip
        rows = np.zeros((1, 6, 3))
        rows[0, 0], rows[0, 2], rows[0, 3] = number, low, high
        ours = resample(x, still, 1, "nearest", (kind,), rows)
        np.testing.assert_allclose(ours, passed(x, still, 0, "nearest", x.shape[:2], (kind,), rows), atol=2e-3)
    for kind in ("hue", "saturation"):  # that changes nothing changes no bit
        rows[0] = np.array([1.0 if kind == "saturation" else 0.0, 0, -INF, INF, 0, 0])[:, None]
        assert resample(x, still, 1, "nearest", (kind,), rows).tobytes() == x.tobytes()


@settings(max_examples=500)
@given(st.data())
def test_variants_give_the_same_bits(data):
    shape = data.draw(st.tuples(SIZES, WIDE, st.sampled_from([1, 2, 3, 3, 4, 4, 5, 18])))
    x = readable(data.draw(laid_out(data.draw(pixels(shape, data.draw(st.sampled_from(SOURCES)))))))
    kinds, colour = data.draw(steps(shape[2], curves=SMOOTH + JUMPING))
    matrix, size = data.draw(AFFINE | PERSPECTIVE), data.draw(st.tuples(SIZES, WIDE))
    if data.draw(st.booleans()):  # pixels are only moved
        matrix, size = np.array([1.0, 0, 0, 0, -1, shape[1] - 1]), shape[:2]
    shrink = data.draw(st.none() | st.tuples(SIZES, SIZES))
    call = x, matrix, data.draw(ORDERS), data.draw(BORDERS), kinds, colour, 3.5, 0
    dtype, results = data.draw(st.sampled_from(["f4", "u1"])), set()
    for _ in every_cpu():
        results.add(bits(resample(*call, size=size, dtype=dtype, shrink=shrink)))
    assert len(results) == 1


@settings(max_examples=300)
@given(st.data())
def test_variants_average_alike(data):
    """Bytes of three channels most of all; columns may need more than registers hold, and rows may stay as they are."""
    shape = data.draw(st.tuples(SIZES, st.integers(1, 400), st.sampled_from([1, 3, 3, 3, 4])))
    height = data.draw(st.just(shape[0]) | st.integers(1, shape[0]))
    width = max(1, int(shape[1] / data.draw(st.floats(1.0, 9.0))))
    x = noise(data.draw(st.integers(0, 99)), shape, data.draw(st.sampled_from(["u1", "u1", "u1", "f4"])))
    if sys.platform == "linux":
        x = guarded(x, data.draw(st.booleans()))
    results, call = set(), (x, [1, 0, 0, 0, 1, 0], 1, "nearest", (), None)
    for _ in every_cpu():
        results.add(bits(resample(*call, size=(height, width), shrink=(height, width))))
    assert len(results) == 1


def test_rows_that_stay_are_averaged_alike_to_any_width():
    x = noise(0, (3, 401, 3), "u1")
    for width in range(1, 402):
        call = x, [1, 0, 0, 0, 1, 0], 1, "nearest", (), None
        assert len({bits(resample(*call, size=(3, width), shrink=(3, width))) for _ in every_cpu()}) == 1


@pytest.mark.parametrize("scale", [3e-40, 2.0**-149, 2.0**-126, 1e-37, 1e-33, INF, 0.0])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_variants_round_small_scales_once(scale, channels):
    """Samplers of bytes put a power of two into the scale, which must not round it."""
    x = np.random.default_rng(0).integers(1, 256, (9, 40, channels), np.uint8)
    colour = np.tile(np.array([scale, 0, -INF, INF, 0, 0])[:, None], (1, 1, channels))
    results = set()
    for _ in every_cpu():
        results.add(bits(resample(x, [0.9, 0.1, 1.3, -0.1, 0.9, 2.2], 1, "nearest", ("linear",), colour)))
    assert len(results) == 1


@settings(max_examples=300)
@given(st.data())
def test_labels_are_copied(cpu, data):
    """Order 0 between equal types takes elements as they are, whatever they are."""
    shape = data.draw(st.tuples(SIZES, WIDE, st.integers(1, 19)))
    x = readable(
        data.draw(
            laid_out(data.draw(pixels(shape, data.draw(st.sampled_from([d for d in DTYPES if d not in ("u8", "i8")])))))
        )
    )
    matrix, border, size = data.draw(AFFINE), data.draw(BORDERS), data.draw(st.tuples(SIZES, WIDE))
    ours = resample(x, matrix, 0, border, fill=1.0, size=size, dtype=x.dtype)
    with np.errstate(invalid="ignore", over="ignore"):
        indices, outside = sampled(np.arange(x.shape[0] * x.shape[1]).reshape(*x.shape[:2], 1), matrix, 0, border, size)
    expected = x.reshape(-1, shape[2])[indices[..., 0].astype(int)]
    assert bits(ours) == bits(np.where(outside[..., None], np.ones((), x.dtype), expected))


# To both sides of where fixed point decides, and within a unit of its last place.
HAIR = (st.integers(-(2**14), 2**14) | st.integers(-40, 40)).map(lambda units: units * 2.0**-36)


@settings(max_examples=300)
@given(st.data())
def test_nearest_is_decided_in_double(cpu, data):
    """However near a coordinate is to the middle between two pixels, the pixel is the one that doubles say."""
    places = np.arange(40 * 60, dtype="i4").reshape(40, 60, 1)
    whole, hair = st.integers(-30, 60), [data.draw(HAIR) for _ in range(6)]
    matrix = np.array([1.0, 0, data.draw(whole) + 0.5, 0, data.draw(st.sampled_from([1, -1, 2, 0.5])), 0.5]) + hair
    matrix[5] += data.draw(whole)
    ours = resample(places, matrix, 0, "nearest", size=(7, 90), dtype="i4")[..., 0]
    row, column = np.indices((7, 90), np.float64)
    y = np.floor((matrix[2] + row * matrix[0]) + column * matrix[1] + 0.5).clip(0, 39)
    x = np.floor((matrix[5] + row * matrix[3]) + column * matrix[4] + 0.5).clip(0, 59)
    np.testing.assert_array_equal(ours, y * 60 + x)


@pytest.mark.parametrize(("width", "channels"), [(7, 600), (3000, 3), (5000, 1)])
def test_fill_of_many_bytes(cpu, width, channels):
    """Pixels, and runs of them, that are larger than what of the fill is kept ready."""
    x = np.random.default_rng(1).normal(size=(3, 2, channels))
    fills = np.arange(1.0, channels + 1)
    ours = resample(x, [1, 0, 0, 0, 1, -1.0], 0, "constant", fill=fills, size=(3, width), dtype="f8")
    expected = np.broadcast_to(fills, ours.shape).copy()
    expected[:, 1:3] = x
    np.testing.assert_array_equal(ours, expected)


def test_moves_blend_nothing(cpu):
    x = np.ones((4, 6, 2), "f4")
    x[1, 2] = np.nan
    assert resample(x, [1, 0, 0, 0, -1, 5], 1, "nearest").tobytes() == x[:, ::-1].tobytes()
    assert resample(x, [-1, 0, 3, 0, -1, 5], 3, "wrap").tobytes() == x[::-1, ::-1].tobytes()
    double = np.zeros((1, 6, 2))
    double[0, 0], double[0, 2], double[0, 3] = 2.0, -INF, INF
    np.testing.assert_array_equal(
        resample(x, [1, 0, 1, 0, 1, 0], 1, "nearest", ("linear",), double), 2 * x[[1, 2, 3, 3]]
    )
    quarter = resample(x, [0, 1, 0, -1, 0, 5], 1, "nearest", size=(6, 4))
    np.testing.assert_array_equal(quarter, np.rot90(x))


@pytest.mark.parametrize("width", [5, 130, 300])
@pytest.mark.parametrize("dtype", SOURCES)
def test_flips_of_converted_pixels(cpu, dtype, width):
    for channels in (1, 2, 3, 4, 7, 18):
        x = np.random.default_rng(0).integers(0, 120, (4, width, channels)).astype(dtype)
        for down, right in ((1, 1), (1, -1), (-1, 1), (-1, -1)):
            matrix = [down, 0, 3 if down < 0 else 0, 0, right, width - 1 if right < 0 else 0]
            np.testing.assert_array_equal(resample(x, matrix, 1, "reflect"), x[::down, ::right])


def test_nans_stay_near(cpu):
    """A NaN shows where one of the pixels around is one, and nowhere else; as a byte it is 0."""
    x = np.full((20, 30, 3), 100.0, "f4")
    x[10, 15, 1] = np.nan
    matrix = [0.9, 0.1, 0.3, -0.1, 0.9, 2.2]
    ours = resample(x, matrix, 1, "nearest")
    assert np.isnan(ours[..., 1]).any()
    assert (ours[..., [0, 2]] == 100).all()
    y, z = (
        matrix[k + 2] + np.indices((20, 30))[0] * matrix[k] + np.indices((20, 30))[1] * matrix[k + 1] for k in (0, 3)
    )
    assert (np.hypot(y - 10, z - 15)[np.isnan(ours[..., 1])] < 2).all()
    assert set(np.unique(resample(x, matrix, 1, "nearest", dtype="u1"))) == {0, 100}


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 18])
def test_bytes_of_odd_floats(cpu, channels):
    odd = np.array([np.nan, INF, -INF, -0.0, 254.5, 255.5, 0.5, 0.49, 1e30, -3.0, 127.5], "f4")
    x = np.repeat(odd, channels).reshape(1, -1, channels)
    ours = resample(x, [1, 0, 0, 0, 1, 0], 1, "nearest", dtype="u1")
    assert ours[0, :, 0].tolist() == [0, 255, 0, 0, 255, 255, 1, 0, 255, 0, 128]


def framed(x, matrix, order, fill, size):
    """The picture goes on for half a pixel, and then there is the fill."""
    y, z = (matrix[k + 2] + np.indices(size)[0] * matrix[k] + np.indices(size)[1] * matrix[k + 1] for k in (0, 3))
    inside = (y >= -0.5) & (y <= x.shape[0] - 0.5) & (z >= -0.5) & (z <= x.shape[1] - 0.5)
    sample = scipy_affine(x.astype("f8"), matrix, order, "nearest", 0.0, size)
    return np.where(inside[..., None], sample, fill)


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


@settings(max_examples=200)
@given(st.data())
def test_shrinks_by_the_triangle(cpu, data):
    shape = data.draw(st.tuples(st.integers(1, 90), st.integers(1, 90), st.integers(1, 5)))
    x, size = picture(data, shape), data.draw(st.tuples(SIZES, SIZES))
    ours = resample(x, [1, 0, 0, 0, 1, 0], 1, "nearest", size=size, shrink=size)
    np.testing.assert_allclose(ours, shrunk(x, size), rtol=1e-5, atol=1e-5 * float(np.ptp(x.astype("f8"))))


@pytest.mark.parametrize(("change", "message"), [
    ({"kinds": ("linear",)}, "six rows of one number per channel"),
    ({"kinds": ("linear",) * 13, "colour": np.ones((1, 13, 6, 3))}, "at most 12 steps"),
    ({"kinds": ("gamma",), "colour": np.ones((1, 1, 6, 3))}, "Expected one of .*gamma"),
    ({"kinds": ("linear",), "colour": np.ones((1, 1, 4, 3))}, "six rows"),
    ({"kinds": ("linear",), "colour": np.ones((1, 1, 6, 2))}, "six rows"),
    ({"matrices": np.ones((1, 7))}, "six or nine"),
    ({"matrices": np.full((1, 9), np.nan)}, "not finite"),
    ({"orders": np.array([2], "u1")}, "order"),
    ({"fill_step": 1}, "step of colour"),
    ({"fill": np.zeros((1, 2))}, "one fill per channel"),
    ({"shrink": np.ones((2, 2), "i8")}, "a size for each"),
    ({"shrink": np.array([[5, 0]])}, "at least 1"),
    ({"windows": np.ones((2, 4), "i8")}, "a window for each"),
    ({"windows": np.array([[0, 0, 5, 4]])}, "windows within"),
    ({"windows": np.array([[0, 3, 4, 2]])}, "windows within"),
    ({"windows": np.array([[-1, 0, 4, 4]])}, "windows within"),
    ({"windows": np.array([[0, 0, 0, 4]])}, "windows within"),
    ({"windows": np.array([[0, 2**62, 4, 2**62]])}, "windows within"),
    ({"windows": np.array([[0, 0, 4, -(2**63)]])}, "windows within"),
    ({"target": np.empty((1, 4, 4, 3), "f8")}, "a type"),
    ({"border": "edge"}, "edge"),
])  # fmt: skip
def test_bad_calls_are_refused(change, message):
    call = {
        "sources": [np.ones((4, 4, 3), "u1")], "target": np.empty((1, 4, 4, 3), "f4"),
        "matrices": np.array([[1.0, 0, 0.5, 0, 1, 0]]),
        "orders": np.ones(1, np.uint8), "border": "nearest", "kinds": (), "colour": None, "fill": np.zeros((1, 3)),
        "fill_step": 0, "shrink": None, "windows": None, "rows": None, **change,
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        _core.resample(*call.values())


@pytest.mark.parametrize("row", [-1, 3, 2**62, -(2**63)])
def test_rows_that_are_not_there_are_refused(row):
    with pytest.raises(IndexError, match=f"from 0 to 2. Received: {row}"):
        _core.resample(
            np.ones((3, 4, 4, 3), "u1"), np.empty((1, 4, 4, 3), "f4"), np.array([[1.0, 0, 0.5, 0, 1, 0]]),
            np.ones(1, "u1"), "nearest", (), None, np.zeros((1, 3)), 0, None, None, np.array([row]),
        )  # fmt: skip


@given(st.data())
def test_rows_and_windows_are_views(data):
    """Rows of one array, and windows of pictures, give what views of them give."""
    count = data.draw(st.integers(1, 5))
    shape = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 4)))
    x = readable(data.draw(laid_out(np.random.default_rng(0).integers(0, 256, (4, *shape), np.uint8))))
    rows = np.array(data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count)))
    windows = np.empty((count, 4), np.int64)
    for axis in range(2):
        ends = st.tuples(st.integers(0, shape[axis] - 1), st.integers(0, shape[axis] - 1)).map(sorted)
        for window, (low, high) in zip(windows, (data.draw(ends) for _ in range(count)), strict=True):
            window[axis], window[axis + 2] = low, high - low + 1
    matrices = np.stack([data.draw(AFFINE) for _ in range(count)])
    views = [
        x[row, top : top + height, left : left + width]
        for row, (top, left, height, width) in zip(rows, windows, strict=True)
    ]
    rest = np.ones(count, "u1"), data.draw(BORDERS), (), None, np.ones((count, shape[2])), 0, None
    expected, given_rows, given_list = np.zeros((3, count, 7, 6, shape[2]), "f4")
    _core.resample(views, expected, matrices, *rest)
    _core.resample(x, given_rows, matrices, *rest, windows, rows)
    _core.resample(list(x[rows]), given_list, matrices, *rest, windows)
    np.testing.assert_array_equal(given_rows, expected)
    np.testing.assert_array_equal(given_list, expected)


def test_mixtures_need_three_channels():
    for kind in MIXTURES:
        with pytest.raises(ValueError, match="step of colour"):
            resample(np.ones((4, 4, 4), "u1"), [1, 0, 0.5, 0, 1, 0], 1, "nearest", (kind,), np.ones((1, 6, 4)))


@pytest.mark.skipif(sys.platform != "linux", reason="page protection is asked for by Linux's call")
@pytest.mark.parametrize("at_end", [True, False])
@settings(max_examples=300)
@given(st.data())
def test_stays_inside(cpu, at_end, data):
    """Source, target and numbers end where memory does: one element too far would end the process."""
    shape = data.draw(st.tuples(st.integers(1, 12), st.integers(1, 140), st.integers(1, 18)))
    x = guarded(np.ones(shape, data.draw(st.sampled_from(SOURCES))), at_end)
    turned = data.draw(st.sampled_from([np.s_[:, :], np.s_[::-1, :], np.s_[:, ::-1], np.s_[::-1, ::-1]]))
    size, count = data.draw(st.tuples(st.integers(1, 12), st.integers(1, 280))), data.draw(st.integers(1, 3))
    target = guarded(np.zeros((1, *size, shape[2]), data.draw(st.sampled_from(["f4", "u1"]))), at_end)
    colour = guarded(np.tile(np.float64([1, 1, -INF, INF, 0, 0])[:, None], (1, count, 1, shape[2])), at_end)
    fill = guarded(np.ones((1, shape[2])), at_end)
    matrix, order = guarded(data.draw(AFFINE | PERSPECTIVE)[None], at_end), np.array([data.draw(ORDERS)], "u1")
    shrink = data.draw(st.none() | st.tuples(SIZES, SIZES).map(lambda pair: np.array([pair])))
    _core.resample([x[turned]], target, matrix, order, data.draw(BORDERS), ("linear",) * count, colour, fill, 0, shrink)
    np.testing.assert_allclose(target.astype("f8"), 1 + count, rtol=1e-5)
