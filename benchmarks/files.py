"""Picture files: JPEG to batches of 32 at 224×224, flip, rotation by up to 15 degrees with border 'nearest', rescaling.

One thread each unless said: `seq[i]` over files and over a cache on disk that is full, a loop by OpenCV (`imread`,
`cvtColor`, `resize`, `warpAffine`, `flip`, multiply), `image_dataset_from_directory` with Keras's layers,
`ImageDataGenerator.flow_from_directory`, and as the limit decoding alone, by libjpeg-turbo at the same scale.
"""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

import seqaug
from benchmarks import by_hand
from benchmarks.jobs import Case, Comparison, Job, require_equal, require_near
from benchmarks.measure import Call
from benchmarks.peers import Peers
from benchmarks.photographs import photographs

SIZE, BATCHES, DEGREES = 32, 2, 15
TO = (224, 224)
# Quality of the files, their scale when they are decoded, and the ratios aimed at.
KINDS: tuple[tuple[Case, int, int, dict[str, float]], ...] = (
    (
        Case((375, 500, 3), "uint8"),
        92,
        1,
        {"OpenCV loop": 1.9, "Keras dataset": 6.0, "ImageDataGenerator": 11.0, "decoding alone": 1 / 1.2},
    ),
    (Case((1500, 2000, 3), "uint8"), 90, 4, {"OpenCV loop": 1.6, "decoding alone": 1 / 1.2}),
)
CACHED, TWO_THREADS = 10.0, 1.6


