"""Pictures and masks in files, decoded when they are needed."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from numpy.typing import NDArray

from seqaug.buffers import Images
from seqaug.sources.cache import Cache
from seqaug.sources.decode import BrokenPicture, Decoder, passes
from seqaug.sources.paths import Paths


class FileSource:
    """The pictures at a list of paths.

    Args:
        paths: The files.
        decoder: What makes pixels of them.
        cache: What keeps pixels, or None.
        one_size: Whether all pictures must have the size of the first, since nothing brings them to one.
        name: What messages call the list.
        on_broken: Told of each picture before the first that can be read; None raises the error of the first.

    Raises:
        BrokenPicture: The first picture is none, by its header; no other is looked at.
        ValueError: None of the pictures can be read, by their headers.
    """

    depth: int | None = None

    def __init__(
        self,
        paths: Paths,
        decoder: Decoder,
        cache: Cache | None,
        one_size: bool = False,
        name: str = "x",
        on_broken: Callable[[BrokenPicture], None] | None = None,
    ) -> None:
        self.paths, self.decoder, self.cache, self.one_size, self.name = paths, decoder, cache, one_size, name
        self.example = 0  # whose shape and dtype all have
        self.shape, self.dtype = decoder.probe(paths[0]) if on_broken is None else self._first_sound(on_broken)
        if cache is not None:
            cache.count = len(paths)

    def __len__(self) -> int:
        return len(self.paths)

    def first(self) -> None:
        """Returns None: files hold whatever their format can."""

    def read(self, ids: Sequence[int]) -> Images:
        """Returns these pictures, `(height, width, channels)` each, uint8, or uint16 if the first is.

        Raises:
            BrokenPicture: One cannot be read; its `row` says which.
            ValueError: One has another dtype than the first, or another size while it must not.
        """
        return [self.take(i)[0] for i in ids]

    def _first_sound(self, on_broken: Callable[[BrokenPicture], None]) -> tuple[tuple[int, int, int], str]:
        """Finds the first picture whose header can be read."""
        errors: list[BrokenPicture] = []
        for row, path in enumerate(self.paths):
            try:
                found = self.decoder.probe(path)
            except BrokenPicture as error:
                if passes(error):
                    raise
                error.row = row
                errors.append(error)
            else:
                self.example = row
                for earlier in errors:
                    on_broken(earlier)
                return found
        shown = "; ".join(f"{error.path!r}: {error.reason}" for error in errors[:3])
        raise ValueError(
            f"None of the {len(errors)} files in `{self.name}` can be read. Received: {shown}"
            f"{'; …' if len(errors) > 3 else ''}"
        ) from errors[0]

    def take(self, i: int) -> tuple[NDArray[Any], bool]:
        """Returns one picture, and whether its pixels were made for it: by decoding, and not found in the cache."""
        try:
            picture, made = (self.decoder(self.paths[i]), True) if self.cache is None else self._kept(self.cache, i)
        except BrokenPicture as error:
            error.row = i
            raise
        if picture.dtype != self.dtype or picture.shape[2] != self.shape[2]:
            raise ValueError(
                f"All pictures of `{self.name}` must be of one dtype and as many channels; a PNG of 16-bit gray is "
                f"uint16, any other picture uint8. Received: {self.paths[self.example]!r} of {self.dtype} and "
                f"{self.shape[2]} channels, and {self.paths[i]!r} of {picture.dtype} and {picture.shape[2]} channels"
            )
        if self.one_size and picture.shape != self.shape:
            raise ValueError(
                "The pictures differ in size; pass `image_size=(height, width)` to bring them to one. "
                f"Received: {self.paths[self.example]!r} of {self.shape[0]}×{self.shape[1]} pixels and "
                f"{self.paths[i]!r} of {picture.shape[0]}×{picture.shape[1]}"
            )
        return picture, made

    def _kept(self, cache: Cache, i: int) -> tuple[NDArray[Any], bool]:
        """Returns a picture from the cache, or decodes it for this time and all others."""
        name = self.paths.key(i)
        picture = cache.get(name, name)  # which is the file's absolute path
        if picture is not None:
            return picture, False
        path = self.paths[i]
        try:
            state = os.stat(path)  # noqa: PTH116 (before it is read, so that a change shows)
        except OSError:
            return self.decoder(path), True  # which says what is wrong
        picture = self.decoder(path)
        cache.put(name, path, picture, state)
        return picture, True


class MaskFiles(FileSource):
    """Segmentation masks in files, one per picture, whose values are kept as they are.

    Args:
        paths: The files.
        decoder: What makes labels of them.
        cache: What keeps pixels, or None.
        name: What messages call the list.
        on_broken: See `FileSource`.

    Raises:
        BrokenPicture: The first mask is none, by its header.
        ValueError: None of the masks can be read, by their headers.
    """

    def __init__(
        self,
        paths: Paths,
        decoder: Decoder,
        cache: Cache | None,
        name: str,
        on_broken: Callable[[BrokenPicture], None] | None = None,
    ) -> None:
        super().__init__(paths, decoder, cache, name=name, on_broken=on_broken)
        self.plain = self.shape[2] == 1
