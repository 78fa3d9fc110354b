"""Filling a cache in one go."""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from seqaug.sources.cache import Cache
from seqaug.sources.decode import BrokenPicture, passes
from seqaug.sources.paths import Paths
from seqaug.threads import available_cpus


@dataclass
class Filled:
    """What came of filling a cache.

    Attributes:
        made: How many pictures were decoded and put into it.
        held: How many were in it.
        broken: The files that could not be read, with the reason, in the order of the files.
    """

    made: int = 0
    held: int = 0
    broken: list[tuple[str, str]] = field(default_factory=list)


def fill(
    paths: Paths,
    decoder: Callable[[str], NDArray[Any]],
    cache: Cache,
    threads: int | None = None,
    progress: Callable[[], None] | None = None,
) -> Filled:
    """Puts all pictures into a cache that are not yet in it, in the order of the files, and flushes it.

    However this ends, by an error or by Ctrl-C, what has been made is kept.

    Args:
        paths: The files, which are kept under their keys.
        decoder: Makes `(height, width, channels)` of a file. Called from many threads; a ValueError or OSError says
            that the file is broken, unless it came for want of memory or descriptors.
        cache: Takes the pictures.
        threads: How many; None means one for each CPU that this process may use.
        progress: Called once for each picture, in any thread.

    Raises:
        OSError: There is no room in the cache, or there were too few descriptors for a picture.
        BrokenPicture: There was no memory for one.
    """
    work = _Work(paths, decoder, cache, progress)
    count = max(1, min(available_cpus() if threads is None else threads, len(paths)))
    # The main thread, which Ctrl-C interrupts, only waits: no picture and no segment is lost half-way.
    with ThreadPoolExecutor(count, thread_name_prefix="seqaug-fill") as pool:
        futures = [pool.submit(work.run) for _ in range(count)]
        try:
            wait(futures)
        finally:
            work.stop()
            wait(futures)
            cache.flush()
    for future in futures:
        future.result()
    broken = [(paths[number], reason) for number, reason in sorted(work.broken)]
    return Filled(work.made, work.held, broken)


class _Work:
    """Pictures that threads take one by one, so that all are busy until the end and files are read in their order."""

    def __init__(
        self,
        paths: Paths,
        decoder: Callable[[str], NDArray[Any]],
        cache: Cache,
        progress: Callable[[], None] | None,
    ) -> None:
        self._paths, self._decoder, self._cache, self._progress = paths, decoder, cache, progress
        self.made = self.held = 0
        self.broken: list[tuple[int, str]] = []
        self._next = 0
        self._lock = threading.Lock()

    def stop(self) -> None:
        """Lets each thread finish its picture and take no other."""
        with self._lock:
            self._next = len(self._paths)

    def run(self) -> None:
        """Takes pictures until there are no more; an error stops the other threads too."""
        try:
            while True:
                with self._lock:
                    number = self._next
                    if number >= len(self._paths):
                        return
                    self._next += 1
                self._one(number)
                if self._progress is not None:
                    self._progress()
        finally:
            self.stop()

    def _one(self, number: int) -> None:
        name, path = self._paths.key(number), self._paths[number]
        if self._cache.get(name, path) is not None:
            with self._lock:
                self.held += 1
            return
        stat = _status(path)
        try:
            picture = self._decoder(path)
        except (OSError, ValueError) as error:
            if passes(error):
                raise
            with self._lock:
                self.broken.append((number, error.reason if isinstance(error, BrokenPicture) else str(error)))
            return
        if stat is not None:
            self._cache.put(name, path, picture, stat)
        with self._lock:
            self.made += 1


def _status(path: str) -> os.stat_result | None:
    """The file's status; None if there is none, and the decoder will say why."""
    try:
        return os.stat(path)  # noqa: PTH116 (paths are strings)
    except OSError:
        return None
