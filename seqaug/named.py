"""A Sequence of pictures that a data frame, a list or a pattern names. Imports Keras."""

import os
from collections.abc import Callable
from typing import Any, Self

from seqaug import checks
from seqaug.frames import FORMATS, Columns, read_frame
from seqaug.labelled import checked_formats, validation_count
from seqaug.messages import say
from seqaug.of_files import OfFiles, refuse
from seqaug.pairs import find_files, find_masks


class Named(OfFiles):
    """`from_dataframe` and `from_paths`."""

    @classmethod
    def from_dataframe(
        cls,
        dataframe: Any,
        directory: str | os.PathLike[str] | None = None,
        x_col: str = "filename",
        y_col: Any = "class",
        weight_col: str | None = None,
        target_size: Any = (256, 256),
        color_mode: str = "rgb",
        classes: Any = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        *,
        validation_split: float | None = None,
        subset: str | None = None,
        interpolation: str = "bilinear",
        validate_filenames: bool = True,
        image_size: Any = None,
        mask_col: str | None = None,
        boxes_col: Any = None,
        box_labels_col: str | None = None,
        verbose: bool = True,
        formats: Any = None,
        load: Callable[[str], Any] | None = None,
        **options: Any,
    ) -> Any:
        """Returns the Sequence of the pictures that a data frame names, of Pandas or Polars.

        ```python
        train = AugmentedSequence.from_dataframe(
            frame, "photos", x_col="file", y_col="kind", image_size=(224, 224), seed=7, augment=[RandomFlip()]
        )
        ```

        Columns and classes are read as by Keras's `flow_from_dataframe`. What `y` is made of goes into a dict,
        `labels`, `segmentation_masks` and `bounding_boxes`; what there is one of is `y` itself.

        Args:
            dataframe: A row for each picture; rows keep their order.
            directory: Folder that paths of pictures and masks begin in; None if they are whole.
            x_col: Column of the pictures' paths.
            y_col: Column of the targets, or a list of columns for `"raw"` and `"multi_output"`.
            weight_col: Column of weights of the loss.
            target_size: See `image_size`.
            color_mode: `"rgb"`, `"grayscale"` or `"rgba"`; of no effect with `load`.
            classes: The classes in the order of their numbers, rows of others being left out; None for all, sorted.
                Without labels, those of the boxes, of which there may be no others.
            class_mode: `"categorical"` for float32 rows with ones (several where the column has lists), `"binary"` for
                float32 numbers of two classes, `"sparse"` for int32 numbers of classes, `"raw"` for numbers as they
                are, `"multi_output"` for a tuple of columns, `"input"` for the pictures, None for no targets.
            batch_size: Pictures in a batch.
            shuffle: Whether samples are shuffled anew for each epoch.
            seed: See `AugmentedSequence`.
            validation_split: The share of validation: as in Keras the first rows of those that are not left out.
            subset: As for `from_directory`.
            interpolation: `"bilinear"`, `"nearest"` (Keras's default here) or `"bicubic"`.
            validate_filenames: Whether to leave out rows, with a warning, whose file is not there or has another
                extension than `formats`. If not, a file that is not there is an error.
            image_size: (height, width) of the batches, or one number for both. None means `target_size`; if that is
                None, sizes are left to `augment`.
            mask_col: Column of paths of segmentation masks.
            boxes_col: Column of lists of boxes, `(k, 4)` each; or four columns, in the order of `bounding_box_format`,
                of one box per row: rows of one file are then one picture, where it first comes, and must agree in all
                else. A row without the four numbers is a picture without boxes.
            box_labels_col: Column of the boxes' labels: a list for each picture, or one for each row. Names become
                numbers in the order of `classes`, or sorted, and are the attribute `class_names` if there are no
                others.
            verbose: Whether to print how many files there are, as Keras does.
            formats: Extensions of pictures. None means those of `flow_from_dataframe`, and any with `load`.
            load: See `AugmentedSequence`.
            **options: Further arguments of `AugmentedSequence`, by name, such as `augment`.

        Returns:
            The Sequence; for `subset="both"` a pair of them.

        Raises:
            ValueError: An argument is out of range, a column is not there or has no value; the message names the row.
            TypeError: An argument is unknown, or a column holds values of a wrong type.
            FileNotFoundError: A file is not there.
        """
        cls._check_names(options)
        validation_count(0, validation_split, subset)
        columns = Columns(x_col, y_col, weight_col, class_mode, classes, mask_col, boxes_col, box_labels_col)
        check = checks.flag("validate_filenames", validate_filenames)
        extensions = checked_formats(formats) if formats is not None else FORMATS if load is None else None
        found = read_frame(dataframe, directory, columns, check, extensions)
        if not len(found.paths):
            raise ValueError(f"`dataframe` names no picture. Received: {len(dataframe)} rows")
        size = target_size if image_size is None else image_size
        if found.targets is not None:
            refuse(options, "targets", "is known from the columns")
            options["targets"] = found.targets
        whole: Any = cls(  # type: ignore[call-arg]
            found.paths,
            found.y,
            found.sample_weight,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            image_size=size,
            interpolation=interpolation,
            color_mode=None if load is not None else color_mode,
            load=load,
            **options,
        )
        whole.class_names = found.class_names
        count = len(found.paths)
        cut = validation_count(count, validation_split, subset)
        rest = count - (cut or 0)
        sizes: dict[str, list[int | None]] = {"training": [rest], "validation": [cut], "both": [rest, cut]}
        for number in sizes.get(subset or "", [count]) if checks.flag("verbose", verbose) else ():
            say(f"Found {number} {'' if check else 'non-'}validated image filenames{found.of_classes}.")
        return whole._sides(cut, subset, validation_first=True)

    @classmethod
    def from_paths(
        cls, paths: Any, y: Any = None, sample_weight: Any = None, *, masks: Any = None, **options: Any
    ) -> Self:
        """Returns the Sequence of a list of pictures, or of those that a pattern matches, with masks beside them.

        ```python
        train = AugmentedSequence.from_paths(
            "photos/**/*.jpg", masks="masks/**/*.png", image_size=(256, 256), augment=[RandomFlip()], seed=7
        )
        ```

        Args:
            paths: A list of files, or a pattern as `glob.glob` takes it, whose matches are sorted.
            y: See `AugmentedSequence`; with masks and not itself a dict, it becomes `labels`.
            sample_weight: See `AugmentedSequence`.
            masks: Segmentation masks: a list of files in the order of the pictures; a pattern of files that are called
                as the pictures are, but for folder and extension; or a function from the path of a picture to that of
                its mask. They are `segmentation_masks` in a dict `y`, or without other targets `y` itself.
            **options: Further arguments of `AugmentedSequence`, by name.

        Raises:
            ValueError: An argument is out of range, a pattern matches no file, or pictures and masks do not pair.
            TypeError: An argument is of a wrong type, or unknown.
            FileNotFoundError: A file is not there.
        """
        cls._check_names(options)
        found = find_files(paths, "paths")
        if masks is None:
            return cls(found, y, sample_weight, **options)  # type: ignore[call-arg]
        beside = find_masks(masks, found)
        if y is None:
            refuse(options, "targets", "is known: the masks are all that there is")
            return cls(found, beside, sample_weight, targets="segmentation_mask", **options)  # type: ignore[call-arg]
        if isinstance(y, tuple) or (isinstance(y, dict) and "segmentation_masks" in y):
            raise ValueError("`y` must be one column or a dict without `segmentation_masks` if there are `masks`.")
        both = {**(y if isinstance(y, dict) else {"labels": y}), "segmentation_masks": beside}
        return cls(found, both, sample_weight, **options)  # type: ignore[call-arg]
