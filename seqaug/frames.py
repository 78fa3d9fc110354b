"""What a data frame says of pictures: files, targets, weights, masks and boxes. Pandas and Polars alike."""

import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from seqaug import checks
from seqaug.frame_boxes import boxes_of
from seqaug.pairs import warn_of_lossy
from seqaug.sources.classes import OneHot
from seqaug.sources.paths import Paths

FORMATS = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")  # of Keras's `flow_from_dataframe`
CLASS_MODES = ("categorical", "binary", "sparse", "raw", "multi_output", "input")
_OF_CLASSES = ("categorical", "binary", "sparse")


@dataclass(frozen=True)
class Columns:
    """Which columns mean what: the arguments of `AugmentedSequence.from_dataframe`, which see."""

    x_col: str
    y_col: Any
    weight_col: str | None
    class_mode: str | None
    classes: Any
    mask_col: str | None
    boxes_col: Any
    box_labels_col: str | None

    @property
    def has_targets(self) -> bool:
        """Whether `y_col` is read."""
        return self.class_mode not in (None, "input")


@dataclass(frozen=True)
class Framed:
    """A data set: `x`, `y`, `sample_weight` and `targets` as `AugmentedSequence` takes them, and what to say of it."""

    paths: Paths
    y: Any
    sample_weight: Any
    targets: Any
    class_names: list[str] | None
    of_classes: str


class Rows:
    """Columns as lists, some rows of which are left.

    Args:
        frame: The data frame.
    """

    def __init__(self, frame: Any) -> None:
        if not hasattr(frame, "columns") or isinstance(frame, dict):
            raise TypeError(f"`dataframe` must be of Pandas or Polars. Received: {type(frame).__name__}")
        self.frame, self.names = frame, [str(name) for name in frame.columns]
        self.left = np.arange(len(frame))
        self.files: list[str] = []  # of all rows, for messages
        self._kept: dict[str, list[Any]] = {}

    def all(self, name: Any, argument: str) -> list[Any]:
        """Returns a whole column."""
        if not isinstance(name, str) or name not in self.names:
            raise ValueError(f"`{argument}` must be one of the columns {self.names}. Received: {argument}={name!r}")
        if name not in self._kept:
            frame = self.frame
            column = frame.get_column(name) if hasattr(frame, "get_column") else frame[name]
            self._kept[name] = column.to_list()
        return self._kept[name]

    def column(self, name: Any, argument: str) -> list[Any]:
        """Returns what is left of a column."""
        values = self.all(name, argument)
        return [values[i] for i in self.left]

    def keep(self, good: Sequence[bool]) -> None:
        """Leaves out all rows but those that are good, of those that are left."""
        self.left = self.left[np.asarray(good, bool)]

    def place(self, row: int) -> str:
        """What messages call a row of the whole."""
        return f"row {row} ({self.files[row]!r})" if self.files else f"row {row}"

    def require(self, name: Any, argument: str, good: Callable[[Any], bool], wanted: str) -> None:
        """Raises an error unless all values of a column are as they must be."""
        for i, value in enumerate(self.all(name, argument)):
            if not good(value):
                what = "is missing" if is_missing(value) else f"is {value!r}"
                raise TypeError(f"Column {name!r} of `{argument}` must hold {wanted}; in {self.place(i)} it {what}.")


def is_missing(value: Any) -> bool:
    """Whether a value of a column is none: None, NaN, or what Pandas has for them."""
    nan = isinstance(value, float | np.floating) and bool(np.isnan(value))
    return value is None or nan or type(value).__name__ in ("NAType", "NaTType")


def read_frame(frame: Any, directory: Any, columns: Columns, validate: bool, extensions: Any) -> Framed:
    """Returns the data set of a data frame.

    Args:
        frame: The data frame.
        directory: The folder that paths begin in, or None.
        columns: Which columns mean what.
        validate: Whether to leave out rows whose file is not there, or has another extension, with a warning.
        extensions: Which ones are taken then; None for all.

    Raises:
        ValueError: A column or a file is not there, or values do not fit each other; the message names the row.
        TypeError: A column has values of a wrong type.
    """
    if columns.class_mode is not None:
        checks.one_of("class_mode", columns.class_mode, CLASS_MODES)
    rows, root = Rows(frame), "" if directory is None else os.fspath(directory)
    rows.require(columns.x_col, "x_col", lambda value: isinstance(value, str | os.PathLike), "paths")
    rows.files = [os.fspath(path) for path in rows.all(columns.x_col, "x_col")]
    _check_targets(rows, columns)
    if validate:
        _leave_out(rows, root, columns.x_col, extensions)
    else:
        _require_files(rows, root, rows.files, FileNotFoundError)
    names = _of_classes(rows, columns) if columns.class_mode in _OF_CLASSES else None
    boxes, firsts, box_names = boxes_of(rows, columns, classes=columns.classes if names is None else None)
    rows.left = firsts
    weights = None if columns.weight_col is None else _numbers(rows, columns.weight_col, "weight_col")
    if weights is not None and weights.dtype.kind not in "biuf":
        raise TypeError(f"`weight_col` must hold numbers. Received: weight_col={columns.weight_col!r}")
    paths = Paths.of((rows.files[i] for i in rows.left), root)
    parts, kinds = {}, {"images": "image"}
    if columns.class_mode is not None:
        key = "images" if columns.class_mode == "input" else "labels"
        parts[key] = paths if columns.class_mode == "input" else _targets(rows, columns, names)
    if columns.mask_col is not None:
        parts["segmentation_masks"] = _masks(rows, root, columns.mask_col)
    if boxes is not None:
        parts["bounding_boxes"] = boxes
    y, targets = _together(parts, kinds)
    told = "" if names is None else f" belonging to {len(names)} classes"
    return Framed(paths, y, weights, targets, box_names if names is None else names, told)


