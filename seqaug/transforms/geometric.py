"""Moves of pixels: flips and rotations, and the resize that comes before them."""

import numpy as np

from seqaug import _core, checks
from seqaug.plan import identity
from seqaug.randomness import Draws
from seqaug.transforms.base import Floats, Geometric

FILL_MODES = _core.BORDERS
INTERPOLATIONS = ("nearest", "bilinear")


class RandomFlip(Geometric):
    """Mirrors images, as `keras.layers.RandomFlip`.

    ```python
    RandomFlip("horizontal")  # half of the images, left to right
    ```

    Args:
        mode: `"horizontal"` (left to right), `"vertical"` (top to bottom) or `"horizontal_and_vertical"`. The last
            does what Keras 3 does: an image is mirrored both ways at once, or not at all. For two independent flips,
            list two transforms.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is mirrored.

    Raises:
        ValueError: `mode` is unknown, or a number is out of range.
    """

    fill_modes = FILL_MODES

    def __init__(self, mode: str = "horizontal_and_vertical", seed: int | None = None, *, p: float = 0.5) -> None:
        super().__init__(p, seed)
        self.mode = checks.one_of("mode", mode, ("horizontal", "vertical", "horizontal_and_vertical"))

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        result = identity(len(draws.ids))
        flipped = self.applies(draws)
        for name, first, extent in (("vertical", 0, height), ("horizontal", 3, width)):
            if name in self.mode:
                result[flipped, first + first // 3] = -1.0
                result[flipped, first + 2] = extent[flipped] - 1.0
        return result


class RandomRotation(Geometric):
    """Rotates images about their centre, as `keras.layers.RandomRotation`.

    ```python
    RandomRotation(degrees=15, fill_mode="nearest")
    RandomRotation(0.1)  # up to a tenth of a full turn, 36 degrees, either way
    ```

    Positive angles turn the picture counter-clockwise. The centre is ((height - 1) / 2, (width - 1) / 2).

    Args:
        factor: Largest rotation as a fraction of a full turn, from -1 to 1, or a pair: the lower and the upper bound.
        fill_mode: What lies outside the image: `"reflect"` (d c b a | a b c d | d c b a), `"nearest"`
            (a a a a | a b c d | d d d d), `"wrap"`, or `"constant"` (k k k k | a b c d | k k k k). The borders are
            SciPy's: `"constant"` blends nothing with k, and the period of `"wrap"` is one less than the size.
        interpolation: `"bilinear"` or `"nearest"`.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        fill_value: The value k, in the units that hold at this place in the list.
        degrees: The same as `factor`, in degrees, from -360 to 360. Exactly one of the two must be given.
        p: Probability that an image is rotated at all.

    Raises:
        ValueError: An argument is unknown or out of range, or neither or both of `factor` and `degrees` are given.
    """

    interpolation: str
    fill_value: float

    def __init__(
        self,
        factor: float | tuple[float, float] | None = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        *,
        degrees: float | tuple[float, float] | None = None,
        p: float = 1.0,
    ) -> None:
        super().__init__(p, seed)
        if (factor is None) == (degrees is None):
            raise ValueError(
                "RandomRotation takes either `factor` (a fraction of a full turn) or `degrees`. "
                f"Received: factor={factor!r}, degrees={degrees!r}"
            )
        if degrees is not None:
            low, high = checks.symmetric_range("degrees", degrees, 360)
            self.factor = low / 360, high / 360
        else:
            self.factor = checks.symmetric_range("factor", factor, 1)
        self.fill_mode = checks.one_of("fill_mode", fill_mode, FILL_MODES)
        self.fill_modes = (self.fill_mode,)
        self.interpolation = checks.one_of("interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = checks.number("fill_value", fill_value)

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        low, high = self.factor
        turns = low + (high - low) * draws.uniforms(1, 1, self.seed)[:, 0]
        turns[~self.applies(draws)] = 0.0
        sine, cosine = np.empty_like(turns), np.empty_like(turns)
        _core.sincos(turns, sine, cosine)
        y, x = (height - 1.0) / 2.0, (width - 1.0) / 2.0
        return np.stack([cosine, sine, y - (cosine * y + sine * x), -sine, cosine, x - (cosine * x - sine * y)], axis=1)

    def __repr__(self) -> str:
        low, high = self.factor
        return (
            f"RandomRotation(factor=({low:g}, {high:g}), fill_mode={self.fill_mode!r}, "
            f"interpolation={self.interpolation!r}, fill_value={self.fill_value:g}, seed={self.seed}, p={self.p:g})"
        )


class Resizing(Geometric):
    """Brings images to one size; pixel areas match at the edges, as in `keras.layers.Resizing` without antialiasing.

    Pixels beyond the edge by half a pixel are asked for when an image grows: `"nearest"` and `"reflect"` agree there.

    Args:
        height: Height afterwards.
        width: Width afterwards.
        interpolation: `"bilinear"` or `"nearest"`.
    """

    fill_modes = ("nearest", "reflect")
    interpolation: str

    def __init__(self, height: int, width: int, interpolation: str = "bilinear") -> None:
        super().__init__(1.0)
        self.height = checks.integer("height", height, 1)
        self.width = checks.integer("width", width, 1)
        self.interpolation = checks.one_of("interpolation", interpolation, INTERPOLATIONS)

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        result = identity(len(draws.ids))
        # Halfway between two pixels the later one is nearest; rounding must not bring the coordinate below the middle.
        hair = 2.0**-32 if self.interpolation == "nearest" else 0.0
        for first, before, after in ((0, height, self.height), (3, width, self.width)):
            ratio = before / after
            result[:, first + first // 3] = ratio
            result[:, first + 2] = 0.5 * ratio - 0.5 + hair
        return result

    def resized(self, height: Floats, width: Floats) -> tuple[Floats, Floats]:
        """Returns the heights and widths afterwards."""
        return np.full_like(height, self.height), np.full_like(width, self.width)
