"""Which samples make up a batch."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from seqaug import randomness
from seqaug.broken import Broken
from seqaug.pipeline import Pipeline
from seqaug.reading import Reader
from seqaug.sources.wrapped import WrappedSequence, arrays
from seqaug.standins import StandIns
from seqaug.targets import Table


@dataclass(frozen=True)
class Chosen:
    """The rows of a table that make up a batch, and the numbers that key the samples' draws, below 2**32."""

    table: Table
    rows: list[int]
    ids: list[int]

    def first(self, count: int) -> "Chosen":
        """Returns the first rows, at most `count`."""
        return replace(self, rows=self.rows[:count], ids=self.ids[:count])


class Batches(Protocol):
    """What a Sequence has its batches from."""

    @property
    def num_batches(self) -> int | None:
        """The number of batches in an epoch, or None if they never end."""

    @property
    def batch_size(self) -> int | None:
        """Images in a batch, or None where nothing is known about batches."""

    @property
    def shuffle(self) -> bool:
        """Whether samples come in another order each epoch, as far as is known."""

    @property
    def dtype(self) -> str | None:
        """Of the images, None if it is not known."""

    @property
    def stand_ins(self) -> StandIns | None:
        """What replaces samples whose files are broken, None if that is an error."""

    def select(self, number: int, seed: int, epoch: int) -> Chosen:
        """Returns what batch `number` of an epoch is made of."""

    def evaluation(self, pipeline: Pipeline) -> "Batches":
        """Returns all samples in order, for this pipeline."""


@dataclass(frozen=True)
class Samples:
    """A data set whose samples are dealt out in batches. A sample's number is its row.

    Args:
        table: The data set.
        batch_size: Samples in a batch; the last one may have fewer.
        shuffle: Whether each epoch has its own order.
        drop_remainder: Whether to leave out a last batch that would be shorter.
        positions: Which samples there are, increasing: those of one side of a split. Of uint32 where there may be many.
        stand_ins: What replaces those whose files are broken, None if that is an error.
    """

    table: Table
    batch_size: int
    shuffle: bool
    drop_remainder: bool
    positions: NDArray[Any]
    stand_ins: StandIns | None = None
    _kept: dict[str, Any] = field(default_factory=dict, compare=False)

    def __post_init__(self) -> None:
        if self.num_batches == 0:
            raise ValueError(
                f"`drop_remainder=True` leaves no batch: {len(self.positions)} images, batch_size={self.batch_size}"
            )

    @classmethod
    def of(
        cls, table: Table, batch_size: int, shuffle: bool, drop_remainder: bool, broken: Broken | None = None
    ) -> "Samples":
        """Returns all samples of a table, with stand-ins for those that are broken if these are to be noted."""
        if len(table.source) > 2**32:
            raise ValueError(f"`x` must hold at most 2**32 images. Received: {len(table.source)}")
        positions = np.arange(len(table.source), dtype=np.uint32)
        stand_ins = None if broken is None else StandIns(table, positions, broken)
        return cls(table, batch_size, shuffle, drop_remainder, positions, stand_ins)

    @property
    def num_batches(self) -> int:
        """The number of batches in an epoch."""
        full, rest = divmod(len(self.positions), self.batch_size)
        return full if self.drop_remainder or rest == 0 else full + 1

    @property
    def dtype(self) -> str:
        """Of the images."""
        return self.table.source.dtype

    def select(self, number: int, seed: int, epoch: int) -> Chosen:
        """Returns the samples of batch `number` of an epoch."""
        first = number * self.batch_size
        order = self._order(seed, epoch) if self.shuffle else self.positions
        ids = order[first : first + self.batch_size].tolist()
        return Chosen(self.table, ids if self.stand_ins is None else self.stand_ins.rows(ids, seed, epoch), ids)

    def _order(self, seed: int, epoch: int) -> NDArray[Any]:
        """The order of samples in an epoch. Kept for the last one asked for: a cache, of no effect on what is given."""
        key, order = self._kept.get("order", (None, None))
        if key != (seed, epoch):
            order = randomness.permutation(seed, epoch, self.positions)
            self._kept["order"] = (seed, epoch), order
        result: NDArray[Any] = order
        return result

    def evaluation(self, _: Pipeline) -> "Samples":
        """Returns every sample, in the order of the data set."""
        stand_ins = None if self.stand_ins is None else self.stand_ins.evaluation()
        return replace(self, shuffle=False, drop_remainder=False, stand_ins=stand_ins, _kept={})

    def only(self, positions: NDArray[Any]) -> "Samples":
        """Returns some of the samples."""
        stand_ins = None if self.stand_ins is None else self.stand_ins.only(positions)
        return replace(self, positions=positions, stand_ins=stand_ins, _kept={})


