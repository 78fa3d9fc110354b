"""Transforms that mix the images of a batch with each other."""

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
from seqaug.distributions import beta
from seqaug.maps import Floats
from seqaug.mix_plan import MixPlan, MosaicPlan
from seqaug.randomness import Draws
from seqaug.transforms.apart import Mixing
from seqaug.values import Values

_EPSILON = 1e-6  # that Keras adds to CutMix's alpha


class MixUp(Mixing):
    """Blends images with others of their batch, and their labels in the same ratio, as `keras.layers.MixUp`.

    ```python
    MixUp()  # λ·image + (1 - λ)·partner, λ drawn from Beta(0.2, 0.2): mostly near 0 or 1
    ```

    Labels, `y`, become float32 and are blended with the same λ: give them one-hot (`keras.utils.to_categorical`). Each
    image has one partner, and is partner of one other: the images of a batch, put into the order of a number that each
    draws, make a circle, and the next one is the partner; nobody is his own, unless alone. (In Keras some images stay
    themselves by chance.) So the result hangs on which images a batch has, and on nothing else. Masks cannot follow.

    Args:
        alpha: Above 0. λ is drawn from Beta(alpha, alpha): the larger, the more often near a half.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all; it may be another one's partner all the same.

    Raises:
        ValueError: An argument is out of range; when images arrive, they have different sizes.
    """

    blends = True

    def __init__(self, alpha: float = 0.2, seed: int | None = None, *, p: float = 1.0) -> None:
        super().__init__(p, seed)
        self.alpha = checks.number("alpha", alpha)
        if self.alpha <= 0:
            raise ValueError(f"`alpha` must be above 0. Received: alpha={alpha!r}")

    def plan(self, draws: Draws, height: Floats, width: Floats, size: tuple[int, int]) -> MixPlan:
        """Returns a plan whose boxes are whole images."""
        boxes = np.tile(np.array([0, 0, *size], np.int64), (len(height), 1))
        weights = np.where(self.applies(draws), beta(draws, self.alpha, self.alpha, 2, self.seed), 1.0)
        return MixPlan(size, _around(draws, self.seed, 1)[:, 0], boxes, weights)


class CutMix(Mixing):
    """Puts a box of another image of the batch over each, and mixes labels by area, as `keras.layers.CutMix`.

    ```python
    CutMix()  # in the mean half of the picture is another one's
    ```

    A share λ is drawn from Beta(a, a), with a from `factor` for each image (Keras draws one for all of a batch); the
    box has √(1 - λ) of the height and of the width, and lies anywhere within the picture. Labels, `y`, become float32,
    own and partner's by the pixels that each has in the picture (in Keras by the box before it is brought to pixels);
    give them one-hot (`keras.utils.to_categorical`). Masks follow. Who is partner of whom is said in `MixUp`.

    Args:
        factor: From 0 to 1: the largest a, the lowest being 0, or a pair: the lower and the upper bound. Near 0, a
            picture is left as it is or replaced by another, with hardly anything between.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all; it may be another one's partner all the same.

    Raises:
        ValueError: An argument is out of range; when images arrive, they have different sizes.
    """

    def __init__(self, factor: float | tuple[float, float] = 1.0, seed: int | None = None, *, p: float = 1.0) -> None:
        super().__init__(p, seed)
        self.factor = checks.positive_range("factor", factor, 1)

    def plan(self, draws: Draws, height: Floats, width: Floats, size: tuple[int, int]) -> MixPlan:
        """Returns a plan whose weights are 0: in the boxes are the partners."""
        low, high = self.factor
        number, right, down = draws.uniforms(2, 3, self.seed).T
        shapes = low + (high - low) * number + _EPSILON
        side = np.sqrt(1.0 - beta(draws, shapes, shapes, 5, self.seed))
        tops, bottoms = _ends(down, side, height)
        lefts, rights = _ends(right, side, width)
        boxes = np.stack([tops, lefts, bottoms - tops, rights - lefts], axis=1)
        boxes[~self.applies(draws) | (boxes[:, 2:] == 0).any(axis=1)] = 0
        return MixPlan(size, _around(draws, self.seed, 1)[:, 0], boxes, np.zeros(len(height)))


