"""Where pixels come from."""

from collections.abc import Sequence
from typing import Any, Protocol

from numpy.typing import NDArray

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

    def first(self) -> NDArray[Any] | None:
        """Returns the first image, or None where it is not at hand."""

    def read(self, ids: Sequence[int]) -> Images:
        """Returns these images, or these volumes' slices, each (height, width, channels).

        May be called from many threads at once.
        """


class Masks(Protocol):
    """Segmentation masks, one per image, of one dtype and number of channels; `plain` are those without channels."""

    shape: tuple[int, int, int]
    dtype: str
    plain: bool

    def __len__(self) -> int:
        """Returns the number of masks."""

    def read(self, ids: Sequence[int]) -> Images:
        """Returns these masks, or their slices, each (height, width, channels)."""
