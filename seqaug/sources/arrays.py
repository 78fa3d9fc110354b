"""Images and masks in arrays, in memory or behind anything that is indexed by row."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks, volumes
from seqaug.buffers import MASK_DTYPES, SOURCE_DTYPES, Images, Rows, aligned, readable
from seqaug.sources.runs import Run, rows_decoded_at_once, runs_of, single
from seqaug.sources.stores import Handle


class Column:
    """An array that is read by rows, when they are needed.

    Arrays in memory and memory maps are read from where they are. Of all others the rows are read in ascending order,
    each once, and together where they are neighbours or in one chunk, if the array can be told to know slices: it is
    NumPy's, or has `chunks` as HDF5 data sets and Zarr arrays do.

    Args:
        name: What messages call the array.
        array: A NumPy array, or anything with `shape`, `dtype` and row indexing (a memory map, an HDF5 or Zarr data
            set).
        dtypes: The names of the dtypes that are taken.
        has_depth: Whether rows are volumes, and read as their slices.

    Raises:
        TypeError: The dtype is not taken, or entries are masked.
    """

    def __init__(self, name: str, array: Any, dtypes: Sequence[str], has_depth: bool = False) -> None:
        checks.unmasked(name, array)
        self.name = name
        self.handle = Handle(name, array)
        self.shape = tuple(int(extent) for extent in array.shape)
        self.dtype = _dtype(name, array.dtype, dtypes)
        self.has_depth = has_depth
        # Kernels take the rows of such an array from where they are, with no look at each.
        self.in_place = type(array) in (np.ndarray, np.memmap) and array.dtype.isnative and array.flags.aligned
        self.knows_slices = isinstance(array, np.ndarray) or hasattr(array, "chunks")
        self.chunk = rows_decoded_at_once(array)

    def read(self, ids: Sequence[int], axes: tuple[int, int, int]) -> Images:
        """Returns rows as `(height, width, channels)`, which are these of their axes; views if the array gives views.

        Raises:
            ValueError: A row is not what the array's `shape` and `dtype` say, or the array's file has been closed.
            OSError: The array's file cannot be opened in this process.
        """
        if self.in_place:
            array, rows = np.asarray(self.handle.get()), np.array(ids, np.int64)
        else:
            array, rows = self._read(ids)
        if self.has_depth:
            return volumes.slices(array[..., None] if array.ndim == 4 else array, rows)
        pixels = array[..., None] if array.ndim == 3 else array.transpose(0, *(axis + 1 for axis in axes))
        return Rows(pixels, rows)

    def _read(self, ids: Sequence[int]) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Returns an array of the rows that are asked for, each once, and which of them stands where."""
        array = self.handle.get()
        rows, places = np.unique(np.array(ids, np.int64), return_inverse=True)
        row_bytes = math.prod(self.shape[1:]) * np.dtype(self.dtype).itemsize
        runs = runs_of(rows, self.chunk, row_bytes) if self.knows_slices else single(rows)
        if len(runs) == 1 and not runs[0].has_gaps:
            return readable(self._block(array, runs[0])), places
        result = aligned((len(rows), *self.shape[1:]), self.dtype)
        for run in runs:
            block = self._block(array, run)
            result[run.place : run.place + len(run.rows)] = block[run.rows - run.first] if run.has_gaps else block
        return result, places

    def _block(self, array: Any, run: Run) -> NDArray[Any]:
        """Returns the rows from the first one of a run to its last one."""
        if self.knows_slices:
            where, block = f"{run.first}:{run.last}", np.asarray(array[run.first : run.last])
            shape: tuple[int, ...] = (run.last - run.first, *self.shape[1:])
        else:
            where, block, shape = str(run.first), np.asarray(array[run.first]), self.shape[1:]
        if block.shape != shape or block.dtype.newbyteorder("=") != self.dtype:
            raise ValueError(
                f"`{self.name}[{where}]` must be of shape {shape} and dtype {self.dtype}, as `{self.name}.shape` "
                f"and `{self.name}.dtype` say. Received: shape {block.shape} and dtype {block.dtype}"
            )
        return block if self.knows_slices else block[None]


