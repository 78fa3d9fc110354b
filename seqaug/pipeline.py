"""From a list of transforms to a finished batch: draw, plan, run. Works without Keras."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import _core, buffers, checks, threads
from seqaug.buffers import SOURCE_DTYPES, readable
from seqaug.plan import Plan, StagePlan, compose, identity
from seqaug.randomness import Draws
from seqaug.transforms.base import Floats, Geometric, Linear, Transform
from seqaug.transforms.geometric import FILL_MODES, Resizing

DTYPES = ("float32", "uint8")
_ORDERS = {"nearest": 0, "bilinear": 1, None: 1}


@dataclass(frozen=True)
class Stage:
    """Transforms that share one native pass, because they agree on a border rule, an interpolation and a fill.

    A transform's slot counts its place in the user's list and is part of its random key.
    """

    slots: tuple[int, ...] = ()
    transforms: tuple[Transform, ...] = ()
    fill_modes: tuple[str, ...] = FILL_MODES
    interpolation: str | None = None
    fill_value: float | None = None
    coloured_since_fill: bool = False

    def joined_by(self, slot: int, transform: Transform) -> "Stage | None":
        """Returns this stage with one more transform, or None if they do not go together."""
        joined = replace(self, slots=(*self.slots, slot), transforms=(*self.transforms, transform))
        if not isinstance(transform, Geometric):
            return replace(joined, coloured_since_fill=self.fill_value is not None)
        modes = tuple(mode for mode in transform.fill_modes if mode in self.fill_modes)
        interpolations = {self.interpolation, transform.interpolation} - {None}
        fill = transform.fill_value if modes == ("constant",) else None
        if not modes or len(interpolations) > 1:
            return None
        if self.fill_value is not None and fill is not None and (self.coloured_since_fill or fill != self.fill_value):
            return None
        return replace(
            joined,
            fill_modes=modes,
            interpolation=next(iter(interpolations), None),
            fill_value=self.fill_value if fill is None else fill,
        )


class Pipeline:
    """Augments batches of images in as few native passes as the transforms allow.

    ```python
    pipeline = Pipeline([RandomFlip("horizontal"), RandomRotation(degrees=15), Rescaling(1 / 255)])
    batch = pipeline(images, seed=7, epoch=0)
    ```

    Neighbouring geometric transforms become one matrix, and neighbouring colour one multiplication and addition, all
    applied while each pixel is read once. Another border rule, interpolation or fill starts a second pass.

    Args:
        transforms: seqaug transforms, in the order in which they act; or the pipeline that has them.
        image_size: (height, width) that every image is brought to first; None leaves sizes alone.
        interpolation: `"bilinear"` or `"nearest"`, for `image_size`.

    Raises:
        TypeError: `transforms` is not a list of seqaug transforms.
        ValueError: `image_size` or `interpolation` is not allowed.
    """

    def __init__(
        self,
        transforms: "Iterable[Transform] | Pipeline" = (),
        *,
        image_size: tuple[int, int] | None = None,
        interpolation: str = "bilinear",
    ) -> None:
        self.transforms = _checked(transforms)
        self.image_size = None if image_size is None else checks.image_size(image_size)
        placed: list[tuple[int, Transform]] = list(enumerate(self.transforms))
        resize = Resizing(*(self.image_size or (1, 1)), interpolation)  # built anyway, to check `interpolation`
        if self.image_size is not None:
            placed.insert(0, (-1, resize))
        self.stages = _stages(placed)

    def __call__(
        self,
        images: Sequence[NDArray[Any]] | NDArray[Any],
        *,
        seed: int,
        epoch: int = 0,
        ids: Sequence[int] | NDArray[Any] | None = None,
        dtype: str = "float32",
        threads: int | None = 1,
    ) -> NDArray[Any]:
        """Draws for a batch and runs it.

        Args:
            images: `(n, height, width, channels)`, or a list of n images of rank 3, whose sizes may differ under
                `image_size`. Integers keep their range; nothing is rescaled unless `Rescaling` says so.
            seed: 64-bit seed.
            epoch: Number of the epoch; together with `seed` and the id it makes an image's draws.
            ids: n sample numbers below 2**32; by default 0 … n - 1.
            dtype: `"float32"` or `"uint8"` (rounded half up, saturated).
            threads: Threads to share the batch among; None for all CPUs that this process may use.

        Returns:
            `(n, height, width, channels)`, in memory aligned to 64 bytes.

        Raises:
            ValueError: An argument is out of range, or the images' ranks, channels or sizes do not fit together.
            TypeError: The images are of a dtype that is not taken.
        """
        checks.one_of("dtype", dtype, DTYPES)
        seed, epoch = checks.integer("seed", seed, 0, 2**64 - 1), checks.integer("epoch", epoch, 0, 2**32 - 1)
        if len(images) == 0:
            raise ValueError("`images` must hold at least one image. Received: an empty batch")
        numbers = _checked_ids(range(len(images)) if ids is None else ids, len(images))
        plan = self.draw(seed=seed, epoch=epoch, ids=numbers, shapes=[_shape(image) for image in images])
        out = buffers.aligned((len(images), *plan.stages[-1].size, images[0].shape[2]), dtype)
        return self.run(plan, images, out, threads=threads)

    def draw(self, *, seed: int, epoch: int, ids: NDArray[np.uint32], shapes: Sequence[tuple[int, ...]]) -> Plan:
        """Returns the plan of a batch.

        Args:
            seed: 64-bit seed.
            epoch: Number of the epoch, below 2**32.
            ids: `(n,)` uint32 sample numbers.
            shapes: The n images' (height, width, channels).

        Raises:
            ValueError: The images have different numbers of channels, or would not all have one size afterwards.
        """
        height = np.array([shape[0] for shape in shapes], np.float64)
        width = np.array([shape[1] for shape in shapes], np.float64)
        channels, *others = {shape[2] for shape in shapes}
        if others:
            raise ValueError(f"All images must have the same number of channels. Received: {[channels, *others]}")
        stages = []
        for stage in self.stages:
            plan, height, width = _draw_stage(stage, seed, epoch, ids, height, width, channels)
            stages.append(plan)
        return Plan(tuple(stages))

    def run(
        self,
        plan: Plan,
        images: Sequence[NDArray[Any]] | NDArray[Any],
        out: NDArray[Any],
        *,
        threads: int | None = 1,
    ) -> NDArray[Any]:
        """Runs a plan over its images into `out`, `(n, height, width, channels)` float32 or uint8, and returns it.

        The values of a batch do not depend on `threads`.
        """

        def work(first: int, last: int) -> None:
            _run(plan, [readable(image) for image in images[first:last]], out[first:last], first)

        _spread(len(images), threads if threads is None else checks.integer("threads", threads, 1), work)
        return out

    def value_range(self, low: float, high: float) -> tuple[float, float]:
        """Returns the range of values that comes out when `low` … `high` goes in."""
        for transform in self.transforms:
            low, high = transform.carry_range(low, high)
        return low, high

    def __repr__(self) -> str:
        return f"Pipeline([{', '.join(map(repr, self.transforms))}])"


_spread = threads.spread  # the name `threads` is an argument above


def _checked(transforms: Any) -> tuple[Transform, ...]:
    if isinstance(transforms, Pipeline):
        return transforms.transforms
    if isinstance(transforms, str) or not isinstance(transforms, Iterable):
        raise TypeError(f"Expected a list of seqaug transforms. Received: {transforms!r}")
    result = tuple(transforms)
    for transform in result:
        if not isinstance(transform, Transform):
            raise TypeError(
                "Expected a list of seqaug transforms: seqaug.RandomFlip, seqaug.RandomRotation, seqaug.Rescaling. "
                f"Received: {transform!r} of type {type(transform).__module__}.{type(transform).__qualname__} in it"
            )
    return result


def _checked_ids(ids: Any, count: int) -> NDArray[np.uint32]:
    array = np.asarray(ids)
    if array.shape != (count,) or array.dtype.kind not in "iu" or (array < 0).any() or (array >= 2**32).any():
        raise ValueError(f"`ids` must be {count} whole numbers from 0 to 2**32 - 1, one per image. Received: {ids!r}")
    return array.astype(np.uint32)


def _shape(image: Any) -> tuple[int, ...]:
    if image.ndim != 3 or 0 in image.shape:
        raise ValueError(
            "Images must be of rank 3, (height, width, channels), and not empty; a grayscale image has one channel. "
            f"Received: shape {image.shape}"
        )
    if image.dtype.newbyteorder("=") not in SOURCE_DTYPES:
        raise TypeError(f"Images must be of dtype {', '.join(SOURCE_DTYPES)}. Received: {image.dtype}")
    shape: tuple[int, ...] = image.shape
    return shape


def _stages(placed: list[tuple[int, Transform]]) -> tuple[Stage, ...]:
    stages = [Stage()]
    for slot, transform in placed:
        joined = stages[-1].joined_by(slot, transform)
        if joined is None:
            joined = Stage().joined_by(slot, transform)
            assert joined is not None, "an empty stage takes any transform"
            stages.append(joined)
        else:
            stages[-1] = joined
    return tuple(stages)


def _draw_stage(
    stage: Stage, seed: int, epoch: int, ids: NDArray[np.uint32], height: Floats, width: Floats, channels: int
) -> tuple[StagePlan, Floats, Floats]:
    """The plan of one stage, and the sizes after it."""
    count = len(ids)
    matrices = identity(count)
    scale, offset = np.ones((count, channels)), np.zeros((count, channels))
    fill = np.zeros((count, channels))
    for slot, transform in zip(stage.slots, stage.transforms, strict=True):
        draws = Draws(seed, slot & 0xFFFFFFFF, epoch, ids)
        if isinstance(transform, Linear):
            gain, lift = transform.gains(draws, channels)
            scale, offset, fill = scale * gain, offset * gain + lift, fill * gain + lift
        elif isinstance(transform, Geometric):
            matrices = compose(matrices, transform.matrices(draws, height, width))
            height, width = transform.resized(height, width)
            if transform.fill_value is not None and transform.fill_modes == ("constant",):
                fill[:] = transform.fill_value
    coloured = any(isinstance(transform, Linear) for transform in stage.transforms)
    sizes = set(zip(height.tolist(), width.tolist(), strict=True))
    if len(sizes) != 1:
        received = ", ".join(f"{int(h)}×{int(w)}" for h, w in sorted(sizes)[:3])
        raise ValueError(f"Images of one batch must have one size; set `image_size`. Received: {received}")
    return (
        StagePlan(
            size=(int(height[0]), int(width[0])),
            border=stage.fill_modes[0],
            matrices=matrices,
            orders=np.full(count, _ORDERS[stage.interpolation], np.uint8),
            scale=scale if coloured else None,
            offset=offset if coloured else None,
            fill=fill,
        ),
        height,
        width,
    )


def _run(plan: Plan, images: list[NDArray[Any]], out: NDArray[Any], first: int) -> None:
    """Runs rows first … of a plan."""
    rows = slice(first, first + len(images))
    for stage in plan.stages:
        last = stage is plan.stages[-1]
        target = out if last else np.empty((len(images), *stage.size, out.shape[3]), np.float32)
        _core.resample(
            images,
            target,
            stage.matrices[rows],
            stage.orders[rows],
            stage.border,
            None if stage.scale is None else stage.scale[rows],
            None if stage.offset is None else stage.offset[rows],
            stage.fill[rows],
        )
        images = list(target)
