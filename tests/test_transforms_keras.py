"""Geometric transforms against the layers of Keras 3.15.1 on TensorFlow, the same drawn numbers forced on both.

Inside the picture the two agree within one grey level (what is left is Keras's single precision). Outside:

- "nearest" and "reflect" agree everywhere.
- "constant": Keras is SciPy's "grid-constant": for one pixel beyond the outermost pixel centres it blends with the
  fill. Here a coordinate outside 0 … n - 1 shows the fill alone, as SciPy's "constant". Further out the two agree.
- "wrap": SciPy's period, taken here, is n - 1: the first and the last pixel fall together. Keras has no one period: k
  pictures out it steps back by k·n where k is counted in periods of n - 1, and clamps. They share nothing outside.
"""

import keras
import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import between, numbers, pull
from skimage import data

from seqaug import Pipeline, RandomFlip, RandomRotation, RandomShear, RandomTranslation, RandomZoom

MODES = ("nearest", "reflect", "wrap", "constant")
SIZE = 76, 112
KEY = 11, 2  # seed and epoch
FRACTIONS = st.floats(-0.9, 1.0).map(lambda v: (v, v)) | st.sampled_from([0.3, (-0.5, 0.1)])
SHARES = st.floats(0.0, 1.0).map(lambda v: (v, v)) | st.sampled_from([0.3, (0.1, 0.5)])


def photographs():
    """Four crops of photographs, the last two with noise on top: (4, 76, 112, 3) whole numbers from 0 to 255."""
    height, width = SIZE
    astronaut, cat = data.astronaut(), data.chelsea()
    crops = [
        astronaut[i : i + height, i : i + width] if i % 2 == 0 else cat[i : i + height, i : i + width]
        for i in (40, 81, 120, 161)
    ]
    images = np.stack(crops).astype(int)
    images[2:] += np.random.default_rng(0).integers(-60, 60, images[2:].shape)
    return np.clip(images, 0, 255).astype("u1")


IMAGES = photographs()


def drawn(transform):
    """What is drawn for each image: `(4, amounts)`."""
    return np.stack([numbers(transform, 0, (*KEY, sample))[1] for sample in range(len(IMAGES))])


def as_keras(layer, transformation, images=IMAGES):
    """The layer's images under drawn numbers of our own."""
    images = keras.ops.convert_to_tensor(images.astype("f4"))
    return keras.ops.convert_to_numpy(layer.transform_images(images, transformation, training=True))


def sources(transform):
    """Where each pixel is taken from: `(4, 2, height, width)`."""
    rows, columns = np.indices(SIZE)
    matrices = [pull(transform, 0, (*KEY, sample), *SIZE) for sample in range(len(IMAGES))]
    return np.stack([[m[i, 0] * rows + m[i, 1] * columns + m[i, 2] for i in (0, 1)] for m in matrices])


def compare(transform, layer, transformation):
    """Asserts that both agree inside the picture, and outside wherever the module's docstring says so."""
    ours = Pipeline([transform])(IMAGES, seed=KEY[0], epoch=KEY[1])
    theirs = as_keras(layer, transformation)
    at = sources(transform)
    last = np.array(SIZE).reshape(1, 2, 1, 1) - 1.0
    beyond = np.maximum(-at, at - last).max(axis=1)  # how many pixels outside, negative inside
    sure = np.ones(beyond.shape, bool)
    if transform.interpolation == "nearest":
        sure = (np.abs(at - np.floor(at) - 0.5) > 1e-3).all(axis=1)
    inside = sure & (beyond < -1e-3)
    difference = np.abs(ours - theirs).max(axis=3)
    assert difference[inside].max(initial=0) < 1
    if transform.fill_mode in ("nearest", "reflect"):
        assert difference[sure].max(initial=0) < 1
    if transform.fill_mode == "constant":
        assert difference[sure & (beyond > 1.001)].max(initial=0) < 1
        assert np.abs(theirs - blended(transform, at))[sure].max(initial=0) < 1
    if transform.fill_mode == "wrap":
        assert np.abs(theirs - stepped(transform, at))[sure & seamless(at, last)].max(initial=0) < 1
    return inside


def looked_up(transform, at, mode):
    """The images at coordinates `(4, 2, height, width)`."""
    order = 0 if transform.interpolation == "nearest" else 1
    planes = [
        [
            scipy.ndimage.map_coordinates(image[..., k].astype("f8"), where, None, order, mode, transform.fill_value)
            for k in range(3)
        ]
        for image, where in zip(IMAGES, at, strict=True)
    ]
    return np.stack(planes).transpose(0, 2, 3, 1)


def blended(transform, at):
    """What Keras means by "constant"."""
    return looked_up(transform, at, "grid-constant")


def seamless(at, last):
    """Whether rounding cannot take the coordinate to the other side of a seam."""
    return (np.abs(at - np.round(at / last) * last) > 1e-3).all(axis=1)


def stepped(transform, at):
    """What Keras does for "wrap"."""
    size = np.array(SIZE).reshape(1, 2, 1, 1)
    back = np.where(at < 0, at + size * (np.floor(-at / (size - 1)) + 1), at)
    back = np.where(at > size - 1, at - size * np.floor(at / (size - 1)), back)
    return looked_up(transform, np.clip(back, 0, size - 1), "nearest")


