"""What was drawn for stages in which images of a batch are mixed with each other."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqaug.plan import StagePlan


@dataclass(frozen=True, eq=False)
class Parts:
    """What the images that come out are made of, in k parts each; later parts lie over earlier ones.

    What belongs to images goes the same way: a mask's pixels, or a box's corners, of row `rows[i, j]` come to image i
    by `moves[i, j]`, as far as they are within `boxes[i, j]` then; its label counts for `shares[i, j]`.

    Args:
        rows: `(n, k)` int64, rows of the batch.
        boxes: `(n, k, 4)` int64: top, left, height and width in what comes out; empty ones show nothing.
        moves: `(n, k, 2)` int64: pixels down and to the right.
        shares: `(n, k)` float64, which sum to 1.
    """

    rows: NDArray[np.int64]
    boxes: NDArray[np.int64]
    moves: NDArray[np.int64]
    shares: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MixPlan(StagePlan):
    """Each image mixed with another one of the batch: in its box a pixel becomes own·weight + partner·(1 - weight).

    Args:
        partners: `(n,)` int64, rows of the batch.
        boxes: `(n, 4)` int64: top, left, height and width; nothing changes outside, nor in an empty one.
        weights: `(n,)` float64, from 0 to 1; see `parts` for the weights of labels.
    """

    partners: NDArray[np.int64]
    boxes: NDArray[np.int64]
    weights: NDArray[np.float64]

    @property
    def blends(self) -> bool:
        """Whether a pixel may be made of two, so that no label would be right for it."""
        return bool(((self.weights > 0.0) & (self.weights < 1.0) & (self.boxes[:, 2:] > 0).all(axis=1)).any())

    def parts(self) -> Parts:
        """Returns what each image is made of: itself, and its partner in the box."""
        count, (height, width) = len(self.partners), self.size
        rows = np.stack([np.arange(count), self.partners], axis=1)
        boxes = np.zeros((count, 2, 4), np.int64)
        boxes[:, 0, 2:], boxes[:, 1] = self.size, np.where((self.weights < 1.0)[:, None], self.boxes, 0)
        given = (1.0 - self.weights) * (self.boxes[:, 2] * self.boxes[:, 3] / (height * width))
        whole = self.boxes[:, 2] * self.boxes[:, 3] == height * width
        kept = np.where(whole, self.weights, 1.0 - given)
        return Parts(rows, boxes, np.zeros((count, 2, 2), np.int64), np.stack([kept, given], axis=1))

    def check(self, count: int) -> None:
        """Raises `ValueError` unless partners are rows, boxes lie within the images and weights within 0 … 1."""
        super().check(count)
        _check_rows("partners", self.partners, (count,), count)
        _check_boxes("boxes", self.boxes, (count, 4), self.size)
        if self.weights.shape != (count,) or not ((self.weights >= 0.0) & (self.weights <= 1.0)).all():
            raise ValueError("`weights` must be numbers from 0 to 1")

    def repeated(self, times: int) -> Self:
        """Returns a plan in which each row comes so many times, slices mixed with those at their depth."""
        return replace(super().repeated(times), partners=_repeated(self.partners, times))


@dataclass(frozen=True, eq=False)
class MosaicPlan(StagePlan):
    """Each image put together of pieces of several.

    Args:
        sources: `(n, k)` int64, rows of the batch.
        boxes: `(n, k, 4)` int64: top, left, height and width of the piece in what comes out; empty ones show nothing.
        moves: `(n, k, 2)` int64: how far down and to the right of its place in the source a piece is shown.
        fill: What lies outside of all.
    """

    sources: NDArray[np.int64]
    boxes: NDArray[np.int64]
    moves: NDArray[np.int64]
    fill: float

    def parts(self) -> Parts:
        """Returns what each image is made of."""
        areas = (self.boxes[..., 2] * self.boxes[..., 3]).astype(np.float64)
        return Parts(self.sources, self.boxes, self.moves, areas / areas.sum(axis=1, keepdims=True))

    def check(self, count: int) -> None:
        """Raises `ValueError` unless sources are rows and boxes lie within what comes out."""
        super().check(count)
        shape = (count, *self.sources.shape[1:2])
        _check_rows("sources", self.sources, shape, count)
        _check_boxes("boxes", self.boxes, (*shape, 4), self.size)
        if self.moves.shape != (*shape, 2) or self.moves.dtype != np.int64:
            raise ValueError("`moves` must be two whole numbers for each piece")
        if (self.boxes[..., 2] * self.boxes[..., 3] == 0).all(axis=1).any():
            raise ValueError("`boxes` must not all be empty")
        if not (isinstance(self.fill, float) and np.isfinite(self.fill)):
            raise ValueError("`fill` must be a finite number")

    def repeated(self, times: int) -> Self:
        """Returns a plan in which each row comes so many times, as of `MixPlan`."""
        return replace(super().repeated(times), sources=_repeated(self.sources, times))


MixingPlan = MixPlan | MosaicPlan


def _repeated(rows: NDArray[np.int64], times: int) -> NDArray[np.int64]:
    """Returns rows of volumes as those of their slices, one volume after the other."""
    slices = rows[:, None] * times + np.arange(times).reshape(-1, *[1] * (rows.ndim - 1))
    return slices.reshape(-1, *rows.shape[1:])


def _check_rows(name: str, rows: NDArray[Any], shape: tuple[int, ...], count: int) -> None:
    if rows.shape != shape or rows.dtype != np.int64 or not ((rows >= 0) & (rows < count)).all():
        raise ValueError(f"`{name}` must be rows of the batch")


def _check_boxes(name: str, boxes: NDArray[Any], shape: tuple[int, ...], size: tuple[int, int]) -> None:
    good = boxes.shape == shape and boxes.dtype == np.int64 and (boxes >= 0).all()
    if not good or (boxes[..., :2] > np.array(size) - boxes[..., 2:]).any():
        raise ValueError(f"`{name}` must lie within {size[0]}×{size[1]} pixels")
