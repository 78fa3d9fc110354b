"""The rows of a batch for threads that share it, each of which asks for a part."""

from collections.abc import Callable, Iterator
from typing import Any

from numpy.typing import NDArray

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


def portions(source: Source, part: Parts, rows: list[int], first: int, last: int) -> Iterator[tuple[int, int, Images]]:
    """Yields the images of a thread's part of a batch, as `part` gives them, in portions: (first, last, images).

    Of files that are decoded a portion is so much that its pixels are still near when they are used, and that their
    memory is taken for the next ones. Pictures from a cache make no pixels: a portion has any number of them, as it has
    all images of other sources.
    """
    if not isinstance(source, FileSource):
        yield first, last, part(first, last)
        return
    images: list[NDArray[Any]] = []
    made = 0
    for end, row in enumerate(rows[first:last], first + 1):
        image, fresh = source.take(row)
        images.append(image)
        made += image.nbytes if fresh else 0
        if made + image.nbytes > _NEAR or end == last:
            yield end - len(images), end, all_readable(images)
            images, made = [], 0
