"""What is broken, wrong or there twice in a folder of pictures. Prints nothing."""

import hashlib
import os
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from seqaug.sources import contents, pillow
from seqaug.sources.decode import BrokenPicture, Decoder, passes
from seqaug.threads import available_cpus

# What an extension says of the content.
EXTENSIONS = {
    ".bmp": "BMP",
    ".gif": "GIF",
    ".jfif": "JPEG",
    ".jpe": "JPEG",
    ".jpeg": "JPEG",
    ".jpg": "JPEG",
    ".pgm": "PPM",
    ".png": "PNG",
    ".ppm": "PPM",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".webp": "WEBP",
}
KERAS = (".bmp", ".gif", ".jpeg", ".jpg", ".png")  # what a folder is searched for
_PIECE = 1 << 20  # bytes that are hashed at once

Faults = list[tuple[str, str]]  # paths and what is wrong with them


@dataclass
class Found:
    """What a folder has in it.

    Attributes:
        files: All files in it and in the folders in it, whatever they are.
        broken: Folders that cannot be read, and links that lead back.
        wrong: Folders with the names of pictures.
    """

    files: list[str] = field(default_factory=list)
    broken: Faults = field(default_factory=list)
    wrong: Faults = field(default_factory=list)


@dataclass(frozen=True)
class Inspection:
    """What is to be said of a folder; everything in the order of paths.

    Attributes:
        files: How many files there are.
        pictures: How many of them are pictures that can be read.
        broken: What cannot be read, though it has the name of a picture, and folders that cannot.
        wrong: What has another name than it should, or lies there and is no picture.
        duplicates: Pictures that can be read and have the same bytes, at least two each.
    """

    files: int
    pictures: int
    broken: Faults
    wrong: Faults
    duplicates: list[list[str]]

    @property
    def good(self) -> bool:
        """Whether nothing is broken or wrong."""
        return not (self.broken or self.wrong)

    @property
    def json(self) -> dict[str, Any]:
        """All of it as plain values. What is no character in a path is a lone surrogate, as `os.fsencode` takes it."""

        def entries(faults: Faults) -> list[dict[str, str]]:
            return [{"path": path, "reason": reason} for path, reason in faults]

        return {
            "files": self.files,
            "pictures": self.pictures,
            "broken": entries(self.broken),
            "wrong": entries(self.wrong),
            "duplicates": self.duplicates,
        }


def walk(folder: str, follow_links: bool = False) -> Found:
    """Returns what is in a folder and in all folders in it, each once, however many links lead to it.

    Args:
        folder: Where to look.
        follow_links: Whether links to folders are looked into. A link that leads back to a folder in which it lies is
            told of.

    Raises:
        OSError: The folder itself cannot be read.
    """
    found = Found()
    root = os.stat(folder)  # noqa: PTH116 (paths are strings here, of which there may be many)
    seen = {(root.st_dev, root.st_ino)}
    open_folders = [(folder, frozenset(seen))]
    while open_folders:
        place, above = open_folders.pop()
        try:
            with os.scandir(place) as entries:
                listed = list(entries)
        except OSError as error:
            if place == folder:
                raise
            found.broken.append((place, f"the folder cannot be read: {contents.reason(place, error)}"))
            continue
        for entry in listed:
            if not _is_folder(entry):
                found.files.append(entry.path)
                continue
            if _extension(entry.path) in EXTENSIONS:
                found.wrong.append((entry.path, "a folder, with the name of a picture"))
            if entry.is_symlink() and not follow_links:
                continue
            key = _identity(entry)
            if key in above:
                found.broken.append((entry.path, "a link to a folder in which it lies"))
            elif key not in seen:
                seen.add(key)
                open_folders.append((entry.path, above | {key}))
    found.files.sort(key=os.fsencode)
    return found