def column(values):
    return np.float32(values).reshape(-1, 1)


INTERPOLATIONS = pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
FILLS = pytest.mark.parametrize("mode", MODES)


@FILLS
@INTERPOLATIONS
@settings(max_examples=8)
@given(FRACTIONS, FRACTIONS)
def test_translation(mode, interpolation, down, right):
    ours = RandomTranslation(down, right, mode, interpolation, fill_value=7.0)
    layer = keras.layers.RandomTranslation(down, right, mode, interpolation, fill_value=7.0)
    u = drawn(ours)
    y, x = between(ours.height_factor, u[:, 0]) * SIZE[0], between(ours.width_factor, u[:, 1]) * SIZE[1]
    compare(ours, layer, {"translations": np.concatenate([column(x), column(y)], axis=1)})


@FILLS
@INTERPOLATIONS
@settings(max_examples=8)
@given(FRACTIONS, st.none() | FRACTIONS)
def test_zoom(mode, interpolation, height, width):
    ours = RandomZoom(height, width, mode, interpolation, fill_value=7.0)
    layer = keras.layers.RandomZoom(height, width, mode, interpolation, fill_value=7.0)
    u = drawn(ours)
    down = right = column(1 + between(ours.height_factor, u[:, 0]))
    if width is not None:
        right = column(1 + between(ours.width_factor, u[:, 1]))
    compare(ours, layer, {"height_zoom": down, "width_zoom": right})


@FILLS
@INTERPOLATIONS
@settings(max_examples=8)
@given(SHARES, SHARES)
def test_shear(mode, interpolation, x_factor, y_factor):
    ours = RandomShear(x_factor, y_factor, interpolation, mode, 7.0)
    layer = keras.layers.RandomShear(x_factor, y_factor, interpolation, mode, 7.0)
    u = drawn(ours)
    sign = np.where(u[:, 0] > 0.5, -1, 1)
    a, b = sign * between(ours.x_factor, u[:, 2]), sign * between(ours.y_factor, u[:, 1])
    compare(ours, layer, {"shear_factor": np.concatenate([column(a), column(b)], axis=1)})


@FILLS
@INTERPOLATIONS
@settings(max_examples=8)
@given(FRACTIONS)
def test_rotation(mode, interpolation, factor):
    ours = RandomRotation(factor, mode, interpolation, fill_value=7.0)
    layer = keras.layers.RandomRotation(factor, mode, interpolation, fill_value=7.0)
    degrees = np.float32(360 * between(ours.factor, drawn(ours)[:, 0]))
    none, one = np.zeros(4, "f4"), np.ones(4, "f4")
    matrices = layer._compute_affine_matrix(0.5, 0.5, degrees, none, none, one, none, none, *SIZE)
    transformation = {"rotation_matrix": matrices, "image_height": SIZE[0], "image_width": SIZE[1], "batch_size": 4}
    assert compare(ours, layer, transformation).any()


@pytest.mark.parametrize("mode", ["horizontal", "vertical", "horizontal_and_vertical"])
def test_flip(mode):
    flip = RandomFlip(mode)
    flips = np.array([numbers(flip, 0, (*KEY, sample))[0] for sample in range(4)])
    assert 0 < flips.sum() < 4
    theirs = as_keras(keras.layers.RandomFlip(mode), {"flips": flips.reshape(-1, 1, 1, 1)})
    np.testing.assert_array_equal(Pipeline([flip])(IMAGES, seed=KEY[0], epoch=KEY[1]), theirs)


def test_a_shear_changes_both_signs_or_none():
    """As in Keras: `x_factor=(0.1, 0.2)` slants to either side, y by the same sign."""
    shear = RandomShear((0.1, 0.2), (0.3, 0.4))
    plan = Pipeline([shear]).draw(seed=0, epoch=0, ids=np.arange(2000, dtype=np.uint32), shapes=[(5, 5, 1)] * 2000)
    b, a = plan.stages[0].matrices[:, 1], plan.stages[0].matrices[:, 3]
    assert ((np.abs(a) >= 0.1) & (np.abs(a) <= 0.2) & (np.abs(b) >= 0.3) & (np.abs(b) <= 0.4)).all()
    assert (np.sign(a) == np.sign(b)).all()
    assert 900 < (a > 0).sum() < 1100


def test_a_zoom_keeps_the_aspect_ratio_unless_both_are_given():
    arguments = {"seed": 0, "epoch": 0, "ids": np.arange(20, dtype=np.uint32), "shapes": [(5, 9, 1)] * 20}
    one = Pipeline([RandomZoom(0.2)]).draw(**arguments).stages[0].matrices
    assert (one[:, 0] == one[:, 4]).all()
    assert len(set(one[:, 0].tolist())) == 20
    both = Pipeline([RandomZoom(0.2, 0.2)]).draw(**arguments).stages[0].matrices
    assert (both[:, 0] == one[:, 0]).all()
    assert (both[:, 0] != both[:, 4]).all()
