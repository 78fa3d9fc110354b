"""Every other format, and unusual JPEG, by Pillow."""

import os
import re
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

# Each plugin enters itself into Image.OPEN.
from PIL import (
    BmpImagePlugin,  # noqa: F401
    GifImagePlugin,  # noqa: F401
    Image,
    JpegImagePlugin,  # noqa: F401
    PngImagePlugin,  # noqa: F401
    PpmImagePlugin,  # noqa: F401
    TiffImagePlugin,  # noqa: F401
    WebPImagePlugin,  # noqa: F401
)
from PIL.ImageFile import ImageFile

FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "PPM")
MODES = {"grayscale": "L", "rgb": "RGB", "rgba": "RGBA"}  # colour modes as Pillow calls them
PREFIX = 16  # bytes that tell the format
_ORIENTATION = 0x0112  # the EXIF tag
# How the pixels lie that Pillow holds more of than 8 bits.
_DEEP_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")
_PPM = ("ppm", "ppm_plain")  # Pillow's decoders of PPM that go by the largest value


def refuse_unknown(prefix: bytes) -> None:
    """Raises a ValueError if a file that begins with these bytes is of none of the formats."""
    if not prefix:
        raise ValueError("the file is empty")
    if not any(_accepts(name, prefix) for name in FORMATS):
        raise ValueError(f"its content is none of {', '.join(FORMATS)}")


def _accepts(name: str, prefix: bytes) -> bool:
    accept = Image.OPEN[name][1]
    return accept is not None and accept(prefix) is True  # and no text, which says why not


def opened(file: IO[bytes]) -> ImageFile:
    """Reads the header of a picture.

    The plugins are called one by one and not through `Image.open`, which would warn of large pictures; that is for the
    caller to judge.

    Raises:
        ValueError: It is of no format that is taken, or its header is damaged; or whatever else Pillow raises.
    """
    prefix = file.read(PREFIX)
    refuse_unknown(prefix)
    name = next(name for name in FORMATS if _accepts(name, prefix))
    file.seek(0)
    with _damage_told(f"its {name} header"):
        return Image.OPEN[name][0](file, "")


@contextmanager
def _damage_told(part: str) -> Iterator[None]:
    """Turns the kinds of errors by which Pillow tells of damage into one that says where it is."""
    try:
        yield
    except (OSError, ValueError, SyntaxError, LookupError, TypeError, AttributeError, EOFError, struct.error) as error:
        raise ValueError(f"{part} is damaged: {error or type(error).__name__}") from error


def orientation(picture: ImageFile) -> int:
    """Returns the EXIF orientation, 1 to 8, once the pixels have been read. Damaged EXIF data says nothing."""
    try:
        found = Image.Image.getexif(picture).get(_ORIENTATION, 1)
    except Exception:  # of a dozen kinds; Keras would not look at it
        return 1
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def orientation_ahead(picture: ImageFile) -> int:
    """Returns what `orientation` will be, and reads the pixels only if it stands behind them."""
    if picture.format == "TIFF":  # Pillow turns it upright by itself
        return 1
    if picture.format == "PNG" and _says_more(picture.fp):
        picture.load()
    return orientation(picture)


def _says_more(file: Any) -> bool:
    """Whether a PNG has a chunk behind its pixels that can hold an orientation."""
    place, data = file.tell(), False
    try:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            kind = head[4:]
            data = data or kind == b"IDAT"
            if data and kind in (b"eXIf", b"iTXt", b"zTXt", b"tEXt"):
                return True
            file.seek(int.from_bytes(head[:4], "big") + 4, os.SEEK_CUR)
        return False
    finally:
        file.seek(place)


