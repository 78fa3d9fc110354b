"""What is in a file, read so that nothing else than a file can get in the way."""

import errno
import os
import stat
from io import FileIO

# A pipe or a device is opened without waiting for what may never come, and then refused.
_FLAGS = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
BEGINNING = 1 << 16  # bytes: enough to tell any format, and for the header of nearly every JPEG


def opened(path: str) -> FileIO:
    """Opens a file to read from, unbuffered.

    Raises:
        OSError: It cannot be opened, or is no regular file, such as a folder or a pipe.
        ValueError: The path cannot be one.
    """
    descriptor = os.open(path, _FLAGS)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, "it is a folder", path)
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "it is no regular file", path)
        return FileIO(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def reason(path: str, error: OSError) -> str:
    """Returns why a file cannot be read, without its name."""
    if isinstance(error, FileNotFoundError) and os.path.islink(path):  # noqa: PTH114
        return "it is a link to a file that does not exist"
    return error.strerror or str(error) or type(error).__name__
