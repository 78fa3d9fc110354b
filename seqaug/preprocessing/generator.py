"""ImageDataGenerator: batches of augmented images from arrays, folders and data frames."""

import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from seqaug.preprocessing.augmentation import ImageAugmentation

if TYPE_CHECKING:
    from seqaug.preprocessing.arrays import NumpyArrayIterator
    from seqaug.preprocessing.dataframes import DataFrameIterator
    from seqaug.preprocessing.directories import DirectoryIterator


class ImageDataGenerator(ImageAugmentation):
    """Keras's `ImageDataGenerator`: the same arguments, draws and pixels, bit for bit, from native code.

    ```python
    generator = ImageDataGenerator(rotation_range=15, horizontal_flip=True, rescale=1 / 255)
    model.fit(generator.flow(images, labels, batch_size=32, seed=7), epochs=5)
    ```

    What it does is Keras's: `docs/image_data_generator.md` lists the surprises, each beside what
    `seqaug.AugmentedSequence` does instead.

    Args:
        featurewise_center: Whether to subtract the channels' means, which `fit` finds.
        samplewise_center: Whether to subtract an image's own mean, one for all of its channels.
        featurewise_std_normalization: Whether to divide by the channels' standard deviations, which `fit` finds.
        samplewise_std_normalization: Whether to divide by an image's own standard deviation.
        zca_whitening: Whether to whiten by what `fit` finds.
        zca_epsilon: What whitening adds to the singular values.
        rotation_range: Most degrees that images are turned, to either side.
        width_shift_range: Vertical shift: a fraction of the width if below 1, else pixels; or a sequence.
        height_shift_range: Horizontal shift: of the height, likewise. (The two are Keras's way about.)
        brightness_range: The least and the greatest factor; images from 0 to 1 come out black.
        shear_range: Most degrees of shear, to either side.
        zoom_range: z for factors from 1 - z to 1 + z, or a pair of factors; above 1 the content shrinks.
        channel_shift_range: Most that is added to all values, or subtracted.
        fill_mode: What lies outside: `"nearest"`, `"reflect"`, `"wrap"`, `"constant"`, or another of SciPy's modes.
        cval: The value outside under `"constant"`.
        horizontal_flip: Whether to mirror half of the images left to right.
        vertical_flip: Whether to mirror half of them top to bottom.
        rescale: Factor for all values, after `preprocessing_function`. None or 0 for none.
        preprocessing_function: Called with each image after its augmentation; returns one of the same shape.
        data_format: `"channels_last"` or `"channels_first"`; None for that of `keras.config`.
        validation_split: Fraction for `subset="validation"`, between 0 and 1.
        interpolation_order: 0 for the nearest pixel, 1 for bilinear, up to 5 for splines.
        dtype: Of the batches; None for `keras.config.floatx()`.

    Raises:
        ValueError: `data_format`, `validation_split`, `zoom_range` or `brightness_range` is none of the above.
    """

    def flow(
        self,
        x: Any,
        y: Any = None,
        batch_size: int = 32,
        shuffle: bool = True,
        sample_weight: Any = None,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        ignore_class_split: bool = False,
        subset: str | None = None,
    ) -> "NumpyArrayIterator":
        """Returns batches of augmented images from arrays; see `NumpyArrayIterator` for the arguments."""
        from seqaug.preprocessing.arrays import NumpyArrayIterator

        return NumpyArrayIterator(
            x,
            y,
            self,
            batch_size=batch_size,
            shuffle=shuffle,
            sample_weight=sample_weight,
            seed=seed,
            data_format=self.data_format,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            ignore_class_split=ignore_class_split,
            subset=subset,
            dtype=self.dtype,
        )

    def flow_from_directory(
        self,
        directory: str,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        follow_links: bool = False,
        subset: str | None = None,
        interpolation: str = "nearest",
        keep_aspect_ratio: bool = False,
    ) -> "DirectoryIterator":
        """Returns batches of augmented pictures from a folder per class; see `DirectoryIterator` for the arguments."""
        from seqaug.preprocessing.directories import DirectoryIterator

        return DirectoryIterator(
            directory,
            self,
            target_size=target_size,
            color_mode=color_mode,
            keep_aspect_ratio=keep_aspect_ratio,
            classes=classes,
            class_mode=class_mode,
            data_format=self.data_format,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            follow_links=follow_links,
            subset=subset,
            interpolation=interpolation,
            dtype=self.dtype,
        )

    def flow_from_dataframe(
        self,
        dataframe: Any,
        directory: str | None = None,
        x_col: str = "filename",
        y_col: str | list[str] = "class",
        weight_col: str | None = None,
        target_size: tuple[int, int] = (256, 256),
        color_mode: str = "rgb",
        classes: Sequence[str] | None = None,
        class_mode: str | None = "categorical",
        batch_size: int = 32,
        shuffle: bool = True,
        seed: int | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        interpolation: str = "nearest",
        validate_filenames: bool = True,
        **kwargs: Any,
    ) -> "DataFrameIterator":
        """Returns batches of augmented pictures named in a pandas DataFrame; see `DataFrameIterator` for the arguments.

        Unknown keyword arguments pass unnoticed, as in Keras; `has_ext`, `sort` and `drop_duplicates`, of old, warn.
        """
        from seqaug.preprocessing.dataframes import DataFrameIterator

        gone = {
            "has_ext": "Names in the data frame must be those of the files, extensions included.",
            "sort": "Batches come in the order of the data frame if `shuffle` is False.",
            "drop_duplicates": "Call `drop_duplicates` of the data frame.",
        }
        for name in gone.keys() & kwargs.keys():
            warnings.warn(f"`{name}` is no more. {gone[name]}", DeprecationWarning, stacklevel=2)
        if class_mode == "other":
            warnings.warn('`class_mode="other"` is now "raw".', DeprecationWarning, stacklevel=2)
            class_mode = "raw"
        return DataFrameIterator(
            dataframe,
            directory,
            self,
            x_col=x_col,
            y_col=y_col,
            weight_col=weight_col,
            target_size=target_size,
            color_mode=color_mode,
            classes=classes,
            class_mode=class_mode,
            data_format=self.data_format,
            batch_size=batch_size,
            shuffle=shuffle,
            seed=seed,
            save_to_dir=save_to_dir,
            save_prefix=save_prefix,
            save_format=save_format,
            subset=subset,
            interpolation=interpolation,
            validate_filenames=validate_filenames,
            dtype=self.dtype,
        )
