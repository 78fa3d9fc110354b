"""Carries out plans in which images of a batch are mixed: what comes before, for all of them, then the mixing."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import _core, buffers
from seqaug.buffers import Images, Rows
from seqaug.mix_plan import MixingPlan, MixPlan
from seqaug.plan import Plan, StagePlan
from seqaug.run import execute, execute_masks
from seqaug.sources.classes import OneHot
from seqaug.threads import spread

_TAKEN = ("uint8", "float32")  # what the native mixing takes
_ALONE = np.zeros(1, np.int64), np.zeros(1, np.int64), np.zeros((1, 4), np.int64), np.ones(1)  # one image, not mixed


def execute_all(plan: Plan, images: Images, out: NDArray[Any], threads: int | None) -> None:
    """Runs a plan over all its images, `(h, w, c)` each, into `(n, H, W, c)`; without looking, as `run.execute`."""
    for part, is_last in _parts(plan):
        shape = len(images), *part.out_shape[1:3], out.shape[3]
        target = out if is_last else buffers.aligned(shape, np.float32)
        stage = part.stages[0]
        if not isinstance(stage, MixingPlan):
            spread(len(images), threads, partial(_run, part, images, target))
        elif isinstance(stage, MixPlan):
            images = _alike(images, threads)
            spread(len(images), threads, partial(_mix, stage, images, target))
        else:
            pixels = float(np.float32(stage.fill)) if target.dtype != np.uint8 else np.clip(stage.fill + 0.5, 0, 255)
            fill = np.full(out.shape[3], pixels).astype(target.dtype)
            spread(len(images), threads, partial(_place, stage, images, target, fill))
        images = Rows.of(target)


def execute_masks_all(
    plan: Plan, masks: Images, out: NDArray[Any], fill_value: float = 0, threads: int | None = 1
) -> None:
    """Runs a plan over the masks of all its images; see `run.execute_masks`.

    Raises:
        ValueError: The plan blends images, as `MixUp` does.
    """
    for part, is_last in _parts(plan):
        shape = len(masks), *part.out_shape[1:3], out.shape[3]
        target = out if is_last else buffers.aligned(shape, out.dtype)
        stage = part.stages[0]
        if isinstance(stage, MixPlan) and stage.blends:
            raise ValueError("`masks` cannot follow a plan that blends images, as MixUp does: no label would be right.")
        if isinstance(stage, MixingPlan):
            fill = np.full(out.shape[3], fill_value, out.dtype)
            spread(len(masks), threads, partial(_place, stage, masks, target, fill))
        else:
            spread(len(masks), threads, partial(_run_masks, part, masks, target, fill_value))
        masks = Rows.of(target)


def mixes(plan: Plan) -> bool:
    """Whether images of the batch are mixed with each other."""
    return any(isinstance(stage, MixingPlan) for stage in plan.stages)


def _parts(plan: Plan) -> Iterator[tuple[Plan, bool]]:
    """Returns a plan cut into plans of one mixing, or of no mixing at all, each; and whether one is the last."""
    runs: list[list[StagePlan]] = []
    for stage in plan.stages:
        if not runs or isinstance(stage, MixingPlan) or isinstance(runs[-1][-1], MixingPlan):
            runs.append([])
        runs[-1].append(stage)
    shapes = plan.shapes
    for stages in runs:
        part, is_last = Plan(shapes, tuple(stages)), stages is runs[-1]
        yield part, is_last
        if not is_last:
            shapes = np.tile(np.array(part.out_shape[1:], np.int64), (len(shapes), 1))


def _run(part: Plan, images: Images, out: NDArray[Any], first: int, last: int) -> None:
    execute(part, images[first:last], out[first:last], first)


def _run_masks(part: Plan, masks: Images, out: NDArray[Any], fill_value: float, first: int, last: int) -> None:
    execute_masks(part, masks[first:last], out[first:last], fill_value, first)


def _alike(images: Images, threads: int | None) -> Images:
    """Returns images as the native mixing takes them."""
    if all(image.dtype in _TAKEN for image in ([images.array] if isinstance(images, Rows) else images)):
        return images
    floats = buffers.aligned((len(images), *images[0].shape), np.float32)

    def work(first: int, last: int) -> None:
        for i in range(first, last):
            floats[i] = _floats(images[i])

    spread(len(images), threads, work)
    return Rows.of(floats)


def _floats(image: NDArray[Any]) -> NDArray[np.float32]:
    with np.errstate(over="ignore"):
        return image.astype(np.float32)


def _mix(stage: MixPlan, images: Images, out: NDArray[Any], first: int, last: int) -> None:
    rows = slice(first, last)
    own, partners = np.arange(first, last), stage.partners[rows]
    numbers = own, partners, stage.boxes[rows], stage.weights[rows]
    if isinstance(images, Rows):
        _core.mix(images.array, out[rows], *numbers, rows=images.rows)
    else:
        _core.mix(images, out[rows], *numbers)


def _place(stage: MixingPlan, images: Images, out: NDArray[Any], fill: NDArray[Any], first: int, last: int) -> None:
    """Copies the parts of which images, or masks, are made to their places; what none covers is `fill`."""
    parts = stage.parts()
    for i in range(first, last):
        if (parts.boxes[i, :, 2] * parts.boxes[i, :, 3]).sum() < out.shape[1] * out.shape[2]:
            out[i] = fill
        for row, box, move in zip(parts.rows[i], parts.boxes[i].tolist(), parts.moves[i].tolist(), strict=True):
            top, left, height, width = box
            if height and width:
                source = _window(images[int(row)], top - move[0], left - move[1], height, width)
                _convert(source, out[i : i + 1, top : top + height, left : left + width])


def _window(image: NDArray[Any], top: int, left: int, height: int, width: int) -> NDArray[Any]:
    if min(top, left) < 0 or top + height > image.shape[0] or left + width > image.shape[1]:
        raise ValueError("A plan whose pieces lie outside of their sources cannot be run.")
    return image[top : top + height, left : left + width]


def _convert(source: NDArray[Any], out: NDArray[Any]) -> None:
    """Copies `(h, w, c)` into `(1, h, w, c)` of another type, as the fast pass stores it."""
    if source.dtype == out.dtype:
        out[0] = source
    else:
        source = source if source.dtype in _TAKEN else _floats(source)
        _core.mix([source], out, *_ALONE)


def mixed_labels(plan: Plan, labels: Any, name: str = "labels") -> NDArray[np.float32]:
    """Returns labels mixed as a plan mixes their images, as float32.

    Args:
        plan: What was drawn for the images.
        labels: n rows of numbers, not of class numbers.
        name: What messages call them.

    Raises:
        ValueError: There is not one row for each image, or these are class numbers.
        TypeError: They hold no numbers.
    """
    values = np.asarray(labels)
    check_labels(values, name)
    if len(values) != len(plan.shapes):
        raise ValueError(
            f"`{name}` must have a row for each of the {len(plan.shapes)} images. Received: {name}.shape={values.shape}"
        )
    mixture = values.reshape(len(values), -1).astype(np.float64)
    for stage in plan.stages:
        if isinstance(stage, MixingPlan):
            parts, before = stage.parts(), mixture
            mixture = np.zeros_like(before)
            for j in range(parts.rows.shape[1]):
                share = parts.shares[:, j, None]
                mixture += np.where(share > 0.0, share * before[parts.rows[:, j]], 0.0)  # a NaN is nobody else's
    return mixture.astype(np.float32).reshape(values.shape)


def check_labels(labels: NDArray[Any] | OneHot, name: str) -> None:
    """Raises an error unless labels are numbers that can be blended."""
    if labels.dtype.kind not in "biuf" or labels.ndim == 0:
        raise TypeError(f"`{name}` must be an array of numbers. Received: {name} of dtype {labels.dtype}")
    if labels.dtype.kind in "iu" and labels[:1].size <= 1:
        raise ValueError(
            f"`{name}` is blended where images are mixed, and class numbers cannot be. Make them one-hot: "
            f"`keras.utils.to_categorical({name})`; or if they are no class numbers, `{name}.astype('float32')`. "
            f"Received: {name} of dtype {labels.dtype} and shape {labels.shape}"
        )
