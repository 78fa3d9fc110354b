"""Where a name's picture lies among all segments of a folder, those of other processes included."""

import logging
import os
import threading
import time
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.sources.cache.format import HALVES, OURS, DamagedError, Entry
from seqaug.sources.cache.segments import BAD, GOOD, Segment

_LOG = logging.getLogger("seqaug")
# A folder may change twice at what its file system gives as one time: a tick of the clock, or two seconds in old ones.
_TICK, _COARSE = 20_000_000, 2_000_000_000  # ns


class _Table:
    """The entries of some segments, sorted by the first half of their keys; of equal ones the newest comes first."""

    def __init__(self, segments: tuple[Segment, ...]) -> None:
        self.segments = segments  # the newest first
        keys: NDArray[np.uint64] = np.concatenate([segment.index["key"][:, 0] for segment in segments])
        self._order: NDArray[np.uint32] = np.argsort(keys, kind="stable").astype(np.uint32)
        self._keys = keys[self._order].data
        ends = np.cumsum([len(segment) for segment in segments]).tolist()
        self._starts = [0, *ends[:-1]]

    def __len__(self) -> int:
        return len(self._keys)

    def find(self, first: int, second: int) -> Iterator[tuple[Segment, int, Entry]]:
        """Yields where the entries with this key are: the segment, and the row in it."""
        place = bisect_left(self._keys, first)
        while place < len(self._keys) and self._keys[place] == first:
            number = int(self._order[place])
            which = bisect_right(self._starts, number) - 1
            segment, row = self.segments[which], number - self._starts[which]
            entry = segment.entry(row)
            if entry.second == second:
                yield segment, row, entry
            place += 1


class Lookup:
    """The committed pictures of a folder. Any thread may call any method.

    New segments join as tables of their own, and tables of like size are put together: there are few of them, and
    a thousand segments that come one by one do not cost a thousand times sorting all. It takes 12 bytes an entry.

    Args:
        folder: Where the segments are; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._tables: tuple[_Table, ...] = ()  # the newest last; replaced as a whole, so that reading takes no lock
        self._known: set[str] = set()
        self._warned: set[str] = set()
        self._seen = -1  # the folder's time of change
        self._lock = threading.Lock()
        self.refresh()

    def find(self, key: bytes, path: str | bytes) -> NDArray[Any] | None:
        """Returns the newest picture under a key that was made of the file as it is, read-only, or None.

        The first time, the entry is compared with the file at `path` and the picture with its checksum.
        """
        first, second = HALVES.unpack(key)
        for table in reversed(self._tables):
            for segment, row, entry in table.find(first, second):
                state = segment.states[row]
                if state == BAD:
                    continue
                try:
                    if state != GOOD and not self._learn(segment, row, entry, path):
                        continue
                    return segment.picture(entry)
                except FileNotFoundError:  # the cache has been cleared
                    segment.states[row] = BAD
                except (OSError, DamagedError) as error:
                    segment.states[row] = BAD
                    self._warn(segment.id, str(error))
        return None

    def refresh(self) -> bool:
        """Takes in what other processes have committed, and returns whether there may be something new."""
        try:
            changed = os.stat(self.folder).st_mtime_ns  # noqa: PTH116 (for every picture that is not found)
        except OSError:
            return False
        if changed == self._seen:
            return False
        with self._lock:
            if changed != self._seen:
                self._load()
                width = _TICK if changed % 1_000_000 else _COARSE
                self._seen = changed if abs(time.time_ns() - changed) > width else -1
        return True

    def add(self, segment: Segment) -> None:
        """Takes in a segment of this process."""
        with self._lock:
            if segment.id not in self._known:
                self._known.add(segment.id)
                self._join([segment])

    def forget_locks(self) -> None:
        """Makes a forked child independent of a thread that it does not have."""
        self._lock = threading.Lock()

    def _learn(self, segment: Segment, row: int, entry: Entry, path: str | bytes) -> bool:
        """Checks an entry, and keeps what comes of it."""
        try:
            status = os.stat(path)  # noqa: PTH116 (for every picture)
        except OSError:
            return False  # whoever opens the file will say why
        fits = (status.st_size, status.st_mtime_ns) == (entry.size, entry.modified)
        if fits and not segment.is_whole(entry):
            fits = False
            self._warn(segment.id, f"{segment.id}.pixels.npy has changed since it was written")
        segment.states[row] = GOOD if fits else BAD
        return fits

    def _load(self) -> None:
        try:
            names = sorted(os.listdir(self.folder), reverse=True)  # noqa: PTH208 (thousands of names)
        except OSError:
            return
        fresh = []
        for name in names:
            match = OURS.fullmatch(name)
            if match is None or match.group(2, 3) != ("index", "npy") or match[1] in self._known:
                continue
            self._known.add(match[1])
            try:
                segment = Segment(self.folder, match[1])
            except (OSError, DamagedError) as error:
                if (self.folder / name).exists():  # and is not just being removed
                    self._warn(match[1], str(error))
                continue
            fresh.append(segment)
        self._join(fresh)

    def _join(self, segments: list[Segment]) -> None:
        segments = [segment for segment in segments if len(segment)]
        if not segments:
            return
        tables = [*self._tables, _Table(tuple(segments))]
        while len(tables) > 1 and 2 * len(tables[-1]) >= len(tables[-2]):
            newest, older = tables.pop(), tables.pop()
            tables.append(_Table(newest.segments + older.segments))
        self._tables = tuple(tables)

    def _warn(self, id_: str, reason: str) -> None:
        if id_ not in self._warned:
            self._warned.add(id_)
            _LOG.warning(
                "Pictures in the cache %r are damaged and are made again: %s. `seqaug cache check` tells more.",
                str(self.folder),
                reason,
            )
