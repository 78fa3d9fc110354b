"""Outlines of boxes, polygons of `(m, v, 2)` points in order: made, cut to a rectangle, and boxed again."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from seqaug.maps import Floats
from seqaug.points import Points

_STEPS = 8  # points along an edge that a map may bend


def around(edges: Floats, straight: bool) -> Floats:
    """Returns the outlines of boxes.

    Args:
        edges: `(m, 4)`: left, top, right and bottom, in pixels from the edge of the picture.
        straight: Whether lines stay straight, so that the corners are enough.

    Returns:
        `(m, v, 2)` rows and columns, whole numbers being the centres of pixels.
    """
    left, top, right, bottom = (edges - 0.5).T[..., None]
    along = np.arange(1 if straight else _STEPS) / (1 if straight else _STEPS)
    here = np.zeros_like(along)
    down = np.concatenate([here, along, here + 1.0, 1.0 - along])
    across = np.concatenate([along, here + 1.0, 1.0 - along, here])
    rows = np.where(down == 1.0, bottom, top + (bottom - top) * down)
    columns = np.where(across == 1.0, right, left + (right - left) * across)
    return np.stack([rows, columns], axis=-1)


def boxed(places: Floats) -> Floats:
    """Returns `(m, 4)`, the least boxes around outlines, as `around` takes them; NaN around nothing."""
    low, high = np.fmin.reduce(places, axis=1), np.fmax.reduce(places, axis=1)
    return np.concatenate([low[:, ::-1], high[:, ::-1]], axis=1) + 0.5


def cut(points: Points, shown: Floats) -> Points:
    """Returns outlines without what is beyond the `(m, 4)` rectangles (top, left, height, width); see `points.Cut`."""
    low = shown[:, None, :2] - 0.5
    inside = (points.places >= low) & (points.places <= low + shown[:, None, 2:])
    crossing = np.flatnonzero(~inside.all(axis=(1, 2)) & points.seen)
    if not len(crossing):
        return points
    parts, seen = _cut(points.places[crossing], shown[crossing])
    most = max(points.places.shape[1], parts.shape[1])
    places, parts = (array[:, np.minimum(np.arange(most), array.shape[1] - 1)] for array in (points.places, parts))
    places[crossing] = parts
    still = points.seen.copy()
    still[crossing] = seen
    return replace(points, places=places, seen=still)


def _cut(places: Floats, shown: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """Returns outlines within rectangles, and which of them are still to be seen."""
    seen = np.ones(len(places), np.bool_)
    there = np.isfinite(places)
    places, seen = _kept(places, there[..., 0] & there[..., 1], seen)
    for axis in (0, 1):
        low = shown[:, axis] - 0.5
        for sign, limit in ((1.0, low), (-1.0, low + shown[:, axis + 2])):
            inside = sign * (places[..., axis] - limit[:, None])
            if (inside < 0.0).any():
                places, seen = _halved(places, seen, inside, axis, limit)
    return places, seen


def _halved(
    places: Floats, seen: NDArray[np.bool_], inside: Floats, axis: int, limit: Floats
) -> tuple[Floats, NDArray[np.bool_]]:
    """Cuts outlines along a line, beyond which `inside` is negative (Sutherland and Hodgman's way)."""
    after, following = np.roll(inside, -1, axis=1), np.roll(places, -1, axis=1)
    crosses = (inside < 0.0) != (after < 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(crosses, inside / (inside - after), 0.0)[..., None]
    crossings = places + share * (following - places)
    crossings[..., axis] = limit[:, None]
    both = np.stack([places, crossings], axis=2).reshape(len(places), -1, 2)
    kept = np.stack([inside >= 0.0, crosses], axis=2).reshape(len(places), -1)
    return _kept(both, kept, seen)


def _kept(places: Floats, kept: NDArray[np.bool_], seen: NDArray[np.bool_]) -> tuple[Floats, NDArray[np.bool_]]:
    """Returns outlines with these points alone, the last one repeated, and which are still to be seen."""
    count = kept.sum(axis=1)
    order = np.argsort(~kept, axis=1, kind="stable")
    among = np.minimum(np.arange(max(int(count.max(initial=0)), 1)), np.maximum(count - 1, 0)[:, None])
    places = np.take_along_axis(places, np.take_along_axis(order, among, axis=1)[..., None], axis=1)
    return places, seen & (count > 0)
