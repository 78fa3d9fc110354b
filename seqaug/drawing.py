"""From the stages of a pipeline to the plan of a batch."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from seqaug import randomness
from seqaug.coloring import bounds
from seqaug.fusing import Fusing, one_size
from seqaug.maps import Floats
from seqaug.plan import BlendPlan, BranchPlan, FilterPlan, Plan, StagePlan
from seqaug.randomness import Draws
from seqaug.stages import Stage, arrange
from seqaug.transforms.apart import Filter, Mixing
from seqaug.transforms.base import Transform
from seqaug.transforms.compound import Blend, Choice, Compound, Path

Range = tuple[float, float]
Stages = tuple[StagePlan, ...]


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
    placed = tuple(pair for stage in stages for pair in zip(stage.slots, stage.transforms, strict=True))
    return Plan(shapes.copy(), plans, drawing.turned(placed))


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
    ) -> tuple[Stages, tuple[Floats, Floats]]:
        """Draws for stage after stage, for images of `(n,)` heights and widths; returns those afterwards as well."""
        plans: list[StagePlan] = []
        for stage in stages:
            for transform in stage.transforms:
                transform.require_channels(self.channels)
            alone = stage.transforms[0] if stage.transforms else None
            if isinstance(alone, Filter):
                plans.append(self._filter(alone, stage.slots[0], ranges, height, width))
            elif isinstance(alone, Compound):
                slot = stage.slots[0]
                drawn, (height, width) = self._compound(alone, slot, ranges.get(slot), height, width)
                plans += drawn
            elif isinstance(alone, Mixing):
                before, (height, width) = (height, width), alone.resized(height, width)
                plans.append(alone.plan(self.draws(stage.slots[0]), *before, one_size(height, width)))
            else:
                fusing = Fusing(stage, height, width, self.channels)
                for slot, transform in zip(stage.slots, stage.transforms, strict=True):
                    fusing.add(self.draws(slot), transform, ranges.get(slot))
                plans.append(fusing.plan())
                height, width = fusing.height, fusing.width
        return tuple(plans), (height, width)

    def turned(self, path: Path) -> NDArray[np.bool_] | None:
        """Returns which volumes come out back to front; None if nothing turns any."""
        turns = [self._turns(slot, transform) for slot, transform in path if transform.turns_depth]
        return np.logical_xor.reduce(turns) if turns else None

    def _turns(self, slot: int, transform: Transform) -> NDArray[np.bool_]:
        draws = self.draws(slot)
        if not isinstance(transform, Choice):
            return transform.applies(draws)
        result = np.zeros(len(self.ids), np.bool_)
        for path, rows, drawing in self._within(slot, transform).parted(transform.paths(draws)):
            turned = drawing.turned(path)
            result[rows] = False if turned is None else turned
        return result

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
    ) -> tuple[Stages, tuple[Floats, Floats]]:
        draws, size = self.draws(slot), (height, width)
        within = self._within(slot, transform)
        if isinstance(transform, Choice) and transform.by_steps:
            return within.steps(transform.paths(draws), values, height, width), size
        if isinstance(transform, Choice):
            plan, size = within.branches(transform.paths(draws), values, height, width)
            return (plan,), size
        assert isinstance(transform, Blend), "there are no other kinds"
        chains = tuple(within.steps(paths, values, height, width) for paths in transform.chains(draws))
        weights = transform.weights(draws)
        limits = np.tile([-np.inf, np.inf], (len(height), 1))
        if values is not None:
            limits[weights[:, 0] < 1.0] = values  # an image to which nothing is added stays as it is
        return (BlendPlan(one_size(height, width), chains, weights, limits),), size

    def _within(self, slot: int, transform: Transform) -> "_Drawing":
        """Returns what draws for the transforms in the one in this slot."""
        key = randomness.nested(randomness.fold(self.key, transform.seed), slot)
        return _Drawing(key, self.epoch, self.ids, self.channels)

    def steps(self, paths: list[Path], values: Range | None, height: Floats, width: Floats) -> Stages:
        """Draws step by step, for paths on which images keep their size and their values this range."""
        most = max(1, *map(len, paths))
        steps = ([path[i : i + 1] for path in paths] for i in range(most))
        return tuple(self.branches(step, values, height, width)[0] for step in steps)

    def branches(
        self, paths: list[Path], values: Range | None, height: Floats, width: Floats
    ) -> tuple[BranchPlan, tuple[Floats, Floats]]:
        """Draws for images of values in this range, each of which takes a path of its own."""
        branch, place = np.zeros((2, len(paths)), np.int64)
        branches = []
        height, width = height.copy(), width.copy()
        for number, (path, rows, drawing) in enumerate(self.parted(paths)):
            branch[rows], place[rows] = number, np.arange(len(rows))
            plans, sizes = drawing.along(path, values, height[rows], width[rows])
            height[rows], width[rows] = sizes
            branches.append(plans)
        return BranchPlan(one_size(height, width), branch, place, tuple(branches)), (height, width)

    def parted(self, paths: list[Path]) -> Iterator[tuple[Path, list[int], "_Drawing"]]:
        """Yields each path that some of the images take, which they are, and what draws for them."""
        kinds: dict[tuple[tuple[int, int], ...], list[int]] = {}
        for i, path in enumerate(paths):
            kinds.setdefault(tuple((place, id(inner)) for place, inner in path), []).append(i)
        for rows in kinds.values():
            yield paths[rows[0]], rows, _Drawing(self.key, self.epoch, self.ids[rows], self.channels)

    def along(
        self, path: Path, values: Range | None, height: Floats, width: Floats
    ) -> tuple[Stages, tuple[Floats, Floats]]:
        """Draws for the transforms of a path, which images of values in this range take."""
        if not path:
            return (), (height, width)
        return self.through(_arranged(path), bounds(list(path), values), height, width)


# Stages by the slots and the identities of their transforms, which they keep alive.
_known: dict[tuple[tuple[int, int], ...], tuple[Stage, ...]] = {}
_MOST_KNOWN = 1024


def _arranged(path: Path) -> tuple[Stage, ...]:
    """Returns the stages of a path, on which images come again and again."""
    key = tuple((slot, id(transform)) for slot, transform in path)
    stages = _known.get(key)
    if stages is None:
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        stages = _known[key] = arrange(list(path))
    return stages
