"""Which files of a data set are broken, and the report of an epoch in which other samples stood in for theirs.

Nothing here waits for a lock, which a forked child might find held: each change is one step of a dict or a set.
"""

import logging
from collections.abc import Iterable
from dataclasses import dataclass, field

from seqaug.sources.decode import BrokenPicture

logger = logging.getLogger("seqaug")
_SHOWN = 20  # files of a list, at most
_EPOCHS = 8  # of which it is kept at once who was replaced


@dataclass(frozen=True)
class Broken:
    """The broken files of a data set, as far as they have been found. All views of the data set share it.

    Args:
        paths: The file, by the row of its sample.
        faults: The reason, by file; in a tuple of its own, which tells who was first to find it.
    """

    paths: dict[int, str] = field(default_factory=dict)
    faults: dict[str, tuple[str]] = field(default_factory=dict)

    def add(self, error: BrokenPicture) -> None:
        """Notes a file whose `row` is known, and logs it the first time."""
        assert error.row is not None
        fault = (error.reason,)
        first = self.faults.setdefault(error.path, fault) is fault
        self.paths.setdefault(error.row, error.path)
        if first:
            logger.warning("%s; another sample takes its place", error)

    @property
    def reasons(self) -> dict[str, str]:
        """The reason by file, as a copy."""
        return {path: reason for path, (reason,) in self.faults.copy().items()}

    def listed(self, rows: Iterable[int], between: str) -> str:
        """Returns the files of broken rows with their reasons, so many as can be shown."""
        paths = list(dict.fromkeys(self.paths[row] for row in rows))
        shown = [f"{path!r}: {self.faults[path][0]}" for path in paths[:_SHOWN]]
        return between.join([*shown, f"… and {len(paths) - _SHOWN} more"] if len(paths) > _SHOWN else shown)


@dataclass(frozen=True)
class Tally:
    """Which samples of a Sequence were replaced in which epoch.

    Args:
        broken: The files.
        replaced: Rows by epoch.
    """

    broken: Broken
    replaced: dict[int, set[int]] = field(default_factory=dict)

    def count(self, epoch: int, rows: Iterable[int]) -> None:
        """Notes that samples were replaced in a batch of an epoch; the same batch made twice counts once."""
        rows = set(rows)
        if rows:
            self.replaced.setdefault(epoch, set()).update(rows)
            for old in list(self.replaced)[:-_EPOCHS]:
                self.replaced.pop(old, None)

    def report(self, epoch: int | None) -> None:
        """Logs who was replaced in an epoch, or in all that were not reported yet, and forgets it."""
        for number in list(self.replaced) if epoch is None else [epoch]:
            rows = sorted(self.replaced.pop(number, ()))
            if rows:
                files = len({self.broken.paths[row] for row in rows})
                logger.warning(
                    "Epoch %d: %d broken %s, replaced by other samples %d %s.\n  %s",
                    number,
                    files,
                    "file" if files == 1 else "files",
                    len(rows),
                    "time" if len(rows) == 1 else "times",
                    self.broken.listed(rows, "\n  "),
                )
