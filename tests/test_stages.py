"""Stages: which transforms share a pass and why not, what crops hide, and what stays true of any list."""

import numpy as np
import pytest
from common import attempt, every_cpu
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import MODES, transform_lists
from test_transforms_keras import IMAGES

import seqaug
from seqaug import (
    CenterCrop,
    Normalization,
    Pipeline,
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomFlip,
    RandomGrayscale,
    RandomHue,
    RandomRotation,
    RandomSaturation,
    RandomZoom,
    Rescaling,
    Resizing,
)

pytestmark = pytest.mark.filterwarnings("ignore:.*is told that values go from")

NEAR, REFLECT = RandomRotation(0.1, "nearest"), RandomRotation(0.1, "reflect")
BLACK, GREY = RandomRotation(0.1, "constant"), RandomRotation(0.1, "constant", fill_value=9)
ROUGH = RandomRotation(0.1, "nearest", "nearest")
FLIP, SCALE = RandomFlip(), Rescaling(2)
LIGHT, STRONG = RandomBrightness(0.1, (0, 255)), RandomContrast(0.1, (0, 255))
CROP, SIZE, PAD = CenterCrop(5, 5), Resizing(9, 9), Resizing(9, 9, pad_to_aspect_ratio=True)
CUT = Resizing(30, 20, crop_to_aspect_ratio=True, antialias=True)


@pytest.mark.parametrize(("transforms", "reason"), [
    ([NEAR, REFLECT], "RandomRotation has another border rule: reflect"),
    ([BLACK, SIZE], "Resizing has another border rule: nearest"),
    ([NEAR, PAD], "Resizing has another border rule: frame"),
    ([NEAR, ROUGH], "RandomRotation has another interpolation: nearest"),
    ([BLACK, GREY], "RandomRotation has another fill_value: 9"),
    ([BLACK, SCALE, BLACK], "RandomRotation has the same fill_value, and colours have changed since"),
    ([PAD, FLIP, SCALE, PAD], "Resizing has the same fill_value, and colours have changed since"),
    ([LIGHT, NEAR], "RandomRotation blends values that RandomBrightness has clipped"),
    ([LIGHT, STRONG, CROP], "CenterCrop blends values that RandomContrast has clipped"),
    ([STRONG, ROUGH], "RandomRotation moves pixels after RandomContrast has measured the picture"),
    ([NEAR, Resizing(9, 9, antialias=True)], "Resizing averages the pixels of the finished picture"),
    ([CUT, Resizing(9, 9, antialias=True)], "Resizing averages the pixels of the finished picture"),
    ([SCALE] * 13, "a pass takes 12 changes of colour"),
])  # fmt: skip
def test_a_new_stage_says_why(transforms, reason):
    pipeline = Pipeline(transforms)
    assert [stage.reason for stage in pipeline.stages][-1] == reason
    assert f"begins here: {reason}" in str(pipeline)


@pytest.mark.parametrize("transforms", [
    [FLIP, NEAR, SCALE, NEAR, FLIP, CROP, SIZE],
    [BLACK, FLIP, CROP, BLACK],
    [SCALE, FLIP, STRONG, FLIP, LIGHT, SCALE],
    [LIGHT, ROUGH, CROP, ROUGH],
    [BLACK, LIGHT, FLIP, SCALE],
    [CROP, PAD, FLIP, CROP],
    [SIZE, REFLECT],
    [NEAR, LIGHT, STRONG, STRONG, FLIP, SCALE],
    [FLIP, CROP, Resizing(9, 9, antialias=True), NEAR],
    [],
])  # fmt: skip
def test_what_shares_one_stage(transforms):
    assert len(Pipeline(transforms).stages) == 1


