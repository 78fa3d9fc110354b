"""seqaug's apply_affine_transform against Keras's own: values as bits, dtypes, and what is refused when."""

import subprocess
import sys

import numpy as np
import pytest
from common import DTYPES, MODES, bits, laid_out, outcome, pixels
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tensorflow.keras.preprocessing.image import apply_affine_transform as keras_affine

from seqaug.preprocessing.image import apply_affine_transform

AXES = [(0, 1, 2), (1, 2, 0), (1, 0, 2), (2, 1, 0)]
ANGLES = st.one_of(
    st.sampled_from([0, 45, 90, 180, -90, 270, 360, 1e-9, np.float32(30)]), st.floats(-720, 720, width=32)
)


def same(ours, theirs):
    assert ours.dtype == theirs.dtype
    assert ours.shape == theirs.shape
    assert bits(ours) == bits(theirs)


@st.composite
def calls(draw):
    """An image and the arguments of a call."""
    small, large = st.integers(1, 6), st.integers(1, 80)
    size = small if draw(st.booleans()) else large
    row_axis, col_axis, channel_axis = draw(st.sampled_from(AXES))
    shape = [0, 0, 0]
    shape[row_axis], shape[col_axis], shape[channel_axis] = draw(size), draw(size), draw(st.integers(1, 9))
    x = draw(laid_out(draw(pixels(tuple(shape)))))
    cvals = [0, 0.0, 0.5, -0.7, 2.5, 300, -300, 1e30, -1e30, 255, float("inf")]
    arguments = {
        "theta": draw(ANGLES),
        "tx": draw(st.one_of(st.sampled_from([0, 1, -2, 0.5, 1000]), st.floats(-50, 50))),
        "ty": draw(st.one_of(st.sampled_from([0, 1, -2, 0.5, 1000]), st.floats(-50, 50))),
        "shear": draw(st.one_of(st.just(0), ANGLES)),
        "zx": draw(st.one_of(st.sampled_from([1, 2, 0.5, -1, 0]), st.floats(-5, 5))),
        "zy": draw(st.one_of(st.sampled_from([1, 2, 0.5, -1, 0]), st.floats(-5, 5))),
        "row_axis": row_axis,
        "col_axis": col_axis,
        "channel_axis": channel_axis,
        "fill_mode": draw(st.sampled_from(MODES)),
        "cval": draw(st.sampled_from([*cvals, float("nan")] if x.dtype.kind == "f" else cvals)),
        "order": draw(st.one_of(st.integers(0, 1), st.integers(2, 5))),
    }
    return x, arguments


@pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning", "ignore:invalid value:RuntimeWarning")
@settings(max_examples=1500)
@given(calls())
def test_equal_to_keras(cpu, call):
    x, arguments = call
    before = x.tobytes()
    ours, theirs = apply_affine_transform(x, **arguments), keras_affine(x, **arguments)
    same(ours, theirs)
    assert x.tobytes() == before
    assert (ours is x) == (theirs is x)
    assert ours is x or ours.flags.c_contiguous


@pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning")
@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("theta", [0, 45, 90, 180, 270, 17.3])
@pytest.mark.parametrize("shape", [(224, 224, 3), (5, 5, 1), (130, 67, 4), (1, 9, 2), (9, 1, 17), (1, 1, 3)])
def test_equal_on_a_grid(cpu, shape, theta, mode, order):
    x = np.random.default_rng(0).random(shape, np.float32)
    for scale, dtype in ((1, "f4"), (255, "u1")):
        image = (x * scale).astype(dtype)
        arguments = {"theta": theta, "tx": 1, "fill_mode": mode, "cval": 0.25, "order": order}
        axes = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
        same(apply_affine_transform(image, **arguments, **axes), keras_affine(image, **arguments, **axes))


@pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning")
@settings(max_examples=60)
@given(
    pixels((7, 9, 2)).flatmap(laid_out),
    st.integers(0, 5),
    st.sampled_from(["mirror", "grid-wrap", "grid-constant", "grid-mirror"]),
)
def test_other_modes_go_through_scipy(x, order, mode):
    arguments = {"theta": 20, "zx": 1.2, "row_axis": 0, "col_axis": 1, "channel_axis": 2, "order": order}
    theirs = outcome(keras_affine, x, **arguments, fill_mode=mode)
    ours = outcome(apply_affine_transform, x, **arguments, fill_mode=mode)
    assert ours[0] == theirs[0]
    if ours[0] == "value":
        same(ours[1], np.ascontiguousarray(theirs[1]))
        assert ours[1].flags.c_contiguous


@pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning")
@pytest.mark.parametrize("mode", ["mirror", "grid-wrap"])
@pytest.mark.parametrize("dtype", [*DTYPES, "c8", "c16"])
def test_modes_and_dtypes_of_scipy(dtype, mode):
    x = (np.arange(60).reshape(5, 6, 2) % 50).astype(dtype)
    same(
        apply_affine_transform(x, 30, row_axis=0, col_axis=1, channel_axis=2, fill_mode=mode),
        keras_affine(x, 30, row_axis=0, col_axis=1, channel_axis=2, fill_mode=mode).copy("C"),
    )


IMAGE = np.arange(24, dtype="f4").reshape(4, 3, 2)


