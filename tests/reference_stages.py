"""The reference of tests/reference.py, in stages: which transforms share a pass, and what a pass does to an image."""

import numpy as np
from reference import (
    CLIPPING,
    COLOURS,
    CROPS,
    ERASING,
    HAIR,
    RULES,
    SYMMETRIES,
    RefusedError,
    holes,
    move,
    pull,
    recoloured,
    resized,
    showing,
)
from reference_pass import sampled as sampled_exactly
from reference_pass import shrunk

from seqaug import RandomContrast, RandomFlip, RandomResizedCrop, RandomRotation, RandomSaturation, Resizing

MOVES = (RandomFlip, *SYMMETRIES)  # of whole pixels, none lost


def rules_of(transform):
    """The border rules that a geometric transform can live with, the preferred one first."""
    if isinstance(transform, (*MOVES, *CROPS)):
        return RULES
    if isinstance(transform, (Resizing, RandomResizedCrop)):
        return ("frame",) if getattr(transform, "pad_to_aspect_ratio", False) else ("nearest", "reflect")
    return (transform.fill_mode,)


def interpolation_of(transform):
    return getattr(transform, "interpolation", None)


def fill_of(transform):
    """What a geometric transform puts outside, None if nothing."""
    return transform.fill_value if rules_of(transform) in (("constant",), ("frame",)) else None


def is_geometric(transform):
    return not isinstance(transform, (*COLOURS, *ERASING))


def common_rules(group):
    sets = [rules_of(t) for _, t in group if is_geometric(t)]
    return [rule for rule in RULES if all(rule in rules for rules in sets)]


def begins_anew(group, transform):
    """Whether a transform has to start a stage of its own, after the transforms of `group`."""
    earlier = [t for _, t in group]
    moves = [t for t in earlier if is_geometric(t)]
    if any(isinstance(t, ERASING) for t in earlier) and not (
        isinstance(transform, COLOURS) and not isinstance(transform, RandomContrast)
    ):
        return True
    if isinstance(transform, ERASING):
        return False
    if isinstance(transform, COLOURS):
        return sum(isinstance(t, COLOURS) for t in earlier) == 12
    ways = {interpolation_of(t) for t in [*moves, transform]} - {None}
    if not common_rules([*group, (0, transform)]) or len(ways) > 1:
        return True
    clipped = any(isinstance(t, (*CLIPPING, RandomSaturation)) for t in earlier)
    if clipped and not isinstance(transform, MOVES) and ways != {"nearest"}:
        return True
    if any(isinstance(t, RandomContrast) for t in earlier) and not isinstance(transform, MOVES):
        return True
    if averages(transform) and not all(isinstance(t, (*MOVES, *CROPS)) or cuts(t) for t in moves):
        return True
    if averages(transform) and any(averages(t) for t in moves):
        return True
    filling = [i for i, t in enumerate(earlier) if is_geometric(t) and fill_of(t) is not None]
    if not filling or fill_of(transform) is None:
        return False
    since = earlier[filling[-1] + 1 :]
    return fill_of(earlier[filling[-1]]) != fill_of(transform) or any(isinstance(t, COLOURS) for t in since)


def averages(transform):
    return interpolation_of(transform) != "nearest" and getattr(transform, "antialias", False)


def cuts(transform):
    return isinstance(transform, RandomResizedCrop) or getattr(transform, "crop_to_aspect_ratio", False)


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
    return isinstance(transform, (*MOVES, *CROPS))


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
        if not is_geometric(transform):
            continue
        own = pull(transform, slot, key, *size)
        matrix = np.dot(matrix, own)
        before, size = size, resized(transform, size)
        square_before, square = square, square and turns_squarely(transform)
        if cuts(transform) or isinstance(transform, CROPS):
            enlarges = before[0] < size[0] or before[1] < size[1]
            rules = common_rules(group)
            if enlarges and not {"nearest", "reflect"} & set(rules) and (square or rules != ["frame"]):
                raise RefusedError("would enlarge")
            window = window_of(matrix, size, height, width) if square_before else None
            if window is not None:
                top, left, height, width = window
                source = source[top : top + height, left : left + width]
                matrix = np.dot(move(-top, -left), matrix)
        antialias = averages(transform)
        shrinking = np.maximum(np.abs(matrix[:2, :2]).max(axis=1), 1.0)
        if antialias and (shrinking > (1 if antialias is True else 2) + 1e-9).any():
            exact = np.array(source.shape[:2]) / shrinking
            small = np.where(np.abs(exact - np.round(exact)) < 1e-6, np.round(exact), np.ceil(exact)).astype(int)
            matrix = np.dot(showing(0, 0, *small, source.shape[:2]), matrix)
            source = shrunk(source, small)
    ways = {interpolation_of(t) for _, t in group if is_geometric(t)} - {None}
    order = {"nearest": 0, "bicubic": 3}.get(next(iter(ways), ""), 1)
    value, outside, doubtful = sampled(source, matrix, order, common_rules(group)[0], size)
    if doubtful.any() and any(isinstance(t, RandomContrast) for _, t in group):
        doubtful[:] = True  # each pixel has its share in the mean
    return coloured(group, value, outside, key, bounds), doubtful


def coloured(group, value, outside, key, bounds):
    fill, hole, erased = np.zeros(value.shape[2]), np.zeros(value.shape[2]), np.zeros(value.shape[:2], bool)
    for slot, transform in group:
        if isinstance(transform, COLOURS):
            means = np.where(outside[..., None], fill, value).mean((0, 1))
            value, fill, hole = (
                recoloured(transform, slot, key, v, means, bounds.get(slot)) for v in (value, fill, hole)
            )
        elif isinstance(transform, ERASING):
            low, high = transform.value_range or (-np.inf, np.inf)
            erased, hole = (
                holes(transform, slot, key, *value.shape[:2]),
                hole * 0 + np.clip(transform.fill_value, low, high),
            )
        elif fill_of(transform) is not None:
            fill = np.full(value.shape[2], fill_of(transform))
    return np.where(erased[..., None], hole, np.where(outside[..., None], fill, value))


def sampled(source, matrix, order, rule, size):
    """The composite map in double: values, which pixels lie outside, and which a hair from a jump."""
    rows, columns = np.indices(size)
    outside, doubtful = np.zeros(size, bool), np.zeros(size, bool)
    exact = (matrix == np.round(matrix)).all()
    w = matrix[2, 0] * rows + matrix[2, 1] * columns + matrix[2, 2]
    exact = exact and (w == 1).all()
    for axis, n in ((0, source.shape[0]), (1, source.shape[1])):
        at = matrix[axis, 0] * rows + matrix[axis, 1] * columns + matrix[axis, 2]
        with np.errstate(all="ignore"):
            at = at / w
        doubtful |= ~(np.abs(at) < 1e4)  # near the horizon of a perspective, where rounding moves it by pixels
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
    if exact and order == 3:
        order = 0
    return (
        sampled_exactly(source, matrix.reshape(-1) if (w != 1).any() else matrix[:2].reshape(-1), order, rule, size)[0],
        outside,
        doubtful,
    )
