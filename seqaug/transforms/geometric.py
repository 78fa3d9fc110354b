"""Moves of pixels that keep a picture's size: flips, rotations, translations, zooms and shears."""

import numpy as np

from seqaug import checks, maps
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import ANY_BORDER, Geometric, Warp


class RandomFlip(Geometric):
    """Mirrors images, as `keras.layers.RandomFlip`.

    ```python
    RandomFlip("horizontal")  # half of the images, left to right
    ```

    Args:
        mode: `"horizontal"` (left to right), `"vertical"` (top to bottom) or `"horizontal_and_vertical"`. The last
            does what Keras 3 does: an image is mirrored both ways at once, or not at all. For two independent flips,
            list two transforms. `"depth"` brings the slices of volumes into reverse order.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is mirrored.

    Raises:
        ValueError: `mode` is unknown, or a number is out of range.
    """

    fill_modes = ANY_BORDER
    is_move = True
    turns_squarely = True

    def __init__(self, mode: str = "horizontal_and_vertical", seed: int | None = None, *, p: float = 0.5) -> None:
        super().__init__(p, seed)
        self.mode = checks.one_of("mode", mode, ("horizontal", "vertical", "horizontal_and_vertical", "depth"))

    @property
    def turns_depth(self) -> bool:  # type: ignore[override]
        """Whether it mirrors volumes along their depth."""
        return self.mode == "depth"

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        flipped = self.applies(draws)
        vertical, horizontal = flipped & ("vertical" in self.mode), flipped & ("horizontal" in self.mode)
        return maps.mirror(vertical, horizontal, height, width)


