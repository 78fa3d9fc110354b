"""One segment as it is written: pixels go straight to a file, and its names and index follow when it is complete."""

import os
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.sources.cache import locks
from seqaug.sources.cache.format import (
    ALIGNMENT,
    DTYPES,
    ENTRY,
    HALVES,
    PACKED,
    PARTS,
    PIXELS_AT,
    Entry,
    file_of,
    header,
    new_id,
)
from seqaug.sources.cache.segments import GOOD, Segment, checksum

_seeking = threading.Lock()  # where a system cannot read and write at a place


class SegmentWriter:
    """A segment of this process that grows. Its pictures can be read; others see them when it has been committed.

    The files are called `.tmp` until then, and the first of them is locked, so that others can tell whether anybody is
    still writing to it. Any thread may call any method, but `commit` and `close` once each, in this order.

    Args:
        folder: Where its files go.

    Raises:
        OSError: The file cannot be made.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.id, self._file = _begin(folder)
        self.bytes = 0  # with those that are just being written
        self._whole = 0  # up to the last that has been
        self._rows: list[tuple[Entry, bytes]] = []
        self._newest: dict[bytes, Entry] = {}
        self._condition = threading.Condition()
        self._writes = self._reads = 0
        self._sealed = self._closed = False

    def write(self, key: bytes, name: bytes, picture: NDArray[Any], size: int, modified: int) -> bool:
        """Appends a picture; returns False if no more are taken.

        Args:
            key: That of the name.
            name: Any bytes but NUL.
            picture: `(height, width, channels)` of a dtype in `DTYPES`, C-contiguous.
            size: That of the file, in bytes.
            modified: When the file was, in ns.

        Raises:
            OSError: The picture cannot be written; the segment is as it was before.
        """
        data = picture.reshape(-1).view(np.uint8)
        crc32 = checksum(picture)
        with self._condition:
            if self._sealed:
                return False
            held = self._newest.get(key)
            if held is not None and (held.size, held.modified) == (size, modified):
                return True
            offset = -(-self.bytes // ALIGNMENT) * ALIGNMENT
            self.bytes = offset + len(data)
            self._writes += 1
        height, width, channels = picture.shape
        code = picture.dtype.str.encode().ljust(8, b"\0")
        first, second = HALVES.unpack(key)
        entry = Entry(first, second, offset, size, modified, height, width, channels, crc32, code)
        written = False
        try:
            _write_at(self._file, data.data, PIXELS_AT + offset)
            written = True
        finally:
            with self._condition:
                self._writes -= 1
                if written:
                    self._rows.append((entry, name))
                    self._newest[key] = entry
                    self._whole = max(self._whole, offset + len(data))
                self._condition.notify_all()
        return True

    def read(self, key: bytes) -> NDArray[Any] | None:
        """Returns the picture that was written last under a key, read-only, or None.

        Raises:
            OSError: It cannot be read.
        """
        entry = self._newest.get(key)
        if entry is None:
            return None
        with self._condition:
            if self._closed:
                return None
            self._reads += 1
        try:
            picture = np.empty((entry.height, entry.width, entry.channels), DTYPES[entry.dtype.rstrip(b"\0")])
            _read_at(self._file, picture.reshape(-1).view(np.uint8).data, PIXELS_AT + entry.offset)
        finally:
            with self._condition:
                self._reads -= 1
                self._condition.notify_all()
        picture.flags.writeable = False
        return picture

    def commit(self) -> Segment | None:
        """Completes the segment, on disk, and returns it; None if there was nothing in it.

        Raises:
            OSError: It could not be, and there is nothing left of it.
        """
        with self._condition:
            self._sealed = True
            self._condition.wait_for(lambda: self._writes == 0)
        try:
            if not self._rows:
                self._remove()
                return None
            self._complete()
            return Segment(self.folder, self.id, GOOD)
        except BaseException:
            if not file_of(self.folder, self.id, "index").exists():
                self._remove()
            raise

    def close(self) -> None:
        """Closes the file, once nobody reads it any more."""
        with self._condition:
            self._closed = True
            self._condition.wait_for(lambda: self._reads == 0)
        self.forget()

    def forget(self) -> None:
        """Closes the file in a forked child, to whom it does not belong."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def _complete(self) -> None:
        rows = sorted(self._rows, key=lambda row: row[0].first)
        packed = b"".join(PACKED.pack(*entry) for entry, _ in rows)
        names = b"".join(name + b"\0" for _, name in rows)
        os.ftruncate(self._file, PIXELS_AT + self._whole)
        _write_at(self._file, memoryview(header(np.uint8, self._whole)), 0)
        os.fsync(self._file)
        self._write_part("names", header(np.uint8, len(names)) + names)
        self._write_part("index", header(ENTRY, len(rows)) + packed)
        if os.name == "nt":  # which gives no open file another name
            self.forget()
        for part in PARTS:  # the index last
            file_of(self.folder, self.id, part, "tmp").rename(file_of(self.folder, self.id, part))
        sync_folder(self.folder)

    def _write_part(self, part: str, content: bytes) -> None:
        with file_of(self.folder, self.id, part, "tmp").open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    def _remove(self) -> None:
        for part in reversed(PARTS):
            for ending in ("npy", "tmp"):
                file_of(self.folder, self.id, part, ending).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder last, where a system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _begin(folder: Path) -> tuple[str, int]:
    """Makes a file that is locked from the first, as far as anybody can see who removes what is not."""
    while True:
        id_ = new_id()
        flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        file = os.open(file_of(folder, id_, "pixels", "tmp"), flags, 0o666)
        if locks.take(file) and os.fstat(file).st_nlink > 0:
            return id_, file
        os.close(file)


def _write_at(file: int, data: memoryview, place: int) -> None:
    while len(data):
        if hasattr(os, "pwrite"):
            count = os.pwrite(file, data, place)
        else:
            with _seeking:
                os.lseek(file, place, os.SEEK_SET)
                count = os.write(file, data)
        data, place = data[count:], place + count


def _read_at(file: int, data: memoryview, place: int) -> None:
    while len(data):
        if hasattr(os, "preadv"):
            count = os.preadv(file, [data], place)
        else:
            with _seeking:
                os.lseek(file, place, os.SEEK_SET)
                part = os.read(file, len(data))
            count, data[: len(part)] = len(part), part
        if count == 0:
            raise OSError(f"The file of a cache that is being written has become shorter, at byte {place}")
        data, place = data[count:], place + count
