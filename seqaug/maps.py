"""Maps of a batch, where an output pixel is taken from (see `plan.PassPlan`): `(n, 6)` float64, affine, or `(n, 9)`."""

import numpy as np
from numpy.typing import NDArray

from seqaug import _core

Floats = NDArray[np.float64]
HAIR = 2.0**-32  # by which resizes to the nearest pixel lean to the later of two that are as near


def identity(count: int) -> Floats:
    """Returns `(count, 6)` pull matrices that change nothing."""
    result = np.zeros((count, 6))
    result[:, ::4] = 1.0
    return result


def compose(outer: Floats, inner: Floats) -> Floats:
    """Returns the maps p -> outer(inner(p)) by products in a stated order (see csrc/seqaug.h)."""
    if outer.shape[1] != inner.shape[1]:
        outer, inner = widened(outer), widened(inner)
    result = np.empty_like(outer)
    _core.compose(outer, inner, result)
    return result


def widened(maps: Floats) -> Floats:
    """Returns maps as `(n, 9)`: affine ones get the last row 0 0 1."""
    if maps.shape[1] == 9:
        return maps
    result = np.zeros((len(maps), 9))
    result[:, :6], result[:, 8] = maps, 1.0
    return result


def rotation(turns: Floats, height: Floats, width: Floats) -> Floats:
    """Returns counter-clockwise rotations about the centre, by angles in full turns."""
    result = np.empty((len(turns), 6))
    sine, cosine = np.empty_like(turns), np.empty_like(turns)
    _core.sincos(turns, sine, cosine)
    y, x = (height - 1.0) / 2.0, (width - 1.0) / 2.0
    result[:, 0] = result[:, 4] = cosine
    result[:, 1] = sine
    result[:, 2] = y - (cosine * y + sine * x)
    result[:, 3] = -sine
    result[:, 5] = x - (cosine * x - sine * y)
    return result


def mirror(vertical: NDArray[np.bool_], horizontal: NDArray[np.bool_], height: Floats, width: Floats) -> Floats:
    """Returns reflections top to bottom, left to right, or both."""
    result = np.zeros((len(height), 6))
    result[:, 0], result[:, 4] = 1.0 - 2.0 * vertical, 1.0 - 2.0 * horizontal
    result[:, 2], result[:, 5] = (height - 1.0) * vertical, (width - 1.0) * horizontal
    return result


def shift(down: Floats, right: Floats) -> Floats:
    """Returns moves of the picture down and to the right, in pixels."""
    result = identity(len(down))
    result[:, 2], result[:, 5] = -down, -right
    return result


def zoom(vertical: Floats, horizontal: Floats, height: Floats, width: Floats) -> Floats:
    """Returns zooms about the centre, that show so many times the height and width."""
    result = np.zeros((len(vertical), 6))
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
    result[:, ::4], result[:, 2::3] = ratio, 0.5 * ratio - 0.5
    return result


def symmetry(
    across: NDArray[np.bool_],
    vertical: NDArray[np.bool_],
    horizontal: NDArray[np.bool_],
    height: Floats,
    width: Floats,
) -> Floats:
    """Returns those of the eight symmetries that mirror, and before that transpose where `across`.

    Of a picture mirrored top to bottom (`vertical`), left to right (`horizontal`), both or neither, rows are shown as
    columns.
    """
    result = mirror(vertical, horizontal, height, width)
    turned = result.copy()
    turned[:, [0, 1, 3, 4]] = result[:, [1, 0, 4, 3]]
    return np.where(across[:, None], turned, result)


def corners(factors: Floats, height: Floats, width: Floats) -> Floats:
    """Returns `(n, 9)` maps that pull the corners of pictures; the top left one stays.

    Args:
        factors: `(n, 4)`: where the other corners go, as multiples of the width or height: the top right one along the
            top edge, the bottom left one down the left edge, and the bottom right one along x and y.
        height: `(n,)`.
        width: `(n,)`.

    With the last corner at x3, y3 and A = x3 / x1, B = y3 / y2, unit square to quadrangle is x = x3·u / w, y = y3·v / w
    with w = (1 - B)·u + (1 - A)·v + A + B - 1; this is its inverse, in pixels.
    """
    x1, y2, x3, y3 = factors.T
    a, b = x3 / x1, y3 / y2
    last = np.maximum(height - 1.0, 1.0), np.maximum(width - 1.0, 1.0)
    result = np.zeros((len(factors), 9))
    result[:, 0], result[:, 4] = (a + b - 1.0) / y3, (a + b - 1.0) / x3
    result[:, 6], result[:, 7] = (a - 1.0) / (last[0] * y3), (b - 1.0) / (last[1] * x3)
    result[:, 8] = 1.0
    return result