def kind(picture: ImageFile, color_mode: str) -> tuple[int, str]:
    """Returns the number of channels and the dtype that a picture will have.

    Raises:
        ValueError: Its values would have to be cut off.
    """
    wide = picture.mode.startswith("I;16")
    color_mode = _settled(picture, color_mode)
    if color_mode != "mask":
        if not (wide and picture.format == "PNG"):
            _refuse_deep(picture, picture.mode in _DEEP_MODES)
        return len(MODES[color_mode]), "uint16" if wide else "uint8"
    if wide or (picture.mode == "I" and picture.format == "PPM"):
        return 1, "uint16"
    if picture.mode in ("I", "F"):
        return 1, {"I": "int32", "F": "float32"}[picture.mode]
    _refuse_deep(picture, False)
    return len(picture.getbands()), "uint8"


def is_jpeg(picture: ImageFile) -> bool:
    """Whether a picture can be scaled down while it is decoded. MPO is JPEG with further pictures behind it."""
    return picture.format in ("JPEG", "MPO")


def _settled(picture: ImageFile, color_mode: str) -> str:
    """A mask in a JPEG is gray."""
    return "grayscale" if color_mode == "mask" and is_jpeg(picture) else color_mode


def _refuse_deep(picture: ImageFile, deep: bool) -> None:
    """Raises if Pillow would cut a picture's values to 8 bits. In colour it does so silently."""
    tiles = getattr(picture, "tile", [])  # how the bytes of the file lie: a codec, and its arguments
    deep = deep or any(re.search(r";16[BLN]", str(tile.args)) for tile in tiles)
    if deep or any(tile.codec_name in _PPM and int(tile.args[-1]) > 255 for tile in tiles):
        raise ValueError(
            "its values have more than 8 bits, which would be cut off; convert it, or pass an array as `x`"
        )


def decode(picture: ImageFile, color_mode: str, divisor: int = 1) -> NDArray[Any]:
    """Reads the pixels of an opened picture: `(height, width, channels)` of the dtype that `kind` says.

    Of a JPEG, both extents are divided by `divisor`, which is 1, 2, 4 or 8 and no more than either, and rounded up.
    """
    channels, dtype = kind(picture, color_mode)
    with _damage_told(f"its {picture.format} data"):
        pixels = _read(picture, _settled(picture, color_mode), channels, dtype, divisor)
    return pixels.astype(dtype, copy=False).reshape(picture.height, picture.width, channels)


def _read(picture: ImageFile, color_mode: str, channels: int, dtype: str, divisor: int) -> NDArray[Any]:
    if color_mode == "mask":
        return _labels(picture)
    if dtype == "uint16":
        return _wide(np.asarray(picture), channels)
    # Gray from a JPEG is its brightness as stored, and not made from red, green and blue.
    picture.draft("L" if color_mode == "grayscale" else None, (picture.width // divisor, picture.height // divisor))
    picture.load()
    see_through = picture.mode in ("P", "PA") and "transparency" in picture.info
    whole: Image.Image = picture.convert("RGBA") if see_through else picture
    return np.asarray(whole.convert(MODES[color_mode]))


def _wide(gray: NDArray[Any], channels: int) -> NDArray[Any]:
    """Turns 16-bit gray (height, width) into a colour mode, as Pillow does with 8 bits."""
    planes = [gray] * min(channels, 3)
    if channels == 4:
        planes.append(np.full_like(gray, 65535))
    return np.stack(planes, axis=2)


def _labels(picture: ImageFile) -> NDArray[Any]:
    """Returns the values as they stand in the file, where Pillow stretches those of fewer bits to all of 8 or 16."""
    largest = stretched = 255
    for tile in getattr(picture, "tile", []):
        if bits := re.search(r"\bL;([24])", str(tile.args)):
            largest = 2 ** int(bits[1]) - 1
        elif tile.codec_name in _PPM and picture.mode not in ("1", "F"):
            largest = int(tile.args[-1])
            stretched = 65535 if picture.mode == "I" else 255
    values = np.asarray(picture)
    if largest == stretched:
        return values
    return (values.astype(np.int64) * largest + stretched // 2) // stretched
