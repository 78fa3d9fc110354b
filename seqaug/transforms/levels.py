"""Changes of colour that move or mirror all values of a channel, and noise."""

import numpy as np

from seqaug import checks
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import Color, still
from seqaug.transforms.color import Ranged, line
from seqaug.values import Values


class RandomInvert(Ranged):
    """Turns images into their negatives, as `keras.layers.RandomInvert`.

    ```python
    RandomInvert((0.3, 0.3))  # three images of ten
    ```

    A value v becomes low + high - v. Whether it does is drawn with a probability that itself is drawn from `factor`:
    the default of 1, which means (0, 1), inverts every second image; this is what Keras 3.15.1 does. (Keras takes
    high - v for the negative, which fits a range from 0 only.)

    Args:
        factor: From 0 to 1: the highest probability, the lowest being 0, or a pair: the lower and the upper bound.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that there is a chance at all: the two multiply.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known.
    """

    clips = False

    def __init__(
        self,
        factor: float | tuple[float, float] = 1.0,
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(value_range, seed, p)
        self.factor = checks.positive_range("factor", factor, 1)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        low, high = self.factor
        chance, drawn = draws.uniforms(1, 2, self.seed).T
        inverted = (drawn < low + (high - low) * chance)[:, None]
        scale, offset = np.where(inverted, -1.0, 1.0), np.where(inverted, values[0] + values[1], 0.0)
        return line(self, draws, channels, scale, offset)

    def carry(self, values: Values) -> Values:
        """Returns the values of an image and of its negative."""
        bounds = self.value_range or values.range
        always = self.factor[0] == 1 and self.p == 1
        return values if bounds is None else values.scaled([(-1.0, bounds[0] + bounds[1])], always)


class RandomChannelShift(Ranged):
    """Makes each channel of an image lighter or darker by itself.

    ```python
    RandomChannelShift(0.1)  # up to a tenth of the range of values, either way
    ```

    Adds to each channel a number of its own drawn from `factor`, times the width of the value range, and clips to it.

    Args:
        factor: From -1 to 1: the largest change either way, or a pair: the lower and the upper bound.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it.
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
        shifts = low + (high - low) * draws.uniforms(1, channels, self.seed)
        return line(self, draws, channels, 1.0, shifts * (values[1] - values[0]), values)


class GaussianNoise(Color):
    """Adds normal noise to every value, as `keras.layers.GaussianNoise`.

    ```python
    GaussianNoise(10.0)  # of images of 0 … 255
    GaussianNoise((0.0, 0.05), value_range=(0, 1))  # after Rescaling(1 / 255)
    ```

    Each value of each channel gets a number of its own, from a normal distribution with mean 0 and standard deviation
    `stddev`, which is in the units that hold at this place in the list. The numbers belong to the image's draws and to
    the place in the picture. What a transform has put outside a picture gets noise as well.

    Args:
        stddev: At least 0: the standard deviation, or a pair: the lower and the upper bound from which that of an
            image is drawn. (Keras allows one number up to 1.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        value_range: (low, high) to which the sums are clipped. None clips nothing, as Keras, but batches of integers
            hold no more than their range.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range.
    """

    kind = "noise"
    clips = True

    def __init__(
        self,
        stddev: float | tuple[float, float],
        seed: int | None = None,
        *,
        value_range: tuple[float, float] | None = None,
        p: float = 1.0,
    ) -> None:
        super().__init__(p, seed)
        self.stddev = checks.chosen_range("stddev", stddev, 0, 1e30)
        self.value_range = None if value_range is None else checks.ordered(value_range)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        low, high = self.stddev
        numbers = draws.uniforms(1, 3, self.seed)
        applies = self.applies(draws)[:, None]
        rows = still(len(numbers), channels)
        rows[:, 1] = np.where(applies, low + (high - low) * numbers[:, :1], 0.0)
        rows[:, 4:] = np.floor(numbers[:, 1:, None] * 2.0**32)  # a key of two words
        if self.value_range is not None:
            rows[:, 2:4] = np.where(applies[:, None], np.array(self.value_range)[:, None], rows[:, 2:4])
        return rows

    def carry(self, values: Values) -> Values:
        """Returns the range that values are clipped to, or those before: how far noise goes beyond is left open."""
        return values if self.value_range is None else values.clipped(*self.value_range, all_images=self.p == 1)
