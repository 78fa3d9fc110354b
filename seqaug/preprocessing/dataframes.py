"""DataFrameIterator: batches of pictures that a pandas DataFrame names."""

import os
import warnings
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from seqaug.messages import say
from seqaug.preprocessing.augmentation import ImageAugmentation
from seqaug.preprocessing.iterators import Iterator
from seqaug.preprocessing.pictures import BatchFromFilesMixin, require_class_mode

_WITHOUT_CLASSES = ("input", "multi_output", "raw", None)


class DataFrameIterator(BatchFromFilesMixin, Iterator):
    """Batches of augmented pictures that a data frame names, as Keras's iterator of this name gives them.

    Args:
        dataframe: A pandas DataFrame with a row for each picture.
        directory: Folder that the paths begin in; None if they are whole.
        image_data_generator: What augments the pictures.
        x_col: Column of the paths, which are strings.
        y_col: Column of the targets, or a list of columns for `class_mode="raw"` and `"multi_output"`.
        weight_col: Column of the weights, if there are any.
        target_size: Height and width to which pictures are brought.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        classes: The classes in the order of their numbers, pictures of others being left out; None for all, sorted.
        class_mode: `"categorical"` for rows of zeros with ones (of several classes if the column has lists),
            `"binary"` or `"sparse"` for numbers of classes, `"raw"` for the column as it is, `"multi_output"` for a
            list of columns, `"input"` for the pictures themselves, None for no targets.
        batch_size: Pictures per batch; the last may have fewer.
        shuffle: Whether to permute the pictures for each epoch.
        seed: See `Iterator`.
        data_format: `"channels_last"` or `"channels_first"`.
        save_to_dir: Folder in which each augmented picture is saved.
        save_prefix: Beginning of their names.
        save_format: Their format, which is their extension as well.
        subset: `"training"` or `"validation"`, by the generator's `validation_split`: validation comes first.
        interpolation: Pillow's, by name: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos"`, `"box"`, `"hamming"`.
        keep_aspect_ratio: Whether to cut out the middle of a picture of another shape instead of distorting it.
        dtype: Of the batches.
        validate_filenames: Whether to leave out rows whose file is not there, or is no picture by its name.

    Raises:
        ValueError: `color_mode`, `class_mode` or `subset` is none of the above, or the classes are not two for
            `class_mode="binary"`.
        TypeError: A column has values of another type than `class_mode` asks for.
    """

    allowed_class_modes: ClassVar[set[str | None]] = {
        "binary",
        "categorical",
        "input",
        "multi_output",
        "raw",
        "sparse",
        None,
    }

    def __init__(
        self,
        dataframe: Any,
        directory: str | None = None,
        image_data_generator: ImageAugmentation | None = None,
        x_col: str = "filename",
        y_col: str | list[str] = "class",
        weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: Any = None,
        data_format: str = "channels_last",
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: DTypeLike = "float32",
        validate_filenames: bool = True,
    ) -> None:
        self.set_processing_attrs(
            image_data_generator,
            target_size,
            color_mode,
            data_format,
            save_to_dir,
            save_prefix,
            save_format,
            subset,
            interpolation,
            keep_aspect_ratio,
        )
        frame = dataframe.copy()
        self.directory = directory or ""
        self.class_mode = class_mode
        self.dtype = dtype
        self._check(frame, x_col, y_col, weight_col, classes)
        if validate_filenames:
            frame = self._with_files(frame, x_col)
        has_classes = class_mode not in _WITHOUT_CLASSES
        if has_classes:
            frame, names = _of_classes(frame, y_col, classes)
            self.class_indices = {name: number for number, name in enumerate(names)}
        if self.split:
            first, last = (int(end * len(frame)) for end in self.split)
            frame = frame.iloc[first:last, :]
        if has_classes:
            self.classes = self.get_classes(frame, y_col)
        self.filenames = frame[x_col].tolist()
        self._sample_weight = frame[weight_col].values if weight_col else None
        if class_mode == "multi_output":
            self._targets: Any = [np.array(frame[column].tolist()) for column in y_col]
        if class_mode == "raw":
            self._targets = frame[y_col].values
        self.samples = len(self.filenames)
        classes_found = f" belonging to {len(names)} classes" if has_classes else ""
        say(
            f"Found {self.samples} {'validated' if validate_filenames else 'non-validated'} image filenames"
            f"{classes_found}."
        )
        self._filepaths = [os.path.join(self.directory, name) for name in self.filenames]
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _check(self, frame: Any, x_col: str, y_col: Any, weight_col: str | None, classes: Any) -> None:
        mode = self.class_mode
        require_class_mode(mode, self.allowed_class_modes)
        if mode == "multi_output" and not isinstance(y_col, list):
            raise TypeError(f"`y_col` must be a list for class_mode='multi_output'. Received: y_col={y_col!r}")
        _require(frame, x_col, str, "a path", f"x_col={x_col!r}")
        if mode in ("binary", "sparse"):
            _require(frame, y_col, str, "a string", f"class_mode={mode!r}, y_col={y_col!r}")
        if mode == "binary":
            count = len(set(classes)) if classes else frame[y_col].nunique()
            if count != 2:
                raise ValueError(f"There must be two classes for class_mode='binary'. Received: {count}")
        if mode == "categorical":
            _require(
                frame, y_col, (str, list, tuple), "a string, list or tuple", f"class_mode={mode!r}, y_col={y_col!r}"
            )
        if classes and mode in _WITHOUT_CLASSES:
            warnings.warn(f"`classes` has no use with class_mode={mode!r}.", stacklevel=4)
        if weight_col and not issubclass(frame[weight_col].dtype.type, np.number):
            raise TypeError(f"The column of weights must be numeric. Received: weight_col={weight_col!r}")

    def get_classes(self, df: Any, y_col: Any) -> list[Any]:
        """Returns the number of each row's class, or the list of them where the column has several."""
        return [
            [self.class_indices[name] for name in value]
            if isinstance(value, list | tuple)
            else self.class_indices[value]
            for value in df[y_col]
        ]

    def _with_files(self, frame: Any, x_col: str) -> Any:
        """Leaves out the rows that name no picture file."""
        paths = frame[x_col].map(lambda name: os.path.join(self.directory, name))
        good = paths.apply(validate_filename, args=(self.white_list_formats,))
        bad = (~good).sum()
        if bad:
            warnings.warn(
                f"{bad} of the files named in column {x_col!r} are not there, or not pictures by their names; their "
                "rows are left out.",
                stacklevel=4,
            )
        return frame[good]

    @property
    def filepaths(self) -> list[str]:
        """The paths of all pictures."""
        return self._filepaths

    @property
    def labels(self) -> Any:
        """The targets of all pictures: numbers of classes, or what the columns hold."""
        return self._targets if self.class_mode in ("multi_output", "raw") else self.classes

    @property
    def sample_weight(self) -> Any:
        """The weights of all pictures, or None."""
        return self._sample_weight


