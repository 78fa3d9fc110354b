"""Flips: against NumPy (a new result, and a used output), against OpenCV, and against a plain copy as the limit."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.jobs import Case, Comparison, Job, cases, require_equal
from benchmarks.measure import Call
from benchmarks.peers import Peers
from benchmarks.photographs import photograph
from seqaug import _core

# The claims are made for these shapes, in both dtypes.
TARGET_SHAPES = ((224, 224, 3), (512, 512, 3))
OPENCV = {"uint8": 1.2, "float32": 1.0}


def jobs(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields two jobs per kind of image."""
    for case in cases(quick):
        for horizontal in (True, False):
            yield _job(peers, case, horizontal)


def _job(peers: Peers, case: Case, horizontal: bool) -> Job:
    image: NDArray[Any] = photograph(case)
    target, numpy_target, copy_target = (np.empty_like(image) for _ in range(3))
    flipped = image[:, ::-1] if horizontal else image[::-1]
    contestants: dict[str, Call] = {
        "seqaug kernel": partial(_core.flip, image, target, horizontal, not horizontal),
        "NumPy": partial(np.ascontiguousarray, flipped),
        "NumPy, out": partial(np.copyto, numpy_target, flipped),
        "plain copy": partial(np.copyto, copy_target, image),
    }
    contestants["seqaug kernel"]()
    agreement = require_equal("NumPy", target, flipped)
    wanted = case.shape in TARGET_SHAPES
    comparisons = [
        Comparison("seqaug kernel", "NumPy", agreement, 8.0 if wanted and horizontal else None),
        Comparison("seqaug kernel", "NumPy, out", agreement),
        Comparison("seqaug kernel", "plain copy", "the limit"),
    ]
    if peers.cv2 is not None:
        cv2_target = np.empty_like(image)
        contestants["OpenCV"] = partial(peers.cv2.flip, image, 1 if horizontal else 0, dst=cv2_target)
        contestants["OpenCV"]()
        agreement = require_equal("OpenCV", target, cv2_target)
        comparisons.insert(2, Comparison("seqaug kernel", "OpenCV", agreement, OPENCV[case.dtype] if wanted else None))
    return Job("flip left-right" if horizontal else "flip up-down", case, contestants, comparisons)
