"""The boxes of a data frame: lists of them in one column, or one box in each row."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def boxes_of(rows: Any, columns: Any, classes: Any) -> tuple[Any, NDArray[np.intp], list[str] | None]:
    """Returns boxes as `y` takes them or None, a row for each picture, and the names of their labels if they have some.

    Args:
        rows: The `frames.Rows`.
        columns: The `frames.Columns`.
        classes: The names of labels in the order of their numbers; None for all, sorted.

    Raises:
        ValueError: Something is not there, or rows of one picture differ.
        TypeError: Something is no box.
    """
    if columns.boxes_col is None:
        if columns.box_labels_col is not None:
            raise ValueError(f"`box_labels_col` needs `boxes_col`. Received: box_labels_col={columns.box_labels_col!r}")
        return None, rows.left, None
    if isinstance(columns.boxes_col, str):
        boxes, labels = _lists(rows, columns)
        firsts = rows.left
    else:
        boxes, labels, firsts = _grouped(rows, columns)
    if labels is None:
        return boxes, firsts, None
    numbered, names = _numbered(labels, classes)
    return {"boxes": boxes, "labels": numbered}, firsts, names


def _lists(rows: Any, columns: Any) -> tuple[list[Any], list[list[Any]] | None]:
    """Boxes and labels where each row has a list of them."""
    boxes = []
    for i, value in zip(rows.left.tolist(), rows.column(columns.boxes_col, "boxes_col"), strict=True):
        try:
            found = np.array([np.asarray(box, np.float64) for box in value] if len(value) else np.empty((0, 4)))
            found = found[None] if found.shape == (4,) else found
            if isinstance(value, str) or found.ndim != 2 or found.shape[1] != 4:
                raise ValueError
        except (TypeError, ValueError):
            raise TypeError(
                f"Column {columns.boxes_col!r} of `boxes_col` must hold lists of boxes of four numbers, an empty list "
                f"where there is none; in {rows.place(i)} it is {value!r}."
            ) from None
        boxes.append(found)
    if columns.box_labels_col is None:
        return boxes, None
    labels = []
    given = rows.column(columns.box_labels_col, "box_labels_col")
    for i, value, found in zip(rows.left.tolist(), given, boxes, strict=True):
        one = list(value) if isinstance(value, list | tuple | np.ndarray) else [value]
        if len(one) != len(found):
            raise ValueError(
                f"Column {columns.box_labels_col!r} of `box_labels_col` must have a label for each box; in "
                f"{rows.place(i)} there are {len(found)} boxes and {len(one)} labels."
            )
        labels.append(one)
    return boxes, labels


def _grouped(rows: Any, columns: Any) -> tuple[list[Any], list[list[Any]] | None, NDArray[np.intp]]:
    """Boxes and labels where each row has one box, by picture, pictures coming as they are first named."""
    names = list(columns.boxes_col)
    if len(names) != 4:
        raise ValueError(f"`boxes_col` must be a column or four of them. Received: boxes_col={columns.boxes_col!r}")
    parts = [rows.column(name, "boxes_col") for name in names]
    table = np.array([[np.nan if value is None else value for value in part] for part in parts], np.float64).T
    gaps, left = np.isnan(table).sum(axis=1), rows.left
    for i in np.flatnonzero((gaps > 0) & (gaps < 4))[:1].tolist():
        raise ValueError(f"The columns {names} of `boxes_col` have values missing in {rows.place(int(left[i]))}.")
    places: dict[str, int] = {}
    owners = np.array([places.setdefault(rows.files[i], len(places)) for i in left.tolist()], np.intp)
    firsts = left[np.unique(owners, return_index=True)[1]] if len(owners) else left
    _require_alike(rows, columns, owners, firsts)
    order = np.argsort(owners, kind="stable")
    order = order[gaps[order] == 0]
    cuts = np.searchsorted(owners[order], np.arange(1, len(places)))
    chosen = np.split(order, cuts) if len(places) else []
    if columns.box_labels_col is None:
        return [table[rows_of] for rows_of in chosen], None, firsts
    labels = rows.column(columns.box_labels_col, "box_labels_col")
    return [table[rows_of] for rows_of in chosen], [[labels[i] for i in rows_of] for rows_of in chosen], firsts


def _require_alike(rows: Any, columns: Any, owners: NDArray[np.intp], firsts: NDArray[np.intp]) -> None:
    """Raises an error if rows of one picture say different things of the picture."""
    shared = {"weight_col": columns.weight_col, "mask_col": columns.mask_col}
    targets = columns.y_col if columns.has_targets else []
    for number, name in enumerate(targets if isinstance(targets, list) else [targets]):
        shared[f"y_col[{number}]" if isinstance(targets, list) else "y_col"] = name
    for argument, name in shared.items():
        values = [] if name is None else rows.all(name, argument.split("[")[0])
        for i, owner in zip(rows.left.tolist(), owners.tolist(), strict=True) if values else ():
            first = int(firsts[owner])
            if values[i] != values[first]:
                raise ValueError(
                    f"Column {name!r} of `{argument}` must say the same in all rows of a picture. Received: "
                    f"{values[first]!r} in row {first} and {values[i]!r} in {rows.place(i)}."
                )


def _numbered(labels: Sequence[Sequence[Any]], classes: Any) -> tuple[list[NDArray[Any]], list[str] | None]:
    """Labels as numbers, and their names if they were names."""
    flat = [label for row in labels for label in row]
    if not any(isinstance(label, str) for label in flat):
        return [np.asarray(row, np.int64 if not len(row) else None) for row in labels], None
    names = list(dict.fromkeys(classes)) if classes else sorted(set(map(str, flat)))
    numbers = {name: number for number, name in enumerate(names)}
    unknown = [label for label in flat if label not in numbers]
    if unknown:
        raise ValueError(f"Labels of boxes must be among {names}. Received: {unknown[0]!r}")
    return [np.array([numbers[label] for label in row], np.int64) for row in labels], names
