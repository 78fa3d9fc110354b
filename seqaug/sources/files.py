"""Images in files, decoded when they are needed."""

import os
from collections.abc import Sequence
from typing import Any

from numpy.typing import NDArray

from seqaug.buffers import Images
from seqaug.sources.decode import BrokenPicture, Decoder


class FileSource:
    """The pictures at a list of paths.

    Args:
        paths: The files, as strings or path objects; see `Decoder` for the formats.
        color_mode: `"grayscale"`, `"rgb"` or `"rgba"`.
        one_size: Whether all pictures must have the size of the first, since nothing brings them to one.

    Raises:
        ValueError: The list is empty, or the first picture cannot be read.
        FileNotFoundError: A file is missing, or is no file.
    """

    def __init__(self, paths: Sequence[str | os.PathLike[str]], color_mode: str, one_size: bool) -> None:
        self.paths = [os.fspath(path) for path in paths]
        self.color_mode = color_mode
        self.one_size = one_size
        if not self.paths:
            raise ValueError("`x` must name at least one file. Received: an empty list")
        missing = [path for path in self.paths if not os.path.isfile(path)]  # noqa: PTH113 (ten times faster)
        if missing:
            raise FileNotFoundError(
                f"{len(missing)} of the {len(self.paths)} files in `x` do not exist or are no files; the first: "
                f"{missing[0]!r}"
            )
        self._decoder = Decoder(color_mode)
        first = self._decode(self.paths[0])
        height, width, channels = first.shape
        self.shape = height, width, channels
        self.dtype = str(first.dtype)
        self.depth: int | None = None

    def __len__(self) -> int:
        return len(self.paths)

    def read(self, ids: Sequence[int]) -> Images:
        """Returns these pictures, `(height, width, channels)` each, uint8, or uint16 if the first is.

        Raises:
            ValueError: A picture cannot be read, has another dtype than the first, or another size while it must not.
        """
        return [self._read(self.paths[i]) for i in ids]

    def _read(self, path: str) -> NDArray[Any]:
        picture = self._decode(path)
        if picture.dtype != self.dtype:
            raise ValueError(
                "All pictures must be of one dtype; a PNG of 16-bit gray is uint16, any other picture uint8. "
                f"Received: {self.paths[0]!r} of {self.dtype} and {path!r} of {picture.dtype}"
            )
        if self.one_size and picture.shape != self.shape:
            raise ValueError(
                "The pictures differ in size; pass `image_size=(height, width)` to bring them to one. "
                f"Received: {self.paths[0]!r} of {self.shape[0]}×{self.shape[1]} pixels and {path!r} of "
                f"{picture.shape[0]}×{picture.shape[1]}"
            )
        return picture

    def _decode(self, path: str) -> NDArray[Any]:
        try:
            return self._decoder(path)
        except BrokenPicture as broken:
            if isinstance(broken.__cause__, OSError) and broken.__cause__.errno is not None:
                raise broken.__cause__ from None
            raise
