"""From what the user gave to a table: which source the picture has, and how columns are taken."""

import os
from dataclasses import dataclass
from typing import Any

from seqaug import checks
from seqaug.columns import room
from seqaug.declared import Declared
from seqaug.pipeline import Pipeline
from seqaug.sources import Source
from seqaug.sources.arrays import ArraySource
from seqaug.sources.decode import COLOR_MODES
from seqaug.sources.files import FileSource
from seqaug.sources.stores import check_open
from seqaug.structure import Structure, name_of
from seqaug.targets import Table, make_table, picture_path


@dataclass(frozen=True)
class Reader:
    """How data are read: the arguments of `AugmentedSequence` that say so."""

    pipeline: Pipeline
    image: Any
    declared: Declared
    channels_first: bool
    color_mode: str | None

    def table(self, structure: Structure, files: bool) -> Table:
        """Returns the table of a data set, or of a batch.

        Args:
            structure: What the user or another Sequence gave.
            files: Whether the picture may be a list of files.

        Raises:
            ValueError: Something does not fit; the message names it.
            TypeError: Something is of a type that is not taken.
            FileNotFoundError: A file does not exist.
        """
        picture = picture_path(structure, self.image)
        source = self._source(structure.leaves.get(picture), name_of(picture), files)
        size = source.shape[:2]
        table = make_table(
            structure,
            picture,
            source,
            self.declared,
            channels_first=self.channels_first,
            image_sizes={size, self.pipeline.output_size(*size)} if self.pipeline.moves_pixels else set(),
            source_of=lambda leaf, name: self._source(leaf, name, files),
        )
        for path, boxes in table.boxes.items():
            room(boxes, self.declared.max_boxes, self.pipeline, name_of(path), whole=files)
        return table

    def _source(self, x: Any, name: str, files: bool) -> Source:
        named = files and names_files(x)
        if self.color_mode is not None:
            checks.one_of("color_mode", self.color_mode, tuple(COLOR_MODES))
            if not named:
                raise ValueError(
                    "`color_mode` is for picture files; arrays keep their channels. "
                    f"Received: color_mode={self.color_mode!r}"
                )
        if named:
            return FileSource(list(x), self.color_mode or "rgb", not _evens_out(self.pipeline))
        if not (hasattr(x, "shape") and hasattr(x, "dtype") and hasattr(x, "__getitem__")):
            raise TypeError(
                f"`{name}` must be an array of images (rank 4; of a list of arrays, `np.stack({name})`)"
                f"{' or a list of picture files' if files else ''}. "
                f"Received: {name} of type {type(x).__module__}.{type(x).__qualname__}"
            )
        return ArraySource(x, self.channels_first, name)


def names_files(x: Any) -> bool:
    """Whether `x` is a list (or a flat array or column) of paths."""
    check_open("x", x)
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        return len(x.shape) == 1 and all(isinstance(path, str | os.PathLike) for path in x)
    return isinstance(x, list | tuple) and all(isinstance(path, str | os.PathLike) for path in x)


def _evens_out(pipeline: Pipeline) -> bool:
    """Whether images of different sizes leave the pipeline in one. Two large sizes tell."""
    return pipeline.output_size(2**20, 2**20) == pipeline.output_size(2**20 + 1, 2**20 + 1)