def _together(parts: dict[str, Any], kinds: dict[str, str]) -> tuple[Any, Any]:
    """`y` and `targets`: a dict, or what stands alone."""
    if len(parts) > 1:
        if isinstance(parts.get("labels"), tuple):
            raise ValueError('`class_mode="multi_output"` cannot be had together with masks or boxes.')
        return parts, {key: kinds[key] for key in parts if key in kinds} or None
    alone = {"labels": None, "images": "image", "segmentation_masks": "segmentation_mask"}
    return next(((value, alone.get(key, key)) for key, value in parts.items()), (None, None))


def _check_targets(rows: Rows, columns: Columns) -> None:
    """What Keras checks of targets before anything is left out."""
    mode, y_col, classes = columns.class_mode, columns.y_col, columns.classes
    if mode == "multi_output" and not isinstance(y_col, list):
        raise TypeError(f'`y_col` must be a list for `class_mode="multi_output"`. Received: y_col={y_col!r}')
    if mode in ("binary", "sparse"):
        rows.require(y_col, "y_col", lambda value: isinstance(value, str), f"strings for `class_mode={mode!r}`")
    if mode == "binary":
        found = len(set(classes or rows.all(y_col, "y_col")))
        if found != 2:
            raise ValueError(f'`class_mode="binary"` takes two classes. Received: {found}')
    if mode == "categorical":
        kinds = (str, list, tuple)
        rows.require(y_col, "y_col", lambda value: isinstance(value, kinds), "strings, or lists of them")
    if classes and mode not in _OF_CLASSES and columns.box_labels_col is None:
        warnings.warn(f"`classes` has no use with class_mode={mode!r}.", stacklevel=5)


def _leave_out(rows: Rows, root: str, x_col: str, extensions: Any) -> None:
    """Leaves out rows whose file is not there or of no known extension, as Keras does."""

    def good(name: str) -> bool:
        known = extensions is None or name.lower().endswith(tuple(extensions))
        return known and os.path.isfile(os.path.join(root, name))  # noqa: PTH113, PTH118

    found = [good(name) for name in rows.files]
    bad = [i for i, is_good in enumerate(found) if not is_good]
    if bad:
        allowed = "" if extensions is None else f", or not called {', '.join(extensions)} (more: `formats=`)"
        warnings.warn(
            f"{len(bad)} of the files in column {x_col!r} are not there{allowed}; their rows are left out, as "
            f"validate_filenames=False would not do. The first: {rows.place(bad[0])}",
            stacklevel=5,
        )
    rows.keep(found)


def _require_files(rows: Rows, root: str, names: Sequence[str], kind: type[Exception]) -> None:
    for i, name in zip(rows.left.tolist(), names, strict=True):
        if not os.path.isfile(os.path.join(root, name)):  # noqa: PTH113, PTH118
            raise kind(f"{rows.place(i)}: there is no such file: {os.path.join(root, name)!r}")  # noqa: PTH118


def _of_classes(rows: Rows, columns: Columns) -> list[str]:
    """Returns the classes in the order of their numbers, and leaves out rows of others."""
    values = rows.column(columns.y_col, "y_col")
    if not columns.classes:
        found = {name for value in values for name in ([value] if isinstance(value, str) else value)}
        return sorted(found)
    names = list(dict.fromkeys(columns.classes))
    known = set(names)
    rows.keep([bool(known & ({value} if isinstance(value, str) else set(value))) for value in values])
    return names


def _targets(rows: Rows, columns: Columns, names: list[str] | None) -> Any:
    """The targets of the rows that are left, as `class_mode` says."""
    if columns.class_mode == "multi_output":
        return tuple(_numbers(rows, name, "y_col") for name in columns.y_col)
    if names is None:
        single = not isinstance(columns.y_col, list)
        found = [_numbers(rows, name, "y_col") for name in ([columns.y_col] if single else columns.y_col)]
        return found[0] if single else np.stack(found, axis=1)
    numbers, values = {name: number for number, name in enumerate(names)}, rows.column(columns.y_col, "y_col")
    if columns.class_mode != "categorical":
        return np.array(
            [numbers[value] for value in values], np.float32 if columns.class_mode == "binary" else np.int32
        )
    if all(isinstance(value, str) for value in values):
        return OneHot(np.array([numbers[value] for value in values], np.int32), len(names))
    result = np.zeros((len(values), len(names)), np.float32)
    for row, value in zip(result, values, strict=True):
        row[[numbers[name] for name in ([value] if isinstance(value, str) else value) if name in numbers]] = 1
    return result


def _numbers(rows: Rows, name: Any, argument: str) -> Any:
    """A column as an array, of which nothing is missing."""
    values = rows.column(name, argument)
    for i, value in zip(rows.left.tolist(), values, strict=True):
        if is_missing(value):
            raise ValueError(f"Column {name!r} of `{argument}` has no value in {rows.place(i)}.")
    try:
        return np.array(values)
    except ValueError:
        raise ValueError(f"Column {name!r} of `{argument}` must have values of one shape.") from None


def _masks(rows: Rows, root: str, mask_col: str) -> Paths:
    names = rows.column(mask_col, "mask_col")
    for i, name in zip(rows.left.tolist(), names, strict=True):
        if not isinstance(name, str | os.PathLike):
            raise TypeError(f"Column {mask_col!r} of `mask_col` must hold paths; in {rows.place(i)} it is {name!r}.")
    _require_files(rows, root, names, FileNotFoundError)
    warn_of_lossy(names)
    return Paths.of(names, root)
