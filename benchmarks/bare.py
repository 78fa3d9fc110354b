"""The pipeline's kernel alone: one affine map into an output that is used again, against OpenCV's warpAffine."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.affine import cv2_affine, rotation
from benchmarks.jobs import Case, Comparison, Job, require_near
from benchmarks.measure import Call
from benchmarks.peers import Peers
from benchmarks.photographs import photograph
from seqaug import _core

ORDERS = {0: "nearest neighbour", 1: "bilinear"}
# The ratio aimed at for bilinear maps, by dtype and channels.
BILINEAR = {
    ("uint8", 1): 2.2,
    ("uint8", 3): 2.2,
    ("uint8", 4): 1.1,
    ("float32", 1): 1.3,
    ("float32", 3): 1.8,
    ("float32", 4): 1.1,
}
NEAREST = 1.2


def jobs(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields a job per kind of image, border and interpolation. Without OpenCV there is none."""
    cv2 = peers.cv2
    if cv2 is None:
        return
    for extent in (224,) if quick else (224, 512):
        for order in (1, 0):
            for border in ("nearest", "constant"):
                for channels in (3,) if quick else (1, 3, 4):
                    for dtype in ("uint8", "float32"):
                        yield _job(cv2, Case((extent, extent, channels), dtype), order, border)


def _job(cv2: Any, case: Case, order: int, border: str) -> Job:
    image: NDArray[Any] = photograph(case)
    target, cv2_target = np.zeros_like(image), np.zeros_like(image)
    matrix = rotation(*case.shape[:2])
    flags = cv2.INTER_LINEAR if order else cv2.INTER_NEAREST
    rule = cv2.BORDER_REPLICATE if border == "nearest" else cv2.BORDER_CONSTANT
    contestants: dict[str, Call] = {
        "seqaug": partial(
            _core.resample,
            [image],
            target[None],
            matrix.reshape(1, 6),
            np.full(1, order, np.uint8),
            border,
            (),
            None,
            np.zeros((1, case.shape[2])),
            0,
            None,
        ),
        "OpenCV": cv2_affine(cv2, image, matrix, cv2_target, flags, rule),
    }
    for call in contestants.values():
        call()
    # A pixel halfway between two, or on the edge, may go either way; OpenCV blends the edge with the fill.
    most, share = (1.01, 0.985) if order else (0.0, 0.95)
    agreement = require_near("OpenCV's warpAffine", cv2_target, target, most, share)
    aim = BILINEAR[case.dtype, case.shape[2]] if order else NEAREST
    return Job(
        f"affine, {ORDERS[order]}, {border}",
        case,
        contestants,
        [Comparison("seqaug", "OpenCV", agreement, aim)],
    )
