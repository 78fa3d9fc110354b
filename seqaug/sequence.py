"""AugmentedSequence: the Keras data set that augments natively. Imports Keras."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import keras

from seqaug import checks, randomness
from seqaug.batches import Samples, WrappedBatches, refuse_for_wrapped, refuse_untouched
from seqaug.configuration import Configured
from seqaug.declared import Declared, Targets
from seqaug.epochs import Counting
from seqaug.folders import Folders
from seqaug.indexed import Indexed
from seqaug.making import Maker
from seqaug.named import Named
from seqaug.pipeline import DTYPES, Pipeline
from seqaug.reading import Files, Reader, names_files
from seqaug.sources.decode import MAX_PIXELS
from seqaug.sources.wrapped import WrappedSequence
from seqaug.structure import Structure
from seqaug.transforms import TRANSFORMS
from seqaug.transforms.base import INTERPOLATIONS
from seqaug.transforms.keras_bridge import box_format
from seqaug.views import Views

for kind in (Pipeline, *TRANSFORMS.values()):  # so that what Keras saves may hold them
    keras.saving.register_keras_serializable("seqaug")(kind)


class AugmentedSequence(Indexed, Views, Folders, Named, Configured, Counting, keras.utils.PyDataset):  # type: ignore[misc]
    """A Keras `Sequence` (PyDataset) of augmented image batches, for `fit`, `evaluate` and `predict`.

    ```python
    train = AugmentedSequence(
        images, labels, batch_size=32, seed=7,
        augment=[RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)],
    )
    model.fit(train, epochs=5)
    ```

    Every image of every epoch has draws of its own, keyed by (seed, epoch, position in the data set): `train[i]` is a
    function of those and of nothing else, so that threads, workers, processes and the order of access change no bit.
    Samples are shuffled anew each epoch; Keras's own `fit(shuffle=True)` then only permutes the batches. A batch is
    made by `threads` threads in native code; more than one of Keras's `workers` is seldom worth it.

    Epochs: `fit` goes on where the last one ended, so that two calls of one epoch see what one call of two sees. For
    loops by hand, `for x, y in train` is one epoch and moves on to the next. `evaluate(train)` and `predict(train)`
    use up an epoch number.

    Over another Sequence: its batches are augmented as they come, and how they are made is its own affair. Its hooks
    are called as Keras calls these; a loop by hand calls `on_epoch_begin` and, when it is complete, `on_epoch_end`.
    Image j of its batch i draws as number i·b + j, b being its `batch_size` or else the length of its batch 0. With
    neither `augment` nor `image_size` its batches pass through untouched, whatever they are.

    Args:
        x: `(n, height, width, channels)` images, or `(n, depth, height, width, channels)` volumes, of uint8, uint16,
            int16, int32, float32 or float64, in a NumPy array or anything with `shape`, `dtype` and row indexing; or a
            list of n picture files (JPEG, PNG, BMP, TIFF, WebP, GIF), which are decoded when they are needed; or a dict
            or tuple of such and of other columns, with `image=`; or another Keras Sequence, see above.
        y: n labels or targets, or None; or a dict or tuple of such, which batches then are as well.
        sample_weight: The same for weights of the loss; needs `y`.
        augment: seqaug transforms in the order in which they act, a `Pipeline`, or Keras preprocessing layers: one, a
            list, or a `keras.Sequential` of them.
        batch_size: Images in a batch; the last one may be shorter. None means 32.
        shuffle: Whether each epoch has its own order. None means True with `y` and False without it, since what
            `predict` returns comes in the order of the batches.
        seed: 64-bit integer. None takes fresh entropy, which `seq.seed` and the repr show.
        image_size: (height, width) that all images are brought to first, as by `Resizing`; or one number for both.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`, for `image_size`.
        crop_to_aspect_ratio: Whether `image_size` cuts off what does not fit its shape, evenly on both sides, instead
            of distorting the picture.
        pad_to_aspect_ratio: Whether it pads the picture evenly with zeros instead.
        color_mode: For files: `"grayscale"`, `"rgb"` (or None) or `"rgba"`.
        cache: For files: `"memory"` or a folder, in which decoded pictures are kept, so that none is decoded twice. The
            folder may be there already, and may be shared. None decodes them in each epoch.
        cache_size: For files: (height, width) that larger pictures are shrunk to cover when they are decoded, with or
            without a cache, so that they take less room in one.
        max_pixels: For files: pictures of more pixels are refused, which else might fill the memory. None: no limit.
        load: For files: a function that reads one, given its path, and returns `(height, width, channels)` or
            `(height, width)` pixels of any of the dtypes above. None reads the formats above.
        on_error: For files that are missing or cannot be read: `"raise"` an error that names the first one, or
            `"replace"` each by another sample of the same class, if `y` (or its entry `labels`) has whole numbers or
            one-hot rows, else by any sample. See `broken`.
        data_format: `"channels_last"`, or `"channels_first"` for `(n, channels, height, width)` arrays and batches.
            None means Keras's `image_data_format()`.
        dtype: Of the batches: `"float32"` or `"uint8"` (rounded half up). Values keep their range, 0 … 255 for
            pictures, unless `Rescaling` changes it.
        value_range: (low, high) of the values in `x`. None means all that the dtype can hold; float images need it for
            `dtype="uint8"`, and values beyond it saturate there.
        image: Which entry of a dict or tuple `x` is the picture.
        targets: What moves with the picture: one of the kinds below if `y` is that altogether, or a dict of kinds by
            the keys of columns (indices in tuples; `"y"` or `"sample_weight"` for one array; a pair `("y", key)` where
            a key occurs twice). A dict's `labels`, `segmentation_masks`, `bounding_boxes` and `keypoints` need no
            declaration.
            `"label"`: stays as it is.
            `"segmentation_mask"`: `(n, height, width)`, with or without channels, of any dtype; pixels are taken from
            the nearest ones, never blended.
            `"bounding_boxes"`: `(n, k, 4)`, rows of -1 being padding; or a list of n arrays `(k, 4)`; or a dict of such
            `boxes`, of `labels` and of other columns with an entry for each box, which go where their boxes go; or
            `(n, 4)`. Batches have float32 boxes, as many for each image, padded with -1, labels as well.
            `"keypoints"`: `(n, k, 2)` of x and y in pixels, (0, 0) being the middle of the first one; `(n, k, 3)` with
            visibility, 0 for what is not labelled; or a list of n arrays `(k, 3)`. Batches have float32. What leaves
            the picture has visibility 0, and of two columns lies outside.
            `"image"`: a further picture of the same size, to which the same is done, colours as well.
        mask_fill_value: What masks show outside of the image under `fill_mode="constant"`.
        bounding_box_format: How boxes are written, before and after, in Keras's words: `"xyxy"`, `"yxyx"`, `"xywh"`,
            `"center_xywh"`, `"center_yxhw"`, or with fractions of the picture's width and height `"rel_xyxy"`,
            `"rel_yxyx"`, `"rel_xywh"`, `"rel_center_xywh"`. There is no default. A box becomes the least upright one
            around it as moved, cut to the picture; it is dropped where none of it is left, and the order stays.
        min_area: Boxes with less than so many square pixels in the picture that comes out are dropped as well, ...
        min_visibility: ... and those of which less than this share is in it.
        max_boxes: For how many boxes a batch has room; more are left out. None means the most that an image has.
        keypoint_flip_pairs: Pairs of numbers of keypoints that change places where an image is mirrored, as left and
            right eyes do.
        drop_remainder: Whether to leave out a last batch that would be shorter.
        threads: Threads that share the work of a batch. None means the CPUs that this process may use, or 1 while
            `workers` is more than 1.
        workers: Keras's number of workers that fetch batches; with `use_multiprocessing`, processes.
        use_multiprocessing: Whether Keras's workers are processes. Slower, and never needed here.
        max_queue_size: How many finished batches Keras's workers keep.

    Raises:
        ValueError: An argument is out of range or does not fit another.
        TypeError: An argument is of a wrong type, or unknown.
        FileNotFoundError: A file of `x` does not exist, and that is an error.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        augment: Any = (),
        batch_size: int | None = None,
        shuffle: bool | None = None,
        seed: int | None = None,
        image_size: int | tuple[int, int] | None = None,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        color_mode: str | None = None,
        cache: Any = None,
        cache_size: int | tuple[int, int] | None = None,
        max_pixels: int | None = MAX_PIXELS,
        load: Callable[[str], Any] | None = None,
        on_error: str = "raise",
        data_format: str | None = None,
        dtype: str = "float32",
        value_range: tuple[float, float] | None = None,
        image: Any = None,
        targets: Targets = None,
        mask_fill_value: float = 0,
        bounding_box_format: str | None = None,
        min_area: float = 0.0,
        min_visibility: float = 0.0,
        max_boxes: int | None = None,
        keypoint_flip_pairs: Sequence[tuple[int, int]] = (),
        drop_remainder: bool = False,
        threads: int | None = None,
        workers: int = 1,
        use_multiprocessing: bool = False,
        max_queue_size: int = 10,
    ) -> None:
        super().__init__(
            workers=checks.integer("workers", workers, 0),
            use_multiprocessing=checks.flag("use_multiprocessing", use_multiprocessing),
            max_queue_size=checks.integer("max_queue_size", max_queue_size, 1),
        )
        given = checks.seed("seed", seed)
        self.seed = randomness.fresh_seed() if given is None else given
        self.threads = None if threads is None else checks.integer("threads", threads, 1)
        data_format = keras.config.image_data_format() if data_format is None else data_format
        checks.one_of("data_format", data_format, ("channels_last", "channels_first"))
        channels_first = data_format == "channels_first"
        checks.one_of("interpolation", interpolation, INTERPOLATIONS)
        image_size = None if image_size is None else checks.image_size(image_size)
        value_range = None if value_range is None else checks.ordered(value_range)
        drop_remainder = checks.flag("drop_remainder", drop_remainder)
        written = box_format(bounding_box_format, augment)
        declared = Declared.checked(
            targets, mask_fill_value, written, min_area, min_visibility, max_boxes, keypoint_flip_pairs
        )
        augment = augment if isinstance(augment, Pipeline) else Pipeline(augment)
        crop = checks.flag("crop_to_aspect_ratio", crop_to_aspect_ratio)
        pad = checks.flag("pad_to_aspect_ratio", pad_to_aspect_ratio)
        if image_size is None and (crop or pad):
            raise ValueError("`crop_to_aspect_ratio` and `pad_to_aspect_ratio` need `image_size`.")
        pipeline = augment if image_size is None else augment.sized(image_size, interpolation, crop, pad)
        files = Files.checked(color_mode, cache, cache_size, max_pixels, load, on_error)
        self.maker = Maker(pipeline, checks.one_of("dtype", dtype, DTYPES), value_range, channels_first, declared)
        reader = Reader(pipeline, image, declared, channels_first)
        self._shards: tuple[tuple[int, int, bool], ...] = ()
        self._evaluates = self._warned = self._untouched = False
        self._inner = inner = WrappedSequence(x) if isinstance(x, keras.utils.PyDataset) else None
        self._hooked = inner  # none for an evaluation beside the training
        if inner is not None:
            own = {"y": y, "sample_weight": sample_weight, "batch_size": batch_size, "shuffle": shuffle}
            refuse_for_wrapped(own | {"drop_remainder": drop_remainder or None} | files.given)
            self._untouched = not (pipeline.transforms or pipeline.moves_pixels)
            if self._untouched:
                refuse_untouched({"image": image, "targets": targets, "value_range": value_range, "dtype": dtype})
            data = WrappedBatches(inner, reader)
            self.data = data if self._untouched else data.checked(self.maker.check)
        else:
            if sample_weight is not None and y is None:
                raise ValueError("`sample_weight` needs `y`: Keras takes no weights without targets.")
            batch_size = 32 if batch_size is None else checks.integer("batch_size", batch_size, 1)
            shuffle = y is not None if shuffle is None else checks.flag("shuffle", shuffle)
            x = list(x) if isinstance(x, tuple) and names_files(x) else x
            structure = Structure.of_data(x, y, sample_weight, declared.whole)
            table = replace(reader, files=files).table(structure)
            self.maker.check(table)
            self.data = Samples.of(table, batch_size, shuffle, drop_remainder, files.broken)
        self._config = {
            "augment": augment,
            "batch_size": batch_size,
            "shuffle": shuffle,
            "image_size": image_size,
            "interpolation": interpolation,
            "crop_to_aspect_ratio": crop,
            "pad_to_aspect_ratio": pad,
            "color_mode": color_mode,
            "cache": files.cache,
            "cache_size": files.decoder.cache_size,
            "max_pixels": files.decoder.max_pixels,
            "on_error": on_error,
            "data_format": data_format,
            "dtype": dtype,
            "value_range": value_range,
            "image": image,
            **declared.config,
            "drop_remainder": drop_remainder,
        }

    @property
    def pipeline(self) -> Pipeline:
        """What is done to the images."""
        return self.maker.pipeline

    @property
    def batch_size(self) -> int | None:
        """Images in a batch; over another Sequence the number by which it counts samples, None if it is not known."""
        return self.data.batch_size

    @property
    def shuffle(self) -> bool:
        """Whether each epoch has its own order of samples; False over another Sequence, whose affair it is."""
        return self.data.shuffle

    def __repr__(self) -> str:
        tail = f"augment={list(self.pipeline.transforms)}, seed={self.seed}, epoch={self._epoch})"
        if not isinstance(self.data, Samples):
            return f"AugmentedSequence({self.data!r}, {tail}"
        height, width, channels = self.data.table.source.shape
        height, width = self.pipeline.output_size(height, width)
        depth = self.data.table.source.depth
        kind = "images of " if depth is None else f"volumes of {depth}×"
        return (
            f"AugmentedSequence({len(self.data.positions)} {kind}{height}×{width}×{channels}, {len(self)} batches "
            f"of {self.batch_size}, {tail}"
        )
