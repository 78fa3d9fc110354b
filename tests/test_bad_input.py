"""Wrong arguments: each fails when the object is made, with the argument's name, what is allowed and what came."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqaug import AugmentedSequence, Pipeline, RandomCrop, RandomFlip, RandomRotation, Rescaling

X = np.zeros((10, 8, 6, 3), np.uint8)
Y = np.arange(10)


def sequence(**arguments):
    return lambda: AugmentedSequence(arguments.pop("x", X), **arguments)


def rotation(*args, **arguments):
    return lambda: RandomRotation(*args, **arguments)


def pipeline(images=X, transforms=(), **arguments):
    return lambda: Pipeline(transforms)(images, **{"seed": 0, **arguments})


NAN, INF = float("nan"), float("inf")
CASES = {
    "rank 3": (sequence(x=X[0]), ValueError, "`x` must be of rank 4.*x.shape=(8, 6, 3).*x[..., None]"),
    "rank 6": (sequence(x=X[None, None]), ValueError, "`x` must be of rank 4.*x.shape=(1, 1, 10, 8, 6, 3)"),
    "empty data set": (sequence(x=X[:0]), ValueError, "at least one image.*x.shape=(0, 8, 6, 3)"),
    "empty images": (sequence(x=X[:, :0]), ValueError, "no empty ones.*x.shape=(10, 0, 6, 3)"),
    "no channels": (sequence(x=X[..., :0]), ValueError, "no empty ones.*x.shape=(10, 8, 6, 0)"),
    "empty list": (sequence(x=[]), ValueError, "at least one file.*an empty list"),
    "int64": (sequence(x=X.astype("i8")), TypeError, "`x` must be of dtype uint8, .*astype.*x.dtype=int64"),
    "bool": (sequence(x=X.astype("?")), TypeError, "x.dtype=bool"),
    "complex": (sequence(x=X.astype("c8")), TypeError, "x.dtype=complex64"),
    "None": (sequence(x=None), TypeError, "`x` must be an array of images.*NoneType"),
    "generator": (sequence(x=iter(X)), TypeError, "`x` must be an array of images"),
    "list of arrays": (sequence(x=[X[0], X[1]]), TypeError, "`x` must be an array of images.*np.stack(x).*list"),
    "single path": (sequence(x="cat.png"), TypeError, "a list of picture files.*str"),
    "missing file": (sequence(x=["nowhere.png"]), FileNotFoundError, "1 of the 1 files.*'nowhere.png'"),
    "a folder": (sequence(x=["/"]), FileNotFoundError, "no files.*'/'"),
    "short y": (sequence(y=Y[:9]), ValueError, "`y` must have one entry for each of the 10 images.*Received: 9"),
    "scalar y": (sequence(y=1), ValueError, "`y` must have one entry.*a single number"),
    "text y": (sequence(y=["cat"] * 10), TypeError, "`y` must hold numbers"),
    "object y": (sequence(y=[None] * 10), TypeError, "`y` must hold numbers"),
    "masks": (
        sequence(y=X[..., 0], augment=[RandomFlip()]),
        ValueError,
        "`y` has the height and width of the images.*targets={'y': \"segmentation_mask\"}.*y.shape=(10, 8, 6)",
    ),
    "masks of image_size": (sequence(y=X[:, :4, :4], image_size=(4, 4)), ValueError, "`y` has the height and width"),
    "masks first": (
        sequence(y=X.transpose(0, 3, 1, 2), augment=[RandomFlip()]),
        ValueError,
        "`y` has the height and width",
    ),
    "weights as masks": (
        sequence(y=Y, sample_weight=np.ones((10, 8, 6)), augment=[RandomFlip()]),
        ValueError,
        "`sample_weight` has the height and width",
    ),
    "ragged y": (sequence(y=[[1], [1, 2]] * 5), ValueError, "`y` must be an array or a list"),
    "masked y": (sequence(y=np.ma.masked_less(Y, 3)), TypeError, "`y` must not be a masked array"),
    "masked x": (sequence(x=np.ma.masked_less(X, 3)), TypeError, "`x` must not be a masked array"),
    "tensor x": (sequence(x=tf.zeros(X.shape, tf.uint8)), TypeError, "np.asarray(x).*uint8"),
    "2**32 images": (
        sequence(x=np.broadcast_to(X[:1, :1, :1], (2**32 + 1, 1, 1, 3))),
        ValueError,
        "at most 2**32 images",
    ),
    "long weights": (sequence(y=Y, sample_weight=np.ones(11)), ValueError, "`sample_weight` must have one.*11"),
    "weights alone": (sequence(sample_weight=np.ones(10)), ValueError, "`sample_weight` needs `y`"),
    "zero batch": (sequence(batch_size=0), ValueError, "`batch_size` must be at least 1.*batch_size=0"),
    "negative batch": (sequence(batch_size=-3), ValueError, "`batch_size` must be at least 1"),
    "batch 2.5": (sequence(batch_size=2.5), TypeError, "`batch_size` must be an integer.*2.5"),
    "batch True": (sequence(batch_size=True), TypeError, "`batch_size` must be an integer"),
    "dropped all": (sequence(batch_size=11, drop_remainder=True), ValueError, "leaves no batch: 10 images"),
    "negative threads": (sequence(threads=-1), ValueError, "`threads` must be at least 1.*threads=-1"),
    "zero threads": (sequence(threads=0), ValueError, "`threads` must be at least 1"),
    "negative workers": (sequence(workers=-1), ValueError, "`workers` must be at least 0"),
    "queue": (sequence(max_queue_size=0), ValueError, "`max_queue_size` must be at least 1"),
    "multiprocessing": (sequence(use_multiprocessing=1), TypeError, "`use_multiprocessing` must be True or False"),
    "shuffle": (sequence(shuffle="yes"), TypeError, "`shuffle` must be True or False.*'yes'"),
    "drop_remainder": (sequence(drop_remainder=None), TypeError, "`drop_remainder` must be True or False"),
    "seed": (sequence(seed=-1), ValueError, "`seed` must be from 0 to 18446744073709551615.*seed=-1"),
    "large seed": (sequence(seed=2**64), ValueError, "`seed` must be from 0"),
    "seed 1.5": (sequence(seed=1.5), TypeError, "`seed` must be an integer"),
    "unknown argument": (sequence(bacth_size=8), TypeError, "bacth_size"),
    "image_size text": (sequence(image_size="224"), ValueError, "`image_size` must be (height, width), or one.*224"),
    "image_size zero": (sequence(image_size=(0, 5)), ValueError, "`image_size` must be from 1"),
    "interpolation": (sequence(interpolation="lanczos"), ValueError, "`interpolation` must be one of 'nearest', 'bil"),
    "color_mode": (sequence(x=["a.png"], color_mode="bgr"), ValueError, "`color_mode` must be one of 'grayscale'"),
    "color_mode of arrays": (sequence(color_mode="rgb"), ValueError, "`color_mode` is for picture files"),
    "data_format": (sequence(data_format="NHWC"), ValueError, "`data_format` must be one of 'channels_last'"),
    "dtype": (sequence(dtype="float16"), ValueError, "`dtype` must be one of 'float32', 'uint8'.*float16"),
    "uint8 of 0..1": (sequence(dtype="uint8", augment=[Rescaling(1 / 255)]), ValueError, "values from 0 to 1"),
    "uint8 of -1..1": (sequence(dtype="uint8", augment=[Rescaling(1 / 127.5, -1)]), ValueError, "from -1 to 1"),
    "uint8 of uint16": (sequence(x=X.astype("u2"), dtype="uint8"), ValueError, "values from 0 to 65535"),
    "uint8 of floats": (sequence(x=X.astype("f4"), dtype="uint8"), ValueError, "say the `value_range`"),
    "value_range": (sequence(value_range=(1, 0)), ValueError, "low < high.*(1, 0)"),
    "value_range number": (sequence(value_range=255), ValueError, "`value_range` must be a pair"),
    "value_range NaN": (sequence(value_range=(0, NAN)), ValueError, "`value_range` must be a finite number.*nan"),
    "augment number": (sequence(augment=3), TypeError, "`augment`) must be a list of seqaug transforms.*3"),
    "augment text": (sequence(augment="flip"), TypeError, "must be a list of seqaug transforms.*'flip'"),
    "augment class": (sequence(augment=[RandomFlip]), TypeError, "must be a list of seqaug transforms"),
    "augment layer": (
        sequence(augment=[keras.layers.GaussianDropout(0.1)]),
        ValueError,
        "GaussianDropout has no counterpart",
    ),
    "scales per channel": (
        sequence(augment=[Rescaling([1, 2])]),
        ValueError,
        "one for each of the 3 channels.*[1.0, 2.0]",
    ),
    "epoch": (lambda: setattr(AugmentedSequence(X), "epoch", -1), ValueError, "`epoch` must be from 0"),
    "slice": (lambda: AugmentedSequence(X)[0:1], TypeError, "`index` must be an integer.*slice"),
    "fill_mode": (
        rotation(0.1, fill_mode="mirror"),
        ValueError,
        "`fill_mode` must be one of 'nearest', 'reflect', 'wrap', 'constant'. Received: fill_mode='mirror'",
    ),
    "factor": (rotation(1.5), ValueError, "`factor` must be a finite number from -1 to 1. Received: factor=1.5"),
    "factor in degrees": (rotation(15), ValueError, "for degrees there is `degrees`.*Received: factor=15"),
    "crop beyond a constant border": (
        sequence(augment=[RandomRotation(0.1, "constant"), RandomCrop(9, 5)]),
        ValueError,
        "would enlarge an image smaller than itself, and with fill_mode='constant' its edges would show",
    ),
    "factor pair": (rotation((0, 2)), ValueError, "`factor` must be a finite number from -1 to 1.*2"),
    "factor triple": (rotation((0, 0.1, 0.2)), ValueError, "`factor` must be a number or a pair"),
    "factor huge": (rotation(10**400), ValueError, "`factor` must be a finite number"),
    "factor text": (rotation("10"), ValueError, "`factor` must be a finite number.*'10'"),
    "factor NaN": (rotation(NAN), ValueError, "`factor` must be a finite number.*nan"),
    "degrees NaN": (rotation(degrees=NAN), ValueError, "`degrees` must be a finite number.*nan"),
    "degrees 400": (rotation(degrees=400), ValueError, "`degrees` must be a finite number from -360 to 360"),
    "degrees too": (rotation(0.1, degrees=10), ValueError, "either `factor` .* or `degrees`"),
    "no angle": (rotation(), ValueError, "either `factor` .* or `degrees`"),
    "rotation interpolation": (rotation(0.1, interpolation="cubic"), ValueError, "`interpolation` must be one of"),
    "fill_value": (rotation(0.1, fill_value=INF), ValueError, "`fill_value` must be a finite number.*inf"),
    "p": (rotation(0.1, p=1.1), ValueError, "`p` must be a finite number from 0 to 1.*1.1"),
    "rotation seed": (rotation(0.1, seed="x"), TypeError, "`seed` must be an integer.*'x'"),
    "rotation typo": (rotation(0.1, fillmode="wrap"), TypeError, "fillmode"),
    "flip mode": (lambda: RandomFlip("both"), ValueError, "`mode` must be one of 'horizontal', 'vertical'.*'both'"),
    "flip p": (lambda: RandomFlip(p=-0.1), ValueError, "`p` must be a finite number from 0 to 1"),
    "scale": (lambda: Rescaling(INF), ValueError, "`scale` must be a finite number.*inf"),
    "scale text": (lambda: Rescaling("a"), ValueError, "`scale` must be a finite number.*'a'"),
    "scale digits": (lambda: Rescaling("0.5"), ValueError, "`scale` must be a finite number.*'0.5'"),
    "scale True": (lambda: Rescaling(True), ValueError, "`scale` must be a finite number.*True"),
    "offset": (lambda: Rescaling(1, [[1]]), ValueError, "`offset` must be a finite number"),
    "pipeline rank": (pipeline(X[0]), ValueError, "Images must be of rank 3.*shape (6, 3)"),
    "pipeline lists": (pipeline(X.tolist()), TypeError, "Images must be NumPy arrays.*list"),
    "pipeline masked": (pipeline(np.ma.masked_less(X, 3)), TypeError, "must not be a masked array"),
    "pipeline dtype": (pipeline(X.astype("i8")), TypeError, "Images must be of dtype uint8.*int64"),
    "pipeline empty": (pipeline(X[:0]), ValueError, "at least one image"),
    "pipeline sizes": (pipeline([X[0], X[0, :4]]), ValueError, "set `image_size`.*4×6, 8×6"),
    "pipeline channels": (pipeline([X[0], X[0, ..., :1]]), ValueError, "the same number of channels.*1, 3"),
    "pipeline ids": (pipeline(ids=[0, 1]), ValueError, "`ids` must be 10 whole numbers"),
    "ids to draw": (
        lambda: Pipeline().draw(seed=0, epoch=0, ids=range(3), shapes=[(4, 4, 1)] * 2),
        ValueError,
        "`ids` must be 2 whole numbers",
    ),
    "pipeline large ids": (pipeline(ids=[2**32] * 10), ValueError, "`ids` must be 10 whole numbers"),
    "pipeline seed": (pipeline(seed=None), TypeError, "`seed` must be an integer"),
    "pipeline epoch": (pipeline(epoch=2**32), ValueError, "`epoch` must be from 0"),
    "pipeline threads": (pipeline(threads=0), ValueError, "`threads` must be at least 1"),
    "pipeline dtype out": (pipeline(dtype="int8"), ValueError, "`dtype` must be one of"),
}


@pytest.mark.parametrize("case", CASES)
def test_refused_with_a_clear_message(case):
    call, error, message = CASES[case]
    pattern = ".*".join(re.escape(part) for part in message.split(".*"))
    with pytest.raises(error, match=f"(?s){pattern}"):
        call()
