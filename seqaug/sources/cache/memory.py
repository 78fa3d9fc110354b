"""A cache in the memory of this process."""

import os
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.sources.cache.disk import check_picture

_ENOUGH = 16  # pictures, to tell from how large the others are


class MemoryCache:
    """Pictures as arrays; see `Cache`. A forked child goes on with what there is; it pickles empty.

    Args:
        settings: What decides the pictures; all pictures in it are of these.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings
        self.count = 0
        self.bytes = 0  # held
        self._pictures: dict[bytes, NDArray[Any]] = {}
        self._warned = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._pictures)

    def get(self, name: bytes, path: str | bytes) -> NDArray[Any] | None:  # noqa: ARG002
        """See `Cache.get`."""
        return self._pictures.get(name)

    def put(self, name: bytes, path: str, picture: NDArray[Any], stat: os.stat_result) -> None:  # noqa: ARG002
        """See `Cache.put`.

        Warns:
            UserWarning: All `count` pictures will not fit into memory, if they are like those so far. Said once.
        """
        check_picture(name, picture)
        own = np.array(picture, order="C")
        own.flags.writeable = False
        with self._lock:
            held = self._pictures.get(name)
            self.bytes += own.nbytes - (0 if held is None else held.nbytes)
            self._pictures[name] = own
            number, size = len(self._pictures), self.bytes
            # At 16, 32, 64 … pictures: what is asked takes longer than storing one.
            ask = not self._warned and self.count > number >= _ENOUGH and number & (number - 1) == 0
        if ask:
            self._compare(size / number)

    def flush(self) -> None:
        """See `Cache.flush`: there is nothing to do."""

    def __reduce__(self) -> tuple[Any, ...]:
        return MemoryCache, (self.settings,)

    def _compare(self, mean: float) -> None:
        available = available_memory()
        needed = mean * self.count
        if available is None or needed <= available + self.bytes:
            return
        self._warned = True
        warnings.warn(
            f'`cache="memory"` will need about {needed / 2**30:,.1f} GiB for {self.count:,} such pictures, '
            f"and {(available + self.bytes) / 2**30:,.1f} GiB are available. Name a folder as `cache`, or keep smaller "
            "pictures with `cache_size=(height, width)`.",
            stacklevel=3,
        )


def available_memory() -> int | None:
    """Returns how many bytes this process may still use, by the system and its control group (version 2), if known."""
    found = [number for number in (_of_system(), _of_group()) if number is not None]
    return min(found, default=None)


def _of_system() -> int | None:
    """What is free or can be freed; where that is not told, all memory that there is."""
    try:
        lines = dict(line.split(":") for line in Path("/proc/meminfo").read_text().splitlines())
        return int(lines["MemAvailable"].split()[0]) * 1024
    except (OSError, LookupError, ValueError):
        pass
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_group() -> int | None:
    """The group's limit without what is held; what can be read from files again does not count."""
    group = Path("/sys/fs/cgroup")
    try:
        limit = int((group / "memory.max").read_text())  # "max" where there is none
        held = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
        return max(0, limit - int(held["anon"]))
    except (OSError, LookupError, ValueError):
        return None
