"""From a list of transforms to a finished batch: draw, plan, run. Works without Keras."""

import copy
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import buffers, checks, coloring, drawing, listing, mixing, values, volumes
from seqaug.moving import Moving
from seqaug.plan import Plan
from seqaug.stages import arrange, told
from seqaug.transforms import keras_bridge, lists
from seqaug.transforms.apart import Mixing
from seqaug.transforms.base import Transform
from seqaug.transforms.sizes import Resizing

DTYPES = ("float32", "uint8")
_FORMAT = 1  # of `to_json`
_LIKELY = 1009, 1009  # a size that nothing is made for


class Pipeline(Moving):
    """Augments batches of images in as few native passes as the transforms allow.

    ```python
    pipeline = Pipeline([RandomFlip("horizontal"), RandomRotation(degrees=15), Rescaling(1 / 255)])
    batch = pipeline(images, seed=7, epoch=0)
    print(pipeline)  # the passes, and why each begins
    ```

    Neighbouring geometric transforms become one matrix, and neighbouring colour one multiplication and addition, all
    applied while each pixel is read once. Another border rule, interpolation or fill starts a second pass.

    Args:
        transforms: seqaug transforms, in the order in which they act; Keras preprocessing layers, alone, in a list or
            in a `keras.Sequential`, are taken for their counterparts. Or a pipeline, to have its transforms and,
            unless another one is given, its image size.
        image_size: (height, width) that every image is brought to first, as by `Resizing(…, antialias="auto")`, or one
            number for both; None leaves sizes alone.
        fill_mode: For all transforms that have one, instead of their own: with one border rule they share a pass.
        fill_value: For all transforms that have one, instead of their own.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`, for all transforms that have one, instead of their own.

    Raises:
        TypeError: `transforms` holds something that is neither a transform nor a Keras layer.
        ValueError: A Keras layer has no counterpart, or another argument is not allowed.
    """

    def __init__(
        self,
        transforms: Any = (),
        *,
        image_size: int | tuple[int, int] | None = None,
        fill_mode: str | None = None,
        fill_value: float | None = None,
        interpolation: str | None = None,
    ) -> None:
        resize = transforms.resize if isinstance(transforms, Pipeline) else None
        if image_size is not None:
            resize = Resizing(*checks.image_size(image_size), antialias="auto")
        given = transforms.transforms if isinstance(transforms, Pipeline) else lists.checked(transforms)
        changes = listing.changes(fill_mode, fill_value, interpolation)
        chosen = tuple(transform.changed(changes) for transform in given)
        self._settle(chosen, None if resize is None else resize.changed(changes))

    def _settle(self, transforms: tuple[Transform, ...], resize: Resizing | None) -> None:
        listing.check_mixing(transforms)
        self.transforms = transforms
        self.resize = resize
        self._placed = [*([] if resize is None else [(-1, resize)]), *enumerate(transforms)]
        self.output_size(*_LIKELY)  # raises an error if images could come to different sizes
        self.stages = arrange(self._placed)

    @classmethod
    def from_keras(cls, layers: Any, **arguments: Any) -> "Pipeline":
        """Returns a pipeline that does what Keras preprocessing layers do.

        ```python
        layers = keras.Sequential([keras.layers.RandomFlip("horizontal"), keras.layers.RandomZoom(0.2)])
        pipeline = Pipeline.from_keras(layers)
        ```

        Args:
            layers: A layer, a `keras.Sequential` or `keras.layers.Pipeline` of layers, or a list of them. Their
                `value_range` is taken over as it is.
            **arguments: `image_size`, `fill_mode`, `fill_value` and `interpolation`, as for `Pipeline`.

        Raises:
            ValueError: A layer, or an argument of it, has no counterpart.
            TypeError: `layers` are no Keras layers.
        """
        return cls(keras_bridge.transforms_of(layers), **arguments)

    def sized(
        self, image_size: int | tuple[int, int], interpolation: str = "bilinear", crop: bool = False, pad: bool = False
    ) -> "Pipeline":
        """Returns this pipeline with images brought to a size first: distorted, or cut to its shape, or padded."""
        result = copy.copy(self)
        size = checks.image_size(image_size)
        result._settle(self.transforms, Resizing(*size, interpolation, crop, pad, antialias="auto"))
        return result

    def evaluation(self) -> "Pipeline":
        """Returns what stays when a model is evaluated, as Keras's `training=False`.

        Fixed transforms (Rescaling, Normalization, Resizing, CenterCrop) stay, random ones and those with p < 1 go,
        and random crops become those of the middle.
        """
        result = copy.copy(self)
        kept = (transform.evaluation() for transform in self.transforms)
        result._settle(tuple(transform for transform in kept if transform is not None), self.resize)
        return result

    def get_config(self) -> dict[str, Any]:
        """Returns the pipeline as plain values, for `from_config`."""
        return {
            "transforms": [lists.described(transform) for transform in self.transforms],
            "resize": None if self.resize is None else lists.described(self.resize),
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Pipeline":
        """Returns the pipeline that `get_config` described; a ValueError or TypeError says what is wrong with it."""
        result = cls()
        result._settle(*listing.read_config(config))
        return result

    def to_json(self) -> str:
        """Returns the pipeline as JSON text, for `from_json`."""
        return json.dumps({"format": _FORMAT, **self.get_config()})

    @classmethod
    def from_json(cls, text: str) -> "Pipeline":
        """Returns the pipeline that `to_json` wrote; a ValueError says if the text is none, or of a later format."""
        return cls.from_config(listing.read_json(text, _FORMAT))

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
                `image_size`. Integers keep their range; nothing is rescaled unless `Rescaling` says so. Or volumes,
                `(n, depth, height, width, channels)`, whose slices share what is drawn.
            seed: 64-bit seed.
            epoch: Number of the epoch; together with `seed` and the id it makes an image's draws.
            ids: n sample numbers below 2**32; by default 0 … n - 1.
            dtype: `"float32"` or `"uint8"` (rounded half up, saturated).
            value_range: (low, high) of the values in `images`; None means all that their dtype can hold. Float images
                need it for `dtype="uint8"`.
            threads: Threads to share the batch among; None for all CPUs that this process may use.

        Returns:
            `(n, height, width, channels)`, in memory aligned to 64 bytes; of volumes, with their depth.

        Raises:
            ValueError: An argument is out of range, or the images' ranks, channels or sizes do not fit together.
            TypeError: The images are of a dtype that is not taken.
        """
        if len(images) == 0:
            raise ValueError("`images` must hold at least one image. Received: an empty batch")
        shapes = checks.shapes_of_images(images)
        ranges = {self.check_dtype(dtype, source_dtype, value_range) for source_dtype in buffers.dtypes_of(images)}
        of_all = ranges.pop() if len(ranges) == 1 else None
        numbers = range(len(images)) if ids is None else ids
        plan = self.draw(seed=seed, epoch=epoch, ids=numbers, shapes=shapes, value_range=of_all)
        out = buffers.aligned(volumes.shape_after(plan, images), dtype)
        return self._run(plan, images, out, threads)

    def draw(
        self,
        *,
        seed: int,
        epoch: int,
        ids: Sequence[int] | NDArray[Any],
        shapes: Sequence[tuple[int, ...]] | NDArray[Any],
        value_range: tuple[float, float] | None = None,
    ) -> Plan:
        """Returns the plan of a batch.

        Args:
            seed: 64-bit seed.
            epoch: Number of the epoch, below 2**32.
            ids: n sample numbers below 2**32.
            shapes: The n images' (height, width, channels).
            value_range: (low, high) of the images' values, for brightness and contrast; None if it is not known.

        Raises:
            ValueError: There is no image or not one id for each, or the images have different numbers of channels, or
                would not all have one size afterwards, or a transform has to know the range of values.
        """
        seed, epoch = checks.integer("seed", seed, 0, 2**64 - 1), checks.integer("epoch", epoch, 0, 2**32 - 1)
        sizes = checks.image_shapes(shapes)
        numbers = checks.sample_ids(ids, len(sizes))
        bounds = coloring.bounds(self._placed, None if value_range is None else checks.ordered(value_range))
        return drawing.draw(self.stages, bounds, seed, epoch, numbers, sizes)

    def run(
        self,
        plan: Plan,
        images: Sequence[NDArray[Any]] | NDArray[Any],
        out: NDArray[Any] | None = None,
        *,
        threads: int | None = 1,
        value_range: tuple[float, float] | None = None,
    ) -> NDArray[Any]:
        """Runs a plan over its images.

        Args:
            plan: What `draw` gave for these images.
            images: The n images, `(height, width, channels)` each, as `draw` was told.
            out: `(n, height, width, channels)` float32 or uint8 to write to, of the plan's `out_shape`; None for
                a new one of float32.
            threads: Threads to share the images among; None for all CPUs. The values do not depend on it.
            value_range: (low, high) of the values in `images`, as `draw` was told; a uint8 `out` must fit them.

        Returns:
            `out`.

        Raises:
            ValueError: `images` or `out` does not fit the plan, or `out` shares memory with an image.
            TypeError: The images or `out` are of a dtype that is not taken.
        """
        shapes = checks.shapes_of_images(images)
        if not np.array_equal(shapes, plan.shapes):
            raise ValueError(
                f"`images` must be those that the plan was drawn for. Received: shapes {shapes[:3].tolist()} …"
            )
        shape = volumes.shape_after(plan, images)
        out = buffers.aligned(shape, "float32") if out is None else out
        if out.shape != shape:
            raise ValueError(f"`out` must be of shape {shape}. Received: out.shape={out.shape}")
        if out.dtype not in DTYPES:
            raise TypeError(f"`out` must be of dtype {' or '.join(DTYPES)}. Received: out.dtype={out.dtype}")
        if out.dtype == np.uint8:
            for source_dtype in buffers.dtypes_of(images):
                self.check_dtype("uint8", source_dtype, value_range)
        if buffers.overlaps(images, out):
            raise ValueError("`out` must not share memory with `images`.")
        return self._run(plan, images, out, threads)

    def _run(self, plan: Plan, images: Any, out: NDArray[Any], threads: int | None) -> NDArray[Any]:
        """Runs a plan over images that fit it."""
        count = None if threads is None else checks.integer("threads", threads, 1)
        volumes.check_depth(self.transforms, volumes.depth_of(images))
        flat = volumes.flat(out)
        plan, sources = volumes.sliced(plan, volumes.parts(images), volumes.depth_of(images))
        mixing.execute_all(plan, sources, flat, count)
        return out

    def check_dtype(
        self, dtype: str, source_dtype: str, value_range: tuple[float, float] | None
    ) -> tuple[float, float] | None:
        """Raises an error unless batches of this dtype can hold what comes out; returns the range of what goes in.

        Args:
            dtype: Of the batches, `"float32"` or `"uint8"`.
            source_dtype: Of the images.
            value_range: (low, high) of the images' values, or None for all that their dtype can hold.
        """
        checks.one_of("dtype", dtype, DTYPES)
        source = values.of_source(source_dtype, None if value_range is None else checks.ordered(value_range))
        coloring.check_output(dtype, coloring.carried(self.transforms, source))
        return source.range

    def output_size(self, height: int, width: int) -> tuple[int, int]:
        """Returns the height and width of what comes out."""
        size = np.array([height], np.float64), np.array([width], np.float64)
        for _, transform in self._placed:
            size = transform.resized(*size)
        return int(size[0][0]), int(size[1][0])

    @property
    def moves_pixels(self) -> bool:
        """Whether any transform is geometric, `image_size` included."""
        return any(transform.moves_pixels for _, transform in self._placed)

    @property
    def mixing(self) -> tuple[Mixing, ...]:
        """The transforms that mix images with others of their batch, for which the whole batch must be there."""
        return tuple(transform for transform in self.transforms if isinstance(transform, Mixing))

    def __repr__(self) -> str:
        first = "" if self.resize is None else f", image_size={(self.resize.height, self.resize.width)}"
        return f"Pipeline([{', '.join(map(repr, self.transforms))}]{first})"

    def __str__(self) -> str:
        return f"Pipeline (transforms: {len(self.transforms)}, native passes: {len(self.stages)})\n{told(self.stages)}"
