"""From what the user gave to a table: which source the picture has, and how columns are taken."""

import os
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from seqaug import checks
from seqaug.broken import Broken
from seqaug.columns import room
from seqaug.declared import LABEL, Declared
from seqaug.detail import reach
from seqaug.pipeline import Pipeline
from seqaug.sources import Masks, Source
from seqaug.sources.arrays import ArraySource, MaskSource
from seqaug.sources.cache import open_cache
from seqaug.sources.decode import COLOR_MODES, MAX_PIXELS, BrokenPicture, Decoder
from seqaug.sources.files import FileSource, MaskFiles
from seqaug.sources.paths import Paths
from seqaug.sources.stores import check_open
from seqaug.structure import Structure, name_of
from seqaug.targets import Table, make_table, picture_path


@dataclass(frozen=True)
class Files:
    """How picture files are read: the arguments of `AugmentedSequence` that say so.

    Args:
        color_mode: Of pictures, None for `"rgb"`.
        cache: Where pixels are kept.
        decoder: What makes pixels of a file, but for `reach`.
        broken: What notes files that are broken, so that other samples stand in; None if they are errors.
    """

    color_mode: str | None = None
    cache: str | None = None
    decoder: Decoder = field(default_factory=Decoder)
    broken: Broken | None = None

    @classmethod
    def checked(
        cls, color_mode: Any, cache: Any, cache_size: Any, max_pixels: Any, load: Any, on_error: Any
    ) -> "Files":
        """Returns the arguments as the user gave them, checked."""
        if color_mode is not None:
            checks.one_of("color_mode", color_mode, tuple(COLOR_MODES))
        if load is not None and not callable(load):
            raise TypeError(f"`load` must be a function of a path. Received: load={load!r}")
        if load is not None and color_mode is not None:
            raise ValueError(f"`color_mode` has no effect on what `load` returns. Received: color_mode={color_mode!r}")
        if cache is not None and not isinstance(cache, str | os.PathLike):
            raise TypeError(f'`cache` must be "memory", a folder or None. Received: cache={cache!r}')
        cache = None if cache is None else os.path.expanduser(os.fspath(cache))  # noqa: PTH111
        for name, value in {"cache_size": cache_size, "max_pixels": max_pixels}.items() if load is not None else ():
            if value not in (None, MAX_PIXELS):
                raise ValueError(f"`{name}` has no effect on what `load` returns. Received: {name}={value!r}")
        if load is not None and cache not in (None, "memory") and "<" in getattr(load, "__qualname__", "<"):
            raise ValueError(
                "A folder as `cache` tells functions given as `load` by their name, and needs one that is defined in a "
                f"module: no lambda, no function within another, no object. Received: load={load!r}"
            )
        checks.one_of("on_error", on_error, ("raise", "replace"))
        decoder = Decoder(
            color_mode or "rgb",
            cache_size=None if cache_size is None else checks.image_size(cache_size, "cache_size"),
            max_pixels=None if max_pixels is None else checks.integer("max_pixels", max_pixels, 1),
            load=load,
        )
        broken = Broken() if on_error == "replace" else None
        return cls(color_mode, cache, decoder, broken)

    @property
    def given(self) -> dict[str, Any]:
        """The arguments that are not the defaults, by name."""
        values: dict[str, Any] = {"color_mode": self.color_mode, "cache": self.cache}
        values |= {"cache_size": self.decoder.cache_size, "load": self.decoder.load}
        values |= {"on_error": None if self.broken is None else "replace"}
        given = {name: value for name, value in values.items() if value is not None}
        return given if self.decoder.max_pixels == MAX_PIXELS else given | {"max_pixels": self.decoder.max_pixels}

    @property
    def on_broken(self) -> Callable[[BrokenPicture], None] | None:
        """What is to be told of broken files, or None if they are errors."""
        return None if self.broken is None else self.broken.add

    def paths(self, x: Any, name: str) -> Paths:
        """Returns a list of files, all of which must be there; those that were found in folders are."""
        if isinstance(x, Paths):
            return x
        paths = [os.fspath(path) for path in x]
        if not paths:
            raise ValueError(f"`{name}` must name at least one file. Received: an empty list")
        if self.broken is not None:  # missing files are found with all others that are broken
            return Paths.of(paths)
        missing = [path for path in paths if not os.path.isfile(path)]  # noqa: PTH113 (ten times faster)
        if missing:
            raise FileNotFoundError(
                f"{len(missing)} of the {len(paths)} files in `{name}` do not exist or are no files; the first: "
                f"{missing[0]!r}"
            )
        return Paths.of(paths)


