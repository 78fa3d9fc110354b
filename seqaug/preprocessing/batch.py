"""From the images of a batch to the batch: draws one after the other, pixels in threads.

Where nobody's code stands between the draws and the pixels, all of a batch's draws are made first, in the order that
Keras makes them in, and each image goes through the native kernels straight into its place in the batch. Else images
are taken one by one.
"""

import pickle
from collections.abc import Sequence
from contextvars import ContextVar
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
# Whether a batch goes straight to Keras. Then it lies where TensorFlow takes it without a copy; who gets it from `next`
# may change it, which a tensor in the same memory would not survive.
is_handed_over: ContextVar[bool] = ContextVar("batches of seqaug.preprocessing go straight to Keras", default=False)


def transformed(
    generator: ImageAugmentation | None,
    images: Sequence[NDArray[Any] | Exception],
    shape: tuple[int, ...],
    work: DTypeLike,
    dtype: DTypeLike,
    threads: int | None,
) -> NDArray[Any]:
    """Returns a batch of augmented images: (n, *shape), of `dtype`.

    Args:
        generator: What augments them; None for nothing.
        images: The images, of any dtype, which are only read; or why one could not be read, to be raised when its turn
            comes.
        shape: The shape of each.
        work: The dtype in which they are augmented.
        dtype: That of the batch.
        threads: Most threads; None for as many as there are CPUs.
    """
    batch = _memory((len(images), *shape), dtype)
    if generator is not None and _is_ours(generator):
        _fill_at_once(generator, images, np.dtype(work), batch, threads)
        return batch
    for place, image in zip(batch, images, strict=True):
        if isinstance(image, Exception):
            raise image
        if generator is None:
            place[...] = image.astype(work)
        else:
            _change(generator, image, generator.get_random_transform(image.shape), np.dtype(work), place)
    return batch


def _fill_at_once(
    generator: ImageAugmentation,
    images: Sequence[NDArray[Any] | Exception],
    work: np.dtype[Any],
    batch: NDArray[Any],
    threads: int | None,
) -> None:
    random = draws.generator()
    before = random.get_state(legacy=False)
    drawn = [{} if isinstance(image, Exception) else generator.get_random_transform(image.shape) for image in images]
    after = random.get_state(legacy=False)
    # A mean depends on the order of its sum, which is that of Keras's memory, not of a batch.
    has_own_mean = generator.samplewise_center or generator.samplewise_std_normalization
    change = _change_in_place if work == batch.dtype == np.float32 and not has_own_mean else _change
    used: list[int] = []  # up to which images Keras would have drawn, for each that failed

    def run(first: int, last: int) -> None:
        for i in range(first, last):
            image = images[i]
            try:
                if isinstance(image, Exception):
                    raise image
                change(generator, image, drawn[i], work, batch[i])
            except BaseException:
                used.append(i if isinstance(image, Exception) else i + 1)
                raise

    try:
        pool.spread(len(images), threads, run)
    except BaseException:
        # As if nothing had been drawn for the images behind the first that failed, if nobody else has drawn since.
        if used and pickle.dumps(after) == pickle.dumps(random.get_state(legacy=False)):
            random.set_state(before)
            for image in images[: min(used)]:
                generator.get_random_transform(np.shape(image))  # type: ignore[arg-type]  # all of these are images
        raise


def _memory(shape: tuple[int, ...], dtype: DTypeLike) -> NDArray[Any]:
    if np.dtype(dtype).kind not in "fiu" or not is_handed_over.get():
        return np.empty(shape, dtype)
    return buffers.aligned(shape, dtype)


def _is_ours(generator: Any) -> bool:
    """Whether no code but this package's runs between draws and pixels, which might draw as well."""
    if not isinstance(generator, ImageAugmentation) or generator.preprocessing_function is not None:
        return False
    own, kind = vars(generator), type(generator)
    return all(name not in own and getattr(kind, name) is getattr(ImageAugmentation, name) for name in _OURS)


def _change(
    generator: ImageAugmentation, image: NDArray[Any], drawn: dict[str, Any], work: np.dtype[Any], place: NDArray[Any]
) -> None:
    place[...] = generator.standardize(generator.apply_transform(image.astype(work), drawn))


def _change_in_place(
    generator: ImageAugmentation, image: NDArray[Any], drawn: dict[str, Any], work: np.dtype[Any], place: NDArray[Any]
) -> None:
    """The same, with the affine transform and the flips going from the image to its place at once."""
    if image.shape != place.shape or not image.dtype.isnative or not np.can_cast(image.dtype, work):
        _change(generator, image, drawn, work, place)  # somebody has changed the iterator
        return
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
