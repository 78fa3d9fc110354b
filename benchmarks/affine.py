"""The exact affine kernel: a rotation by 20 degrees, bilinear, border 'nearest', against Keras, SciPy and OpenCV."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from benchmarks.jobs import Case, Comparison, Job, cases, difference, require_equal
from benchmarks.measure import Call
from benchmarks.peers import Peers
from benchmarks.photographs import photograph
from seqaug import _core
from seqaug.preprocessing.image import apply_affine_transform

DEGREES = 20
KERAS_ARGUMENTS: dict[str, Any] = {
    "theta": DEGREES,
    "row_axis": 0,
    "col_axis": 1,
    "channel_axis": 2,
    "fill_mode": "nearest",
    "order": 1,
}
# The claims are made for this case.
TARGET_CASE = Case((224, 224, 3), "float32")


def jobs(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields a job per kind of image.

    Keras is compared with seqaug's public function, which allocates its result as Keras does; SciPy and OpenCV with the
    kernel, all three writing into an output that is used again.
    """
    for case in cases(quick):
        yield _job(peers, case)


def _job(peers: Peers, case: Case) -> Job:
    image: NDArray[Any] = photograph(case)
    target = np.empty_like(image)
    matrix = rotation(*case.shape[:2])
    kernel = partial(_core.affine, image, target, matrix.reshape(6), 1, "nearest", np.zeros(case.shape[2]))
    contestants: dict[str, Call] = {"seqaug kernel": kernel}
    comparisons = []
    wanted = case == TARGET_CASE
    kernel()

    if peers.tensorflow is not None:
        contestants["seqaug function"] = partial(apply_affine_transform, image, **KERAS_ARGUMENTS)
        contestants["Keras"] = partial(
            peers.tensorflow.keras.preprocessing.image.apply_affine_transform, image, **KERAS_ARGUMENTS
        )
        agreement = require_equal(
            "Keras", apply_affine_transform(image, **KERAS_ARGUMENTS), _result(contestants["Keras"])
        )
        comparisons.append(Comparison("seqaug function", "Keras", agreement, 14.0 if wanted else None))
    scipy_target = np.empty_like(image)
    contestants["SciPy"] = partial(_scipy_affine, image, matrix, scipy_target)
    contestants["SciPy"]()
    comparisons.append(Comparison("seqaug kernel", "SciPy", require_equal("SciPy", target, scipy_target)))
    if peers.cv2 is not None:
        cv2_target = np.empty_like(image)
        contestants["OpenCV"] = cv2_affine(
            peers.cv2, image, matrix, cv2_target, peers.cv2.INTER_LINEAR, peers.cv2.BORDER_REPLICATE
        )
        contestants["OpenCV"]()
        agreement = f"≤ {difference(target, cv2_target):.2g} off"
        comparisons.append(Comparison("seqaug kernel", "OpenCV", agreement, 1.0 if wanted else None))
    return Job("affine, exact", case, contestants, comparisons)


def rotation(height: int, width: int) -> NDArray[np.float64]:
    """The 2×3 pull matrix, (row, column) to (row, column), about the centre."""
    cosine, sine = np.cos(np.deg2rad(DEGREES)), np.sin(np.deg2rad(DEGREES))
    linear = np.array([[cosine, sine], [-sine, cosine]])
    centre = np.array([(height - 1) / 2, (width - 1) / 2])
    return np.column_stack([linear, centre - linear @ centre])


def _scipy_affine(image: NDArray[Any], matrix: NDArray[np.float64], target: NDArray[Any]) -> None:
    """Channel by channel, as Keras does it: SciPy's rank-3 transform would interpolate between channels as well."""
    for channel in range(image.shape[2]):
        ndimage.affine_transform(
            image[..., channel], matrix[:, :2], matrix[:, 2], output=target[..., channel], order=1, mode="nearest"
        )


def cv2_affine(
    cv2: Any, image: NDArray[Any], matrix: NDArray[np.float64], target: NDArray[Any], flags: int, border: int
) -> Call:
    """OpenCV's matrix is in (x, y), and its images of one channel are of rank 2."""
    if image.shape[2] == 1:
        image, target = image[..., 0], target[..., 0]
    swapped = np.ascontiguousarray(matrix[::-1, [1, 0, 2]])
    size = image.shape[1], image.shape[0]
    flags |= cv2.WARP_INVERSE_MAP
    return partial(cv2.warpAffine, image, swapped, size, dst=target, flags=flags, borderMode=border)


def _result(call: Call) -> NDArray[Any]:
    return np.asarray(call())
