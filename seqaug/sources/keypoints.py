"""Keypoints of a data set: as many for each picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks, keypoints
from seqaug.keypoints import Pairs
from seqaug.maps import Floats
from seqaug.plan import Plan


class KeypointSource:
    """The keypoints of n pictures.

    Args:
        value: `(n, k, 2)` of x and y in pixels, (0, 0) being the middle of the first one; or `(n, k, 3)` with
            visibility, 0 for what is not labelled; or a list of n arrays `(kᵢ, 3)`, which come padded with zeros. Also
            `(n, 2)` and `(n, 3)`, of one keypoint each.
        pairs: Which change places where a picture is mirrored.
        name: What messages call them.

    Raises:
        ValueError: They are of another rank, or not finite, or there are none of the numbers in `pairs`.
        TypeError: They are no numbers.
    """

    def __init__(self, value: Any, pairs: Pairs, name: str) -> None:
        checks.unmasked(name, value)
        array = np.asarray(value) if hasattr(value, "shape") else _stacked(name, value)
        if array.dtype.kind not in "biuf":
            raise TypeError(f"`{name}` must hold numbers. Received: dtype {array.dtype}")
        if array.ndim not in (2, 3) or array.shape[-1] not in (2, 3):
            raise ValueError(
                f"`{name}` must be of shape (pictures, keypoints, 2) of x and y, or 3 with visibility, to be "
                f"keypoints. Received: shape {array.shape}"
            )
        self.plain = array.ndim == 2
        self.values: Floats = (array[:, None] if self.plain else array).astype(np.float64)
        self.pairs = pairs
        most = max((number for pair in pairs for number in pair), default=-1)
        if most >= self.values.shape[1]:
            raise ValueError(
                f"`keypoint_flip_pairs` must name keypoints that there are. "
                f"Received: {most}, where `{name}` has {self.values.shape[1]} for each picture"
            )
        _check(name, self.values)

    def __len__(self) -> int:
        return len(self.values)

    @property
    def shape(self) -> tuple[int, ...]:
        """Of those of one picture."""
        return self.values.shape[2:] if self.plain else self.values.shape[1:]

    def moved(self, plan: Plan, chosen: Sequence[int]) -> NDArray[np.float32]:
        """Returns what a plan for these pictures makes of their keypoints."""
        result = keypoints.moved(plan, self.values[chosen], self.pairs)
        return result[:, 0] if self.plain else result

    def fill(self, batch: NDArray[np.float32], first: int, plan: Plan, chosen: Sequence[int]) -> None:
        """Puts the keypoints of these pictures into the rows first … of a batch."""
        batch[first : first + len(chosen)] = self.moved(plan, chosen)


def _stacked(name: str, value: Any) -> NDArray[Any]:
    """A list of one array for each picture, as one array."""
    try:
        rows = [np.asarray(row) for row in value]
    except (TypeError, ValueError):
        raise ValueError(f"`{name}` must be an array of keypoints, or a list of one for each picture.") from None
    for i, row in enumerate(rows):
        if row.ndim not in (1, 2) or (row.size and row.shape[-1] not in (2, 3)):
            raise ValueError(f"`{name}[{i}]` must be of shape (keypoints, 2) or (keypoints, 3). Received: {row.shape}")
    if len({row.shape for row in rows}) <= 1:
        return np.array(rows)
    result = np.zeros((len(rows), max(len(row) for row in rows), 3))
    for i, row in enumerate(rows):
        if row.size and (row.ndim != 2 or row.shape[1] != 3):
            raise ValueError(
                f"`{name}` must have visibility (x, y and v) where pictures have different numbers of keypoints: those "
                f"that are missing come as zeros. Received: {name}[{i}] of shape {row.shape}"
            )
        result[i, : len(row)] = row.reshape(-1, 3)
    return result


def _check(name: str, values: Floats) -> None:
    labelled = np.ones(values.shape[:2], np.bool_) if values.shape[2] == 2 else ~(values[..., 2] == 0.0)
    bad = labelled & ~np.isfinite(values).all(axis=2)
    bad |= (values[..., 2:] < 0.0).any(axis=2)
    for i, j in np.argwhere(bad)[:1].tolist():
        raise ValueError(
            f"`{name}[{i}][{j}]`, a keypoint, must be finite numbers, and visibility at least 0. "
            f"Received: {values[i, j].tolist()}"
        )
