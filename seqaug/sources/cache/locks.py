"""Which files are being written: a lock that the system takes back from a process that ends, however it ends."""

import errno
import os
import time
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

REFUSED = (errno.EACCES, errno.EPERM, errno.EROFS)  # nothing may be written here
_OLD = 24 * 3600.0  # seconds: nobody writes to a file that has not changed for so long


def take(handle: int) -> bool:
    """Locks an open file, and returns whether it is this process's now; true as well where there are no locks."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        pass
    return True


def take_left(path: Path) -> int | None:
    """Opens and locks a file that its writer has left, and returns the handle; None if it may still be written to.

    Raises:
        OSError: The file cannot be opened for writing.
    """
    handle = os.open(path, os.O_RDWR)
    try:
        if fcntl is not None:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
    except BlockingIOError:
        os.close(handle)
        return None
    except OSError:
        pass
    if time.time() - os.fstat(handle).st_mtime > _OLD:
        return handle
    os.close(handle)
    return None