@pytest.mark.parametrize("moving", [{}, {"theta": 10}], ids=["identity", "moving"])
@pytest.mark.parametrize(
    ("x", "arguments"),
    [
        (IMAGE, {"row_axis": 1}),
        (IMAGE, {"row_axis": 1, "col_axis": 1, "channel_axis": 1}),
        (IMAGE, {"channel_axis": 3}),
        (IMAGE, {"row_axis": -1}),
        (IMAGE, {"row_axis": 0, "col_axis": 2, "channel_axis": 1}),
        (IMAGE[0], {}),
        (IMAGE[None], {}),
        (IMAGE.tolist(), {}),
        (IMAGE[:0], {}),
        (IMAGE[:, :0], {}),
        (IMAGE[:, :, :0], {}),
        (IMAGE, {"fill_mode": "edge"}),
        (IMAGE, {"fill_mode": None}),
        (IMAGE, {"order": 6}),
        (IMAGE, {"order": -1}),
        (IMAGE, {"order": 1.0}),
        (IMAGE, {"order": "1"}),
        (IMAGE, {"order": True}),
        (IMAGE, {"cval": "0"}),
        (IMAGE, {"cval": None}),
        (IMAGE, {"cval": 1j}),
        (IMAGE, {"theta": "a"}),
        (IMAGE, {"theta": None}),
        (IMAGE, {"theta": np.eye(2)}),
        (IMAGE, {"tx": np.array([1.0, 2.0])}),
        (IMAGE.astype("f2"), {}),
        (IMAGE.astype("g"), {}),
        (IMAGE.astype("O"), {}),
        (IMAGE.astype("M8[s]"), {}),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else f"{getattr(value, 'dtype', 'list')}{np.shape(value)}",
)
def test_refuses_what_keras_refuses(x, arguments, moving):
    arguments = {**moving, **arguments}
    ours, theirs = outcome(apply_affine_transform, x, **arguments), outcome(keras_affine, x, **arguments)
    assert ours[0] == theirs[0], (ours, theirs)
    if ours[0] == "error":
        assert ours[1] is theirs[1] or issubclass(ours[1], theirs[1])
    else:
        same(ours[1], np.ascontiguousarray(theirs[1]))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
@pytest.mark.parametrize("name", ["theta", "tx", "ty", "shear", "zx", "zy"])
def test_parameters_that_are_not_finite_are_named(name, value):
    with pytest.raises(ValueError, match=f"`{name}` must be finite. Received: {name}="):
        apply_affine_transform(IMAGE, **{name: value})


def test_a_nan_fill_is_for_floats_only():
    assert np.isnan(apply_affine_transform(IMAGE, tx=9, fill_mode="constant", cval=np.nan)).all()
    with pytest.raises(ValueError, match="`cval` must be a number for an image of dtype uint8"):
        apply_affine_transform(IMAGE.astype("u1"), tx=9, fill_mode="constant", cval=np.nan)


@pytest.mark.parametrize("arguments", [{"tx": 1e300}, {"zx": 1e200, "zy": -1e200, "theta": 3}, {"tx": 5e15}])
@pytest.mark.parametrize("mode", MODES)
def test_transforms_out_of_reach_are_refused(arguments, mode):
    with pytest.raises(ValueError, match=r"2\*\*52"):
        apply_affine_transform(IMAGE, fill_mode=mode, **arguments)


def test_facts_of_the_docstring():
    axes = {"row_axis": 0, "col_axis": 1, "channel_axis": 2}
    square = np.arange(25.0).reshape(5, 5, 1)
    np.testing.assert_allclose(apply_affine_transform(square, 90, **axes), np.rot90(square), atol=1e-12)
    np.testing.assert_array_equal(apply_affine_transform(square, tx=1, **axes)[:, :-1], square[:, 1:])
    np.testing.assert_array_equal(apply_affine_transform(square, ty=1, **axes)[:-1], square[1:])
    wide = np.ones((4, 8, 1))
    assert (apply_affine_transform(wide, 180, fill_mode="constant", cval=7, **axes) == 7).all()


WITHOUT_SCIPY = """
import sys
sys.modules["scipy"] = sys.modules["scipy.ndimage"] = None
import numpy as np
from seqaug.preprocessing.image import apply_affine_transform
x = np.ones((4, 4, 1), "u1")
for order in range(6):
    apply_affine_transform(x, 10, row_axis=0, col_axis=1, channel_axis=2, order=order)
for refused in ({"fill_mode": "mirror"}, {"fill_mode": "grid-wrap", "order": 3}):
    try:
        apply_affine_transform(x, 10, **refused)
    except ImportError as error:
        assert "pip install scipy" in str(error), error
    else:
        raise SystemExit("no error")
for refused in ({"order": 6}, {"fill_mode": "edge"}):
    try:
        apply_affine_transform(x, 10, **refused)
    except RuntimeError as error:
        assert "Received" in str(error), error
    else:
        raise SystemExit("no error")
"""


def test_without_scipy(tmp_path):
    subprocess.run([sys.executable, "-c", WITHOUT_SCIPY], check=True, cwd=tmp_path)


@example(theta=90, size=5)
@given(theta=st.floats(-360, 360), size=st.integers(1, 40))
def test_quiet(theta, size):
    """No deprecation warning: warnings are errors here."""
    apply_affine_transform(np.ones((size, size, 1), "f4"), theta, row_axis=0, col_axis=1, channel_axis=2)
