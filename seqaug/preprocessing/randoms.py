"""Random changes of one image: Keras's functions, bit for bit, with the same draws from NumPy's global generator."""

from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from seqaug.preprocessing import draws
from seqaug.preprocessing.affine import apply_affine_transform
from seqaug.preprocessing.tones import apply_brightness_shift, apply_channel_shift


def random_rotation(
    x: NDArray[Any],
    rg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> NDArray[Any]:
    """Turns an image by an angle from -`rg` to `rg` degrees; the other arguments as in `apply_affine_transform`."""
    theta = draws.generator().uniform(-rg, rg)
    axes = (row_axis, col_axis, channel_axis)
    return apply_affine_transform(x, theta, 0, 0, 0, 1, 1, *axes, fill_mode, cval, interpolation_order)


def random_shift(
    x: NDArray[Any],
    wrg: float,
    hrg: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> NDArray[Any]:
    """Moves an image by fractions of its extents. As in Keras, `hrg` times the height moves it along the columns.

    Args:
        x: Image of rank 3.
        wrg: Most of the width that the image moves along its rows, up or down.
        hrg: Most of the height that it moves along its columns, to the left or right.
        row_axis: As in `apply_affine_transform`, like those that follow.
        col_axis: Axis of the columns.
        channel_axis: Axis of the channels.
        fill_mode: What lies outside.
        cval: The value outside under `"constant"`.
        interpolation_order: Order of the spline.
    """
    height, width = x.shape[row_axis], x.shape[col_axis]
    tx = draws.generator().uniform(-hrg, hrg) * height
    ty = draws.generator().uniform(-wrg, wrg) * width
    axes = (row_axis, col_axis, channel_axis)
    return apply_affine_transform(x, 0, tx, ty, 0, 1, 1, *axes, fill_mode, cval, interpolation_order)


def random_shear(
    x: NDArray[Any],
    intensity: float,
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> NDArray[Any]:
    """Shears an image by -`intensity` to `intensity` degrees; the other arguments as in `apply_affine_transform`."""
    shear = draws.generator().uniform(-intensity, intensity)
    axes = (row_axis, col_axis, channel_axis)
    return apply_affine_transform(x, 0, 0, 0, shear, 1, 1, *axes, fill_mode, cval, interpolation_order)


def random_zoom(
    x: NDArray[Any],
    zoom_range: Sequence[float],
    row_axis: int = 1,
    col_axis: int = 2,
    channel_axis: int = 0,
    fill_mode: str = "nearest",
    cval: float = 0.0,
    interpolation_order: int = 1,
) -> NDArray[Any]:
    """Zooms both axes of an image, each by a factor of its own from a range; above 1 the content shrinks.

    Args:
        x: Image of rank 3.
        zoom_range: The least and the greatest factor.
        row_axis: As in `apply_affine_transform`, like those that follow.
        col_axis: Axis of the columns.
        channel_axis: Axis of the channels.
        fill_mode: What lies outside.
        cval: The value outside under `"constant"`.
        interpolation_order: Order of the spline.

    Raises:
        ValueError: `zoom_range` is no pair.
    """
    if len(zoom_range) != 2:
        raise ValueError(f"`zoom_range` must be a tuple or list of two numbers. Received: zoom_range={zoom_range}")
    zx, zy = drawn_zoom(draws.generator(), zoom_range)
    axes = (row_axis, col_axis, channel_axis)
    return apply_affine_transform(x, 0, 0, 0, 0, zx, zy, *axes, fill_mode, cval, interpolation_order)


def drawn_zoom(generator: Any, zoom_range: Sequence[float]) -> tuple[float, float]:
    """Draws the factors along both axes, unless the range leaves no choice but 1."""
    if zoom_range[0] == 1 and zoom_range[1] == 1:
        return 1, 1
    zx, zy = generator.uniform(zoom_range[0], zoom_range[1], 2)
    return zx, zy


def random_channel_shift(x: NDArray[Any], intensity_range: float, channel_axis: int = 0) -> NDArray[Any]:
    """Adds a number from -`intensity_range` to `intensity_range` to all values; see `apply_channel_shift`."""
    intensity = draws.generator().uniform(-intensity_range, intensity_range)
    return apply_channel_shift(x, intensity, channel_axis)


def random_brightness(x: NDArray[Any], brightness_range: Sequence[float], scale: bool = True) -> NDArray[Any]:
    """Changes the brightness by a factor from a range; see `apply_brightness_shift`.

    Args:
        x: Image of rank 3.
        brightness_range: The least and the greatest factor.
        scale: Whether to stretch the image to 0 … 255 first.

    Raises:
        ValueError: `brightness_range` is no pair.
    """
    if len(brightness_range) != 2:
        raise ValueError(
            f"`brightness_range` must be a tuple or list of two numbers. Received: brightness_range={brightness_range}"
        )
    factor = draws.generator().uniform(brightness_range[0], brightness_range[1])
    return apply_brightness_shift(x, factor, scale)
