"""Which pictures a folder holds: the files, in the order and of the classes that Keras gives them."""

import heapq
import os
import time
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.sources.paths import Paths

FORMATS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")  # Keras's
MORE_FORMATS = (".jfif", ".jpe", ".pgm", ".ppm", ".tif", ".tiff", ".webp")  # which are pictures as well
_NEVER = 2**63 - 1  # when what could not be read was changed: never to be trusted


@dataclass(frozen=True)
class Listing:
    """The pictures of a folder, class by class, and each class folder by folder.

    Args:
        paths: The files, relative to the folder.
        counts: `(classes,)` how many there are of each class; one number where there are no classes.
        class_names: The names of the classes; None where there are none.
        folders: Every folder that was looked into, relative to the folder.
        stamps: `(folders, 2)` int64 of each: when it was changed, and when anything of it was that
            nobody can set, in nanoseconds.
        started: When the first one was looked into, in nanoseconds.
        left_out: How many files were left out that are pictures by their extension, by extension.
    """

    paths: Paths
    counts: NDArray[np.int64]
    class_names: list[str] | None
    folders: Paths
    stamps: NDArray[np.int64]
    started: int = 0
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def classes(self) -> NDArray[np.int32]:
        """`(files,)` int32, the class of each file."""
        return np.repeat(np.arange(len(self.counts), dtype=np.int32), self.counts)


def list_folder(
    directory: str, classes: bool, class_names: Sequence[str] | None, follow_links: bool, formats: Sequence[str]
) -> Listing:
    """Looks through a folder for files with certain extensions, as `keras.utils.image_dataset_from_directory` does.

    Classes are the folders in it whose names begin with no dot, and links to folders, in the order of their names; a
    file belongs to the one that it lies in, however deep. Without classes all files count, those in hidden folders and
    in the folder itself as well. Files come in the order of the folder's path and then of their name, by code points;
    so do links to files, broken ones too, and nothing is opened.

    Links to folders within are followed if they are to be. If they lead around in a loop, each folder of that class is
    listed once, at its own place rather than behind a link. (Keras goes around until the system refuses such a path,
    which is after 40 links, and lists the pictures as often; with several loops it does not end.)

    Args:
        directory: The folder.
        classes: Whether its folders are classes.
        class_names: The classes in the order of their numbers; None for all.
        follow_links: Whether to follow links to folders, beside those that are classes.
        formats: The extensions, in lower case.

    Raises:
        ValueError: `class_names` has what is none of the folders, or one twice; or there is no such folder to look for
            files in.
        OSError: The folder cannot be read, and its folders are classes.
    """
    if not classes and not os.path.isdir(directory):  # noqa: PTH112
        raise ValueError(f"`directory` must be a folder. Received: directory={directory!r}")
    started = time.time_ns()
    names = _classes_in(directory, class_names) if classes else [""]
    tops = [(name, os.path.join(directory, name)) for name in names]  # noqa: PTH118 (Keras's paths, bit by bit)
    with ThreadPoolExecutor(min(16, max(len(tops), 1))) as pool:  # which help where a folder is far away
        found = list(pool.map(lambda top: _Found.in_folder(top[0], top[1], follow_links, tuple(formats)), tops))
    stamps = [stamp for part in found for stamp in part.stamps]
    folders = [name for part in found for name in part.folders]
    if classes:
        folders, stamps = [b"", *folders], [_stamp(os.stat(directory)), *stamps]  # noqa: PTH116
    unreadable = [path for part in found for path in part.unreadable]
    if unreadable:
        warnings.warn(
            f"{len(unreadable)} folders in {directory!r} cannot be read, and are left out; the first: {unreadable[0]}",
            stacklevel=5,
        )
    counts = np.array([sum(map(len, part.lengths)) for part in found], np.int64)
    lengths = [lengths for part in found for lengths in part.lengths]
    return Listing(
        _paths(directory, (block for part in found for block in part.blocks), lengths),
        counts,
        names if classes else None,
        Paths.of(map(os.fsdecode, folders), directory),
        np.array(stamps, np.int64).reshape(-1, 2),
        started,
        dict(sum((part.left_out for part in found), Counter[str]())),
    )


def keras_order(count: int, seed: int) -> NDArray[np.uint32]:
    """Returns the order that Keras shuffles so many files into, by a seed; it has none for one of more than 32 bits."""
    order = np.arange(count, dtype=np.uint32)
    words = seed if seed < 2**32 else [seed & 0xFFFFFFFF, seed >> 32]
    np.random.RandomState(words).shuffle(order)  # Keras's generator, and the draws that a list takes
    return order


def warn_of_left_out(left_out: dict[str, int], formats: Sequence[str]) -> None:
    """Warns of pictures that are not listed for their extension."""
    if left_out:
        count, extra = sum(left_out.values()), sorted(left_out)
        warnings.warn(
            f"{count} {'files are' if count > 1 else 'file is'} left out that may be pictures ({', '.join(extra)}), as "
            f"Keras leaves them out. To have them: formats={(*formats, *extra)}; to say that this is right: "
            f"formats={tuple(formats)}",
            stacklevel=4,
        )


