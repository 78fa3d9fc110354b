"""What a group of measurements is made of."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import Call
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
        peer: The key of the other one.
        agreement: How the results compare, as checked before the timing.
        target: The ratio peer / ours that is aimed at, if any.
    """

    ours: str
    peer: str
    agreement: str
    target: float | None = None


@dataclass(frozen=True)
class Job:
    """One piece of work and all who do it, with results already checked."""

    name: str
    case: Case
    contestants: Mapping[str, Call]
    comparisons: list[Comparison]


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


def difference(result: NDArray[np.generic], expected: NDArray[np.generic]) -> float:
    """Returns the largest distance between two results."""
    return float(np.abs(result.astype(np.float64) - expected.astype(np.float64)).max())
