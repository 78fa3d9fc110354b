"""Transforms made of other transforms."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable
from functools import reduce
from typing import Any, Self, TypeVar

import numpy as np

from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import Transform
from seqaug.values import Values

Path = tuple[tuple[int, Transform], ...]  # transforms in the order in which they act, each with its slot
State = TypeVar("State", bound=Hashable)


class Compound(Transform, ABC):
    """A transform that is made of others, `transforms`, whose slots are those of a list of their own."""

    transforms: tuple[Transform, ...]

    @property
    def needs_range(self) -> bool:  # type: ignore[override]
        """Whether one of them has to be told the range of values."""
        return any(transform.needs_range and transform.value_range is None for transform in self.transforms)

    @property
    def turns_depth(self) -> bool:  # type: ignore[override]
        """Whether any of them turns volumes back to front."""
        return any(transform.turns_depth for transform in self.transforms)

    def require_channels(self, channels: int) -> None:
        """Raises `ValueError` if one of them cannot do with so many, whether or not it is drawn."""
        for transform in self.transforms:
            transform.require_channels(channels)

    def changed(self, arguments: dict[str, Any]) -> Self:
        """Returns this with other arguments of the transforms in it."""
        result = copy.copy(self)
        result.transforms = tuple(transform.changed(arguments) for transform in self.transforms)
        return result


class Choice(Compound):
    """Takes each image along a path of its transforms.

    `by_steps` says that each transform of a path is a stage of its own, which images share that have it at this place
    of their paths; none of them changes sizes or the range of values. Otherwise the stages of a path are those of a
    pipeline of it, which only images on the same path share.
    """

    apart = "takes each image another way"
    by_steps = False

    @abstractmethod
    def paths(self, draws: Draws) -> list[Path]:
        """Returns the path of each of the n images; an empty one leaves an image as it is."""

    @abstractmethod
    def outcomes(self, start: State, act: Callable[[Transform, State], State]) -> set[State]:
        """Returns what may become of `start` along any path, where each transform makes `act(transform, state)`."""

    @property
    def moves_pixels(self) -> bool:  # type: ignore[override]
        """Whether any of them does."""
        return any(transform.moves_pixels for transform in self.transforms)

    def carry(self, values: Values) -> Values:
        """Returns the values that images may have after any of the paths."""
        return reduce(Values.or_else, self.outcomes(values, lambda transform, before: transform.carry(before)))

    def resized(self, height: Floats, width: Floats) -> tuple[Floats, Floats]:
        """Returns the heights and widths afterwards.

        Raises:
            ValueError: They depend on the path.
        """
        sizes = [self._size(size) for size in zip(height.tolist(), width.tolist(), strict=True)]
        return np.array([size[0] for size in sizes]), np.array([size[1] for size in sizes])

    def enlarges(self, height: float, width: float) -> tuple[float, float]:
        """Returns a bound of what any path magnifies: what all of them would together."""
        down = across = 1.0
        for transform in self.transforms:
            own = transform.enlarges(height, width)
            down, across = down * max(own[0], 1.0), across * max(own[1], 1.0)
        return down, across

    def _size(self, size: tuple[float, float]) -> tuple[float, float]:
        sizes = sorted(self.outcomes(size, resize))
        if len(sizes) != 1:
            received = " or ".join(f"{height:g}×{width:g}" for height, width in sizes)
            raise ValueError(
                "Whichever way an image takes, it must come to one size: crop or resize before or after the choice, or "
                f"to the same height and width everywhere in it. Received: {self!r}, which makes {received} of "
                f"{size[0]:g}×{size[1]:g}"
            )
        return sizes[0]


class Blend(Compound):
    """Blends each image with what chains of its transforms make of it. Masks, boxes and keypoints stay the image's.

    None of them changes sizes or the range of values.
    """

    apart = "blends an image with others that it makes of it"

    @abstractmethod
    def chains(self, draws: Draws) -> list[list[Path]]:
        """Returns, for each chain, the path of each of the n images."""

    @abstractmethod
    def weights(self, draws: Draws) -> Floats:
        """Returns `(n, 1 + chains)`, the weights of the image itself and of what each chain makes of it."""


def resize(transform: Transform, size: tuple[float, float]) -> tuple[float, float]:
    """Returns the height and width of an image after a transform."""
    height, width = transform.resized(np.array(size[:1]), np.array(size[1:]))
    return float(height[0]), float(width[0])
