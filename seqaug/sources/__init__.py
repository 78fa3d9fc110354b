"""Where pixels come from."""

from collections.abc import Sequence
from typing import Protocol

from seqaug.buffers import Images


class Source(Protocol):
    """A data set of images of one height, width, number of channels and dtype, or of sizes that a resize will even out.

    `shape` is (height, width, channels); where sizes vary it is that of the first image.
    """

    shape: tuple[int, int, int]
    dtype: str

    def __len__(self) -> int:
        """Returns the number of images."""

    def read(self, ids: Sequence[int]) -> Images:
        """Returns these images, each (height, width, channels). May be called from many threads at once."""
