"""DirectoryIterator: batches from a folder of pictures per class."""

import os
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from keras import config
from numpy.typing import DTypeLike

from seqaug.messages import say
from seqaug.preprocessing.augmentation import ImageAugmentation
from seqaug.preprocessing.iterators import Iterator
from seqaug.preprocessing.pictures import BatchFromFilesMixin, require_class_mode


class DirectoryIterator(BatchFromFilesMixin, Iterator):
    """Batches of augmented pictures from a folder per class, as Keras's iterator of this name gives them.

    Args:
        directory: Folder that has a folder for each class. Those may have folders as well.
        image_data_generator: What augments the pictures.
        target_size: Height and width to which pictures are brought.
        color_mode: `"rgb"`, `"rgba"` or `"grayscale"`.
        classes: Names of the folders, which are the classes, in the order of their numbers; None for all, sorted.
        class_mode: `"categorical"` for rows of zeros with a one, `"binary"` or `"sparse"` for numbers of classes,
            `"input"` for the pictures themselves, None for no targets.
        batch_size: Pictures per batch; the last may have fewer.
        shuffle: Whether to permute the pictures for each epoch.
        seed: See `Iterator`.
        data_format: `"channels_last"` or `"channels_first"`; None for that of `keras.config`.
        save_to_dir: Folder in which each augmented picture is saved.
        save_prefix: Beginning of their names.
        save_format: Their format, which is their extension as well.
        follow_links: Whether to go into folders that are links.
        subset: `"training"` or `"validation"`, by the generator's `validation_split`: of each class, validation first.
        interpolation: Pillow's, by name: `"nearest"`, `"bilinear"`, `"bicubic"`, `"lanczos"`, `"box"`, `"hamming"`.
        keep_aspect_ratio: Whether to cut out the middle of a picture of another shape instead of distorting it.
        dtype: Of the batches; None for `keras.config.floatx()`.

    Raises:
        ValueError: `color_mode`, `class_mode` or `subset` is none of the above.
    """

    allowed_class_modes: ClassVar[set[str | None]] = {"categorical", "binary", "sparse", "input", None}

    def __init__(
        self,
        directory: str,
        image_data_generator: ImageAugmentation | None,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: Any = None,
        data_format: str | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
        dtype: DTypeLike | None = None,
    ) -> None:
        self.set_processing_attrs(
            image_data_generator,
            target_size,
            color_mode,
            config.image_data_format() if data_format is None else data_format,
            save_to_dir,
            save_prefix,
            save_format,
            subset,
            interpolation,
            keep_aspect_ratio,
        )
        self.directory = directory
        require_class_mode(class_mode, self.allowed_class_modes)
        self.class_mode = class_mode
        self.dtype = config.floatx() if dtype is None else dtype
        names = list(classes or _folders_in(directory))
        self.num_classes = len(names)
        self.class_indices = dict(zip(names, range(len(names)), strict=True))
        self.filenames = []
        numbers: list[int] = []
        for name in names:
            for path in self._files_of(os.path.join(directory, name), follow_links):
                numbers.append(self.class_indices[os.path.basename(name)])
                self.filenames.append(path)
        self.samples = len(self.filenames)
        self.classes = np.array(numbers, "int32")
        say(f"Found {self.samples} images belonging to {self.num_classes} classes.")
        self._filepaths = [os.path.join(directory, name) for name in self.filenames]
        super().__init__(self.samples, batch_size, shuffle, seed)

    def _files_of(self, folder: str, follow_links: bool) -> Iterable[str]:
        """Returns the pictures in the folder of a class and in those below it, from the folder above it on."""
        found = (
            os.path.join(os.path.basename(folder), os.path.relpath(os.path.join(root, name), folder))
            for root, _, names in sorted(os.walk(folder, followlinks=follow_links), key=lambda entry: entry[0])
            for name in self._pictures_among(names)
        )
        if self.split is None:
            return found
        whole = list(found)
        first, last = (int(end * len(whole)) for end in self.split)
        return whole[first:last]

    def _pictures_among(self, names: Iterable[str]) -> Iterable[str]:
        for name in sorted(names):
            if name.lower().endswith(".tiff"):
                warnings.warn(f"{name}: TIFF files of several bands come out distorted.", stacklevel=5)
            if name.lower().endswith(self.white_list_formats):
                yield name

    @property
    def filepaths(self) -> list[str]:
        """The paths of all pictures."""
        return self._filepaths

    @property
    def labels(self) -> Any:
        """The number of each picture's class: (n,) int32."""
        return self.classes

    @property
    def sample_weight(self) -> None:
        """None: folders have no weights."""
        return


def _folders_in(directory: str) -> list[str]:
    return [name for name in sorted(os.listdir(directory)) if Path(directory, name).is_dir()]
