"""What a batch is made of: x, y and sample_weight, each an array, a dict of arrays or a tuple of arrays.

Bounding boxes may be a dict among these, of `boxes` and what belongs to each box; that counts as one array.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from seqaug.sources.stores import check_open

# A part ("x", "y" or "sample_weight") and the entry in it: a dict's key, a tuple's index, or None where it is an array.
Path = tuple[str, Any]
PARTS = ("x", "y", "sample_weight")


def name_of(path: Path) -> str:
    """Returns what messages call an entry."""
    part, key = path
    return part if key is None else f"{part}[{key!r}]"


class Structure:
    """The parts of a batch or of a data set, taken apart into arrays and put together again.

    Args:
        parts: By name, in the order of `PARTS`. None where a batch holds None.
        bare: Whether a batch is x alone, and not a tuple of the parts.
        whole: Parts that are no columns if they are dicts, but one column of boxes with what belongs to them.

    Raises:
        ValueError: A part holds no arrays, or one of a closed file.
        TypeError: A part is nested more deeply.
    """

    def __init__(self, parts: Mapping[str, Any], bare: bool, whole: Sequence[str] = ()) -> None:
        self.bare = bare
        self.forms: dict[str, type | None] = {}
        self.leaves: dict[Path, Any] = {}
        for part, value in parts.items():
            if part in whole and isinstance(value, dict):
                self.forms[part], self.leaves[part, None] = None, value
            else:
                self.forms[part] = _form(value)
                self.leaves.update(_entries(part, value))
        for path, leaf in self.leaves.items():
            check_open(name_of(path), leaf)

    @classmethod
    def of_data(cls, x: Any, y: Any, sample_weight: Any, whole: Sequence[str] = ()) -> "Structure":
        """Returns the structure of a whole data set, whose batches leave out what is None."""
        given = {"x": x, "y": y, "sample_weight": sample_weight}
        parts = {part: value for part, value in given.items() if part == "x" or value is not None}
        bare = len(parts) == 1 and not isinstance(x, tuple)  # a bare tuple would be read as (x, y)
        return cls(parts, bare, whole)

    @classmethod
    def of_batch(cls, batch: Any, whole: Sequence[str] = ()) -> "Structure":
        """Returns the structure of a batch as Keras reads it."""
        if not isinstance(batch, tuple | list):
            return cls({"x": batch}, bare=True)
        if not 1 <= len(batch) <= 3:
            raise ValueError(f"A batch must be x, (x,), (x, y) or (x, y, sample_weight). Received: {len(batch)} parts")
        return cls(dict(zip(PARTS, batch, strict=False)), bare=False, whole=whole)

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"leaves": dict.fromkeys(self.leaves)}  # the arrays are the sources' affair

    def rebuild(self, leaves: Mapping[Path, Any]) -> Any:
        """Returns a batch of this structure with other arrays."""
        parts: list[Any] = []
        for part, form in self.forms.items():
            entries = {path[1]: leaves[path] for path in self.leaves if path[0] == part}
            if form is dict:
                parts.append(entries)
            elif form is tuple:
                parts.append(tuple(entries.values()))
            else:
                parts.append(entries.get(None))
        return parts[0] if self.bare else tuple(parts)


def _form(value: Any) -> type | None:
    return next((kind for kind in (dict, tuple) if isinstance(value, kind)), None)


def _entries(part: str, value: Any) -> dict[Path, Any]:
    """The arrays of one part."""
    form = _form(value)
    if form is None:
        return {} if value is None else {(part, None): value}
    entries = {(part, key): entry for key, entry in (value.items() if form is dict else enumerate(value))}
    if not entries:
        raise ValueError(f"`{part}` must hold at least one array. Received: {part}={value!r}")
    for path, entry in entries.items():
        if entry is None or (_form(entry) is not None and not (isinstance(entry, dict) and "boxes" in entry)):
            raise TypeError(
                f"`{name_of(path)}` must be an array: a dict or a tuple of arrays is nested no deeper. "
                f"Received: {name_of(path)} of type {type(entry).__name__}"
            )
    return entries
