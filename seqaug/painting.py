"""Boxes and keypoints painted over a picture, for `preview`."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import box_formats
from seqaug.plan import Plan
from seqaug.targets import Table

Bytes = NDArray[np.uint8]
_FINE = 150  # pixels of a picture for one of a line


def colours(numbers: NDArray[Any]) -> NDArray[np.float64]:
    """Returns a colour for each number, `(..., 3)`: steps by the golden ratio differ most."""
    turns = numbers.astype(np.float64)[..., None] * 0.61803398875 + np.array([0, 1 / 3, 2 / 3])
    result: NDArray[np.float64] = 155 + 100 * np.cos(2 * np.pi * turns)
    return result


def paint(page: Bytes, table: Table, row: int, plan: Plan) -> None:
    """Paints the boxes and keypoints of a row of a data set, as a plan for its picture has moved them.

    Args:
        page: `(height, width, 3)`, what came out of the picture, to paint on.
        table: The data set.
        row: Which row of it.
        plan: The plan for that picture alone.
    """
    height, width, _ = page.shape
    thick = max(1, min(height, width) // _FINE)
    for source in table.boxes.values():
        boxes, columns, _ = source.moved(plan, [row])
        edges = box_formats.to_edges(boxes.astype(np.float64), source.rules.written)
        edges = edges * box_formats.unit(source.rules.written, np.tile([float(height), float(width)], (len(edges), 1)))
        labels = columns.get("labels", np.zeros(len(boxes)))
        numbers = labels if labels.ndim == 1 else labels.reshape(len(labels), -1).argmax(axis=1)
        for (left, top, right, bottom), colour in zip(edges.tolist(), colours(numbers), strict=True):
            inner = page[int(top) : int(np.ceil(bottom)), int(left) : int(np.ceil(right))]
            kept = inner[thick:-thick, thick:-thick].copy()
            inner[...] = colour
            inner[thick:-thick, thick:-thick] = kept
    for points in table.keypoints.values():
        moved = points.moved(plan, [row]).reshape(-1, points.shape[-1])
        seen = moved[:, 2] > 0 if moved.shape[1] == 3 else np.isfinite(moved).all(axis=1)
        for number in np.flatnonzero(seen).tolist():
            x, y = (int(np.floor(np.clip(place, -9, 2**20) + 0.5)) for place in moved[number, :2].tolist())
            across, down = (slice(max(place - thick, 0), max(place + thick + 1, 0)) for place in (x, y))
            page[down, across] = colours(np.array(number))
