"""Checks of arguments: what is allowed and what was received, in Keras's wording."""

import math
import operator
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.buffers import SOURCE_DTYPES


def one_of(name: str, value: Any, allowed: Sequence[str]) -> str:
    """Returns `value` if it is among the allowed strings."""
    if not isinstance(value, str) or value not in allowed:
        raise ValueError(f"`{name}` must be one of {', '.join(map(repr, allowed))}. Received: {name}={value!r}")
    return value


def number(name: str, value: Any, low: float = -math.inf, high: float = math.inf) -> float:
    """Returns `value` as a float if it is a finite number from `low` to `high`."""
    try:
        converted = float(value) if isinstance(value, Real) and not isinstance(value, bool) else math.nan
    except OverflowError:  # an int of hundreds of digits
        converted = math.inf
    if not math.isfinite(converted) or not low <= converted <= high:
        bounds = "" if low == -math.inf and high == math.inf else f" from {low:g} to {high:g}"
        raise ValueError(f"`{name}` must be a finite number{bounds}. Received: {name}={value!r}")
    return converted


def symmetric_range(name: str, value: Any, bound: float) -> tuple[float, float]:
    """Returns (lower, upper) from a pair, or (-value, value) from one number, within ±bound."""
    if isinstance(value, tuple | list):
        if len(value) != 2:
            raise ValueError(f"`{name}` must be a number or a pair of numbers. Received: {name}={value!r}")
        first, second = (number(name, end, -bound, bound) for end in value)
        return min(first, second), max(first, second)
    size = abs(number(name, value, -bound, bound))
    return 0.0 - size, size


def positive_range(name: str, value: Any, bound: float) -> tuple[float, float]:
    """Returns a pair, the smaller first, or (0, value) from one number, within 0 … bound."""
    if isinstance(value, tuple | list):
        if len(value) != 2:
            raise ValueError(f"`{name}` must be a number or a pair of numbers. Received: {name}={value!r}")
        first, second = (number(name, end, 0, bound) for end in value)
        return min(first, second), max(first, second)
    return 0.0, number(name, value, 0, bound)


def chosen_range(name: str, value: Any, low: float, high: float) -> tuple[float, float]:
    """Returns a pair, the smaller first, or twice the one number, within low … high."""
    if isinstance(value, tuple | list):
        if len(value) != 2:
            raise ValueError(f"`{name}` must be a number or a pair of numbers. Received: {name}={value!r}")
        first, second = (number(name, end, low, high) for end in value)
        return min(first, second), max(first, second)
    one = number(name, value, low, high)
    return one, one


def bounds_above_zero(name: str, value: Any, bound: float = math.inf) -> tuple[float, float]:
    """Returns a pair of numbers above 0 and within `bound`, the smaller first."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError(f"`{name}` must be a pair of numbers. Received: {name}={value!r}")
    first, second = (number(name, end, 0, bound) for end in value)
    if min(first, second) == 0:
        raise ValueError(f"`{name}` must be above 0. Received: {name}={value!r}")
    return min(first, second), max(first, second)


def fill(name: str, value: Any) -> float | tuple[float, ...] | None:
    """Returns a number, one for each channel, or None."""
    if isinstance(value, tuple | list) and value:
        return tuple(number(name, one) for one in value)
    return None if value is None else number(name, value)


def extents(name: str, value: Any) -> tuple[int, int] | tuple[float, float]:
    """Returns a pair, the smaller first, from two numbers or one: pixels as integers, or fractions of a side."""
    given = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(given) == 2 and all(isinstance(end, Integral) and not isinstance(end, bool) for end in given):
        ends = sorted(integer(name, end, 1, 2**31 - 1) for end in given)
        return ends[0], ends[1]
    if len(given) == 2 and all(isinstance(end, Real) and not isinstance(end, Integral) for end in given):
        return bounds_above_zero(name, given, 1)
    raise ValueError(
        f"`{name}` must be one or two numbers: integers of at least 1, which are pixels, or fractions above 0 and at "
        f"most 1, as floats. Received: {name}={value!r}"
    )


def antialias(value: Any, interpolation: str) -> bool | str:
    """Returns `value` if it is True, False or "auto", and does not ask for what the interpolation rules out."""
    averages = value if isinstance(value, str) and value == "auto" else flag("antialias", value)
    if averages is True and interpolation == "nearest":
        raise ValueError('`antialias=True` averages pixels, which `interpolation="nearest"` does not.')
    return averages


def ordered(value: Any) -> tuple[float, float]:
    """Returns `value_range` as (low, high)."""
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError(f"`value_range` must be a pair (low, high). Received: value_range={value!r}")
    low, high = (number("value_range", end) for end in value)
    if low >= high:
        raise ValueError(f"`value_range` must be a pair with low < high. Received: value_range={value!r}")
    return low, high


def integer(name: str, value: Any, low: int, high: int | None = None) -> int:
    """Returns `value` as an int if it is a whole number from `low` to `high`."""
    try:
        if isinstance(value, bool):
            raise TypeError
        whole = operator.index(value)
    except TypeError:
        raise TypeError(f"`{name}` must be an integer. Received: {name}={value!r}") from None
    if whole < low or (high is not None and whole > high):
        bounds = f"at least {low}" if high is None else f"from {low} to {high}"
        raise ValueError(f"`{name}` must be {bounds}. Received: {name}={value!r}")
    return whole


def whole_range(name: str, value: Any, low: int, high: int) -> tuple[int, int]:
    """Returns a pair of whole numbers from `low` to `high`, the smaller first, from two numbers or one."""
    ends = tuple(value) if isinstance(value, tuple | list) else (value, value)
    if len(ends) != 2:
        raise ValueError(f"`{name}` must be one or two whole numbers. Received: {name}={value!r}")
    first, second = (integer(name, end, low, high) for end in ends)
    return min(first, second), max(first, second)


def seed(name: str, value: Any) -> int | None:
    """Returns a seed of 64 bits, or None."""
    return None if value is None else integer(name, value, 0, 2**64 - 1)


def image_size(value: Any, name: str = "image_size") -> tuple[int, int]:
    """Returns (height, width) of such a pair, or of one number for both."""
    value = (value, value) if isinstance(value, int | np.integer) and not isinstance(value, bool) else value
    if not isinstance(value, tuple | list) or len(value) != 2:
        raise ValueError(f"`{name}` must be (height, width), or one number for both. Received: {name}={value!r}")
    height, width = (integer(name, extent, 1, 2**31 - 1) for extent in value)
    return height, width


def flag(name: str, value: Any) -> bool:
    """Returns `value` if it is a bool."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"`{name}` must be True or False. Received: {name}={value!r}")
    return bool(value)


