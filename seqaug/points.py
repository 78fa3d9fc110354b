"""Points moved by a plan: where what stands in a picture stands afterwards.

Points are rows and columns, whole numbers being the centres of pixels, in double; products and sums come in the order
in which they are written, so that the bits are the same everywhere.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.filters import FILTERS
from seqaug.maps import Floats
from seqaug.plan import BlendPlan, BranchPlan, FilterPlan, PassPlan, Plan, StagePlan
from seqaug.transforms.apart import Filter
from seqaug.transforms.base import Transform
from seqaug.transforms.compound import Compound


@dataclass(frozen=True)
class Points:
    """Groups of points, each of which belongs to an image.

    Args:
        places: `(m, v, 2)`, v points in each of m groups.
        owners: `(m,)` int64, the row of the plan that each group's image has.
        sizes: `(m, 2)`, the height and width of that image.
        seen: `(m,)` bool, which groups have not been lost from sight.
    """

    places: Floats
    owners: NDArray[np.int64]
    sizes: Floats
    seen: NDArray[np.bool_]

    @classmethod
    def of(cls, plan: Plan, places: Floats, owners: NDArray[np.int64]) -> "Points":
        """Returns points in the images that a plan was drawn for, all of them in sight."""
        return cls(places, owners, plan.shapes[owners, :2].astype(np.float64), np.ones(len(owners), np.bool_))

    def at(self, chosen: NDArray[Any]) -> "Points":
        """Returns some of the groups."""
        return Points(self.places[chosen], self.owners[chosen], self.sizes[chosen], self.seen[chosen])


# Takes out of sight what lies beyond the `(m, 4)` rectangles (top, left, height, width), of which pictures are made.
Cut = Callable[[Points, Floats], Points]


def through(stages: Sequence[StagePlan], points: Points, cut: Cut) -> Points:
    """Returns points after these stages; each pass sees no more than its source.

    Raises:
        TypeError: There is a stage that is not known to move points.
    """
    for stage in stages:
        move = next((move for kind, move in _MOVES.items() if isinstance(stage, kind)), None)
        if move is None:
            raise TypeError(f"Boxes and keypoints cannot be moved by a {type(stage).__name__}.")
        with np.errstate(all="ignore"):  # what is nowhere is not seen
            points = move(stage, points, cut)
        points = replace(points, sizes=np.tile(np.array(stage.size, np.float64), (len(points.owners), 1)))
    return points


def shown_by(stage: StagePlan, owners: NDArray[np.int64], sizes: Floats) -> Floats:
    """Returns `(m, 4)`, the top, left, height and width of what a stage shows of pictures of these sizes."""
    if isinstance(stage, PassPlan) and stage.windows is not None:
        return stage.windows[owners].astype(np.float64)
    return np.concatenate([np.zeros_like(sizes), sizes], axis=1)


def _pass(stage: PassPlan, points: Points, cut: Cut) -> Points:
    rows = points.owners
    shown = shown_by(stage, rows, points.sizes)
    points = cut(points, shown)
    places = points.places - shown[:, None, :2]
    if stage.shrink is not None:
        small = np.where(stage.shrink[rows] > 0, stage.shrink[rows], shown[:, 2:])
        ratio = (shown[:, 2:] / small)[:, None]
        places = np.where(ratio == 1.0, places, (places + 0.5) / ratio - 0.5)
    return replace(points, places=_pushed(stage.matrices[rows], places))


def _pushed(matrices: Floats, places: Floats) -> Floats:
    """Returns the `(m, v, 2)` output places of source places, NaN where there are none.

    Args:
        matrices: `(m, 6)` or `(m, 9)` pull matrices (see `PassPlan`).
        places: `(m, v, 2)`.
    """
    m = [column[:, None] for column in matrices.T]
    y, x = places[..., 0], places[..., 1]
    if len(m) == 6:
        determinant = m[0] * m[4] - m[1] * m[3]
        y, x = y - m[2], x - m[5]
        row, column = (m[4] * y - m[1] * x) / determinant, (m[0] * x - m[3] * y) / determinant
        there = determinant != 0.0
    else:  # by the adjugate
        row = (m[4] * m[8] - m[5] * m[7]) * y + (m[2] * m[7] - m[1] * m[8]) * x + (m[1] * m[5] - m[2] * m[4])
        column = (m[5] * m[6] - m[3] * m[8]) * y + (m[0] * m[8] - m[2] * m[6]) * x + (m[2] * m[3] - m[0] * m[5])
        depth = (m[3] * m[7] - m[4] * m[6]) * y + (m[1] * m[6] - m[0] * m[7]) * x + (m[0] * m[4] - m[1] * m[3])
        determinant = m[6] * (m[1] * m[5] - m[2] * m[4]) + m[7] * (m[2] * m[3] - m[0] * m[5])
        determinant = determinant + m[8] * (m[0] * m[4] - m[1] * m[3])
        row, column = row / depth, column / depth
        there = determinant / depth > 0.0  # and not behind the horizon
    return np.where(there[..., None], np.stack([row, column], axis=-1), np.nan)


def _filter(stage: FilterPlan, points: Points, cut: Cut) -> Points:  # noqa: ARG001
    move = FILTERS[stage.kind].move_points
    if move is None:
        return points
    places = points.places.copy()
    for row in np.unique(points.owners[stage.changed[points.owners]]).tolist():
        own = points.owners == row
        moved = move(places[own].reshape(-1, 2), stage.numbers[row], stage.size)
        places[own] = moved.reshape(places[own].shape)
    return replace(points, places=places)


def _branches(stage: BranchPlan, points: Points, cut: Cut) -> Points:
    branch, order, parts = stage.branch[points.owners], [], []
    for number, stages in enumerate(stage.branches):
        chosen = np.flatnonzero(branch == number)
        own = points.at(chosen)
        parts.append(through(stages, replace(own, owners=stage.place[own.owners]), cut))
        order.append(chosen)
    back = np.argsort(np.concatenate(order))
    most = max(part.places.shape[1] for part in parts)
    places = np.concatenate([part.places[:, np.minimum(np.arange(most), part.places.shape[1] - 1)] for part in parts])
    seen = np.concatenate([part.seen for part in parts])
    return replace(points, places=places[back], seen=seen[back])


def _stay(stage: BlendPlan, points: Points, cut: Cut) -> Points:  # noqa: ARG001
    """A point stays where it is in the image itself, which is part of the blend."""
    return points


# What each kind of stage does to points.
_MOVES: dict[type[StagePlan], Callable[[Any, Points, Cut], Points]] = {
    PassPlan: _pass,
    FilterPlan: _filter,
    BranchPlan: _branches,
    BlendPlan: _stay,
}


def keeps_lines_straight(stages: Sequence[StagePlan]) -> bool:
    """Whether all maps of these stages are affine, so that the corners of a box tell where all of it is."""
    for stage in stages:
        if isinstance(stage, PassPlan) and stage.matrices.shape[1] != 6:
            return False
        if isinstance(stage, FilterPlan) and FILTERS[stage.kind].move_points is not None:
            return False
        if isinstance(stage, BranchPlan) and not all(map(keeps_lines_straight, stage.branches)):
            return False
    return True


def require_movable(transforms: Sequence[Transform]) -> None:
    """Raises `ValueError` if there is a transform that boxes and keypoints cannot follow."""
    for transform in transforms:
        if isinstance(transform, Compound):
            require_movable(transform.transforms)
        kind = FILTERS.get(transform.kind) if isinstance(transform, Filter) else None
        lost = kind is not None and kind.run_mask is not None and kind.move_points is None
        if lost or not transform.moves_points:
            raise ValueError(
                f"{type(transform).__name__} cannot move bounding boxes and keypoints with their pictures. Leave it "
                f"out, or them. Received: {transform!r}"
            )
