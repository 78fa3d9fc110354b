"""What Sequences of files have in common, however they are found."""

import difflib
import inspect
from typing import Any

from seqaug.batches import Batches, Samples
from seqaug.sources.paths import Paths

_OTHERS = ("x", "y", "sample_weight")  # which are no options


class OfFiles:
    """What there is to know of the files of a Sequence, and its sides."""

    data: Batches
    class_names: list[str] | None = None

    @property
    def file_paths(self) -> Paths | None:
        """The pictures' files, a list in the order of the data; None if pictures are in no files.

        Of one side of a split, those of this side; of a shard, all that its batches are taken from.
        """
        data = self.data
        paths = getattr(data.table.source, "paths", None) if isinstance(data, Samples) else None
        if not isinstance(paths, Paths) or not isinstance(data, Samples):
            return None
        return paths if len(data.positions) == len(paths) else paths.taken(data.positions)

    def _sides(self: Any, cut: int | None, subset: str | None, validation_first: bool) -> Any:
        """Returns one side of the data cut at a sample, or both, or everything."""
        if cut is None:
            return self
        halves = [self.data.positions[:cut], self.data.positions[cut:]]
        validation, training = halves if validation_first else halves[::-1]
        sides = {"training": lambda: self._only(training), "validation": lambda: self.evaluation()._only(validation)}
        return sides[subset]() if subset in sides else (sides["training"](), sides["validation"]())

    @classmethod
    def _check_names(cls, options: dict[str, Any]) -> None:
        """Raises an error if there is no argument of one of these names."""
        known = [name for name in inspect.signature(cls).parameters if name not in _OTHERS]
        for name in options:
            if name not in known:
                close = difflib.get_close_matches(name, known, 1)
                hint = f"; did you mean `{close[0]}`?" if close else ""
                raise TypeError(f"There is no argument `{name}`{hint}")


def refuse(options: dict[str, Any], name: str, why: str) -> None:
    """Takes an option away, and raises an error if it was given."""
    if options.pop(name, None) is not None:
        raise ValueError(f"`{name}` {why}, and must not be given.")
