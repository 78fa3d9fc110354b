"""A Sequence as a tf.data.Dataset, and a Pipeline inside Dataset.map: the same bits, with static shapes."""

import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from common import digests

from seqaug import (
    AugmentedSequence,
    CenterCrop,
    DatasetMap,
    EpochSync,
    Pipeline,
    RandomContrast,
    RandomCrop,
    RandomFlip,
    RandomRotation,
    Rescaling,
)

IMAGES = np.random.default_rng(0).integers(0, 256, (20, 12, 17, 3), np.uint8)
LABELS = np.arange(20)
AUGMENT = [RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)]


def make(**changed):
    arguments = {"augment": AUGMENT, "batch_size": 8, "seed": 7, **changed}
    return AugmentedSequence(arguments.pop("x", IMAGES), arguments.pop("y", LABELS), **arguments)


def epoch_of(dataset):
    """The bytes of a dataset's batches."""
    return [(x.shape, x.numpy().tobytes(), y.numpy().tobytes()) for x, y in dataset]


@pytest.mark.parametrize("threads", [1, 3])
def test_the_same_batches_epoch_by_epoch(threads):
    sequence, dataset = make(threads=threads), make(threads=threads).to_tf_dataset()
    for epoch in range(3):
        sequence.epoch = epoch
        assert epoch_of(dataset) == digests(sequence)


def test_a_pass_takes_its_number_when_it_begins():
    """Whoever takes all batches and does not ask for the end has had an epoch, however far the prefetching got."""
    sequence = make()
    dataset = sequence.to_tf_dataset()
    for epoch in range(6):
        sequence_of = make()
        sequence_of.epoch = epoch
        assert epoch_of(dataset.take(3)) == digests(sequence_of)
    assert sequence.epoch == 6


def test_fit_goes_through_the_epochs():
    sequence = make()
    seen = []

    class Spy(keras.Model):
        def __init__(self):
            super().__init__()
            self.weight = self.add_weight(shape=(), initializer="zeros")

        def call(self, x):
            return keras.ops.sum(x, axis=(1, 2, 3)) * self.weight

        def train_step(self, data):
            seen.append(data[1].numpy().tolist())
            return {"loss": tf.constant(0.0)}

    model = Spy()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(sequence.to_tf_dataset(), epochs=3, verbose=0, shuffle=False)
    expected = []
    for epoch in range(3):
        sequence.epoch = epoch
        expected += [sequence[i][1].tolist() for i in range(len(sequence))]
    assert seen == expected


@pytest.mark.parametrize(("changed", "batch"), [({}, None), ({"batch_size": 5}, 5), ({"drop_remainder": True}, 8)])
def test_static_shapes(changed, batch):
    x, y = make(**changed).to_tf_dataset().element_spec
    assert x.shape.as_list() == [batch, 12, 17, 3]
    assert (x.dtype, y.shape.as_list(), y.dtype) == (tf.float32, [batch], tf.int64)


def test_every_structure_and_length():
    masks = IMAGES[..., 0] > 128
    sequence = make(
        x={"photo": IMAGES, "age": LABELS}, image="photo", y={"segmentation_masks": masks, "labels": LABELS}
    )
    dataset = sequence.to_tf_dataset()
    assert dataset.cardinality() == len(sequence)
    x, y = dataset.element_spec
    assert x["photo"].shape.as_list() == [None, 12, 17, 3]
    assert y["segmentation_masks"].dtype == tf.bool
    assert [len(batch["age"]) for batch, _ in dataset] == [8, 8, 4]
    assert make(y=None).to_tf_dataset().element_spec.shape.as_list() == [None, 12, 17, 3]


def test_batches_are_taken_without_a_copy():
    """A tensor that starts where a batch of ours did holds our memory: TensorFlow's own would lie elsewhere."""
    sequence = make(batch_size=20, augment=())
    starts = []
    original = type(sequence).batch

    class Noting(type(sequence)):
        def batch(self, index, epoch):
            result = original(self, index, epoch)
            starts.append(result[0].ctypes.data)
            return result

    sequence.__class__ = Noting
    ((x, _),) = list(sequence.to_tf_dataset())
    assert np.from_dlpack(x).ctypes.data in starts


@pytest.mark.parametrize("batched", [True, False])
def test_a_pipeline_inside_map(batched):
    augment = DatasetMap(Pipeline(AUGMENT), seed=7)
    data = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).enumerate()
    data = data.batch(8) if batched else data
    data = data.map(lambda ids, batch: (augment(batch[0], ids), batch[1]), num_parallel_calls=2)
    data = data if batched else data.batch(8)
    for epoch in (0, 3):
        augment.epoch = epoch
        expected = Pipeline(AUGMENT)(IMAGES, seed=7, epoch=epoch)
        np.testing.assert_array_equal(np.concatenate([x for x, _ in data]), expected)
    assert data.element_spec[0].shape.as_list() == [None, 12, 17, 3]


