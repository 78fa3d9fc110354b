"""Keras's layers taken over: the same arguments, and the same pictures."""

import warnings

import keras
import numpy as np
import pytest
from test_transforms_keras import IMAGES

import seqaug
from seqaug import AugmentedSequence, Pipeline

layers = keras.layers

# layer, the counterpart it must become
PAIRS = [
    (layers.AugMix(), seqaug.AugMix((0, 255))),
    (layers.AugMix((0, 1), 2, 4, 0.2, 0.5, False, "nearest", 7),
     seqaug.AugMix((0, 1), 2, 4, 0.2, 0.5, False, "nearest", 7)),
    (layers.RandAugment(), seqaug.RandAugment((0, 255))),
    (layers.RandAugment((0, 1), 3, (0.4, 0.1), "nearest", 7), seqaug.RandAugment((0, 1), 3, (0.1, 0.4), "nearest", 7)),
    (layers.RandomFlip("vertical", seed=3), seqaug.RandomFlip("vertical", 3)),
    (layers.RandomFlip(), seqaug.RandomFlip()),
    (layers.RandomRotation(0.2), seqaug.RandomRotation(0.2)),
    (
        layers.RandomRotation((-0.1, 0.3), "wrap", "nearest", seed=9, fill_value=4.0),
        seqaug.RandomRotation((-0.1, 0.3), "wrap", "nearest", 9, 4.0),
    ),
    (
        layers.RandomTranslation(-0.1, (0.1, 0.2), "constant", "nearest", 5, 1.5),
        seqaug.RandomTranslation(-0.1, (0.1, 0.2), "constant", "nearest", 5, 1.5),
    ),
    (layers.RandomZoom(0.2), seqaug.RandomZoom(0.2)),
    (
        layers.RandomZoom((-0.3, 0.1), 0.4, "nearest", "nearest", 6, 2.5),
        seqaug.RandomZoom((-0.3, 0.1), 0.4, "nearest", "nearest", 6, 2.5),
    ),
    (layers.RandomPerspective(), seqaug.RandomPerspective()),
    (
        layers.RandomPerspective((0.2, 0.4), 0.3, "nearest", 2.5, 6),
        seqaug.RandomPerspective((0.2, 0.4), 0.3, "nearest", 2.5, 6),
    ),
    (layers.RandomErasing(), seqaug.RandomErasing(value_range=(0, 255))),
    (
        layers.RandomErasing((0.2, 0.4), 0.3, [1.0, 2.0, 3.0], (0, 9), 6),
        seqaug.RandomErasing((0.2, 0.4), 0.3, (1, 2, 3), (0, 9), 6),
    ),
    (layers.RandomShear(0.2, 0.1), seqaug.RandomShear(0.2, 0.1)),
    (
        layers.RandomShear((0.1, 0.2), 0.3, "nearest", "constant", 3.5, seed=8),
        seqaug.RandomShear((0.1, 0.2), 0.3, "nearest", "constant", 3.5, seed=8),
    ),
    (layers.RandomBrightness(0.2), seqaug.RandomBrightness(0.2, (0, 255))),
    (layers.RandomBrightness((0.3, 0.1), (0, 1), 2), seqaug.RandomBrightness((0.1, 0.3), (0, 1), 2)),
    (layers.RandomContrast(0.2), seqaug.RandomContrast(0.2, (0, 255))),
    (layers.RandomContrast((0.3, 0.1), (-1, 1), 2), seqaug.RandomContrast((0.1, 0.3), (-1, 1), 2)),
    (layers.RandomHue(0.1, (0, 1)), seqaug.RandomHue(0.1, (0, 1))),
    (layers.RandomSaturation(0.3, seed=5), seqaug.RandomSaturation(0.3, (0, 255), 5)),
    (layers.RandomGrayscale(0.25), seqaug.RandomGrayscale(0.25)),
    (layers.AutoContrast((0, 1)), seqaug.AutoContrast((0, 1))),
    (layers.Equalization((0, 1), 100), seqaug.Equalization((0, 1), 100)),
    (layers.GaussianNoise(0.3, 4), seqaug.GaussianNoise(0.3, 4)),
    (layers.RandomInvert((0.5, 0.2), (0, 1), 3), seqaug.RandomInvert((0.2, 0.5), (0, 1), 3)),
    (layers.RandomPosterization(4, seed=6), seqaug.RandomPosterization(4, (0, 255), 6)),
    (layers.RandomPosterization((5, 3), (0, 1)), seqaug.RandomPosterization((3, 5), (0, 1))),
    (layers.Solarization(0.1, (0.5, 0.4), (0, 1), 2), seqaug.Solarization(0.1, (0.4, 0.5), (0, 1), 2)),
    (layers.RandomColorDegeneration(0.3), seqaug.RandomColorDegeneration(0.3, (0, 255))),
    (
        layers.RandomColorJitter((0, 1), 0.1, (0.2, 0.3), (0.4, 0.6), 0.1, 7),
        seqaug.RandomColorJitter((0, 1), 0.1, (0.2, 0.3), (0.4, 0.6), 0.1, 7),
    ),
    (layers.RandomColorJitter(contrast_factor=0.3), seqaug.RandomColorJitter((0, 255), contrast_factor=0.3)),
    (layers.RandomGaussianBlur(), seqaug.RandomGaussianBlur(value_range=(0, 255))),
    (
        layers.RandomGaussianBlur((0.2, 0.9), (5, 3), (0.1, 2.0), (0, 1), seed=4),
        seqaug.RandomGaussianBlur((0.2, 0.9), (5, 3), (0.1, 2.0), (0, 1), 4),
    ),
    (layers.RandomSharpness(0.4, seed=5), seqaug.RandomSharpness(0.4, (0, 255), 5)),
    (layers.RandomElasticTransform(), seqaug.RandomElasticTransform(value_range=(0, 255))),
    (
        layers.RandomElasticTransform(0.4, (0.1, 0.3), "nearest", "wrap", 2.0, (0, 1), 6),
        seqaug.RandomElasticTransform(0.4, (0.1, 0.3), "nearest", "wrap", 2.0, (0, 1), 6),
    ),
    (layers.Resizing(4, 5, "bicubic", antialias=True), seqaug.Resizing(4, 5, "bicubic", antialias=True)),
    (layers.MaxNumBoundingBoxes(5), seqaug.MaxNumBoundingBoxes(5)),
    (layers.MaxNumBoundingBoxes(5, 0), seqaug.MaxNumBoundingBoxes(5, 0)),
    (layers.RandomCrop(5, 6), seqaug.RandomCrop(5, 6)),
    (layers.RandomCrop(5, 6, seed=7), seqaug.RandomCrop(5, 6, 7)),
    (layers.CenterCrop(5, 6), seqaug.CenterCrop(5, 6)),
    (layers.Resizing(5, 6), seqaug.Resizing(5, 6)),
    (layers.Resizing(5, 6, "nearest", True), seqaug.Resizing(5, 6, "nearest", True)),
    (
        layers.Resizing(5, 6, pad_to_aspect_ratio=True, fill_value=9.0),
        seqaug.Resizing(5, 6, pad_to_aspect_ratio=True, fill_value=9.0),
    ),
    (layers.MixUp(), seqaug.MixUp()),
    (layers.MixUp(0.4, seed=5), seqaug.MixUp(0.4, 5)),
    (layers.CutMix(), seqaug.CutMix()),
    (layers.CutMix((0.5, 0.8), 5), seqaug.CutMix((0.5, 0.8), 5)),
    (layers.Normalization(mean=[1.0, 2.0, 3.0], variance=[4.0, 5.0, 6.0]),
     seqaug.Normalization(mean=[1, 2, 3], variance=[4, 5, 6])),
    (layers.Normalization(axis=None, mean=1.0, variance=4.0, invert=True),
     seqaug.Normalization(None, 1, 4, True)),
    (layers.Normalization(), seqaug.Normalization()),
    (layers.Rescaling(1 / 127.5, -1), seqaug.Rescaling(1 / 127.5, -1)),
    (layers.Rescaling([1.0, 2.0], [0.0, 3.0]), seqaug.Rescaling([1, 2], [0, 3])),
]  # fmt: skip
if hasattr(layers, "ContrastLimitedAdaptiveHistogramEqualization"):  # not before Keras 3.13
    arguments = (0, 1), 2.5, (4, 6)
    PAIRS.append((
        layers.ContrastLimitedAdaptiveHistogramEqualization(*arguments),
        seqaug.ContrastLimitedAdaptiveHistogramEqualization(*arguments),
    ))  # fmt: skip


