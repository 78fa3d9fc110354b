"""The folder of a cache: one folder inside it for each way to decode, and what may be removed from it."""

import json
import os
import re
from collections.abc import Iterator
from hashlib import blake2b
from pathlib import Path
from typing import Any

from seqaug.sources.cache import locks
from seqaug.sources.cache.format import OURS, PARTS, file_of, new_id

VERSION = 1
SETTINGS = "settings.json"
_OUR_FOLDERS = re.compile(r".+-[0-9a-f]{16}")
_OUR_SETTINGS = re.compile(r"settings\.[0-9a-f]{16}-[0-9a-f]{16}\.tmp")
_HARMLESS = {"lost+found", "desktop.ini", "Thumbs.db", "CACHEDIR.TAG"}


def open_folder(where: Path, settings: dict[str, Any]) -> Path:
    """Returns the folder inside `where` for pictures decoded with these settings, and makes both if need be.

    If there is `where` and nothing can be written to it, the folder inside need not exist.

    Raises:
        TypeError: `settings` cannot be written as JSON.
        ValueError: `where` holds other things than a cache, or the settings there are others.
        OSError: There is no such folder, and it cannot be made.
    """
    inside = where / folder_name(settings)
    try:
        where.mkdir(parents=True, exist_ok=True)
        _refuse_foreign(where)
    except (FileExistsError, NotADirectoryError):
        raise NotADirectoryError(
            "`cache` must be a folder that is new, empty or has a cache in it. "
            f"Received: {str(where)!r}, where there is a file"
        ) from None
    except OSError as error:
        raise type(error)(
            error.errno, f"The folder for `cache` cannot be made or read ({error.strerror})", str(where)
        ) from None
    try:
        make_folder(inside, settings)
    except OSError as error:
        if error.errno not in locks.REFUSED:
            raise
    return inside


def folder_name(settings: dict[str, Any]) -> str:
    """Returns the name of the folder for these settings: some of them to read, and a hash of all."""
    words = []
    for key in ("color_mode", "reach", "cache_size"):
        value = settings.get(key)
        if isinstance(value, (list, tuple)):
            words.append("x".join(map(str, value)))
        elif value is not None:
            words.append(str(value))
    readable = re.sub(r"[^0-9A-Za-z-]+", "_", "-".join(words)) or "pictures"
    return f"{readable[:40]}-{blake2b(_json(settings).encode(), digest_size=8).hexdigest()}"


def make_folder(folder: Path, settings: dict[str, Any]) -> None:
    """Makes the folder for these settings, unless it is there, and writes them into it.

    Raises:
        ValueError: There are others in it.
        OSError: It cannot be made.
    """
    folder.mkdir(parents=True, exist_ok=True)
    content = _json(settings)
    found = read_settings(folder)
    if found is not None and _json(found) != content:
        raise ValueError(
            f"The file {SETTINGS} in {str(folder)!r}, a part of the cache, must hold {content}; remove that folder, or "
            f"name another as `cache`. Received: {_json(found)}"
        )
    if found is None:
        temporary = folder / f"settings.{new_id()}.tmp"
        with temporary.open("w", encoding="ascii") as file:
            json.dump({"format": "seqaug cache", "version": VERSION, "settings": settings}, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(folder / SETTINGS)


def read_settings(folder: Path) -> dict[str, Any] | None:
    """Returns the settings in a cache's inner folder; None if there are none that can be read."""
    try:
        content = json.loads((folder / SETTINGS).read_bytes())
        settings: dict[str, Any] = content["settings"]
        ours = content["format"] == "seqaug cache" and isinstance(settings, dict)
    except (OSError, ValueError, LookupError, TypeError):
        return None
    return settings if ours else None


def inner_folders(where: Path) -> Iterator[Path]:
    """Yields the folders in a cache that hold its pictures.

    Raises:
        OSError: `where` cannot be read.
    """
    for path in sorted(where.iterdir()):
        if _OUR_FOLDERS.fullmatch(path.name) and path.is_dir() and not path.is_symlink():
            yield path


def segment_ids(folder: Path) -> tuple[list[str], list[str]]:
    """Returns the ids of segments that are complete, and of those of which there are other files only."""
    complete: set[str] = set()
    begun: set[str] = set()
    for name in os.listdir(folder):  # noqa: PTH208 (thousands of names)
        match = OURS.fullmatch(name)
        if match is not None:
            (complete if match.group(2, 3) == ("index", "npy") else begun).add(match[1])
    return sorted(complete), sorted(begun - complete)


def remove_left_overs(folder: Path) -> int:
    """Removes what processes that have died have begun in a folder, and returns how many bytes that was.

    Raises:
        OSError: The folder cannot be read, or a file cannot be removed.
    """
    return sum(remove_left_over(folder, id_) for id_ in segment_ids(folder)[1])


def remove_left_over(folder: Path, id_: str) -> int:
    """Removes a segment that is not complete, unless somebody writes to it, and returns how many bytes that was.

    Raises:
        OSError: A file cannot be removed.
    """
    for ending in ("tmp", "npy"):  # the pixels are the first file that a writer makes, and the last to be removed
        try:
            handle = locks.take_left(file_of(folder, id_, "pixels", ending))
        except FileNotFoundError:
            continue
        if handle is None:
            return 0
        try:  # it may have been completed just before
            return 0 if file_of(folder, id_, "index").exists() else remove_segment(folder, id_)
        finally:
            os.close(handle)
    return remove_segment(folder, id_)


def remove_segment(folder: Path, id_: str) -> int:
    """Removes a segment's files, and returns how many bytes that was. Whoever has mapped them keeps them.

    Raises:
        OSError: A file cannot be removed.
    """
    removed = 0
    for part in reversed(PARTS):
        for ending in ("npy", "tmp"):
            path = file_of(folder, id_, part, ending)
            try:
                size = path.stat().st_size
                path.unlink()
            except FileNotFoundError:
                continue
            removed += size
    return removed


def remove_settings(folder: Path) -> None:
    """Removes the settings, and the folder if nothing else is in it.

    Raises:
        OSError: A file cannot be removed.
    """
    for path in list(folder.iterdir()):
        if path.name == SETTINGS or _OUR_SETTINGS.fullmatch(path.name):
            path.unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _refuse_foreign(where: Path) -> None:
    names = [path.name for path in where.iterdir() if not path.name.startswith(".") and path.name not in _HARMLESS]
    if names and not any(map(_OUR_FOLDERS.fullmatch, names)):
        raise ValueError(
            "`cache` must be a folder that is new, empty or has a cache in it. "
            f"Received: {str(where)!r}, in which there is {min(names)!r}"
        )


def _json(settings: dict[str, Any]) -> str:
    try:
        return json.dumps([VERSION, settings], sort_keys=True)
    except (TypeError, ValueError) as error:
        raise TypeError(f"`settings` must be plain values for JSON. Received: {settings!r} ({error})") from None
