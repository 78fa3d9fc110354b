"""From the stages of a pipeline to the plan of a batch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from seqaug import randomness
from seqaug.coloring import bounds
from seqaug.fusing import Fusing, one_size
from seqaug.maps import Floats
from seqaug.plan import BlendPlan, BranchPlan, FilterPlan, Plan, StagePlan
from seqaug.randomness import Draws
from seqaug.stages import Stage, arrange
from seqaug.transforms.base import Filter
from seqaug.transforms.compound import Blend, Choice, Compound, Path

Range = tuple[float, float]


def draw(
    stages: Sequence[Stage],
    ranges: dict[int, Range],
    seed: int,
    epoch: int,
    ids: NDArray[np.uint32],
    shapes: NDArray[np.int64],
) -> Plan:
    """Returns the plan of a batch of images of `(n, 3)` shapes; `ranges` are those of values at the slots where they
    count.

    Raises:
        ValueError: The images have different numbers of channels, or would not all have one size afterwards.
    """
    height, width = shapes[:, 0].astype(np.float64), shapes[:, 1].astype(np.float64)
    channels = int(shapes[0, 2])
    if not (shapes[:, 2] == channels).all():
        raise ValueError(
            f"All images must have the same number of channels. Received: {np.unique(shapes[:, 2]).tolist()}"
        )
    drawing = _Drawing(seed, epoch, ids, channels)
    plans, _ = drawing.through(stages, ranges, height, width)
    return Plan(shapes.copy(), plans, drawing.turned(stages))


class _Drawing:
    """What all stages of a list draw by.

    Args:
        key: The seed, or the key of a list in a list.
        epoch: Number of the epoch.
        ids: `(n,)` uint32, the samples' numbers.
        channels: Of all images.
    """

    def __init__(self, key: int, epoch: int, ids: NDArray[np.uint32], channels: int) -> None:
        self.key, self.epoch, self.ids, self.channels = key, epoch, ids, channels

    def through(
        self, stages: Sequence[Stage], ranges: dict[int, Range], height: Floats, width: Floats
    ) -> tuple[tuple[StagePlan, ...], tuple[Floats, Floats]]:
        """Draws for stage after stage, for images of `(n,)` heights and widths; returns those afterwards as well."""
        plans: list[StagePlan] = []
        for stage in stages:
            for transform in stage.transforms:
                transform.require_channels(self.channels)
            alone = stage.transforms[0] if stage.transforms else None
            if isinstance(alone, Filter):
                plans.append(self._filter(alone, stage.slots[0], ranges, height, width))
            elif isinstance(alone, Compound):
                plan, (height, width) = self._compound(alone, stage.slots[0], ranges.get(stage.slots[0]), height, width)
                plans.append(plan)
            else:
                drawn = Fusing(stage, height, width, self.channels)
                for slot, transform in zip(stage.slots, stage.transforms, strict=True):
                    drawn.add(self.draws(slot), transform, ranges.get(slot))
                plans.append(drawn.plan())
                height, width = drawn.height, drawn.width
        return tuple(plans), (height, width)

    def turned(self, stages: Sequence[Stage]) -> NDArray[np.bool_] | None:
        """Returns which volumes come out back to front; None if nothing turns any."""
        placed = (pair for stage in stages for pair in zip(stage.slots, stage.transforms, strict=True))
        turns = [transform.applies(self.draws(slot)) for slot, transform in placed if transform.turns_depth]
        return np.logical_xor.reduce(turns) if turns else None

    def draws(self, slot: int) -> Draws:
        """Returns the random numbers of the transform in a slot."""
        return Draws(self.key, slot & 0xFFFFFFFF, self.epoch, self.ids)

    def _filter(
        self, transform: Filter, slot: int, ranges: dict[int, Range], height: Floats, width: Floats
    ) -> FilterPlan:
        values = ranges.get(slot, (-np.inf, np.inf))
        return transform.plan(one_size(height, width), self.draws(slot), height, width, values)

    def _compound(
        self, transform: Compound, slot: int, values: Range | None, height: Floats, width: Floats
    ) -> tuple[StagePlan, tuple[Floats, Floats]]:
        draws = self.draws(slot)
        within = _Drawing(
            randomness.nested(randomness.fold(self.key, transform.seed), slot), self.epoch, self.ids, self.channels
        )
        if isinstance(transform, Choice):
            return within.branches(transform.paths(draws), values, height, width)
        assert isinstance(transform, Blend), "there are no other kinds"
        chains = [(within.branches(paths, values, height, width)[0],) for paths in transform.chains(draws)]
        limits = (-np.inf, np.inf) if values is None else values
        size = one_size(height, width)
        blend = BlendPlan(size, tuple(chains), transform.weights(draws), np.tile(limits, (len(height), 1)))
        return blend, (height, width)

    def branches(
        self, paths: list[Path], values: Range | None, height: Floats, width: Floats
    ) -> tuple[BranchPlan, tuple[Floats, Floats]]:
        """Draws for images of values in this range, each of which takes a path of its own."""
        kinds: dict[tuple[tuple[int, int], ...], list[int]] = {}
        for i, path in enumerate(paths):
            kinds.setdefault(tuple((place, id(inner)) for place, inner in path), []).append(i)
        branch, place = np.zeros((2, len(paths)), np.int64)
        branches = []
        height, width = height.copy(), width.copy()
        for number, rows in enumerate(kinds.values()):
            branch[rows], place[rows] = number, np.arange(len(rows))
            drawing = _Drawing(self.key, self.epoch, self.ids[rows], self.channels)
            plans, sizes = drawing.along(paths[rows[0]], values, height[rows], width[rows])
            height[rows], width[rows] = sizes
            branches.append(plans)
        return BranchPlan(one_size(height, width), branch, place, tuple(branches)), (height, width)

    def along(
        self, path: Path, values: Range | None, height: Floats, width: Floats
    ) -> tuple[tuple[StagePlan, ...], tuple[Floats, Floats]]:
        """Draws for the transforms of a path, which images of values in this range take."""
        if not path:
            return (), (height, width)
        return self.through(arrange(list(path)), bounds(list(path), values), height, width)
