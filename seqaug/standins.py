"""Which samples stand in for those whose files are broken: `on_error="replace"`."""

import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import randomness
from seqaug.broken import Broken, Tally
from seqaug.randomness import Draws
from seqaug.sources.decode import BrokenPicture, passes
from seqaug.splitting import classes_of
from seqaug.targets import Table
from seqaug.threads import spread

_TRIES = 16  # drawn candidates, before all are gone through
_BLOCK = 1 << 20  # numbers of labels that are looked at at once


@dataclass(frozen=True)
class StandIns:
    """Finds the stand-ins of the samples of one Sequence.

    The candidates are its samples of the same class. They come in an order that is drawn by seed, epoch and the number
    of the sample in whose place they go, and the first one that is not broken is taken. So it is the same one whatever
    was known to be broken before, in whichever order batches are made.

    Args:
        table: The data set.
        positions: Which samples the Sequence has, increasing.
        broken: The files that are known to be broken.
        fixed: Whether stand-ins are the same in all epochs, as what is evaluated should be.
    """

    table: Table
    positions: NDArray[Any]
    broken: Broken
    fixed: bool = False
    _kept: dict[Any, Any] = field(default_factory=dict, compare=False)

    @property
    def tally(self) -> Tally:
        """Who was replaced."""
        tally: Tally = self._kept.setdefault("tally", Tally(self.broken))
        return tally

    def only(self, positions: NDArray[Any]) -> "StandIns":
        """Returns those of some of the samples."""
        return replace(self, positions=positions, _kept={})

    def evaluation(self) -> "StandIns":
        """Returns those of an evaluation."""
        return replace(self, fixed=True, _kept={})

    def rows(self, ids: list[int], seed: int, epoch: int) -> list[int]:
        """Returns samples with those replaced whose files are known to be broken.

        Raises:
            ValueError: One cannot be replaced.
        """
        broken = self.broken.paths
        if not broken:
            return ids
        return [self._stand_in(i, seed, 0 if self.fixed else epoch) if i in broken else i for i in ids]

    def learn(self, error: BrokenPicture, rows: list[int]) -> None:
        """Notes the file that kept a batch of these rows from being made.

        Raises:
            BrokenPicture: That was none of the rows' files, or not its fault.
        """
        if error.row not in rows or passes(error):
            raise error
        self.broken.add(error)

    def verified(self, ids: list[int], seed: int, epoch: int, threads: int | None) -> list[int]:
        """Returns samples with all those replaced whose files are broken: all files are read for it.

        Raises:
            ValueError: One cannot be replaced.
            BrokenPicture: A file cannot be read, and that is not its fault.
        """
        files = self.table.files
        sound: set[int] = set()
        while True:
            rows = self.rows(ids, seed, epoch)
            unknown = sorted(set(rows) - sound)
            if not unknown:
                return rows

            def read(first: int, last: int, unknown: list[int] = unknown) -> None:
                for row in unknown[first:last]:
                    try:
                        for source in files:
                            source.read([row])
                    except BrokenPicture as error:
                        self.learn(error, [row])

            spread(len(unknown), threads, read)
            sound.update(unknown)

    def _stand_in(self, i: int, seed: int, epoch: int) -> int:
        candidates, broken = self._candidates(i), self.broken.paths
        draws = Draws(seed, randomness.REPLACEMENT, epoch, np.array([i], np.uint32)).uniforms(0, _TRIES)[0]
        places = (draws * len(candidates)).astype(np.intp)
        for row in candidates[places].tolist():
            if row not in broken:
                return int(row)
        for row in np.roll(candidates, -places[0]).tolist():
            if row not in broken:
                return int(row)
        kind = self._class_of(i)
        alike = "" if kind is None else f"of class {kind} "
        raise ValueError(
            f"{broken[i]!r} is broken and cannot be replaced: of all {len(candidates)} samples {alike}in this Sequence "
            "the files are broken. Mend them or leave them out; `python -m seqaug check FOLDER` finds what is broken. "
            f"Received: {self.broken.listed(candidates.tolist(), '; ')}"
        )

    def _candidates(self, i: int) -> NDArray[Any]:
        """Returns the samples of the class of sample i, it among them."""
        kind = self._class_of(i)
        if kind is None:
            return self.positions
        members: NDArray[Any] | None = self._kept.get(("members", kind))
        if members is None:
            members = self._kept["members", kind] = self.positions[self._classes() == kind]
        return members

    def _class_of(self, i: int) -> Any:
        """Returns the class of sample i, None if there are no classes."""
        classes = self._classes()
        return None if classes is None else classes[np.searchsorted(self.positions, i)].item()

    def _classes(self) -> NDArray[Any] | None:
        """Returns the class of each sample, or None: kept, once a file is broken."""
        if "classes" not in self._kept:
            self._kept["classes"] = self._looked_up()
        classes: NDArray[Any] | None = self._kept["classes"]
        return classes

    def _looked_up(self) -> NDArray[Any] | None:
        labels = self.table.labels
        column = labels.get(("y", None), labels.get(("y", "labels")))
        if column is None:
            return None
        rows = max(1, _BLOCK // max(1, math.prod(column.shape[1:])))
        blocks = [self.positions[first : first + rows] for first in range(0, len(self.positions), rows)]
        try:  # one-hot rows, which need not exist as a whole, become numbers block by block
            return np.concatenate([classes_of(column[block], len(block), "y") for block in blocks])
        except ValueError:  # no classes
            return None