def jobs(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields a job per kind of file, then from the cache, then by two threads. Without TensorFlow there is none."""
    if peers.tensorflow is None:
        return
    for number, (case, quality, scale, aims) in enumerate(KINDS[:1] if quick else KINDS):
        with TemporaryDirectory() as folder:
            paths = _written(Path(folder, "photographs"), case, quality)
            sequence = _sequence(paths, 1)
            contestants: dict[str, Call] = {"seqaug": _indexed(sequence)}
            agreements = {}
            if peers.cv2 is not None:
                loop = _Loop(peers.cv2, paths)
                agreements["OpenCV loop"] = require_near(
                    "OpenCV loop", loop.batch(paths[:SIZE], by_hand.planned(sequence.plan(0))), sequence[0], 0.03, 0.95
                )
                contestants["OpenCV loop"] = loop.call
            if number == 0:
                contestants["Keras dataset"] = _dataset(peers.tensorflow, paths[:SIZE], Path(folder, "batch"))
                contestants["ImageDataGenerator"] = _generator(peers.tensorflow, folder)
            contestants["decoding alone"] = _decoding(paths, scale)
            # Keras's data set works in threads of its own, so that CPU time counts there.
            comparisons = [
                Comparison("seqaug", peer, agreements.get(peer, "same job"), aims.get(peer), by_cpu="dataset" in peer)
                for peer in list(contestants)[1:]
            ]
            yield Job(
                f"JPEG files, quality {quality}, to 224×224: flip, rotate, rescale", case, contestants, comparisons
            )
            if number == 0:
                yield from _kept(peers, case, paths, Path(folder, "cache"), sequence)


def _kept(peers: Peers, case: Case, paths: list[str], folder: Path, sequence: Any) -> Iterator[Job]:
    """The same from a cache, of whole pictures and of smaller ones, and by two threads."""
    cached, smaller = _sequence(paths, 1, cache=folder), _sequence(paths, 1, cache=folder, cache_size=TO)
    for each in (cached, smaller):
        each.build_cache(verbose=False)
    agreement = require_equal("cache", np.asarray(cached[0]), np.asarray(sequence[0]))
    if peers.cv2 is not None:
        contestants: dict[str, Call] = {"whole": _indexed(cached), "smaller": _indexed(smaller)}
        contestants["OpenCV loop"] = _Loop(peers.cv2, paths).call
        comparisons = [
            Comparison("whole", "OpenCV loop", agreement, CACHED),
            Comparison("smaller", "OpenCV loop", "same job", CACHED),
        ]
        yield Job("JPEG files in the cache on disk, as decoded, and by cache_size", case, contestants, comparisons)
    two = _sequence(paths, 2)
    agreement = require_equal("two threads", np.asarray(two[0]), np.asarray(sequence[0]))
    contestants = {"2 threads": _indexed(two), "1 thread": _indexed(sequence)}
    yield Job(
        "JPEG files by 2 threads", case, contestants, [Comparison("2 threads", "1 thread", agreement, TWO_THREADS)]
    )


def _written(folder: Path, case: Case, quality: int) -> list[str]:
    """Writes photographs into the folder of a class, and returns their paths in order."""
    folder.mkdir()
    paths = []
    for i, image in enumerate(photographs(case, BATCHES * SIZE)):
        paths.append(str(folder / f"{i:03}.jpg"))
        Image.fromarray(image).save(paths[-1], quality=quality)
    return paths


def _sequence(paths: list[str], threads: int, **arguments: Any) -> Any:
    return seqaug.AugmentedSequence(
        paths,
        image_size=TO,
        augment=[
            seqaug.RandomFlip("horizontal"),
            seqaug.RandomRotation(degrees=DEGREES, fill_mode="nearest"),
            seqaug.Rescaling(1 / 255),
        ],
        batch_size=SIZE,
        shuffle=False,
        seed=7,
        threads=threads,
        **arguments,
    )


def _indexed(sequence: Any) -> Call:
    indices = cycle(range(len(sequence)))
    return lambda: sequence[next(indices)]


class _Loop:
    """What is written by hand: file by file, into buffers that are used again where OpenCV takes them."""

    def __init__(self, cv2: Any, paths: list[str]) -> None:
        self._cv2 = cv2
        self._work = by_hand.turning(cv2, (*TO, 3), "uint8")
        self._small = np.empty((*TO, 3), np.uint8)
        self._out = np.empty((SIZE, *TO, 3), np.float32)
        self._generator = np.random.default_rng(7)
        self._parts = cycle([paths[first : first + SIZE] for first in range(0, len(paths), SIZE)])

    def call(self) -> NDArray[np.float32]:
        """The next batch."""
        return self.batch(next(self._parts), by_hand.drawn(self._generator, SIZE))

    def batch(self, paths: list[str], hand: by_hand.Hand) -> NDArray[np.float32]:
        """Returns the pictures, with these numbers."""
        self._work(map(self._read, paths), hand, self._out)
        return self._out

    def _read(self, path: str) -> NDArray[np.uint8]:
        cv2 = self._cv2
        picture = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)
        small: NDArray[np.uint8] = cv2.resize(picture, TO[::-1], dst=self._small, interpolation=cv2.INTER_LINEAR)
        return small


def _dataset(tf: Any, paths: list[str], folder: Path) -> Call:
    """One batch from its beginning to its end: a data set that goes on would work while others are timed."""
    folder.mkdir()
    for path in paths:
        (folder / Path(path).name).hardlink_to(path)
    layers = tf.keras.layers
    augment = tf.keras.Sequential(
        [
            layers.RandomFlip("horizontal"),
            layers.RandomRotation(DEGREES / 360, fill_mode="nearest"),
            layers.Rescaling(1 / 255),
        ]
    )
    dataset = tf.keras.utils.image_dataset_from_directory(
        folder, labels=None, image_size=TO, batch_size=SIZE, shuffle=False, verbose=False
    )
    options = tf.data.Options()
    options.threading.private_threadpool_size = 1
    dataset = dataset.map(lambda x: augment(x, training=True)).with_options(options)
    return lambda: [batch.numpy() for batch in dataset]


def _generator(tf: Any, folder: str) -> Call:
    generator = tf.keras.preprocessing.image.ImageDataGenerator(
        rotation_range=DEGREES, horizontal_flip=True, rescale=1 / 255
    )
    flow = generator.flow_from_directory(
        folder, TO, classes=["photographs"], class_mode=None, batch_size=SIZE, interpolation="bilinear"
    )
    return _indexed(flow)


def _decoding(paths: list[str], scale: int) -> Call:
    """Files read and decoded into memory that is used again."""
    parts = cycle([paths[first : first + SIZE] for first in range(0, len(paths), SIZE)])
    with Image.open(paths[0]) as picture:
        width, height = (-(-extent // scale) for extent in picture.size)
    out = np.empty((height, width, 3), np.uint8)

    def call() -> None:
        for path in next(parts):
            simplejpeg.decode_jpeg(Path(path).read_bytes(), "RGB", min_height=height, min_width=width, buffer=out)

    return call
