"""Pixels as the kernels take them, and memory for finished batches."""

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqaug import _core

SOURCE_DTYPES = ("uint8", "uint16", "int16", "int32", "float32", "float64")
MASK_DTYPES = ("bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float32", "float64")


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
    count: int, size: tuple[int, int], channels: int, dtype: DTypeLike, channels_first: bool
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Returns an aligned batch in one of the two layouts, and a view of it as (count, height, width, channels)."""
    if channels_first:
        array = aligned((count, channels, *size), dtype)
        return array, array.transpose(0, 2, 3, 1)
    array = aligned((count, *size, channels), dtype)
    return array, array


def readable(image: NDArray[Any]) -> NDArray[Any]:
    """Returns the image as the kernels take it: a plain array, in native byte order, aligned. Copies if it must."""
    array = np.asarray(image)
    native = array.dtype.newbyteorder("=")
    return array if array.dtype == native and array.flags.aligned else array.astype(native)
