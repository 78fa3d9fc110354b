"""Interleaved timing: every contestant once per round, so that a noisy moment hits them alike."""

import gc
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import repeat
from statistics import median, quantiles
from time import perf_counter, process_time

Call = Callable[[], object]


@dataclass(frozen=True)
class Times:
    """Seconds per call, one entry per round. CPU time is that of all threads of the process."""

    wall: list[float]
    cpu: list[float]


@dataclass(frozen=True)
class Spread:
    """The median of per-round values, and their quartiles."""

    median: float
    low: float
    high: float


def interleave(contestants: Mapping[str, Call], rounds: int, seconds: float) -> dict[str, Times]:
    """Times the contestants against each other.

    Args:
        contestants: What to call, by name.
        rounds: How often each is timed, at least 2.
        seconds: Each timing calls often enough to last about this long.

    Returns:
        The times of each contestant; entries of one position come from the same round.
    """
    names = list(contestants)
    counts = {name: _warm_up(contestants[name], seconds) for name in names}
    times = {name: Times([], []) for name in names}
    for turn in range(rounds):
        # Another one begins each round: whoever follows a large contestant finds its own data gone from the cache.
        start = turn % len(names)
        for name in names[start:] + names[:start]:
            wall, cpu = _time(contestants[name], counts[name])
            times[name].wall.append(wall)
            times[name].cpu.append(cpu)
    return times


def spread(values: list[float]) -> Spread:
    """Returns the median and the quartiles."""
    low, _, high = quantiles(values, n=4, method="inclusive")
    return Spread(median(values), low, high)


def ratios(over: list[float], under: list[float]) -> Spread:
    """Returns the spread of the ratios within rounds."""
    return spread([a / b for a, b in zip(over, under, strict=True)])


def _warm_up(call: Call, seconds: float) -> int:
    """Calls for at least `seconds`, as first calls may load or compile, and returns how many calls last that long."""
    call()
    count = 1
    while True:
        wall, _ = _time(call, count)
        if wall * count >= seconds:
            return max(1, math.ceil(seconds / wall))
        count *= 2


def _time(call: Call, count: int) -> tuple[float, float]:
    """Returns wall and CPU seconds per call. The garbage collector waits, as in `timeit`."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        cpu, wall = process_time(), perf_counter()
        for _ in repeat(None, count):
            call()
        wall, cpu = perf_counter() - wall, process_time() - cpu
    finally:
        if collecting:
            gc.enable()
    return wall / count, cpu / count