def validate_filename(filename: str, white_list_formats: tuple[str, ...]) -> bool:
    """Returns whether a file is there and has one of these extensions."""
    return filename.lower().endswith(white_list_formats) and os.path.isfile(filename)


def _require(frame: Any, column: Any, kinds: Any, wanted: str, where: str) -> None:
    if not all(frame[column].apply(lambda value: isinstance(value, kinds))):
        raise TypeError(f"Every value must be {wanted} in the column of {where}.")


def _of_classes(frame: Any, y_col: Any, classes: Iterable[str] | None) -> tuple[Any, list[Any]]:
    """Returns the rows that have one of the classes, and these, in the order of their numbers."""
    frame = frame.copy()
    if not classes:
        found: set[Any] = set()
        for value in frame[y_col]:
            found.update(value if isinstance(value, list | tuple) else [value])
        return frame.dropna(subset=[y_col]), sorted(found)
    names = list(dict.fromkeys(classes))
    frame[y_col] = frame[y_col].apply(lambda value: _among(value, names))
    return frame.dropna(subset=[y_col]), names


def _among(value: Any, names: list[Any]) -> Any:
    """What is left of a value of the column if other classes go; None for nothing."""
    if isinstance(value, list | tuple):
        return [name for name in value if name in names] or None
    return value if value in names else None