@pytest.mark.parametrize(("layer", "counterpart"), PAIRS, ids=[repr(pair[1]) for pair in PAIRS])
def test_same_arguments(layer, counterpart):
    (transform,) = Pipeline.from_keras(layer).transforms
    assert type(transform) is type(counterpart)
    assert transform.get_config() == counterpart.get_config()
    (alone,) = Pipeline(layer).transforms
    (listed,) = Pipeline([layer]).transforms
    assert alone.get_config() == listed.get_config() == counterpart.get_config()


def test_every_layer_is_tried():
    tried = {type(pair[1]).__name__ for pair in PAIRS} | {"Lambda"}  # which takes tensors there
    assert {name for name in seqaug.transforms.TRANSFORMS if hasattr(layers, name)} == tried


def test_every_image_layer_of_keras_is_here():
    """All that Keras's image preprocessing has, and what else it documents beside it."""
    base = next(kind for kind in layers.RandomFlip.__mro__ if kind.__name__ == "BaseImagePreprocessingLayer")
    kinds = {name: kind for name, kind in vars(layers).items() if isinstance(kind, type)}
    theirs = {name for name, kind in kinds.items() if issubclass(kind, base)} | {"Rescaling", "Normalization"}
    assert len(theirs) >= 32
    assert theirs <= set(seqaug.transforms.TRANSFORMS)
    # A list of layers is a list here.
    assert Pipeline.from_keras(layers.Pipeline([layers.RandomFlip()])).transforms == (seqaug.RandomFlip(),)


