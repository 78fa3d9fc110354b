"""Wrong arguments of a Sequence's parts and views: errors that name the argument, what is allowed and what came."""

import json
import re

import numpy as np
import pytest
import tensorflow as tf
from common import Batches

from seqaug import AugmentedSequence, DatasetMap, EpochSync, Pipeline, RandomFlip

X = np.zeros((10, 8, 6, 3), np.uint8)
Y = np.arange(10)
MASKS = np.zeros((10, 8, 6), np.uint8)
AUGMENT = [RandomFlip()]
WHOLE = AugmentedSequence(X, Y, augment=AUGMENT, seed=1)
CONFIG = WHOLE.get_config()
JSON = Pipeline(AUGMENT).to_json()


def sequence(x=X, y=None, sample_weight=None, **arguments):
    return lambda: AugmentedSequence(x, y, sample_weight, **arguments)


def masked(masks=MASKS, **arguments):
    return sequence(y=masks, **{"targets": "segmentation_mask", **arguments})


def split(fraction=0.5, stratify=None, y=Y):
    return lambda: AugmentedSequence(X, y).split(fraction, stratify)


def restored(without=(), data=X, **changed):
    config = {name: value for name, value in (CONFIG | changed).items() if name not in without}
    return lambda: AugmentedSequence.from_config(config, data, None if data is not X else Y)


def parsed(text):
    return lambda: Pipeline.from_json(text)


def mapped(ids=(0, 1), shape=(2, 5, 5, 3), **arguments):
    return lambda: DatasetMap(Pipeline(AUGMENT), **{"seed": 1, **arguments})(tf.zeros(shape), tf.constant(ids))


def only(**content):
    return parsed(json.dumps({"format": 1, "transforms": [], "resize": None, **content}))


