"""What was drawn for a batch, as plain arrays: one row per image, in stages."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class StagePlan:
    """What one stage does with a batch of n images; each kind of stage has a class of its own.

    Args:
        size: (height, width) of every image after this stage.
    """

    size: tuple[int, int]

    def check(self, count: int) -> None:
        """Raises `ValueError` unless there is a row for each of n images. What is in the rows the kernels check."""
        if len(self.size) != 2 or not all(type(extent) is int and extent > 0 for extent in self.size):
            raise ValueError("`size` must be two whole numbers from 1 on")
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray) and (value.ndim == 0 or len(value) != count):
                raise ValueError(f"`{field.name}` must have a row for each of the {count} images")

    def repeated(self, times: int) -> Self:
        """Returns a plan in which each row comes so many times: that of the slices of volumes."""
        values: dict[str, Any] = {field.name: getattr(self, field.name) for field in fields(self)}
        rows = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
        return type(self)(**values | {name: np.repeat(value, times, axis=0) for name, value in rows.items()})


@dataclass(frozen=True, eq=False)
class PassPlan(StagePlan):
    """One native pass over a batch of n images with c channels.

    Args:
        size: (height, width) of every image after this stage.
        border: What lies outside a source image: a `fill_mode`, or `"frame"` for padding (see csrc/seqaug.h).
        windows: `(n, 4)` int64 or None: top, left, height and width of the part of the source beyond which nothing is
            seen; the border rule acts at its edges.
        shrink: `(n, 2)` int64 or None: the height and width to which the window is brought first, by a triangle as
            wide as two of the new pixels; 0 and 0 for none. `matrices` are then about the smaller picture.
        matrices: `(n, 6)` float64. Output pixel (row, column) shows the window at y = m2 + row·m0 + column·m1 and
            x = m5 + row·m3 + column·m4, pixel centres being whole numbers. Under perspective `(n, 9)`: both are then
            divided by m8 + row·m6 + column·m7.
        orders: `(n,)` uint8, 0 for the nearest pixel, 1 for bilinear, 3 for bicubic.
        kinds: What the steps of colour are, in their order: `"linear"` and the others of csrc/seqaug.h.
        colour: `(n, steps, 6, c)` float64 or None: what each step does with a sampled value v; what the six rows mean
            is said in csrc/seqaug.h. Of a linear step they are scale, offset, low, high and gain: v becomes v·scale +
            offset + gain·(mean of the channel over the picture as it comes to this step), cut to low … high.
        fill: `(n, c)` float64, what a pixel outside is under `"constant"` and `"frame"` …
        fill_step: … before this step of colour, which is the first that applies to it.
        holes: `(n, k, 4)` int64 or None: top, left, height and width of what is overwritten as the picture is stored;
            a height or width of 0 is no hole. Masks have no holes.
        hole_fill: `(n, 4, c)` float64 or None: what holes show. The first row, and to each value a normal number times
            the second is added; it is then cut to the third … fourth …
        hole_keys: `(n,)` uint64 or None: the keys of those normal numbers.
        hole_step: … before this step of colour, which is the first that applies to holes.
    """

    border: str
    windows: NDArray[np.int64] | None
    shrink: NDArray[np.int64] | None
    matrices: NDArray[np.float64]
    orders: NDArray[np.uint8]
    kinds: tuple[str, ...]
    colour: NDArray[np.float64] | None
    fill: NDArray[np.float64]
    fill_step: int
    holes: NDArray[np.int64] | None = None
    hole_fill: NDArray[np.float64] | None = None
    hole_keys: NDArray[np.uint64] | None = None
    hole_step: int = 0

    def repeated(self, times: int) -> Self:
        """Returns a plan in which each row comes so many times, with noise of its own each time."""
        result = super().repeated(times)
        noises = [step for step, kind in enumerate(self.kinds) if kind == "noise"]
        if result.colour is not None and noises:
            number = np.arange(len(result.colour)) % times
            keys = result.colour[:, noises, 5] + number[:, None, None]
            result.colour[:, noises, 5] = keys % 2**32
        return result


@dataclass(frozen=True, eq=False)
class FilterPlan(StagePlan):
    """A change for which a pixel is not enough: it needs neighbours, or the whole picture.

    Args:
        kind: Which, of `filters.FILTERS`.
        changed: `(n,)` bool: the images that are changed; the others stay.
        numbers: `(n, k)` float64, what the filter is told of each image; the filter says what they mean.
    """

    kind: str
    changed: NDArray[np.bool_]
    numbers: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class CallPlan(FilterPlan):
    """A function of the user's own; the numbers are those of the samples.

    Args:
        function: Called with an image `(h, w, c)` float32; returns another one.
        name: What errors call it.
        per_batch: Whether it is called with several images `(n, h, w, c)` instead.
    """

    function: Callable[[NDArray[np.float32]], Any]
    name: str
    per_batch: bool


@dataclass(frozen=True, eq=False)
class BranchPlan(StagePlan):
    """A parting of ways: each image goes through the stages of one branch.

    Args:
        branch: `(n,)` int64, the number of each image's branch.
        place: `(n,)` int64, which of the branch's images it is, in their order.
        branches: The stages of each; none for images that stay as they are.
    """

    branch: NDArray[np.int64]
    place: NDArray[np.int64]
    branches: tuple[tuple[StagePlan, ...], ...]

    def check(self, count: int) -> None:
        """Raises `ValueError` unless there is a branch, and a row in it, for each of n images."""
        super().check(count)
        for number, stages in enumerate(self.branches):
            places = self.place[self.branch == number]
            if not np.array_equal(places, np.arange(len(places))):
                raise ValueError("`place` must count the images of each branch")
            for stage in stages:
                stage.check(len(places))
        if not ((self.branch >= 0) & (self.branch < len(self.branches))).all():
            raise ValueError("`branch` must be numbers of branches")

    def repeated(self, times: int) -> Self:
        """Returns a plan in which each row comes so many times."""
        result = super().repeated(times)
        place = (self.place[:, None] * times + np.arange(times)).reshape(-1)
        branches = tuple(tuple(stage.repeated(times) for stage in stages) for stages in self.branches)
        return replace(result, place=place, branches=branches)


@dataclass(frozen=True, eq=False)
class BlendPlan(StagePlan):
    """A weighted sum of each image and of what chains of stages make of it.

    Args:
        chains: The stages of each chain; images keep their size.
        weights: `(n, 1 + chains)` float64: the weights of the image itself and of what each chain makes of it.
        limits: `(n, 2)` float64: what the sum is cut to.
    """

    chains: tuple[tuple[StagePlan, ...], ...]
    weights: NDArray[np.float64]
    limits: NDArray[np.float64]

    def check(self, count: int) -> None:
        """Raises `ValueError` unless there is a weight for each chain, and a row in it for each of n images."""
        super().check(count)
        if self.weights.shape != (count, 1 + len(self.chains)) or self.limits.shape != (count, 2):
            raise ValueError("`weights` must be one for the image and one for each chain, `limits` two")
        for stages in self.chains:
            for stage in stages:
                stage.check(count)
            if stages and stages[-1].size != self.size:
                raise ValueError("`chains` must all end in one size")

    def repeated(self, times: int) -> Self:
        """Returns a plan in which each row comes so many times."""
        chains = tuple(tuple(stage.repeated(times) for stage in stages) for stages in self.chains)
        return replace(super().repeated(times), chains=chains)


@dataclass(frozen=True, eq=False)
class Plan:
    """Everything that a pipeline drew for a batch of n images: a value, to be looked at, kept and run again.

    ```python
    text = train.plan(3).to_json()
    again = train.pipeline.run(Plan.from_json(text), images)  # the images of batch 3, as they came out
    ```

    Args:
        shapes: `(n, 3)` int64: the height, width and channels of the images that it was drawn for.
        stages: What happens to them, in this order; one at least.
        turned: `(n,)` bool or None: the volumes whose slices come in reverse order.
    """

    shapes: NDArray[np.int64]
    stages: tuple[StagePlan, ...]
    turned: NDArray[np.bool_] | None = None

    def to_json(self) -> str:
        """Returns the plan as JSON text, exactly, for `from_json`."""
        from seqaug import plan_json

        return plan_json.written(self)

    @classmethod
    def from_json(cls, text: str) -> "Plan":
        """Returns the plan that `to_json` wrote; a ValueError says if the text is none, or of another format."""
        from seqaug import plan_json

        return plan_json.read(text)

    @property
    def out_shape(self) -> tuple[int, int, int, int]:
        """(n, height, width, channels) of the batch that comes out."""
        count, (_, _, channels) = len(self.shapes), self.shapes[0].tolist()
        return count, *self.stages[-1].size, channels
