"""The names of `tf.keras.preprocessing.image`, from native code: replace the import and keep the code."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from seqaug.preprocessing.affine import apply_affine_transform, flip_axis, transform_matrix_offset_center
from seqaug.preprocessing.generator import ImageDataGenerator
from seqaug.preprocessing.randoms import (
    random_brightness,
    random_channel_shift,
    random_rotation,
    random_shear,
    random_shift,
    random_zoom,
)
from seqaug.preprocessing.tones import apply_brightness_shift, apply_channel_shift

if TYPE_CHECKING:
    from keras.preprocessing.image import array_to_img, img_to_array, load_img, save_img, smart_resize

    from seqaug.preprocessing.arrays import NumpyArrayIterator
    from seqaug.preprocessing.dataframes import DataFrameIterator, validate_filename
    from seqaug.preprocessing.directories import DirectoryIterator
    from seqaug.preprocessing.iterators import Iterator
    from seqaug.preprocessing.pictures import BatchFromFilesMixin

__all__ = [
    "BatchFromFilesMixin",
    "DataFrameIterator",
    "DirectoryIterator",
    "ImageDataGenerator",
    "Iterator",
    "NumpyArrayIterator",
    "apply_affine_transform",
    "apply_brightness_shift",
    "apply_channel_shift",
    "array_to_img",
    "flip_axis",
    "img_to_array",
    "load_img",
    "random_brightness",
    "random_channel_shift",
    "random_rotation",
    "random_shear",
    "random_shift",
    "random_zoom",
    "save_img",
    "smart_resize",
    "transform_matrix_offset_center",
    "validate_filename",
]

# What imports Keras: its own functions, which it goes on supporting, and what derives from its Sequence.
_LATER = dict.fromkeys(
    ("array_to_img", "img_to_array", "load_img", "save_img", "smart_resize"), "keras.preprocessing.image"
) | {
    "BatchFromFilesMixin": "seqaug.preprocessing.pictures",
    "DataFrameIterator": "seqaug.preprocessing.dataframes",
    "DirectoryIterator": "seqaug.preprocessing.directories",
    "Iterator": "seqaug.preprocessing.iterators",
    "NumpyArrayIterator": "seqaug.preprocessing.arrays",
    "validate_filename": "seqaug.preprocessing.dataframes",
}


def __getattr__(name: str) -> Any:
    """Loads what needs Keras when it is asked for."""
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(_LATER[name]), name)
    return value


def __dir__() -> list[str]:
    """Returns all names, loaded or not."""
    return sorted({*globals(), *__all__})