def test_numbers_beyond_32_bits_are_later_epochs():
    augment, pipeline = DatasetMap(Pipeline(AUGMENT), seed=7, epoch=2), Pipeline(AUGMENT)
    ids = np.array([5, 2**32 + 5, 3 * 2**32 + 1, 5])
    result = augment(tf.constant(IMAGES[:4]), tf.constant(ids)).numpy()
    for image, number, row in zip(IMAGES, ids.tolist(), result, strict=False):
        expected = pipeline(image[None], seed=7, epoch=2 + (number >> 32), ids=[number & 0xFFFFFFFF])
        np.testing.assert_array_equal(row, expected[0])


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64"])
def test_arrays_and_numbers_of_any_integer_type(dtype):
    pipeline = Pipeline(AUGMENT)
    result = DatasetMap(pipeline, seed=7)(IMAGES[5:9], np.arange(5, 9).astype(dtype))
    np.testing.assert_array_equal(result, pipeline(IMAGES[5:9], seed=7, ids=range(5, 9)))


def test_shapes_as_far_as_they_are_known():
    flip, crop = DatasetMap(Pipeline([RandomFlip()]), seed=0), DatasetMap(Pipeline([RandomCrop(5, 6)]), seed=0)

    def shape(function, *extents):
        spec = tf.TensorSpec(extents, tf.uint8), tf.TensorSpec([extents[0]] if len(extents) == 4 else [], tf.int64)
        return tf.function(function).get_concrete_function(*spec).structured_outputs.shape.as_list()

    assert shape(flip, None, None, 17, 3) == [None, None, 17, 3]
    assert shape(crop, 4, None, None, 3) == [4, 5, 6, 3]
    assert shape(crop, 9, 9, None) == [5, 6, None]


def test_epoch_sync_sets_its_epoch():
    augment = DatasetMap(Pipeline([CenterCrop(4, 4)]), seed=0)
    data = tf.data.Dataset.from_tensor_slices((IMAGES, LABELS)).enumerate().batch(10)
    data = data.map(lambda ids, batch: (augment(batch[0], ids), batch[1]))
    model = keras.Sequential([keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    model.fit(data, initial_epoch=2, epochs=4, verbose=0, shuffle=False, callbacks=[EpochSync(augment)])
    assert augment.epoch == 3


@pytest.mark.parametrize(
    "augment",
    [
        [RandomRotation(0.1)],
        [Rescaling(2.0)],
        [RandomContrast((0.3, 0.3), value_range=(0, 1e-38))],
        [RandomRotation(0.1), RandomRotation(0.1, "nearest")],
    ],
)
def test_subnormal_values_survive_threads_that_flush_them(augment):
    """TensorFlow's threads take subnormal floats for zero; the same batch must not differ there."""
    tiny = IMAGES.astype("f4") * np.float32(1e-42)
    mapped = DatasetMap(Pipeline(augment), seed=7)
    data = tf.data.Dataset.from_tensor_slices(tiny).enumerate().batch(20).map(lambda ids, x: mapped(x, ids))
    result = next(iter(data)).numpy()
    assert np.count_nonzero(result) > 0
    np.testing.assert_array_equal(result, Pipeline(augment)(tiny, seed=7))


REFUSED = {
    "pipeline": (lambda: DatasetMap(AUGMENT, seed=7), TypeError, "`pipeline` must be a seqaug.Pipeline"),
    "seed": (lambda: DatasetMap(Pipeline(), seed=None), TypeError, "`seed` must be an integer"),
    "epoch": (lambda: DatasetMap(Pipeline(), seed=0, epoch=-1), ValueError, "`epoch` must be from 0"),
    "dtype": (lambda: DatasetMap(Pipeline(), seed=0, dtype="int8"), ValueError, "`dtype` must be one of"),
    "threads": (lambda: DatasetMap(Pipeline(), seed=0, threads=0), ValueError, "`threads` must be at least 1"),
    "range": (lambda: DatasetMap(Pipeline(), seed=0, value_range=(1, 0)), ValueError, "low < high"),
    "rank": (
        lambda: DatasetMap(Pipeline(), seed=0)(tf.zeros((2, 3)), tf.constant([0])),
        ValueError,
        "`images` must be of rank 3 or 4",
    ),
    "float ids": (lambda: DatasetMap(Pipeline(), seed=0)(IMAGES[:1], [0.0]), TypeError, "`ids` must be integers"),
    "negative ids": (lambda: DatasetMap(Pipeline(), seed=0)(IMAGES[:1], [-1]), ValueError, "`ids` must be one number"),
    "few ids": (lambda: DatasetMap(Pipeline(), seed=0)(IMAGES[:2], [0]), ValueError, "for each of the 2 images"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=re.escape(message)):
        call()
