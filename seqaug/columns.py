"""What stands beside the picture in a batch: room for it, and what fills a part of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import buffers
from seqaug.buffers import shapes_of
from seqaug.declared import MASK, Declared
from seqaug.mixing import execute_masks_all
from seqaug.pipeline import Pipeline
from seqaug.plan import Plan
from seqaug.sources.boxes import PADDING, BoxSource
from seqaug.sources.keypoints import KeypointSource
from seqaug.sources.parts import Parts, parts_of
from seqaug.structure import Path
from seqaug.targets import Table, check_sizes
from seqaug.transforms.boxes import MaxNumBoundingBoxes
from seqaug.volumes import sliced

# Called as fill(plan, rows, shapes, first) for some rows of the table and their images' shapes; `first` is where in the
# batch they begin.
Fill = Callable[[Plan, list[int], NDArray[np.int64], int], None]


def beside(
    table: Table, rows: list[int], pipeline: Pipeline, declared: Declared, channels_first: bool
) -> tuple[dict[Path, Any], list[Fill]]:
    """Returns what a batch of these rows has beside its pictures, labels filled in, and what fills in the rest."""
    leaves: dict[Path, Any] = {path: column[rows] for path, column in table.labels.items()}
    size, depth, fills = pipeline.output_size(*table.source.shape[:2]), table.source.depth, []
    for path, mask in table.masks.items():
        first = channels_first and not mask.plain
        batch, view = buffers.batch(len(rows), size, mask.shape[2], mask.dtype, first, depth)
        leaves[path] = batch[..., 0] if mask.plain else batch
        fills.append(_of_masks(path, parts_of(mask, rows), view, declared.mask_fill_value, depth))
    for path, boxes in table.boxes.items():
        width, padding = room(boxes, declared.max_boxes, pipeline, path[0], whole=True)
        leaves[path] = boxes.empty(len(rows), width, padding)
        fills.append(_of_points(boxes, leaves[path]))
    for path, points in table.keypoints.items():
        leaves[path] = buffers.aligned((len(rows), *points.shape), np.float32)
        fills.append(_of_points(points, leaves[path]))
    return leaves, fills


def _of_masks(path: Path, read: Parts, view: NDArray[Any], fill_value: float, depth: int | None) -> Fill:
    slices = depth or 1

    def fill(plan: Plan, rows: list[int], shapes: NDArray[np.int64], first: int) -> None:
        last = first + len(rows)
        masks = read(first, last)
        check_sizes(path, MASK, rows, shapes_of(masks)[::slices], shapes)
        execute_masks_all(*sliced(plan, masks, depth), view[first * slices : last * slices], fill_value)

    return fill


def _of_points(source: BoxSource | KeypointSource, leaf: Any) -> Fill:
    return lambda plan, rows, _, first: source.fill(leaf, first, plan, rows)


def room(boxes: BoxSource, max_boxes: int | None, pipeline: Pipeline, name: str, whole: bool) -> tuple[int, int]:
    """Returns for how many boxes a batch has room, and what is in the places of those that there are not.

    Args:
        boxes: The boxes.
        max_boxes: As the user said.
        pipeline: A `MaxNumBoundingBoxes` in it says so as well.
        name: What messages call the boxes.
        whole: Whether these are the boxes of all batches.

    Raises:
        ValueError: It is said twice, or for pictures of one box each, or not at all where it cannot be known.
    """
    layer = next((t for t in pipeline.transforms[::-1] if isinstance(t, MaxNumBoundingBoxes)), None)
    wanted = max_boxes if layer is None else layer.max_number
    if max_boxes not in (None, wanted):
        raise ValueError(f"`max_boxes` and {layer!r} contradict each other. Received: max_boxes={max_boxes}")
    if wanted is not None and boxes.plain:
        raise ValueError(
            f"`{name}` is one box for each picture, (n, 4), and there is no number to be set. "
            f"Received: max_boxes={wanted}"
        )
    if wanted is None and boxes.ragged and not whole:
        raise ValueError(
            f"`max_boxes` must say for how many boxes there is room, since `{name}` is a list in each batch. "
            "Received: max_boxes=None"
        )
    return wanted or boxes.width, PADDING if layer is None else layer.fill_value
