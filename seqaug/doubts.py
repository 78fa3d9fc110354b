"""Warnings of what is allowed and seldom meant, told by the first image of a data set."""

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.pipeline import Pipeline
from seqaug.values import Values

_FAINT = 0.02  # of the unit that networks are fed with


def warn_of_layout(image: NDArray[Any]) -> None:
    """Warns if the first image `(h, w, c)` of a data set seems to have its channels first."""
    height, width, channels = image.shape
    if height <= 4 and min(width, channels) >= 16:
        _warn(
            f"The images have {height} rows and {channels} channels, as if the channels came first; if they do, say "
            '`data_format="channels_first"`.'
        )


def extremes(image: NDArray[Any]) -> tuple[float, float] | None:
    """Returns the lowest and the highest finite value of an image, None if it has none."""
    finite = image[np.isfinite(image)]
    return (float(finite.min()), float(finite.max())) if finite.size else None


def warn_of_values(
    ends: tuple[float, float] | None, value_range: tuple[float, float] | None, pipeline: Pipeline
) -> None:
    """Warns if values are not what they were said to be, or come out as if they were rescaled twice.

    Args:
        ends: The lowest and the highest of the first image, None if they are not known.
        value_range: What the user said of them.
        pipeline: What is done to them.
    """
    if ends is None:
        return
    low, high = ends
    if value_range is not None:
        slack = (value_range[1] - value_range[0]) * 1e-3
        if low < value_range[0] - slack or high > value_range[1] + slack:
            _warn(
                f"`value_range` says that values go from {value_range[0]:g} to {value_range[1]:g}, and the first image "
                f"has values from {low:g} to {high:g}, which will be clipped where brightness or contrast or "
                '`dtype="uint8"` clips.'
            )
    here = Values(frozenset({(low, high)}), low, high)
    for transform in pipeline.transforms:
        here = transform.carry(here)
    if high - low > 10 * _FAINT and 0 < here.most - here.least < _FAINT:
        _warn(
            f"The first image's values, {low:g} to {high:g}, come out as {here.least:g} to {here.most:g}. Are they "
            f"rescaled twice? Received: {list(pipeline.transforms)}"
        )


def _warn(message: str) -> None:
    warnings.warn(message, stacklevel=6)
