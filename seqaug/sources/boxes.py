"""Bounding boxes of a data set: any number for each picture, with columns that belong to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import box_formats, boxes, buffers, checks
from seqaug.boxes import BoxRules
from seqaug.maps import Floats
from seqaug.plan import Plan

PADDING = -1  # Keras's


@dataclass(frozen=True)
class _Column:
    """One value for each box, after one another: those of picture i are as many as `lengths[i]`."""

    name: str
    values: NDArray[Any]
    lengths: NDArray[np.int64]


class BoxSource:
    """The boxes of n pictures, and what belongs to each box.

    Rows that are -1 throughout, or whose label is -1, are padding and not taken for boxes.

    Args:
        value: `(n, k, 4)` boxes; or `(n, 4)`, one for each picture; or a list of n arrays `(kᵢ, 4)`; or a dict of such
            `boxes`, of `labels`, `(n, k)` or a list of n, and of other columns like these.
        rules: How the boxes are written.
        name: What messages call them.
        alone: Whether messages call columns by their keys alone.

    Raises:
        ValueError: Boxes are of another rank, are not finite or have negative sizes, or a column does not fit them.
        TypeError: Something holds no numbers.
    """

    def __init__(self, value: Any, rules: BoxRules, name: str, alone: bool = False) -> None:
        self.rules = rules
        self.bare = not isinstance(value, Mapping)
        given = {"boxes": value} if self.bare else dict(value)
        if "boxes" not in given:
            raise ValueError(f"`{name}` must have an entry 'boxes'. Received: {name} with {list(given)}")
        names = {key: name if self.bare else str(key) if alone else f"{name}[{key!r}]" for key in given}
        self.ragged = not hasattr(given["boxes"], "shape")
        self.plain = not self.ragged and len(given["boxes"].shape) == 2
        columns = {key: self._column(names[key], entry, key == "boxes") for key, entry in given.items()}
        first = columns.pop("boxes")
        for column in columns.values():
            _check_lengths(column, first)
        self.width = int(first.lengths.max(initial=0))
        kept = ~(first.values == PADDING).all(axis=1)
        if "labels" in columns and columns["labels"].values.ndim == 1:
            kept &= columns["labels"].values != PADDING
        owners = np.repeat(np.arange(len(first.lengths)), first.lengths)
        self.columns = {key: column.values[kept] for key, column in columns.items()}
        self.lengths = np.bincount(owners[kept], minlength=len(first.lengths))
        self.starts = np.cumsum(self.lengths) - self.lengths
        self.edges = _checked(first, kept, rules.written)

    def __len__(self) -> int:
        return len(self.lengths)

    def _column(self, name: str, value: Any, is_boxes: bool) -> _Column:
        checks.unmasked(name, value)
        if self.plain:
            value = np.asarray(value)[:, None]
        if hasattr(value, "shape") and np.asarray(value).dtype != object:
            array = np.asarray(value)
            if array.ndim < 2:
                raise ValueError(
                    f"`{name}` must have one entry for each box of each picture. Received: shape {array.shape}"
                )
            lengths = np.full(len(array), array.shape[1])
            return _Column(name, _numbers(name, array.reshape(-1, *array.shape[2:]), is_boxes), lengths)
        rows = [_row(f"{name}[{i}]", row, is_boxes) for i, row in enumerate(value)]
        lengths = np.array([len(row) for row in rows], np.int64)
        filled = [row for row in rows if len(row)] or [np.zeros((0, 4) if is_boxes else 0)]
        try:
            flat = np.concatenate(filled)
        except ValueError as error:
            raise ValueError(f"`{name}` must have entries of one rank and shape for all boxes: {error}") from None
        return _Column(name, _numbers(name, flat, is_boxes), lengths)

    def rows(self, chosen: Sequence[int]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Returns which boxes these pictures have, and which of the pictures each belongs to."""
        lengths = self.lengths[chosen]
        owners = np.repeat(np.arange(len(lengths)), lengths)
        before = np.cumsum(lengths) - lengths
        return np.arange(len(owners)) + (self.starts[chosen] - before)[owners], owners

    def moved(
        self, plan: Plan, chosen: Sequence[int]
    ) -> tuple[NDArray[np.float32], dict[str, NDArray[Any]], NDArray[np.int64]]:
        """Returns what a plan for these pictures makes of their boxes: boxes, their columns, and whose they are."""
        which, owners = self.rows(chosen)
        result, kept = boxes.moved(plan, self.edges[which], owners, self.rules)
        return result, {key: column[which[kept]] for key, column in self.columns.items()}, owners[kept]

    def empty(self, count: int, width: int, padding: int) -> Any:
        """Returns a batch for `count` pictures of `width` boxes each, all of it padding."""
        batch = {"boxes": buffers.aligned((count, width, 4), np.float32)}
        for key, column in self.columns.items():
            batch[key] = buffers.aligned((count, width, *column.shape[1:]), _padded(column.dtype, padding))
        for array in batch.values():
            array[...] = padding
        leaves = {key: array[:, 0] for key, array in batch.items()} if self.plain else batch
        return leaves["boxes"] if self.bare else leaves

    def fill(self, batch: Any, first: int, plan: Plan, chosen: Sequence[int]) -> None:
        """Puts the boxes of these pictures into the rows first … of a batch, as many as it has room for."""
        leaves = {"boxes": batch} if self.bare else batch
        leaves = {key: array[:, None] for key, array in leaves.items()} if self.plain else leaves
        result, columns, owners = self.moved(plan, chosen)
        counts = np.bincount(owners, minlength=len(chosen))
        places = np.arange(len(owners)) - (np.cumsum(counts) - counts)[owners]
        room = places < leaves["boxes"].shape[1]
        for key, array in leaves.items():
            array[first + owners[room], places[room]] = (result if key == "boxes" else columns[key])[room]