NAN = float("nan")
CASES = {
    "image of one array": (sequence(image="a"), ValueError, "`image` names the picture in a dict or tuple.*image='a'"),
    "no image": (sequence({"a": X}), ValueError, "`image` must say which entry of `x`.*['a'].*image=None"),
    "unhashable image": (sequence({"a": X}, image=[1]), ValueError, "one of ['a']. Received: image=[1]"),
    "image from the end": (sequence((Y, X), image=-1), ValueError, "one of [0, 1]. Received: image=-1"),
    "list of targets": (masked(targets=["label"]), TypeError, "`targets` must be a text or a dict.*['label']"),
    "kind": (masked(targets={"y": ["label"]}), ValueError, "`targets` must be one of 'label'.*Received: targets=['lab"),
    "no column": (masked(targets={None: "label"}), ValueError, "`targets` must name columns.*['y'].*Received: None"),
    "no targets": (masked(targets={}, augment=AUGMENT), ValueError, "Declare it: targets={'y': \"segmentation_mask\"}"),
    "mask size": (masked(MASKS[:, :4]), ValueError, "`y[0]`, a segmentation mask, .*Received: 4×6 and 8×6"),
    "mask dtype": (masked(MASKS.astype("f2")), TypeError, "`y` must be of dtype bool, .*astype.*y.dtype=float16"),
    "mask of objects": (masked(MASKS.astype(object)), TypeError, "`y` must be of dtype bool, .*y.dtype=object"),
    "mask rank": (masked(MASKS[:, 0]), ValueError, "`y` must be of rank 3 or 4.*y.shape=(10, 6)"),
    "mask without channels": (masked(MASKS[..., None][..., :0]), ValueError, "empty masks.*y.shape=(10, 8, 6, 0)"),
    "mask count": (masked(MASKS[:9]), ValueError, "`y` must have one entry for each of the 10 images.*Received: 9"),
    "mask list": (masked(list(MASKS)), TypeError, "`y` must be an array of masks.*np.stack(y).*type list"),
    "masked masks": (masked(np.ma.masked_less(MASKS, 1)), TypeError, "`y` must not be a masked array.*filled"),
    "fill": (masked(mask_fill_value=300), ValueError, "`mask_fill_value` must be .*uint8.*mask_fill_value=300"),
    "fill text": (sequence(mask_fill_value="0"), ValueError, "`mask_fill_value` must be a finite number.*'0'"),
    "empty y": (sequence(y={}), ValueError, "`y` must hold at least one array.*y={}"),
    "class names": (sequence(y=["cat"] * 10), TypeError, "`y` must hold numbers; of class names, `np.unique(y"),
    "weights of no class": (sequence(y=Y, sample_weight="balanced"), TypeError, "`sample_weight` must hold numbers"),
    "share text": (split("0.2"), ValueError, "`fraction` must be a finite number from 0 to 1.*'0.2'"),
    "share True": (split(True), ValueError, "`fraction` must be a finite number.*True"),
    "share NaN": (split(NAN), ValueError, "`fraction` must be a finite number.*nan"),
    "stratify name": (split(stratify="y"), ValueError, "`stratify` must have one class for each of the 10.*shape ()"),
    "stratify ragged": (split(stratify=[[1], [1, 2]] * 5), ValueError, "`stratify` must have one class for each of th"),
    "stratify None": (split(stratify=[None] * 10), ValueError, "`stratify` must be classes.*dtype object"),
    "stratify NaN": (split(stratify=[NAN] * 10), ValueError, "`stratify` must be classes, which are whole numbers"),
    "stratify texts": (split(stratify=[["a", "b"]] * 10), ValueError, "`stratify` must be classes or one-hot rows"),
    "stratify tuple": (split(stratify=True, y=(Y, Y)), ValueError, "needs labels.*Or give the classes: stratify=[…]"),
    "shard": (lambda: WHOLE.shard(1.5, 2), TypeError, "`index` must be an integer. Received: index=1.5"),
    "shards": (lambda: WHOLE.shard(0, "2"), TypeError, "`count` must be an integer. Received: count='2'"),
    "too many": (lambda: WHOLE.shard(1, 2), ValueError, "take fewer shares, or smaller batches.*index=1, count=2"),
    "item": (lambda: WHOLE.repeat()[0:2], TypeError, "`index` must be an integer.*slice"),
    "item too far": (lambda: WHOLE.repeat()[2**32], ValueError, "`epoch` must be from 0 to 4294967295.*4294967296"),
    "epoch of a batch": (lambda: WHOLE.batch(0, -1), ValueError, "`epoch` must be from 0 to 4294967295.*epoch=-1"),
    "part of an epoch": (lambda: WHOLE.batch(0, 1.5), TypeError, "`epoch` must be an integer. Received: epoch=1.5"),
    "plan": (lambda: WHOLE.plan(9), IndexError, "`index` must be from -1 to 0. Received: index=9"),
    "epoch text": (lambda: setattr(WHOLE, "epoch", "3"), TypeError, "`epoch` must be an integer.*'3'"),
    "preview": (lambda: WHOLE.preview(0), ValueError, "`count` must be at least 1. Received: count=0"),
    "preview draws": (lambda: WHOLE.preview(draws=-1), ValueError, "`draws` must be at least 1. Received: draws=-1"),
    "preview figure": (lambda: WHOLE.preview(as_figure="yes"), TypeError, "`as_figure` must be True or False.*'yes'"),
    "nothing to see": (lambda: AugmentedSequence(Batches([3])).preview(), ValueError, "without `augment`"),
    "a list to sync": (lambda: EpochSync([WHOLE]), TypeError, "EpochSync takes Sequences with an `epoch`.*type list"),
    "endless to sync": (lambda: EpochSync(WHOLE.repeat()), TypeError, "with an `epoch`.*type Repeated"),
    "no arrays": (lambda: AugmentedSequence(Batches([3])).to_tf_dataset(), TypeError, "batches of arrays. Received: 3"),
    "map of a list": (lambda: DatasetMap(AUGMENT, seed=1), TypeError, "`pipeline` must be a seqaug.Pipeline.*[Random"),
    "map seed": (mapped(seed=None), TypeError, "`seed` must be an integer. Received: seed=None"),
    "map epoch": (mapped(epoch=-1), ValueError, "`epoch` must be from 0.*epoch=-1"),
    "map dtype": (mapped(dtype="f4"), ValueError, "`dtype` must be one of 'float32', 'uint8'.*'f4'"),
    "map range": (mapped(value_range=3), ValueError, "`value_range` must be a pair (low, high).*value_range=3"),
    "map threads": (mapped(threads=0), ValueError, "`threads` must be at least 1.*threads=0"),
    "map rank": (mapped(shape=(3,)), ValueError, "`images` must be of rank 3 or 4.*shape (3,)"),
    "map floats": (mapped(ids=(0.5, 1.0)), TypeError, "`ids` must be integers.*float32"),
    "map count": (mapped(ids=(0, 1, 2)), ValueError, "one number of at least 0 for each of the 2 images.*[0, 1, 2]"),
    "map negative": (mapped(ids=(-1, 2)), ValueError, "one number of at least 0.*ids=[-1, 2]"),
    "no config": (
        lambda: AugmentedSequence.from_config(None, X),
        ValueError,
        "`config` must be a dict as `get_config`",
    ),
    "no epoch": (restored(["epoch"]), ValueError, "`config` must be a dict as `get_config` gives it.*without epoch"),
    "no seed": (restored(["seed"]), ValueError, "without seed"),
    "no augment": (restored(["augment"]), ValueError, "without augment"),
    "positions": (restored(positions=[0, 99]), ValueError, "`positions` .*in `x`, which has 10: give all the data.*99"),
    "negative": (restored(positions=[-1, 2]), ValueError, "`positions` must be numbers of samples in `x`.*-1"),
    "twice": (restored(positions=[1, 1]), ValueError, "`positions` must be increasing numbers.*[1, 1]"),
    "out of order": (restored(positions=[3, 1]), ValueError, "`positions` must be increasing numbers.*[3, 1]"),
    "positions text": (restored(positions="abc"), ValueError, "`positions` must be increasing numbers.*'abc'"),
    "no positions": (restored(positions=[]), ValueError, "`positions` must be increasing numbers.*[]"),
    "positions of another": (
        restored(data=Batches([(X, Y)]), positions=[0], batch_size=None, shuffle=None, drop_remainder=False),
        ValueError,
        "`positions` must be numbers of samples in `x`, which has 0",
    ),
    "shards number": (restored(shards=3), ValueError, "`shards` must be a list of [index, count, equal].*shards=3"),
    "short shards": (restored(shards=[[1]]), ValueError, "`shards` must be a list of [index, count, equal]"),
    "wrong shards": (restored(shards=[[5, 2, True]]), ValueError, "`index` must be from 0 to 1.*index=5"),
    "evaluation": (restored(evaluation="x"), TypeError, "`evaluation` must be True or False.*'x'"),
    "targets": (restored(targets=[[1]]), ValueError, "`targets` must be pairs of a name and a kind.*[[1]]"),
    "augment": (restored(augment=AUGMENT), ValueError, "what `Pipeline.get_config` gave.*Received: list"),
    "not JSON": (parsed("nope"), ValueError, "`text` must be the JSON that `to_json` gave: Expecting.*'nope'"),
    "no text": (parsed(None), TypeError, "`text` must be the text that `to_json` gave.*NoneType"),
    "other JSON": (parsed("3"), ValueError, "of format 1; .*another version.*'3'"),
    "format": (parsed(JSON.replace(": 1", ": 99", 1)), ValueError, "of format 1; .*another version of seqaug.*99"),
    "class": (
        parsed(JSON.replace("RandomFlip", "RandomFlop")),
        ValueError,
        "`class_name` must be one of.*'RandomFlop'",
    ),
    "value": (parsed(JSON.replace("horizontal_and_vertical", "up")), ValueError, "`mode` must be one of.*mode='up'"),
    "argument": (parsed(JSON.replace('"mode"', '"mood"')), TypeError, "mood"),
    "number": (only(transforms=3), TypeError, "`transforms` must be a list of descriptions. Received: 3"),
    "names": (only(transforms=["a"]), ValueError, "described by a dict of 'class_name' and 'config'.*'a'"),
    "half": (
        only(transforms=[{"class_name": "RandomFlip"}]),
        ValueError,
        "described by a dict of 'class_name' and 'con",
    ),
    "resize": (only(resize=3), ValueError, "described by a dict.*Received: 3"),
    "resize flip": (only(resize={"class_name": "RandomFlip", "config": {}}), ValueError, "must describe a Resizing"),
    "more": (only(fill=3), ValueError, "a dict of 'transforms' and 'resize'.*['fill', 'resize', 'transforms']"),
}


@pytest.mark.parametrize("case", CASES)
def test_refused_with_a_clear_message(case):
    call, error, message = CASES[case]
    pattern = ".*".join(re.escape(part) for part in message.split(".*"))
    with pytest.raises(error, match=f"(?s){pattern}"):
        call()


def test_classes_in_a_column_of_objects():
    """As a data frame gives them."""
    classes = np.array(["cat", "dog"] * 5, object)
    _, validation = WHOLE.split(0.2, stratify=classes)
    assert sorted(classes[validation.data.positions]) == ["cat", "dog"]


@pytest.mark.parametrize("dtype", [tf.int32, tf.int64, tf.uint8, tf.uint64])
def test_numbers_of_any_integer_type(dtype):
    pictures = np.arange(4 * 5 * 5 * 3, dtype="u1").reshape(4, 5, 5, 3)
    expected = Pipeline(AUGMENT)(pictures, seed=1)
    result = DatasetMap(Pipeline(AUGMENT), seed=1)(pictures, tf.range(4, dtype=tf.int64).numpy().astype(dtype.name))
    np.testing.assert_array_equal(result, expected)
