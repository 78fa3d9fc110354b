"""How pictures lie on disk: three flat `.npy` files a segment, which NumPy opens by itself.

- `<id>.pixels.npy`: uint8, `(bytes,)`; the pictures' bytes one after the other, each from a multiple of 64 on, as they
  lie in memory: rows, then columns, then channels, little end first.
- `<id>.index.npy`: `ENTRY`, `(pictures,)`, sorted by the first half of the keys. Picture i is
  `pixels[offset:offset + bytes].view(dtype).reshape(height, width, channels)`. `size` and `modified` (in ns) are those
  of the file that it was read from, `crc32` is that of its bytes.
- `<id>.names.npy`: uint8, `(bytes,)`; the names in the order of the index, each with a NUL behind it. A key is
  `blake2b(name, digest_size=16)`.

The id begins with the time, so that ids sort as the segments were begun. Where there is an index, everything is there.
"""

import io
import os
import re
import secrets
import struct
import time
from hashlib import blake2b
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqaug import _core

ENTRY = np.dtype(
    [
        ("key", "<u8", (2,)),
        ("offset", "<i8"),
        ("size", "<i8"),
        ("modified", "<i8"),
        ("height", "<u4"),
        ("width", "<u4"),
        ("channels", "<u4"),
        ("crc32", "<u4"),
        ("dtype", "S8"),
    ]
)
PACKED = struct.Struct("<QQqqqIIII8s")  # the same
HALVES = struct.Struct("<QQ")  # of a key
ALIGNMENT = 64
PIXELS_AT = 128  # where the pixels begin in their file
_CODES = ("?", "u1", "<u2", "<u4", "<u8", "i1", "<i2", "<i4", "<i8", "<f4", "<f8")  # all that masks may be of
DTYPES = {np.dtype(code).str.encode(): np.dtype(code) for code in _CODES}
_COUNT = re.compile(rb"'shape': \((\d{1,18}),\)")  # in a header
PARTS = ("pixels", "names", "index")
OURS = re.compile(r"([0-9a-f]{16}-[0-9a-f]{16})\.(pixels|names|index)\.(npy|tmp)")


class Entry(NamedTuple):
    """A row of the index as plain values; `dtype` is padded with NULs to 8 bytes."""

    first: int
    second: int
    offset: int
    size: int
    modified: int
    height: int
    width: int
    channels: int
    crc32: int
    dtype: bytes


class DamagedError(Exception):
    """A file is not what was written; the message says in what."""


def key_of(name: bytes) -> bytes:
    """Returns the 16 bytes under which a name is looked up."""
    return blake2b(name, digest_size=16).digest()


def new_id() -> str:
    """Returns an id that no other process uses, in any machine."""
    return f"{time.time_ns():016x}-{secrets.token_hex(8)}"


def file_of(folder: Path, id_: str, part: str, ending: str = "npy") -> Path:
    """Returns the path of a part, `"pixels"`, `"names"` or `"index"`; as long as it is being written it ends in tmp."""
    return folder / f"{id_}.{part}.{ending}"


def header(dtype: DTypeLike, count: int) -> bytes:
    """Returns what stands in front of the `count` elements in an `.npy` file."""
    file = io.BytesIO()
    description = {"descr": np.lib.format.dtype_to_descr(np.dtype(dtype)), "fortran_order": False, "shape": (count,)}
    np.lib.format.write_array_header_1_0(file, description)
    return file.getvalue()


def map_file(path: Path) -> Any:
    """Returns a file's bytes as a read-only buffer that holds no file descriptor.

    Raises:
        OSError: The file cannot be opened.
        DamagedError: It is empty.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise DamagedError(f"{path.name} is empty")
        if os.name == "nt":
            import mmap

            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        return _core.FileMap(file.fileno(), size)


def read_flat(path: Path, dtype: DTypeLike) -> NDArray[Any]:
    """Returns the array in a `.npy` file, by memory map.

    Raises:
        OSError: The file cannot be opened.
        DamagedError: It is no whole `.npy` file of a flat array of this dtype.
    """
    buffer, kind = map_file(path), np.dtype(dtype)
    start = bytes(memoryview(buffer)[:4096])
    # Not by NumPy: what is read is often read as garbage is collected, and its parser must not begin within another's.
    count = _COUNT.search(start)
    expected = b"" if count is None else header(kind, int(count[1]))
    if count is None or not start.startswith(expected):
        raise DamagedError(f"{path.name} has no header of an .npy file of flat {kind}")
    missing = len(expected) + int(count[1]) * kind.itemsize - memoryview(buffer).nbytes
    if missing:
        raise DamagedError(f"{path.name} has {abs(missing)} bytes too {'few' if missing > 0 else 'many'}")
    return np.ndarray((int(count[1]),), kind, buffer, len(expected))