def _row(name: str, value: Any, is_boxes: bool) -> NDArray[Any]:
    """One picture's entries of a list, `(k, 4)` or `(k, …)`."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"`{name}` must have entries of one shape for all boxes: {error}") from None
    if array.ndim == 0 or (is_boxes and array.size and array.ndim != 2):
        wanted = "(boxes, 4)" if is_boxes else "(boxes,) or more"
        raise ValueError(f"`{name}` must be of shape {wanted}. Received: shape {array.shape}")
    return array.reshape(0, 4) if is_boxes and array.size == 0 else array


def _numbers(name: str, flat: NDArray[Any], is_boxes: bool) -> NDArray[Any]:
    if flat.dtype.kind not in "biuf" and flat.size:
        hint = "; of class names, `np.unique` makes numbers" if flat.dtype.kind in "UO" else ""
        raise TypeError(f"`{name}` must hold numbers{hint}. Received: dtype {flat.dtype}")
    if is_boxes and flat.shape[1:] != (4,):
        raise ValueError(
            f"`{name}` must be boxes of four numbers, (pictures, boxes, 4). Received: boxes of shape {flat.shape[1:]}"
        )
    return flat.astype(np.float64) if is_boxes else flat


def _check_lengths(column: _Column, first: _Column) -> None:
    if len(column.lengths) != len(first.lengths):
        raise ValueError(
            f"`{column.name}` must have one entry for each of the {len(first.lengths)} pictures in `{first.name}`. "
            f"Received: {len(column.lengths)}"
        )
    for i in np.flatnonzero(column.lengths != first.lengths)[:1].tolist():
        raise ValueError(
            f"`{column.name}[{i}]` must have one entry for each of the {first.lengths[i]} boxes in "
            f"`{first.name}[{i}]`. Received: {column.lengths[i]}"
        )


def _checked(column: _Column, kept: NDArray[np.bool_], written: str) -> Floats:
    """Returns the edges of the boxes that are none of the padding, if they are boxes."""
    finite = np.isfinite(column.values[kept]).all(axis=1)
    edges = box_formats.to_edges(np.where(finite[:, None], column.values[kept], 0.0), written)
    upright = (edges[:, 2:] >= edges[:, :2]).all(axis=1)
    near = (np.abs(edges - 0.5) <= 2.5).all(axis=1) | (not written.startswith("rel_"))
    for good, wanted in (
        (finite, "finite numbers"),
        (upright, f"{written!r} with a width and a height of at least 0"),
        (near, f"{written!r}, fractions of the picture's width and height"),
    ):
        for i in np.flatnonzero(~good)[:1].tolist():
            place = int(np.flatnonzero(kept)[i])
            before = np.cumsum(column.lengths) - column.lengths
            owner = int(np.searchsorted(before, place, "right")) - 1
            raise ValueError(
                f"`{column.name}[{owner}][{place - before[owner]}]`, a box, must be {wanted}. "
                f"Received: {column.values[place].tolist()}"
            )
    return edges


def _padded(dtype: np.dtype[Any], padding: int) -> np.dtype[Any]:
    """A type that holds a column and what pads it."""
    if dtype.kind in "bu":
        return np.dtype(np.int64)
    return np.result_type(dtype, np.min_scalar_type(padding)) if dtype.kind == "i" else dtype.newbyteorder("=")