class ArraySource:
    """The images of an array of rank 4, or the volumes of one of rank 5.

    Args:
        x: `(n, height, width, channels)`, or `(n, channels, height, width)`, or `(n, depth, height, width, channels)`.
        channels_first: Whether the channels come before height and width.
        name: What messages call the array.

    Raises:
        ValueError: `x` is not of rank 4 or 5, or holds no pixels, or volumes have their channels first.
        TypeError: The dtype is not taken.
    """

    def __init__(self, x: Any, channels_first: bool, name: str = "x") -> None:
        if len(x.shape) not in (4, 5):
            hint = f" Add the channel axis: {name}[..., None]." if len(x.shape) == 3 else ""
            raise ValueError(
                f"`{name}` must be of rank 4, (images, height, width, channels), or 5 with a depth before the height; "
                "grayscale images have one channel. "
                f"Received: {name}.shape={tuple(x.shape)}.{hint}"
            )
        if 0 in x.shape:
            raise ValueError(
                f"`{name}` must hold at least one image, and no empty ones. Received: {name}.shape={tuple(x.shape)}"
            )
        self.column = Column(name, x, SOURCE_DTYPES, has_depth=len(x.shape) == 5)
        self.dtype = self.column.dtype
        self.axes = (1, 2, 0) if channels_first else (0, 1, 2)
        self.depth = self.column.shape[1] if len(x.shape) == 5 else None
        if self.depth is not None and channels_first:
            raise ValueError(
                f"Volumes must have their channels last: `np.moveaxis({name}, 1, -1)`. "
                f'Received: data_format="channels_first" and {name}.shape={self.column.shape}'
            )
        height, width, channels = (self.column.shape[-3:][axis] for axis in self.axes)
        self.shape = height, width, channels

    def __len__(self) -> int:
        return self.column.shape[0]

    def first(self) -> NDArray[Any]:
        """Returns the first image."""
        return self.read([0])[0]

    def read(self, ids: Sequence[int]) -> Images:
        """Returns views of these images where `x` gives views.

        Raises:
            ValueError: A row of `x` is not what its `shape` and `dtype` say.
        """
        return self.column.read(ids, self.axes)


class MaskSource:
    """The masks of an array, one per image.

    Args:
        values: `(n, height, width)`, or `(n, height, width, channels)`, or `(n, channels, height, width)`; of volumes,
            with their depth.
        channels_first: Whether the channels come before height and width.
        name: What messages call the array.
        depth: Of the volumes, None for images.

    Raises:
        ValueError: `values` is of another rank or depth, or holds no pixels.
        TypeError: `values` is no array, or its dtype is not taken.
    """

    def __init__(self, values: Any, channels_first: bool, name: str, depth: int | None = None) -> None:
        if not (hasattr(values, "shape") and hasattr(values, "dtype") and hasattr(values, "__getitem__")):
            raise TypeError(
                f"`{name}` must be an array of masks (of a list of arrays, `np.stack({name})`), or a list of files. "
                f"Received: {name} of type {type(values).__name__}"
            )
        rank, axes = (3, "(images, height, width)") if depth is None else (4, f"(volumes, {depth}, height, width)")
        if len(values.shape) not in (rank, rank + 1) or (depth is not None and values.shape[1] != depth):
            raise ValueError(
                f"`{name}` must be of rank {rank} or {rank + 1} to be a segmentation mask, {axes} with or without "
                f"channels. Received: {name}.shape={tuple(values.shape)}"
            )
        if 0 in values.shape[1:]:
            raise ValueError(f"`{name}` must not hold empty masks. Received: {name}.shape={tuple(values.shape)}")
        self.column = Column(name, values, MASK_DTYPES, has_depth=depth is not None)
        self.dtype = self.column.dtype
        self.plain = len(values.shape) == rank
        self.axes = (1, 2, 0) if channels_first else (0, 1, 2)
        extents = (*self.column.shape[-2:], 1) if self.plain else [self.column.shape[-3:][axis] for axis in self.axes]
        self.shape = int(extents[0]), int(extents[1]), int(extents[2])

    def __len__(self) -> int:
        return self.column.shape[0]

    def read(self, ids: Sequence[int]) -> Images:
        """Returns these masks, `(height, width, channels)` each."""
        return self.column.read(ids, self.axes)


def _dtype(name: str, given: Any, allowed: Sequence[str]) -> str:
    """The name of a dtype, which must be one that is taken."""
    try:
        native = str(np.dtype(given).newbyteorder("="))
    except TypeError:  # a tensor's
        raise TypeError(
            f"`{name}` must have a NumPy dtype; convert it: `np.asarray({name})`. Received: {name}.dtype={given}"
        ) from None
    if native not in allowed:
        raise TypeError(
            f"`{name}` must be of dtype {', '.join(allowed)}; convert it, for example with "
            f"`{name}.astype('float32')`. Received: {name}.dtype={given}"
        )
    return native
