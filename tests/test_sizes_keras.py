"""Crops and resizes against the layers of Keras 3.15.1 on TensorFlow."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import fitting, numbers
from test_transforms_keras import IMAGES, SIZE

from seqaug import CenterCrop, Pipeline, RandomCrop, RandomFlip, Resizing

TALL = IMAGES.transpose(0, 2, 1, 3)
SIDES = st.integers(1, 150)


def layer_of(transform):
    """The Keras layer of the same name and arguments."""
    config = {key: value for key, value in transform.get_config().items() if key != "p"}
    return getattr(keras.layers, type(transform).__name__)(**config)


def by_keras(layer, images):
    return keras.ops.convert_to_numpy(layer(images.astype("f4")))


@settings(max_examples=40)
@given(SIDES, SIDES, st.sampled_from([IMAGES, TALL]))
def test_resizing(height, width, images):
    resize = Resizing(height, width)
    np.testing.assert_allclose(Pipeline([resize])(images, seed=0), by_keras(layer_of(resize), images), atol=0.1)


@settings(max_examples=40)
@given(SIDES, SIDES, st.sampled_from([IMAGES, TALL]))
def test_resizing_to_the_nearest(height, width, images):
    """Halfway between two pixels, and where Keras's single precision takes another side, the two may differ."""
    resize = Resizing(height, width, "nearest")
    ours, theirs = Pipeline([resize])(images, seed=0), by_keras(layer_of(resize), images)
    far = [np.abs((2 * np.arange(m) + 1) * n / (2 * m) % 1 - 0.5) < 0.499
           for n, m in zip(images.shape[1:3], (height, width), strict=True)]  # fmt: skip
    np.testing.assert_array_equal(ours[:, far[0]][:, :, far[1]], theirs[:, far[0]][:, :, far[1]])


@settings(max_examples=40)
@given(SIDES, SIDES, st.sampled_from([IMAGES, TALL]))
def test_cropping_to_the_aspect_ratio(height, width, images):
    """Enlarged, ours sees up to half a pixel of what was cut off where Keras repeats the edge; else they are equal."""
    resize = Resizing(height, width, crop_to_aspect_ratio=True)
    ours, theirs = Pipeline([resize])(images, seed=0), by_keras(layer_of(resize), images)
    top, left, tall, wide = fitting(*images.shape[1:3], (height, width))
    inner = []
    for start, part, whole, size in ((top, tall, images.shape[1], height), (left, wide, images.shape[2], width)):
        at = (np.arange(size) + 0.5) * part / size - 0.5
        inner.append((part == whole) | ((at >= 0) & (at <= part - 1)))
        assert start == (whole - part) // 2
    np.testing.assert_allclose(ours[:, inner[0]][:, :, inner[1]], theirs[:, inner[0]][:, :, inner[1]], atol=0.1)
    bordering = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), "edge").astype(int)
    steps = max(np.abs(np.diff(bordering, axis=axis)).max() for axis in (1, 2))
    assert np.abs(ours - theirs).max() <= steps + 0.1


