"""What the iterators over picture files have in common: how a file becomes an image, and which targets go with it."""

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import simplejpeg
from keras import config
from keras.utils import img_to_array, load_img
from numpy.typing import DTypeLike, NDArray
from PIL import Image

from seqaug import threads
from seqaug.preprocessing.augmentation import ImageAugmentation
from seqaug.preprocessing.batch import save_pictures, transformed
from seqaug.preprocessing.iterators import Iterator, require_subset

_CHANNELS = {"rgba": 4, "rgb": 3, "grayscale": 1}
# What libjpeg-turbo gives without a conversion of Pillow's own: by colour mode, the spaces of files.
_JPEG: dict[str, tuple[str, tuple[str, ...]]] = {"rgb": ("RGB", ("YCbCr", "Gray")), "grayscale": ("GRAY", ("Gray",))}
_FILTERS = {
    name: Image.Resampling[name.upper()] for name in ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
}


if TYPE_CHECKING:
    _Base = Iterator
else:
    _Base = object  # an iterator inherits from `Iterator` beside, as Keras's do


class BatchFromFilesMixin(_Base):
    """From files to batches: for iterators that say which files and targets there are."""

    class_mode: str | None
    dtype: DTypeLike
    classes: Any
    class_indices: dict[Any, int]
    filenames: list[str]

    def set_processing_attrs(
        self,
        image_data_generator: ImageAugmentation | None,
        target_size: tuple[int, int],
        color_mode: str,
        data_format: str | None,
        save_to_dir: str | None,
        save_prefix: str,
        save_format: str,
        subset: str | None,
        interpolation: str,
        keep_aspect_ratio: bool,
    ) -> None:
        """Takes the arguments that say how files become images; see `DirectoryIterator` for them."""
        self.image_data_generator = image_data_generator
        self.target_size = tuple(target_size)
        self.keep_aspect_ratio = keep_aspect_ratio
        if color_mode not in _CHANNELS:
            raise ValueError(f"`color_mode` must be 'rgb', 'rgba' or 'grayscale'. Received: color_mode={color_mode!r}")
        self.color_mode = color_mode
        self.data_format = data_format
        channels = _CHANNELS[color_mode]
        is_last = data_format == "channels_last"
        self.image_shape = (*self.target_size, channels) if is_last else (channels, *self.target_size)
        self.save_to_dir = save_to_dir
        self.save_prefix = save_prefix
        self.save_format = save_format
        self.interpolation = interpolation
        self.split: tuple[float, float] | None = None
        if subset is not None:
            held_back = image_data_generator._validation_split  # type: ignore[union-attr]  # fails as in Keras
            require_subset(subset)
            self.split = (0, held_back) if subset == "validation" else (held_back, 1)
        self.subset = subset

    @property
    def filepaths(self) -> list[str]:
        """The paths of all files."""
        raise NotImplementedError

    @property
    def labels(self) -> Any:
        """The targets of all files."""
        raise NotImplementedError

    @property
    def sample_weight(self) -> Any:
        """The weights of all files, or None."""
        raise NotImplementedError

    def _get_batches_of_transformed_samples(self, index_array: NDArray[np.int64]) -> Any:
        images = self._images(index_array)
        batch = transformed(
            self.image_data_generator, images, self.image_shape, config.floatx(), self.dtype, self._most_threads
        )
        if self.save_to_dir:
            save_pictures(self, batch, index_array, 1e7)
        targets = self._targets_of(batch, index_array)
        if targets is None:
            return batch
        if self.sample_weight is None:
            return batch, targets
        return batch, targets, self.sample_weight[index_array]

    def _images(self, samples: NDArray[np.int64]) -> list[NDArray[Any] | Exception]:
        """Reads files, in threads; of those that fail, the errors."""
        paths = self.filepaths
        images: list[Any] = [None] * len(samples)

        def read(first: int, last: int) -> None:
            for i in range(first, last):
                try:
                    images[i] = self._read(paths[samples[i]])
                except Exception as error:
                    images[i] = error

        threads.spread(len(samples), self._most_threads, read)
        return images

    def _read(self, path: Any) -> NDArray[Any]:
        """Reads an image: that of `keras.utils.load_img`, as an array of `image_shape`."""
        source, picture = path, None
        if isinstance(path, str | bytes | Path):
            with open(path, "rb") as file:
                data = file.read()
            source, picture = io.BytesIO(data), self._decoded(data)
        picture = picture or load_img(
            source,
            color_mode=self.color_mode,
            target_size=self.target_size,
            interpolation=self.interpolation,
            keep_aspect_ratio=self.keep_aspect_ratio,
        )
        if picture.mode not in ("L", "RGB", "RGBA"):
            return np.asarray(img_to_array(picture, data_format=self.data_format))
        pixels = np.asarray(picture)
        pixels = pixels[:, :, None] if pixels.ndim == 2 else pixels
        return pixels if self.data_format == "channels_last" else pixels.transpose(2, 0, 1)

    def _decoded(self, data: bytes) -> Image.Image | None:
        """Decodes a JPEG without Pillow, which takes longer, if `load_img` would give the same pixels: else None."""
        mode, spaces = _JPEG.get(self.color_mode, ("", ()))
        if not data.startswith(b"\xff\xd8\xff") or self.interpolation not in _FILTERS:
            return None
        try:
            height, width, space, _ = simplejpeg.decode_jpeg_header(data)
            most = Image.MAX_IMAGE_PIXELS
            if space not in spaces or (most is not None and height * width > most):
                return None
            pixels = simplejpeg.decode_jpeg(data, mode, strict=True)
        except ValueError:  # damaged: Pillow takes some of these
            return None
        picture = Image.fromarray(pixels[:, :, 0] if mode == "GRAY" else pixels)
        to = (self.target_size[1], self.target_size[0])
        if (width, height) == to:
            return picture
        box = _middle((width, height), to) if self.keep_aspect_ratio else None
        return picture.resize(to, _FILTERS[self.interpolation], box)

    def _targets_of(self, batch: NDArray[Any], samples: NDArray[np.int64]) -> Any:
        if self.class_mode == "input":
            return batch.copy()
        if self.class_mode in ("binary", "sparse"):
            return np.array([self.classes[sample] for sample in samples], self.dtype).reshape(len(samples))
        if self.class_mode == "categorical":
            targets = np.zeros((len(samples), len(self.class_indices)), self.dtype)
            for row, sample in zip(targets, samples, strict=True):
                row[self.classes[sample]] = 1.0
            return targets
        if self.class_mode == "multi_output":
            return [column[samples] for column in self.labels]
        if self.class_mode == "raw":
            return self.labels[samples]
        return None


def _middle(size: tuple[int, int], to: tuple[int, int]) -> tuple[int, int, int, int]:
    """Returns the largest part of a picture that has the shape of `to`, in its middle: left, top, right and bottom."""
    width, height = min(size[0], size[1] * to[0] // to[1]), min(size[1], size[0] * to[1] // to[0])
    left, top = (size[0] - width) // 2, (size[1] - height) // 2
    return left, top, left + width, top + height


def require_class_mode(class_mode: Any, allowed: set[str | None]) -> None:
    """Raises `ValueError` for a class mode that is not allowed."""
    if class_mode not in allowed:
        names = ", ".join(sorted(map(repr, allowed)))
        raise ValueError(f"`class_mode` must be one of {names}. Received: class_mode={class_mode!r}")
