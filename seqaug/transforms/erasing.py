"""Rectangles that are erased: one, several, or a grid of them."""

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import Erasing

_MOST_CELLS = 256  # of a grid, along a side


class RandomErasing(Erasing):
    """Erases one rectangle of an image, as `keras.layers.RandomErasing`.

    ```python
    RandomErasing((0.25, 0.25), fill_value=0.0)  # a quarter of the images
    ```

    The height and the width are drawn on their own, each the square root of a number from `scale` times that of the
    image, and then a place for it within the picture. Masks, boxes and keypoints stay as they are, as in Keras.

    Args:
        factor: Probability that an image is changed, as a pair of bounds from 0 to 1 within which the probability
            itself is drawn, which comes to their mean; one number f means (0, f): `factor=1.0` changes half of the
            images, as in Keras.
        scale: The lower and the upper bound of the squares of the height and width, as fractions, from 0 to 1; one
            number means (0, number).
        fill_value: What the rectangle shows: a number, or one per channel, in the units that hold at this place in the
            list; or None for noise, as in Keras: normal numbers times the upper end of the value range, cut to the
            range, so that half of the values are the lowest (where that is 0) and a sixth the highest.
        value_range: (low, high) that noise or `fill_value` is cut to. None cuts no `fill_value`; for noise it means the
            range of the images' dtype, or the one that the Sequence was told, as earlier transforms have changed it.
            (Keras takes 0 to 255 whatever comes.)
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that there is a chance at all: it multiplies with `factor`.

    Raises:
        ValueError: An argument is out of range; when images arrive, the range of noise is not known, or they do not
            have as many channels as `fill_value`.
    """

    def __init__(
        self,
        factor: float | tuple[float, float] = 1.0,
        scale: float | tuple[float, float] = (0.02, 0.33),
        fill_value: float | tuple[float, ...] | None = None,
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(fill_value, value_range, seed, p)
        self.factor = checks.positive_range("factor", factor, 1)
        self.scale = checks.positive_range("scale", scale, 1)

    def holes(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 1, 4)`."""
        numbers = draws.uniforms(2, 5, self.seed)
        made = self.applies(draws) & (numbers[:, 0] < sum(self.factor) / 2)
        low, high = self.scale
        wide, tall = np.sqrt(low + (high - low) * numbers[:, 1:3]).T
        left, across = _whole(wide * width, numbers[:, 3], width)
        top, down = _whole(tall * height, numbers[:, 4], height)
        return np.where(made[:, None], np.stack([top, left, down, across], axis=1), 0.0)[:, None]


class CoarseDropout(Erasing):
    """Erases several rectangles of an image. Keras has no such layer; Albumentations has.

    ```python
    CoarseDropout((1, 8), hole_height_range=(0.05, 0.2), hole_width_range=(0.05, 0.2))
    CoarseDropout((1, 1), 16, 16, fill_value=(124, 116, 104))  # Cutout, in ImageNet's mean colour
    ```

    All lie within the picture, and they may overlap. Masks, boxes and keypoints stay as they are.

    Args:
        num_holes_range: The least and the largest number of rectangles.
        hole_height_range: The least and the largest height: pixels as integers, or fractions of the image's height as
            floats. One number is the height of all.
        hole_width_range: The same for the width.
        fill_value: What they show, as for `RandomErasing`.
        value_range: As for `RandomErasing`.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, as for `RandomErasing`.
        TypeError: Numbers of holes are not integers.
    """

    def __init__(
        self,
        num_holes_range: tuple[int, int] = (1, 2),
        hole_height_range: float | tuple[float, float] = (0.1, 0.2),
        hole_width_range: float | tuple[float, float] = (0.1, 0.2),
        fill_value: float | tuple[float, ...] | None = 0.0,
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(fill_value, value_range, seed, p)
        self.num_holes_range = checks.whole_range("num_holes_range", num_holes_range, 1, 1000)
        self.hole_height_range = checks.extents("hole_height_range", hole_height_range)
        self.hole_width_range = checks.extents("hole_width_range", hole_width_range)

    def holes(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, largest number of rectangles, 4)`."""
        least, most = self.num_holes_range
        numbers = draws.uniforms(2, 1 + 4 * most, self.seed)
        count = np.where(self.applies(draws), np.floor(least + (most + 1 - least) * numbers[:, 0]), 0)
        height, width = height[:, None], width[:, None]
        tall = _extent(self.hole_height_range, numbers[:, 1::4], height)
        wide = _extent(self.hole_width_range, numbers[:, 2::4], width)
        top = np.floor(numbers[:, 3::4] * (height - tall + 1))
        left = np.floor(numbers[:, 4::4] * (width - wide + 1))
        there = np.arange(most) < count[:, None]
        return np.where(there[..., None], np.stack([top, left, tall, wide], axis=-1), 0.0)


class GridMask(Erasing):
    """Erases a grid of squares. Keras has no such layer; Albumentations has, as `GridDropout`.

    ```python
    GridMask(unit_size=(0.2, 0.5), ratio=0.5)
    ```

    The picture is divided into square cells, in each of which a square at the top left is erased (P. Chen et al.,
    "GridMask data augmentation", 2020, without its rotation). Masks, boxes and keypoints stay as they are.

    Args:
        unit_size: The least and the largest side of a cell: pixels as integers, or fractions of the image's shorter
            side as floats. One number is that of all images. At least two pixels are taken.
        ratio: The side of an erased square by that of its cell, above 0 and at most 1. At least a pixel is erased in
            each cell.
        random_offset: Whether the grid begins at a random place, instead of at the top left corner.
        fill_value: What the squares show, as for `RandomErasing`.
        value_range: As for `RandomErasing`.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, as for `RandomErasing`, or cells are so small that
            there are more than 256 along a side.
        TypeError: `random_offset` is not a bool.
    """

    def __init__(
        self,
        unit_size: float | tuple[float, float] = (0.2, 0.5),
        ratio: float = 0.5,
        random_offset: bool = True,
        fill_value: float | tuple[float, ...] | None = 0.0,
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(fill_value, value_range, seed, p)
        self.unit_size = checks.extents("unit_size", unit_size)
        self.ratio = checks.number("ratio", ratio, 0, 1)
        if self.ratio == 0:
            raise ValueError(f"`ratio` must be above 0. Received: ratio={ratio!r}")
        self.random_offset = checks.flag("random_offset", random_offset)

    def holes(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, cells, 4)`."""
        numbers = draws.uniforms(2, 3, self.seed)
        shorter = np.minimum(height, width)
        unit = np.maximum(_extent(self.unit_size, numbers[:, 0], shorter), 2.0)
        most = np.ceil(np.maximum(height, width) / unit).max()
        if most > _MOST_CELLS:
            raise ValueError(
                f"{self!r} makes {most:.0f} cells along a side of an image; at most {_MOST_CELLS} are taken."
            )
        offset = np.floor(numbers[:, 1:] * unit[:, None]) * self.random_offset
        side = np.where(self.applies(draws), np.maximum(np.rint(unit * self.ratio), 1.0), 0.0)
        top, left = (
            unit[:, None] * np.arange(np.ceil(extent / unit).max() + 1) - offset[:, [axis]]
            for axis, extent in enumerate((height, width))
        )
        result = np.zeros((len(unit), top.shape[1], left.shape[1], 4))
        result[..., 0], result[..., 1] = top[:, :, None], left[:, None]
        result[..., 2] = result[..., 3] = side[:, None, None]
        off = (top >= height[:, None])[:, :, None] | (left >= width[:, None])[:, None]
        result[off | (side == 0.0)[:, None, None]] = 0.0
        return result.reshape(len(unit), -1, 4)


def _whole(extent: Floats, place: Floats, side: Floats) -> tuple[Floats, Floats]:
    """Returns where a hole of this extent starts and how many pixels it has, those whose place lies in it."""
    start = place * (side - extent)
    first = np.ceil(start)
    return first, np.minimum(np.ceil(start + extent), side) - first


def _extent(bounds: tuple[float, float], numbers: Floats, side: Floats) -> NDArray[np.float64]:
    """Returns extents in whole pixels, at least one and at most the side."""
    low, high = bounds
    if isinstance(low, int):
        extent = np.floor(low + (high + 1 - low) * numbers)
    else:
        extent = np.rint((low + (high - low) * numbers) * side)
    return np.clip(extent, 1.0, side)