def test_lists_and_models_in_each_other():
    model = keras.Sequential([
        keras.Input((20, 30, 3)),
        layers.RandomFlip(),
        keras.Sequential([layers.RandomZoom(0.1), layers.Rescaling(2.0)]),
        layers.Pipeline([layers.RandomContrast(0.1), layers.CenterCrop(8, 9)]),
    ])  # fmt: skip
    names = ["RandomFlip", "RandomZoom", "Rescaling", "RandomContrast", "CenterCrop"]
    assert [type(t).__name__ for t in Pipeline.from_keras(model).transforms] == names
    mixed = Pipeline.from_keras([model, seqaug.RandomFlip(), [layers.RandomFlip()]])
    assert [type(t).__name__ for t in mixed.transforms] == [*names, "RandomFlip", "RandomFlip"]
    among = Pipeline([seqaug.RandomFlip(), model])
    assert [type(t).__name__ for t in among.transforms] == ["RandomFlip", *names]
    over = Pipeline.from_keras(model, image_size=(4, 5), fill_mode="nearest")
    assert (over.resize.height, over.transforms[1].fill_mode) == (4, "nearest")


def test_an_adapted_normalization():
    for axis in (-1, None):
        layer = layers.Normalization(axis=axis)
        layer.adapt(IMAGES.astype("f4"))
        ours = Pipeline.from_keras(layer)(IMAGES, seed=0)
        np.testing.assert_allclose(ours, keras.ops.convert_to_numpy(layer(IMAGES.astype("f4"))), atol=1e-5)


def test_a_normalization_that_was_never_adapted():
    with pytest.raises(ValueError, match="no mean and variance yet"):
        Pipeline.from_keras(layers.Normalization())(IMAGES, seed=0)


def test_a_layer_alone_for_a_sequence():
    sequence = AugmentedSequence(IMAGES, batch_size=4, seed=1, shuffle=False, augment=layers.RandomFlip("horizontal"))
    written = AugmentedSequence(IMAGES, batch_size=4, seed=1, shuffle=False, augment=[seqaug.RandomFlip("horizontal")])
    assert np.asarray(sequence[0]).tobytes() == np.asarray(written[0]).tobytes()