@dataclass(frozen=True)
class Reader:
    """How data are read: the arguments of `AugmentedSequence` that say so."""

    pipeline: Pipeline
    image: Any
    declared: Declared
    channels_first: bool
    files: Files | None = None

    def table(self, structure: Structure) -> Table:
        """Returns the table of a data set, or of a batch, in which nothing is a list of files.

        Args:
            structure: What the user or another Sequence gave.

        Raises:
            ValueError: Something does not fit; the message names it.
            TypeError: Something is of a type that is not taken.
            BrokenPicture: The first of a list of files is no picture.
            FileNotFoundError: A file does not exist.
        """
        picture = picture_path(structure, self.image)
        given = {} if self.files is None or any(map(names_files, structure.leaves.values())) else self.files.given
        for name, value in given.items():
            raise ValueError(f"`{name}` is for picture files; arrays are taken as they are. Received: {name}={value!r}")
        beside = {path: leaf for path, leaf in structure.leaves.items() if path != picture}
        alone = all(kind == LABEL for kind in self.declared.kinds(beside).values())
        detail = reach(self.pipeline) if alone else None  # places are told in pixels of the whole picture

        def source_of(leaf: Any, name: str) -> Source:
            return self._source(leaf, name, detail)

        source = source_of(structure.leaves.get(picture), name_of(picture))
        size = source.shape[:2]
        table = make_table(
            structure,
            picture,
            source,
            self.declared,
            image_sizes={size, self.pipeline.output_size(*size)} if self.pipeline.moves_pixels else set(),
            source_of=source_of,
            masks_of=self._masks,
        )
        for path, boxes in table.boxes.items():
            room(boxes, self.declared.max_boxes, self.pipeline, name_of(path), whole=self.files is not None)
        return table

    def _source(self, x: Any, name: str, detail: tuple[int, int] | None) -> Source:
        files = self.files
        if files is not None and names_files(x):
            decoder = replace(files.decoder, reach=detail)
            cache = open_cache(files.cache, decoder.settings)
            paths, on_broken = files.paths(x, name), files.on_broken
            return FileSource(paths, decoder, cache, not _evens_out(self.pipeline), name, on_broken)
        if not (hasattr(x, "shape") and hasattr(x, "dtype") and hasattr(x, "__getitem__")):
            raise TypeError(
                f"`{name}` must be an array of images (rank 4; of a list of arrays, `np.stack({name})`)"
                f"{'' if files is None else ' or a list of picture files'}. "
                f"Received: {name} of type {type(x).__module__}.{type(x).__qualname__}"
            )
        return ArraySource(x, self.channels_first, name)

    def _masks(self, values: Any, name: str, depth: int | None) -> Masks:
        files = self.files
        if files is not None and depth is None and names_files(values):
            decoder = Decoder("mask", None, files.decoder.cache_size, files.decoder.max_pixels)
            cache = open_cache(files.cache, decoder.settings)
            return MaskFiles(files.paths(values, name), decoder, cache, name, files.on_broken)
        return MaskSource(values, self.channels_first, name, depth)


def names_files(x: Any) -> bool:
    """Whether `x` is a list (or a flat array or column) of paths."""
    if isinstance(x, Paths):
        return True
    check_open("x", x)
    if hasattr(x, "shape") and hasattr(x, "dtype"):
        return len(x.shape) == 1 and all(isinstance(path, str | os.PathLike) for path in x)
    return isinstance(x, list | tuple) and all(isinstance(path, str | os.PathLike) for path in x)


def _evens_out(pipeline: Pipeline) -> bool:
    """Whether images of different sizes leave the pipeline in one. Two large sizes tell."""
    return pipeline.output_size(2**20, 2**20) == pipeline.output_size(2**20 + 1, 2**20 + 1)
