"""Perspective against the layer of Keras 3.15.1, and what Keras does not have against plain NumPy."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import numbers, pull, random_window
from scipy.stats import ks_2samp
from test_transforms_keras import IMAGES, KEY, SIZE, drawn

from seqaug import (
    CenterCrop,
    Pipeline,
    RandomD4,
    RandomFlip,
    RandomPerspective,
    RandomResizedCrop,
    RandomRotate90,
    RandomRotation,
    RandomTranspose,
    Rescaling,
    Resizing,
)

SQUARES = IMAGES[:, :, :76]


def by_keras(layer, transform, masks=None):
    """The layer's images, or masks, under the corners that were drawn here."""
    u = drawn(transform)
    last = np.array([SIZE[1] - 1, SIZE[0] - 1], np.float32)
    start = np.float32([[[0, 0], [1, 0], [0, 1], [1, 1]]] * 4) * last
    factors = np.zeros((4, 4, 2), np.float32)
    factors[:, 1, 0], factors[:, 2, 1] = u[:, 1], u[:, 2]
    factors[:, 3] = u[:, 3:5]
    factors = (factors - 0.5) * transform.scale
    transformation = {
        "apply_perspective": keras.ops.convert_to_tensor(u[:, 0] < np.mean(transform.factor)),
        "start_points": keras.ops.convert_to_tensor(start),
        "end_points": keras.ops.convert_to_tensor(start + start * factors),
    }
    if masks is None:
        images = keras.ops.convert_to_tensor(IMAGES.astype("f4"))
        return keras.ops.convert_to_numpy(layer.transform_images(images, transformation, training=True))
    tensor = keras.ops.convert_to_tensor(masks.astype("f4"))
    return keras.ops.convert_to_numpy(layer.transform_segmentation_masks(tensor, transformation, training=True))


def beyond(transform):
    """How far outside each pixel is taken from, negative inside: `(4, height, width)` pixels; and its coordinates."""
    places = np.stack([*np.indices(SIZE), np.ones(SIZE)])
    at = []
    for sample in range(4):
        y, x, w = np.tensordot(pull(transform, 0, (*KEY, sample), *SIZE), places, 1)
        at.append([y / w, x / w])
    at = np.array(at)
    return np.maximum(-at, at - np.reshape(SIZE, (1, 2, 1, 1)) + 1.0).max(axis=1), at


@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@settings(max_examples=15)
@given(st.sampled_from([1.0, (1.0, 1.0), (0.3, 0.6)]), st.floats(0.0, 0.6))
def test_perspective(interpolation, factor, scale):
    """As Keras inside the picture; for a pixel beyond it Keras blends with the fill, and further out they agree."""
    ours = RandomPerspective(factor, scale, interpolation, 7.0)
    theirs = by_keras(keras.layers.RandomPerspective(factor, scale, interpolation, 7.0), ours)
    out, at = beyond(ours)
    sure = np.abs(out) > 1e-2
    if interpolation == "nearest":
        sure &= (np.abs(at - np.floor(at) - 0.5) > 1e-2).all(axis=1)
    sure &= (out < 0) | (out > 1.01)
    difference = np.abs(Pipeline([ours])(IMAGES, seed=KEY[0], epoch=KEY[1]) - theirs).max(axis=3)
    assert difference[sure].max() < 1
    assert (sure & (out < 0)).any()


def test_masks_in_perspective():
    ours = RandomPerspective((1.0, 1.0), 0.5)
    masks = np.random.default_rng(0).integers(1, 9, (4, *SIZE, 1))
    theirs = by_keras(keras.layers.RandomPerspective((1.0, 1.0), 0.5), ours, masks)
    pipeline = Pipeline([ours])
    plan = pipeline.draw(seed=KEY[0], epoch=KEY[1], ids=range(4), shapes=[(*SIZE, 3)] * 4)
    out, at = beyond(ours)
    sure = (np.abs(at - np.floor(at) - 0.5) > 1e-2).all(axis=1) & ((out < -1e-2) | (out > 1.01))
    np.testing.assert_array_equal(pipeline.run_masks(plan, masks)[sure], theirs[sure])
    assert 0 < (out > 1.01).mean() < 0.8


