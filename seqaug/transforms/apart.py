"""What a pipeline asks of transforms that are stages of their own."""

from abc import ABC, abstractmethod

from seqaug.filters import FILTERS
from seqaug.maps import Floats
from seqaug.mix_plan import MixingPlan
from seqaug.plan import FilterPlan
from seqaug.randomness import Draws
from seqaug.transforms.base import Transform


class Filter(Transform, ABC):
    """A transform that looks at a pixel's neighbours, or at the whole picture; `kind` is that of `filters.FILTERS`."""

    kind: str
    apart = "looks at more than a pixel"

    @property
    def moves_pixels(self) -> bool:  # type: ignore[override]
        """Whether masks are moved."""
        return FILTERS[self.kind].run_mask is not None

    @abstractmethod
    def numbers(self, draws: Draws, height: Floats, width: Floats, values: tuple[float, float]) -> Floats:
        """Returns `(n, k)`, what the filter is told of each image (see `plan.FilterPlan`).

        Args:
            draws: The random numbers of n images.
            height: `(n,)`, their heights.
            width: `(n,)`, their widths.
            values: The range of their values at this place, if it counts.
        """

    def plan(
        self, size: tuple[int, int], draws: Draws, height: Floats, width: Floats, values: tuple[float, float]
    ) -> FilterPlan:
        """Returns what is drawn, as a plan of images that come out with this size; else as `numbers`."""
        return FilterPlan(size, self.kind, self.applies(draws), self.numbers(draws, height, width, values))


class Mixing(Transform, ABC):
    """A transform that mixes images of a batch with each other, and their labels: it is drawn for the whole batch.

    `blends` says that a pixel may be made of two, so that masks cannot follow.
    """

    apart = "needs other images of the batch"
    moves_pixels = True
    moves_points = False
    blends = False

    @abstractmethod
    def plan(self, draws: Draws, height: Floats, width: Floats, size: tuple[int, int]) -> MixingPlan:
        """Returns who is mixed with whom, and how.

        Args:
            draws: The random numbers of all n images of a batch.
            height: `(n,)`, their heights.
            width: `(n,)`, their widths.
            size: The one size that all have afterwards.
        """
