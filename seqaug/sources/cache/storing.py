"""What this process adds to a cache: segments that grow, and when they are committed."""

import logging
import multiprocessing
import multiprocessing.util
import os
import threading
import time
import weakref
from typing import Any

from numpy.typing import NDArray

from seqaug.sources.cache.folder import make_folder
from seqaug.sources.cache.lookup import Lookup
from seqaug.sources.cache.writing import SegmentWriter

_LOG = logging.getLogger("seqaug")
MOST = 256 * 2**20  # bytes of a segment
SOON, LATE = 1.0, 60.0  # seconds until a segment is committed: the first, and later ones at most


class Storing:
    """The pictures that this process has put and not yet committed. Any thread may call any method.

    A segment is committed when it is large or when time has passed: a second for the first, twice as long for each
    further one up to a minute. So there are few segments, and whoever is killed loses a minute or half of the work.

    Args:
        lookup: Takes what is committed.
        settings: Those of the folder, should it have to be made.
    """

    def __init__(self, lookup: Lookup, settings: dict[str, Any]) -> None:
        self._lookup, self._settings = lookup, settings
        self._writers: tuple[SegmentWriter, ...] = ()  # the newest first; replaced as a whole
        self._current: SegmentWriter | None = None
        self._due, self._delay = 0.0, SOON
        self._children_end: int | None = None
        self.forget_parent()

    def forget_parent(self) -> None:
        """Makes a forked child independent: its parent's segments are not its own, nor are locks of lost threads."""
        for writer in self._writers:
            writer.forget()
        self._writers, self._current = (), None
        self._choosing, self._committing = threading.Lock(), threading.Lock()
        self._process = os.getpid()

    def put(self, key: bytes, name: bytes, picture: NDArray[Any], size: int, modified: int) -> None:
        """Stores a picture; see `SegmentWriter.write`."""
        while True:
            writer = self._writer()
            if writer.write(key, name, picture, size, modified):
                break
        if writer.bytes >= MOST or self.is_due():
            self.commit(wait=False)

    def get(self, key: bytes) -> NDArray[Any] | None:
        """Returns the picture under a key that was put and is not yet committed."""
        for writer in self._writers:
            picture = writer.read(key)
            if picture is not None:
                return picture
        return None

    def is_due(self) -> bool:
        """Whether time has passed, so that somebody should commit."""
        return self._current is not None and time.monotonic() >= self._due

    def commit(self, wait: bool = True) -> None:
        """Commits everything put so far.

        Args:
            wait: Whether to do so even if another thread is just committing; otherwise this is left for later.

        Raises:
            OSError: The segment could not be completed; its pictures are lost.
        """
        if self._process != os.getpid() or not self._committing.acquire(blocking=wait):
            return
        try:
            with self._choosing:
                writer, self._current = self._current, None
            if writer is None:
                return
            try:
                segment = writer.commit()
                if segment is not None:
                    self._lookup.add(segment)
            except FileNotFoundError as error:  # somebody has removed the folder, as they may
                _LOG.warning("The cache %r was removed while it was written: %s", str(self._lookup.folder), error)
            finally:
                with self._choosing:
                    self._writers = tuple(other for other in self._writers if other is not writer)
                writer.close()
        finally:
            self._committing.release()

    def _writer(self) -> SegmentWriter:
        with self._choosing:
            if self._current is None:
                try:
                    self._current = SegmentWriter(self._lookup.folder)
                except FileNotFoundError:  # somebody has cleared the cache
                    make_folder(self._lookup.folder, self._settings)
                    self._current = SegmentWriter(self._lookup.folder)
                self._writers = (self._current, *self._writers)
                self._due = time.monotonic() + self._delay
                if multiprocessing.parent_process() is None:  # others may be ended at any time, as Keras's are
                    self._delay = min(2 * self._delay, LATE)
                self._commit_when_a_child_ends()
            return self._current

    def _commit_when_a_child_ends(self) -> None:
        """A process of `multiprocessing` ends without the handlers that others end with, but it has its own."""
        if multiprocessing.parent_process() is not None and self._children_end != os.getpid():
            self._children_end = os.getpid()
            itself = weakref.ref(self)
            multiprocessing.util.Finalize(self, _commit, args=(itself,), exitpriority=0)


def _commit(reference: "weakref.ref[Storing]") -> None:
    storing = reference()
    if storing is not None:
        storing.commit()
