"""Moves of pixels that change a picture's size: crops and resizes."""

from abc import abstractmethod

import numpy as np

from seqaug import checks, maps
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import ANY_BORDER, INTERPOLATIONS, Geometric


class Sized(Geometric):
    """A transform that brings images to one height and width."""

    def __init__(self, height: int, width: int, seed: int | None = None, p: float = 1.0) -> None:
        super().__init__(p, seed)
        self.height = checks.integer("height", height, 1, 2**31 - 1)
        self.width = checks.integer("width", width, 1, 2**31 - 1)

    def resized(self, height: Floats, width: Floats) -> tuple[Floats, Floats]:
        """Returns the heights and widths afterwards."""
        return np.full_like(height, self.height), np.full_like(width, self.width)

    def _fitting(self, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 4)` (top, left, height, width), the largest centred windows with the aspect ratio of the result.

        Whole pixels, rounded as `keras.utils.image_utils.smart_resize` does.
        """
        tall = np.clip(np.floor(width * self.height / self.width), 1, height)
        wide = np.clip(np.floor(height * self.width / self.height), 1, width)
        return np.stack([np.floor((height - tall) / 2), np.floor((width - wide) / 2), tall, wide], axis=1)

    def _showing(self, windows: Floats, interpolation: str = "bilinear") -> Floats:
        """Returns the maps under which the result shows `(n, 4)` windows; pixel areas match at the edges."""
        result = maps.identity(len(windows))
        # Halfway between two pixels the later one is nearest; rounding must not bring the coordinate below the middle.
        hair = maps.HAIR if interpolation == "nearest" else 0.0
        ratio = windows[:, 2:] / (self.height, self.width)
        result[:, ::4] = ratio
        result[:, 2::3] = np.where(ratio == 1.0, 0.0, 0.5 * ratio - 0.5 + hair) + windows[:, :2]
        return result


class _Crop(Sized):
    """Cuts out a rectangle of a fixed size; a picture too small for it is cut to its shape and enlarged."""

    fill_modes = ANY_BORDER
    turns_squarely = True
    narrows = True

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        down, right = self.places(draws)
        room_below, room_right = height - self.height, width - self.width
        fits = (room_below >= 0) & (room_right >= 0)
        windows = np.empty((len(height), 4))
        windows[:, 0] = np.floor(down * np.where(fits, room_below + 1, 0.0))
        windows[:, 1] = np.floor(right * np.where(fits, room_right + 1, 0.0))
        windows[:, 2:] = self.height, self.width
        if not fits.all():
            windows = np.where(fits[:, None], windows, self._fitting(height, width))
        return self._showing(windows)

    def enlarges(self, height: float, width: float) -> tuple[float, float]:
        """Returns how much larger a picture gets that is too small, and that others are cut and not shrunk."""
        least = max(self.height / height, self.width / width, 1.0)
        return least * height / self.height, least * width / self.width

    @abstractmethod
    def places(self, draws: Draws) -> tuple[Floats, Floats]:
        """Returns `(n,)` numbers in [0, 1) for the top and for the left: which of the possible places to take."""


class RandomCrop(_Crop):
    """Cuts out a rectangle at a random place, as `keras.layers.RandomCrop`.

    ```python
    RandomCrop(224, 224)
    ```

    Every image has a place of its own. (In Keras, a batch shares one, which is the middle if the picture is just as
    high or as wide as the crop.) A picture that is lower or narrower than the crop is cut to its shape, as large as
    possible and centred, and enlarged to it, as by `CenterCrop`; Keras 3.15.1 distorts it. When evaluating, the crop is
    that of `CenterCrop`.

    Args:
        height: Height of the crop in pixels.
        width: Width of the crop in pixels.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that the place is random. Otherwise it is the middle.

    Raises:
        ValueError: An argument is out of range.
        TypeError: An argument is not an integer.
    """

    def __init__(self, height: int, width: int, seed: int | None = None, *, p: float = 1.0) -> None:
        super().__init__(height, width, seed, p)

    def places(self, draws: Draws) -> tuple[Floats, Floats]:
        """Returns where the crops are."""
        numbers = np.where(self.applies(draws)[:, None], draws.uniforms(1, 2, self.seed), MIDDLE)
        return numbers[:, 0], numbers[:, 1]

    def evaluation(self) -> "CenterCrop":
        """Returns the crop of the middle."""
        return CenterCrop(self.height, self.width)


class CenterCrop(_Crop):
    """Cuts out the middle, as `keras.layers.CenterCrop`.

    ```python
    CenterCrop(224, 224)
    ```

    A picture that is lower or narrower than the crop is cut to its shape, as large as possible and centred, and
    enlarged to it.

    Args:
        height: Height of the crop in pixels.
        width: Width of the crop in pixels.

    Raises:
        ValueError: An argument is out of range.
        TypeError: An argument is not an integer.
    """

    is_random = False

    def __init__(self, height: int, width: int) -> None:
        super().__init__(height, width)

    def places(self, draws: Draws) -> tuple[Floats, Floats]:
        """Returns the middle."""
        middle = np.full(len(draws.ids), MIDDLE)
        return middle, middle


class Resizing(Sized):
    """Brings images to one size, as `keras.layers.Resizing`: pixel areas match at the edges.

    ```python
    Resizing(224, 224)
    Resizing(224, 224, pad_to_aspect_ratio=True, fill_value=114)
    ```

    Args:
        height: Height afterwards.
        width: Width afterwards.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`.
        crop_to_aspect_ratio: Whether to cut off what does not fit the new shape, evenly on both sides, instead of
            distorting the picture.
        pad_to_aspect_ratio: Whether to pad the picture evenly to the new shape instead.
        fill_mode: `"constant"`, for the padding.
        fill_value: The padding, in the units that hold at this place in the list. The picture is not blended with it.
        antialias: Whether a picture that shrinks is averaged, by the triangle that Pillow and `tf.image.resize` use:
            True always, `"auto"` if it shrinks to less than half along an axis. Not with `"nearest"`. False, as in
            Keras, leaves out the pixels between the samples.

    Raises:
        ValueError: An argument is out of range or unknown, or pictures would have to be both cut and padded.
        TypeError: An argument is of a wrong type.
    """

    is_random = False
    interpolation: str
    changeable = ("fill_value", "interpolation")

    def __init__(
        self,
        height: int,
        width: int,
        interpolation: str = "bilinear",
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        antialias: bool | str = False,
    ) -> None:
        super().__init__(height, width)
        self.interpolation = checks.one_of("interpolation", interpolation, INTERPOLATIONS)
        self.crop_to_aspect_ratio = checks.flag("crop_to_aspect_ratio", crop_to_aspect_ratio)
        self.pad_to_aspect_ratio = checks.flag("pad_to_aspect_ratio", pad_to_aspect_ratio)
        if self.crop_to_aspect_ratio and self.pad_to_aspect_ratio:
            raise ValueError("Only one of `crop_to_aspect_ratio` and `pad_to_aspect_ratio` may be True.")
        self.fill_mode = checks.one_of("fill_mode", fill_mode, ("constant",))
        self.fill_value = checks.number("fill_value", fill_value)
        self.antialias = checks.antialias(antialias, interpolation)
        # Growing asks for half a pixel beyond the edge: "nearest" and "reflect" agree there, the others would show.
        self.fill_modes = ("frame",) if self.pad_to_aspect_ratio else ("nearest", "reflect")
        self.narrows = self.crop_to_aspect_ratio

    @property
    def averages(self) -> bool | str:  # type: ignore[override]
        """What `antialias` says, where pixels may be blended at all."""
        return self.interpolation != "nearest" and self.antialias

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        if self.crop_to_aspect_ratio:
            windows = self._fitting(height, width)
        elif self.pad_to_aspect_ratio:
            above = np.floor((np.maximum(height, np.floor(width * self.height / self.width)) - height) / 2)
            aside = np.floor((np.maximum(width, np.floor(height * self.width / self.height)) - width) / 2)
            windows = np.stack([-above, -aside, height + 2 * above, width + 2 * aside], axis=1)
        else:
            windows = np.stack([np.zeros_like(height), np.zeros_like(width), height, width], axis=1)
        return self._showing(windows, self.interpolation)

    def enlarges(self, height: float, width: float) -> tuple[float, float]:
        """Returns how much more a picture is enlarged that is cut to its shape, and not distorted."""
        if not self.crop_to_aspect_ratio:
            return 1.0, 1.0
        most = max(self.height / height, self.width / width)
        return most * height / self.height, most * width / self.width


# Of m + 1 places, 0 … m, the one in the middle is floor(m / 2): the largest number below a half takes it.
MIDDLE = 0.5 - 2.0**-54
