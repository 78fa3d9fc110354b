"""What a pipeline asks of a transform."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
from seqaug.randomness import Draws

Floats = NDArray[np.float64]


class Transform:
    """A change to images that is drawn once per image.

    Number 0 of an image's draws decides whether the change is made (with probability `p`), the next ones its amounts.
    """

    def __init__(self, p: float, seed: int | None = None) -> None:
        self.p = checks.number("p", p, 0, 1)
        self.seed = checks.seed("seed", seed)

    def applies(self, draws: Draws) -> NDArray[np.bool_]:
        """Returns `(n,)`: which images are changed."""
        if self.p == 1:
            return np.ones(len(draws.ids), np.bool_)
        return draws.uniforms(0, 1, self.seed)[:, 0] < self.p

    def carry_range(self, low: float, high: float) -> set[tuple[float, float]]:
        """Returns the ranges of values that images or channels may have after this transform, given one before it."""
        return {(low, high)}

    def __repr__(self) -> str:
        arguments = ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if value is not None)
        return f"{type(self).__name__}({arguments})"


class Geometric(Transform, ABC):
    """A transform that moves pixels: per image, a map from output positions to positions before it.

    `fill_modes` are the border rules it can live with, the preferred one first; `interpolation` is None where it does
    not care; `fill_value` is what it puts outside under `"constant"`, None where it never does.
    """

    fill_modes: tuple[str, ...]
    interpolation: str | None = None
    fill_value: float | None = None

    @abstractmethod
    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices (see `StagePlan`) for images of `(n,)` heights and widths."""

    def resized(self, height: Floats, width: Floats) -> tuple[Floats, Floats]:
        """Returns the heights and widths afterwards."""
        return height, width

    def carry_range(self, low: float, high: float) -> set[tuple[float, float]]:
        """The fill may lie outside the range."""
        if self.fill_value is None or self.fill_modes != ("constant",):
            return {(low, high)}
        return {(min(low, self.fill_value), max(high, self.fill_value))}


class Linear(Transform, ABC):
    """A transform of colour: per image and channel, v becomes v·scale + offset."""

    @abstractmethod
    def gains(self, draws: Draws, channels: int) -> tuple[Floats, Floats]:
        """Returns `(n, channels)` scales and offsets."""
