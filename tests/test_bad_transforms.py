"""Wrong arguments of transforms and of pipelines: the name, what is allowed and what came."""

import re

import keras
import numpy as np
import pytest

from seqaug import (
    CenterCrop,
    Normalization,
    Pipeline,
    RandomAffine,
    RandomBrightness,
    RandomContrast,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
    Rescaling,
    Resizing,
)

NAN, INF = float("nan"), float("inf")
X = np.zeros((2, 8, 6, 3), np.uint8)
ROTATION = RandomRotation(0.1)


def adapted(images, axis=-1):
    Normalization(axis).adapt(images)


def run(*transforms, images=X, **arguments):
    return Pipeline(transforms)(images, seed=0, **arguments)


# what: (call, error, message)
MOVES = {
    "down": (
        lambda: RandomTranslation(1.1, 0),
        ValueError,
        "`height_factor` must be a finite number from -1 to 1.*1.1",
    ),
    "right": (lambda: RandomTranslation(0, (0, -2)), ValueError, "`width_factor` must be a finite.*width_factor=-2"),
    "right triple": (lambda: RandomTranslation(0, (0, 1, 1)), ValueError, "`width_factor` must be a number or a pair"),
    "right missing": (lambda: RandomTranslation(0.1), TypeError, "width_factor"),
    "translation mode": (lambda: RandomTranslation(0, 0, "edge"), ValueError, "`fill_mode` must be one of.*'edge'"),
    "the inner border": (lambda: RandomTranslation(0, 0, "frame"), ValueError, "`fill_mode` must be one of.*'frame'"),
    "translation fill": (lambda: RandomTranslation(0, 0, fill_value=NAN), ValueError, "`fill_value` must be.*nan"),
    "zoom": (lambda: RandomZoom(-1.5), ValueError, "`height_factor` must be a finite number from -1 to 1.*-1.5"),
    "zoom to nothing": (lambda: RandomZoom(1), ValueError, "`height_factor` must be above -1, where.*height_factor=1"),
    "zoom width": (lambda: RandomZoom(0, (-1, 0)), ValueError, "`width_factor` must be above -1.*width_factor=(-1, 0)"),
    "zoom interpolation": (lambda: RandomZoom(0, interpolation=1), ValueError, "`interpolation` must be.*interpol"),
    "shear": (lambda: RandomShear(1.5), ValueError, "`x_factor` must be a finite number from 0 to 1.*x_factor=1.5"),
    "shear negative": (
        lambda: RandomShear(0, -0.1),
        ValueError,
        "`y_factor` must be a finite number from 0 to 1.*-0.1",
    ),
    "shear pair": (lambda: RandomShear((0, INF)), ValueError, "`x_factor` must be a finite number from -1 to 1.*inf"),
    "shear seed": (lambda: RandomShear(seed=-1), ValueError, "`seed` must be from 0"),
    "affine both": (lambda: RandomAffine(0.1, degrees=9), ValueError, "RandomAffine takes either `rotation_factor`"),
    "affine turn": (lambda: RandomAffine(2), ValueError, "`rotation_factor` must be a finite number from -1 to 1.*2"),
    "affine degrees": (lambda: RandomAffine(degrees=400), ValueError, "`degrees` must be a finite.*-360 to 360.*400"),
    "affine zoom": (lambda: RandomAffine(zoom_factor=1), ValueError, "`zoom_factor` must be above -1.*zoom_factor=1"),
    "affine down": (lambda: RandomAffine(height_factor=2), ValueError, "`height_factor` must be a finite"),
    "affine right": (lambda: RandomAffine(width_factor="2"), ValueError, "`width_factor` must be a finite.*'2'"),
    "affine slant": (
        lambda: RandomAffine(x_factor=-1),
        ValueError,
        "`x_factor` must be a finite number from 0 to 1.*-1",
    ),
    "affine lean": (lambda: RandomAffine(y_factor=(0, 3)), ValueError, "`y_factor` must be a finite.*y_factor=3"),
    "affine p": (lambda: RandomAffine(p=2), ValueError, "`p` must be a finite number from 0 to 1"),
}
SIZES = {
    "crop height": (lambda: RandomCrop(0, 5), ValueError, "`height` must be from 1 to 2147483647.*height=0"),
    "crop width": (lambda: RandomCrop(5, 2.5), TypeError, "`width` must be an integer.*width=2.5"),
    "crop p": (lambda: RandomCrop(5, 5, p=NAN), ValueError, "`p` must be a finite number from 0 to 1.*nan"),
    "center crop": (lambda: CenterCrop(5, -1), ValueError, "`width` must be from 1.*width=-1"),
    "crop too large": (
        lambda: run(CenterCrop(9, 5), RandomRotation(0.1, "wrap")),
        ValueError,
        "CenterCrop(height=9, width=5) would enlarge an image smaller than itself, and with fill_mode='wrap' its edges",
    ),
    "crop too large, then padding": (
        lambda: run(CenterCrop(9, 5), Resizing(9, 9, pad_to_aspect_ratio=True)),
        ValueError,
        "would enlarge an image smaller than itself",
    ),
    "resizing": (lambda: Resizing(True, 4), TypeError, "`height` must be an integer.*height=True"),
    "resizing huge": (lambda: Resizing(4, 2**31), ValueError, "`width` must be from 1 to 2147483647.*2147483648"),
    "resizing way": (
        lambda: Resizing(4, 4, "area"),
        ValueError,
        "`interpolation` must be one of 'nearest', 'bil.*'area'",
    ),
    "cut": (
        lambda: Resizing(4, 4, crop_to_aspect_ratio=1),
        TypeError,
        "`crop_to_aspect_ratio` must be True or False.*1",
    ),
    "pad": (lambda: Resizing(4, 4, pad_to_aspect_ratio="y"), TypeError, "`pad_to_aspect_ratio` must be True or.*'y'"),
    "cut and pad": (
        lambda: Resizing(4, 4, crop_to_aspect_ratio=True, pad_to_aspect_ratio=True),
        ValueError,
        "Only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio`",
    ),
    "padding mode": (
        lambda: Resizing(4, 4, fill_mode="wrap"),
        ValueError,
        "`fill_mode` must be one of 'constant'.*'wrap'",
    ),
    "padding": (lambda: Resizing(4, 4, fill_value=INF), ValueError, "`fill_value` must be a finite number.*inf"),
    "sizes between stages": (
        lambda: Pipeline([ROTATION, RandomRotation(0.1, "wrap")])([X[0], X[0, :4]], seed=0),
        ValueError,
        "one batch must have one size; set `image_size`.*4×6, 8×6",
    ),
}
COLOURS = {
    "brightness": (lambda: RandomBrightness(1.5), ValueError, "`factor` must be a finite number from -1 to 1.*1.5"),
    "brightness triple": (lambda: RandomBrightness((0, 1, 1)), ValueError, "`factor` must be a number or a pair"),
    "brightness range": (
        lambda: RandomBrightness(0.1, (1, 1)),
        ValueError,
        "`value_range` must be a pair with low < high",
    ),
    "brightness end": (lambda: RandomBrightness(0.1, 255), ValueError, "`value_range` must be a pair (low, high).*255"),
    "brightness seed": (lambda: RandomBrightness(0.1, seed=0.5), TypeError, "`seed` must be an integer.*0.5"),
    "brightness of floats": (
        lambda: run(RandomBrightness(0.1), images=X.astype("f4")),
        ValueError,
        "RandomBrightness(factor=(-0.1, 0.1)) has to know the range.*float images have none.*Say `value_range=",
    ),
    "contrast of channels": (
        lambda: run(Rescaling([1, 2, 3]), RandomContrast(0.1)),
        ValueError,
        "RandomContrast(factor=(0, 0.1)) has to know the range.*channels or images may have come to differ",
    ),
    "contrast": (lambda: RandomContrast(1.1), ValueError, "`factor` must be a finite number from 0 to 1.*factor=1.1"),
    "contrast negative": (
        lambda: RandomContrast((-0.1, 0)),
        ValueError,
        "`factor` must be a finite number from 0 to 1.*-0.1",
    ),
    "contrast triple": (lambda: RandomContrast((0,)), ValueError, "`factor` must be a number or a pair.*(0,)"),
    "contrast range": (lambda: RandomContrast(0.1, (0, NAN)), ValueError, "`value_range` must be a finite number.*nan"),
    "mean alone": (
        lambda: Normalization(mean=1),
        ValueError,
        "`mean` and `variance` go together.*mean=1 and variance=None",
    ),
    "variance alone": (lambda: Normalization(variance=1), ValueError, "`mean` and `variance` go together"),
    "mean": (
        lambda: Normalization(mean=NAN, variance=1),
        ValueError,
        "`mean` must be a finite number, or one per.*nan",
    ),
    "variance": (
        lambda: Normalization(mean=[1], variance=[[1]]),
        ValueError,
        "`variance` must be a finite number, or one",
    ),
    "negative variance": (
        lambda: Normalization(mean=0, variance=[1, -1]),
        ValueError,
        "`variance` must be at least 0.*-1",
    ),
    "axis": (lambda: Normalization(axis=1), ValueError, "`axis` must be -1.*or None. Received: axis=1"),
    "invert": (lambda: Normalization(invert=1), TypeError, "`invert` must be True or False.*invert=1"),
    "means of channels": (
        lambda: run(Normalization(mean=[1, 2], variance=1)),
        ValueError,
        "Normalization's `mean` must be one number, or one for each of the 3 channels. Received: mean=[1.0, 2.0]",
    ),
    "variances of channels": (
        lambda: run(Normalization(mean=1, variance=[1, 2])),
        ValueError,
        "Normalization's `variance` must be one number, or one for each of the 3 channels",
    ),
    "not adapted": (lambda: run(Normalization()), ValueError, "Normalization has no mean and variance yet"),
    "adapted to nothing": (lambda: adapted([]), ValueError, "`images` must hold at least one image. Received: none"),
    "adapted to an image": (
        lambda: adapted(X[0]),
        ValueError,
        "`images` must be of rank 4 and not empty.*shape (6, 3)",
    ),
    "adapted to emptiness": (
        lambda: adapted(X[:, :0]),
        ValueError,
        "`images` must be of rank 4 and not empty.*(0, 6, 3)",
    ),
    "adapted to mixed channels": (
        lambda: adapted([X[0], X[0, ..., :2]]),
        ValueError,
        "`images` must all have the same number of channels. Received: 2 after 3",
    ),
    "adapted to NaN": (
        lambda: adapted(np.full((2, 4, 4, 1), NAN)),
        ValueError,
        "`images` must be finite",
    ),
}
PIPELINES = {
    "fill_mode": (
        lambda: Pipeline([], fill_mode="mirror"),
        ValueError,
        "`fill_mode` must be one of 'nearest'.*'mirror'",
    ),
    "fill_value": (lambda: Pipeline([], fill_value=NAN), ValueError, "`fill_value` must be a finite number.*nan"),
    "interpolation": (
        lambda: Pipeline([], interpolation="cubic"),
        ValueError,
        "`interpolation` must be one of.*'cubic'",
    ),
    "image_size": (
        lambda: Pipeline([], image_size=(5,)),
        ValueError,
        "`image_size` must be (height, width), or one.*5",
    ),
    "a class": (lambda: Pipeline([RandomFlip]), TypeError, "Received: <class 'seqaug.*of type abc.ABCMeta in it"),
    "a number": (lambda: Pipeline(5), TypeError, "`transforms` (`augment`) must be a list of seqaug transforms.*5"),
    "a mapping": (lambda: Pipeline([{}]), TypeError, "Received: {} of type builtins.dict in it"),
    "a layer": (lambda: Pipeline([keras.layers.Dense(3)]), ValueError, "The Keras layer Dense has no counterpart"),
    "a layer's argument": (
        lambda: Pipeline(keras.layers.Resizing(4, 4, "lanczos3")),
        ValueError,
        "The Keras layer 'resizing",
    ),
    "a layer's value": (
        lambda: Pipeline(keras.layers.Resizing(4, 4, "lanczos3")),
        ValueError,
        "The Keras layer 'resizing.*of type Resizing cannot be taken over: `interpolation` must be.*'lanczos3'",
    ),
    "JSON": (lambda: Pipeline.from_json("[]"), ValueError, "the JSON that `to_json` gave, of format 1.*'[]'"),
    "no JSON": (lambda: Pipeline.from_json("flip"), ValueError, "Expecting value"),
    "JSON of later": (lambda: Pipeline.from_json('{"format": 2}'), ValueError, 'of format 1;.*{"format": 2}'),
    "a bad value in JSON": (
        lambda: Pipeline.from_json(Pipeline([ROTATION]).to_json().replace("-0.1", "-7")),
        ValueError,
        "`factor` must be a finite number from -1 to 1. Received: factor=-7",
    ),
}
CASES = {**MOVES, **SIZES, **COLOURS, **{f"pipeline {name}": case for name, case in PIPELINES.items()}}


@pytest.mark.parametrize("case", CASES)
def test_refused_with_a_clear_message(case):
    call, error, message = CASES[case]
    pattern = ".*".join(re.escape(part) for part in message.split(".*"))
    with pytest.raises(error, match=f"(?s){pattern}"):
        call()
