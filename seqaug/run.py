"""Carries a plan out, over images or over their masks."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import _core, buffers, calls, maps
from seqaug.buffers import Images, Rows, shapes_of
from seqaug.filters import FILTERS
from seqaug.plan import BlendPlan, BranchPlan, CallPlan, FilterPlan, PassPlan, Plan, StagePlan

_CACHED = 1 << 20  # bytes
_SMALL = 1 << 16  # bytes of an image that is copied rather than given a call of its own


def execute(plan: Plan, images: Images, out: NDArray[Any], first: int = 0) -> None:
    """Runs the rows first … of a plan over images, `(h, w, c)` each, into `(n, H, W, c)`.

    In this thread, and without looking: `Pipeline.run` does both.
    """
    together = _together(plan, out)
    for start in range(0, len(images), together):
        part = slice(start, start + together)
        rows = slice(first + start, first + min(start + together, len(images)))
        _through(plan.stages, images[part], out[part], rows)


def _together(plan: Plan, out: NDArray[Any]) -> int:
    """Returns how many images to take through all stages at once: what lies between two stages should stay in cache."""
    if len(plan.stages) == 1:
        return max(len(out), 1)
    most = max(height * width for height, width in (stage.size for stage in plan.stages[:-1]))
    return max(1, _CACHED // (most * plan.out_shape[3] * 4))


def _through(stages: Sequence[StagePlan], images: Images, out: NDArray[Any], rows: slice) -> None:
    """Runs these rows of the stages' plans over as many images."""
    for stage in stages:
        target = out
        if stage is not stages[-1]:
            target = buffers.aligned((len(images), *stage.size, out.shape[3]), np.float32)
        if isinstance(stage, PassPlan):
            _pass(stage, images, target, rows)
        elif isinstance(stage, CallPlan):
            _call(stage, images, target, rows)
        elif isinstance(stage, FilterPlan):
            _filter(stage, images, target, rows)
        elif isinstance(stage, BranchPlan):
            _branch(stage, images, target, rows)
        elif isinstance(stage, BlendPlan):
            _blend(stage, images, target, rows)
        images = Rows.of(target)
    if not stages:
        _copy(images, out)


def _pass(stage: PassPlan, images: Images, out: NDArray[Any], rows: slice) -> None:
    _resampling(images)(
        out,
        stage.matrices[rows],
        stage.orders[rows],
        stage.border,
        stage.kinds,
        _of(stage.colour, rows),
        stage.fill[rows],
        stage.fill_step,
        _of(stage.shrink, rows),
        _of(stage.windows, rows),
        holes=_of(stage.holes, rows),
        hole_fill=_of(stage.hole_fill, rows),
        hole_keys=_of(stage.hole_keys, rows),
        hole_step=stage.hole_step,
    )


def _of(array: NDArray[Any] | None, rows: slice) -> NDArray[Any] | None:
    return None if array is None else array[rows]


def _filter(stage: FilterPlan, images: Images, out: NDArray[Any], rows: slice) -> None:
    """Runs a filter, which takes and gives packed floats, or takes other types as well."""
    kind = FILTERS[stage.kind]
    plain = out.dtype == np.float32 and out.flags.c_contiguous
    target = out if plain else buffers.aligned(out.shape, np.float32)
    changed, numbers = stage.changed[rows], stage.numbers[rows]
    for i, image in enumerate(images):
        if changed[i]:
            if image.dtype not in kind.takes or not image.flags.c_contiguous:
                image = buffers.aligned(image.shape, np.float32)
                _copy(images[i : i + 1], image[None])
            kind.run(image, numbers[i], target[i])
        else:
            _copy(images[i : i + 1], target[i : i + 1])
    if not plain:
        _copy(Rows.of(target), out)


def _call(stage: CallPlan, images: Images, out: NDArray[Any], rows: slice) -> None:
    """Has a function change copies of images, which it may do in their place."""
    plain = out.dtype == np.float32 and out.flags.c_contiguous
    target = out if plain else buffers.aligned(out.shape, np.float32)
    _copy(images, target)
    calls.change(stage, target, rows)
    if not plain:
        _copy(Rows.of(target), out)


def _branch(stage: BranchPlan, images: Images, out: NDArray[Any], rows: slice) -> None:
    for stages, which, places in _ways(stage, rows, out):
        target = out[which]  # a view, or an array for what goes there
        _through(stages, _at(images, which), target, places)
        if not isinstance(which, slice):
            out[which] = target


def _ways(
    stage: BranchPlan, rows: slice, out: NDArray[Any]
) -> Iterator[tuple[Sequence[StagePlan], slice | NDArray[np.intp], slice]]:
    """Yields (stages, which of these images, which rows of the stages' plans) for images that go together."""
    branch, place = stage.branch[rows], stage.place[rows]
    if len(branch) == 1 or out[0].nbytes > _SMALL:
        for i, (number, own) in enumerate(zip(branch.tolist(), place.tolist(), strict=True)):
            yield stage.branches[number], slice(i, i + 1), slice(own, own + 1)
        return
    order = np.argsort(branch, kind="stable")
    starts = np.flatnonzero(np.diff(branch[order], prepend=-1)).tolist()
    for start, end in pairwise([*starts, len(branch)]):
        which = order[start:end]  # whose places follow each other
        first = int(place[which[0]])
        yield stage.branches[int(branch[which[0]])], which, slice(first, first + len(which))


