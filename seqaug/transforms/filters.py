"""Changes that look at a pixel's neighbours: blur, sharpness, equalization of contrast."""

from typing import Any

import numpy as np

from seqaug import checks
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.apart import Filter
from seqaug.values import Values

_MOST = 2.0**16  # pixels of a kernel, or of a deviation


class RangedFilter(Filter):
    """A filter that depends on the range of values, and leaves them in it."""

    clips = True
    needs_range = True

    def __init__(self, value_range: tuple[float, float] | None, seed: int | None, p: float) -> None:
        super().__init__(p, seed)
        self.value_range = None if value_range is None else checks.ordered(value_range)

    def carry(self, values: Values) -> Values:
        """Returns the range that values are clipped to."""
        bounds = self.value_range or values.range
        return values if bounds is None else values.clipped(*bounds, all_images=self.p == 1)


def by_chance(factor: tuple[float, float], draws: Draws, seed: int | None) -> Any:
    """Returns `(n,)` bool: each with a probability of its own, drawn from `factor` (numbers 1 and 2 of the draws)."""
    probability, drawn = draws.uniforms(1, 2, seed).T
    return drawn < factor[0] + (factor[1] - factor[0]) * probability


class RandomGaussianBlur(Filter):
    """Blurs images, as `keras.layers.RandomGaussianBlur`.

    ```python
    RandomGaussianBlur(kernel_size=7, sigma=(0.1, 2.0))  # half of the images
    RandomGaussianBlur((1.0, 1.0), 7, (0.1, 2.0))  # all of them
    ```

    Each image has two deviations, drawn from `sigma`, down and across. Beyond the picture there are zeros, as in Keras,
    so that borders grow darker.

    Args:
        factor: From 0 to 1: an image is blurred with a probability that is itself drawn from this pair, or from 0 to
            this number: 1.0 blurs half of them.
        kernel_size: An odd number of pixels, or a pair: down and across. (Keras mixes the two up unless they are
            equal.)
        sigma: The Gaussian's standard deviation in pixels: a pair, the smallest and the largest, or one number for 0 to
            this one. Keras takes numbers up to 1, which with 3 pixels is hardly to be seen.
        value_range: (low, high) that values are cut to; None for none, since blurring leaves them in their range if
            that has 0 in it.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that there is a chance at all: the two multiply.

    Raises:
        ValueError: An argument is out of range, or `kernel_size` is even.
    """

    kind = "blur"

    def __init__(
        self,
        factor: float | tuple[float, float] = 1.0,
        kernel_size: int | tuple[int, int] = 3,
        sigma: float | tuple[float, float] = 1.0,
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(p, seed)
        self.factor = checks.positive_range("factor", factor, 1)
        self.kernel_size = _odd_pair("kernel_size", kernel_size)
        self.sigma = checks.positive_range("sigma", sigma, _MOST)
        self.value_range = None if value_range is None else checks.ordered(value_range)

    def applies(self, draws: Draws) -> Any:
        """Returns `(n,)`: which images are blurred."""
        return super().applies(draws) & by_chance(self.factor, draws, self.seed)

    def numbers(self, draws: Draws, height: Floats, width: Floats, values: tuple[float, float]) -> Floats:
        """Returns `(n, 6)`: the kernel's size, the deviations, what values are cut to."""
        low, high = self.sigma
        sigmas = low + (high - low) * draws.uniforms(3, 2, self.seed) + 1e-6
        count = len(draws.ids)
        return np.column_stack([
            np.tile(self.kernel_size, (count, 1)),
            sigmas,
            np.tile(self.value_range or (-np.inf, np.inf), (count, 1)),
        ])  # fmt: skip

    def carry(self, values: Values) -> Values:
        """Zeros come in from beyond the picture."""
        if self.value_range is None:
            return values.filled(0.0)
        return values.clipped(*self.value_range, all_images=self.p == 1 and self.factor == (1.0, 1.0))


class RandomSharpness(RangedFilter):
    """Makes images sharper or softer, as `keras.layers.RandomSharpness`.

    ```python
    RandomSharpness((0.2, 0.8))  # either way
    ```

    With f drawn from `factor`, and `smooth` the mean of 3×3 pixels, of which the middle one counts five times, v
    becomes v + (1 - 2·f)·(smooth - v), clipped to the value range: 0 smooths, 0.5 changes nothing, 1 sharpens. Beyond
    the picture there are zeros, as in Keras, so that the outermost pixels grow darker, or lighter where it sharpens.

    Args:
        factor: From 0 to 1: a pair, the lower and the upper bound, or one number for 0 to this one. So
            `RandomSharpness(0.5)` only ever smooths.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known.
    """

    kind = "sharpen"

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

    def numbers(self, draws: Draws, height: Floats, width: Floats, values: tuple[float, float]) -> Floats:
        """Returns `(n, 3)`: the strength, and what values are cut to."""
        low, high = self.factor
        strength = 2.0 * (low + (high - low) * draws.uniforms(1, 1, self.seed))
        return np.column_stack([strength, np.tile(values, (len(strength), 1))])


class ContrastLimitedAdaptiveHistogramEqualization(RangedFilter):
    """Brings out contrast part by part, as `keras.layers.ContrastLimitedAdaptiveHistogramEqualization` (CLAHE).

    ```python
    ContrastLimitedAdaptiveHistogramEqualization(clip_limit=2.0)
    ```

    Each channel by itself is cut into tiles; a tile's values are spread by their histogram, of which no count may be
    over `clip_limit` times the mean count, and between the tiles' centres the results are blended. Values are told
    apart in 256 steps, and come out with fractions; where Keras gives bytes it cuts those off, and this rounds. A
    picture of fewer pixels than tiles has tiles of one pixel, and is mirrored as often as that takes, where Keras
    fails.

    Args:
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        clip_limit: The largest count, as a multiple of the mean; 0 for no limit.
        tile_grid_size: How many tiles: a pair, down and across.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known.
    """

    kind = "clahe"
    is_random = False

    def __init__(
        self,
        value_range: tuple[float, float] | None = None,
        clip_limit: float = 4.0,
        tile_grid_size: tuple[int, int] = (8, 8),
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(value_range, None, p)
        self.clip_limit = checks.number("clip_limit", clip_limit, 0)
        if not isinstance(tile_grid_size, tuple | list) or len(tile_grid_size) != 2:
            raise ValueError(
                f"`tile_grid_size` must be a pair (down, across). Received: tile_grid_size={tile_grid_size!r}"
            )
        down, across = (checks.integer("tile_grid_size", tiles, 1, 2**31 - 1) for tiles in tile_grid_size)
        self.tile_grid_size = down, across

    def numbers(self, draws: Draws, height: Floats, width: Floats, values: tuple[float, float]) -> Floats:
        """Returns `(n, 5)`: the grid, the limit, the range of values."""
        return np.tile([*self.tile_grid_size, self.clip_limit, *values], (len(draws.ids), 1))


def _odd_pair(name: str, value: Any) -> tuple[int, int]:
    ends = value if isinstance(value, tuple | list) else (value, value)
    if len(ends) != 2:
        raise ValueError(f"`{name}` must be an odd number or a pair of them. Received: {name}={value!r}")
    first, second = (checks.integer(name, end, 1, 2**16 - 1) for end in ends)
    if first % 2 == 0 or second % 2 == 0:
        raise ValueError(f"`{name}` must be odd. Received: {name}={value!r}")
    return first, second