def test_perspective_is_drawn_as_by_keras():
    layer = keras.layers.RandomPerspective(1.0, 0.8, seed=3)
    theirs = layer.get_random_transformation(np.zeros((3000, 8, 9, 1), "f4"))
    ends = keras.ops.convert_to_numpy(theirs["end_points"]) / [8, 7]
    kept = ~keras.ops.convert_to_numpy(theirs["apply_perspective"])
    plan = Pipeline([RandomPerspective(1.0, 0.8)]).draw(seed=5, epoch=0, ids=range(3000), shapes=[(8, 9, 1)] * 3000)
    still = (plan.stages[0].matrices == np.eye(3).reshape(-1)).all(axis=1)
    assert abs(still.mean() - kept.mean()) < 0.05
    m = plan.stages[0].matrices[~still].reshape(-1, 3, 3)
    corners = np.linalg.inv(m) @ np.array([[0, 0, 7, 7], [0, 8, 0, 8], [1, 1, 1, 1]])
    corners = (corners[:, :2] / corners[:, 2:]).transpose(0, 2, 1) / [7, 8]
    assert np.abs(corners[:, 0]).max() == np.abs(ends[:, 0]).max() == 0
    for corner, axis in ((1, 1), (2, 0), (3, 0), (3, 1)):
        assert ks_2samp(corners[:, corner, axis], ends[:, corner, 1 - axis]).pvalue > 1e-3


def test_perspective_fuses():
    """Half of it between two rotations is one pass, and the pictures that it leaves alone keep every bit."""
    turn, back = RandomRotation((0.1, 0.1), "constant"), RandomRotation((-0.1, -0.1), "constant")
    pipeline = Pipeline([turn, RandomPerspective(1.0, 0.3), back])
    assert len(pipeline.stages) == 1
    plan = pipeline.draw(seed=0, epoch=0, ids=range(40), shapes=[(20, 30, 3)] * 40)
    affine = Pipeline([turn, back]).draw(seed=0, epoch=0, ids=range(40), shapes=[(20, 30, 3)] * 40)
    kept = (plan.stages[0].matrices[:, 6:] == [0, 0, 1]).all(axis=1)
    assert 5 < kept.sum() < 35
    np.testing.assert_array_equal(plan.stages[0].matrices[kept, :6], affine.stages[0].matrices[kept])


@pytest.mark.parametrize("dtype", ["u1", "u2", "i2", "f4"])
@pytest.mark.parametrize("size", [(1, 1), (1, 5), (6, 1), (5, 5)])
def test_perspective_of_anything(cpu, dtype, size):
    """Small and odd pictures, NaN, and corners that meet: nothing outside is touched, whatever comes out."""
    images = np.arange(8 * size[0] * size[1] * 5).reshape(8, *size, 5).astype(dtype)
    if dtype == "f4":
        images[:, :, :, 1] = np.nan
    before = images.tobytes()
    for mode in ("constant", "reflect", "wrap", "nearest"):
        pipeline = Pipeline([RandomPerspective((1.0, 1.0), fill_mode=mode), Rescaling(2.0)])
        out = pipeline(images, seed=0)
        assert out.tobytes() == pipeline(images, seed=0, threads=3).tobytes()
        assert out.shape == images.shape
    assert images.tobytes() == before


def test_quarter_turns_and_transposition(cpu):
    for dtype in ("u1", "u2", "f4", "f8"):
        images = IMAGES.astype(dtype)
        for k in range(4):
            out = Pipeline([RandomRotate90((k,))])(images, seed=0)
            np.testing.assert_array_equal(out, np.rot90(images, k, axes=(1, 2)).astype("f4"))
        out = Pipeline([RandomTranspose(p=1)])(images, seed=0)
        np.testing.assert_array_equal(out, images.swapaxes(1, 2).astype("f4"))


@pytest.mark.parametrize("size", [(1, 1), (3, 300), (400, 2), (37, 41), (8, 16), (200, 9)])
@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 17])
def test_quarter_turns_of_any_size(cpu, size, channels):
    """And of any layout, into either type, coloured or not: more than fits a tile of turned rows as well."""
    images = np.random.default_rng(0).integers(0, 256, (2, *size, channels)).astype("u1")
    apart = np.ascontiguousarray(images.transpose(0, 3, 1, 2)).transpose(0, 2, 3, 1)
    for k in (1, 3):
        expected = np.rot90(images, k, axes=(1, 2))
        pipeline = Pipeline([RandomRotate90((k,))])
        for source in (images, apart, images.astype("f4"), images.astype("f8"), images[:, ::-1][:, ::-1]):
            np.testing.assert_array_equal(pipeline(source, seed=0), expected.astype("f4"))
        np.testing.assert_array_equal(pipeline(images, seed=0, dtype="uint8"), expected)
        plan = pipeline.draw(seed=0, epoch=0, ids=range(2), shapes=[images.shape[1:]] * 2)
        planes = np.empty((2, channels, *plan.out_shape[1:3]), "u1").transpose(0, 2, 3, 1)
        np.testing.assert_array_equal(pipeline.run(plan, images, planes), expected)
        light = Pipeline([RandomRotate90((k,)), Rescaling(2.0)])(images, seed=0)
        np.testing.assert_array_equal(light, expected * 2.0)


