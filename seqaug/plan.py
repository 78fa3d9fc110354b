"""What was drawn for a batch, as plain arrays: one row per image, in stages."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class StagePlan:
    """One native pass over a batch of n images with c channels.

    Args:
        size: (height, width) of every image after this stage.
        border: What lies outside a source image, a `fill_mode`.
        matrices: `(n, 6)` float64. Output pixel (row, column) shows the source at y = m2 + row·m0 + column·m1 and
            x = m5 + row·m3 + column·m4, pixel centres being whole numbers.
        orders: `(n,)` uint8, 0 for the nearest pixel and 1 for bilinear.
        scale: `(n, c)` float64 or None: a sampled value v becomes v·scale + offset.
        offset: `(n, c)` float64, or None with `scale`.
        fill: `(n, c)` float64, what a pixel outside shows under `"constant"`, after scale and offset.
    """

    size: tuple[int, int]
    border: str
    matrices: NDArray[np.float64]
    orders: NDArray[np.uint8]
    scale: NDArray[np.float64] | None
    offset: NDArray[np.float64] | None
    fill: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything that a pipeline drew for a batch of n images.

    Args:
        shapes: `(n, 3)` int64: the height, width and channels of the images that it was drawn for.
        stages: The passes, in the order in which they run.
    """

    shapes: NDArray[np.int64]
    stages: tuple[StagePlan, ...]

    @property
    def out_shape(self) -> tuple[int, int, int, int]:
        """(n, height, width, channels) of the batch that comes out."""
        count, (_, _, channels) = len(self.shapes), self.shapes[0].tolist()
        return count, *self.stages[-1].size, channels


def identity(count: int) -> NDArray[np.float64]:
    """Returns `(count, 6)` pull matrices that change nothing."""
    return np.tile([1.0, 0.0, 0.0, 0.0, 1.0, 0.0], (count, 1))


def compose(outer: NDArray[np.float64], inner: NDArray[np.float64]) -> NDArray[np.float64]:
    """Returns the maps p -> outer(inner(p)), `(n, 6)` each.

    Written out, and not left to BLAS, so that the bits are the same on every machine.
    """
    a, b = outer.T, inner.T
    rows = [
        (
            a[i] * b[0] + a[i + 1] * b[3],
            a[i] * b[1] + a[i + 1] * b[4],
            (a[i] * b[2] + a[i + 1] * b[5]) + a[i + 2],
        )
        for i in (0, 3)
    ]
    return np.stack([*rows[0], *rows[1]], axis=1)
