"""Several moves of pixels in one."""

import numpy as np

from seqaug import checks, maps
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import Warp
from seqaug.transforms.geometric import shear_range, stretch, turns_range, zoom_range


class RandomAffine(Warp):
    """Zooms, slants, rotates and shifts images in one map. Keras has no such layer; the words are those of its layers.

    ```python
    RandomAffine(degrees=15, zoom_factor=0.1, height_factor=0.1, width_factor=0.1, fill_mode="nearest")
    ```

    Draws and does what `RandomZoom`, `RandomShear`, `RandomRotation` and `RandomTranslation` do, in this order, with
    one `p` and one border rule; but it slants about the centre.

    Args:
        rotation_factor: As `RandomRotation`'s `factor`.
        height_factor: As `RandomTranslation`'s.
        width_factor: As `RandomTranslation`'s.
        zoom_factor: As `RandomZoom`'s `height_factor`; the aspect ratio stays.
        x_factor: As `RandomShear`'s.
        y_factor: As `RandomShear`'s.
        fill_mode: As for `RandomRotation`.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        fill_value: What `"constant"` shows outside, in the units that hold at this place in the list.
        degrees: The same as `rotation_factor`, in degrees. At most one of the two may be given.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is unknown or out of range, or both `rotation_factor` and `degrees` are given.
    """

    def __init__(
        self,
        rotation_factor: float | tuple[float, float] | None = None,
        height_factor: float | tuple[float, float] = 0.0,
        width_factor: float | tuple[float, float] = 0.0,
        zoom_factor: float | tuple[float, float] = 0.0,
        x_factor: float | tuple[float, float] = 0.0,
        y_factor: float | tuple[float, float] = 0.0,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        *,
        degrees: float | tuple[float, float] | None = None,
        p: float = 1.0,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, seed, p)
        rotation_factor = 0.0 if rotation_factor is None and degrees is None else rotation_factor
        self.rotation_factor = turns_range("RandomAffine", "rotation_factor", rotation_factor, degrees)
        self.height_factor = checks.symmetric_range("height_factor", height_factor, 1)
        self.width_factor = checks.symmetric_range("width_factor", width_factor, 1)
        self.zoom_factor = zoom_range("zoom_factor", zoom_factor)
        self.x_factor = shear_range("x_factor", x_factor)
        self.y_factor = shear_range("y_factor", y_factor)

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        ranges = [self.rotation_factor, self.height_factor, self.width_factor, self.zoom_factor]
        turns, down, right, zoom, coin, b, a = self.amounts(
            draws, [*ranges, (0.0, 1.0), self.y_factor, self.x_factor]
        )  # fmt: skip
        sign = np.where(coin > 0.5, -1.0, 1.0)
        result = maps.zoom(1.0 + zoom, 1.0 + zoom, height, width)
        y, x = (height - 1.0) / 2.0, (width - 1.0) / 2.0
        slant = maps.compose(maps.shift(-y, -x), maps.compose(maps.shear(sign * b, sign * a), maps.shift(y, x)))
        for step in (slant, maps.rotation(turns, height, width), maps.shift(down * height, right * width)):
            result = maps.compose(result, step)
        return result

    def enlarges(self, height: float, width: float) -> tuple[float, float]:
        """Returns the most by which it zooms in and stretches."""
        most = stretch(self.x_factor, self.y_factor) / (1.0 + min(self.zoom_factor[0], 0.0))
        return most, most
