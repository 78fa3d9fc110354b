"""Colour transforms put together: as few steps of scale, offset and clip as mean the same."""

import math
import warnings
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from seqaug import values
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import Color, Transform

_ROUNDING = 1e-9  # of a range of values, for what scaling there and back leaves


class Coloring:
    """The colour of one stage, for a batch of n images with c channels.

    Args:
        count: n.
        channels: c.
    """

    def __init__(self, count: int, channels: int) -> None:
        self.shape = count, channels
        self.fill = np.zeros(self.shape)
        self.contrast: Floats | None = None
        self._steps: list[Floats] = []
        self._clipped = True  # there is no step to fold the next one into

    def add(self, transform: Color, draws: Draws, limits: tuple[float, float] | None) -> None:
        """Draws for a transform; `limits` are the range of the images' values at its place, where it counts."""
        low, high = limits or (-np.inf, np.inf)
        scale, offset = transform.gains(draws, self.shape[1], (low, high))
        if self._clipped:
            self._steps.append(self._nothing())
        step = self._steps[-1]
        if transform.turns_about_mean:
            # (v - mean)·scale + mean with mean = m·step[0] + step[1], m being that of the source
            self.contrast = step[0] * (1.0 - scale)
            offset = offset + step[1] * (1.0 - scale)
        step[0], step[1] = step[0] * scale, step[1] * scale + offset
        self.fill = self.fill * scale + offset
        self._clipped = transform.clips
        if transform.clips:
            changed = transform.applies(draws)[:, None]
            step[2], step[3] = np.where(changed, low, -np.inf), np.where(changed, high, np.inf)
            self.fill = np.clip(self.fill, step[2], step[3])

    def arrays(self) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
        """Returns `colour` and `contrast` of a `StagePlan`."""
        if not self._steps:
            return None, None
        return np.ascontiguousarray(np.stack(self._steps).transpose(2, 0, 1, 3)), self.contrast

    def _nothing(self) -> Floats:
        step = np.empty((4, *self.shape))
        for row, value in enumerate((1.0, 0.0, -np.inf, np.inf)):
            step[row] = value
        return step


def bounds(
    placed: list[tuple[int, Transform]], value_range: tuple[float, float] | None
) -> dict[int, tuple[float, float]]:
    """Returns the range of values at the slots of the transforms for which it counts.

    Args:
        placed: (slot, transform) pairs.
        value_range: (low, high) of the images' values, None if it is not known.

    Raises:
        ValueError: A range that counts is not known.
    """
    result: dict[int, tuple[float, float]] = {}
    if not any(isinstance(transform, Color) and transform.needs_range for _, transform in placed):
        return result
    here = values.of_source("", value_range)
    for slot, transform in placed:
        if isinstance(transform, Color) and transform.needs_range:
            known = transform.value_range or here.range
            if known is None:
                raise ValueError(
                    f"{transform!r} has to know the range of the values at its place: float images have none of their "
                    "own, and channels or images may have come to differ. Say `value_range=(low, high)` for the "
                    "images, or to this transform."
                )
            result[slot] = known
        here = transform.carry(here)
    return result


def carried(transforms: Iterable[Transform], here: values.Values) -> values.Values:
    """Returns the values that come out. Warns of transforms that were told of others than come to their place."""
    for transform in transforms:
        told = transform.value_range if isinstance(transform, Color) else None
        if told is not None and here.range is not None and not _alike(here.range, told):
            warnings.warn(
                f"{transform!r} is told that values go from {told[0]:g} to {told[1]:g}, but at its place they go from "
                f"{here.range[0]:g} to {here.range[1]:g}. Leave its `value_range` out, or set it to match.",
                stacklevel=4,
            )
        here = transform.carry(here)
    return here


def check_output(dtype: str, here: values.Values) -> None:
    """Raises an error if batches of a dtype cannot hold the values that come out."""
    narrow = any(not high - low > 1 for low, high in here.ranges)
    slack = 255 * _ROUNDING
    if dtype == "uint8" and not (here.least >= -slack and here.most <= 255 + slack and not narrow):
        raise ValueError(
            f'`dtype="uint8"` holds 0 to 255, and the pipeline gives values from {here.least:g} to {here.most:g}, '
            "which would be cut or rounded away. Rescale to 0 … 255, say the `value_range` of the images, or use "
            '`dtype="float32"`.'
        )


def _alike(one: tuple[float, float], other: tuple[float, float]) -> bool:
    slack = (other[1] - other[0]) * _ROUNDING
    return all(math.isclose(a, b, rel_tol=0, abs_tol=slack) for a, b in zip(one, other, strict=True))