def _paths(root: str, blocks: Iterable[bytes], lengths: list[NDArray[np.int64]]) -> Paths:
    block = np.frombuffer(b"".join(blocks), np.uint8)
    return Paths(root, block, np.cumsum(np.concatenate([np.empty(0, np.int64), *lengths])))


def _classes_in(directory: str, class_names: Sequence[str] | None) -> list[str]:
    with os.scandir(directory) as entries:
        found = sorted(entry.name for entry in entries if not entry.name.startswith(".") and _is_folder(entry))
    if class_names is None:
        return found
    names = list(class_names)
    unknown = [name for name in names if name not in set(found)]
    if unknown or len(set(names)) < len(names):
        raise ValueError(
            f"`class_names` must be folders in {directory!r}, each once, of which there are {found}. "
            f"Received: class_names={class_names!r}"
        )
    return names


@dataclass
class _Found:
    """What a folder and those in it hold, in order."""

    blocks: list[bytes] = field(default_factory=list)  # the names of the files of a folder, one after the other
    lengths: list[NDArray[np.int64]] = field(default_factory=list)
    folders: list[bytes] = field(default_factory=list)
    stamps: list[tuple[int, int]] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    @classmethod
    def in_folder(cls, name: str, path: str, follow_links: bool, formats: tuple[str, ...]) -> "_Found":
        """Returns what the folder at `path` holds, whose own name is `name`."""
        try:
            folders = list(_walk(path, follow_links, formats, once=False))
        except _LoopError:
            folders = list(_walk(path, follow_links, formats, once=True))
        result = cls()
        for folder in sorted(folders, key=lambda folder: folder.name):
            inner = name + os.sep + folder.name if name and folder.name else name or folder.name
            result.folders.append(os.fsencode(inner))
            result.stamps.append(folder.stamp)
            result.left_out.update(folder.left_out)
            if folder.error is not None:
                result.unreadable.append(f"{folder.name or path!r} ({folder.error})")
            prefix = os.fsencode(inner + os.sep if inner else "")
            names = [prefix + file for file in folder.files]
            result.blocks.append(b"".join(names))
            result.lengths.append(np.fromiter(map(len, names), np.int64, len(names)))
        return result


class _LoopError(Exception):
    """A link leads to a folder that it lies in."""


@dataclass
class _Folder:
    """A folder: its name below the one where the walk began, and its files."""

    name: str
    stamp: tuple[int, int] = (0, 0)
    files: list[bytes] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    error: OSError | None = None


def _walk(top: str, follow_links: bool, formats: tuple[str, ...], once: bool) -> Iterator[_Folder]:
    """Looks through a folder and those in it, in any order.

    With `once` each is looked through once; links wait until all folders are done that are not behind one.

    Raises:
        _LoopError: A link leads to a folder that it lies in, and `once` is False.
    """
    tasks: list[tuple[bool, str, Any]] = [(False, "", None)]  # whether it is a link, its name, those that it lies in
    seen: set[tuple[int, int]] = set()
    while tasks:
        _, name, above = heapq.heappop(tasks)
        path = os.path.join(top, name) if name else top  # noqa: PTH118 (no object for each)
        folder = _Folder(name)
        try:
            state = os.stat(path)  # noqa: PTH116
            key = state.st_dev, state.st_ino
            if follow_links and not once and key in _above(above):
                raise _LoopError
            if follow_links and once and key in seen:
                continue
            seen.add(key)
            folder.stamp = _stamp(state)
            for inner, is_link in _look(path, folder, formats):
                if follow_links or not is_link:
                    below = name + os.sep + inner if name else inner
                    heapq.heappush(tasks, (is_link and once, below, (key, above) if follow_links else None))
        except OSError as error:
            folder.error, folder.stamp = error, (_NEVER, 0)
        yield folder


def _above(above: Any) -> Iterator[tuple[int, int]]:
    """Goes through the folders that a folder lies in, from the inside out."""
    while above is not None:
        key, above = above
        yield key


def _look(path: str, folder: _Folder, formats: tuple[str, ...]) -> list[tuple[str, bool]]:
    """Puts the files of a folder into `folder`, and returns the folders in it, and whether they are links."""
    inner, files = [], []
    with os.scandir(path) as entries:
        for entry in entries:
            if _is_folder(entry):
                inner.append((entry.name, entry.is_symlink()))
                continue
            lower = entry.name.lower()
            if lower.endswith(formats):
                files.append(entry.name)
            elif lower.endswith(MORE_FORMATS):
                folder.left_out[os.path.splitext(lower)[1]] += 1  # noqa: PTH122
    files.sort()
    folder.files = list(map(os.fsencode, files))
    return inner


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads nowhere
        return False


def _stamp(state: os.stat_result) -> tuple[int, int]:
    return state.st_mtime_ns, state.st_ctime_ns
