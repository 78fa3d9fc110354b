"""Calls of the user's functions in the middle of a pass, and what is made sure of afterwards."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.plan import CallPlan


def change(stage: CallPlan, images: NDArray[np.float32], rows: slice) -> None:
    """Puts what a stage's function makes of images, `(n, h, w, c)`, in their place; `rows` are theirs in the plan."""
    changed = np.flatnonzero(stage.changed[rows])
    samples = stage.numbers[rows, 0].astype(int)
    if stage.per_batch and len(changed) == len(images):
        images[...] = _called(stage, images, samples)
    elif stage.per_batch and len(changed):
        images[changed] = _called(stage, images[changed], samples[changed])
    for i in [] if stage.per_batch else changed.tolist():
        images[i] = _called(stage, images[i], samples[i : i + 1])


def _called(stage: CallPlan, images: NDArray[np.float32], samples: NDArray[Any]) -> NDArray[Any]:
    """Returns what the function makes of an image, or of several."""
    shape = images.shape
    numbers = ", ".join(map(str, samples[:8].tolist())) + (", …" if len(samples) > 8 else "")
    where = f"{stage.name}, sample{'s' if stage.per_batch else ''} {numbers}"
    try:
        result = np.asarray(stage.function(images))
    except Exception as error:
        raise RuntimeError(f"{where}: the function failed: {type(error).__name__}: {error}") from error
    if result.dtype.kind not in "biuf":
        raise TypeError(f"{where}: the function must return an array of numbers. Received: dtype {result.dtype}")
    if result.shape != shape:
        raise ValueError(f"{where}: the function must return an array of shape {shape}. Received: {result.shape}")
    return result
