"""What is drawn for transforms that share a native pass, put together into its plan."""

import numpy as np
from numpy.typing import NDArray

from seqaug import _core, maps
from seqaug.coloring import Coloring
from seqaug.maps import Floats
from seqaug.plan import PassPlan
from seqaug.randomness import Draws
from seqaug.stages import Stage
from seqaug.transforms.base import Color, Erasing, Geometric, Transform

_ORDERS = {"nearest": 0, "bilinear": 1, "bicubic": 3, None: 1}


class Fusing:
    """What is drawn for one native pass, transform by transform.

    Args:
        stage: The stage.
        height: `(n,)` heights of its sources.
        width: `(n,)` widths.
        channels: Their number of channels.
    """

    def __init__(self, stage: Stage, height: Floats, width: Floats, channels: int) -> None:
        self.stage = stage
        self.height, self.width = height, width
        self.matrices = maps.identity(len(height))
        self.source = height, width
        self.windows: Floats | None = None
        self.shrink: NDArray[np.int64] | None = None
        self.coloring = Coloring(len(height), channels)
        self.squarely = True
        self.holes: NDArray[np.int64] | None = None
        self.hole_fill: Floats | None = None
        self.hole_keys: NDArray[np.uint64] | None = None
        self.hole_step = 0

    def add(self, draws: Draws, transform: Transform, values: tuple[float, float] | None) -> None:
        """Draws for the next transform; `values` is the range of the images' values, where it counts."""
        if isinstance(transform, Color):
            self.coloring.add(transform, draws, values)
        elif isinstance(transform, Erasing):
            self.holes = np.ascontiguousarray(transform.holes(draws, self.height, self.width), np.int64)
            self.hole_fill = transform.filling(len(self.height), self.coloring.shape[1], values)
            self.hole_keys = draws.keys(1, transform.seed) if transform.fill_value is None else None
            self.hole_step = self.coloring.begin_holes()
        elif isinstance(transform, Geometric):
            own = transform.matrices(draws, self.height, self.width)
            self.matrices = maps.compose(self.matrices, own)
            self.height, self.width = transform.resized(self.height, self.width)
            before, self.squarely = self.squarely, self.squarely and transform.turns_squarely
            if transform.narrows:
                self._check_edges(transform, enlarges=not (own[:, ::4] == 1.0).all())
                if before:
                    self.windows = self._windows()
                    _core.narrow(self.matrices, self.height, self.width, self.windows)
            if transform.averages:
                sizes = np.empty((len(self.height), 2), np.int64)
                if _core.reduce(self.matrices, self._windows(), 1.0 if transform.averages is True else 2.0, sizes):
                    self.shrink = sizes
            if transform.fills and transform.fill_value is not None:
                self.coloring.begin_fill(transform.fill_value)

    def _check_edges(self, transform: Geometric, enlarges: bool) -> None:
        """Refuses a crop that enlarges an image where what lies half a pixel beyond the edges would show."""
        modes = set(self.stage.fill_modes)
        padded = modes == {"frame"} and not self.squarely  # a picture in a frame goes on for half a pixel
        if enlarges and not modes & {"nearest", "reflect"} and not padded:
            border = "padding" if modes == {"frame"} else f"fill_mode={self.stage.fill_modes[0]!r}"
            raise ValueError(
                f"{transform!r} would enlarge an image smaller than itself, and with {border} its edges would show. "
                'Bring images to a size first (`image_size` or Resizing), or use fill_mode="nearest".'
            )

    def _windows(self) -> Floats:
        """Returns `(n, 4)`, what is seen of the sources so far (see `PassPlan`)."""
        if self.windows is not None:
            return self.windows
        return np.stack([*np.zeros((2, len(self.matrices))), *self.source], axis=1)

    def plan(self) -> PassPlan:
        """Returns the plan of the stage."""
        return PassPlan(
            size=one_size(self.height, self.width),
            border=self.stage.fill_modes[0],
            windows=None if self.windows is None else self.windows.astype(np.int64),
            shrink=self.shrink,
            matrices=self.matrices,
            orders=np.full(len(self.height), _ORDERS[self.stage.interpolation], np.uint8),
            kinds=tuple(self.coloring.kinds),
            colour=self.coloring.steps,
            fill=self.coloring.fill,
            fill_step=self.coloring.fill_step,
            holes=self.holes,
            hole_fill=self.hole_fill,
            hole_keys=self.hole_keys,
            hole_step=self.hole_step,
        )


def one_size(height: Floats, width: Floats) -> tuple[int, int]:
    """Returns the one height and width that all images of a batch have; a ValueError says if they differ."""
    if (height != height[0]).any() or (width != width[0]).any():
        sizes = sorted(set(zip(height.tolist(), width.tolist(), strict=True)))
        received = ", ".join(f"{int(h)}×{int(w)}" for h, w in sizes[:3])
        raise ValueError(f"Images of one batch must have one size; set `image_size`. Received: {received}")
    return int(height[0]), int(width[0])