@settings(max_examples=100)
@given(transform_lists())
def test_print_names_every_transform_and_every_reason(transforms):
    pipeline = Pipeline(transforms)
    lines = str(pipeline).splitlines()
    assert lines[0] == f"Pipeline (transforms: {len(transforms)}, native passes: {len(pipeline.stages)})"
    numbered = [line for line in lines if line.strip()[0].isdigit()]
    assert len(numbered) == len(pipeline.stages)
    for stage, line in zip(pipeline.stages, numbered, strict=True):
        assert [name.split("(")[0] for name in line.split(". ", 1)[1].split(" → ")] == [
            type(t).__name__ for t in stage.transforms
        ] or not stage.transforms
    assert sum("begins here: " in line for line in lines) == len(pipeline.stages) - 1
    assert [bool(stage.reason) for stage in pipeline.stages] == [False] + [True] * (len(pipeline.stages) - 1)


def test_print_tells_of_the_border_and_of_the_second_read():
    text = str(Pipeline([BLACK, SCALE, GREY, STRONG]))
    assert text.count("border constant") == 2
    assert "border constant 9, bilinear" in text
    assert text.count("one more read, to measure") == 1
    assert "more reads, to measure: 2" in str(Pipeline([STRONG, STRONG]))
    assert "pictures that shrink are averaged first" in str(Pipeline([Resizing(9, 9, antialias="auto")]))
    assert "border" not in str(Pipeline([FLIP, CROP, SCALE]))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
