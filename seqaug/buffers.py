"""Pixels as the kernels take them, and memory for finished batches."""

import functools
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqaug import _core

SOURCE_DTYPES = ("uint8", "uint16", "int16", "int32", "float32", "float64")
MASK_DTYPES = ("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float32", "float64")


@dataclass(frozen=True, eq=False)
class Rows:
    """Images that are rows of one array, in any order: as good as a list of them, without an object for each.

    Args:
        array: `(N, height, width, channels)`, as the kernels take it.
        rows: `(n,)` int64, each from 0 to N - 1.
    """

    array: NDArray[Any]
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, array: NDArray[Any]) -> "Rows":
        """Returns all images of an array."""
        return cls(array, np.arange(len(array)))

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, place: int) -> NDArray[Any]: ...
    @overload
    def __getitem__(self, place: slice) -> "Rows": ...
    def __getitem__(self, place: int | slice) -> "NDArray[Any] | Rows":
        if isinstance(place, slice):
            return Rows(self.array, np.ascontiguousarray(self.rows[place]))
        image: NDArray[Any] = self.array[self.rows[place]]
        return image

    def __iter__(self) -> Iterator[NDArray[Any]]:
        return (self.array[row] for row in self.rows.tolist())


Images = list[NDArray[Any]] | Rows


def aligned(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    """Returns an uninitialised C-contiguous array that starts at a multiple of 64 bytes.

    TensorFlow takes such an array as it is and copies any other. NumPy's own large arrays start 16 bytes past a page.
    The memory is that of an earlier array of this size, if there was one of which no view is left.

    Raises:
        MemoryError: There is not enough memory.
    """
    dtype = np.dtype(dtype)
    size = math.prod(shape) * dtype.itemsize
    try:
        memory = memoryview(_core.Block(size))
    except (MemoryError, OverflowError):
        raise MemoryError(f"Cannot allocate {size} bytes for an array of shape {shape} and dtype {dtype}.") from None
    return np.frombuffer(memory, dtype).reshape(shape)


def batch(
    count: int,
    size: tuple[int, int],
    channels: int,
    dtype: DTypeLike,
    channels_first: bool,
    depth: int | None = None,
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Returns an aligned batch in one of the two layouts, and a view of it as (count, height, width, channels)."""
    if channels_first:
        array = aligned((count, channels, *size), dtype)
        return array, array.transpose(0, 2, 3, 1)
    if depth is not None:
        array = aligned((count, depth, *size, channels), dtype)
        return array, array.reshape(-1, *size, channels)
    array = aligned((count, *size, channels), dtype)
    return array, array


def shapes_of(images: Images) -> NDArray[np.int64]:
    """Returns the shapes of images, `(n, 3)`."""
    if isinstance(images, Rows):
        return np.full((len(images), 3), images.array.shape[1:])
    return np.array([image.shape for image in images], np.int64)


def dtypes_of(images: Any) -> set[str]:
    """Returns the names of the dtypes that images have, in one array or in a list."""
    return {_name_of(array.dtype) for array in _whole(images)}


@functools.lru_cache(64)
def _name_of(dtype: np.dtype[Any]) -> str:
    return str(dtype.newbyteorder("="))


def overlaps(images: Any, out: NDArray[Any]) -> bool:
    """Whether an image may lie in the memory of `out`."""
    return any(np.may_share_memory(image, out) for image in _whole(images))


def _whole(images: Any) -> Any:
    """Returns the arrays that images are in: one, or a list."""
    return [images] if isinstance(images, np.ndarray) else images


def all_readable(images: Images | Sequence[NDArray[Any]] | NDArray[Any]) -> Images:
    """Returns images, a list or an array of them, as the kernels take them; see `readable`."""
    if isinstance(images, Rows):
        return images
    if isinstance(images, np.ndarray) and images.ndim == 4:
        return Rows.of(readable(images))
    return [readable(image) for image in images]


def readable(image: NDArray[Any]) -> NDArray[Any]:
    """Returns the image as the kernels take it: a plain array, in native byte order, aligned. Copies if it must."""
    array = np.asarray(image)
    good = array.dtype.isnative and array.flags.aligned
    return array if good else array.astype(array.dtype.newbyteorder("="))
