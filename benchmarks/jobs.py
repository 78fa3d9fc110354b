"""What a group of measurements is made of."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Call, Times
from benchmarks.peers import Peers


@dataclass(frozen=True)
class Case:
    """Images of one kind: (height, width, channels) and `"uint8"` or `"float32"`."""

    shape: tuple[int, int, int]
    dtype: str

    @property
    def size(self) -> str:
        """The shape in print."""
        return "×".join(map(str, self.shape))


@dataclass(frozen=True)
class Comparison:
    """Two contestants of a job.

    Args:
        ours: The key of seqaug's contestant.
        peer: The key of the other one, or the name of the `budget`.
        agreement: How the results compare, as checked before the timing.
        target: The ratio peer / ours that is aimed at, if any.
        budget: Seconds that seqaug's contestant may take, in place of another one's time.
        by_cpu: Whether CPU time is what the target is for.
    """

    ours: str
    peer: str
    agreement: str
    target: float | None = None
    budget: float | None = None
    by_cpu: bool = False


@dataclass(frozen=True)
class Job:
    """One piece of work and all who do it, with results already checked.

    Args:
        name: Of the work.
        case: The images.
        contestants: What to time, by name.
        comparisons: Whose times to compare.
        timing: Takes the number of rounds and does the timing by itself; there are no `contestants` then.
    """

    name: str
    case: Case
    contestants: Mapping[str, Call]
    comparisons: list[Comparison]
    timing: Callable[[int], Mapping[str, Times]] | None = None


Group = Callable[[Peers, bool], Iterator[Job]]

_EXTENTS = ((32, 32), (224, 224), (512, 512), (224, 320))


def cases(quick: bool) -> list[Case]:
    """Sizes with three channels, then other channels at 224×224; each in both dtypes."""
    extents, channels = (_EXTENTS[:2], ()) if quick else (_EXTENTS, (1, 4))
    shapes = [(*extent, 3) for extent in extents] + [(224, 224, count) for count in channels]
    return [Case(shape, dtype) for shape in shapes for dtype in ("uint8", "float32")]


def require_equal(name: str, result: NDArray[np.generic], expected: NDArray[np.generic]) -> str:
    """Checks that two results are the same, bit for bit, before anyone is timed, and returns the words for it."""
    same = result.dtype == expected.dtype and result.shape == expected.shape
    if not same or np.ascontiguousarray(result).tobytes() != np.ascontiguousarray(expected).tobytes():
        raise SystemExit(f"{name}: the results differ, so their times are not comparable.")
    return "equal"


def require_near(
    name: str, result: NDArray[np.generic], expected: NDArray[np.generic], most: float, share: float = 1.0
) -> str:
    """Checks that two results mean the same before anyone is timed, and returns the words for it.

    Args:
        name: Whose result it is, for the message.
        result: Any array.
        expected: Another one of its shape and dtype.
        most: How far values may be apart.
        share: How many of the values, 0 … 1, must be that near.
    """
    if result.dtype != expected.dtype or result.shape != expected.shape:
        raise SystemExit(f"{name}: the results are not of one kind: {result.dtype} {result.shape}.")
    apart = np.abs(result.astype(np.float64) - expected.astype(np.float64))
    near = float(np.mean(apart <= most))
    if near < share:
        raise SystemExit(
            f"{name}: only {near:.2%} of the results are within {most:g} of each other, the largest distance is "
            f"{apart.max():.3g}; their times are not comparable."
        )
    return f"≤ {apart.max():.2g} off" if near == 1 else f"{np.floor(near * 1000) / 10:g}% ≤ {most:g} off"


def difference(result: NDArray[np.generic], expected: NDArray[np.generic]) -> float:
    """Returns the largest distance between two results."""
    return float(np.abs(result.astype(np.float64) - expected.astype(np.float64)).max())
