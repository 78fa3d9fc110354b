"""Pictures seen from aside."""

import numpy as np

from seqaug import checks, maps
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import Warp


class RandomPerspective(Warp):
    """Pulls the corners of images, as `keras.layers.RandomPerspective`.

    ```python
    RandomPerspective((0.5, 0.5), scale=0.4)  # half of the images, corners moved by up to a fifth of the size
    ```

    As in Keras 3.15.1 the top left corner stays; the top right one moves along the top edge, the bottom left one along
    the left edge, and the bottom right one both ways, each coordinate to 1 - scale/2 … 1 + scale/2 times what it was.

    Args:
        factor: Probability that an image is changed, as a pair of bounds from 0 to 1 within which the probability
            itself is drawn, which comes to their mean; one number f means (0, f): `factor=1.0` changes half of the
            images, as in Keras.
        scale: How far corners may move, from 0 to 1.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`.
        fill_value: What `"constant"` shows outside, in the units that hold at this place in the list.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        fill_mode: As for `RandomRotation`. Keras has `"constant"` only, and blends it with the outermost pixels.
        p: Probability that there is a chance at all: it multiplies with `factor`.

    Raises:
        ValueError: An argument is unknown or out of range.
    """

    def __init__(
        self,
        factor: float | tuple[float, float] = 1.0,
        scale: float = 1.0,
        interpolation: str = "bilinear",
        fill_value: float = 0.0,
        seed: int | None = None,
        *,
        fill_mode: str = "constant",
        p: float = 1.0,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, seed, p)
        self.factor = checks.positive_range("factor", factor, 1)
        self.scale = checks.number("scale", scale, 0, 1)

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 9)` pull matrices."""
        numbers = draws.uniforms(1, 5, self.seed)
        pulled = self.applies(draws) & (numbers[:, 0] < sum(self.factor) / 2)
        factors = np.where(pulled[:, None], 1.0 + self.scale * (numbers[:, 1:] - 0.5), 1.0)
        return maps.corners(factors, height, width)

    def enlarges(self, height: float, width: float) -> tuple[float, float]:
        """Returns a bound of how much larger a part gets: two corners may come nearer by half of the scale each."""
        most = 1.0 / (1.0 - self.scale / 2) ** 2
        return most, most