def _at(images: Images, which: slice | NDArray[np.intp]) -> Images:
    """Returns some of the images."""
    if isinstance(which, slice):
        return images[which]
    if isinstance(images, Rows):
        return Rows(images.array, images.rows[which])
    return [images[i] for i in which.tolist()]


def _blend(stage: BlendPlan, images: Images, out: NDArray[Any], rows: slice) -> None:
    """Adds up so many images at once that the sums stay in cache."""
    plain = out.dtype == np.float32 and out.flags.c_contiguous
    weights = stage.weights[rows].astype(np.float32)[..., None, None, None]
    limits = stage.limits[rows].astype(np.float32)[..., None, None, None]
    together = min(len(images), max(1, _CACHED // (out[0].size * 8)))
    addend = buffers.aligned((together, *out.shape[1:]), np.float32)
    total = None if plain else buffers.aligned(addend.shape, np.float32)
    for start in range(0, len(images), together):
        part = slice(start, min(start + together, len(images)))
        own, image, scale = slice(rows.start + part.start, rows.start + part.stop), images[part], weights[part]
        more = addend[: len(image)]
        sums = out[part] if total is None else total[: len(image)]
        _copy(image, sums)
        sums *= scale[:, 0]
        for number, chain in enumerate(stage.chains, 1):
            if scale[:, number].any():
                _through(chain, image, more, own)
                more *= scale[:, number]
                sums += more
        np.clip(sums, limits[part, 0], limits[part, 1], out=sums)
        if total is not None:
            _copy(Rows.of(sums), out[part])


def _copy(images: Images, out: NDArray[Any]) -> None:
    """Converts images to another type or layout; of equal types, any that the kernels take."""
    count, channels = len(out), out.shape[3]
    still, nearest = maps.identity(count), np.zeros(count, np.uint8)
    _resampling(images)(out, still, nearest, "nearest", (), None, np.zeros((count, channels)), 0, None)


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
    rows = slice(first, first + len(masks))
    if out.dtype.itemsize != 8 or out.dtype.kind == "f":
        _move(plan.stages, masks, out, fill, rows)
        return
    # 64-bit integers hold more than the kernels' doubles: their halves travel as channels.
    halves = [np.ascontiguousarray(mask).view(np.uint32) for mask in masks]
    moved = out if out.flags.c_contiguous else np.empty(out.shape, out.dtype)
    _move(plan.stages, halves, moved.view(np.uint32), fill.view(np.uint32), rows)
    if moved is not out:
        out[...] = moved


def _move(stages: Sequence[StagePlan], masks: Images, out: NDArray[Any], fill: NDArray[Any], rows: slice) -> None:
    """Runs these rows of those stages that move pixels over as many masks; `fill` has a value for each channel."""
    moving = [stage for stage in stages if _moves(stage)]
    for stage in moving:
        target = out
        if stage is not moving[-1]:
            target = buffers.aligned((len(masks), *stage.size, out.shape[3]), out.dtype)
        if isinstance(stage, PassPlan):
            _move_pass(stage, masks, target, fill, rows)
        elif isinstance(stage, FilterPlan):
            _move_filter(stage, masks, target, fill, rows)
        elif isinstance(stage, BranchPlan):
            _move_branch(stage, masks, target, fill, rows)
        masks = Rows.of(target)
    if not moving:
        _copy(masks, out)


def _move_branch(stage: BranchPlan, masks: Images, out: NDArray[Any], fill: NDArray[Any], rows: slice) -> None:
    for stages, which, places in _ways(stage, rows, out):
        target = out[which]  # a view, or an array for what goes there
        _move(stages, _at(masks, which), target, fill, places)
        if not isinstance(which, slice):
            out[which] = target


def _moves(stage: StagePlan) -> bool:
    if isinstance(stage, BlendPlan):  # a mask stays that of the image itself
        return False
    return not isinstance(stage, FilterPlan) or FILTERS[stage.kind].run_mask is not None


def _move_pass(stage: PassPlan, masks: Images, out: NDArray[Any], fill: NDArray[Any], rows: slice) -> None:
    nearest = np.zeros(len(masks), np.uint8)
    fills = np.tile(fill.astype(np.float64), (len(masks), 1))
    matrices, windows = _unshrunk(stage, rows, masks), _of(stage.windows, rows)
    _resampling(masks)(out, matrices, nearest, stage.border, (), None, fills, 0, None, windows)


def _move_filter(stage: FilterPlan, masks: Images, out: NDArray[Any], fill: NDArray[Any], rows: slice) -> None:
    run = FILTERS[stage.kind].run_mask
    assert run is not None
    for mask, changed, numbers, target in zip(masks, stage.changed[rows], stage.numbers[rows], out, strict=True):
        if changed:
            run(mask, numbers, fill, target)
        else:
            target[...] = mask


def _unshrunk(stage: PassPlan, rows: slice, sources: Images) -> NDArray[np.float64]:
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
