"""Changes of colour."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqaug import checks
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import Color, Transform, still
from seqaug.values import Values

_EPSILON = 1e-7  # keras.config.epsilon()


class Rescaling(Color):
    """Multiplies every value by `scale` and adds `offset`, as `keras.layers.Rescaling`.

    ```python
    Rescaling(1 / 255)  # 0 … 255 to 0 … 1
    Rescaling(1 / 127.5, offset=-1)  # 0 … 255 to -1 … 1
    ```

    Args:
        scale: A number, or one per channel.
        offset: A number, or one per channel.
        p: Probability that an image is rescaled at all.

    Raises:
        ValueError: An argument is not finite or of the wrong form; when images arrive, the channels do not match.
    """

    is_random = False

    def __init__(
        self, scale: float | Sequence[float], offset: float | Sequence[float] = 0.0, *, p: float = 1.0
    ) -> None:
        super().__init__(p)
        self.scale = checks.per_channel("scale", scale)
        self.offset = checks.per_channel("offset", offset)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        return line(self, draws, channels, _spread(self, "scale", channels), _spread(self, "offset", channels))

    def carry(self, values: Values) -> Values:
        """Returns the values of each channel, and those before if an image may be left as it is."""
        pairs = np.broadcast_arrays(self.scale, self.offset)
        return values.scaled(list(zip(*(end.reshape(-1).tolist() for end in pairs), strict=True)), self.p == 1)


class Normalization(Color):
    """Subtracts a mean and divides by a standard deviation, as `keras.layers.Normalization`.

    ```python
    Normalization(mean=[123.7, 116.3, 103.5], variance=[58.4**2, 57.1**2, 57.4**2])
    normalization = Normalization()
    normalization.adapt(images)  # measures them, channel by channel
    ```

    A value v becomes (v - mean) / max(sqrt(variance), 1e-7), or v·max(sqrt(variance), 1e-7) + mean if `invert`.

    Args:
        axis: -1 for a mean and a variance per channel, None for one of each.
        mean: A number, or one per channel. None until `adapt` has measured it.
        variance: A number of at least 0, or one per channel. Given together with `mean`.
        invert: Whether to undo a normalization.
        p: Probability that an image is normalized at all.

    Raises:
        ValueError: An argument is not finite or of the wrong form; when images arrive, the channels do not match or
            there is no mean yet.
    """

    is_random = False

    def __init__(
        self,
        axis: int | Sequence[int] | None = -1,
        mean: float | Sequence[float] | None = None,
        variance: float | Sequence[float] | None = None,
        invert: bool = False,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(p)
        axes = [] if axis is None else list(np.atleast_1d(np.asarray(axis)).tolist())
        if axes not in ([], [-1], [3]):
            raise ValueError(f"`axis` must be -1, for one mean per channel, or None. Received: axis={axis!r}")
        self.axis = -1 if axes else ()
        self.invert = checks.flag("invert", invert)
        if (mean is None) != (variance is None):
            raise ValueError(
                f"`mean` and `variance` go together. Received: mean={mean!r} and variance={variance!r}"
            )  # fmt: skip
        self.mean = None if mean is None else checks.per_channel("mean", mean)
        self.variance = None if variance is None else checks.per_channel("variance", variance)
        if self.variance is not None and np.min(self.variance) < 0:
            raise ValueError(f"`variance` must be at least 0. Received: variance={variance!r}")

    def adapt(self, images: Any) -> None:
        """Measures the mean and the variance of images, in the units that hold at this place in the list.

        Args:
            images: `(n, height, width, channels)` in an array, or in anything with rows of rank 3 that can be
                iterated over, such as a memory map; rows are read one after the other.

        Raises:
            ValueError: There is no image, or one is not of rank 3, not finite or of other channels than the first.
        """
        count, total, squares = 0, np.zeros(()), np.zeros(())
        for image in images:
            try:
                pixels = np.asarray(image, np.float64)
            except (TypeError, ValueError) as error:
                raise TypeError(
                    "`images` must be an array of images, or give one image after the other; of a Sequence, give the "
                    f"images of its batches. Received: a row of type {type(image).__name__}"
                ) from error
            if pixels.ndim != 3 or pixels.size == 0:
                raise ValueError(f"`images` must be of rank 4 and not empty. Received: a row of shape {pixels.shape}")
            axes = (0, 1) if self.axis == -1 else (0, 1, 2)
            size = pixels.size // (pixels.shape[2] if self.axis == -1 else 1)
            mean = pixels.mean(axes)
            if count and mean.shape != total.shape:
                raise ValueError(
                    "`images` must all have the same number of channels. "
                    f"Received: {pixels.shape[2]} after {total.size}"
                )
            if not np.isfinite(mean).all():
                raise ValueError(f"`images` must be finite. Received: a channel whose mean is {mean.tolist()}")
            # The parallel update of means and squared deviations (Chan, Golub and LeVeque, 1983).
            shift = mean - total
            squares = squares + ((pixels - mean) ** 2).sum(axes) + shift**2 * (count * size / (count + size))
            total = total + shift * (size / (count + size))
            count += size
        if count == 0:
            raise ValueError("`images` must hold at least one image. Received: none")
        self.mean, self.variance = checks.plain(total), checks.plain(squares / count)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        self._known()
        scale, offset = self._line(_spread(self, "mean", channels), _spread(self, "variance", channels))
        return line(self, draws, channels, scale, offset)

    def carry(self, values: Values) -> Values:
        """Returns the values of each channel, and those before if an image may be left as it is."""
        self._known()
        scale, offset = np.broadcast_arrays(*self._line(np.asarray(self.mean), np.asarray(self.variance)))
        pairs = zip(scale.reshape(-1).tolist(), offset.reshape(-1).tolist(), strict=True)
        return values.scaled(list(pairs), self.p == 1)

    def _line(self, mean: Floats | float, variance: Floats | float) -> tuple[Floats | float, Floats | float]:
        deviation = np.maximum(np.sqrt(variance), _EPSILON)
        return (deviation, mean) if self.invert else (1.0 / deviation, -mean / deviation)

    def _known(self) -> None:
        if self.mean is None:
            raise ValueError(
                "Normalization has no mean and variance yet: give `mean` and `variance`, or call its `adapt(images)` "
                "first."
            )


class Ranged(Color):
    """A change of colour that depends on the range of values, and clips to it."""

    clips = True
    needs_range = True

    def __init__(self, value_range: tuple[float, float] | None, seed: int | None, p: float) -> None:
        super().__init__(p, seed)
        self.value_range = None if value_range is None else checks.ordered(value_range)

    def carry(self, values: Values) -> Values:
        """Returns the range that values are clipped to."""
        bounds = self.value_range or values.range
        return values if bounds is None else values.clipped(*bounds, all_images=self.p == 1)


class RandomBrightness(Ranged):
    """Makes images lighter or darker, as `keras.layers.RandomBrightness`.

    ```python
    RandomBrightness(0.2)  # up to a fifth of the range of values, either way
    ```

    Adds to all values of an image a number drawn from `factor`, times the width of the value range, and clips to it.

    Args:
        factor: From -1 to 1: the largest change either way, or a pair: the lower and the upper bound.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known.
    """

    def __init__(
        self,
        factor: float | tuple[float, float],
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(value_range, seed, p)
        self.factor = checks.symmetric_range("factor", factor, 1)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        low, high = self.factor
        delta = (low + (high - low) * draws.uniforms(1, 1, self.seed)) * (values[1] - values[0])
        return line(self, draws, channels, 1.0, delta, values)


class RandomContrast(Ranged):
    """Raises or lowers the contrast of images, as `keras.layers.RandomContrast`.

    ```python
    RandomContrast((0.3, 0.3))  # by a factor from 0.7 to 1.3
    ```

    In each channel v becomes (v - mean)·c + mean, clipped to the value range, with one c per image and the mean of the
    whole picture as it then stands. Finding it takes another read of the picture.

    Args:
        factor: A pair (lower, upper) of numbers from 0 to 1: c is drawn from 1 - lower … 1 + upper, the smaller of the
            two being taken for `lower`. One number f means (0, f), which only ever raises the contrast: Keras 3.15.1
            does this, whatever its documentation says.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known.
    """

    measures = True

    def __init__(
        self,
        factor: float | tuple[float, float],
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(value_range, seed, p)
        self.factor = checks.positive_range("factor", factor, 1)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        low, high = 1.0 - self.factor[0], 1.0 + self.factor[1]
        scale = low + (high - low) * draws.uniforms(1, 1, self.seed)
        rows = line(self, draws, channels, scale, 0.0, values)
        rows[:, 4] = 1.0 - rows[:, 0]  # (v - mean)·scale + mean
        return rows


def line(
    transform: Transform, draws: Draws, channels: int, scale: Any, offset: Any, cut: tuple[float, ...] = ()
) -> Floats:
    """Returns the rows of v·scale + offset, cut to a range if there is one, for the images that are changed."""
    rows = still(len(draws.ids), channels)
    applies = None if transform.p == 1 else transform.applies(draws)[:, None]
    for row, value in enumerate((scale, offset, *cut)):
        rows[:, row] = value if applies is None else np.where(applies, value, rows[:, row])
    return rows


def _spread(transform: Transform, name: str, channels: int) -> Floats | float:
    """Returns an argument that is one number, or one per channel."""
    given: float | Sequence[float] = getattr(transform, name)
    if isinstance(given, float):
        return given
    value = np.asarray(given, np.float64)
    if len(value) != channels:
        raise ValueError(
            f"{type(transform).__name__}'s `{name}` must be one number, or one for each of the {channels} channels. "
            f"Received: {name}={value.tolist()}"
        )
    return value