class RandomRotation(Warp):
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
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        fill_value: The value k, in the units that hold at this place in the list.
        degrees: The same as `factor`, in degrees, from -360 to 360. Exactly one of the two must be given.
        p: Probability that an image is rotated at all.

    Raises:
        ValueError: An argument is unknown or out of range, or neither or both of `factor` and `degrees` are given.
    """

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
        super().__init__(fill_mode, interpolation, fill_value, seed, p)
        self.factor = turns_range("RandomRotation", "factor", factor, degrees)

    @property
    def turns_squarely(self) -> bool:  # type: ignore[override]
        """Whether all rotations are by the same quarter turns."""
        low, high = self.factor
        return low == high and (4 * low).is_integer()

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        (turns,) = self.amounts(draws, [self.factor])
        return maps.rotation(turns, height, width)


class RandomTranslation(Warp):
    """Shifts images, as `keras.layers.RandomTranslation`.

    ```python
    RandomTranslation(0.1, 0.2, fill_mode="nearest")  # up to a tenth of the height and a fifth of the width
    ```

    Args:
        height_factor: Largest shift as a fraction of the height, from -1 to 1, or a pair: the lower and the upper
            bound. Positive is down.
        width_factor: The same for the width. Positive is to the right.
        fill_mode: As for `RandomRotation`.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        fill_value: What `"constant"` shows outside, in the units that hold at this place in the list.
        p: Probability that an image is shifted at all.

    Raises:
        ValueError: An argument is unknown or out of range.
    """

    def __init__(
        self,
        height_factor: float | tuple[float, float],
        width_factor: float | tuple[float, float],
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, seed, p)
        self.height_factor = checks.symmetric_range("height_factor", height_factor, 1)
        self.width_factor = checks.symmetric_range("width_factor", width_factor, 1)

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        down, right = self.amounts(draws, [self.height_factor, self.width_factor])
        return maps.shift(down * height, right * width)


class RandomZoom(Warp):
    """Zooms in and out about the centre, as `keras.layers.RandomZoom`.

    ```python
    RandomZoom(0.2)  # shows from 0.8 to 1.2 times as much of the scene; the aspect ratio stays
    RandomZoom((-0.3, 0), (-0.3, 0))  # only in, and height and width on their own
    ```

    Args:
        height_factor: How much more of the height is seen, above -1 and at most 1, or a pair: the lower and the upper
            bound. Positive zooms out, negative in.
        width_factor: The same for the width. None takes what is drawn for the height.
        fill_mode: As for `RandomRotation`.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        fill_value: What `"constant"` shows outside, in the units that hold at this place in the list.
        p: Probability that an image is zoomed at all.

    Raises:
        ValueError: An argument is unknown or out of range.
    """

    def __init__(
        self,
        height_factor: float | tuple[float, float],
        width_factor: float | tuple[float, float] | None = None,
        fill_mode: str = "reflect",
        interpolation: str = "bilinear",
        seed: int | None = None,
        fill_value: float = 0.0,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, seed, p)
        self.height_factor = zoom_range("height_factor", height_factor)
        self.width_factor = None if width_factor is None else zoom_range("width_factor", width_factor)

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        both = [self.height_factor] if self.width_factor is None else [self.height_factor, self.width_factor]
        amounts = self.amounts(draws, both)
        return maps.zoom(1.0 + amounts[0], 1.0 + amounts[-1], height, width)

    def enlarges(self, height: float, width: float) -> tuple[float, float]:
        """Returns the most by which it zooms in."""
        across = self.height_factor if self.width_factor is None else self.width_factor
        return 1.0 / (1.0 + min(self.height_factor[0], 0.0)), 1.0 / (1.0 + min(across[0], 0.0))


class RandomShear(Warp):
    """Slants images about their top left corner, as `keras.layers.RandomShear`.

    ```python
    RandomShear(0.2)  # each row is moved by up to a fifth of its distance from the top
    ```

    Output (x, y) shows the source at (x + a·y, b·x + y). As in Keras 3.15.1, a and b are drawn from the ranges, then
    one coin changes both signs or none: `x_factor=(0.1, 0.2)` slants to either side.

    Args:
        x_factor: Largest a, from 0 to 1, which means (-a, a), or a pair: the lower and the upper bound.
        y_factor: The same for b.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`.
        fill_mode: As for `RandomRotation`.
        fill_value: What `"constant"` shows outside, in the units that hold at this place in the list.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is slanted at all.

    Raises:
        ValueError: An argument is unknown or out of range.
    """

    def __init__(
        self,
        x_factor: float | tuple[float, float] = 0.0,
        y_factor: float | tuple[float, float] = 0.0,
        interpolation: str = "bilinear",
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        *,
        seed: int | None = None,
        p: float = 1.0,
    ) -> None:
        super().__init__(fill_mode, interpolation, fill_value, seed, p)
        self.x_factor = shear_range("x_factor", x_factor)
        self.y_factor = shear_range("y_factor", y_factor)

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        coin, b, a = self.amounts(draws, [(0.0, 1.0), self.y_factor, self.x_factor])
        sign = np.where(coin > 0.5, -1.0, 1.0)
        return maps.shear(sign * b, sign * a)

    def enlarges(self, height: float, width: float) -> tuple[float, float]:
        """Returns the most by which it stretches any direction."""
        most = stretch(self.x_factor, self.y_factor)
        return most, most


def turns_range(
    owner: str, name: str, factor: float | tuple[float, float] | None, degrees: float | tuple[float, float] | None
) -> tuple[float, float]:
    """Returns a range of angles in full turns, given in those or in degrees."""
    if (factor is None) == (degrees is None):
        raise ValueError(
            f"{owner} takes either `{name}` (a fraction of a full turn) or `degrees`. "
            f"Received: {name}={factor!r}, degrees={degrees!r}"
        )
    if degrees is None:
        try:
            return checks.symmetric_range(name, factor, 1)
        except ValueError as error:
            raise ValueError(
                f"`{name}` is a fraction of a full turn; for degrees there is `degrees`. {error}"
            ) from None
    low, high = checks.symmetric_range("degrees", degrees, 360)
    return low / 360, high / 360


def zoom_range(name: str, value: float | tuple[float, float]) -> tuple[float, float]:
    """Returns (lower, upper) bounds of how much more is seen."""
    low, high = checks.symmetric_range(name, value, 1)
    if low <= -1:
        raise ValueError(f"`{name}` must be above -1, where nothing is left to see. Received: {name}={value!r}")
    return low, high


def shear_range(name: str, value: float | tuple[float, float]) -> tuple[float, float]:
    """Returns (lower, upper) bounds of a slant."""
    if isinstance(value, tuple | list):
        return checks.symmetric_range(name, value, 1)
    high = checks.number(name, value, 0, 1)
    return 0.0 - high, high


def stretch(x_factor: tuple[float, float], y_factor: tuple[float, float]) -> float:
    """Returns the most by which a slant out of these ranges stretches any direction, at most 8.

    The slant is pulled: its matrix is the inverse of what is seen, whose largest singular value that is.
    """
    slants = np.array([[[1.0, a], [b, 1.0]] for a in x_factor for b in y_factor])
    least = np.linalg.svd(slants, compute_uv=False).min()
    return float(1.0 / max(least, 0.125))
