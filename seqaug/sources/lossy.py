"""Files that do not keep the values they were made of: labels do not survive in them."""

import io

from seqaug.sources import contents, jpeg, pillow

_CHUNK = 8  # bytes before a chunk's content: its name and its length


def is_lossy(path: str) -> bool:
    """Whether a picture is compressed with loss, by its header: JPEG, such WebP, and TIFF that holds either.

    Raises:
        OSError: The file cannot be opened.
        ValueError: It is no picture, or its header is damaged; or whatever else Pillow raises.
    """
    with contents.opened(path) as file:
        data = file.read(contents.BEGINNING)
        if data.startswith(jpeg.MAGIC):
            return True
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _first_of_pixels(data) == b"VP8 "
        file.seek(0)
        with io.BufferedReader(file) as buffered, pillow.opened(buffered) as picture:
            return picture.info.get("compression") in ("jpeg", "tiff_jpeg", "webp")


def _first_of_pixels(data: bytes) -> bytes:
    """Returns the name of the first chunk of a WebP that holds pixels; within the frame of an animation, that one's."""
    at = 12
    while at + _CHUNK <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + _CHUNK], "little")
        if name in (b"VP8 ", b"VP8L"):
            return name
        at += _CHUNK + (16 if name == b"ANMF" else size + size % 2)  # a frame's chunks follow 16 bytes about it
    return b""