@pytest.mark.parametrize("channels", [1, 3, 4, 19])
def test_all_eight_symmetries(cpu, channels):
    images = np.random.default_rng(0).integers(0, 256, (64, 13, 13, channels)).astype("u1")
    pipeline = Pipeline([RandomD4()])
    out = pipeline(images, seed=1, dtype="uint8")
    seen = set()
    for image, moved in zip(images, out, strict=True):
        kinds = [np.rot90(image.swapaxes(0, 1) if flip else image, k) for flip in (0, 1) for k in range(4)]
        seen.add([np.array_equal(kind, moved) for kind in kinds].index(True))
    assert seen == set(range(8))
    assert out.tobytes() == pipeline(images, seed=1, dtype="uint8", threads=3).tobytes()


def test_symmetries_are_as_likely_as_they_say():
    def drawn_kinds(transform):
        plan = Pipeline([transform]).draw(seed=2, epoch=0, ids=range(4000), shapes=[(5, 5, 1)] * 4000)
        return np.sort(np.unique(plan.stages[0].matrices, axis=0, return_counts=True)[1])

    assert np.abs(drawn_kinds(RandomD4()) - 500).max() < 100
    assert np.abs(drawn_kinds(RandomRotate90()) - 1000).max() < 120
    assert np.abs(drawn_kinds(RandomRotate90(p=0.4)) - [400, 400, 400, 2800]).max() < 120
    assert np.abs(drawn_kinds(RandomTranspose(p=0.25)).max() - 3000) < 120


@pytest.mark.parametrize(("transform", "refused"), [
    (RandomRotate90(), True), (RandomRotate90((1,)), False), (RandomRotate90((1, 3)), False), (RandomD4(), True),
    (RandomRotate90((1, 3), p=0.5), True), (RandomRotate90((0, 2)), False), (RandomTranspose(), True),
    (RandomTranspose(p=1), False), (RandomTranspose(p=0), False), (RandomD4(p=0), False), (RandomRotate90(p=0), False),
])  # fmt: skip
def test_sizes_must_stay_alike(transform, refused):
    """Told when the size is known, before anything is drawn."""
    pipeline = Pipeline([RandomFlip(), transform])
    Pipeline([CenterCrop(9, 9), transform])(IMAGES, seed=0)
    if not refused:
        height, width = pipeline(IMAGES, seed=0).shape[1:3]
        assert (height, width) == pipeline.output_size(*SIZE)
        assert sorted((height, width)) == sorted(SIZE)
        return
    for call in (lambda: pipeline(IMAGES, seed=0), lambda: pipeline.output_size(*SIZE)):
        with pytest.raises(ValueError, match=r"images must be square here.*Received: 76×112"):
            call()


def test_what_follows_a_quarter_turn_follows_the_picture():
    """Crops still hide what they cut off, and pictures that shrink are still averaged."""
    for after in (Resizing(20, 17, antialias=True), RandomResizedCrop(20, 17, antialias=True)):
        pipeline = Pipeline([RandomTranspose(p=1), after, Rescaling(0.5)])
        assert len(pipeline.stages) == 1
        alone = Pipeline([Rescaling(0.5, p=0), after, Rescaling(0.5)])  # which has the second place as well
        np.testing.assert_allclose(
            pipeline(IMAGES, seed=0), alone(IMAGES.swapaxes(1, 2).copy(), seed=0), rtol=0, atol=1e-3
        )


def crops(transform, height, width, count=3000):
    """The tops, lefts, heights and widths of crops."""
    windows = []
    for sample in range(count):
        applied, u = numbers(transform, 0, (4, 0, sample))
        windows.append(random_window(transform, applied, u, height, width))
    return np.array(windows)


@pytest.mark.parametrize("size", [(76, 112), (300, 40), (20, 400), (1, 1), (2, 90)])
@pytest.mark.parametrize(("scale", "ratio"), [((0.08, 1.0), (3 / 4, 4 / 3)), ((0.5, 1.0), (2.0, 3.0))])
def test_windows_of_resized_crops(size, scale, ratio):
    """Those of torchvision's algorithm, written out in the reference, to the pixel."""
    crop = RandomResizedCrop(5, 6, scale, ratio, p=0.9)
    plan = Pipeline([crop]).draw(seed=4, epoch=0, ids=range(300), shapes=[(*size, 1)] * 300)
    np.testing.assert_array_equal(plan.stages[0].windows, crops(crop, *size, 300))


