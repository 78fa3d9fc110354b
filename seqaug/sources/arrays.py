"""Images in an array, in memory or behind anything that is indexed by row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.buffers import SOURCE_DTYPES


class ArraySource:
    """The images of an array `x` of rank 4.

    Args:
        x: `(n, height, width, channels)`, or `(n, channels, height, width)`; a NumPy array, or anything with `shape`,
            `dtype` and row indexing (a memory map, an HDF5 or Zarr data set). Rows are read when they are needed.
        channels_first: Whether the channels come before height and width.

    Raises:
        ValueError: `x` is not of rank 4, or holds no pixels.
        TypeError: The dtype is not taken.
    """

    def __init__(self, x: Any, channels_first: bool) -> None:
        if len(x.shape) != 4:
            hint = " Add the channel axis: x[..., None]." if len(x.shape) == 3 else ""
            raise ValueError(
                "`x` must be of rank 4, (images, height, width, channels); grayscale images have one channel. "
                f"Received: x.shape={tuple(x.shape)}.{hint}"
            )
        if 0 in x.shape:
            raise ValueError(f"`x` must hold at least one image, and no empty ones. Received: x.shape={tuple(x.shape)}")
        self.dtype = str(np.dtype(x.dtype).newbyteorder("="))
        if self.dtype not in SOURCE_DTYPES:
            raise TypeError(
                f"`x` must be of dtype {', '.join(SOURCE_DTYPES)}; convert it, for example with "
                f"`x.astype('float32')`. Received: x.dtype={x.dtype}"
            )
        self.x = x
        self.axes = (1, 2, 0) if channels_first else (0, 1, 2)
        height, width, channels = (int(x.shape[1 + axis]) for axis in self.axes)
        self.shape = height, width, channels

    def __len__(self) -> int:
        return len(self.x)

    def read(self, ids: Sequence[int]) -> list[NDArray[Any]]:
        """Returns views of these images where `x` gives views."""
        return [np.asarray(self.x[i]).transpose(self.axes) for i in ids]
