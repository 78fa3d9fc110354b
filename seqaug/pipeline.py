"""From a list of transforms to a finished batch: draw, plan, run. Works without Keras."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import _core, buffers, checks
from seqaug.buffers import SOURCE_DTYPES, readable
from seqaug.plan import Plan
from seqaug.stages import arrange, draw_stage
from seqaug.threads import spread
from seqaug.transforms.base import Geometric, Transform
from seqaug.transforms.geometric import INTERPOLATIONS, Resizing

DTYPES = ("float32", "uint8")
_RANGES = {
    "uint8": (0.0, 255.0),
    "uint16": (0.0, 65535.0),
    "int16": (-32768.0, 32767.0),
    "int32": (-(2.0**31), 2.0**31 - 1),
}


class Pipeline:
    """Augments batches of images in as few native passes as the transforms allow.

    ```python
    pipeline = Pipeline([RandomFlip("horizontal"), RandomRotation(degrees=15), Rescaling(1 / 255)])
    batch = pipeline(images, seed=7, epoch=0)
    ```

    Neighbouring geometric transforms become one matrix, and neighbouring colour one multiplication and addition, all
    applied while each pixel is read once. Another border rule, interpolation or fill starts a second pass.

    Args:
        transforms: seqaug transforms, in the order in which they act; or a pipeline, to have its transforms and, unless
            another one is given, its `image_size` and `interpolation`.
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
        if isinstance(transforms, Pipeline) and image_size is None:
            image_size, interpolation = transforms.image_size, transforms.interpolation
        self.transforms = _checked(transforms)
        self.image_size: tuple[int, int] | None = None if image_size is None else checks.image_size(image_size)
        self.interpolation: str = checks.one_of("interpolation", interpolation, INTERPOLATIONS)
        placed: list[tuple[int, Transform]] = list(enumerate(self.transforms))
        if self.image_size is not None:
            placed.insert(0, (-1, Resizing(*self.image_size, interpolation)))
        self.stages = arrange(placed)

    def __call__(
        self,
        images: Sequence[NDArray[Any]] | NDArray[Any],
        *,
        seed: int,
        epoch: int = 0,
        ids: Sequence[int] | NDArray[Any] | None = None,
        dtype: str = "float32",
        value_range: tuple[float, float] | None = None,
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
            value_range: (low, high) of the values in `images`; None means all that their dtype can hold. Float images
                need it for `dtype="uint8"`.
            threads: Threads to share the batch among; None for all CPUs that this process may use.

        Returns:
            `(n, height, width, channels)`, in memory aligned to 64 bytes.

        Raises:
            ValueError: An argument is out of range, or the images' ranks, channels or sizes do not fit together.
            TypeError: The images are of a dtype that is not taken.
        """
        seed, epoch = checks.integer("seed", seed, 0, 2**64 - 1), checks.integer("epoch", epoch, 0, 2**32 - 1)
        if len(images) == 0:
            raise ValueError("`images` must hold at least one image. Received: an empty batch")
        numbers = _checked_ids(range(len(images)) if ids is None else ids, len(images))
        shapes = [_shape(image) for image in images]
        for source_dtype in {str(image.dtype.newbyteorder("=")) for image in images}:
            self.check_dtype(dtype, source_dtype, value_range)
        plan = self.draw(seed=seed, epoch=epoch, ids=numbers, shapes=shapes)
        return self.run(plan, images, buffers.aligned(plan.out_shape, dtype), threads=threads)

    def draw(self, *, seed: int, epoch: int, ids: NDArray[np.uint32], shapes: Sequence[tuple[int, ...]]) -> Plan:
        """Returns the plan of a batch.

        Args:
            seed: 64-bit seed.
            epoch: Number of the epoch, below 2**32.
            ids: `(n,)` uint32 sample numbers.
            shapes: The n images' (height, width, channels).

        Raises:
            ValueError: There is no image or not one id for each, or the images have different numbers of channels, or
                would not all have one size afterwards.
        """
        if len(ids) != len(shapes) or not shapes:
            raise ValueError(f"Expected one id per image. Received: {len(ids)} ids and {len(shapes)} shapes")
        height = np.array([shape[0] for shape in shapes], np.float64)
        width = np.array([shape[1] for shape in shapes], np.float64)
        channels, *others = {shape[2] for shape in shapes}
        if others:
            raise ValueError(f"All images must have the same number of channels. Received: {[channels, *others]}")
        stages = []
        for stage in self.stages:
            plan, height, width = draw_stage(stage, seed, epoch, ids, height, width, channels)
            stages.append(plan)
        return Plan(np.array(shapes, np.int64), tuple(stages))

    def run(
        self,
        plan: Plan,
        images: Sequence[NDArray[Any]] | NDArray[Any],
        out: NDArray[Any],
        *,
        threads: int | None = 1,
    ) -> NDArray[Any]:
        """Runs a plan over its images.

        Args:
            plan: What `draw` gave for these images.
            images: The n images, `(height, width, channels)` each, as `draw` was told.
            out: `(n, height, width, channels)` float32 or uint8 to write to, of the plan's `out_shape`.
            threads: Threads to share the images among; None for all CPUs. The values do not depend on it.

        Returns:
            `out`.

        Raises:
            ValueError: `images` or `out` does not fit the plan, or `out` shares memory with an image.
            TypeError: The images or `out` are of a dtype that is not taken.
        """
        count = None if threads is None else checks.integer("threads", threads, 1)
        shapes = [_shape(image) for image in images]
        if shapes != list(map(tuple, plan.shapes.tolist())):
            raise ValueError(f"`images` must be those that the plan was drawn for. Received: shapes {shapes[:3]} …")
        if out.shape != plan.out_shape:
            raise ValueError(f"`out` must be of shape {plan.out_shape}. Received: out.shape={out.shape}")
        if out.dtype not in DTYPES:
            raise TypeError(f"`out` must be of dtype {' or '.join(DTYPES)}. Received: out.dtype={out.dtype}")
        if any(np.may_share_memory(image, out) for image in images):
            raise ValueError("`out` must not share memory with `images`.")
        sources = [readable(image) for image in images]
        spread(len(sources), count, lambda first, last: execute(plan, sources[first:last], out[first:last], first))
        return out

    def check_dtype(self, dtype: str, source_dtype: str, value_range: Any) -> None:
        """Raises an error unless batches of this dtype can hold what comes out.

        Args:
            dtype: Of the batches, `"float32"` or `"uint8"`.
            source_dtype: Of the images.
            value_range: (low, high) of the images' values, or None for all that their dtype can hold.
        """
        checks.one_of("dtype", dtype, DTYPES)
        ranges = {_RANGES.get(source_dtype, (-np.inf, np.inf)) if value_range is None else checks.ordered(value_range)}
        for transform in self.transforms:
            ranges = {after for low, high in ranges for after in transform.carry_range(low, high)}
        for low, high in ranges:
            if dtype == "uint8" and not (low >= 0 and high <= 255 and high - low > 1):
                raise ValueError(
                    f'`dtype="uint8"` holds 0 to 255, and the pipeline gives values from {low:g} to {high:g}, which '
                    "would be cut or rounded away. Rescale to 0 … 255, say the `value_range` of the images, or use "
                    '`dtype="float32"`.'
                )

    @property
    def moves_pixels(self) -> bool:
        """Whether any transform is geometric, `image_size` included."""
        return any(isinstance(transform, Geometric) for stage in self.stages for transform in stage.transforms)

    def __repr__(self) -> str:
        size = "" if self.image_size is None else f", image_size={self.image_size}"
        return f"Pipeline([{', '.join(map(repr, self.transforms))}]{size})"


def _checked(transforms: Any) -> tuple[Transform, ...]:
    if isinstance(transforms, Pipeline):
        return transforms.transforms
    if isinstance(transforms, str) or not isinstance(transforms, Iterable):
        raise TypeError(f"`transforms` (`augment`) must be a list of seqaug transforms. Received: {transforms!r}")
    result = tuple(transforms)
    for transform in result:
        if not isinstance(transform, Transform):
            raise TypeError(
                "`transforms` (`augment`) must be a list of seqaug transforms: seqaug.RandomFlip, "
                "seqaug.RandomRotation, seqaug.Rescaling. "
                f"Received: {transform!r} of type {type(transform).__module__}.{type(transform).__qualname__} in it"
            )
    return result


def _checked_ids(ids: Any, count: int) -> NDArray[np.uint32]:
    array = np.asarray(ids)
    if array.shape != (count,) or array.dtype.kind not in "iu" or (array < 0).any() or (array >= 2**32).any():
        raise ValueError(f"`ids` must be {count} whole numbers from 0 to 2**32 - 1, one per image. Received: {ids!r}")
    return array.astype(np.uint32)


def _shape(image: Any) -> tuple[int, ...]:
    if not isinstance(image, np.ndarray):
        raise TypeError(f"Images must be NumPy arrays. Received: {type(image).__name__}")
    checks.unmasked("images", image)
    if image.ndim != 3 or 0 in image.shape:
        raise ValueError(
            "Images must be of rank 3, (height, width, channels), and not empty; a grayscale image has one channel. "
            f"Received: shape {image.shape}"
        )
    if image.dtype.newbyteorder("=") not in SOURCE_DTYPES:
        raise TypeError(f"Images must be of dtype {', '.join(SOURCE_DTYPES)}. Received: {image.dtype}")
    shape: tuple[int, ...] = image.shape
    return shape


def execute(plan: Plan, images: list[NDArray[Any]], out: NDArray[Any], first: int = 0) -> None:
    """Runs the rows first … of a plan, in this thread and without looking: `Pipeline.run` does both."""
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
