"""NumpyArrayIterator: batches from arrays."""

from typing import Any

import numpy as np
from keras import config
from numpy.typing import DTypeLike, NDArray

from seqaug.preprocessing.augmentation import ImageAugmentation, warn_of_channels
from seqaug.preprocessing.batch import save_pictures, transformed
from seqaug.preprocessing.iterators import Iterator, require_subset


class NumpyArrayIterator(Iterator):
    """Batches of augmented images from arrays, as Keras's iterator of this name gives them.

    Args:
        x: Images of rank 4, or a pair of these and another array, or a list of such, of the same length.
        y: Labels, or None.
        image_data_generator: What augments the images.
        batch_size: Images per batch; the last may have fewer.
        shuffle: Whether to permute the images for each epoch.
        sample_weight: Weights, or None.
        seed: See `Iterator`.
        data_format: `"channels_last"` or `"channels_first"`; None for that of `keras.config`.
        save_to_dir: Folder in which each augmented image is saved.
        save_prefix: Beginning of their names.
        save_format: Their format, which is their extension as well.
        subset: `"training"` or `"validation"`, by the generator's `validation_split`: validation comes first.
        ignore_class_split: Whether the two may have different classes.
        dtype: Of the batches; None for `keras.config.floatx()`.

    Raises:
        ValueError: Lengths differ, `x` is not of rank 4, `subset` is none of the above, or the subsets have different
            classes.
    """

    def __init__(
        self,
        x: Any,
        y: Any,
        image_data_generator: ImageAugmentation,
        batch_size: int = 32,
        shuffle: bool = False,
        sample_weight: Any = None,
        seed: Any = None,
        data_format: str | None = None,
        save_to_dir: str | None = None,
        save_prefix: str = "",
        save_format: str = "png",
        subset: str | None = None,
        ignore_class_split: bool = False,
        dtype: DTypeLike | None = None,
    ) -> None:
        data_format = config.image_data_format() if data_format is None else data_format
        self.dtype = config.floatx() if dtype is None else dtype
        others: list[NDArray[Any]] = []
        if isinstance(x, tuple | list):
            others = [np.asarray(other) for other in (x[1] if isinstance(x[1], list) else [x[1]])]
            x = x[0]
        for name, rows in [("x", other) for other in others] + [("y", y), ("sample_weight", sample_weight)]:
            if rows is not None and len(rows) != len(x):
                raise ValueError(f"`{name}` must be as long as the images. Received: {len(rows)} for {len(x)} images")
        if subset is not None:
            require_subset(subset)
            split = int(len(x) * image_data_generator._validation_split)
            part = slice(split) if subset == "validation" else slice(split, None)
            if y is not None and not ignore_class_split:
                _require_all_classes(y, part)
            x, others = x[part], [other[part] for other in others]
            y = None if y is None else y[part]
            sample_weight = None if sample_weight is None else sample_weight[part]
        self.x: NDArray[Any] = np.asarray(x, dtype=self.dtype)
        self.x_misc = others
        if self.x.ndim != 4:
            raise ValueError(f"`x` must be images of rank 4. Received: x.shape={self.x.shape}")
        warn_of_channels(self.x.shape, 3 if data_format == "channels_last" else 1)
        self.y = None if y is None else np.asarray(y)
        self.sample_weight = None if sample_weight is None else np.asarray(sample_weight)
        self.image_data_generator = image_data_generator
        self.data_format = data_format
        self.save_to_dir = save_to_dir
        self.save_prefix = save_prefix
        self.save_format = save_format
        super().__init__(x.shape[0], batch_size, shuffle, seed)

    def _get_batches_of_transformed_samples(self, index_array: NDArray[np.int64]) -> Any:
        images = [self.x[i] for i in index_array]
        batch = transformed(
            self.image_data_generator, images, self.x.shape[1:], self.dtype, self.dtype, self._most_threads
        )
        if self.save_to_dir:
            save_pictures(self, batch, index_array, 1e4)
        inputs = [batch] + [other[index_array] for other in self.x_misc]
        if self.y is None:
            return inputs if self.x_misc else batch
        targets = [self.y[index_array]]
        if self.sample_weight is not None:
            targets.append(self.sample_weight[index_array])
        return (inputs if self.x_misc else batch, *targets)


def _require_all_classes(y: Any, part: slice) -> None:
    split = part.stop if part.start is None else part.start
    if not np.array_equal(np.unique(y[:split]), np.unique(y[split:])):
        raise ValueError(
            "The training and the validation part of `y` have different classes: shuffle arrays that are sorted by "
            "class, or pass `ignore_class_split=True`."
        )
