"""Images in an array, in memory or behind anything that is indexed by row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
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
        checks.unmasked("x", x)
        self.dtype = _dtype(x.dtype)
        self.x = x
        self.axes = (1, 2, 0) if channels_first else (0, 1, 2)
        self.row_shape = tuple(int(extent) for extent in x.shape[1:])
        height, width, channels = (self.row_shape[axis] for axis in self.axes)
        self.shape = height, width, channels

    def __len__(self) -> int:
        return int(self.x.shape[0])

    def read(self, ids: Sequence[int]) -> list[NDArray[Any]]:
        """Returns views of these images where `x` gives views.

        Raises:
            ValueError: A row of `x` is not what its `shape` and `dtype` say.
        """
        return [self._read(i) for i in ids]

    def _read(self, i: int) -> NDArray[Any]:
        row = np.asarray(self.x[i])
        if row.shape != self.row_shape or row.dtype.newbyteorder("=") != self.dtype:
            raise ValueError(
                f"`x[{i}]` must be of shape {self.row_shape} and dtype {self.dtype}, as `x.shape` and `x.dtype` say. "
                f"Received: shape {row.shape} and dtype {row.dtype}"
            )
        return row.transpose(self.axes)


def _dtype(given: Any) -> str:
    """The name of a dtype, which must be one that is taken."""
    try:
        name = str(np.dtype(given).newbyteorder("="))
    except TypeError:  # a tensor's
        raise TypeError(
            f"`x` must have a NumPy dtype; convert it: `np.asarray(x)`. Received: x.dtype={given}"
        ) from None
    if name not in SOURCE_DTYPES:
        raise TypeError(
            f"`x` must be of dtype {', '.join(SOURCE_DTYPES)}; convert it, for example with `x.astype('float32')`. "
            f"Received: x.dtype={given}"
        )
    return name
