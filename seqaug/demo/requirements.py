"""What must be there before the demo starts."""

import contextlib
import importlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from seqaug.demo.errors import DemoError

# Keras imports its backend, and fails when that is missing.
_EXTRAS = ("skimage", "matplotlib.figure", "keras")
_INSTALL = 'pip install "seqaug[demo]" (in a checkout: pip install ".[demo]")'


def check_output(output: Path) -> None:
    """Raises an error unless a file can be written at this path.

    Raises:
        DemoError: The path is a folder, or its folder does not exist, or one of them is not writable.
    """
    folder = output.parent
    if not folder.is_dir():
        raise DemoError(f"the folder of --output does not exist: {folder}")
    if output.is_dir():
        raise DemoError(f"--output must name a file; this is a folder: {output}")
    if not os.access(output if output.exists() else folder, os.W_OK):
        raise DemoError(f"--output cannot be written: {output}")


def import_extras() -> None:
    """Imports what the extra `demo` installs, and starts the backend.

    TensorFlow's messages about its build and its devices are kept back, unless TF_CPP_MIN_LOG_LEVEL is set.

    Raises:
        DemoError: Something is missing or broken.
    """
    quiet = "TF_CPP_MIN_LOG_LEVEL" not in os.environ
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    with _held_back_stderr() if quiet else contextlib.nullcontext():
        for name in _EXTRAS:
            _import(name)
        importlib.import_module("keras").ops.zeros(1)


def _import(name: str) -> None:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        # The extra brings TensorFlow. Keras looks for another backend only when told to.
        other = ", then set KERAS_BACKEND=tensorflow" if error.name in ("jax", "torch") else ""
        raise DemoError(
            f"the module {error.name or name!r} is not installed.\nWhat the demo needs comes with: {_INSTALL}{other}"
        ) from error
    except ImportError as error:
        raise DemoError(f"{name!r} cannot be imported: {error}\nTo install it anew: {_INSTALL}") from error


@contextlib.contextmanager
def _held_back_stderr() -> Iterator[None]:
    """Keeps back what is written to stderr, by native code too, and shows it after all if the work fails.

    TensorFlow's first messages come before its logging is set up, so that no environment variable stops them.
    """
    sys.stderr.flush()
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as held_back:
        os.dup2(held_back.fileno(), 2)
        try:
            yield
        except DemoError:  # says all there is to say
            raise
        except BaseException:
            held_back.seek(0)
            os.write(stderr, held_back.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
