"""Volumes: so many slices, each an image, that share what is drawn for their volume."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.buffers import Images, Rows, all_readable, readable
from seqaug.plan import Plan


def depth_of(images: Any) -> int | None:
    """Returns how many slices each volume has in an array of rank 5; None for anything else."""
    return images.shape[1] if isinstance(images, np.ndarray) and images.ndim == 5 else None


def check_depth(transforms: Iterable[Any], depth: int | None) -> None:
    """Raises an error if one of these turns volumes back to front and images have no depth."""
    turning = [transform for transform in transforms if transform.turns_depth]
    if turning and depth is None:
        raise ValueError(
            f"{turning[0]!r} is for volumes, (volumes, depth, height, width, channels). Received: images of rank 3"
        )


def parts(images: Any) -> Images:
    """Returns images, or the slices of volumes, as the kernels take them."""
    return all_readable(images) if depth_of(images) is None else slices(readable(images))


def shape_after(plan: Plan, images: Any) -> tuple[int, ...]:
    """Returns the shape of the batch that a plan makes of images or of volumes."""
    depth, (count, *rest) = depth_of(images), plan.out_shape
    return plan.out_shape if depth is None else (count, depth, *rest)


def slices(array: NDArray[Any], rows: NDArray[np.int64] | None = None) -> Images:
    """Returns the slices `(height, width, channels)` of volumes, one volume after the other, as views.

    Args:
        array: `(n, depth, height, width, channels)`.
        rows: Which volumes; None for all.
    """
    count, depth = array.shape[:2]
    rows = np.arange(count) if rows is None else rows
    if count == 1 or array.strides[0] == depth * array.strides[1]:
        flat = np.lib.stride_tricks.as_strided(
            array, (count * depth, *array.shape[2:]), array.strides[1:], writeable=False
        )
        return Rows(flat, (rows[:, None] * depth + np.arange(depth)).reshape(-1))
    return [array[row, place] for row in rows.tolist() for place in range(depth)]


def sliced(plan: Plan, images: Images, depth: int | None) -> tuple[Plan, Images]:
    """Returns the plan of all slices by themselves, and the slices in the order in which they come out.

    Args:
        plan: Of n volumes.
        images: Their n·depth slices.
        depth: How many each volume has; None for images, which stay as they are.
    """
    if depth is None:
        return plan, images
    places = np.arange(len(plan.shapes) * depth).reshape(-1, depth)
    if plan.turned is not None:
        places = np.where(plan.turned[:, None], places[:, ::-1], places)
    order = places.reshape(-1)
    stages = tuple(stage.repeated(depth) for stage in plan.stages)
    ordered = (
        Rows(images.array, images.rows[order]) if isinstance(images, Rows) else [images[i] for i in order.tolist()]
    )
    return Plan(np.repeat(plan.shapes, depth, axis=0), stages), ordered


def flat(batch: NDArray[Any]) -> NDArray[Any]:
    """Returns a batch of volumes as one of slices, in its memory, and one of images as it is.

    Raises:
        ValueError: Its memory is not that of one array of slices.
    """
    if batch.ndim != 5:
        return batch
    result = batch.reshape(-1, *batch.shape[2:])
    if not np.may_share_memory(result, batch):
        raise ValueError(
            "`out` must be contiguous along its volumes and their depth. "
            f"Received: out.strides={batch.strides} of out.shape={batch.shape}"
        )
    return result
