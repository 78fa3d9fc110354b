"""Colour transforms put together: as few steps of scale, offset and clip as mean the same."""

import math
import warnings
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seqaug import values
from seqaug.maps import Floats
from seqaug.randomness import Draws, fold, nested
from seqaug.transforms.base import Color, Transform, still

_ROUNDING = 1e-9  # of a range of values, for what scaling there and back leaves


class Coloring:
    """The colour of one stage, for a batch of n images with c channels.

    Args:
        count: n.
        channels: c.
    """

    def __init__(self, count: int, channels: int) -> None:
        self.shape = count, channels
        self.fill, self.fill_step = np.zeros(self.shape), 0
        self.kinds: list[str] = []
        self._steps: list[Floats] = []
        self._open = False  # whether the last step may take the next line along

    def add(self, transform: Color, draws: Draws, limits: tuple[float, float] | None) -> None:
        """Draws for a transform; `limits` are the range of the images' values at its place, where it counts."""
        limits = limits or (-np.inf, np.inf)
        key = nested(fold(draws.key, transform.seed), draws.slot) if transform.pieces else 0
        for number, piece in enumerate(transform.pieces):
            rows = piece.step(replace(draws, key=key, slot=number), self.shape[1], limits)
            self._add(piece, np.where(transform.applies(draws)[:, None, None], rows, still(*self.shape)))
        if not transform.pieces:
            self._add(transform, transform.step(draws, self.shape[1], limits))

    def _add(self, transform: Color, rows: Floats) -> None:
        before = self.kinds[-1] if self._open else ""
        if transform.kind == "linear" and before and not (before == "mix" and transform.measures):
            last = self._steps[-1]
            for channel, row in enumerate((0, 4, 5) if before == "mix" else ()):
                last[:, row] *= rows[:, 0, channel, None]
            if before == "linear":
                # the mean that comes here is that of what came to the last step, scaled and moved by it
                last[:, 4] = rows[:, 4] * last[:, 0]
                last[:, 1] = last[:, 1] * (rows[:, 0] + rows[:, 4]) + rows[:, 1]
                last[:, 0] *= rows[:, 0]
            else:
                last[:, 1] = last[:, 1] * rows[:, 0] + rows[:, 1]
            last[:, 2:4] = rows[:, 2:4]
        else:
            self._steps.append(rows)
            self.kinds.append(transform.kind)
        self._open = not transform.clips

    def begin_fill(self, value: float) -> None:
        """From here on, pixels outside are `value`."""
        self.fill[:] = value
        self.fill_step, self._open = len(self._steps), False

    def begin_holes(self) -> int:
        """Returns the number of the next step, the first that applies to holes made here."""
        self._open = False
        return len(self._steps)

    @property
    def steps(self) -> NDArray[np.float64] | None:
        """`colour` of a `PassPlan`."""
        if len(self._steps) == 1:
            return self._steps[0][:, None]
        return np.stack(self._steps, axis=1) if self._steps else None


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
    asking = [slot for slot, transform in placed if transform.needs_range]
    here = values.of_source("", value_range)
    for slot, transform in placed:
        if len(result) == len(asking):
            break
        if slot in asking:
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
        told = transform.value_range if transform.needs_range else None
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
