"""The reference of tests/reference.py, in stages: which transforms share a pass, and what a pass does to an image."""

import numpy as np
from common import scipy_affine
from reference import (
    CLIPPING,
    COLOURS,
    CROPS,
    HAIR,
    RULES,
    RefusedError,
    move,
    pull,
    recoloured,
)

from seqaug import RandomContrast, RandomFlip, RandomRotation, Resizing


def rules_of(transform):
    """The border rules that a geometric transform can live with, the preferred one first."""
    if isinstance(transform, (RandomFlip, *CROPS)):
        return RULES
    if isinstance(transform, Resizing):
        return ("frame",) if transform.pad_to_aspect_ratio else ("nearest", "reflect")
    return (transform.fill_mode,)


def interpolation_of(transform):
    return getattr(transform, "interpolation", None)


def fill_of(transform):
    """What a geometric transform puts outside, None if nothing."""
    return transform.fill_value if rules_of(transform) in (("constant",), ("frame",)) else None


def common_rules(group):
    sets = [rules_of(t) for _, t in group if not isinstance(t, COLOURS)]
    return [rule for rule in RULES if all(rule in rules for rules in sets)]


def begins_anew(group, transform):
    """Whether a transform has to start a stage of its own, after the transforms of `group`."""
    earlier = [t for _, t in group]
    moves = [t for t in earlier if not isinstance(t, COLOURS)]
    if isinstance(transform, RandomContrast):  # needs the means of the picture, which only flips and lines leave be
        return not all(isinstance(t, (RandomFlip, *COLOURS)) and not isinstance(t, CLIPPING) for t in earlier)
    if isinstance(transform, COLOURS):
        return False
    ways = {interpolation_of(t) for t in [*moves, transform]} - {None}
    if not common_rules([*group, (0, transform)]) or len(ways) > 1:
        return True
    clipped = any(isinstance(t, CLIPPING) for t in earlier)
    if clipped and not isinstance(transform, RandomFlip) and ways != {"nearest"}:
        return True
    filling = [i for i, t in enumerate(earlier) if not isinstance(t, COLOURS) and fill_of(t) is not None]
    if not filling or fill_of(transform) is None:
        return False
    since = earlier[filling[-1] + 1 :]
    return fill_of(earlier[filling[-1]]) != fill_of(transform) or any(isinstance(t, COLOURS) for t in since)


def groups(placed):
    """The (slot, transform) pairs of a list, in stages."""
    result = [[]]
    for slot, transform in placed:
        if begins_anew(result[-1], transform):
            result.append([])
        result[-1].append((slot, transform))
    return result


def turns_squarely(transform):
    if isinstance(transform, RandomRotation):
        low, high = transform.factor
        return low == high and low * 4 == round(low * 4)
    return isinstance(transform, (RandomFlip, *CROPS))


def window_of(matrix, size, height, width):
    """The part of a picture that a crop shows, as (top, left, height, width), or None if it is no part of it."""
    if max(abs(matrix[0, 1]), abs(matrix[1, 0])) > HAIR and max(abs(matrix[0, 0]), abs(matrix[1, 1])) > HAIR:
        return None
    edges = np.dot(matrix, [[-0.5, size[0] - 0.5], [-0.5, size[1] - 0.5], [1, 1]])[:2] + 0.5
    if np.abs(edges - np.round(edges)).max() > 10 * HAIR:
        return None
    top, left = np.round(edges.min(axis=1)).astype(int)
    bottom, right = np.round(edges.max(axis=1)).astype(int)
    if top < 0 or left < 0 or bottom > height or right > width:
        return None
    return top, left, bottom - top, right - left


def run_stage(group, image, key, bounds):
    """One image (h, w, c) through one stage: the result in double, and which pixels may fall on either side of a jump.

    Colours are applied in order to the sampled pixels; beside it goes the whole source, for the means.
    """
    source = image.astype(np.float64)
    height, width = size = image.shape[:2]
    matrix, square = np.eye(3), True
    for slot, transform in group:
        if isinstance(transform, COLOURS):
            continue
        own = pull(transform, slot, key, *size)
        matrix = np.dot(matrix, own)
        before, size = size, (getattr(transform, "height", size[0]), getattr(transform, "width", size[1]))
        square_before, square = square, square and turns_squarely(transform)
        if getattr(transform, "crop_to_aspect_ratio", False) or isinstance(transform, CROPS):
            enlarges = before[0] < size[0] or before[1] < size[1]
            rules = common_rules(group)
            if enlarges and not {"nearest", "reflect"} & set(rules) and (square or rules != ["frame"]):
                raise RefusedError("would enlarge")
            window = window_of(matrix, size, height, width) if square_before else None
            if window is not None:
                top, left, height, width = window
                source = source[top : top + height, left : left + width]
                matrix = np.dot(move(-top, -left), matrix)
    ways = {interpolation_of(t) for _, t in group if not isinstance(t, COLOURS)} - {None}
    value, outside, doubtful = sampled(source, matrix, 0 if ways == {"nearest"} else 1, common_rules(group)[0], size)
    return coloured(group, image, value, outside, key, bounds), doubtful


def coloured(group, image, value, outside, key, bounds):
    picture, fill = image.astype(np.float64), np.zeros(image.shape[2])
    for slot, transform in group:
        if isinstance(transform, COLOURS):
            means = picture.mean((0, 1))
            value, picture, fill = (
                recoloured(transform, slot, key, v, means, bounds.get(slot)) for v in (value, picture, fill)
            )
        elif fill_of(transform) is not None:
            fill = np.full(image.shape[2], fill_of(transform))
    return np.where(outside[..., None], fill, value)


def sampled(source, matrix, order, rule, size):
    """The composite map in double: values, which pixels lie outside, and which a hair from a jump."""
    rows, columns = np.indices(size)
    outside, doubtful = np.zeros(size, bool), np.zeros(size, bool)
    exact = (matrix == np.round(matrix)).all()
    for axis, n in ((0, source.shape[0]), (1, source.shape[1])):
        at = matrix[axis, 0] * rows + matrix[axis, 1] * columns + matrix[axis, 2]
        margin = {"constant": 0.0, "frame": 0.5}.get(rule)
        gaps = []
        if margin is not None:
            outside |= (at < -margin) | (at > n - 1 + margin)
            gaps = [at + margin, at - (n - 1 + margin)]
        if rule == "wrap" and n > 1:
            gaps = [at - np.round(at / (n - 1)) * (n - 1)]
        if order == 0:
            gaps.append(at - np.floor(at) - 0.5)
        for gap in gaps if not exact else ():
            doubtful |= np.abs(gap) < HAIR
    if rule == "frame":
        source = np.pad(source, ((1, 1), (1, 1), (0, 0)), "edge")
        matrix, rule = np.dot(move(1, 1), matrix), "nearest"
    return scipy_affine(source, matrix[:2], order, rule, 0.0, size), outside, doubtful
