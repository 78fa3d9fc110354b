"""From a picture file to pixels."""

import io
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

# Colour modes by Keras's names: what Pillow and simplejpeg call them.
COLOR_MODES = {"grayscale": ("L", "GRAY"), "rgb": ("RGB", "RGB"), "rgba": ("RGBA", None)}
_FORMATS = ("JPEG", "PNG", "BMP", "TIFF", "WEBP", "GIF", "PPM")
_JPEG = b"\xff\xd8\xff"
_JPEG_SPACES = ("Gray", "YCbCr", "RGB")  # what libjpeg-turbo turns into gray and RGB; CMYK is left to Pillow
_ORIENTATION = 0x0112  # the EXIF tag
# How the pixels lie that Pillow holds more of than 8 bits.
_DEEP_MODES = ("I", "I;16", "I;16B", "I;16L", "I;16N", "F")


def decode(path: str, color_mode: str) -> NDArray[Any]:
    """Reads a picture: `(height, width, channels)` uint8, upright by its EXIF orientation.

    A PNG of 16-bit gray gives uint16.

    JPEG (by libjpeg-turbo), PNG, BMP, TIFF, WebP, PPM and GIF (the first frame). The format is told by the content, not
    by the name.

    Args:
        path: The file.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`: 1, 3 or 4 channels, converted to if need be.

    Raises:
        ValueError: The file is not a picture, is damaged, or is of a kind that is not taken; the message names it.
        OSError: The file cannot be opened.
    """
    data = Path(path).read_bytes()
    try:
        return _decode(data, *COLOR_MODES[color_mode])
    except Exception as error:  # whatever a decoder raises: Pillow alone has a dozen kinds
        reason = _reason(data, error)
        raise ValueError(f"Cannot read the picture {path!r}: {reason}") from error


def _reason(data: bytes, error: Exception) -> str:
    if not data:
        return "the file is empty"
    if isinstance(error, UnidentifiedImageError):  # its message shows a memory address
        return f"its content is none of {', '.join(_FORMATS)}"
    return str(error) or type(error).__name__


def _decode(data: bytes, pillow_mode: str, jpeg_mode: str | None) -> NDArray[Any]:
    if jpeg_mode is not None and _is_plain_jpeg(data):
        pixels: NDArray[Any] = simplejpeg.decode_jpeg(data, jpeg_mode, strict=True)
        return _upright(pixels, _orientation(data))
    picture = Image.open(io.BytesIO(data), formats=_FORMATS)
    if picture.format == "PNG" and picture.mode.startswith("I;16"):
        return _wide(np.asarray(ImageOps.exif_transpose(picture)), pillow_mode)
    if _is_deep(picture):
        raise ValueError(
            "its values have more than 8 bits, which would be cut off; convert it, or pass an array as `x`"
        )
    turned = ImageOps.exif_transpose(picture)
    if picture.mode in ("P", "PA") and "transparency" in picture.info:
        turned = turned.convert("RGBA")
    pixels = np.asarray(turned.convert(pillow_mode))
    return pixels[:, :, None] if pixels.ndim == 2 else pixels


def _wide(gray: NDArray[Any], pillow_mode: str) -> NDArray[Any]:
    """Turns 16-bit gray (height, width) into a colour mode, as Pillow does with 8 bits."""
    channels = [gray.astype(np.uint16)] * (1 if pillow_mode == "L" else 3)
    if pillow_mode == "RGBA":
        channels.append(np.full_like(channels[0], 65535))
    return np.stack(channels, axis=2)


def _is_deep(picture: Image.Image) -> bool:
    """Whether Pillow would cut a picture's values to 8 bits. In colour it does so silently."""
    if picture.mode in _DEEP_MODES:
        return True
    tiles = getattr(picture, "tile", [])  # how the bytes of the file lie: a codec, and its arguments
    if any(re.search(r";16[BLN]", str(tile.args)) for tile in tiles):
        return True
    return any(tile.codec_name == "ppm" and int(tile.args[-1]) > 255 for tile in tiles)


def _is_plain_jpeg(data: bytes) -> bool:
    """Whether this is a JPEG for libjpeg-turbo. Enormous ones go to Pillow, whose limit then holds."""
    if not data.startswith(_JPEG):
        return False
    height, width, space, _ = simplejpeg.decode_jpeg_header(data)
    return space in _JPEG_SPACES and (Image.MAX_IMAGE_PIXELS is None or height * width <= Image.MAX_IMAGE_PIXELS)


def _orientation(data: bytes) -> int:
    """The orientation of a JPEG. Most tell none, and Pillow is not asked, which takes as long as decoding."""
    if b"Exif\0\0" not in data and b"tiff:Orientation" not in data:
        return 1
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as picture:
        orientation: int = picture.getexif().get(_ORIENTATION, 1)
    return orientation


def _upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Applies an EXIF orientation: 2 to 8 are mirrored and turned ways to hold a camera."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    if orientation in (3, 4, 7, 8):
        pixels = pixels[::-1]
    if orientation in (2, 3, 6, 7):
        pixels = pixels[:, ::-1]
    return pixels


class BrokenPicture(ValueError):  # noqa: N818 (what it is, not that it is an error)
    """A file that gives no picture.

    Args:
        path: The file.
        reason: Why.
    """

    row: int | None = None  # its place in the data, once a source knows it

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(path, reason)
        self.path, self.reason = path, reason

    def __str__(self) -> str:
        return f"Cannot read the picture {self.path!r}: {self.reason}"


MAX_PIXELS = 178_956_970


@dataclass(frozen=True)
class Decoder:
    """Stub."""

    color_mode: str = "rgb"
    reach: tuple[int, int] | None = None
    cache_size: tuple[int, int] | None = None
    max_pixels: int | None = MAX_PIXELS
    load: Callable[[str], NDArray[Any]] | None = None

    def __call__(self, path: str) -> NDArray[Any]:
        """Stub."""
        try:
            return decode(path, self.color_mode)
        except (OSError, ValueError) as error:
            raise BrokenPicture(path, str(error).split(": ", 1)[-1]) from error

    def probe(self, path: str) -> tuple[tuple[int, int, int], str]:
        """Stub."""
        picture = self(path)
        return picture.shape, str(picture.dtype)

    @property
    def settings(self) -> dict[str, Any]:
        """Stub."""
        return {"color_mode": self.color_mode}