def test_resized_crops_are_spread_as_they_say():
    windows = crops(RandomResizedCrop(5, 5), 400, 500)
    area, ratio = windows[:, 2] * windows[:, 3] / 2e5, windows[:, 3] / windows[:, 2]
    assert 0.079 < area.min() < 0.09
    assert 0.74 < ratio.min() < 0.76
    assert 1.32 < ratio.max() < 1.34
    small = area < 0.5  # these always fit
    spread = np.random.default_rng(0).uniform(0.08, 0.5, 20000)
    assert ks_2samp(area[small], spread).pvalue > 1e-3
    logarithms = np.random.default_rng(0).uniform(-np.log(4 / 3), np.log(4 / 3), 20000)
    assert ks_2samp(np.log(ratio[small]), logarithms).pvalue > 1e-3


@pytest.mark.parametrize("antialias", [False, "auto", True])
def test_a_resized_crop_is_the_crop_resized(antialias):
    """Nothing beyond the edges of the crop is seen; mirrored before or after, in one pass."""
    crop = RandomResizedCrop(24, 20, antialias=antialias)
    out = Pipeline([crop, RandomFlip("horizontal", p=1)])(IMAGES, seed=4)
    resize = Pipeline([Resizing(24, 20, antialias=antialias), RandomFlip("horizontal", p=1)])
    for sample, (top, left, tall, wide) in enumerate(crops(crop, *SIZE, 4)):
        cut = IMAGES[sample : sample + 1, top : top + tall, left : left + wide]
        np.testing.assert_allclose(out[sample], resize(cut, seed=0)[0], atol=1e-3)


def test_evaluation_of_resized_crops():
    crop = RandomResizedCrop(20, 30, seed=3)
    assert Pipeline([crop]).evaluation().transforms == (Resizing(20, 30, crop_to_aspect_ratio=True, antialias="auto"),)
    still = RandomResizedCrop(20, 30, p=0)
    np.testing.assert_array_equal(Pipeline([still])(IMAGES, seed=0), Pipeline([crop]).evaluation()(IMAGES, seed=0))
    for transform in (RandomPerspective(), RandomRotate90(), RandomD4(), RandomTranspose()):
        assert Pipeline([transform]).evaluation().transforms == ()


@pytest.mark.parametrize(("call", "error", "message"), [
    (lambda: RandomPerspective(1.5), ValueError, "`factor` must be a finite number from 0 to 1.*1.5"),
    (lambda: RandomPerspective(scale=1.01), ValueError, "`scale` must be a finite number from 0 to 1.*1.01"),
    (lambda: RandomPerspective(interpolation="area"), ValueError, "`interpolation` must be one of.*'area'"),
    (lambda: RandomPerspective(fill_mode="mirror"), ValueError, "`fill_mode` must be one of.*'mirror'"),
    (lambda: RandomRotate90(1), ValueError, "`turns` must be a tuple of whole numbers from 0 to 3.*turns=1"),
    (lambda: RandomRotate90(()), ValueError, r"`turns` must be a tuple of whole numbers.*turns=\(\)"),
    (lambda: RandomRotate90((1, 4)), ValueError, "`turns` must be from 0 to 3.*4"),
    (lambda: RandomRotate90((0.5,)), TypeError, "`turns` must be an integer.*0.5"),
    (lambda: RandomResizedCrop(0, 5), ValueError, "`height` must be from 1"),
    (lambda: RandomResizedCrop(5, 5, 0.5), ValueError, "`scale` must be a pair of numbers.*0.5"),
    (lambda: RandomResizedCrop(5, 5, (0, 1)), ValueError, r"`scale` must be above 0.*\(0, 1\)"),
    (lambda: RandomResizedCrop(5, 5, (0.5, 1.1)), ValueError, "`scale` must be a finite number from 0 to 1.*1.1"),
    (lambda: RandomResizedCrop(5, 5, ratio=(1, np.inf)), ValueError, "`ratio` must be a finite number.*inf"),
    (lambda: RandomResizedCrop(5, 5, antialias="yes"), TypeError, "`antialias` must be True or False.*'yes'"),
    (lambda: RandomResizedCrop(5, 5, interpolation="nearest", antialias=True), ValueError, "averages pixels, which"),
])  # fmt: skip
def test_refused(call, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        call()
