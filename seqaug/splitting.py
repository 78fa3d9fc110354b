"""Who is on which side of a split."""

from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks, randomness


def validation_part(
    seed: int, positions: NDArray[Any], fraction: float, classes: NDArray[Any] | None
) -> NDArray[np.bool_]:
    """Returns which samples go to the validation side of a split.

    Args:
        seed: Of the Sequence; a sample's place in the draw is keyed by it and by its position.
        positions: `(n,)` positions of the samples in the full data set.
        fraction: The share of validation, between 0 and 1.
        classes: `(n,)` class of each sample, whose shares are to be the same on both sides; or None.

    Raises:
        ValueError: The sides cannot both have a sample, or training cannot keep one of each class.
    """
    share, count = checks.number("fraction", fraction, 0, 1), len(positions)
    if share in (0, 1):
        raise ValueError(f"`fraction` must lie between 0 and 1. Received: fraction={fraction!r}")
    if count < 2:
        raise ValueError(f"A split takes at least 2 samples. Received: {count}")
    wanted = min(max(round(count * share), 1), count - 1)
    place = np.empty(count, np.intp)
    place[np.searchsorted(positions, randomness.permutation(seed, 0, positions, randomness.SPLIT))] = np.arange(count)
    if classes is None:
        return place < wanted
    members = [np.flatnonzero(classes == kind) for kind in np.unique(classes)]
    chosen = np.zeros(count, np.bool_)
    for rows, quota in zip(members, _quotas([len(rows) for rows in members], wanted), strict=True):
        chosen[rows[np.argsort(place[rows])[:quota]]] = True
    return chosen


def _quotas(sizes: list[int], wanted: int) -> list[int]:
    """How many of each class are taken, by largest remainder; at least one of each stays in training."""
    most = [size - 1 for size in sizes]
    if sum(most) < wanted:
        raise ValueError(
            f"`stratify`: one sample of each class stays in training, which leaves {sum(most)} for a validation side "
            f"of {wanted}. Received: classes of {sorted(sizes)[:5]} … samples"
        )
    exact = [Fraction(wanted * size, sum(sizes)) for size in sizes]
    quotas = [min(int(quota), limit) for quota, limit in zip(exact, most, strict=True)]
    while sum(quotas) < wanted:
        open_kinds = [kind for kind, limit in enumerate(most) if quotas[kind] < limit]
        quotas[max(open_kinds, key=lambda kind: (exact[kind] - quotas[kind], -kind))] += 1
    return quotas


def classes_of(labels: Any, count: int, name: str) -> NDArray[Any]:
    """Returns the classes by which to stratify, one per sample.

    Args:
        labels: `(n,)` or `(n, 1)` classes, or `(n, k)` one-hot rows.
        count: The number of samples.
        name: What messages call the labels.

    Raises:
        ValueError: The labels are no classes, or not one per sample.
    """
    try:
        array = np.asarray(labels)
    except ValueError as error:  # a ragged list
        raise ValueError(f"`{name}` must have one class for each of the {count} samples: {error}") from None
    if array.dtype.kind == "O" and all(isinstance(label, str) for label in array.flat):  # a column of a data frame
        array = array.astype(np.str_)
    if array.dtype.kind not in "biufUS":
        raise ValueError(f"`{name}` must be classes: numbers or texts. Received: {name} of dtype {array.dtype}")
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim not in (1, 2) or len(array) != count:
        raise ValueError(
            f"`{name}` must have one class for each of the {count} samples. Received: {name} of shape {array.shape}"
        )
    if array.ndim == 2:
        if array.dtype.kind in "US" or ((array != 0) & (array != 1)).any() or (array.sum(axis=1) != 1).any():
            raise ValueError(f"`{name}` must be classes or one-hot rows. Received: {name} of shape {array.shape}")
        array = array.argmax(axis=1)
    if array.dtype.kind == "f" and (array != np.floor(array)).any():
        raise ValueError(f"`{name}` must be classes, which are whole numbers. Received: {name} of {array.dtype}")
    return array