class Mosaic(Mixing):
    """Puts four images of the batch around a point, each with a corner there, and mixes labels by area.

    ```python
    Mosaic()  # of the size of the images: of each, what is next to its corner
    # as YOLO does it: on a sheet of twice the size, turned and zoomed, of which the middle is cut out
    [Mosaic(640, 640), RandomAffine(zoom_factor=0.5, fill_mode="constant", fill_value=114), CenterCrop(320, 320)]
    ```

    Images are not scaled. The first, at the top left, is the image itself; the three others follow it in the circle
    that is described in `MixUp`. Labels, `y`, become float32, in the ratio of the pixels that are to be seen; give them
    one-hot (`keras.utils.to_categorical`). Masks follow. Not in Keras 3; this is what KerasCV's layer does.

    Args:
        height: Of what comes out; None for that of the images.
        width: The same.
        center_range: (lowest, highest) place of the point, as a fraction of the height and of the width.
        fill_value: What lies where no image reaches, in the units that hold at this place in the list.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that a mosaic is made at all; else the image lies in the middle by itself.

    Raises:
        ValueError: An argument is out of range; when images arrive, they have different sizes, and no size is given.
    """

    changeable = ("fill_value",)

    def __init__(
        self,
        height: int | None = None,
        width: int | None = None,
        center_range: tuple[float, float] = (0.3, 0.7),
        fill_value: float = 114.0,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(p, seed)
        if (height is None) != (width is None):
            raise ValueError(f"`height` and `width` go together. Received: height={height!r} and width={width!r}")
        self.height = None if height is None else checks.integer("height", height, 1, 2**31 - 1)
        self.width = None if width is None else checks.integer("width", width, 1, 2**31 - 1)
        if not isinstance(center_range, tuple | list):
            raise ValueError(f"`center_range` must be a pair of numbers. Received: center_range={center_range!r}")
        self.center_range = checks.positive_range("center_range", center_range, 1)
        self.fill_value = checks.number("fill_value", fill_value)

    def plan(self, draws: Draws, height: Floats, width: Floats, size: tuple[int, int]) -> MosaicPlan:
        """Returns a plan of four pieces: top left, top right, bottom left and bottom right."""
        low, high = self.center_range
        places = low + (high - low) * draws.uniforms(2, 2, self.seed)
        applies = self.applies(draws)
        extents = np.stack([height, width], axis=1).astype(np.int64)
        boxes, moves = np.zeros((len(height), 4, 4), np.int64), np.zeros((len(height), 4, 2), np.int64)
        sources = np.concatenate([np.arange(len(height))[:, None], _around(draws, self.seed, 3)], axis=1)
        sources[~applies] = np.arange(len(height))[~applies, None]
        for axis in range(2):
            point = np.floor(places[:, axis] * size[axis] + 0.5).astype(np.int64)
            for piece in range(4):
                extent = extents[sources[:, piece], axis]
                after = piece >> (1 - axis) & 1
                alone = (size[axis] - extent) // 2
                move = np.where(applies, point if after else point - extent, alone)
                start = np.maximum(move, np.where(applies & bool(after), point, 0))
                end = np.minimum(move + extent, np.where(applies & (not after), point, size[axis]))
                boxes[:, piece, axis], boxes[:, piece, axis + 2] = start, np.maximum(end - start, 0)
                moves[:, piece, axis] = move
        boxes[~applies, 1:] = 0
        boxes[(boxes[..., 2:] == 0).any(axis=2)] = 0
        return MosaicPlan(size, sources, boxes, moves, self.fill_value)

    def resized(self, height: Floats, width: Floats) -> tuple[Floats, Floats]:
        """Returns the size that was asked for, or that of the images."""
        if self.height is None or self.width is None:
            return height, width
        return np.full_like(height, self.height), np.full_like(width, self.width)

    def carry(self, values: Values) -> Values:
        """The fill may lie outside the range, if it may be seen."""
        return values if self.height is None else values.filled(self.fill_value)


def _around(draws: Draws, seed: int | None, count: int) -> NDArray[np.int64]:
    """Returns `(n, count)`: those that come after each one in the circle, whose order number 1 of the draws tells."""
    order = np.lexsort((draws.ids, draws.uniforms(1, 1, seed)[:, 0]))
    result = np.empty((len(order), count), np.int64)
    for step in range(count):
        result[order, step] = np.roll(order, -1 - step)
    return result


def _ends(place: Floats, side: Floats, length: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Returns the first pixel of boxes, and the one after the last: those whose number lies between their ends."""
    extent = side * length
    start = place * (length - extent)
    ends = np.minimum(np.ceil(np.stack([start, start + extent])), length).astype(np.int64)
    return ends[0], ends[1]
