"""Keras's legacy image module and ours, called alike and compared in all that a user can see."""

import contextlib
import io
import shutil
import tempfile
import warnings
from pathlib import Path

import keras
import keras.src.legacy.preprocessing.image as keras_image
import numpy as np
from common import bits, end_pools
from PIL import Image

import seqaug.preprocessing.image as our_image


def seen(run, seed=0):
    """What `run(module, folder)` shows with each of the two modules: its result or the kind of its error, the state of
    NumPy's global generator after it, what it printed, how often it warned, and the files that it left in `folder`.
    """
    return [_seen_with(module, run, seed) for module in (keras_image, our_image)]


def _seen_with(module, run, seed):
    folder = Path(tempfile.mkdtemp())
    np.random.seed(seed)
    printed = io.StringIO()
    try:
        with warnings.catch_warnings(record=True) as caught, contextlib.redirect_stdout(printed):
            warnings.simplefilter("always")
            try:
                result = ("value", leaves(run(module, folder)))
            except Exception as error:
                end_pools(error)
                result = ("error", type(error))
        state = np.random.get_state()
        files = {path.name: np.asarray(Image.open(path)).tobytes() for path in sorted(folder.iterdir())}
    finally:
        shutil.rmtree(folder)
    return {
        "result": result,
        "generator": (state[1].tobytes(), state[2:]),
        "printed": printed.getvalue(),
        "warnings": sum(warning.category is UserWarning for warning in caught),
        "files": files,
    }


def leaves(structure):
    """A nested structure with each array as its dtype, shape and bits."""
    if isinstance(structure, np.ndarray):
        return (
            structure.dtype.str,
            structure.shape,
            repr(structure.tolist()) if structure.dtype == "O" else bits(structure),
        )
    if isinstance(structure, dict):
        return {key: leaves(value) for key, value in structure.items()}
    if isinstance(structure, list | tuple):
        return type(structure).__name__, [leaves(value) for value in structure]
    if isinstance(structure, np.generic | float):
        return type(structure).__name__, np.float64(structure).tobytes() if np.isscalar(structure) else structure
    return structure


def require_same(run, seed=0):
    """Runs both and compares; returns the kind of result."""
    theirs, ours = seen(run, seed)
    for what in theirs:
        assert ours[what] == theirs[what], f"{what}: {_short(theirs[what])} of Keras, {_short(ours[what])} of seqaug"
    return theirs["result"][0]


def _short(value):
    return f"{value!r:.300}"


@contextlib.contextmanager
def image_data_format(name):
    """Keras's own setting, for a while."""
    before = keras.config.image_data_format()
    keras.config.set_image_data_format(name)
    try:
        yield
    finally:
        keras.config.set_image_data_format(before)
