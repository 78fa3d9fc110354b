"""The pictures of a folder with a label for each, and where a split cuts a list."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
from seqaug.sources.classes import OneHot
from seqaug.sources.listing import FORMATS, Listing, keras_order, list_folder, warn_of_left_out
from seqaug.sources.paths import Paths
from seqaug.sources.saved_listing import kept

LABEL_MODES = ("int", "categorical", "binary")


@dataclass(frozen=True)
class Labelled:
    """Pictures, the column of their labels or None, the names of the classes or None; `keep` keeps what was found."""

    paths: Paths
    labels: NDArray[Any] | OneHot | None
    class_names: list[str] | None
    keep: Callable[[], None]


def find_labelled(
    directory: Any,
    labels: Any,
    label_mode: Any,
    class_names: Any,
    follow_links: Any,
    formats: Any,
    seed: int | None,
    cache: Any,
    tell: Callable[[str], None],
) -> Labelled:
    """Returns the pictures of a folder in Keras's order, with Keras's labels.

    Args:
        directory: See `AugmentedSequence.from_directory`, as for all but the last three.
        labels: See there.
        label_mode: See there.
        class_names: See there.
        follow_links: See there.
        formats: See there.
        seed: Of the order; None for the sorted one.
        cache: Where decoded pictures are kept.
        tell: Called with the line that says how many files there are.

    Raises:
        ValueError: An argument is out of range or does not fit what is in the folder.
        TypeError: An argument is of a wrong type.
        OSError: The folder cannot be read.
    """
    inferred = _checked_labels(labels, class_names)
    if label_mode is not None:
        checks.one_of("label_mode", label_mode, LABEL_MODES)
    if labels is None or label_mode is None:
        labels, label_mode, inferred = None, None, False
    if class_names is not None and not inferred:
        raise ValueError(f'`class_names` needs `labels="inferred"`. Received: class_names={class_names!r}')
    if isinstance(cache, str | os.PathLike) and os.fspath(cache) != "memory":
        require_beside(cache, directory)
    listing, keep = _listing(
        directory, inferred, class_names, checks.flag("follow_links", follow_links), formats, cache
    )
    count, names = len(listing.paths), listing.class_names
    if inferred:
        numbers = listing.classes
    elif labels is not None:
        numbers = _given(labels, count)
        names = [str(label) for label in np.unique(numbers).tolist()]
    tell(f"Found {count} files." if names is None else f"Found {count} files belonging to {len(names)} classes.")
    order = None if seed is None else keras_order(count, seed)
    paths = listing.paths if order is None else listing.paths.taken(order)
    if names is None:
        return Labelled(paths, None, None, keep)
    return Labelled(paths, _column(numbers if order is None else numbers[order], label_mode, names), names, keep)


def require_beside(cache: str | os.PathLike[str], directory: str | os.PathLike[str]) -> None:
    """Raises an error if a cache lies within the folder of the pictures, where it would be taken for a class."""
    inner, outer = (Path(os.path.expanduser(path)).resolve() for path in (cache, directory))  # noqa: PTH111
    if inner != outer and inner.is_relative_to(outer):
        raise ValueError(
            "`cache` must not lie within the folder of the pictures, where it would be taken for a class the next "
            f"time; put it beside that. Received: cache={os.fspath(cache)!r}, directory={os.fspath(directory)!r}"
        )


def validation_count(count: int, validation_split: Any, subset: Any) -> int | None:
    """Returns how many of the samples are for validation; None if they are not split.

    Args:
        count: The number of samples.
        validation_split: The share, above 0 and below 1; None or 0 for no split.
        subset: Which side is wanted: `"training"`, `"validation"` or `"both"`; None if and only if there is no split.

    Raises:
        ValueError: They do not fit, or a side has no sample.
    """
    if subset is not None:
        checks.one_of("subset", subset, ("training", "validation", "both"))
    if (validation_split or None) is None:
        if subset is not None:
            raise ValueError(f"`subset` needs `validation_split`. Received: subset={subset!r}")
        return None
    share = checks.number("validation_split", validation_split, 0, 1)
    if isinstance(validation_split, bool) or share == 1:
        raise ValueError(f"`validation_split` must lie between 0 and 1. Received: {validation_split!r}")
    if subset is None:
        raise ValueError(
            '`validation_split` needs `subset`, "training", "validation" or "both". '
            f"Received: validation_split={validation_split!r}"
        )
    chosen = int(share * count)
    if count and not chosen:
        raise ValueError(
            f"`validation_split` leaves no sample for validation: {count} of them. "
            f"Received: validation_split={validation_split!r}"
        )
    return chosen


def _checked_labels(labels: Any, class_names: Any) -> bool:
    """Whether labels are inferred from folders."""
    if labels is None or (isinstance(labels, str) and labels == "inferred"):
        return labels is not None
    if not isinstance(labels, list | tuple):
        raise ValueError(
            '`labels` must be "inferred", a list of whole numbers, one for each file in the order of their paths, or '
            f"None. Received: labels={labels!r}"
        )
    if class_names:
        raise ValueError(f'`class_names` needs `labels="inferred"`. Received: class_names={class_names!r}')
    return False


def _listing(
    directory: Any, inferred: bool, class_names: Any, follow_links: bool, formats: Any, cache: Any
) -> tuple[Listing, Callable[[], None]]:
    directory, wanted = os.fspath(directory), checked_formats(formats)
    if "://" in directory:
        raise ValueError(f"`directory` must be a folder of this system. Received: directory={directory!r}")
    names = None if class_names is None else list(class_names)

    def look() -> Listing:
        return list_folder(directory, inferred, names, follow_links, wanted)

    if isinstance(cache, str | os.PathLike) and os.fspath(cache) != "memory":
        listing, keep = kept(os.fspath(cache), directory, [inferred, names, follow_links, wanted], look)
    else:
        listing, keep = look(), _nothing
    if formats is None:
        warn_of_left_out(listing.left_out, wanted)
    return listing, keep


def _nothing() -> None:
    """Keeps nothing, where there is no cache in a folder."""


def checked_formats(formats: Any) -> tuple[str, ...]:
    """Returns extensions in lower case, Keras's for None."""
    if formats is None:
        return FORMATS
    given: Sequence[Any] = [formats] if isinstance(formats, str) else list(formats)
    if not given or not all(isinstance(one, str) and one.startswith(".") and len(one) > 1 for one in given):
        raise ValueError(f'`formats` must be extensions, such as ".jpg" and ".webp". Received: formats={formats!r}')
    return tuple(one.lower() for one in given)


