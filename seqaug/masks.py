"""Segmentation masks, moved by the plan of their images; see `Pipeline.run_masks`."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import buffers, checks, volumes
from seqaug.mixing import execute_masks_all
from seqaug.plan import Plan


def moved(plan: Plan, masks: Sequence[NDArray[Any]] | NDArray[Any], fill_value: float) -> NDArray[Any]:
    """Checks masks, `(h, w)` or `(h, w, c)` each, or those of volumes, and runs a plan over them."""
    depth = volumes.depth_of(masks)
    if depth is not None:
        own, parts = volumes.sliced(plan, volumes.parts(masks), depth)
        result = moved(own, list(parts), fill_value)
        return result.reshape(len(masks), depth, *result.shape[1:])
    flat, dtype = _checked(plan, masks)
    out = buffers.aligned((*plan.out_shape[:3], flat[0].shape[2]), dtype)
    fill = checked_fill("fill_value", fill_value, dtype)
    execute_masks_all(plan, [buffers.readable(mask) for mask in flat], out, fill)
    return out[..., 0] if masks[0].ndim == 2 else out


def _checked(plan: Plan, masks: Any) -> tuple[list[NDArray[Any]], np.dtype[Any]]:
    """Returns masks of rank 3 that fit the plan, and their dtype."""
    for mask in masks:
        if not isinstance(mask, np.ndarray):
            raise TypeError(f"`masks` must be NumPy arrays. Received: {type(mask).__name__}")
        checks.unmasked("masks", mask)
        if mask.ndim not in (2, 3) or 0 in mask.shape:
            raise ValueError(f"`masks` must be of rank 2 or 3 each, and not empty. Received: shape {mask.shape}")
        if mask.dtype.newbyteorder("=") not in buffers.MASK_DTYPES:
            raise TypeError(f"`masks` must be of dtype {', '.join(buffers.MASK_DTYPES)}. Received: {mask.dtype}")
    if [mask.shape[:2] for mask in masks] != [tuple(shape) for shape in plan.shapes[:, :2].tolist()]:
        shapes = [mask.shape for mask in masks]
        raise ValueError(f"`masks` must have the sizes of the plan's images. Received: shapes {shapes[:3]} …")
    if len({(mask.shape[2:], mask.dtype) for mask in masks}) != 1:
        kinds = sorted({f"{mask.shape} {mask.dtype}" for mask in masks})
        raise ValueError(
            "`masks` must all have the same rank, the same number of channels and the same dtype. "
            f"Received: {', '.join(kinds[:3])}"
        )
    return [mask[..., None] if mask.ndim == 2 else mask for mask in masks], masks[0].dtype.newbyteorder("=")


def checked_fill(name: str, value: Any, dtype: np.dtype[Any]) -> float:
    """Returns what is to lie outside of masks, if masks of this dtype can hold it."""
    number = checks.number(name, value)
    if dtype.kind == "f":
        fits = abs(number) <= np.finfo(dtype).max
    else:
        low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
        fits = value == int(value) and low <= value <= high
    if not fits:
        raise ValueError(f"`{name}` must be a value of the masks' dtype, {dtype}. Received: {name}={value!r}")
    return number if dtype.kind == "f" else int(value)
