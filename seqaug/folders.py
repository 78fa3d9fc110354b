"""A Sequence of the pictures in a folder. Imports Keras."""

import os
from collections.abc import Callable
from typing import Any

from seqaug import checks, randomness
from seqaug.labelled import checked_formats, find_labelled, validation_count
from seqaug.messages import say
from seqaug.of_files import OfFiles


class Folders(OfFiles):
    """`from_directory`."""

    @classmethod
    def from_directory(
        cls,
        directory: str | os.PathLike[str],
        labels: Any = "inferred",
        label_mode: str | None = "int",
        class_names: Any = None,
        color_mode: str = "rgb",
        batch_size: int = 32,
        image_size: Any = (256, 256),
        shuffle: bool = True,
        seed: int | None = None,
        validation_split: float | None = None,
        subset: str | None = None,
        interpolation: str = "bilinear",
        follow_links: bool = False,
        crop_to_aspect_ratio: bool = False,
        pad_to_aspect_ratio: bool = False,
        data_format: str | None = None,
        verbose: bool = True,
        *,
        formats: Any = None,
        augment: Any = (),
        cache: Any = None,
        load: Callable[[str], Any] | None = None,
        **options: Any,
    ) -> Any:
        """Returns the Sequence of the pictures in a folder, as `keras.utils.image_dataset_from_directory` takes them.

        ```python
        train, validation = AugmentedSequence.from_directory(
            "photos", image_size=(224, 224), validation_split=0.2, subset="both", seed=7,
            augment=[RandomFlip("horizontal"), RandomRotation(degrees=15), Rescaling(1 / 255)],
        )
        model.fit(train, validation_data=validation, epochs=5)
        ```

        Classes, their numbers, the order of files and the sides of the split are those that Keras gives for the same
        arguments and files; so are the attributes `class_names` and `file_paths`. A sample's number, which its draws
        depend on, is its place in the list before it is split. No picture is read but the header of the first.

        Args:
            directory: The folder. Each folder in it is a class, unless its name begins with a dot.
            labels: `"inferred"` from those folders; a list of whole numbers, one for each file in the order of their
                paths; or None. But for `"inferred"`, files count wherever they are in the folder.
            label_mode: `"int"` for numbers, `(n,)` int32; `"categorical"` for rows with a one, `(n, classes)` float32;
                `"binary"` for 0 and 1 of two classes, `(n, 1)` float32; None for no labels.
            class_names: Which folders are classes, in the order of their numbers. None means all, sorted.
            color_mode: `"rgb"`, `"grayscale"` or `"rgba"`; of no effect with `load`.
            batch_size: Pictures in a batch. There is no None: a Sequence consists of batches.
            image_size: (height, width), or one number for both. None leaves sizes to `augment`.
            shuffle: Whether the list of files is shuffled before it is split, and samples anew for each epoch. False
                keeps the order of the paths.
            seed: Of the order and of all draws. None takes fresh entropy, which `seq.seed` shows.
            validation_split: The share of validation, above 0 and below 1: the last files of the list.
            subset: `"training"`, `"validation"`, or `"both"` for a pair of them; needed with `validation_split`. The
                validation side comes as by `evaluation()`, not shuffled and not augmented at random.
            interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`, Keras's others being none of seqaug's.
            follow_links: Whether to look into links to folders; each folder of a loop counts once.
            crop_to_aspect_ratio: See `AugmentedSequence`.
            pad_to_aspect_ratio: See `AugmentedSequence`.
            data_format: See `AugmentedSequence`.
            verbose: Whether to print how many files there are, as Keras does.
            formats: Extensions of pictures. None means Keras's, `(".bmp", ".gif", ".jpeg", ".jpg", ".png")`, with a
                warning if files are left out that may be pictures.
            augment: See `AugmentedSequence`.
            cache: See `AugmentedSequence`. A folder also keeps the list of files, which is used again as long as none
                of the folders has changed.
            load: See `AugmentedSequence`.
            **options: Further arguments of `AugmentedSequence`, by name.

        Returns:
            The Sequence; for `subset="both"` a pair of them.

        Raises:
            ValueError: An argument is out of range, or does not fit what is in the folder.
            TypeError: An argument is of a wrong type, or unknown.
            FileNotFoundError: There is no such folder.
        """
        cls._check_names(options)
        if batch_size is None:
            raise ValueError("`batch_size` must be a number: a Sequence consists of batches. Received: batch_size=None")
        checks.one_of("color_mode", color_mode, ("rgb", "grayscale", "rgba"))
        given, shuffled = checks.seed("seed", seed), checks.flag("shuffle", shuffle)
        tell = say if checks.flag("verbose", verbose) else _silent
        validation_count(0, validation_split, subset)
        if validation_split and shuffled and given is None:
            raise ValueError(
                "`validation_split` of a shuffled list needs a `seed`, so that no picture is on both sides. "
                "Received: seed=None"
            )
        given = randomness.fresh_seed() if given is None else given
        order = given if shuffled else None
        found = find_labelled(
            directory, labels, label_mode, class_names, follow_links, formats, order, cache, tell
        )  # fmt: skip
        if not len(found.paths):
            raise ValueError(f"`directory` holds no files of {checked_formats(formats)}. Received: {directory!r}")
        whole: Any = cls(  # type: ignore[call-arg]
            found.paths,
            found.labels,
            augment=augment,
            batch_size=batch_size,
            shuffle=shuffled,
            seed=given,
            image_size=image_size,
            interpolation=interpolation.lower() if isinstance(interpolation, str) else interpolation,
            crop_to_aspect_ratio=crop_to_aspect_ratio,
            pad_to_aspect_ratio=pad_to_aspect_ratio,
            color_mode=None if load is not None else color_mode,
            cache=cache,
            load=load,
            data_format=data_format,
            **options,
        )
        found.keep()
        whole.class_names = found.class_names
        chosen = validation_count(len(found.paths), validation_split, subset)
        cut = None if chosen is None else len(found.paths) - chosen
        for name, count in (("training", cut), ("validation", chosen)):
            if count is not None and subset in (name, "both"):
                tell(f"Using {count} files for {name}.")
        return whole._sides(cut, subset, validation_first=False)


def _silent(line: str) -> None:
    """Prints nothing."""
