"""The rows of a batch for threads that share it, each of which asks for a part."""

from collections.abc import Callable

import numpy as np

from seqaug.buffers import Images, all_readable
from seqaug.sources import Masks, Source
from seqaug.sources.arrays import ArraySource, MaskSource
from seqaug.sources.files import FileSource

# Called as part(first, last) for a part of the rows; of volumes it gives the slices.
Parts = Callable[[int, int], Images]

_NEAR = 5 << 19  # bytes of pixels that stay in a processor's cache until they are used


def parts_of(source: Source | Masks, rows: list[int]) -> Parts:
    """Returns what gives the images of parts of a batch, as the kernels take them. May be called by many threads.

    Files are read by the thread that asks, and arrays in memory not at all. The rows of a store are read at once: two
    threads would read a chunk twice that they share, and HDF5 lets only one of them read anyway.
    """
    if isinstance(source, ArraySource | MaskSource) and not source.column.in_place:
        images, slices = all_readable(source.read(rows)), source.column.shape[1] if source.column.has_depth else 1
        return lambda first, last: images[first * slices : last * slices]
    return lambda first, last: all_readable(source.read(rows[first:last]))


def at_once(source: Source) -> int | None:
    """Returns how many images a thread reads before it uses them; None for all, where reading makes no pixels.

    Of files they are so few that their pixels are still near then, and that their memory is taken for the next ones.
    The first picture's size stands for all.
    """
    if not isinstance(source, FileSource):
        return None
    height, width, channels = source.shape
    return max(1, _NEAR // (height * width * channels * np.dtype(source.dtype).itemsize))
