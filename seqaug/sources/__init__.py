"""Where pixels come from."""

from collections.abc import Sequence
from typing import Protocol

from seqaug.buffers import Images


class Source(Protocol):
    """A data set of images of one height, width, number of channels and dtype, or of sizes that a resize will even out.

    `shape` is (height, width, channels); where sizes vary it is that of the first image. Volumes have so many slices as
    `depth` says, each of that shape; images have None.
    """

    shape: tuple[int, int, int]
    depth: int | None
    dtype: str

    def __len__(self) -> int:
        """Returns the number of images."""

    def read(self, ids: Sequence[int]) -> Images:
        """Returns these images, or these volumes' slices, each (height, width, channels).

        May be called from many threads at once.
        """
