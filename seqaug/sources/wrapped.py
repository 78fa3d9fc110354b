"""Another Keras Sequence as the source of batches."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

import numpy as np

from seqaug.structure import Structure


class WrappedSequence:
    """The batches of another Sequence, and the numbers of their samples: those of batch i begin at i·`batch_size`.

    Args:
        inner: The Sequence. What its methods raise passes on as it is.
    """

    def __init__(self, inner: Any) -> None:
        size = getattr(inner, "batch_size", None)
        self.inner = inner
        told = int(size) if isinstance(size, Integral) and not isinstance(size, bool) else 0
        self.batch_size = told if told > 0 else None

    @property
    def num_batches(self) -> int | None:
        """The number of batches, or None if they never end."""
        count: int | None = self.inner.num_batches
        return count

    def __len__(self) -> int:
        return len(self.inner)

    def ids(self, number: int, count: int) -> list[int]:
        """Returns the numbers of the samples in a batch of `count`.

        Raises:
            ValueError: There are more of them than the batch size, so that numbers would occur twice, or than 2**32.
        """
        if self.batch_size is None or count > self.batch_size:
            raise ValueError(
                f"it must hold at most {self.batch_size} images, the `batch_size` of the Sequence (without that "
                "attribute, the length of its batch 0): batch i's images are numbered from i · batch_size, for their "
                f"draws. Give the Sequence an attribute `batch_size`. Received: {count} images"
            )
        first = number * self.batch_size
        if first + count > 2**32:
            raise ValueError(f"There may be at most 2**32 images. Received: {first + count}")
        return list(range(first, first + count))

    def on_epoch_begin(self) -> None:
        """Passes the hook on."""
        self.inner.on_epoch_begin()

    def on_epoch_end(self) -> None:
        """Passes the hook on."""
        self.inner.on_epoch_end()


def arrays(batch: Any, whole: Sequence[str] = ()) -> Structure:
    """Returns a batch taken apart, its tensors as NumPy arrays; `whole` as for `Structure`."""
    structure = Structure.of_batch(batch, whole)
    for path, leaf in structure.leaves.items():
        is_boxes = isinstance(leaf, dict)
        structure.leaves[path] = {key: _array(entry) for key, entry in leaf.items()} if is_boxes else _array(leaf)
    return structure


def _array(leaf: Any) -> Any:
    if hasattr(leaf, "row_lengths"):  # TensorFlow's ragged tensors
        return leaf.to_list()
    return np.asarray(leaf) if hasattr(leaf, "shape") else leaf
