"""Carries a plan out, over images or over their masks."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import _core, buffers, maps
from seqaug.buffers import Images, Rows, shapes_of
from seqaug.plan import Plan, StagePlan

_CACHED = 1 << 20  # bytes


def execute(plan: Plan, images: Images, out: NDArray[Any], first: int = 0) -> None:
    """Runs the rows first … of a plan over images, `(h, w, c)` each, into `(n, H, W, c)`.

    In this thread, and without looking: `Pipeline.run` does both.
    """
    together = _together(plan, out)
    for start in range(0, len(images), together):
        part = slice(start, start + together)
        rows = slice(first + start, first + min(start + together, len(images)))
        _pass_on(plan, images[part], out[part], rows)


def _together(plan: Plan, out: NDArray[Any]) -> int:
    """Returns how many images to take through all stages at once: what lies between two stages should stay in cache."""
    if len(plan.stages) == 1:
        return max(len(out), 1)
    most = max(height * width for height, width in (stage.size for stage in plan.stages[:-1]))
    return max(1, _CACHED // (most * plan.out_shape[3] * 4))


def _pass_on(plan: Plan, images: Images, out: NDArray[Any], rows: slice) -> None:
    for stage in plan.stages:
        target = out
        if stage is not plan.stages[-1]:
            target = buffers.aligned((len(images), *stage.size, out.shape[3]), np.float32)
        _resampling(images)(
            target,
            stage.matrices[rows],
            stage.orders[rows],
            stage.border,
            stage.kinds,
            None if stage.colour is None else stage.colour[rows],
            stage.fill[rows],
            stage.fill_step,
            None if stage.shrink is None else stage.shrink[rows],
            None if stage.windows is None else stage.windows[rows],
        )
        images = Rows.of(target)


def _resampling(images: Images) -> Callable[..., None]:
    """Returns the native pass over these sources, for the rest of its arguments."""
    if isinstance(images, Rows):
        return partial(_core.resample, images.array, rows=images.rows)
    return partial(_core.resample, images)


def execute_masks(plan: Plan, masks: Images, out: NDArray[Any], fill_value: float = 0, first: int = 0) -> None:
    """Runs the rows first … of a plan over masks, whose values are labels: moved, and never blended or coloured.

    Args:
        plan: The plan of the masks' images.
        masks: n masks of their images' sizes, `(h, w, c)` each, of any type that the kernels take.
        out: `(n, H, W, c)` of the same type.
        fill_value: What lies outside under `"constant"` and `"frame"`, a value of that type.
        first: The row of the plan that belongs to the first mask.
    """
    fill = np.full(out.shape[3], fill_value, out.dtype)
    if out.dtype.itemsize != 8 or out.dtype.kind == "f":
        _move(plan, masks, out, fill, first)
        return
    # 64-bit integers hold more than the kernels' doubles: their halves travel as channels.
    halves = [np.ascontiguousarray(mask).view(np.uint32) for mask in masks]
    moved = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    _move(plan, halves, moved.view(np.uint32), fill.view(np.uint32), first)
    if moved is not out:
        out[...] = moved


def _move(plan: Plan, masks: Images, out: NDArray[Any], fill: NDArray[Any], first: int) -> None:
    rows = slice(first, first + len(masks))
    nearest = np.zeros(len(masks), np.uint8)
    fills = np.tile(fill.astype(np.float64), (len(masks), 1))
    for stage in plan.stages:
        target = out
        if stage is not plan.stages[-1]:
            target = buffers.aligned((len(masks), *stage.size, out.shape[3]), out.dtype)
        matrices, windows = _unshrunk(stage, rows, masks), None if stage.windows is None else stage.windows[rows]
        _resampling(masks)(target, matrices, nearest, stage.border, (), None, fills, 0, None, windows)
        masks = Rows.of(target)


def _unshrunk(stage: StagePlan, rows: slice, sources: Images) -> NDArray[np.float64]:
    """Returns the maps to the sources themselves, for what is not to be averaged."""
    matrices = stage.matrices[rows]
    if stage.shrink is None:
        return matrices
    shown = shapes_of(sources)[:, :2] if stage.windows is None else stage.windows[rows, 2:]
    sizes = shown.astype(np.float64)
    small = np.where(stage.shrink[rows] > 0, stage.shrink[rows], sizes)
    away = maps.showing(sizes, small)
    away[:, [2, 5]] += np.where(small < sizes, maps.HAIR, 0.0)
    changed = np.any(small < sizes, axis=1, keepdims=True)
    return np.where(changed, maps.compose(away, matrices), matrices)