@pytest.mark.parametrize(("given", "error", "message"), [
    (layers.GaussianDropout(0.1), ValueError, "GaussianDropout has no counterpart in seqaug"),
    (layers.Dense(3), ValueError, "Dense has no counterpart"),
    (keras.Sequential([layers.RandomFlip(), layers.Dropout(0.5)]), ValueError, "Dropout has no counterpart"),
    (layers.Resizing(4, 4, "lanczos3"), ValueError, "'resizing.*' of type Resizing cannot.*Received: .*'lanczos3'"),
    (layers.Normalization(axis=1), ValueError, "of type Normalization cannot be taken over: `axis` must be -1"),
    (layers.Normalization(axis=(1, 2)), ValueError, "cannot be taken over: `axis` must be -1"),
    (layers.RandomFlip, TypeError, "Expected a Keras preprocessing layer"),
    ("flip", TypeError, "Expected a Keras preprocessing layer.*'flip' of type builtins.str"),
    ([None], TypeError, "Expected a Keras preprocessing layer.*None"),
])  # fmt: skip
def test_what_cannot_be_taken_over(given, error, message):
    with pytest.raises(error, match=f"(?s){message}"):
        Pipeline.from_keras(given)


def test_a_model_does_what_its_layers_do():
    """Fixed amounts, one stage of interpolation among moves and colours: the fused result is that of the layers."""
    model = keras.Sequential([
        layers.CenterCrop(70, 100),
        layers.RandomRotation((0.05, 0.05), "nearest"),
        layers.Rescaling(1 / 255),
        layers.RandomContrast((0.0, 0.0), value_range=(0, 1)),
        layers.RandomBrightness((0.1, 0.1), value_range=(0, 1)),
        layers.Normalization(mean=[0.4, 0.5, 0.6], variance=[0.04, 0.05, 0.06]),
    ])  # fmt: skip
    pipeline = Pipeline.from_keras(model)
    assert len(pipeline.stages) == 1
    theirs = keras.ops.convert_to_numpy(model(IMAGES.astype("f4"), training=True))
    ours = pipeline(IMAGES, seed=0)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, atol=1 / 255 / 0.2)
    np.testing.assert_allclose(ours[:, 20:-20, 30:-30], theirs[:, 20:-20, 30:-30], atol=1e-3)


def test_a_model_of_colours_is_one_pass():
    model = keras.Sequential([
        layers.RandomBrightness((0.3, 0.3)),
        layers.Rescaling(1 / 127.5, -1),
        layers.RandomBrightness((-0.1, -0.1), value_range=(-1, 1)),
        layers.Rescaling([1.0, 2.0, 3.0]),
    ])  # fmt: skip
    pipeline = Pipeline.from_keras(model)
    assert len(pipeline.stages) == 1
    theirs = keras.ops.convert_to_numpy(model(IMAGES.astype("f4"), training=True))
    np.testing.assert_allclose(pipeline(IMAGES, seed=0), theirs, atol=1e-5)


def test_evaluation_is_that_of_keras():
    model = keras.Sequential([
        layers.RandomFlip(), layers.RandomRotation(0.5), layers.RandomBrightness(0.5), layers.Rescaling(1 / 255),
        layers.RandomContrast(0.5), layers.CenterCrop(31, 44), layers.Resizing(20, 20),
    ])  # fmt: skip
    theirs = keras.ops.convert_to_numpy(model(IMAGES.astype("f4"), training=False))
    with warnings.catch_warnings(record=True) as told:  # the contrast's range, which evaluation has no use for
        warnings.simplefilter("always")
        ours = Pipeline.from_keras(model).evaluation()(IMAGES, seed=0)
    assert told == []
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_range_that_does_not_fit_is_told():
    """Keras's brightness takes 0 … 255 whatever comes; after a rescale to 0 … 1 that turns pictures white."""
    pipeline = Pipeline.from_keras([layers.Rescaling(1 / 255), layers.RandomBrightness(0.2)])
    for _ in range(2):
        with pytest.warns(UserWarning, match="told that values go from 0 to 255, but at its place they go from 0 to 1"):
            pipeline(IMAGES, seed=0)
