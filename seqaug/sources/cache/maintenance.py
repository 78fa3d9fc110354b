"""A cache as a whole: what is in it, whether it is sound, and its removal."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.sources import saved_listing
from seqaug.sources.cache.folder import (
    inner_folders,
    read_settings,
    remove_left_over,
    remove_segment,
    remove_settings,
    segment_ids,
)
from seqaug.sources.cache.format import PARTS, DamagedError, file_of
from seqaug.sources.cache.segments import Segment


@dataclass
class Contents:
    """What a cache holds of one way to decode.

    Attributes:
        folder: Where it is.
        settings: What decides the pictures; None if that cannot be read.
        segments: How many of them are complete.
        pictures: Those that can be found.
        bytes: Their bytes.
        superseded: Pictures whose file has changed since, or that two processes made at the same time.
        superseded_bytes: Their bytes, and those of damaged pictures: what a cache made anew would not take.
        damaged: What is wrong, one line each.
        unfinished: Segments that are being written, or were when a process died.
        unfinished_bytes: Their bytes.
    """

    folder: Path
    settings: dict[str, Any] | None
    segments: int = 0
    pictures: int = 0
    bytes: int = 0
    superseded: int = 0
    superseded_bytes: int = 0
    damaged: list[str] = field(default_factory=list)
    unfinished: int = 0
    unfinished_bytes: int = 0


def check(where: str | os.PathLike[str], advance: Callable[[int, int], None] | None = None) -> list[Contents]:
    """Reads all of a cache and compares every picture with its checksum. Changes nothing.

    Args:
        where: The cache's folder.
        advance: Called with the number of pictures that have been read and that of all.

    Raises:
        ValueError: There is no cache in the folder.
        OSError: There is no such folder, or it cannot be read.
    """
    opened = [_open(folder) for folder in _folders(where)]
    total = sum(len(segment) for _, segments in opened for segment in segments)
    done = 0
    for contents, segments in opened:
        whole = []
        for segment in segments:
            states = np.empty(len(segment), bool)
            for row in range(len(segment)):
                states[row] = _is_whole(segment, row)
                done += 1
                if advance is not None:
                    advance(done, total)
            whole.append(states)
            contents.damaged += _faults(segment, states)
        if segments:
            _count(contents, segments, np.concatenate(whole))
    return [contents for contents, _ in opened]


def clear(where: str | os.PathLike[str]) -> tuple[int, int]:
    """Removes what a cache has written, listings too, and nothing else; returns how many pictures and bytes that was.

    The folder itself stays, and so does what a process is just writing. Processes that read go on with what they have.

    Raises:
        ValueError: There is no cache in the folder.
        OSError: There is no such folder, or a file cannot be removed.
    """
    pictures = removed = 0
    for folder in _folders(where):
        complete, begun = segment_ids(folder)
        for id_ in complete:
            with suppress(OSError, DamagedError):  # removed without being counted
                pictures += len(Segment(folder, id_))
            removed += remove_segment(folder, id_)
        for id_ in begun:
            removed += remove_left_over(folder, id_)
        if not any(segment_ids(folder)):
            remove_settings(folder)
    return pictures, removed + saved_listing.remove_all(Path(where))


def _folders(where: str | os.PathLike[str]) -> list[Path]:
    folders = [folder for folder in inner_folders(Path(where)) if _is_ours(folder)]
    if not folders and any(Path(where).iterdir()):
        raise ValueError(f"The folder must have a cache in it. Received: {os.fspath(where)!r}, in which there is none")
    return folders


def _is_ours(folder: Path) -> bool:
    """Whether this is a cache's folder: a name alone does not say so."""
    return read_settings(folder) is not None or any(segment_ids(folder))


def _open(folder: Path) -> tuple[Contents, list[Segment]]:
    contents, segments = Contents(folder, read_settings(folder)), []
    complete, begun = segment_ids(folder)
    if contents.settings is None:
        contents.damaged.append("settings.json cannot be read")
    for id_ in complete:
        try:
            segments.append(Segment(folder, id_))
        except (OSError, DamagedError) as error:
            contents.damaged.append(str(error))
            contents.superseded_bytes += _size(folder, id_)
    contents.segments = len(segments)
    contents.unfinished = len(begun)
    contents.unfinished_bytes = sum(_size(folder, id_) for id_ in begun)
    return contents, segments


def _is_whole(segment: Segment, row: int) -> bool:
    try:
        return segment.is_whole(segment.entry(row))
    except (OSError, DamagedError):
        return False


def _faults(segment: Segment, whole: NDArray[np.bool_]) -> list[str]:
    faults = []
    if not whole.all():
        faults.append(f"{segment.id}.pixels.npy has {np.count_nonzero(~whole)} damaged pictures")
    try:
        wrong = segment.wrong_names()
        if wrong:
            faults.append(f"{segment.id}.names.npy has {wrong} wrong names")
    except (OSError, DamagedError) as error:
        faults.append(str(error))
    return faults


def _count(contents: Contents, segments: list[Segment], whole: NDArray[np.bool_]) -> None:
    """Adds what is found and what is superseded; `whole` is about the entries of all segments, the oldest first."""
    keys = np.concatenate([segment.index["key"] for segment in segments]).view("V16")[:, 0]
    sizes = np.concatenate([segment.pixel_bytes() for segment in segments])
    age = np.repeat(np.arange(len(segments)), [len(segment) for segment in segments])
    offsets = np.concatenate([segment.index["offset"] for segment in segments])
    order = np.lexsort((-offsets, -age))  # the newest first; within a segment that is the last
    order = order[whole[order]]
    kept = np.zeros(len(keys), bool)
    kept[order[np.unique(keys[order], return_index=True)[1]]] = True
    contents.pictures += int(np.count_nonzero(kept))
    contents.bytes += int(sizes[kept].sum())
    contents.superseded += int(np.count_nonzero(whole & ~kept))
    contents.superseded_bytes += int(sizes[~kept].sum())


def _size(folder: Path, id_: str) -> int:
    total = 0
    for part in PARTS:
        for ending in ("npy", "tmp"):
            try:
                total += file_of(folder, id_, part, ending).stat().st_size
            except FileNotFoundError:
                continue
    return total
