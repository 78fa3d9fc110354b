"""Affine maps of a batch, `(n, 6)` float64 each: where an output pixel is taken from (see `plan.StagePlan`)."""

import numpy as np
from numpy.typing import NDArray

from seqaug import _core

Floats = NDArray[np.float64]
HAIR = 2.0**-32  # by which resizes to the nearest pixel lean to the later of two that are as near


def identity(count: int) -> Floats:
    """Returns `(count, 6)` pull matrices that change nothing."""
    result = np.zeros((count, 6))
    result[:, [0, 4]] = 1.0
    return result


def compose(outer: Floats, inner: Floats) -> Floats:
    """Returns the maps p -> outer(inner(p)), `(n, 6)` each.

    Written out, and not left to BLAS, so that the bits are the same on every machine.
    """
    a, b, result = outer.T, inner.T, np.empty_like(outer)
    for i in (0, 3):
        result[:, i] = a[i] * b[0] + a[i + 1] * b[3]
        result[:, i + 1] = a[i] * b[1] + a[i + 1] * b[4]
        result[:, i + 2] = (a[i] * b[2] + a[i + 1] * b[5]) + a[i + 2]
    return result


def rotation(turns: Floats, height: Floats, width: Floats) -> Floats:
    """Returns counter-clockwise rotations about the centre, by angles in full turns."""
    sine, cosine = np.empty_like(turns), np.empty_like(turns)
    _core.sincos(turns, sine, cosine)
    y, x = (height - 1.0) / 2.0, (width - 1.0) / 2.0
    return np.stack([cosine, sine, y - (cosine * y + sine * x), -sine, cosine, x - (cosine * x - sine * y)], axis=1)


def shift(down: Floats, right: Floats) -> Floats:
    """Returns moves of the picture down and to the right, in pixels."""
    result = identity(len(down))
    result[:, 2], result[:, 5] = -down, -right
    return result


def zoom(vertical: Floats, horizontal: Floats, height: Floats, width: Floats) -> Floats:
    """Returns zooms about the centre, that show so many times the height and width."""
    result = identity(len(vertical))
    result[:, 0], result[:, 4] = vertical, horizontal
    result[:, 2] = (height - 1.0) / 2.0 * (1.0 - vertical)
    result[:, 5] = (width - 1.0) / 2.0 * (1.0 - horizontal)
    return result


def shear(b: Floats, a: Floats) -> Floats:
    """Returns slants about the top left corner: x is taken from x + a·y, y from y + b·x."""
    result = identity(len(b))
    result[:, 1], result[:, 3] = b, a
    return result


def showing(before: Floats, after: Floats) -> Floats:
    """Returns the maps under which pictures of `(n, 2)` sizes `after` show those of sizes `before`, edge to edge."""
    ratio = before / after
    result = identity(len(before))
    result[:, [0, 4]], result[:, [2, 5]] = ratio, 0.5 * ratio - 0.5
    return result
