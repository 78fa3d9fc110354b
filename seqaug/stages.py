"""How transforms share stages: native passes, most of them."""

from dataclasses import dataclass, replace

from seqaug import _core
from seqaug.transforms.base import ANY_BORDER, Color, Erasing, Geometric, Transform


@dataclass(frozen=True)
class Stage:
    """Transforms that share one native pass, because they agree on a border rule, an interpolation and a fill; or one
    that can share none.

    A transform's slot counts its place in the user's list and is part of its random key. `reason` says why the stage
    began.
    """

    reason: str = ""
    slots: tuple[int, ...] = ()
    transforms: tuple[Transform, ...] = ()
    fill_modes: tuple[str, ...] = ANY_BORDER
    interpolation: str | None = None
    fill_value: float | None = None

    def joined_by(self, slot: int, transform: Transform) -> "Stage | str":
        """Returns this stage with one more transform, or why they do not go together."""
        joined = replace(self, slots=(*self.slots, slot), transforms=(*self.transforms, transform))
        alone = next((t for t in joined.transforms if t.apart is not None), None)
        if alone is not None and self.transforms:
            return f"{type(alone).__name__} {alone.apart}"
        erased = next((type(t).__name__ for t in self.transforms if isinstance(t, Erasing)), None)
        if erased is not None and (why := _not_at_the_store(transform)) is not None:
            return f"{type(transform).__name__} {why} {erased} has erased"
        if isinstance(transform, Geometric):
            return self._agreeing(joined, transform)
        if sum(len(t.pieces) or 1 for t in joined.transforms if isinstance(t, Color)) > _core.MOST_STEPS:
            return f"a pass takes {_core.MOST_STEPS} changes of colour"
        return joined

    def _agreeing(self, joined: "Stage", transform: Geometric) -> "Stage | str":
        """Returns the stage with a geometric transform as both want it, or why they do not go together."""
        name = type(transform).__name__
        modes = tuple(mode for mode in self.fill_modes if mode in transform.fill_modes)
        interpolations = {self.interpolation, transform.interpolation} - {None}
        fill = transform.fill_value if transform.fills else None
        colors = [t for t in self.transforms if isinstance(t, Color)]
        clipping = [type(t).__name__ for t in colors if t.clips]
        measuring = [type(t).__name__ for t in colors if t.measures]
        if not modes:
            return f"{name} has another border rule: {transform.fill_modes[0]}"
        if len(interpolations) > 1:
            return f"{name} has another interpolation: {transform.interpolation}"
        if clipping and not transform.is_move and interpolations != {"nearest"}:
            return f"{name} blends values that {clipping[-1]} has clipped"
        if measuring and not transform.is_move:
            return f"{name} moves pixels after {measuring[-1]} has measured the picture"
        moves = [t for t in self.transforms if isinstance(t, Geometric)]
        if transform.averages and not all((t.is_move or t.narrows) and not t.averages for t in moves):
            return f"{name} averages the pixels of the finished picture"
        if self.fill_value is not None and fill is not None and fill != self.fill_value:
            return f"{name} has another fill_value: {fill:g}"
        if self.fill_value is not None and fill is not None and self._colored_since_fill():
            return f"{name} has the same fill_value, and colours have changed since"
        return replace(
            joined,
            fill_modes=modes,
            interpolation=next(iter(interpolations), None),
            fill_value=self.fill_value if fill is None else fill,
        )

    def _colored_since_fill(self) -> bool:
        since: list[Transform] = []
        for transform in self.transforms:
            since = [] if isinstance(transform, Geometric) and transform.fills else [*since, transform]
        return any(isinstance(transform, Color) for transform in since)

    def __str__(self) -> str:
        names = " → ".join(map(repr, self.transforms)) or "nothing"
        how = []
        if any(isinstance(t, Geometric) and not t.turns_squarely for t in self.transforms):
            fill = f" {self.fill_value:g}" if self.fill_value is not None else ""
            how.append(f"border {self.fill_modes[0]}{fill}, {self.interpolation or 'bilinear'}")
        if any(isinstance(t, Geometric) and t.averages for t in self.transforms):
            how.append("pictures that shrink are averaged first")
        reads = sum(isinstance(t, Color) and t.measures for t in self.transforms)
        if reads:
            how.append("one more read, to measure" if reads == 1 else f"more reads, to measure: {reads}")
        return names + (f"\n     {'; '.join(how)}" if how else "")


def _not_at_the_store(transform: Transform) -> str | None:
    """Returns why a transform cannot share a pass with holes before it, which are made as the pass stores a picture."""
    if isinstance(transform, Geometric):
        return "moves pixels, some of which"
    if isinstance(transform, Erasing):
        return "erases pixels after"
    if isinstance(transform, Color) and transform.measures:
        return "measures a picture in which"
    return None


def arrange(placed: list[tuple[int, Transform]]) -> tuple[Stage, ...]:
    """Returns the stages of (slot, transform) pairs: each transform joins the last stage, or starts one."""
    stages = [Stage()]
    for slot, transform in placed:
        joined = stages[-1].joined_by(slot, transform)
        if isinstance(joined, str):
            started = Stage(reason=joined).joined_by(slot, transform)
            assert isinstance(started, Stage), "an empty stage takes any transform"
            stages.append(started)
        else:
            stages[-1] = joined
    return tuple(stages)


def told(stages: tuple[Stage, ...]) -> str:
    """Returns the stages in words, and why each began."""
    lines = []
    for number, stage in enumerate(stages, 1):
        lines += [f"  {number}. {stage}"] + ([f"     begins here: {stage.reason}"] if stage.reason else [])
    return "\n".join(lines)