@settings(max_examples=40)
@given(SIDES, SIDES, st.sampled_from([IMAGES, TALL]))
def test_padding_to_the_aspect_ratio(height, width, images):
    """Equal wherever Keras does not blend the picture with its padding: ours has a hard edge.

    Padded, a picture may be thousands of pixels wide, where single precision is a thousandth of a pixel.
    """
    resize = Resizing(height, width, pad_to_aspect_ratio=True, fill_value=114.0)
    ours, theirs = Pipeline([resize])(images, seed=0), by_keras(layer_of(resize), images)
    sure, outside = [], []
    for own, other, size, across in ((*images.shape[1:3], height, width), (*images.shape[2:0:-1], width, height)):
        padding = (max(own, other * size // across) - own) // 2
        at = (np.arange(size) + 0.5) * (own + 2 * padding) / size - 0.5 - padding
        sure.append((padding == 0) | ((at >= 0) & (at <= own - 1)) | (at <= -1) | (at >= own))
        outside.append((at < -0.5 - 1e-9) | (at > own - 0.5 + 1e-9))
    np.testing.assert_allclose(ours[:, sure[0]][:, :, sure[1]], theirs[:, sure[0]][:, :, sure[1]], atol=0.5)
    fill = outside[0][:, None] | outside[1]
    assert (ours[:, fill] == 114).all()


@settings(max_examples=40)
@given(SIDES, SIDES, st.sampled_from([IMAGES, TALL]))
def test_center_crop(height, width, images):
    crop = CenterCrop(height, width)
    ours, theirs = Pipeline([crop])(images, seed=0), by_keras(layer_of(crop), images)
    if height <= images.shape[1] and width <= images.shape[2]:
        np.testing.assert_array_equal(ours, theirs)
        return
    _, _, tall, wide = fitting(*images.shape[1:3], (height, width))
    inner = [
        (part == whole) | (np.abs((np.arange(size) + 0.5) * part / size - part / 2) <= (part - 1) / 2)
        for part, whole, size in zip((tall, wide), images.shape[1:3], (height, width), strict=True)
    ]
    np.testing.assert_allclose(ours[:, inner[0]][:, :, inner[1]], theirs[:, inner[0]][:, :, inner[1]], atol=0.1)


@settings(max_examples=40)
@given(st.integers(1, SIZE[0] - 1), st.integers(1, SIZE[1] - 1), st.integers(0, 2**32))
def test_random_crop(height, width, seed):
    """With the place that was drawn, Keras cuts out the same; and the place is within the picture for every image."""
    crop = RandomCrop(height, width)
    ours = Pipeline([crop])(IMAGES, seed=seed)
    for sample, image in enumerate(IMAGES):
        _, u = numbers(crop, 0, (seed, 0, sample))
        place = int(u[0] * (SIZE[0] - height + 1)), int(u[1] * (SIZE[1] - width + 1))
        assert place[0] <= SIZE[0] - height
        assert place[1] <= SIZE[1] - width
        theirs = layer_of(crop).transform_images(keras.ops.convert_to_tensor(image.astype("f4")), place)
        np.testing.assert_array_equal(ours[sample], theirs)


def test_random_crops_are_everywhere_and_each_its_own():
    column = np.arange(6, dtype=np.uint8).reshape(1, 6, 1, 1).repeat(3000, axis=0)
    starts = Pipeline([RandomCrop(3, 1)])(column, seed=0)[:, 0, 0, 0]
    assert np.abs(np.bincount(starts.astype(int)) - 750).max() < 4.5 * np.sqrt(3000 * 0.25 * 0.75)
    middle = Pipeline([RandomCrop(3, 1, p=0)])(column, seed=0)
    assert (middle == Pipeline([CenterCrop(3, 1)])(column, seed=0)).all()
    assert (middle[:, 0] == 1).all()


@pytest.mark.parametrize("size", [(100, 100), (76, 150), (200, 40), (80, 112)])
def test_random_crop_of_small_pictures_is_the_center_crop(size):
    """Keras 3.15.1's RandomCrop slices by the wrong size there and distorts; its CenterCrop does as it says."""
    np.testing.assert_array_equal(
        Pipeline([RandomCrop(*size)])(IMAGES, seed=0), Pipeline([CenterCrop(*size)])(IMAGES, seed=0)
    )


def test_keras_distorts_small_pictures():
    """What the docstring of RandomCrop says of Keras."""
    gradient = np.broadcast_to(np.arange(40.0, dtype="f4")[None, None, :, None], (1, 10, 40, 1))
    theirs = keras.ops.convert_to_numpy(keras.layers.RandomCrop(20, 20)(gradient, training=True))[0, 10, :, 0]
    ours = Pipeline([RandomCrop(20, 20)])(np.ascontiguousarray(gradient), seed=0)[0, 10, :, 0]
    assert np.diff(ours)[5:-5] == pytest.approx(0.5)
    assert np.diff(theirs)[5:-5] == pytest.approx(1.0)


def test_keras_takes_the_middle_of_pictures_as_high_as_the_crop():
    line = np.arange(41, dtype="f4").reshape(1, 1, 41, 1)
    assert {float(keras.layers.RandomCrop(1, 3)(line, training=True)[0, 0, 0, 0]) for _ in range(8)} == {19}
    ours = Pipeline([RandomCrop(1, 3)])(line.repeat(100, axis=0), seed=0)[:, 0, 0, 0]
    assert len(set(ours.tolist())) > 25


@pytest.mark.parametrize("size", [(30, 30), (76, 20), (100, 50), (7, 11)])
@pytest.mark.parametrize("interpolation", ["bilinear", "bicubic"])
def test_antialias_and_bicubic(size, interpolation):
    """Keras's antialiasing triangle; its bicubic is Keys' with a = -0.5, as ours is, but has other edges."""
    theirs = keras.ops.image.resize(
        IMAGES.astype("f4"), size, interpolation=interpolation, antialias=interpolation != "bicubic"
    )
    ours = Pipeline([Resizing(*size, interpolation, antialias=interpolation != "bicubic")])(IMAGES, seed=0)
    inside = np.s_[:] if interpolation == "bilinear" else np.s_[:, 3:-3, 3:-3]
    np.testing.assert_allclose(
        ours[inside], np.asarray(theirs)[inside], atol=0.03 if interpolation == "bilinear" else 0.3
    )


def test_shrunk_photographs_look_like_pillows():
    """Signal to noise in decibels against Pillow's antialiased resize: 8-bit rounding alone leaves about 59."""
    from PIL import Image
    from skimage import data

    for photograph in (data.astronaut(), data.coffee(), data.chelsea()):
        for size in ((96, 96), (64, 100), (31, 47)):
            pillow = np.asarray(Image.fromarray(photograph).resize(size[::-1], Image.Resampling.BILINEAR), np.float64)

            def decibels(pipeline, pillow=pillow, photograph=photograph):
                return 10 * np.log10(255**2 / ((pipeline([photograph], seed=0)[0] - pillow) ** 2).mean())

            assert decibels(Pipeline(image_size=size)) > 50
            assert decibels(Pipeline([Resizing(*size, antialias=True)])) > 50
            assert decibels(Pipeline([Resizing(*size)])) < 36  # as Keras does it by default


def test_auto_averages_only_below_half():
    for size, averaged in (((40, 60), False), ((38, 56), False), ((37, 56), True), ((20, 100), True)):
        auto = Pipeline([Resizing(*size, antialias="auto")])(IMAGES, seed=0)
        for other in (True, False):
            same = np.array_equal(auto, Pipeline([Resizing(*size, antialias=other)])(IMAGES, seed=0))
            assert same == (averaged == other), (size, other)


def test_masks_of_shrunk_pictures_keep_their_values():
    masks = (np.indices((76, 112)).sum(0)[None] // 20 % 3).astype("u1")
    for antialias in (True, False):
        pipeline = Pipeline([RandomFlip("horizontal", p=1), Resizing(19, 28, antialias=antialias)])
        plan = pipeline.draw(seed=0, epoch=0, ids=[0], shapes=[(76, 112, 3)])
        moved = pipeline.run_masks(plan, masks)
        np.testing.assert_array_equal(moved[0], masks[0, 2::4, ::-1][:, 1::4])


@pytest.mark.parametrize(("arguments", "message"), [
    ({"interpolation": "nearest", "antialias": True}, "averages pixels"), ({"antialias": "yes"}, "`antialias` must be"),
])  # fmt: skip
def test_bad_antialias(arguments, message):
    with pytest.raises((ValueError, TypeError), match=message):
        Resizing(4, 4, **arguments)
