"""Listings of folders that are kept, so that many files need not be looked for again.

A listing is a folder of `.npy` files, which are read by memory map, and of `listing.json`, which says which of them
belong together. That is put in its place last and at once: there is either the listing from before or the new one.
"""

import contextlib
import hashlib
import json
import logging
import os
import re
import secrets
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.sources.listing import Listing
from seqaug.sources.paths import Paths

_VERSION = 1
_RACY = 2_000_000_000  # nanoseconds: by how much a folder's time may be too coarse to show a change
_HOUR = 3600.0
_INDEX = "listing.json"
_OUR_FOLDERS = re.compile("listing-[0-9a-f]{16}")
_OURS = re.compile(r"listing\.json|[0-9a-f]+-[0-9a-f]{8}\.(json|[a-z_]+\.npy)")
_ARRAYS = ("names", "ends", "counts", "folders", "folder_ends", "stamps")


def kept(
    cache: str, directory: str, arguments: Sequence[Any], look: Callable[[], Listing]
) -> tuple[Listing, Callable[[], None]]:
    """Returns the listing of a folder, from a cache if it is there and no folder has changed since; and what keeps it.

    That is a function of its own, to be called once it is clear that the cache is one: a folder that was named by
    mistake stays as it is.

    Args:
        cache: The folder of the cache.
        directory: The folder that is listed.
        arguments: All else that the listing depends on, of types that JSON has.
        look: What makes it.
    """
    said = json.dumps([_VERSION, os.path.abspath(directory), *arguments])  # noqa: PTH100 (links stay as they are)
    folder = Path(cache) / f"listing-{hashlib.blake2b(said.encode(), digest_size=8).hexdigest()}"
    loaded = load(folder, directory)
    if loaded is not None and is_fresh(loaded):
        return loaded, _nothing
    listing = look()

    def keep() -> None:
        try:
            save(listing, folder)
        except OSError as error:
            logging.getLogger("seqaug").warning("The listing of %r cannot be kept in %r: %s", directory, cache, error)

    return listing, keep


def _nothing() -> None:
    """Keeps what is kept already."""


def is_fresh(listing: Listing) -> bool:
    """Whether no folder has changed since it was looked into, as far as its time can tell."""
    if (listing.stamps[:, 0] > listing.started - _RACY).any():
        return False
    root, stamps = os.fsencode(listing.folders.root), listing.stamps.tolist()
    try:
        for i, stamp in enumerate(stamps):
            state = os.stat(os.path.join(root, listing.folders.name(i)))  # noqa: PTH116, PTH118 (no object for each)
            if [state.st_mtime_ns, state.st_ctime_ns] != stamp:
                return False
    except OSError:
        return False
    return True


def save(listing: Listing, folder: str | os.PathLike[str]) -> None:
    """Writes a listing into a folder of its own, in place of the one that is there.

    Raises:
        OSError: It cannot be written.
    """
    where, key = Path(folder), f"{os.getpid():x}-{secrets.token_hex(4)}"
    where.mkdir(parents=True, exist_ok=True)
    _remove(where, where / _INDEX, key)
    arrays: tuple[NDArray[Any], ...] = (
        listing.paths.block,
        listing.paths.ends,
        listing.counts,
        listing.folders.block,
        listing.folders.ends,
        listing.stamps,
    )
    values = {
        "version": _VERSION,
        "key": key,
        "class_names": listing.class_names,
        "started": listing.started,
        "left_out": listing.left_out,
    }
    written = []
    try:
        for name, array in zip(_ARRAYS, arrays, strict=True):
            written.append(where / f"{key}.{name}.npy")
            with written[-1].open("wb") as file:
                np.save(file, array)
                _sync(file)
        written.append(where / f"{key}.json")
        with written[-1].open("w", encoding="ascii") as file:
            json.dump(values, file)
            _sync(file)
        os.replace(written[-1], where / _INDEX)  # noqa: PTH105
    except BaseException:
        for path in written:
            with contextlib.suppress(OSError):
                path.unlink()
        raise


def load(folder: str | os.PathLike[str], directory: str) -> Listing | None:
    """Returns a listing that was saved in a folder, its arrays mapped; None if there is none, or it is damaged.

    Args:
        folder: Where it was saved.
        directory: The folder that is listed.
    """
    where = Path(folder)
    try:
        values = json.loads((where / _INDEX).read_text("ascii"))
        names, ends, counts, folders, folder_ends, stamps = (
            np.load(where / f"{values['key']}.{name}.npy", mmap_mode="r").view(np.ndarray) for name in _ARRAYS
        )
        whole = _fits(names, ends) and _fits(folders, folder_ends) and stamps.shape == (len(folder_ends), 2)
        classes = values["class_names"]
        if not whole or counts.sum() != len(ends) or len(counts) != (1 if classes is None else len(classes)):
            return None
        return Listing(
            Paths(directory, names, ends),
            np.array(counts),
            classes,
            Paths(directory, folders, folder_ends),
            np.array(stamps),
            int(values["started"]),
            dict(values["left_out"]),
        )
    except (OSError, ValueError, TypeError, KeyError, EOFError):
        return None


def _fits(block: NDArray[Any], ends: NDArray[Any]) -> bool:
    """Whether these are names and where each of them ends."""
    if block.dtype != np.uint8 or ends.dtype != np.int64 or block.ndim != 1 or ends.ndim != 1:
        return False
    last = int(ends[-1]) if len(ends) else 0
    return last == len(block) and (len(ends) == 0 or (int(ends[0]) >= 0 and bool((ends[1:] >= ends[:-1]).all())))


def _sync(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def remove_all(where: Path) -> int:
    """Removes the listings that a cache has kept, and nothing else; returns their bytes.

    Raises:
        OSError: A file cannot be removed.
    """
    removed = 0
    for folder in sorted(where.iterdir()):
        if _OUR_FOLDERS.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
            for path in [path for path in folder.iterdir() if _OURS.fullmatch(path.name)]:
                removed += path.stat().st_size
                path.unlink()
            with contextlib.suppress(OSError):  # there is something else in it
                folder.rmdir()
    return removed


def _remove(where: Path, index: Path, key: str) -> None:
    """Removes what others have left that were stopped, and listings that have been replaced, but no new ones."""
    current = ""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        current = str(json.loads(index.read_text("ascii"))["key"])
    for path in where.iterdir():
        with contextlib.suppress(OSError):  # another process was faster
            if path != index and not path.name.startswith((f"{current}.", f"{key}.")) and _age(path) > _HOUR:
                path.unlink()


def _age(path: Path) -> float:
    return time.time() - path.stat().st_mtime
