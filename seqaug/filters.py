"""The operations for which a pixel is not enough, by name: what a `FilterPlan` runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import simplejpeg
from numpy.typing import NDArray

from seqaug import _core, buffers, maps

Floats = NDArray[np.float64]
Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class FilterKind:
    """What a filter does to a picture, and to what belongs to it.

    Args:
        run: Called as `run(source, numbers, target)`: both pictures are packed float32 `(h, w, c)`, and `numbers` are
            one image's row of the plan's.
        run_mask: Called as `run_mask(source, numbers, fill, target)` with masks `(h, w, c)` of one type and `(c,)` of
            what lies outside them; None for a filter that moves nothing.
        move_points: Called as `move_points(points, numbers, size)` with `(k, 2)` rows and columns; returns where they
            are afterwards. None for a filter that moves nothing.
        takes: The dtypes that a source may have; other images are converted to float32 first.
    """

    run: Callable[[NDArray[Any], Floats, Pixels], None]
    run_mask: Callable[[NDArray[Any], Floats, NDArray[Any], NDArray[Any]], None] | None = None
    move_points: Callable[[Floats, Floats, tuple[int, int]], Floats] | None = None
    takes: tuple[str, ...] = ("float32",)


def blurred(source: Pixels, numbers: Floats, target: Pixels) -> None:
    """Numbers: the kernel's height and width, the deviations along both, and what values are cut to."""
    height, width, down, aside, low, high = numbers.tolist()
    _core.blur(source, target, (int(height), int(width)), (down, aside), low, high)


def sharpened(source: NDArray[Any], numbers: Floats, target: Pixels) -> None:
    """Numbers: the strength (see `seqaug_sharpen`), and what values are cut to."""
    _core.sharpen(source, target, *numbers.tolist())


def equalized(source: Pixels, numbers: Floats, target: Pixels) -> None:
    """Numbers: tiles down and across, the limit, and the range of values."""
    down, across, limit, low, high = numbers.tolist()
    _core.clahe(source, target, (int(down), int(across)), limit, low, high)


def compressed(source: Pixels, numbers: Floats, target: Pixels) -> None:
    """Numbers: the quality, and the range of values, which become bytes and come back."""
    quality, low, high = numbers.tolist()
    color = "GRAY" if source.shape[2] == 1 else "RGB"
    width = (high - low) / 255
    pixels = np.empty(source.shape, np.uint8)
    _scale(source, 1 / width, -low / width, pixels)
    data = simplejpeg.encode_jpeg(pixels, int(quality), color, "Gray" if color == "GRAY" else "420")
    _scale(simplejpeg.decode_jpeg(data, color), width, low, target)


def _scale(source: NDArray[Any], scale: float, offset: float, target: NDArray[Any]) -> None:
    """Fills the target with source·scale + offset, rounded half up and saturated if it is of bytes."""
    channels = source.shape[2]
    rows = np.broadcast_to(np.array([scale, offset, -np.inf, np.inf, 0, 0])[:, None], (6, channels))
    lines = None if (scale, offset) == (1, 0) else np.ascontiguousarray(rows)[None, None]
    kinds = () if lines is None else ("linear",)
    nowhere, nearest = np.zeros((1, channels)), np.zeros(1, np.uint8)
    _core.resample([source], target[None], maps.identity(1), nearest, "nearest", kinds, lines, nowhere, 0, None)


# An elastic displacement. Numbers: the two words of its key, alpha and sigma (see `seqaug_elastic`); the order and the
# border rule by their numbers, the fill; what values are cut to.


def displaced(source: Pixels, numbers: Floats, target: Pixels) -> None:
    """Takes a picture through a displacement."""
    *_, fill, low, high = numbers.tolist()
    channels = source.shape[2]
    rows = np.broadcast_to(np.array([1, 0, low, high, 0, 0])[:, None], (6, channels))
    lines = None if (low, high) == (-np.inf, np.inf) else np.ascontiguousarray(rows)[None, None]
    _through(source, numbers, int(numbers[4]), np.full(channels, fill), lines, target)


def mask_displaced(source: NDArray[Any], numbers: Floats, fill: NDArray[Any], target: NDArray[Any]) -> None:
    """Takes a mask the same way, to nearest pixels."""
    _through(source, numbers, 0, fill.astype(np.float64), None, target)


def points_displaced(points: Floats, numbers: Floats, size: tuple[int, int]) -> Floats:
    """Takes points the same way."""
    result = np.empty(points.shape)
    _core.displace(field(numbers, size), np.ascontiguousarray(points, np.float64), result)
    return result


def field(numbers: Floats, size: tuple[int, int]) -> Pixels:
    """Returns the displacements, down and to the right, of the pixels of an image: `(2, height, width)`."""
    low, high, alpha, sigma = numbers[:4].tolist()
    result = buffers.aligned((2, *size), np.float32)
    _core.elastic(int(low) | int(high) << 32, alpha, sigma, result)
    return result


def _through(
    source: NDArray[Any],
    numbers: Floats,
    order: int,
    fill: Floats,
    lines: Floats | None,
    target: NDArray[Any],
) -> None:
    kinds, border = () if lines is None else ("linear",), _core.BORDERS[int(numbers[5])]
    still = 0 in numbers[2:4]  # and nothing is blended
    _core.resample(
        [source],
        target[None],
        maps.identity(1),
        np.full(1, order, np.uint8),
        border,
        kinds,
        lines,
        fill[None],
        0,
        None,
        fields=None if still else field(numbers, source.shape[:2])[None],
    )


def _called(*_: Any) -> None:
    """A function that the plan holds is `run`'s to call."""
    raise TypeError("A plan that calls a function must hold it.")


FILTERS: dict[str, FilterKind] = {
    "blur": FilterKind(blurred),
    "call": FilterKind(_called),
    "clahe": FilterKind(equalized),
    "elastic": FilterKind(displaced, mask_displaced, points_displaced),
    "jpeg": FilterKind(compressed),
    "sharpen": FilterKind(sharpened, takes=("float32", "uint8")),
}
