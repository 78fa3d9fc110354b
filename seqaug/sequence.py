"""AugmentedSequence: the Keras data set that augments natively. Imports Keras."""

import os
from collections.abc import Iterable, Iterator
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from seqaug import buffers, checks, randomness
from seqaug.buffers import readable
from seqaug.pipeline import Pipeline
from seqaug.plan import Plan
from seqaug.run import execute
from seqaug.sources import Source
from seqaug.sources.arrays import ArraySource
from seqaug.sources.decode import COLOR_MODES
from seqaug.sources.files import FileSource
from seqaug.threads import spread
from seqaug.transforms.base import INTERPOLATIONS, Transform


class AugmentedSequence(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
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

    Args:
        x: `(n, height, width, channels)` images of uint8, uint16, int16, int32, float32 or float64, in a NumPy array or
            anything with `shape`, `dtype` and row indexing; or a list of n picture files (JPEG, PNG, BMP, TIFF, WebP,
            GIF), which are decoded to uint8 when they are needed.
        y: n labels or targets, or None.
        sample_weight: n weights for the loss, or None; needs `y`.
        augment: seqaug transforms in the order in which they act, or a `Pipeline`.
        batch_size: Images in a batch; the last one may be shorter.
        shuffle: Whether each epoch has its own order. None means True with `y` and False without it, since what
            `predict` returns comes in the order of the batches.
        seed: 64-bit integer. None takes fresh entropy, which `seq.seed` and the repr show.
        image_size: (height, width) that all images are brought to before the first transform. Needed when files differ
            in size. Bilinear as in `tf.image.resize`, without antialiasing.
        interpolation: `"bilinear"` or `"nearest"`, for `image_size`.
        color_mode: For files: `"grayscale"`, `"rgb"` or `"rgba"`. None means `"rgb"`.
        data_format: `"channels_last"`, or `"channels_first"` for `(n, channels, height, width)` arrays and batches.
            None means Keras's `image_data_format()`.
        dtype: Of the batches: `"float32"` or `"uint8"` (rounded half up). Values keep their range, 0 … 255 for
            pictures, unless `Rescaling` changes it.
        value_range: (low, high) of the values in `x`. None means all that the dtype can hold; float images need it for
            `dtype="uint8"`, and values beyond it saturate there.
        drop_remainder: Whether to leave out a last batch that would be shorter.
        threads: Threads that share the work of a batch. None means the CPUs that this process may use, or 1 while
            `workers` is more than 1.
        workers: Keras's number of workers that fetch batches; with `use_multiprocessing`, processes.
        use_multiprocessing: Whether Keras's workers are processes. Slower for images, and never needed here.
        max_queue_size: How many finished batches Keras's workers keep.

    Raises:
        ValueError: An argument is out of range or does not fit another; the message names it.
        TypeError: An argument is of a wrong type, or unknown.
        FileNotFoundError: A file of `x` does not exist.
    """

    def __init__(
        self,
        x: Any,
        y: Any = None,
        sample_weight: Any = None,
        *,
        augment: Iterable[Transform] | Pipeline = (),
        batch_size: int = 32,
        shuffle: bool | None = None,
        seed: int | None = None,
        image_size: tuple[int, int] | None = None,
        interpolation: str = "bilinear",
        color_mode: str | None = None,
        data_format: str | None = None,
        dtype: str = "float32",
        value_range: tuple[float, float] | None = None,
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
        self.batch_size = checks.integer("batch_size", batch_size, 1)
        self.shuffle = y is not None if shuffle is None else checks.flag("shuffle", shuffle)
        given = checks.seed("seed", seed)
        self.seed = randomness.fresh_seed() if given is None else given
        self.threads = None if threads is None else checks.integer("threads", threads, 1)
        self.drop_remainder = checks.flag("drop_remainder", drop_remainder)
        self.dtype = dtype
        data_format = keras.config.image_data_format() if data_format is None else data_format
        self.data_format = checks.one_of("data_format", data_format, ("channels_last", "channels_first"))
        checks.one_of("interpolation", interpolation, INTERPOLATIONS)
        self.pipeline = Pipeline(augment)
        if image_size is not None:
            self.pipeline = self.pipeline.sized(image_size, interpolation)
        self.source = _source(x, color_mode, self.data_format, self.pipeline.resize is None)
        self.y = _targets("y", y, len(self.source))
        self.sample_weight = _targets("sample_weight", sample_weight, len(self.source))
        self.value_range = self.pipeline.check_dtype(dtype, self.source.dtype, value_range)
        self._check_together()
        self._epoch = self._begun = 0
        self._order: tuple[tuple[int, int], NDArray[np.intp]] | None = None

    def _check_together(self) -> None:
        """What only shows when arguments are put together."""
        if self.sample_weight is not None and self.y is None:
            raise ValueError("`sample_weight` needs `y`: Keras takes no weights without targets.")
        sizes = {self.source.shape[:2], self._image_shape()[:2]}
        for name, column in (("y", self.y), ("sample_weight", self.sample_weight)):
            if self.pipeline.moves_pixels and column is not None and sizes & {column.shape[1:3], column.shape[2:4]}:
                raise ValueError(
                    f"`{name}` has the height and width of the images, as masks do, and would be left behind when they "
                    "are moved. Draw a plan with `Pipeline.draw` and run it over both, or leave out `image_size` and "
                    f"the transforms that move pixels. Received: {name}.shape={column.shape}"
                )
        if len(self) == 0:
            raise ValueError(
                f"`drop_remainder=True` leaves no batch: {len(self.source)} images, batch_size={self.batch_size}"
            )
        if len(self.source) > 2**32:
            raise ValueError(f"`x` must hold at most 2**32 images. Received: {len(self.source)}")
        self._plan([0], 0, [self.source.shape])  # draws once, so that what does not fit the images fails here

    @property
    def epoch(self) -> int:
        """The number of the epoch whose batches `seq[i]` gives. May be set, to resume or to look."""
        return self._epoch

    @epoch.setter
    def epoch(self, value: int) -> None:
        self._epoch = self._begun = checks.integer("epoch", value, 0, 2**32 - 1)

    def on_epoch_begin(self) -> None:
        """Called by Keras, after its probe and possibly after its workers have started on the epoch."""
        self._epoch = self._begun
        self._begun += 1

    def on_epoch_end(self) -> None:
        """Called by Keras, also before the first epoch, and more than once after one."""
        self._epoch = self._begun

    def __len__(self) -> int:
        full, rest = divmod(len(self.source), self.batch_size)
        return full if self.drop_remainder or rest == 0 else full + 1

    def __getitem__(self, index: int) -> Any:
        """Returns batch `index` of the current epoch: `x`, `(x, y)` or `(x, y, sample_weight)`.

        `x` is `(batch, height, width, channels)`, or channels first by `data_format`, in memory aligned to 64 bytes
        that is never written again.
        """
        return self._batch(index, self._epoch)

    def __iter__(self) -> Iterator[Any]:
        epoch = self._epoch
        for index in range(len(self)):
            yield self._batch(index, epoch)
        if self._epoch == epoch:  # and was not set meanwhile
            self.epoch = epoch + 1

    def plan(self, index: int) -> Plan:
        """Returns what is drawn for batch `index` of the current epoch, one row per image.

        It depends on the images' sizes, so files are read.
        """
        ids = self._ids(index, self._epoch)
        return self._plan(ids, self._epoch, [image.shape for image in self.source.read(ids)])

    def _ids(self, index: int, epoch: int) -> list[int]:
        """The positions in the data set of a batch's samples."""
        number = checks.integer("index", index, -(2**63))
        if not -len(self) <= number < len(self):
            raise IndexError(f"There are {len(self)} batches. Received: index={number}")
        first = number % len(self) * self.batch_size
        last = min(first + self.batch_size, len(self.source))
        return self._epoch_order(epoch)[first:last].tolist() if self.shuffle else list(range(first, last))

    def _epoch_order(self, epoch: int) -> NDArray[np.intp]:
        """The order of samples in an epoch. Kept for the last one asked for: a cache, of no effect on what is given."""
        kept = self._order
        if kept is None or kept[0] != (self.seed, epoch):
            kept = self._order = (self.seed, epoch), randomness.permutation(self.seed, epoch, len(self.source))
        return kept[1]

    def _batch(self, index: int, epoch: int) -> Any:
        ids = self._ids(index, epoch)
        height, width, channels = self._image_shape()
        if self.data_format == "channels_first":
            x = buffers.aligned((len(ids), channels, height, width), self.dtype)
            target = x.transpose(0, 2, 3, 1)
        else:
            target = x = buffers.aligned((len(ids), height, width, channels), self.dtype)

        def work(first: int, last: int) -> None:
            images = [readable(image) for image in self.source.read(ids[first:last])]
            plan = self._plan(ids[first:last], epoch, [image.shape for image in images])
            execute(plan, images, target[first:last])

        spread(len(ids), 1 if self.threads is None and self.workers > 1 else self.threads, work)
        return (x, *self._rows(ids)) if self.y is not None else x

    def _plan(self, ids: list[int], epoch: int, shapes: list[tuple[int, ...]]) -> Plan:
        numbers = np.array(ids, np.uint32)
        return self.pipeline.draw(seed=self.seed, epoch=epoch, ids=numbers, shapes=shapes, value_range=self.value_range)

    def _image_shape(self) -> tuple[int, int, int]:
        height, width = self.pipeline.output_size(*self.source.shape[:2])
        return int(height), int(width), self.source.shape[2]

    def _rows(self, ids: list[int]) -> tuple[NDArray[Any], ...]:
        return tuple(column[ids] for column in (self.y, self.sample_weight) if column is not None)

    def __repr__(self) -> str:
        height, width, channels = self._image_shape()
        return (
            f"AugmentedSequence({len(self.source)} images of {height}×{width}×{channels}, {len(self)} batches of "
            f"{self.batch_size}, augment={list(self.pipeline.transforms)}, seed={self.seed}, epoch={self._epoch})"
        )


def _source(x: Any, color_mode: str | None, data_format: str, one_size: bool) -> Source:
    """Chooses the source by what `x` is."""
    names_files = _names_files(x)
    if color_mode is not None:
        checks.one_of("color_mode", color_mode, tuple(COLOR_MODES))
        if not names_files:
            raise ValueError(f"`color_mode` is for picture files; arrays keep their channels. Received: {color_mode!r}")
    if names_files:
        return FileSource(list(x), color_mode or "rgb", one_size)
    if not (hasattr(x, "shape") and hasattr(x, "dtype") and hasattr(x, "__getitem__")):
        raise TypeError(
            "`x` must be an array of images (rank 4; of a list of arrays, `np.stack(x)`) or a list of picture files. "
            f"Received: x of type {type(x).__module__}.{type(x).__qualname__}"
        )
    return ArraySource(x, data_format == "channels_first")


def _names_files(x: Any) -> bool:
    """Whether `x` is a list (or a flat array or column) of paths."""
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        return len(x.shape) == 1 and all(isinstance(path, str | os.PathLike) for path in x)
    return isinstance(x, list | tuple) and all(isinstance(path, str | os.PathLike) for path in x)


def _targets(name: str, value: Any, count: int) -> NDArray[Any] | None:
    """Returns a column of the data set as an array, checked."""
    if value is None:
        return None
    if isinstance(value, dict):
        raise TypeError(f"`{name}` must be an array or a list with one entry per image. Received: a dict")
    checks.unmasked(name, value)
    try:
        array = np.asarray(value)
    except ValueError as error:  # a ragged list
        raise ValueError(f"`{name}` must be an array or a list with one entry per image: {error}") from None
    if array.dtype.kind not in "biuf":
        raise TypeError(f"`{name}` must hold numbers. Received: {name} of dtype {array.dtype}")
    if array.ndim == 0 or len(array) != count:
        received = "a single number" if array.ndim == 0 else f"{len(array)}"
        raise ValueError(f"`{name}` must have one entry for each of the {count} images in `x`. Received: {received}")
    return array
