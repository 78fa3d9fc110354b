"""Elastic displacements."""

from typing import Any

import numpy as np

from seqaug import _core, checks
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.apart import Filter
from seqaug.transforms.base import FILL_MODES
from seqaug.transforms.filters import by_chance
from seqaug.values import Values


class RandomElasticTransform(Filter):
    """Pulls pictures out of shape like a sheet of rubber, as `keras.layers.RandomElasticTransform`.

    ```python
    RandomElasticTransform(scale=(0.5, 0.5))  # half of the images
    RandomElasticTransform((1.0, 1.0), fill_mode="nearest")  # all of them, by up to so much
    ```

    With s drawn from `scale` for each image, every pixel is displaced down and to the right by normal noise times σ,
    blurred by a Gaussian of deviation σ = 0.05·s·(the shorter side), times 0.1·s·(the longer side). Masks (by nearest
    pixels), boxes and keypoints move along. Beyond the picture the noise is 0, as in Keras. (Keras 3.15.1 gives both
    directions the same noise, so that pixels only ever move along a diagonal, and masks another one than their images;
    here the two directions are independent, and masks go with their images.)

    Args:
        factor: From 0 to 1: an image is changed with a probability that is itself drawn from this pair, or from 0 to
            this number: 1.0 changes half of them.
        scale: From 0 to 1: a pair, the smallest and the largest s, or one number for 0 to this one.
        interpolation: `"bilinear"`, `"nearest"`, or `"bicubic"`, which Keras does not have.
        fill_mode: What lies outside: `"reflect"`, `"nearest"`, `"wrap"` or `"constant"`, by SciPy's rules.
        fill_value: What is outside under `"constant"`, in the units that hold at this place in the list.
        value_range: (low, high) that values are cut to; None for none, since displacing adds none but `fill_value`.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that there is a chance at all: the two multiply.

    Raises:
        ValueError: An argument is out of range.
    """

    kind = "elastic"

    def __init__(
        self,
        factor: float | tuple[float, float] = 1.0,
        scale: float | tuple[float, float] = 1.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(p, seed)
        self.factor = checks.positive_range("factor", factor, 1)
        self.scale = checks.positive_range("scale", scale, 1)
        self.interpolation = checks.one_of("interpolation", interpolation, tuple(_ORDERS))
        self.fill_mode = checks.one_of("fill_mode", fill_mode, FILL_MODES)
        self.fill_value = checks.number("fill_value", fill_value)
        self.value_range = None if value_range is None else checks.ordered(value_range)

    def applies(self, draws: Draws) -> Any:
        """Returns `(n,)`: which images are changed."""
        return super().applies(draws) & by_chance(self.factor, draws, self.seed)

    def numbers(self, draws: Draws, height: Floats, width: Floats, values: tuple[float, float]) -> Floats:
        """Returns `(n, 9)`: the key of an image's noise, alpha and sigma, and what is the same for all."""
        low, high = self.scale
        drawn = draws.uniforms(3, 3, self.seed)
        scale = low + (high - low) * drawn[:, 0]
        alpha, sigma = np.maximum(height, width) * (0.1 * scale), np.minimum(height, width) * (0.05 * scale)
        border = _core.BORDERS.index(self.fill_mode)
        same = [_ORDERS[self.interpolation], border, self.fill_value, *(self.value_range or (-np.inf, np.inf))]
        key = np.floor(drawn[:, 1:] * 2.0**32)
        return np.column_stack([key, alpha, sigma, np.tile(same, (len(key), 1))])

    def carry(self, values: Values) -> Values:
        """The fill may lie outside the range."""
        if self.value_range is not None:
            return values.clipped(*self.value_range, all_images=self.p == 1 and self.factor == (1.0, 1.0))
        return values.filled(self.fill_value) if self.fill_mode == "constant" else values


_ORDERS = {"nearest": 0, "bilinear": 1, "bicubic": 3}