def test_a_crop_hides_what_it_cuts_off(mode, interpolation):
    """Rotated after the crop, the border rule acts at the crop's edges, as if NumPy had cut the picture first."""
    rotate = RandomRotation((0.1, 0.1), mode, interpolation, fill_value=5.0)
    cut = IMAGES[:, (76 - 31) // 2 :][:, :31, (112 - 40) // 2 :][:, :, :40]
    expected = Pipeline([rotate])(cut, seed=0)
    assert len(Pipeline([CenterCrop(31, 40), rotate]).stages) == 1
    np.testing.assert_array_equal(Pipeline([CenterCrop(31, 40), rotate])(IMAGES, seed=0), expected)
    twice = Pipeline([CenterCrop(51, 60), CenterCrop(31, 40), rotate])(IMAGES, seed=0)
    np.testing.assert_array_equal(twice, Pipeline([rotate])(IMAGES[:, 12:63, 26:86][:, 10:41, 10:50], seed=0))
    flip = RandomFlip("horizontal", p=1)
    turned = Pipeline([flip, CenterCrop(30, 40), rotate])(IMAGES, seed=0)
    np.testing.assert_allclose(turned, Pipeline([rotate])(IMAGES[:, 23:53, ::-1][:, :, 36:76], seed=0), atol=0.03)
    upright = RandomRotation((0.25, 0.25), mode, interpolation, fill_value=5.0)
    square = IMAGES[:, :, :76]
    quarter = Pipeline([upright, CenterCrop(30, 40), rotate])(square, seed=0)
    expected = Pipeline([rotate])(np.rot90(square, axes=(1, 2))[:, 23:53, 18:58], seed=0)
    np.testing.assert_allclose(quarter, expected, atol=0.03)


def test_random_crops_hide_what_they_cut_off():
    rotate = RandomRotation((0.1, 0.1), "reflect")
    places = Pipeline([RandomCrop(31, 40)])
    both = Pipeline([RandomCrop(31, 40), rotate])
    cut = places(IMAGES, seed=4)
    np.testing.assert_allclose(both(IMAGES, seed=4), Pipeline([rotate])(cut, seed=4), atol=0.03)


def test_a_crop_after_a_rotation_hides_nothing():
    """The picture goes on beyond an intermediate one: the composite map is all there is."""
    still = RandomRotation(0.1, "constant", fill_value=-1, p=0)
    np.testing.assert_array_equal(Pipeline([still, CenterCrop(31, 40)])(IMAGES, seed=0), IMAGES[:, 22:53, 36:76])
    moved = seqaug.RandomTranslation((0.2, 0.2), (0.0, 0.0), "constant", fill_value=-1)
    both = Pipeline([still, CenterCrop(30, 40), moved])
    np.testing.assert_array_equal(both(IMAGES, seed=0), IMAGES[:, 17:47, 36:76])
    first = Pipeline([CenterCrop(30, 40), moved, still])(IMAGES, seed=0)
    np.testing.assert_array_equal(first[:, 6:], IMAGES[:, 23:47, 36:76])
    assert (first[:, :6] == -1).all()


def test_an_enlarging_crop_shows_no_edges():
    small = np.full((1, 8, 8, 1), 100, np.uint8)
    for mode in ("constant", "wrap"):
        still = RandomRotation((0.0, 0.0), mode)
        for transforms in ([CenterCrop(16, 16), still], [still, RandomCrop(16, 12)], [FLIP, CenterCrop(9, 8), still]):
            with pytest.raises(ValueError, match=f"would enlarge an image smaller .*fill_mode='{mode}' its edges"):
                Pipeline(transforms)(small, seed=0)
    for transforms in ([CenterCrop(16, 16), NEAR], [REFLECT, CenterCrop(16, 16)], [PAD, CenterCrop(16, 16)]):
        assert (Pipeline(transforms)(small, seed=0) == 100).all()


STILL = [
    RandomFlip(p=0), RandomHue(0.0, (-1e6, 1e6), p=0), RandomSaturation(0.5, p=0), RandomGrayscale(0.0),
    RandomRotation(0.0), RandomRotation((0.0, 0.0), "constant"), seqaug.RandomTranslation(0.0, 0.0),
    RandomZoom(0.0), RandomZoom(0.0, 0.0, "wrap"), seqaug.RandomShear(), seqaug.RandomAffine(),
    seqaug.RandomAffine(0.0, fill_mode="constant", interpolation="nearest"), RandomBrightness(0.0, (-1e6, 1e6)),
    RandomContrast(0.0, (-1e6, 1e6)), RandomCrop(76, 112), CenterCrop(76, 112), Resizing(76, 112),
    Resizing(76, 112, "nearest"), Resizing(76, 112, pad_to_aspect_ratio=True), Rescaling(1.0),
    Normalization(mean=0, variance=1), RandomRotation(1.0, p=0), RandomContrast(1.0, (0, 1), p=0),
    seqaug.RandomPerspective(0.0), seqaug.RandomPerspective(scale=0.0), seqaug.RandomD4(p=0),
    seqaug.RandomResizedCrop(76, 112, (1, 1), (112 / 76, 112 / 76)), seqaug.RandomRotate90((0,)),
    seqaug.RandomTranspose(p=0), seqaug.RandomErasing(0.0, fill_value=5), seqaug.CoarseDropout(p=0),
    seqaug.GridMask(p=0), seqaug.RandomErasing(scale=0.0, value_range=(0, 1)),
    RandomBrightness(1.0, (0, 1), p=0), Rescaling(9.0, p=0), Normalization(mean=3, variance=4, p=0),
    seqaug.AutoContrast((0, 1), p=0), seqaug.Equalization((0, 1), p=0), seqaug.GaussianNoise(0.0),
    seqaug.RandomChannelShift(0.0, (-1e6, 1e6)), seqaug.RandomColorDegeneration(0.0, (-1e6, 1e6)),
    seqaug.RandomColorJitter(), seqaug.RandomColorJitter((0, 1), 0.1, 0.1, 0.1, 0.1, p=0),
    seqaug.RandomGamma(1.0, (-1e6, 1e6)), seqaug.RandomInvert(0.0, (0, 1)),
    seqaug.RandomPosterization(1, (0, 1), p=0), seqaug.Solarization(value_range=(0, 1), p=0),
    seqaug.RandomGaussianBlur(0.0), seqaug.RandomGaussianBlur((1.0, 1.0), 1), seqaug.RandomElasticTransform(0.0),
    seqaug.RandomElasticTransform((1.0, 1.0), 0.0), seqaug.RandomSharpness((0.5, 0.5), (-1e6, 1e6)),
    seqaug.ContrastLimitedAdaptiveHistogramEqualization((0, 1), p=0), seqaug.ImageCompression(value_range=(0, 1), p=0),
    seqaug.Lambda(lambda image: image), seqaug.MixUp(p=0), seqaug.CutMix(p=0), seqaug.Mosaic(p=0),
    seqaug.MaxNumBoundingBoxes(3), seqaug.OneOf([RandomFlip()], p=0), seqaug.SomeOf([RandomFlip()], 0),
    seqaug.RandomApply([RandomFlip()], p=0), seqaug.RandomOrder([RandomFlip(p=0), RandomZoom(0.0)]),
    seqaug.RandAugment((0, 1), p=0), seqaug.AugMix((0, 1), p=0), seqaug.TrivialAugmentWide(value_range=(0, 1), p=0),
]  # fmt: skip


@pytest.mark.parametrize("transform", STILL, ids=map(repr, STILL))
@pytest.mark.parametrize("dtype", ["u1", "i2", "i4", "f4", "f8"])
def test_no_strength_changes_no_bit(transform, dtype):
    images = IMAGES.astype(dtype)
    assert Pipeline([transform])(images, seed=1).tobytes() == images.astype("f4").tobytes()


def test_every_transform_has_a_still_form():
    assert {type(t).__name__ for t in STILL} == set(seqaug.transforms.TRANSFORMS)


@settings(max_examples=60)
@given(transform_lists(), st.integers(0, 2**32))
def test_threads_and_variants_change_no_bit(transforms, seed):
    """Nor does the rest of a batch: an image alone, under its id, comes out as it does among others."""
    pipeline = Pipeline([*transforms, Resizing(20, 30)], fill_mode="nearest")
    images = IMAGES[:, :30, :44]
    arguments = {"seed": seed, "epoch": 3, "value_range": (0, 255)}
    batch, refusal = attempt(pipeline, images, **arguments)
    if batch is None:
        assert "has to know the range" in refusal or "would enlarge" in refusal
        return
    whole = batch.tobytes()
    for _ in every_cpu():
        for threads in (1, 2, 5):
            assert pipeline(images, threads=threads, **arguments).tobytes() == whole
    alone = [pipeline(images[i : i + 1], ids=[i], **arguments).tobytes() for i in range(len(images))]
    assert b"".join(alone) == whole


def test_pictures_of_many_sizes():
    """Each as if it were alone, also beside one that is too small for the crop."""
    pictures = [IMAGES[0], IMAGES[1, :20, :30], IMAGES[2, :, :25], IMAGES[3, 7:8, :1]]
    for first in (RandomCrop(30, 40), CenterCrop(30, 40), Resizing(30, 40), Resizing(30, 40, pad_to_aspect_ratio=True),
                  Resizing(30, 40, crop_to_aspect_ratio=True)):  # fmt: skip
        fill = "constant" if isinstance(first, Resizing) else "reflect"
        pipeline = Pipeline([RandomFlip(), first, RandomRotation(0.1, fill), LIGHT])
        out = pipeline(pictures, seed=5)
        assert out.shape == (4, 30, 40, 3)
        for i, picture in enumerate(pictures):
            np.testing.assert_array_equal(out[i], pipeline([picture], seed=5, ids=[i])[0])
    with pytest.raises(ValueError, match="must have one size"):
        Pipeline([REFLECT])(pictures, seed=0)


def test_one_fill_value_for_all_padding_included():
    pad = Resizing(4, 4, pad_to_aspect_ratio=True, fill_value=9)
    pipeline = Pipeline([pad, RandomRotation(0.1, "constant", fill_value=3)], fill_value=7)
    assert [transform.fill_value for transform in pipeline.transforms] == [7, 7]
    assert pad.fill_value == 9
    padded = Pipeline([pad], fill_value=7)(np.zeros((1, 2, 4, 1), np.uint8), seed=0)
    assert sorted(np.unique(padded)) == [0, 7]