@dataclass(frozen=True)
class WrappedBatches:
    """The batches of another Sequence as they come, each a table of its own.

    Args:
        source: The Sequence.
        reader: How its batches are read.
        signature: What all batches must have in common.
        dtype: Of the images, None where batches pass through.
    """

    source: WrappedSequence
    reader: Reader
    signature: str | None = None
    dtype: str | None = None
    shuffle: bool = False
    stand_ins: None = None

    @property
    def num_batches(self) -> int | None:
        """The number of batches, or None if they never end."""
        return self.source.num_batches

    @property
    def batch_size(self) -> int | None:
        """The batch size by which samples are numbered."""
        return self.source.batch_size

    def checked(self, check: Callable[[Table], None]) -> "WrappedBatches":
        """Reads batch 0, has it checked, and returns these batches bound to its structure."""
        if self.source.num_batches == 0:
            raise ValueError("`x` must have at least one batch. Received: a Sequence without any")
        table = self._table(0, self.source.inner[0])
        if self.source.batch_size is None:
            self.source.batch_size = len(table.source)
        self._ids(0, table)
        check(table)
        return replace(self, signature=table.signature, dtype=table.source.dtype)

    def select(self, number: int, seed: int, epoch: int) -> Chosen:  # noqa: ARG002
        """Returns batch `number`, whatever the seed and the epoch: order is the Sequence's own affair."""
        table = self._table(number, self.source.inner[number])
        ids = self._ids(number, table)
        if self.signature is not None and table.signature != self.signature:
            raise ValueError(
                f"Batch {number} of the Sequence in `x` must be made as its batch 0. "
                f"Received: {table.signature}, where batch 0 is {self.signature}"
            )
        return Chosen(table, list(range(len(ids))), ids)

    def evaluation(self, pipeline: Pipeline) -> "WrappedBatches":
        """Returns the same batches, for this pipeline."""
        return replace(self, reader=replace(self.reader, pipeline=pipeline))

    def __repr__(self) -> str:
        return f"batches of {self.source.inner!r}"

    def _ids(self, number: int, table: Table) -> list[int]:
        try:
            return self.source.ids(number, len(table.source))
        except ValueError as error:
            raise ValueError(f"Batch {number} of the Sequence in `x`: {error}") from None

    def _table(self, number: int, batch: Any) -> Table:
        try:
            return self.reader.table(arrays(batch, self.reader.declared.whole))
        except (ValueError, TypeError) as error:
            hint = "(Augmentations need images; without `augment` and `image_size` anything passes through.)"
            about_images = "rank 4" in str(error) or "array of images" in str(error)
            raise type(error)(
                f"Batch {number} of the Sequence in `x`: {error}{' ' + hint if about_images else ''}"
            ) from error


def refuse_for_wrapped(arguments: dict[str, Any]) -> None:
    """Raises an error if an argument was given that is the affair of the Sequence in `x`."""
    for name, value in arguments.items():
        if value is not None:
            raise ValueError(
                f"`{name}` is the affair of the Sequence in `x`, whose batches are taken as they come; say it there. "
                f"Received: {name}={value if isinstance(value, bool | int | str) else type(value).__name__}"
            )


def refuse_untouched(arguments: dict[str, Any]) -> None:
    """Raises an error if an argument was given that has no effect where batches pass through untouched."""
    for name, value in arguments.items():
        if value is not None and (name, value) != ("dtype", "float32"):
            raise ValueError(
                f"`{name}` has no effect without `augment` or `image_size`: the batches of the Sequence in `x` pass "
                f"through untouched. Received: {name}={value!r}"
            )
