"""What surrounds the kernels: the draws and the plan of a batch, which are Python and NumPy, and the threads."""

from collections.abc import Iterator
from functools import partial
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

import seqaug
from benchmarks.jobs import Case, Comparison, Job, require_equal
from benchmarks.measure import Call
from benchmarks.peers import Peers
from benchmarks.photographs import photographs

CASE = Case((224, 224, 3), "uint8")
BUDGET = 250e-6
# The claim is made for the first size.
BATCHES = {256: 1.6, 32: None}


def draws(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields the job of drawing and planning a batch of 32 with six transforms."""
    del peers, quick
    pipeline = seqaug.Pipeline(
        [
            seqaug.RandomFlip("horizontal"),
            seqaug.RandomRotation(degrees=15, fill_mode="nearest"),
            seqaug.RandomZoom(0.1, fill_mode="nearest"),
            seqaug.RandomTranslation(0.1, 0.1, fill_mode="nearest"),
            seqaug.RandomBrightness(0.2),
            seqaug.Rescaling(1 / 255),
        ]
    )
    shapes, epochs = [CASE.shape] * 32, count()

    def draw() -> seqaug.Plan:
        return pipeline.draw(seed=7, epoch=next(epochs), ids=range(32), shapes=shapes, value_range=(0.0, 255.0))

    budget = Comparison("seqaug", f"{BUDGET * 1e6:.0f} µs", "a budget", 1.0, BUDGET)
    yield Job("draw and plan 32 images, six transforms", CASE, {"seqaug": draw}, [budget])


def threads(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields a job per size of batch: two threads against one."""
    del peers
    pipeline = seqaug.Pipeline(
        [
            seqaug.RandomFlip("horizontal"),
            seqaug.RandomRotation(degrees=15, fill_mode="nearest"),
            seqaug.Rescaling(1 / 255),
        ]
    )
    for size, aim in list(BATCHES.items())[1 if quick else 0 :]:
        images = photographs(CASE, size)
        agreement = require_equal(
            "two threads", pipeline(images, seed=7, threads=2), pipeline(images, seed=7, threads=1)
        )
        epochs = count()
        contestants: dict[str, Call] = {
            "seqaug, 2 threads": partial(_augmented, pipeline, images, epochs, 2),
            "seqaug, 1 thread": partial(_augmented, pipeline, images, epochs, 1),
        }
        pair = Comparison("seqaug, 2 threads", "seqaug, 1 thread", agreement, aim)
        yield Job(f"batch of {size}: flip, rotate, rescale; 2 threads", CASE, contestants, [pair])


def _augmented(
    pipeline: seqaug.Pipeline, images: NDArray[Any], epochs: Iterator[int], number: int
) -> NDArray[np.float32]:
    return pipeline(images, seed=7, epoch=next(epochs), threads=number)
