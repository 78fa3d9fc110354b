"""Changes of colour that take each value along a curve within the range of values."""

import numpy as np

from seqaug import _core, checks
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.color import Ranged, line


class RandomPosterization(Ranged):
    """Keeps only the upper bits of values, as `keras.layers.RandomPosterization`.

    ```python
    RandomPosterization((3, 6))  # 3, 4 or 5 bits of 8
    RandomPosterization((4, 4))  # 4 bits
    ```

    A value, scaled from the value range to 0 … 255 and cut to a whole number, loses its lower bits. The number of those
    that stay is drawn from the lower bound of `factor` to one less than the upper, or is the one bound if both are
    equal. A number n alone means (1, n), so that `RandomPosterization(4)` keeps 1 to 3 bits; this is what Keras 3.15.1
    does. What lies outside the range is clipped to it first. (Keras converts it without a check.)

    Args:
        factor: Number of bits from 1 to 8, or a pair: the lower and the upper bound.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known.
        TypeError: A number of bits is not an integer.
    """

    kind = "posterize"

    def __init__(
        self,
        factor: int | tuple[int, int],
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(value_range, seed, p)
        if isinstance(factor, tuple | list):
            if len(factor) != 2:
                raise ValueError(f"`factor` must be a number or a pair of numbers. Received: factor={factor!r}")
            first, second = (checks.integer("factor", end, 1, 8) for end in factor)
            self.factor = min(first, second), max(first, second)
        else:
            self.factor = 1, checks.integer("factor", factor, 1, 8)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        low, high = self.factor
        bits = low + np.floor((high - low) * draws.uniforms(1, 1, self.seed))
        return line(self, draws, channels, np.ldexp(1.0, (8 - bits).astype(int)), 0.0, values)


class Solarization(Ranged):
    """Turns light values into dark ones, as `keras.layers.Solarization`.

    ```python
    Solarization(threshold_factor=(0.4, 0.6))  # what is lighter than about the middle
    Solarization()  # all values, which inverts the picture
    ```

    First, a number drawn from `addition_factor` times the width of the value range is added and the sum clipped to
    the range. Then a value v that is not below the threshold becomes low + high - v. (Of a pair, Keras 3.15.1 scales
    only the upper bound; here both bounds are parts of the range, as its documentation says.)

    Args:
        addition_factor: From 0 to 1: the largest addition, the lowest being 0, or a pair: the lower and the upper
            bound, as parts of the value range.
        threshold_factor: From 0 to 1: the highest threshold, the lowest being 0, or a pair: the lower and the upper
            bound, as parts of the value range. 0 turns all values.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known.
    """

    kind = "solarize"

    def __init__(
        self,
        addition_factor: float | tuple[float, float] = 0.0,
        threshold_factor: float | tuple[float, float] = 0.0,
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(value_range, seed, p)
        self.addition_factor = checks.positive_range("addition_factor", addition_factor, 1)
        self.threshold_factor = checks.positive_range("threshold_factor", threshold_factor, 1)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        width = values[1] - values[0]
        numbers = draws.uniforms(1, 2, self.seed)
        (a, b), (c, d) = self.addition_factor, self.threshold_factor
        addition, threshold = a + (b - a) * numbers[:, :1], c + (d - c) * numbers[:, 1:]
        return line(self, draws, channels, values[0] + threshold * width, addition * width, values)


class RandomGamma(Ranged):
    """Makes the middle tones lighter or darker: gamma correction.

    ```python
    RandomGamma((0.7, 1.5))  # v to the power of 0.7 to 1.5
    ```

    With g drawn from `gamma`, v becomes low + (high - low)·((v - low) / (high - low))^g in the value range low … high,
    to which it is clipped. Below 1, g makes a picture lighter; 1 changes nothing; the ends of the range stay.

    Args:
        gamma: From 0.01 to 100: a pair, the lower and the upper bound of g, or one number, which is g.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known.
    """

    kind = "power"

    def __init__(
        self,
        gamma: float | tuple[float, float] = (0.8, 1.2),
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(value_range, seed, p)
        self.gamma = checks.chosen_range("gamma", gamma, 0.01, 100)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        low, high = self.gamma
        return line(self, draws, channels, low + (high - low) * draws.uniforms(1, 1, self.seed), 0.0, values)


class AutoContrast(Ranged):
    """Stretches each channel of an image over the whole value range, as `keras.layers.AutoContrast`.

    ```python
    AutoContrast()
    ```

    The darkest value of a channel becomes the lower end of the range, the lightest the upper, by one line; a channel
    that has one value only stays as it is. Finding them takes another read of the picture. As in Keras it stays on
    when a model is evaluated.

    Args:
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known.
    """

    kind = "stretch"
    is_random = False
    measures = True

    def __init__(self, value_range: tuple[float, float] | None = None, *, p: float = 1.0) -> None:
        super().__init__(value_range, None, p)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        return line(self, draws, channels, 1.0, 0.0, values)


class Equalization(Ranged):
    """Spreads the values of each channel of an image evenly over the value range, as `keras.layers.Equalization`.

    ```python
    Equalization()
    ```

    The values of a channel are counted in bins, and each becomes the part of all values that lie in bins up to its own,
    the first that is not empty counting for nothing, in 255 steps. A channel with all its values in one bin stays as it
    is. Counting takes another read of the picture. (Keras counts the values of a whole batch together.)

    Args:
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        bins: Number of bins, from 1 to 65536.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known.
        TypeError: `bins` is not an integer.
    """

    kind = "equalize"
    measures = True

    def __init__(
        self, value_range: tuple[float, float] | None = None, bins: int = 256, *, p: float = 1.0
    ) -> None:  # fmt: skip
        super().__init__(value_range, None, p)
        self.bins = checks.integer("bins", bins, 1, _core.MOST_BINS)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`."""
        return line(self, draws, channels, float(self.bins), 0.0, values)
