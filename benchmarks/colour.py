"""Whole batches with more to do than a rotation: changes of colour, and crops. Against OpenCV and NumPy by hand."""

from collections.abc import Iterator
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

import seqaug
from benchmarks import by_hand
from benchmarks.jobs import Case, Comparison, Job, require_near
from benchmarks.measure import Call
from benchmarks.peers import Peers
from benchmarks.photographs import photographs

BATCH_SIZE = 32
CROP = (320, 320)
SIZE = (224, 224)
CROPPED = Case((375, 500, 3), "uint8")
NORMALIZATION = seqaug.Normalization(mean=by_hand.MEAN.tolist(), variance=(by_hand.DEVIATION**2).tolist())
ROTATION = seqaug.RandomRotation(degrees=by_hand.DEGREES, fill_mode="nearest")
BRIGHTNESS = seqaug.RandomBrightness(by_hand.BRIGHTNESS)
TONES = [
    BRIGHTNESS,
    seqaug.RandomContrast((by_hand.CONTRAST, by_hand.CONTRAST)),
    seqaug.RandomSaturation(by_hand.SATURATION),
    seqaug.RandomHue(by_hand.HUE),
]


def jobs(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields the jobs of colour for two sizes. Without OpenCV there is none."""
    cv2 = peers.cv2
    if cv2 is None:
        return
    for extent in (224,) if quick else (224, 512):
        case = Case((extent, extent, 3), "uint8")
        images = photographs(case, BATCH_SIZE)
        workers = {
            "by hand": by_hand.brightening(cv2, case.shape),
            "by hand, table": by_hand.brightening_by_table(cv2, case.shape),
        }
        pipeline = seqaug.Pipeline([ROTATION, BRIGHTNESS, NORMALIZATION])
        # By hand the turned picture is rounded to whole numbers first: half of one of 256 is 0.0086 here.
        yield _job("rotate, brightness, normalise", case, images, pipeline, workers, {"by hand": 4.0}, 0.04, 0.99)
        pipeline = seqaug.Pipeline([ROTATION, *TONES, NORMALIZATION])
        workers = {"by hand": by_hand.toning(cv2, case.shape)}
        name = "rotate, brightness, contrast, saturation, hue, normalise"
        # and a dark or gray pixel that was rounded has another hue
        yield _job(name, case, images, pipeline, workers, {"by hand": 2.5}, 0.08, 0.9)


def crops(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields the job of crops, or nothing without OpenCV. It is the same with `quick`."""
    del quick
    if peers.cv2 is None:
        return
    images = photographs(CROPPED, BATCH_SIZE)
    pipeline = seqaug.Pipeline(
        [seqaug.RandomCrop(*CROP), seqaug.Resizing(*SIZE), seqaug.RandomFlip("horizontal"), NORMALIZATION]
    )
    workers = {"by hand": by_hand.cropping(peers.cv2, CROP, SIZE)}
    name = "crop 320×320, resize to 224×224, flip, normalise"
    yield _job(name, CROPPED, images, pipeline, workers, {"by hand": 3.0}, 0.04, 0.99)


def _job(
    name: str,
    case: Case,
    images: NDArray[Any],
    pipeline: seqaug.Pipeline,
    workers: dict[str, by_hand.Worker],
    aims: dict[str, float],
    most: float,
    share: float,
) -> Job:
    batch = pipeline(images, seed=7)
    plan = pipeline.draw(seed=7, epoch=0, ids=range(len(images)), shapes=[case.shape] * len(images), value_range=BOUNDS)
    hand = by_hand.planned(plan)
    contestants: dict[str, Call] = {"seqaug": _augmented(pipeline, images)}
    comparisons = []
    for peer, work in workers.items():
        result = np.empty_like(batch)
        work(images, hand, result)
        comparisons.append(
            Comparison("seqaug", peer, require_near(f"{name} {peer}", result, batch, most, share), aims.get(peer))
        )
        contestants[peer] = _loop(work, images, result, (case.shape[0] - CROP[0], case.shape[1] - CROP[1]))
    return Job(f"batch of {len(images)}: {name}", case, contestants, comparisons)


BOUNDS = (0.0, 255.0)


def _augmented(pipeline: seqaug.Pipeline, images: NDArray[Any]) -> Call:
    epochs = count()
    return lambda: pipeline(images, seed=7, epoch=next(epochs))


def _loop(work: by_hand.Worker, images: NDArray[Any], batch: NDArray[np.float32], room: tuple[int, int]) -> Call:
    generator = np.random.default_rng(7)
    return lambda: work(images, by_hand.drawn(generator, len(images), room), batch)
