"""From the images of a batch to the batch: draws one after the other, pixels in threads.

Where nobody's code stands between the draws and the pixels, all of a batch's draws are made first, in the order that
Keras makes them in, and each image goes through the native kernels straight into its place in the batch. Else images
are taken one by one.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from seqaug import buffers
from seqaug import threads as pool
from seqaug.preprocessing import draws
from seqaug.preprocessing.affine import transform_into
from seqaug.preprocessing.augmentation import ImageAugmentation
from seqaug.preprocessing.tones import brightened, shifted

_OURS = ("get_random_transform", "apply_transform", "standardize")


def transformed(
    generator: ImageAugmentation | None,
    images: Sequence[NDArray[Any]],
    shape: tuple[int, ...],
    work: DTypeLike,
    dtype: DTypeLike,
    threads: int | None,
) -> NDArray[Any]:
    """Returns a batch of augmented images: (n, *shape), of `dtype`, in memory that TensorFlow takes as it is.

    Args:
        generator: What augments them; None for nothing.
        images: The images, of `shape` and of any dtype. They are only read.
        shape: The shape of each.
        work: The dtype in which they are augmented.
        dtype: That of the batch.
        threads: Most threads; None for as many as there are CPUs.
    """
    batch = _zeros((len(images), *shape), dtype)
    if generator is None:
        for place, image in zip(batch, images, strict=True):
            place[...] = image.astype(work)
    elif _is_ours(generator):
        _fill_at_once(generator, images, shape, np.dtype(work), batch, threads)
    else:
        for place, image in zip(batch, images, strict=True):
            _change(generator, image, generator.get_random_transform(shape), np.dtype(work), place)
    return batch


def _fill_at_once(
    generator: ImageAugmentation,
    images: Sequence[NDArray[Any]],
    shape: tuple[int, ...],
    work: np.dtype[Any],
    batch: NDArray[Any],
    threads: int | None,
) -> None:
    random, failed = draws.generator(), [len(images)]
    before = random.get_state()
    drawn = [generator.get_random_transform(shape) for _ in images]
    # A mean depends on the order of its sum, which is that of Keras's memory, not of a batch.
    has_own_mean = generator.samplewise_center or generator.samplewise_std_normalization
    change = _change_in_place if work == batch.dtype == np.float32 and not has_own_mean else _change

    def run(first: int, last: int) -> None:
        for i in range(first, last):
            try:
                change(generator, images[i], drawn[i], work, batch[i])
            except BaseException:
                failed.append(i)
                raise

    try:
        pool.spread(len(images), threads, run)
    except BaseException:  # as if nothing had been drawn for the images behind the first that failed
        random.set_state(before)
        for _ in range(min(failed) + 1):
            generator.get_random_transform(shape)
        raise


def _zeros(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    if np.dtype(dtype).kind not in "fiu":
        return np.zeros(shape, dtype)
    return buffers.aligned(shape, dtype)


def _is_ours(generator: ImageAugmentation) -> bool:
    """Whether no code but this package's runs between draws and pixels, which might draw as well."""
    kind = type(generator)
    inherited = all(getattr(kind, name) is getattr(ImageAugmentation, name) for name in _OURS)
    own = vars(generator)
    return inherited and not any(name in own for name in _OURS) and generator.preprocessing_function is None


def _change(
    generator: ImageAugmentation, image: NDArray[Any], drawn: dict[str, Any], work: np.dtype[Any], place: NDArray[Any]
) -> None:
    place[...] = generator.standardize(generator.apply_transform(image.astype(work), drawn))


def _change_in_place(
    generator: ImageAugmentation, image: NDArray[Any], drawn: dict[str, Any], _: np.dtype[Any], place: NDArray[Any]
) -> None:
    """The same, with the affine transform and the flips going from the image to its place at once."""
    axes = (generator.row_axis - 1, generator.col_axis - 1, generator.channel_axis - 1)
    transform_into(place, image, axes, drawn, (generator.fill_mode, generator.cval, generator.interpolation_order))
    result = place
    if drawn["channel_shift_intensity"] is not None:
        result = shifted(result, drawn["channel_shift_intensity"], place)
    if drawn["brightness"] is not None:
        result = brightened(result, drawn["brightness"], False, place)
    result = generator.standardize(result)
    if result is not place:
        place[...] = result


def save_pictures(iterator: Any, batch: NDArray[Any], samples: NDArray[np.int64], most: float) -> None:
    """Saves the images of a batch, each stretched to 0 … 255, under names with a number drawn below `most`."""
    from keras.utils import array_to_img

    for image, sample in zip(batch, samples, strict=True):
        picture = array_to_img(image, iterator.data_format, scale=True)
        number = draws.generator().randint(most)
        name = f"{iterator.save_prefix}_{sample}_{number}.{iterator.save_format}"
        picture.save(Path(iterator.save_to_dir) / name)
