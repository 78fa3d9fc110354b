"""Whole batches: flip, rotation by up to 15 degrees with border 'nearest', and rescaling to 0 … 1, as float32.

One thread each: `seq[i]`, loops over the images by OpenCV and by Albumentations, ImageDataGenerator's `it[i]`, Keras's
layers in a `tf.data` map over batches, and as the limit one multiplication of each image into the batch.
"""

from collections.abc import Iterator
from itertools import cycle
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

import seqaug
from benchmarks import by_hand
from benchmarks.jobs import Case, Comparison, Job, require_near
from benchmarks.measure import Call
from benchmarks.peers import Peers
from benchmarks.photographs import photographs

BATCHES = 2
DEGREES = 15
SLOW = ("ImageDataGenerator", "Keras layers")
# The claims are made for the first two and for the third; the slow peers take part in these only.
CASES = (
    (Case((224, 224, 3), "uint8"), 32),
    (Case((512, 512, 3), "uint8"), 32),
    (Case((32, 32, 3), "uint8"), 256),
    (Case((224, 320, 3), "uint8"), 32),
    (Case((224, 224, 1), "uint8"), 32),
    (Case((224, 224, 4), "uint8"), 32),
    (Case((224, 224, 3), "float32"), 32),
)
TARGETS = {"OpenCV loop": 4.5, "Albumentations": 14.0, "Keras layers": 35.0, "ImageDataGenerator": 45.0}
LIMIT = "convert and scale"
WITHIN = 3.2  # of the limit
SMALL = {"OpenCV loop": 6.0}


def jobs(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields a job per kind of image. Without TensorFlow there is none."""
    if peers.tensorflow is None:
        return  # nor can Keras itself be imported, which `seqaug.AugmentedSequence` does
    for number, (case, size) in enumerate(CASES[:1] if quick else CASES):
        images = photographs(case, BATCHES * size)
        sequence = seqaug.AugmentedSequence(
            images,
            augment=[
                seqaug.RandomFlip("horizontal"),
                seqaug.RandomRotation(degrees=DEGREES, fill_mode="nearest"),
                seqaug.Rescaling(1 / 255),
            ],
            batch_size=size,
            shuffle=False,
            seed=7,
            threads=1,
        )
        _check(sequence, images)
        aims = [{**TARGETS, LIMIT: 1 / WITHIN}] * 2 + [SMALL]
        yield _job(peers, case, size, images, sequence, aims[number] if number < 3 else {}, slow=number < 3)


def _job(
    peers: Peers, case: Case, size: int, images: NDArray[Any], sequence: Any, aims: dict[str, float], slow: bool
) -> Job:
    contestants: dict[str, Call] = {"seqaug": _indexed(sequence)}
    # Each draws its own flips and angles, so of most there are no pixels to compare.
    agreements = {LIMIT: "the limit"}
    if peers.cv2 is not None:
        work = by_hand.turning(peers.cv2, case.shape, case.dtype)
        batch = np.empty((size, *case.shape), np.float32)
        work(images[:size], by_hand.planned(sequence.plan(0)), batch)
        agreements["OpenCV loop"] = require_near("OpenCV loop", batch, np.asarray(sequence[0]), 0.008, 0.99)
        contestants["OpenCV loop"] = _loop(work, images, batch)
    if peers.albumentations is not None and case.shape[2] == 3 and case.dtype == "uint8":
        contestants["Albumentations"] = _albumentations(peers.albumentations, peers.cv2, images, size)
    if slow:
        contestants["Keras layers"] = _layers(peers.tensorflow, images, size)
        contestants["ImageDataGenerator"] = _generator(peers.tensorflow, images, size)
    contestants[LIMIT] = _limit(images, size)
    for name, call in contestants.items():
        _check_range(name, np.asarray(call()), (size, *case.shape))
    comparisons = [
        Comparison("seqaug", peer, agreements.get(peer, "same job"), aims.get(peer)) for peer in list(contestants)[1:]
    ]
    return Job(f"batch of {size}: flip, rotate, rescale", case, contestants, comparisons)


def _indexed(sequence: Any) -> Call:
    """Batches of a Sequence in turn."""
    indices = cycle(range(len(sequence)))
    return lambda: sequence[next(indices)]


def _parts(images: NDArray[Any], size: int) -> Any:
    """The batches of an array in turn."""
    return cycle([images[first : first + size] for first in range(0, len(images), size)])


def _loop(work: by_hand.Worker, images: NDArray[Any], batch: NDArray[np.float32]) -> Call:
    generator, parts = np.random.default_rng(7), _parts(images, len(batch))

    def call() -> NDArray[np.float32]:
        work(next(parts), by_hand.drawn(generator, len(batch)), batch)
        return batch

    return call


def _albumentations(albumentations: Any, cv2: Any, images: NDArray[Any], size: int) -> Call:
    augment = albumentations.Compose(
        [
            albumentations.HorizontalFlip(p=0.5),
            albumentations.Rotate(limit=DEGREES, border_mode=cv2.BORDER_REPLICATE, p=1.0),
            albumentations.Normalize(mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0), max_pixel_value=255.0),
        ],
        seed=7,
    )
    batch, parts = np.empty((size, *images.shape[1:]), np.float32), _parts(images, size)

    def call() -> NDArray[np.float32]:
        for i, image in enumerate(next(parts)):
            batch[i] = augment(image=image)["image"]
        return batch

    return call


def _limit(images: NDArray[Any], size: int) -> Call:
    batch, parts, scale = np.empty((size, *images.shape[1:]), np.float32), _parts(images, size), np.float32(1 / 255)

    def call() -> NDArray[np.float32]:
        for i, image in enumerate(next(parts)):
            np.multiply(image, scale, out=batch[i])
        return batch

    return call


def _generator(tf: Any, images: NDArray[Any], size: int) -> Call:
    """ImageDataGenerator wants floats; the conversion is not timed."""
    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=DEGREES, horizontal_flip=True, rescale=1 / 255, fill_mode="nearest"
    )
    return _indexed(generator.flow(images.astype(np.float32), batch_size=size, shuffle=False, seed=7))


def _layers(tf: Any, images: NDArray[Any], size: int) -> Call:
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
    dataset = tf.data.Dataset.from_tensor_slices(images).batch(size).repeat()
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


def _check_range(name: str, batch: NDArray[Any], shape: tuple[int, ...]) -> None:
    if batch.shape != shape or batch.dtype != np.float32 or not 0 <= batch.min() < batch.max() < 1.01:
        raise SystemExit(f"{name}: not a batch of rescaled pictures: {batch.shape}, {batch.dtype}")
