"""What ImageDataGenerator draws for an image, and what it does with what was drawn."""

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqaug.preprocessing import draws
from seqaug.preprocessing.affine import flip_axis, transform
from seqaug.preprocessing.randoms import drawn_zoom
from seqaug.preprocessing.tones import apply_brightness_shift, apply_channel_shift

_AXES = {"channels_first": (1, 2, 3), "channels_last": (3, 1, 2)}  # channels, rows and columns of a batch


class ImageAugmentation:
    """The part of `ImageDataGenerator`, which see, that knows nothing of batches."""

    def __init__(
        self,
        featurewise_center: bool = False,
        samplewise_center: bool = False,
        featurewise_std_normalization: bool = False,
        samplewise_std_normalization: bool = False,
        zca_whitening: bool = False,
        zca_epsilon: float = 1e-6,
        rotation_range: float = 0,
        width_shift_range: float | Sequence[float] = 0.0,
        height_shift_range: float | Sequence[float] = 0.0,
        brightness_range: Sequence[float] | None = None,
        shear_range: float = 0.0,
        zoom_range: float | Sequence[float] = 0.0,
        channel_shift_range: float = 0.0,
        fill_mode: str = "nearest",
        cval: float = 0.0,
        horizontal_flip: bool = False,
        vertical_flip: bool = False,
        rescale: float | None = None,
        preprocessing_function: Callable[[NDArray[Any]], NDArray[Any]] | None = None,
        data_format: str | None = None,
        validation_split: float = 0.0,
        interpolation_order: int = 1,
        dtype: DTypeLike | None = None,
    ) -> None:
        from keras import config

        data_format = config.image_data_format() if data_format is None else data_format
        if data_format not in _AXES:
            raise ValueError(f"`data_format` must be one of {', '.join(map(repr, _AXES))}. Received: {data_format!r}")
        if validation_split and not 0 < validation_split < 1:
            raise ValueError(f"`validation_split` must be between 0 and 1. Received: {validation_split}")
        self.featurewise_center = featurewise_center
        self.samplewise_center = samplewise_center
        self.featurewise_std_normalization = featurewise_std_normalization
        self.samplewise_std_normalization = samplewise_std_normalization
        self.zca_whitening = zca_whitening
        self.zca_epsilon = zca_epsilon
        self.rotation_range = rotation_range
        self.width_shift_range = width_shift_range
        self.height_shift_range = height_shift_range
        self.shear_range = shear_range
        self.zoom_range = _zoom_factors(zoom_range)
        self.channel_shift_range = channel_shift_range
        self.fill_mode = fill_mode
        self.cval = cval
        self.horizontal_flip = horizontal_flip
        self.vertical_flip = vertical_flip
        self.rescale = rescale
        self.preprocessing_function = preprocessing_function
        self.dtype = config.floatx() if dtype is None else dtype
        self.interpolation_order = interpolation_order
        self.data_format = data_format
        self.channel_axis, self.row_axis, self.col_axis = _AXES[data_format]
        self._validation_split = validation_split
        # Found by `fit`, or set by those who know them: arrays that go with an image.
        self.mean: Any = None
        self.std: Any = None
        self.zca_whitening_matrix: Any = None
        if zca_whitening and not featurewise_center:
            self._override("featurewise_center", True, "zca_whitening")
        if zca_whitening and featurewise_std_normalization:
            self._override("featurewise_std_normalization", False, "zca_whitening")
        if featurewise_std_normalization and not featurewise_center:
            self._override("featurewise_center", True, "featurewise_std_normalization")
        if samplewise_std_normalization and not samplewise_center:
            self._override("samplewise_center", True, "samplewise_std_normalization")
        if brightness_range is not None and not (
            isinstance(brightness_range, tuple | list) and len(brightness_range) == 2
        ):
            raise ValueError(f"`brightness_range` must be a tuple or list of two numbers. Received: {brightness_range}")
        self.brightness_range = brightness_range

    def _override(self, name: str, value: bool, reason: str) -> None:
        setattr(self, name, value)
        warnings.warn(f"`{reason}` sets `{name}` to {value}.", stacklevel=3)

    def standardize(self, x: NDArray[Any]) -> NDArray[Any]:
        """Applies `preprocessing_function`, `rescale`, centring, normalisation and whitening, in this order.

        Args:
            x: Image or batch, of floats, or of a dtype that takes what is asked for in place. It is changed.

        Returns:
            The result: `x` itself unless whitening or `preprocessing_function` made a new array.
        """
        if self.preprocessing_function:
            x = self.preprocessing_function(x)
        if self.rescale:
            x *= self.rescale
        if self.samplewise_center:
            x -= np.mean(x, keepdims=True)
        if self.samplewise_std_normalization:
            x /= np.std(x, keepdims=True) + 1e-6
        if self.featurewise_center and self._is_fitted("featurewise_center", self.mean):
            x -= self.mean
        if self.featurewise_std_normalization and self._is_fitted("featurewise_std_normalization", self.std):
            x /= self.std + 1e-6
        if self.zca_whitening and self._is_fitted("zca_whitening", self.zca_whitening_matrix):
            flat = x.reshape(-1, math.prod(x.shape[-3:]))
            x = np.reshape(flat @ self.zca_whitening_matrix, x.shape)
        return x

    def _is_fitted(self, name: str, found: NDArray[Any] | None) -> bool:
        if found is None:
            warnings.warn(f"`{name}` needs `fit(images)` first. Nothing is done.", stacklevel=3)
        return found is not None

    def get_random_transform(self, img_shape: tuple[int, ...], seed: int | None = None) -> dict[str, Any]:
        """Draws what is to happen to an image, from NumPy's global generator.

        Args:
            img_shape: Shape of the image, of rank 3.
            seed: What `numpy.random.seed` is called with first, if anything.

        Returns:
            `theta`, `tx`, `ty`, `shear`, `zx`, `zy`, `flip_horizontal`, `flip_vertical`, `channel_shift_intensity` and
            `brightness`, the last two None if they are not asked for.
        """
        if seed is not None:
            np.random.seed(seed)
        random = draws.generator() if seed is None else np.random
        theta = random.uniform(-self.rotation_range, self.rotation_range) if self.rotation_range else 0
        tx = _drawn_shift(random, self.height_shift_range, img_shape[self.row_axis - 1])
        ty = _drawn_shift(random, self.width_shift_range, img_shape[self.col_axis - 1])
        shear = random.uniform(-self.shear_range, self.shear_range) if self.shear_range else 0
        zx, zy = drawn_zoom(random, self.zoom_range)
        drawn = {"theta": theta, "tx": tx, "ty": ty, "shear": shear, "zx": zx, "zy": zy}
        # Both are drawn, wanted or not.
        drawn["flip_horizontal"] = (random.random() < 0.5) * self.horizontal_flip
        drawn["flip_vertical"] = (random.random() < 0.5) * self.vertical_flip
        drawn["channel_shift_intensity"] = drawn["brightness"] = None
        if self.channel_shift_range != 0:
            most = self.channel_shift_range
            drawn["channel_shift_intensity"] = random.uniform(-most, most)
        if self.brightness_range is not None:
            drawn["brightness"] = random.uniform(self.brightness_range[0], self.brightness_range[1])
        return drawn

    def apply_transform(self, x: NDArray[Any], transform_parameters: dict[str, Any]) -> NDArray[Any]:
        """Does to an image what was drawn: affine transform, channel shift, flips and brightness, in this order.

        Args:
            x: Image of rank 3.
            transform_parameters: By the names that `get_random_transform` gives; what is missing is not done.

        Returns:
            An image of the same shape: `x` itself, or a view of it, if only flips or nothing was asked for.
        """
        channel_axis = self.channel_axis - 1
        given: Any = transform_parameters.get
        # Keras's results lie channel by channel in memory, and sums of floats, a user's or ours, depend on the order.
        result = transform(
            x,
            given("theta", 0),
            given("tx", 0),
            given("ty", 0),
            given("shear", 0),
            given("zx", 1),
            given("zy", 1),
            (self.row_axis - 1, self.col_axis - 1, channel_axis),
            (self.fill_mode, self.cval, self.interpolation_order),
            by_channels=True,
        )
        if given("channel_shift_intensity") is not None:
            result = apply_channel_shift(result, given("channel_shift_intensity"), channel_axis)
        if given("flip_horizontal", False):
            result = flip_axis(result, self.col_axis - 1)
        if given("flip_vertical", False):
            result = flip_axis(result, self.row_axis - 1)
        if given("brightness") is not None:
            result = apply_brightness_shift(result, given("brightness"), False)
        return result

    def random_transform(self, x: NDArray[Any], seed: int | None = None) -> NDArray[Any]:
        """Draws a transform for an image and applies it; see `get_random_transform` and `apply_transform`."""
        return self.apply_transform(x, self.get_random_transform(x.shape, seed))

    def fit(self, x: Any, augment: bool = False, rounds: int = 1, seed: int | None = None) -> None:
        """Finds the means, standard deviations and whitening matrix that the featurewise options ask for.

        Args:
            x: Images of rank 4. They are only read.
            augment: Whether to find them in augmented images.
            rounds: How often each image is augmented for that.
            seed: What `numpy.random.seed` is called with first, if anything.

        Raises:
            ValueError: `x` is not of rank 4.
        """
        x = np.asarray(x, dtype=self.dtype)
        if x.ndim != 4:
            raise ValueError(f"`x` must be images of rank 4. Received: x.shape={x.shape}")
        warn_of_channels(x.shape, self.channel_axis)
        if seed is not None:
            np.random.seed(seed)
        x = np.copy(x)
        if self.rescale:
            x *= self.rescale
        if augment:
            augmented = np.zeros((rounds * x.shape[0], *x.shape[1:]), dtype=self.dtype)
            for i in range(len(augmented)):
                augmented[i] = self.random_transform(x[i % x.shape[0]])
            x = augmented
        axes = (0, self.row_axis, self.col_axis)
        per_channel = [1, 1, 1]
        per_channel[self.channel_axis - 1] = x.shape[self.channel_axis]
        if self.featurewise_center:
            self.mean = np.reshape(np.mean(x, axis=axes), per_channel)
            x -= self.mean
        if self.featurewise_std_normalization:
            self.std = np.reshape(np.std(x, axis=axes), per_channel)
            x /= self.std + 1e-6
        if self.zca_whitening:
            count = len(x)
            u, s, _ = np.linalg.svd(np.reshape(x, (count, -1)).T, full_matrices=False)
            inverse = np.sqrt(count) / (s + self.zca_epsilon)
            self.zca_whitening_matrix = (u * inverse).dot(u.T)


def warn_of_channels(shape: tuple[int, ...], channel_axis: int) -> None:
    """Warns of a batch whose channels are so many that another axis may be meant."""
    if shape[channel_axis] not in {1, 3, 4}:
        warnings.warn(
            f"Expected 1, 3 or 4 channels on axis {channel_axis}. Received: an array of shape {shape}. Is another "
            "`data_format` meant?",
            stacklevel=4,
        )


def _zoom_factors(zoom_range: float | Sequence[float]) -> list[float]:
    if isinstance(zoom_range, float | int):
        return [1 - zoom_range, 1 + zoom_range]
    if len(zoom_range) == 2 and all(isinstance(factor, float | int) for factor in zoom_range):
        return list(zoom_range)
    raise ValueError(f"`zoom_range` must be a number or a tuple or list of two. Received: zoom_range={zoom_range}")


def _drawn_shift(random: Any, most: Any, extent: int) -> Any:
    """Draws a shift in pixels: of a sequence, or of the whole numbers below an integer, to either side; or a float."""
    if not most:
        return 0
    try:
        shift = random.choice(most)
        shift *= random.choice([-1, 1])
    except ValueError:  # it is a float
        shift = random.uniform(-most, most)
    return shift * extent if np.max(most) < 1 else shift
