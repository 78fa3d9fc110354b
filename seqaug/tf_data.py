"""Bridges to tf.data: a Sequence as a Dataset, a Pipeline inside `Dataset.map`. TensorFlow comes with the first use."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
from seqaug.pipeline import DTYPES, Pipeline


def dataset(sequence: Any, batch_size: int | None) -> Any:
    """Returns a `tf.data.Dataset` of a Sequence's batches; see `AugmentedSequence.to_tf_dataset`.

    Args:
        sequence: The Sequence. Its batch 0 is made once, to see what batches are.
        batch_size: The length of all batches, or None if it varies.
    """
    import tensorflow as tf

    def spec(leaf: NDArray[Any]) -> Any:
        if not (hasattr(leaf, "shape") and hasattr(leaf, "dtype")):
            raise TypeError(f"tf.data takes batches of arrays. Received: {leaf!r} in batch 0")
        return tf.TensorSpec((batch_size, *leaf.shape[1:]), leaf.dtype)

    signature = tf.nest.map_structure(spec, _tupled(sequence[0]))
    batches = tf.data.Dataset.from_generator(lambda: map(_tupled, sequence.claim()), output_signature=signature)
    count = sequence.num_batches
    cardinality = tf.data.INFINITE_CARDINALITY if count is None else count
    return batches.apply(tf.data.experimental.assert_cardinality(cardinality)).prefetch(tf.data.AUTOTUNE)


def _tupled(batch: Any) -> Any:
    """tf.data takes lists for tensors."""
    return tuple(map(_tupled, batch)) if isinstance(batch, list | tuple) else batch


class DatasetMap:
    """A pipeline as a function for `tf.data.Dataset.map` that keeps static shapes and draws by number.

    ```python
    augment = DatasetMap(Pipeline([RandomFlip("horizontal"), Rescaling(1 / 255)]), seed=7)
    data = tf.data.Dataset.from_tensor_slices((images, labels)).enumerate().batch(32)
    data = data.map(lambda ids, batch: (augment(batch[0], ids), batch[1]), num_parallel_calls=2)
    model.fit(data, epochs=5, shuffle=False, callbacks=[EpochSync(augment)])
    ```

    tf.data does not say which image it is at, nor in which epoch, and draws must hang on both: `enumerate` numbers the
    images, and `EpochSync` sets `epoch`. Without it every epoch would show the same augmentations; or number the
    images on over all epochs, by `repeat(epochs)` before `enumerate`.

    Args:
        pipeline: The pipeline.
        seed: 64-bit seed of the draws.
        epoch: Number of the epoch; may be set at any time, and counts from the next batch on.
        dtype: Of the images that come out, `"float32"` or `"uint8"`.
        value_range: (low, high) of the values in the images; None means all that their dtype can hold.
        threads: Threads to share a batch among; with `num_parallel_calls`, one is enough.

    Raises:
        ValueError: An argument is out of range.
        TypeError: An argument is of a wrong type.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        *,
        seed: int,
        epoch: int = 0,
        dtype: str = "float32",
        value_range: tuple[float, float] | None = None,
        threads: int = 1,
    ) -> None:
        if not isinstance(pipeline, Pipeline):
            raise TypeError(f"`pipeline` must be a seqaug.Pipeline. Received: {pipeline!r}")
        if pipeline.mixing:
            raise ValueError(
                "`pipeline` must not mix images, whose labels are not to be seen here: use `AugmentedSequence`, with "
                f"`to_tf_dataset`. Received: {pipeline!r}"
            )
        self.pipeline = pipeline
        self.seed = checks.integer("seed", seed, 0, 2**64 - 1)
        self.epoch = checks.integer("epoch", epoch, 0, 2**32 - 1)
        self.dtype = checks.one_of("dtype", dtype, DTYPES)
        self.value_range = None if value_range is None else checks.ordered(value_range)
        self.threads = checks.integer("threads", threads, 1)

    def __call__(self, images: Any, ids: Any) -> Any:
        """Returns the augmented images, with their static shape.

        Args:
            images: Tensor `(height, width, channels)`, or `(n, height, width, channels)`.
            ids: Their numbers, as `Dataset.enumerate` gives them: an integer tensor of shape `()`, or `(n,)`.

        Raises:
            ValueError: The rank of the images is not 3 or 4, or not known; or there is not one number for each.
            TypeError: The numbers are no integers.
        """
        import tensorflow as tf

        images, ids = tf.convert_to_tensor(images), tf.convert_to_tensor(ids)
        if not ids.dtype.is_integer:
            raise TypeError(f"`ids` must be integers, as `Dataset.enumerate` gives them. Received: ids of {ids.dtype}")
        rank = images.shape.rank
        if rank not in (3, 4):
            raise ValueError(f"`images` must be of rank 3 or 4. Received: images of shape {images.shape}")
        batch = images if rank == 4 else images[None]
        result = tf.numpy_function(
            self._augmented, [batch, tf.reshape(tf.cast(ids, tf.int64), [-1])], tf.as_dtype(self.dtype)
        )
        count, height, width, channels = batch.shape
        # What comes out of two sizes where one is not known: alike in what the pipeline sets.
        sizes = (
            self.pipeline.output_size(*(guess if extent is None else extent for extent in (height, width)))
            for guess in (2**20, 2**20 + 1)
        )
        known = (one if one == other else None for one, other in zip(*sizes, strict=True))
        result.set_shape((count, *known, channels))
        return result if rank == 4 else result[0]

    def _augmented(self, images: NDArray[Any], ids: NDArray[np.integer[Any]]) -> NDArray[Any]:
        """The images, those whose numbers do not fit 32 bits in a later epoch."""
        if len(ids) != len(images) or (ids < 0).any():
            raise ValueError(
                f"`ids` must be one number of at least 0 for each of the {len(images)} images. "
                f"Received: ids={ids.tolist()}"
            )  # fmt: skip
        parts = []
        for high in np.unique(ids >> 32).tolist():
            chosen = ids >> 32 == high
            parts.append((chosen, self._part(images[chosen], ids[chosen] & 0xFFFFFFFF, self.epoch + high)))
        if len(parts) == 1:
            return parts[0][1]
        result = np.empty((len(ids), *parts[0][1].shape[1:]), self.dtype)
        for chosen, part in parts:
            result[chosen] = part
        return result

    def _part(self, images: NDArray[Any], ids: NDArray[np.integer[Any]], epoch: int) -> NDArray[Any]:
        return self.pipeline(
            images,
            seed=self.seed,
            epoch=epoch,
            ids=ids,
            dtype=self.dtype,
            value_range=self.value_range,
            threads=self.threads,
        )
