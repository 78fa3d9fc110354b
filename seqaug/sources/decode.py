"""From a picture file to pixels."""

import errno
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from seqaug import buffers, checks
from seqaug.sources import contents, fitting, jpeg, pillow

COLOR_MODES = ("grayscale", "rgb", "rgba")  # Keras's names
MAX_PIXELS = 178_956_970  # where Pillow refuses a picture, too
# What says nothing about a file.
_PASSING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)
_BEHAVIOUR = 1  # goes up when the same file and settings begin to give other pixels


class BrokenPicture(ValueError):  # noqa: N818
    """A picture cannot be read.

    Args:
        path: The file.
        reason: Why.
    """

    row: int | None = None  # its place in the data, once a source knows it

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"Cannot read the picture {path!r}: {reason}")
        self.path = path
        self.reason = reason

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path, self.reason), self.__dict__


def passes(error: BaseException) -> bool:
    """Whether a picture could not be read for want of memory or descriptors, which is no fault of its file."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno in _PASSING):
            return True
        cause = cause.__cause__
    return False


@dataclass(frozen=True)
class Decoder:
    """Reads picture files: JPEG (by libjpeg-turbo), PNG, BMP, TIFF, WebP, PPM and GIF (the first frame).

    The format is told by the content, not by the name, and pictures are turned upright by their EXIF orientation. A
    decoder keeps nothing between two files, so that threads can share one.

    Args:
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`: 1, 3 or 4 channels, converted to if need be; uint8, or uint16 of
            a PNG of 16-bit gray. Or `"mask"`: values as they stand in the file, which are labels: numbers of palette
            colours, gray values (uint16 of 16 bits, int32 or float32 of 32), 0 and 1 of one bit, 3 or 4 channels of
            colours. A JPEG's are gray.
        reach: (height, width) that a JPEG keeps, once it is upright: it is decoded at the smallest of 1, 1/2, 1/4 and
            1/8 that is as large as this in both directions, if any. None decodes it whole. Of no effect with
            `cache_size`, by which a JPEG is scaled then, nor on masks.
        cache_size: (height, width). Larger pictures are shrunk to the least size of their shape that covers this, by an
            antialiased bicubic filter, masks by the nearest value. None leaves them as they are.
        max_pixels: Pixels that a file may have, as stored. More are refused before anything is decoded, since a small
            file can claim any size. None sets no limit; for TIFF, GIF and WebP, Pillow's `Image.MAX_IMAGE_PIXELS` holds
            besides.
        load: A function from a path to `(height, width, channels)` or `(height, width)` of one of
            `seqaug.buffers.SOURCE_DTYPES`, which reads the files in place of all of the above. Masks may be of
            `seqaug.buffers.MASK_DTYPES`.

    Raises:
        ValueError: An argument is out of range.
        TypeError: An argument is of another type.
    """

    color_mode: str = "rgb"
    reach: tuple[int, int] | None = None
    cache_size: tuple[int, int] | None = None
    max_pixels: int | None = MAX_PIXELS
    load: Callable[[str], NDArray[Any]] | None = None

    def __post_init__(self) -> None:
        checks.one_of("color_mode", self.color_mode, (*COLOR_MODES, "mask"))
        for name in ("reach", "cache_size"):
            if getattr(self, name) is not None:
                object.__setattr__(self, name, checks.image_size(getattr(self, name), name))
        if self.max_pixels is not None:
            object.__setattr__(self, "max_pixels", checks.integer("max_pixels", self.max_pixels, 1))
        if self.load is not None and not callable(self.load):
            raise TypeError(f"`load` must be a function of a path. Received: load={self.load!r}")

    def __call__(self, path: str) -> NDArray[Any]:
        """Returns a picture: `(height, width, channels)`.

        Raises:
            BrokenPicture: The file is missing, is not a picture, is damaged, or is of a kind that is not taken.
        """
        try:
            return self._read(path) if self.load is None else self._loaded(path)
        except Exception as error:  # whatever a decoder raises: Pillow alone has a dozen kinds
            raise BrokenPicture(path, _reason(path, error)) from error

    def probe(self, path: str) -> tuple[tuple[int, int, int], str]:
        """Returns the shape and the dtype that a call will give, by the file's header alone. `load` is called for it.

        Raises:
            BrokenPicture: The header shows that the picture cannot be read.
        """
        try:
            return self._probe(path) if self.load is None else _described(self._loaded(path))
        except Exception as error:
            raise BrokenPicture(path, _reason(path, error)) from error

    @property
    def settings(self) -> dict[str, Any]:
        """All that decides what a file becomes, as plain values: under other settings, it is another thing."""
        if self.load is not None:
            return {"behaviour": _BEHAVIOUR, "color_mode": self.color_mode, "load": _qualified(self.load)}
        reach = self._reach
        return {
            "behaviour": _BEHAVIOUR,
            "color_mode": self.color_mode,
            "reach": None if reach is None else list(reach),
            "cache_size": None if self.cache_size is None else list(self.cache_size),
        }

    @property
    def _reach(self) -> tuple[int, int] | None:
        """`reach`, where it counts: labels are never averaged, and what is kept is of one size for all uses."""
        return None if self.color_mode == "mask" or self.cache_size is not None else self.reach

    def _read(self, path: str) -> NDArray[Any]:
        with contents.opened(path) as file:
            pillow.refuse_unknown(file.read(pillow.PREFIX))
            file.seek(0)
            data = file.readall()
        if (parsed := _jpeg(data)) is None:
            with pillow.opened(io.BytesIO(data)) as picture:
                size = picture.height, picture.width
                self._refuse_large(size)
                divisor = self._divisor(size, pillow.orientation(picture)) if pillow.is_jpeg(picture) else 1
                pixels = pillow.decode(picture, self.color_mode, divisor)
                orientation = pillow.orientation(picture)
        else:
            size, orientation = parsed.size, parsed.orientation
            self._refuse_large(size)
            divisor = self._divisor(size, orientation)
            pixels = jpeg.decode(parsed, self.color_mode, divisor)
        return fitting.upright(self._fitted(pixels, size, divisor, self._target(size, orientation)), orientation)

    def _fitted(
        self, pixels: NDArray[Any], size: tuple[int, int], divisor: int, target: tuple[int, int] | None
    ) -> NDArray[Any]:
        """Brings what was decoded of a stored size to a target, or to what the size is after division."""
        if target is None:
            height, width = fitting.divided(size, divisor)
            return np.ascontiguousarray(pixels[:height, :width])
        if self.color_mode == "mask":
            return fitting.picked(pixels, target)
        extent = size[0] / divisor, size[1] / divisor
        return pixels if extent == target else fitting.shrunk(pixels, target, extent)

    def _probe(self, path: str) -> tuple[tuple[int, int, int], str]:
        with contents.opened(path) as file:
            data = file.read(contents.BEGINNING)
            pillow.refuse_unknown(data[: pillow.PREFIX])
            parsed = _jpeg(data) or _jpeg(data + file.readall() if data.startswith(jpeg.MAGIC) else b"")
            if parsed is None:
                file.seek(0)
                with io.BufferedReader(file) as buffered, pillow.opened(buffered) as picture:
                    size = picture.height, picture.width
                    self._refuse_large(size)
                    channels, dtype = pillow.kind(picture, self.color_mode)
                    orientation = pillow.orientation_ahead(picture)
                    is_jpeg = pillow.is_jpeg(picture)
            else:
                size, orientation = parsed.size, parsed.orientation
                self._refuse_large(size)
                channels, dtype, is_jpeg = jpeg.CHANNELS[self.color_mode], "uint8", True
        target = self._target(size, orientation)
        if target is None:
            target = fitting.divided(size, self._divisor(size, orientation) if is_jpeg else 1)
        height, width = target[::-1] if fitting.is_turned(orientation) else target
        return (height, width, channels), dtype

    def _loaded(self, path: str) -> NDArray[Any]:
        assert self.load is not None
        try:
            picture = self.load(path)
        except Exception as error:
            raise ValueError(f"`load` raised {type(error).__name__}: {error}") from error
        allowed = buffers.MASK_DTYPES if self.color_mode == "mask" else buffers.SOURCE_DTYPES
        wanted = f"`load` must return an array (height, width, channels) or (height, width) of {', '.join(allowed)}"
        if not isinstance(picture, np.ndarray):
            raise TypeError(f"{wanted}. Received: {type(picture).__name__}")
        if picture.ndim not in (2, 3) or picture.size == 0 or str(picture.dtype.newbyteorder("=")) not in allowed:
            raise ValueError(f"{wanted}, none of them 0. Received: shape {picture.shape} of {picture.dtype}")
        return buffers.readable(picture[:, :, None] if picture.ndim == 2 else picture)

    def _refuse_large(self, size: tuple[int, int]) -> None:
        if self.max_pixels is not None and size[0] * size[1] > self.max_pixels:
            raise ValueError(
                f"it may have at most `max_pixels={self.max_pixels}` pixels, lest it be a decompression bomb; if it is "
                f"meant to be that large, raise the limit. Received: {size[0]}×{size[1]} pixels"
            )

    def _divisor(self, size: tuple[int, int], orientation: int) -> int:
        """Returns by which number a JPEG of a stored size is divided while it is decoded."""
        if self.color_mode == "mask":
            return 1
        least = self._target(size, orientation) or self._reach
        if least is None:
            return 1
        if self.cache_size is None and fitting.is_turned(orientation):
            least = least[::-1]
        return fitting.divisor(size, least)

    def _target(self, size: tuple[int, int], orientation: int) -> tuple[int, int] | None:
        """Returns the stored size that `cache_size` makes of a stored size, or None without it."""
        if self.cache_size is None:
            return None
        turned = fitting.is_turned(orientation)
        return fitting.covering(size, self.cache_size[::-1] if turned else self.cache_size)


def _jpeg(data: bytes) -> jpeg.Jpeg | None:
    return jpeg.parse(data) if data.startswith(jpeg.MAGIC) else None


def _described(picture: NDArray[Any]) -> tuple[tuple[int, int, int], str]:
    height, width, channels = picture.shape
    return (height, width, channels), str(picture.dtype)


def _qualified(function: Callable[..., Any]) -> str:
    """Returns the module and the name of a function, or of an object's type."""
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{named.__qualname__}"


def _reason(path: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno is not None:
        return contents.reason(path, error)
    if isinstance(error, MemoryError):
        return "there is not enough memory for it"
    if isinstance(error, Image.DecompressionBombError):
        return f"{error} If it is meant to be that large, raise `PIL.Image.MAX_IMAGE_PIXELS`, too."
    return str(error) or type(error).__name__
