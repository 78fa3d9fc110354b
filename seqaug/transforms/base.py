"""What a pipeline asks of a transform."""

import copy
import inspect
from abc import ABC, abstractmethod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqaug import _core, checks
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.values import Values

ANY_BORDER = _core.BORDERS
FILL_MODES = ANY_BORDER[:4]  # the user's; the last is for padding alone
INTERPOLATIONS = ("nearest", "bilinear", "bicubic")


_STILL = np.array([1.0, 0.0, -np.inf, np.inf, 0.0, 0.0])[:, None]


class Transform:
    """A change to images that is drawn once per image.

    Number 0 of an image's draws decides whether the change is made (with probability `p`), the next ones its amounts.
    A subclass keeps each argument of its constructor as an attribute of the same name.

    `needs_range` says that the range of values counts, which `value_range` may give; `channels`, how many channels
    there must be, None for any number. `apart` says why it cannot share a stage with others, if it cannot;
    `turns_depth`, that it brings the slices of volumes into reverse order, in those to which it applies;
    `moves_pixels`, that masks have to follow it; `moves_points`, that boxes and keypoints can. `changeable` are the
    arguments that a pipeline may set for all.
    """

    is_random = True
    needs_range = False
    value_range: tuple[float, float] | None = None
    channels: int | None = None
    apart: str | None = None
    turns_depth = False
    moves_pixels = False
    changeable: tuple[str, ...] = ()
    moves_points = True

    def __init__(self, p: float, seed: int | None = None) -> None:
        self.p = checks.number("p", p, 0, 1)
        self.seed = checks.seed("seed", seed)

    def applies(self, draws: Draws) -> NDArray[np.bool_]:
        """Returns `(n,)`: which images are changed."""
        if self.p == 1:
            return np.ones(len(draws.ids), np.bool_)
        return draws.uniforms(0, 1, self.seed)[:, 0] < self.p

    def carry(self, values: Values) -> Values:
        """Returns the values that images may have after this transform, given those before it."""
        return values

    def require_channels(self, channels: int) -> None:
        """Raises `ValueError` if it cannot do with so many."""
        if self.channels not in (None, channels):
            raise ValueError(
                f"{self!r} needs images of {self.channels} channels (red, green, blue). Received: {channels} channels"
            )

    def resized(self, height: Floats, width: Floats) -> tuple[Floats, Floats]:
        """Returns the heights and widths afterwards, of images of `(n,)` heights and widths."""
        return height, width

    def enlarges(self, height: float, width: float) -> tuple[float, float]:
        """Returns the most by which it magnifies images of this height and width, beside what `resized` tells.

        1.25 means that four fifths of what goes in may be spread over all that comes out.
        """
        return 1.0, 1.0

    def changed(self, arguments: dict[str, Any]) -> Self:
        """Returns this transform with other arguments, of those that are its own and changeable."""
        result = copy.copy(self)  # what is done to the user's own, by `adapt` for example, comes too late
        for name in self.changeable:
            if name in arguments:
                setattr(result, name, arguments[name])
        return result

    def evaluation(self) -> "Transform | None":
        """Returns what stays of this transform when a model is evaluated, as Keras's `training=False`."""
        return None if self.is_random or self.p < 1 else self

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments, those that are None left out."""
        names = inspect.signature(type(self)).parameters
        values = {name: getattr(self, name, None) for name in names}
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "Transform":
        """Returns the transform that `get_config` described."""
        return cls(**config)

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and self.get_config() == other.get_config()

    def __hash__(self) -> int:
        return hash(type(self).__name__)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._told())})"

    def _told(self) -> list[str]:
        """Returns the arguments that are not the defaults, as they are written."""
        parameters = inspect.signature(type(self)).parameters
        told = {name: value for name, value in self.get_config().items() if value != parameters[name].default}
        return [f"{name}={_short(value)}" for name, value in told.items()]


class Geometric(Transform, ABC):
    """A transform that moves pixels: per image, a map from output positions to positions before it.

    `fill_modes` are the border rules it can live with, the preferred one first; `interpolation` is None where it does
    not care; `fill_value` is what it puts outside under `"constant"`, None where it never does. `is_move` says that no
    pixel changes its value or is lost, `turns_squarely` that a rectangle stays one, `narrows` that it cuts one out;
    `averages`, that it averages pixels where it shrinks a picture, always (True) or to less than half (`"auto"`).
    """

    fill_modes: tuple[str, ...]
    interpolation: str | None = None
    fill_value: float | None = None
    moves_pixels = True
    is_move = False
    turns_squarely = False
    narrows = False
    averages: bool | str = False

    @abstractmethod
    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices (see `PassPlan`) for images of `(n,)` heights and widths."""

    @property
    def fills(self) -> bool:
        """Whether pixels outside show `fill_value`."""
        return self.fill_value is not None and self.fill_modes in (("constant",), ("frame",))

    def carry(self, values: Values) -> Values:
        """The fill may lie outside the range."""
        return values.filled(self.fill_value) if self.fills and self.fill_value is not None else values


