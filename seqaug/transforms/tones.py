"""Changes of colour that mix red, green and blue: grayscale, saturation, hue."""

import numpy as np

from seqaug import checks
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import Color, still
from seqaug.transforms.color import Ranged
from seqaug.values import Values

_GRAY = (0.2989, 0.587, 0.114)  # tf.image.rgb_to_grayscale, after ITU-R BT.601
_EPSILON = 1e-7  # keras.config.epsilon()


class RandomGrayscale(Color):
    """Takes the colour out of images, as `keras.layers.RandomGrayscale`; they keep their three channels.

    ```python
    RandomGrayscale(0.2)  # a fifth of the images
    ```

    All channels become 0.2989·red + 0.587·green + 0.114·blue.

    Args:
        factor: Probability that an image loses its colour, from 0 to 1.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that there is a chance at all: the two multiply.

    Raises:
        ValueError: An argument is out of range; when images arrive, they do not have three channels.
    """

    kind = "mix"
    channels = 3

    def __init__(self, factor: float = 0.5, seed: int | None = None, *, p: float = 1.0) -> None:
        super().__init__(p, seed)
        self.factor = checks.number("factor", factor, 0, 1)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, 3)`."""
        gray = self.applies(draws) & (draws.uniforms(1, 1, self.seed)[:, 0] < self.factor)
        rows = still(len(gray), channels)
        for row, kept in zip((0, 4, 5), np.eye(3), strict=True):
            rows[:, row] = np.where(gray[:, None], _GRAY, kept)
        return rows


class RandomColorDegeneration(Ranged):
    """Brings images nearer to gray, or away from it, as `keras.layers.RandomColorDegeneration`.

    ```python
    RandomColorDegeneration((0.0, 0.5))  # half gray at most
    ```

    With f drawn from `factor` and g = 0.2989·red + 0.587·green + 0.114·blue, a channel v becomes v + f·(g - v), clipped
    to the value range: 1 takes all colour out, 0 changes nothing, and below 0 colours become stronger. One number f
    means (-f, f), which does both; this is what Keras 3.15.1 does, whatever its documentation says.

    Args:
        factor: From -1 to 1: the largest f either way, or a pair: the lower and the upper bound.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known, or they do not have three
            channels.
    """

    kind = "mix"
    channels = 3

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
        """Returns `(n, STEP_ROWS, 3)`."""
        low, high = self.factor
        degree = low + (high - low) * draws.uniforms(1, 1, self.seed)
        applies = self.applies(draws)[:, None]
        rows = still(len(applies), channels)
        for row, kept in zip((0, 4, 5), np.eye(3), strict=True):
            rows[:, row] = np.where(applies, kept + degree * (np.array(_GRAY) - kept), kept)
        for row, value in zip((2, 3), values, strict=True):
            rows[:, row] = np.where(applies, value, rows[:, row])
        return rows


class RandomSaturation(Color):
    """Makes colours stronger or paler, as `keras.layers.RandomSaturation`.

    ```python
    RandomSaturation((0.4, 0.6))  # HSV's S times 2/3 to 3/2
    ```

    With f drawn from `factor`, HSV's saturation S becomes S·f / (1 - f), cut to 0 … 1: a half changes nothing, 1 gives
    full colour, and 0 or less gray. One number f means (-f, f), so that `RandomSaturation(0.3)` makes half of the
    images gray and the others *paler* than they were; this is what Keras 3.15.1 does. S is measured from 0, so that
    values of 0 and more are expected.

    Args:
        factor: From -1 to 1: the largest f, or a pair: the lower and the upper bound.
        value_range: (low, high) that S is cut to. None means 0 … 1. (Keras cuts S to its `value_range`, 0 … 255 by
            default, which is to say not at all, and gives values below 0; a Keras layer is taken over with that.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, they do not have three channels.
    """

    kind = "saturation"
    clips = True
    channels = 3

    def __init__(
        self,
        factor: float | tuple[float, float],
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(p, seed)
        self.factor = checks.symmetric_range("factor", factor, 1)
        self.value_range = None if value_range is None else checks.ordered(value_range)

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, 3)`."""
        low, high = self.factor
        drawn = low + (high - low) * draws.uniforms(1, 1, self.seed)
        applies = self.applies(draws)[:, None]
        rows = still(len(applies), channels)
        for row, value in enumerate((self._times(drawn), 0.0, *self._limits)):
            rows[:, row] = np.where(applies, value, rows[:, row])
        return rows

    def carry(self, values: Values) -> Values:
        """A saturation above 1 takes the weakest channel below 0."""
        most = min(float(self._times(np.float64(self.factor[1]))), self._limits[1])
        return values.filled(min(values.most * (1.0 - most), values.least)) if most > 1 else values

    @property
    def _limits(self) -> tuple[float, float]:
        return self.value_range or (0.0, 1.0)

    def _times(self, factor: Floats | np.float64) -> Floats | np.float64:
        return factor / (1.0 - factor + _EPSILON)


class RandomHue(Ranged):
    """Turns colours around the circle of hues, as `keras.layers.RandomHue`.

    ```python
    RandomHue(0.1)  # up to a twentieth of the circle, either way
    ```

    With f drawn from `factor` and a coin for its sign, HSV's hue goes on by f/2 of the circle; then values are cut to
    the value range. Saturation and value stay.

    Args:
        factor: From 0 to 1: the largest f, the lowest being 0, or a pair: the lower and the upper bound.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known, or they do not have three
            channels.
    """

    kind = "hue"
    channels = 3

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
        """Returns `(n, STEP_ROWS, 3)`."""
        low, high = self.factor
        coin, drawn = draws.uniforms(1, 2, self.seed).T
        turns = np.where(coin > 0.5, -0.5, 0.5) * (low + (high - low) * drawn)
        applies = self.applies(draws)[:, None]
        rows = still(len(applies), channels)
        rows[:, 0] = np.where(applies, turns[:, None], 0.0)
        for row, value in zip((2, 3), values, strict=True):
            rows[:, row] = np.where(applies, value, rows[:, row])
        return rows
