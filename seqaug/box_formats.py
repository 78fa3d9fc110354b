"""How bounding boxes are written: the formats of `keras.utils.bounding_boxes`."""

from typing import Any

import numpy as np

from seqaug import checks
from seqaug.maps import Floats

FORMATS = (
    "xyxy",
    "yxyx",
    "xywh",
    "center_xywh",
    "center_yxhw",
    "rel_xyxy",
    "rel_yxyx",
    "rel_xywh",
    "rel_center_xywh",
)
_SWAPPED = [1, 0, 3, 2]


def checked(name: str, value: Any) -> str:
    """Returns the name of a format, in small letters."""
    return checks.one_of(name, value.lower() if isinstance(value, str) else value, FORMATS)


def to_edges(boxes: Floats, written: str) -> Floats:
    """Returns `(m, 4)` boxes as left, top, right and bottom, in the unit in which they are written."""
    order = written.removeprefix("rel_")
    boxes = boxes[:, _SWAPPED] if order in ("yxyx", "center_yxhw") else boxes
    if order in ("xyxy", "yxyx"):
        return boxes
    first, extents = boxes[:, :2], boxes[:, 2:]
    if order != "xywh":
        first = first - extents / 2.0
        return np.concatenate([first, boxes[:, :2] + extents / 2.0], axis=1)
    return np.concatenate([first, first + extents], axis=1)


def from_edges(edges: Floats, written: str) -> Floats:
    """Returns `(m, 4)` boxes as they are written, from left, top, right and bottom in the same unit."""
    order = written.removeprefix("rel_")
    first, last = edges[:, :2], edges[:, 2:]
    boxes = edges
    if order == "xywh":
        boxes = np.concatenate([first, last - first], axis=1)
    elif order.startswith("center"):
        boxes = np.concatenate([first + (last - first) / 2.0, last - first], axis=1)
    return boxes[:, _SWAPPED] if order in ("yxyx", "center_yxhw") else boxes


def unit(written: str, sizes: Floats) -> Floats:
    """Returns what edges are multiplied by to be in pixels, `(m, 4)`, in pictures of `(m, 2)` heights and widths."""
    return sizes[:, [1, 0, 1, 0]] if written.startswith("rel_") else np.ones((len(sizes), 4))
