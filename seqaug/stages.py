"""How transforms share native passes, and what is drawn for one."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from seqaug.plan import StagePlan, compose, identity
from seqaug.randomness import Draws
from seqaug.transforms.base import Floats, Geometric, Linear, Transform
from seqaug.transforms.geometric import FILL_MODES

_ORDERS = {"nearest": 0, "bilinear": 1, None: 1}


@dataclass(frozen=True)
class Stage:
    """Transforms that share one native pass, because they agree on a border rule, an interpolation and a fill.

    A transform's slot counts its place in the user's list and is part of its random key.
    """

    slots: tuple[int, ...] = ()
    transforms: tuple[Transform, ...] = ()
    fill_modes: tuple[str, ...] = FILL_MODES
    interpolation: str | None = None
    fill_value: float | None = None
    coloured_since_fill: bool = False

    def joined_by(self, slot: int, transform: Transform) -> "Stage | None":
        """Returns this stage with one more transform, or None if they do not go together."""
        joined = replace(self, slots=(*self.slots, slot), transforms=(*self.transforms, transform))
        if not isinstance(transform, Geometric):
            return replace(joined, coloured_since_fill=self.fill_value is not None)
        modes = tuple(mode for mode in transform.fill_modes if mode in self.fill_modes)
        interpolations = {self.interpolation, transform.interpolation} - {None}
        fill = transform.fill_value if modes == ("constant",) else None
        if not modes or len(interpolations) > 1:
            return None
        if self.fill_value is not None and fill is not None and (self.coloured_since_fill or fill != self.fill_value):
            return None
        return replace(
            joined,
            fill_modes=modes,
            interpolation=next(iter(interpolations), None),
            fill_value=self.fill_value if fill is None else fill,
        )


def arrange(placed: list[tuple[int, Transform]]) -> tuple[Stage, ...]:
    """Returns the stages of (slot, transform) pairs: each transform joins the last stage, or starts one."""
    stages = [Stage()]
    for slot, transform in placed:
        joined = stages[-1].joined_by(slot, transform)
        if joined is None:
            joined = Stage().joined_by(slot, transform)
            assert joined is not None, "an empty stage takes any transform"
            stages.append(joined)
        else:
            stages[-1] = joined
    return tuple(stages)


def draw_stage(
    stage: Stage, seed: int, epoch: int, ids: NDArray[np.uint32], height: Floats, width: Floats, channels: int
) -> tuple[StagePlan, Floats, Floats]:
    """Returns the plan of one stage, and the heights and widths after it."""
    count = len(ids)
    matrices = identity(count)
    scale, offset = np.ones((count, channels)), np.zeros((count, channels))
    fill = np.zeros((count, channels))
    for slot, transform in zip(stage.slots, stage.transforms, strict=True):
        draws = Draws(seed, slot & 0xFFFFFFFF, epoch, ids)
        if isinstance(transform, Linear):
            gain, lift = transform.gains(draws, channels)
            scale, offset, fill = scale * gain, offset * gain + lift, fill * gain + lift
        elif isinstance(transform, Geometric):
            matrices = compose(matrices, transform.matrices(draws, height, width))
            height, width = transform.resized(height, width)
            if transform.fill_value is not None and transform.fill_modes == ("constant",):
                fill[:] = transform.fill_value
    coloured = any(isinstance(transform, Linear) for transform in stage.transforms)
    sizes = set(zip(height.tolist(), width.tolist(), strict=True))
    if len(sizes) != 1:
        received = ", ".join(f"{int(h)}×{int(w)}" for h, w in sorted(sizes)[:3])
        raise ValueError(f"Images of one batch must have one size; set `image_size`. Received: {received}")
    return (
        StagePlan(
            size=(int(height[0]), int(width[0])),
            border=stage.fill_modes[0],
            matrices=matrices,
            orders=np.full(count, _ORDERS[stage.interpolation], np.uint8),
            scale=scale if coloured else None,
            offset=offset if coloured else None,
            fill=fill,
        ),
        height,
        width,
    )
