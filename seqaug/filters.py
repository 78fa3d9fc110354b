"""The operations for which a pixel is not enough, by name: what a `FilterPlan` runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class FilterKind:
    """What a filter does to a picture, and to what belongs to it.

    Args:
        run: Called as `run(source, numbers, target)`: both pictures are packed float32 `(h, w, c)`, and `numbers` are
            one image's row of the plan's.
        run_mask: Called as `run_mask(source, numbers, fill, target)` with masks `(h, w, c)` of one type and `(c,)` of
            what lies outside them; None for a filter that moves nothing.
        move_points: Called as `move_points(points, numbers, size)` with `(k, 2)` rows and columns; returns where they
            are afterwards. None for a filter that moves nothing.
    """

    run: Callable[[Pixels, Floats, Pixels], None]
    run_mask: Callable[[NDArray[Any], Floats, NDArray[Any], NDArray[Any]], None] | None = None
    move_points: Callable[[Floats, Floats, tuple[int, int]], Floats] | None = None


FILTERS: dict[str, FilterKind] = {}
