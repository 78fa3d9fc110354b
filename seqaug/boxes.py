"""Bounding boxes, moved by the plan of their pictures; see `Pipeline.run_boxes`."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import box_formats, checks, outlines
from seqaug.maps import Floats
from seqaug.plan import Plan
from seqaug.points import Cut, Points, keeps_lines_straight, shown_by, through


@dataclass(frozen=True)
class BoxRules:
    """How boxes are written, and which of them are worth keeping.

    Args:
        written: One of `box_formats.FORMATS`.
        min_area: Square pixels that a box must have in the picture that comes out.
        min_visibility: The share of a box's area that must lie in it.
    """

    written: str
    min_area: float = 0.0
    min_visibility: float = 0.0

    @classmethod
    def checked(cls, name: str, written: Any, min_area: Any, min_visibility: Any) -> "BoxRules":
        """Returns rules as the user gave them; `name` is what the format's argument is called."""
        return cls(
            box_formats.checked(name, written),
            checks.number("min_area", min_area, 0, np.inf),
            checks.number("min_visibility", min_visibility, 0, 1),
        )


def moved(
    plan: Plan, boxes: Floats, owners: NDArray[np.int64], rules: BoxRules
) -> tuple[NDArray[np.float32], NDArray[np.intp]]:
    """Returns where boxes are in the pictures that come out, and which of them are still there.

    Args:
        plan: Of their pictures.
        boxes: `(m, 4)`, left, top, right and bottom in the unit of the format.
        owners: `(m,)`, the row of the plan that each box's picture has.
        rules: How they are written.

    Returns:
        `(k, 4)` boxes as they are written, and `(k,)`, which of the m they are, increasing.
    """
    sizes = plan.shapes[owners, :2].astype(np.float64)
    edges = boxes * box_formats.unit(rules.written, sizes)
    first = shown_by(plan.stages[0], owners, sizes)
    shown = np.clip(edges, np.tile(first[:, 1::-1], 2), np.tile(first[:, 1::-1] + first[:, :1:-1], 2))
    ends = _moved(plan, shown, owners, outlines.cut)
    height, width = plan.stages[-1].size
    frame = np.tile(np.array([0.0, 0.0, height, width]), (len(owners), 1))
    inside = np.clip(outlines.boxed(ends.places), 0.0, [width, height, width, height])
    area = _areas(inside)
    kept = outlines.cut(ends, frame).seen & (_areas(shown) > 0.0) & (area > 0.0) & (area >= rules.min_area)
    if rules.min_visibility > 0.0:
        whole = _moved(plan, edges, owners, lambda points, _: points)
        kept &= area >= rules.min_visibility * _areas(outlines.boxed(whole.places))
    chosen = np.flatnonzero(kept)
    scale = box_formats.unit(rules.written, frame[chosen, 2:])
    return box_formats.from_edges(inside[chosen] / scale, rules.written).astype(np.float32), chosen


def _moved(plan: Plan, edges: Floats, owners: NDArray[np.int64], cut: Cut) -> Points:
    outlined = outlines.around(edges, keeps_lines_straight(plan.stages))
    return through(plan.stages, Points.of(plan, outlined, owners), cut)


def _areas(edges: Floats) -> Floats:
    extents: Floats = edges[:, 2:] - edges[:, :2]
    return extents[:, 0] * extents[:, 1]
