"""Whole batches of 32: flip, rotation by up to 15 degrees with border 'nearest', and rescaling to 0 … 1.

One thread each: `seq[i]`, ImageDataGenerator's `it[i]`, and Keras's layers in a `tf.data` map over batches.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

import seqaug
from benchmarks.jobs import Case, Comparison, Job
from benchmarks.measure import Call
from benchmarks.peers import Peers
from benchmarks.photographs import photographs

BATCH_SIZE = 32
BATCHES = 2
DEGREES = 15
CASES = (
    Case((224, 224, 3), "uint8"),
    Case((32, 32, 3), "uint8"),
    Case((224, 320, 3), "uint8"),
    Case((512, 512, 3), "uint8"),
    Case((224, 224, 1), "uint8"),
    Case((224, 224, 4), "uint8"),
    Case((224, 224, 3), "float32"),
)


def jobs(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields a job per kind of image. Without TensorFlow there is none."""
    tf = peers.tensorflow
    if tf is None:
        return  # nor can Keras itself be imported, which `seqaug.AugmentedSequence` does
    for case in CASES[:2] if quick else CASES:
        images = photographs(case, BATCHES * BATCH_SIZE)
        sequence = seqaug.AugmentedSequence(
            images,
            augment=[
                seqaug.RandomFlip("horizontal"),
                seqaug.RandomRotation(degrees=DEGREES, fill_mode="nearest"),
                seqaug.Rescaling(1 / 255),
            ],
            batch_size=BATCH_SIZE,
            shuffle=False,
            seed=7,
            threads=1,
        )
        _check(sequence, images)
        contestants: dict[str, Call] = {
            "seqaug": _indexed(sequence),
            "ImageDataGenerator": _indexed(_generator(tf, images)),
            "Keras layers": _layers(tf, images),
        }
        for name, call in contestants.items():
            _check_range(name, np.asarray(call()), case)
        # Each draws its own flips and angles, so there are no pixels to compare.
        comparisons = [Comparison("seqaug", peer, "same job") for peer in list(contestants)[1:]]
        yield Job("seq[i]", case, contestants, comparisons)


def _indexed(sequence: Any) -> Call:
    """Batches of a Sequence in turn."""
    indices = cycle(range(len(sequence)))
    return lambda: sequence[next(indices)]


def _generator(tf: Any, images: NDArray[Any]) -> Any:
    """ImageDataGenerator wants floats; the conversion is not timed."""
    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=DEGREES, horizontal_flip=True, rescale=1 / 255, fill_mode="nearest"
    )
    return generator.flow(images.astype(np.float32), batch_size=BATCH_SIZE, shuffle=False, seed=7)


def _layers(tf: Any, images: NDArray[Any]) -> Call:
    layers = tf.keras.layers
    augment = tf.keras.Sequential(
        [
            layers.RandomFlip("horizontal", seed=7),
            layers.RandomRotation(DEGREES / 360, fill_mode="nearest", seed=7),
            layers.Rescaling(1 / 255),
        ]
    )
    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    options.threading.max_intra_op_parallelism = 1
    options.autotune.enabled = False
    dataset = tf.data.Dataset.from_tensor_slices(images).batch(BATCH_SIZE).repeat()
    batches = iter(dataset.map(lambda batch: augment(batch, training=True)).with_options(options))
    return lambda: next(batches)


def _check(sequence: Any, images: NDArray[Any]) -> None:
    """A few images of the first batch against SciPy at the angles that were drawn."""
    batch, stage = sequence[0], sequence.plan(0).stages[0]
    for i in range(4):
        matrix = stage.matrices[i].reshape(2, 3)
        for channel in range(images.shape[3]):
            plane = images[i, ..., channel].astype(np.float64)
            expected = ndimage.affine_transform(plane, matrix[:, :2], matrix[:, 2], order=1, mode="nearest") / 255
            if np.abs(batch[i, ..., channel] - expected).max() > 1e-4:
                raise SystemExit("seq[i]: the result is not SciPy's, so times mean nothing.")


def _check_range(name: str, batch: NDArray[Any], case: Case) -> None:
    if (
        batch.shape != (BATCH_SIZE, *case.shape)
        or batch.dtype != np.float32
        or not 0 <= batch.min() < batch.max() < 1.01
    ):
        raise SystemExit(f"{name}: not a batch of rescaled pictures: {batch.shape}, {batch.dtype}")
