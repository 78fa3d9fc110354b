"""Decoded pictures that are kept, in memory or in a folder, so that no picture is decoded twice."""

import os
from typing import Any, Protocol

from numpy.typing import NDArray

from seqaug.sources.cache.disk import DiskCache
from seqaug.sources.cache.memory import MemoryCache

__all__ = ["Cache", "DiskCache", "MemoryCache", "open_cache"]


class Cache(Protocol):
    """Keeps what a decoder made of the files of one data set. Any thread may call any method.

    `count` is how many files the data set has, 0 if that is not known; whoever opens the cache sets it. A name always
    comes with the same path.
    """

    count: int

    def get(self, name: bytes, path: str | bytes) -> NDArray[Any] | None:
        """Returns the picture that was put under a name, `(height, width, channels)`, read-only.

        None, if there is none, or the file at `path` has another size or time than the one it was made of. That is
        looked up once for each opening of the cache.

        Raises:
            OSError: It is time to commit, and there is no room; see `put`.
        """

    def put(self, name: bytes, path: str, picture: NDArray[Any], stat: os.stat_result) -> None:
        """Keeps a picture.

        Args:
            name: Any bytes but NUL, of any length.
            path: The file that it was made of.
            picture: `(height, width, channels)`, of one of `seqaug.buffers.MASK_DTYPES`. It is copied.
            stat: The file's status, taken before it was read.

        Raises:
            TypeError: The picture is of another dtype.
            ValueError: It has another number of axes, or there is a NUL in the name.
            OSError: There is no room for it. What was kept before stays.
        """

    def flush(self) -> None:
        """Makes everything put so far last, and visible to other processes.

        Raises:
            OSError: There is no room for it.
        """


def open_cache(where: str | os.PathLike[str] | None, settings: dict[str, Any]) -> Cache | None:
    """Opens or begins a cache.

    Args:
        where: `"memory"`, a folder, or None for no cache. The folder may be new, empty or hold a cache, in which
            pictures of several settings lie side by side.
        settings: What decides the pictures beside the files, as plain values for JSON: the decoder's.

    Raises:
        TypeError: `where` is none of these, or `settings` cannot be written as JSON.
        ValueError: The folder holds other things than a cache.
        OSError: The folder is a file, or cannot be made or read.
    """
    if where is None:
        return None
    if not isinstance(where, (str, os.PathLike)) or not os.fspath(where):
        raise TypeError(f'`cache` must be None, "memory" or the name of a folder. Received: {where!r}')
    return MemoryCache(settings) if where == "memory" else DiskCache(where, settings)