def unmasked(name: str, value: Any) -> None:
    """Refuses masked arrays: their masks would be lost."""
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"`{name}` must not be a masked array, whose mask would be lost; use `{name}.filled(…)`.")


def sample_ids(ids: Any, count: int) -> NDArray[np.uint32]:
    """Returns sample numbers as `(count,)` uint32."""
    array = np.asarray(ids)
    if array.shape != (count,) or array.dtype.kind not in "iu" or array.min() < 0 or array.max() >= 2**32:
        raise ValueError(f"`ids` must be {count} whole numbers from 0 to 2**32 - 1, one per image. Received: {ids!r}")
    return array.astype(np.uint32)


def image_shape(image: Any) -> tuple[int, ...]:
    """Returns the shape of an image, which must be one that the kernels take."""
    if not isinstance(image, np.ndarray):
        raise TypeError(f"Images must be NumPy arrays. Received: {type(image).__name__}")
    unmasked("images", image)
    if image.ndim != 3 or 0 in image.shape:
        raise ValueError(
            "Images must be of rank 3, (height, width, channels), and not empty; a grayscale image has one channel. "
            f"Received: shape {image.shape}"
        )
    if image.dtype.newbyteorder("=") not in SOURCE_DTYPES:
        raise TypeError(f"Images must be of dtype {', '.join(SOURCE_DTYPES)}. Received: {image.dtype}")
    shape: tuple[int, ...] = image.shape
    return shape


def shapes_of_images(images: Any) -> NDArray[np.int64]:
    """Returns the shapes of images, or of volumes' slices, as `(n, 3)`; each must be one that the kernels take."""
    if isinstance(images, np.ndarray) and images.ndim in (4, 5):
        first = images[0] if images.ndim == 4 else images[0, 0] if images.shape[1] else images[0]
        return np.full((len(images), 3), image_shape(first))
    return np.array([image_shape(image) for image in images], np.int64)


def image_shapes(shapes: Any) -> NDArray[np.int64]:
    """Returns the shapes of images, (height, width, channels) each and at least one, as `(n, 3)`."""
    array = np.asarray(shapes)
    if array.ndim != 2 or array.shape[1] != 3 or array.dtype.kind not in "iu" or len(array) == 0 or array.min() < 1:
        raise ValueError(
            "`shapes` must be (height, width, channels) of at least one image, whole numbers of at least 1. "
            f"Received: shapes={list(shapes)[:3]!r}"
        )
    return array.astype(np.int64, copy=False)


def per_channel(name: str, value: Any) -> float | tuple[float, ...]:
    """Returns a finite number, or one per channel."""
    try:
        given = np.asarray(value)
        array = given.astype(np.float64) if given.dtype.kind in "iuf" else np.array(np.nan)
    except ValueError:  # a ragged list
        array = np.array(np.nan)
    if array.ndim > 1 or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(f"`{name}` must be a finite number, or one per channel. Received: {name}={value!r}")
    return plain(array)


def plain(array: NDArray[np.float64]) -> float | tuple[float, ...]:
    """Returns a number, or a tuple of them, as Python's own."""
    return tuple(array.tolist()) if array.ndim else float(array)
