"""JPEG by libjpeg-turbo, scaled down while it is decoded."""

import io
import re
import struct
from typing import Any, NamedTuple

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image

from seqaug.sources import fitting, pillow

MAGIC = b"\xff\xd8\xff"
# Colour modes as libjpeg-turbo and Pillow call them. A mask is gray.
_MODES = {"grayscale": ("GRAY", "L"), "mask": ("GRAY", "L"), "rgb": ("RGB", "RGB"), "rgba": ("RGBA", "RGBA")}
CHANNELS = {"grayscale": 1, "mask": 1, "rgb": 3, "rgba": 4}
_INKS = ("CMYK", "YCCK")
_JFIF, _EXIF, _SCAN = 0xE0, 0xE1, 0xDA  # the markers of segments, after a byte of 255
_ORIENTATION = 0x0112  # the EXIF tag
_SHORT = 3  # the type of its value: 16 bits
_LEFT_OVER = re.compile(r"(\d+) extraneous bytes before marker 0xd9")


class Jpeg(NamedTuple):
    """A JPEG that libjpeg-turbo can decode: the file, and what its header says.

    Args:
        data: The file's bytes, or as many as hold the header.
        size: (height, width), as they are stored, before the picture is turned upright.
        space: The colours as they are stored: "Gray", "YCbCr", "RGB", "CMYK" or "YCCK".
        orientation: By EXIF, 1 to 8.
    """

    data: bytes
    size: tuple[int, int]
    space: str
    orientation: int


def parse(data: bytes) -> Jpeg | None:
    """Reads the header of a JPEG, or returns None if it is one that is left to Pillow, or none at all."""
    walked = _walk(data)
    if walked is None:
        return None
    jfif, exif = walked
    if jfif and data[jfif + 9] != 1:  # an unknown version, which simplejpeg takes for damage, and Keras does not
        data = data[: jfif + 9] + b"\1\1" + data[jfif + 11 :]
    try:
        height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    except (ValueError, KeyError):  # damaged, or sampled in a way that libjpeg-turbo's interface has no name for
        return None
    return Jpeg(data, (height, width), space, _orientation(data, exif) if exif else 1)


def decode(jpeg: Jpeg, color_mode: str, divisor: int) -> NDArray[Any]:
    """Decodes to (height, width, channels) uint8, both extents being divided by `divisor` and rounded up.

    Raises:
        ValueError: The data is damaged or ends too early.
    """
    mode, pillow_mode = _MODES[color_mode]
    if jpeg.space not in _INKS:
        return _decompress(jpeg, mode, divisor)
    inks = np.subtract(255, _decompress(jpeg, "CMYK", divisor))  # stored inverted, as Adobe does
    height, width, _ = inks.shape
    picture = Image.frombuffer("CMYK", (width, height), inks, "raw", "CMYK", 0, 1)
    return np.asarray(picture.convert(pillow_mode)).reshape(height, width, -1)


def _decompress(jpeg: Jpeg, mode: str, divisor: int) -> NDArray[Any]:
    least = fitting.decoded(jpeg.size, divisor) if divisor > 1 else (0, 0)
    try:
        return _turbo(jpeg.data, mode, least, True)
    except ValueError as error:
        if not _is_harmless(str(error), len(jpeg.data)):
            raise
    return _turbo(jpeg.data, mode, least, False)


def _turbo(data: bytes, mode: str, least: tuple[int, int], strict: bool) -> NDArray[Any]:
    pixels: NDArray[Any] = simplejpeg.decode_jpeg(data, mode, min_height=least[0], min_width=least[1], strict=strict)
    return pixels


def _is_harmless(complaint: str, size: int) -> bool:
    """Whether all pixels were there, and only a few bytes too many: well-known data sets have such pictures."""
    match = _LEFT_OVER.search(complaint)
    return match is not None and int(match[1]) * 8 <= size


def _walk(data: bytes) -> tuple[int, list[int]] | None:
    """Returns where the JFIF segment is, or 0, and those with EXIF and XMP; None if the header is not plain."""
    jfif, exif = 0, list[int]()
    at, end = 2, len(data) - 12
    while at < end and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == _SCAN:
            return jfif, exif
        if marker == 0xFF:  # a byte to fill up
            at += 1
            continue
        if marker < 0xC0 or 0xD0 <= marker <= 0xD9:  # these have no length and stand elsewhere
            return None
        if marker == _EXIF:
            exif.append(at)
        elif marker == _JFIF and not jfif and data[at + 4 : at + 9] == b"JFIF\0":
            jfif = at
        at += 2 + (data[at + 2] << 8 | data[at + 3])
    return None


def _orientation(data: bytes, segments: list[int]) -> int:
    """Returns the orientation. Pillow, which takes as long as decoding, is asked only where this is not simple."""
    bodies = [data[at + 4 : at + 2 + (data[at + 2] << 8 | data[at + 3])] for at in segments]
    exif = [body for body in bodies if body.startswith(b"Exif\0\0")]
    found = _tag(exif[0][6:]) if len(exif) == 1 else None if exif else 1
    if found is None or (found == 1 and any(b"tiff:Orientation" in body for body in bodies)):
        return _asked(data)
    return found


def _asked(data: bytes) -> int:
    try:
        with pillow.opened(io.BytesIO(data)) as picture:
            return pillow.orientation(picture)
    except Exception:  # libjpeg-turbo has understood the header
        return 1


def _tag(tiff: bytes) -> int | None:
    """Returns the orientation in EXIF data, 1 if it has none, or None if it is not plainly one or the other."""
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 10:
        return None
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if not 8 <= start <= len(tiff) - 2:
        return None
    (count,) = struct.unpack_from(order + "H", tiff, start)
    entry = struct.Struct(order + "HHIHH")  # tag, type, count of values, the value if it is short
    if start + 2 + entry.size * count > len(tiff):
        return None
    for at in range(start + 2, start + 2 + entry.size * count, entry.size):
        tag, kind, values, value, _ = entry.unpack_from(tiff, at)
        if tag == _ORIENTATION:
            return value if kind == _SHORT and values == 1 else None
    return 1
