"""Keypoints, moved by the plan of their pictures; see `Pipeline.run_keypoints`."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
from seqaug.maps import Floats
from seqaug.plan import Plan
from seqaug.points import Points, through

Pairs = tuple[tuple[int, int], ...]


def moved(plan: Plan, keypoints: Floats, pairs: Pairs = ()) -> NDArray[np.float32]:
    """Returns where keypoints are in the pictures that come out.

    Args:
        plan: Of their n pictures.
        keypoints: `(n, k, 2)` of x and y, or `(n, k, 3)` with visibility.
        pairs: Which keypoints change places where a picture is mirrored.
    """
    count, each, _ = keypoints.shape
    flat = keypoints.reshape(count * each, -1)
    start = Points.of(plan, flat[:, None, 1::-1], np.repeat(np.arange(count), each))
    ends = through(plan.stages, start, _cut)
    ends = _cut(ends, np.tile(np.array([0.0, 0.0, *plan.stages[-1].size]), (len(flat), 1)))
    result = ends.places[:, 0, ::-1]
    if flat.shape[1] == 3:
        visibility = flat[:, 2:]
        labelled, there = visibility > 0.0, np.isfinite(result).all(axis=1, keepdims=True)
        result = np.where(labelled, np.where(there, result, 0.0), flat[:, :2])
        seen = np.where(labelled & ~ends.seen[:, None], 0.0, visibility)
        result = np.concatenate([result, seen], axis=1)
    moved = result.reshape(keypoints.shape).astype(np.float32)
    return moved if not pairs else _swapped(moved, _mirrored(plan), pairs)


def _cut(points: Points, shown: Floats) -> Points:
    """Takes what is outside of `(m, 4)` rectangles out of sight, and lets it move on."""
    low = shown[:, None, :2] - 0.5
    inside = (points.places >= low) & (points.places < low + shown[:, None, 2:])
    return replace(points, seen=points.seen & inside.all(axis=(1, 2)))


def _mirrored(plan: Plan) -> NDArray[np.bool_]:
    """Returns which pictures are mirrored: in which the way round three points has turned about."""
    count = len(plan.shapes)
    middle = (plan.shapes[:, None, :2] - 1.0) / 2.0
    three = middle + np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    ends = through(plan.stages, Points.of(plan, three, np.arange(count)), lambda points, _: points).places
    down, across = ends[:, 1] - ends[:, 0], ends[:, 2] - ends[:, 0]
    mirrored: NDArray[np.bool_] = down[:, 0] * across[:, 1] - down[:, 1] * across[:, 0] < 0.0
    return mirrored


def _swapped(keypoints: NDArray[Any], which: NDArray[np.bool_], pairs: Pairs) -> NDArray[Any]:
    order = np.arange(keypoints.shape[1])
    for first, second in pairs:
        order[[first, second]] = second, first
    return np.where(which[:, None, None], keypoints[:, order], keypoints)


def checked_pairs(name: str, value: Any) -> Pairs:
    """Returns pairs of keypoints' numbers, none of them twice."""
    given = [] if value is None else value
    if not isinstance(given, Sequence) or not all(isinstance(pair, Sequence) and len(pair) == 2 for pair in given):
        raise ValueError(f"`{name}` must be a list of pairs of keypoints' numbers. Received: {name}={value!r}")
    pairs = tuple((checks.integer(name, first, 0), checks.integer(name, second, 0)) for first, second in given)
    numbers = [number for pair in pairs for number in pair]
    if len(set(numbers)) != len(numbers):
        raise ValueError(f"`{name}` must name each keypoint once. Received: {name}={value!r}")
    return pairs