def _given(labels: Sequence[Any], count: int) -> NDArray[np.int32]:
    """The labels that the user gave, one for each file."""
    if len(labels) != count:
        raise ValueError(f"`labels` must be one number for each of the {count} files. Received: {len(labels)}")
    array = np.asarray(labels) if count else np.empty(0, np.int32)
    if array.ndim != 1 or array.dtype.kind not in "iu":
        raise TypeError(f"`labels` must be whole numbers. Received: labels of dtype {array.dtype}")
    if count and not (array.min() >= -(2**31) and array.max() < 2**31):
        raise ValueError(f"`labels` must fit int32. Received: {array.min()} … {array.max()}")
    return array.astype(np.int32)


def _column(numbers: NDArray[np.int32], label_mode: str, names: list[str]) -> NDArray[Any] | OneHot:
    """Labels as batches are to have them."""
    if label_mode == "int":
        return numbers
    if label_mode == "binary" and len(names) != 2:
        raise ValueError(f'`label_mode="binary"` takes two classes. Received: {names}')
    if len(numbers) and not 0 <= numbers.min() <= numbers.max() < len(names):
        raise ValueError(
            f"`labels` must be numbers from 0 to {len(names) - 1} for {label_mode!r}, of which there are {len(names)}. "
            f"Received: {names}"
        )
    return OneHot(numbers, len(names)) if label_mode == "categorical" else numbers.astype(np.float32)[:, None]
