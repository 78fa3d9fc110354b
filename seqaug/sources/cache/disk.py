"""A cache in a folder, which any number of processes may share, and any of which may be killed at any moment."""

import errno
import logging
import os
import shutil
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.sources.cache import locks
from seqaug.sources.cache.folder import open_folder, remove_left_overs
from seqaug.sources.cache.format import DTYPES, key_of
from seqaug.sources.cache.lookup import Lookup
from seqaug.sources.cache.storing import Storing

_LOG = logging.getLogger("seqaug")
_FULL = tuple(getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EFBIG") if hasattr(errno, name))
_caches: "weakref.WeakSet[DiskCache]" = weakref.WeakSet()


class DiskCache:
    """Pictures in a folder; see `Cache`.

    It pickles as the folder and the settings, and is opened anew where it arrives. A forked child goes on with what is
    committed and begins segments of its own.

    Args:
        where: The folder; made if need be. If it cannot be written to, what is in it is used.
        settings: What decides the pictures, as plain values. Pictures of other settings lie in the same folder, and are
            not found.

    Raises:
        TypeError: `settings` cannot be written as JSON.
        ValueError: `where` is a folder that holds other things than a cache.
        OSError: `where` is a file, or cannot be made or read, or the disk is full.
    """

    def __init__(self, where: str | os.PathLike[str], settings: dict[str, Any]) -> None:
        self.where, self.settings = Path(where), settings
        self.count = 0
        self._read_only = False
        with self._explained(0):
            folder = open_folder(self.where, settings)
        try:
            remove_left_overs(folder)
        except OSError as error:  # not ours to remove, or there is no folder; it does no harm to have them
            _LOG.debug("Left-overs in the cache %r stay: %s", str(folder), error)
        self._lookup = Lookup(folder)
        self._storing = Storing(self._lookup, settings)
        self._end = weakref.finalize(self, _finish, self._storing)
        _caches.add(self)

    @property
    def folder(self) -> Path:
        """The folder inside `where` with the pictures of these settings."""
        return self._lookup.folder

    def get(self, name: bytes, path: str | bytes) -> NDArray[Any] | None:
        """See `Cache.get`."""
        key = key_of(name)
        picture = self._storing.get(key)
        if picture is None:
            picture = self._lookup.find(key, path)
            if picture is None and self._lookup.refresh():
                picture = self._lookup.find(key, path)
        if self._storing.is_due():
            with self._explained(0):
                self._storing.commit(wait=False)
        return picture

    def put(self, name: bytes, path: str, picture: NDArray[Any], stat: os.stat_result) -> None:  # noqa: ARG002
        """See `Cache.put`."""
        check_picture(name, picture)
        if self._read_only:
            return
        try:
            with self._explained(picture.nbytes):
                whole = np.ascontiguousarray(picture)
                self._storing.put(key_of(name), name, whole, stat.st_size, stat.st_mtime_ns)
        except OSError as error:
            if error.errno not in locks.REFUSED:
                raise
            self._read_only = True
            _LOG.warning(
                "The cache %r cannot be written to (%s): pictures that are not in it are decoded every time.",
                str(self.where),
                error.strerror,
            )

    def flush(self) -> None:
        """See `Cache.flush`."""
        with self._explained(0):
            self._storing.commit()
        with suppress(OSError):  # of processes that have died since
            remove_left_overs(self.folder)

    def __reduce__(self) -> tuple[Any, ...]:
        return DiskCache, (self.where, self.settings)

    def _start_as_child(self) -> None:
        self._lookup.forget_locks()
        self._storing.forget_parent()

    @contextmanager
    def _explained(self, needed: int) -> Iterator[None]:
        """Says what can be done where the system says that there is no room."""
        try:
            yield
        except OSError as error:
            if error.errno not in _FULL:
                raise
            raise type(error)(error.errno, _advice(self.where, needed, error), str(self.where)) from error


def check_picture(name: bytes, picture: NDArray[Any]) -> None:
    """Checks what is put into a cache.

    Raises:
        TypeError: The picture's dtype is none that pictures or masks have.
        ValueError: It is not `(height, width, channels)`, or there is a NUL in the name.
    """
    if picture.dtype.str.encode() not in DTYPES:
        allowed = ", ".join(str(dtype) for dtype in DTYPES.values())
        raise TypeError(f"A picture in a cache must be of dtype {allowed}. Received: {picture.dtype} for {name!r}")
    if picture.ndim != 3 or max(picture.shape) >= 2**32:
        raise ValueError(
            f"A picture in a cache must be (height, width, channels). Received: shape {picture.shape} for {name!r}"
        )
    if b"\0" in name:
        raise ValueError(f"A name in a cache must hold no NUL. Received: {name!r}")


def _advice(where: Path, needed: int, error: OSError) -> str:
    try:
        free = f"{shutil.disk_usage(where).free / 2**20:,.1f} MiB are free"
    except OSError:
        free = "how much is free is not known"
    wanted = f"{needed / 2**20:,.1f} MiB are needed for the next picture and " if needed else ""
    return (
        f"There is no room for the cache ({error.strerror}): {wanted}{free}. What it holds stays usable. Make room, "
        "name a folder on another disk as `cache`, or store smaller pictures with `cache_size=(height, width)`"
    )


def _finish(storing: Storing) -> None:
    """Commits what is left when the cache is no longer used or the process ends, where nobody can take an error."""
    try:
        storing.commit()
    except OSError as error:
        _LOG.warning("The last pictures were not stored in the cache: %s", error)


def _start_as_child() -> None:
    for cache in list(_caches):
        cache._start_as_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_start_as_child)
