"""Brightness and channel shift of one image: Keras's functions, bit for bit."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import _core


def apply_channel_shift(x: NDArray[Any], intensity: float, channel_axis: int = 0) -> NDArray[Any]:
    """Adds a number to all values, and cuts them to the range that the image had before.

    Equal to Keras's function of this name, which does it channel by channel with one range for all.

    Args:
        x: Image, of any dtype. It is only read.
        intensity: What is added, in units of `x`.
        channel_axis: Axis of the channels. As in Keras, a negative one brings the channels to the front.

    Returns:
        An image of the shape of `x`, channel by channel in memory, as Keras's. Integers become float64 if `intensity`
        is a float.
    """
    planes = np.rollaxis(x, channel_axis, 0)
    result = shifted(np.ascontiguousarray(planes), intensity)
    return np.rollaxis(result, 0, channel_axis + 1)


def shifted(x: NDArray[Any], intensity: float, target: NDArray[Any] | None = None) -> NDArray[Any]:
    """See `apply_channel_shift`; in `target`, C-contiguous float32, if there is one, which may be `x`."""
    low, high = np.min(x), np.max(x)
    if not (x.dtype == np.float32 and type(intensity) in (float, int) and abs(intensity) < 1e38 and x.dtype.isnative):
        return np.clip(x + intensity, low, high)
    plain = np.ascontiguousarray(x)
    result = np.empty_like(plain) if target is None else target
    if np.isnan(low):
        result.fill(np.nan)
    else:
        _core.shift(plain.reshape(-1), intensity, float(low), float(high), result.reshape(-1))
    return result


def apply_brightness_shift(x: NDArray[Any], brightness: float, scale: bool = True) -> NDArray[Any]:
    """Changes the brightness of an image by way of bytes, as Keras does through Pillow.

    Equal to Keras's function of this name. Values become bytes, so that an image from 0 to 1 comes out black unless
    `scale` is set; four channels are taken for RGBA, and the last one stays as it is.

    Args:
        x: Image of rank 3, of 1, 3 or 4 channels by `keras.config.image_data_format()`. It is only read.
        brightness: Factor: 0 is black, 1 changes nothing.
        scale: Whether to stretch the image to 0 … 255 first. Without it that is done if values lie outside of
            0 … 255, and undone afterwards.

    Returns:
        An image of dtype `keras.config.floatx()`.

    Raises:
        ValueError: `x` is not of rank 3, or of another number of channels.
    """
    return brightened(x, brightness, scale)


def brightened(x: NDArray[Any], brightness: float, scale: bool, target: NDArray[Any] | None = None) -> NDArray[Any]:
    """See `apply_brightness_shift`; in `target`, C-contiguous float32, if there is one, which may be `x`."""
    x_min, x_max = np.min(x), np.max(x)
    is_outside = bool(x_min < 0 or x_max > 255)
    if not _is_usual(x):
        return _by_pillow(x, brightness, scale, x_min, x_max)
    values = np.ascontiguousarray(x, np.float32)
    tables = _tables(values.shape[2], brightness)
    if is_outside and not scale:
        tables = tables / 255 * (x_max - x_min) + x_min
    if tables.dtype != np.float32:  # the range of an integer or float64 image makes it float64
        return _by_pillow(x, brightness, scale, x_min, x_max)
    low = np.float32(x_min)
    extent = np.float32(x_max) - low
    result = np.empty_like(values) if target is None else target
    _core.look_up(values.reshape(-1), tables, float(low), float(extent), is_outside or scale, result.reshape(-1))
    return result


def _is_usual(x: NDArray[Any]) -> bool:
    """Whether Keras, as it is set up, would make an ordinary picture of these values."""
    from keras import config

    usual = config.image_data_format() == "channels_last" and config.floatx() == "float32"
    return usual and isinstance(x, np.ndarray) and x.ndim == 3 and x.shape[2] in (1, 3, 4) and x.dtype.kind in "fiub"


def _tables(channels: int, factor: float) -> NDArray[np.float32]:
    """Returns what becomes of each byte, (1 or channels, 256): Pillow is asked, whichever it is."""
    channels = 1 if channels == 3 else channels  # all alike
    after = np.asarray(_ramp(channels).enhance(factor), np.float32)
    return np.ascontiguousarray(after.reshape(256, channels).T)


@cache
def _ramp(channels: int) -> Any:
    """The bytes 0 … 255 as a picture, to be made brighter."""
    from PIL import Image, ImageEnhance

    ramp = np.repeat(np.arange(256, dtype=np.uint8), channels).reshape(1, 256, channels)
    return ImageEnhance.Brightness(Image.fromarray(ramp[:, :, 0] if channels == 1 else ramp))


def _by_pillow(x: NDArray[Any], brightness: float, scale: bool, x_min: Any, x_max: Any) -> NDArray[Any]:
    from keras.utils import array_to_img, img_to_array
    from PIL import ImageEnhance

    is_outside = bool(x_min < 0 or x_max > 255)
    picture = ImageEnhance.Brightness(array_to_img(x, scale=is_outside or scale)).enhance(brightness)
    result: NDArray[Any] = img_to_array(picture)
    if is_outside and not scale:
        result = result / 255 * (x_max - x_min) + x_min
    return result
