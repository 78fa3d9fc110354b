"""One segment as it is read: immutable, and checked before anything is taken from it."""

import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.sources.cache.format import (
    DTYPES,
    ENTRY,
    HALVES,
    PACKED,
    PIXELS_AT,
    DamagedError,
    Entry,
    file_of,
    key_of,
    read_flat,
)

UNKNOWN, GOOD, BAD = range(3)  # what is known of an entry since the segment was opened
_PADDED = {code.ljust(8, b"\0"): dtype for code, dtype in DTYPES.items()}


class Segment:
    """A segment that is complete on disk. Its pixels are mapped when the first picture is asked for.

    `states` has a byte for each entry, which whoever checks one sets.

    Args:
        folder: Where its files are.
        id_: What their names begin with.
        state: What is known of the entries.

    Raises:
        OSError: A file cannot be opened.
        DamagedError: The index is not whole, or names bytes that are not there.
    """

    def __init__(self, folder: Path, id_: str, state: int = UNKNOWN) -> None:
        self.folder, self.id = folder, id_
        self.index = read_flat(file_of(folder, id_, "index"), ENTRY)
        self.bytes = file_of(folder, id_, "pixels").stat().st_size - PIXELS_AT
        self._check()
        self.states = bytearray([state]) * len(self.index)
        self._rows = self.index.view(np.uint8).data if len(self.index) else memoryview(b"")
        self._pixels: NDArray[np.uint8] | None = None

    def __len__(self) -> int:
        return len(self.index)

    def entry(self, row: int) -> Entry:
        """Returns a row of the index."""
        return Entry._make(PACKED.unpack_from(self._rows, row * PACKED.size))

    def picture(self, entry: Entry) -> NDArray[Any]:
        """Returns a picture, `(height, width, channels)`, read-only, in the map.

        Raises:
            OSError: The file cannot be opened.
            DamagedError: It is not whole.
        """
        if self._pixels is None:
            self._pixels = self._map()
        shape = entry.height, entry.width, entry.channels
        return np.ndarray(shape, _PADDED[entry.dtype], self._pixels, entry.offset)

    def is_whole(self, entry: Entry) -> bool:
        """Whether a picture's bytes are those that were written."""
        return checksum(self.picture(entry)) == entry.crc32

    def wrong_names(self) -> int:
        """Returns how many names do not lead to their entries.

        Raises:
            OSError: The file cannot be opened.
            DamagedError: It is not whole.
        """
        names = read_flat(file_of(self.folder, self.id, "names"), np.uint8).tobytes().split(b"\0")[:-1]
        if len(names) != len(self):
            raise DamagedError(f"{self.id}.names.npy holds {len(names)} names in place of {len(self)}")
        keys = (self.entry(row)[:2] for row in range(len(self)))
        return sum(HALVES.unpack(key_of(name)) != key for name, key in zip(names, keys, strict=True))

    def pixel_bytes(self) -> NDArray[np.int64]:
        """Returns how many bytes each picture has, `(pictures,)`."""
        return self._measure().astype(np.int64)

    def _map(self) -> NDArray[np.uint8]:
        path = file_of(self.folder, self.id, "pixels")
        pixels = read_flat(path, np.uint8)
        if len(pixels) != self.bytes:
            raise DamagedError(f"{path.name} is not the file that it was")
        return pixels

    def _check(self) -> None:
        """Looks at every entry, so that none can lead out of the file. The pixels themselves are read later."""
        offset, ends = self.index["offset"], self.index["offset"] + self._measure()
        right = (offset >= 0) & (ends <= self.bytes)  # not so for NaN
        if not right.all():
            raise DamagedError(
                f"{self.id}.index.npy names {np.count_nonzero(~right)} pictures that {self.id}.pixels.npy cannot hold"
            )
        first = self.index["key"][:, 0]
        if (first[1:] < first[:-1]).any():
            raise DamagedError(f"{self.id}.index.npy is not sorted")

    def _measure(self) -> NDArray[np.float64]:
        """The bytes of each picture, in a type that nothing makes overflow; NaN for a dtype that there is not."""
        codes = self.index["dtype"].copy().view("<u8")
        item = np.full(len(codes), np.nan)
        for code, dtype in _PADDED.items():
            item[codes == int.from_bytes(code, "little")] = dtype.itemsize
        for side in ("height", "width", "channels"):
            item *= self.index[side]
        return item


def checksum(picture: NDArray[Any]) -> int:
    """Returns the CRC-32 of a C-contiguous picture's bytes."""
    return zlib.crc32(picture.reshape(-1).view(np.uint8).data)