def inspect(
    found: Found,
    decoder: Decoder | None = None,
    threads: int | None = None,
    progress: Callable[[], None] | None = None,
) -> Inspection:
    """Reads all files that were found.

    Args:
        found: The files, and what is known to be wrong.
        decoder: Reads pictures; None means one that decodes them whole.
        threads: How many; None means one for each CPU that this process may use.
        progress: Called once for each file, in any thread.

    Raises:
        BrokenPicture: There is not enough memory for a picture, or there are too many open files.
    """
    decoder = Decoder() if decoder is None else decoder
    broken, wrong, sizes = list(found.broken), list(found.wrong), defaultdict[int, list[str]](list)

    def look(path: str) -> None:
        kind, reason, size = _judged(path, decoder)
        if size is not None:
            sizes[size].append(path)
        if kind is not None:
            (broken if kind == "broken" else wrong).append((path, reason))
        if progress is not None:
            progress()

    _for_each(found.files, threads, look)
    return Inspection(
        files=len(found.files),
        pictures=sum(map(len, sizes.values())),
        broken=_in_order(broken),
        wrong=_in_order(wrong),
        duplicates=_duplicates([path for paths in sizes.values() if len(paths) > 1 for path in paths], threads),
    )


def _judged(path: str, decoder: Decoder) -> tuple[str | None, str, int | None]:
    """Returns what is to be said of a file: "broken", "wrong" or None, why, and the size of a picture."""
    extension = _extension(path)
    fault = "broken" if extension in EXTENSIONS else "wrong"
    try:
        with contents.opened(path) as file:
            size, prefix = os.fstat(file.fileno()).st_size, file.read(pillow.PREFIX)
        kind = pillow.format_of(prefix)
        decoder(path)
    except BrokenPicture as error:
        if passes(error):
            raise
        return fault, error.reason if fault == "broken" else f"no picture: {error.reason}", None
    except OSError as error:
        return fault, contents.reason(path, error), None
    if extension not in EXTENSIONS:
        name = f"with the extension {extension!r}" if extension else "without an extension"
        return "wrong", f"a {kind}, {name}, for which it is left out of folders", size
    if EXTENSIONS[extension] != kind:
        return "wrong", f"a {kind}, with the extension {extension!r}", size
    if extension not in KERAS:
        return "wrong", f"left out of folders, as Keras does not list the extension {extension!r}", size
    return None, "", size


def _duplicates(paths: list[str], threads: int | None) -> list[list[str]]:
    """Returns which of some files have the same bytes."""
    groups = defaultdict[bytes, list[str]](list)

    def look(path: str) -> None:
        digest = hashlib.blake2b(digest_size=32)
        try:
            with contents.opened(path) as file:
                while piece := file.read(_PIECE):
                    digest.update(piece)
        except OSError:  # it has gone since it was decoded
            return
        groups[digest.digest()].append(path)

    _for_each(paths, threads, look)
    return sorted((sorted(group, key=os.fsencode) for group in groups.values() if len(group) > 1), key=_first)


def _for_each(paths: Sequence[str], threads: int | None, work: Callable[[str], None]) -> None:
    """Calls `work` for each path in threads, while the calling thread only waits, which Ctrl-C interrupts."""
    todo, lock = iter(paths), threading.Lock()
    stop = threading.Event()

    def run() -> None:
        try:
            while not stop.is_set():
                with lock:
                    path = next(todo, None)
                if path is None:
                    return
                work(path)
        except BaseException:
            stop.set()
            raise

    count = max(1, min(available_cpus() if threads is None else threads, len(paths)))
    with ThreadPoolExecutor(count, thread_name_prefix="seqaug-inspect") as pool:
        futures = [pool.submit(run) for _ in range(count)]
        try:
            wait(futures)
        finally:
            stop.set()
    for future in futures:
        future.result()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False


def _identity(entry: os.DirEntry[str]) -> tuple[int, int]:
    try:
        state = entry.stat()
    except OSError:  # it has gone, which shows when it is read
        return -1, -1
    return state.st_dev, state.st_ino


def _extension(path: str) -> str:
    return os.path.splitext(path)[1].lower()  # noqa: PTH122


def _in_order(faults: Faults) -> Faults:
    return sorted(faults, key=lambda fault: os.fsencode(fault[0]))


def _first(group: list[str]) -> bytes:
    return os.fsencode(group[0])