class Warp(Geometric):
    """A geometric transform with the arguments that Keras gives all of them."""

    interpolation: str
    fill_value: float
    changeable = ("fill_mode", "fill_value", "interpolation")

    def __init__(
        self, fill_mode: str, interpolation: str, fill_value: float, seed: int | None = None, p: float = 1.0
    ) -> None:
        super().__init__(p, seed)
        self.fill_mode = checks.one_of("fill_mode", fill_mode, FILL_MODES)
        self.interpolation = checks.one_of("interpolation", interpolation, INTERPOLATIONS)
        self.fill_value = checks.number("fill_value", fill_value)

    @property
    def fill_modes(self) -> tuple[str, ...]:  # type: ignore[override]
        """The one that was asked for."""
        return (self.fill_mode,)

    def amounts(self, draws: Draws, ranges: list[tuple[float, float]], first: int = 1) -> list[Floats]:
        """Returns `(n,)` numbers for each range, 0 where an image is left as it is."""
        numbers = draws.uniforms(first, len(ranges), self.seed)
        amounts = [low + (high - low) * numbers[:, j] for j, (low, high) in enumerate(ranges)]
        if self.p == 1:
            return amounts
        applies = self.applies(draws)
        return [np.where(applies, amount, 0.0) for amount in amounts]


class Color(Transform, ABC):
    """A transform of colour: a step that a native pass takes between sampling a pixel and storing it.

    `clips` says that values are cut to the value range, or otherwise changed so that they no longer are the source's by
    multiplication and addition; `measures`, that the whole picture is looked at first: for the channels' means,
    extremes or histograms. `pieces` are the transforms that it is made of, each with draws of its own, if it is not a
    step itself.
    """

    kind = "linear"
    clips = False
    measures = False
    pieces: tuple["Color", ...] = ()

    @abstractmethod
    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns `(n, STEP_ROWS, channels)`, what `kind` asks for (see `plan.PassPlan`).

        Args:
            draws: The random numbers of n images.
            channels: Their number of channels.
            values: The range of their values at this place, if it counts.
        """


class Erasing(Transform, ABC):
    """A transform that overwrites rectangles, which a native pass does as it stores a picture.

    `fill_value` is what they show: a number, one per channel, or None for noise; it is cut to `value_range` if there is
    one. Number 1 of an image's draws is the key of its noise.
    """

    def __init__(
        self,
        fill_value: float | tuple[float, ...] | None,
        value_range: tuple[float, float] | None,
        seed: int | None,
        p: float,
    ) -> None:
        super().__init__(p, seed)
        self.fill_value = checks.fill("fill_value", fill_value)
        self.value_range = None if value_range is None else checks.ordered(value_range)

    @abstractmethod
    def holes(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, k, 4)` whole numbers, the rectangles' tops, lefts, heights and widths; 0 0 0 0 is none."""

    @property
    def needs_range(self) -> bool:  # type: ignore[override]
        """Whether the range says how strong the noise is."""
        return self.fill_value is None

    def filling(self, count: int, channels: int, values: tuple[float, float] | None) -> Floats:
        """Returns `hole_fill` of a `PassPlan`, `(count, 4, channels)`, given the range of values where it counts."""
        rows = np.empty((count, 4, channels))
        low, high = self.value_range or values or (-np.inf, np.inf)
        if self.fill_value is None:
            rows[:, 0], rows[:, 1] = 0.0, high
        else:
            given = np.atleast_1d(self.fill_value)
            if len(given) not in (1, channels):
                raise ValueError(
                    f"{self!r} must have one `fill_value`, or one for each of the images' {channels} channels."
                )
            rows[:, 0], rows[:, 1] = given, 0.0
        rows[:, 2], rows[:, 3] = low, high
        return rows

    def carry(self, values: Values) -> Values:
        """The fill may lie outside the range."""
        if self.fill_value is None:
            shown = list(self.value_range or values.range or ())
        else:
            shown = np.clip(self.fill_value, *(self.value_range or (-np.inf, np.inf))).reshape(-1).tolist()
        for value in shown:
            values = values.filled(value)
        return values


def still(count: int, channels: int) -> Floats:
    """Returns the rows of a step that changes nothing, of any kind: `(count, STEP_ROWS, channels)`."""
    rows = np.empty((count, _core.STEP_ROWS, channels))
    rows[:] = _STILL
    return rows


def _short(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return f"({', '.join(map(_short, value))}{',' if len(value) == 1 else ''})"
    return repr(value)
