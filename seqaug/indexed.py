"""Which batch an index means, and what is drawn for it. Imports Keras."""

import itertools
from collections.abc import Iterator
from typing import Any

from seqaug import checks
from seqaug.batches import Batches
from seqaug.epochs import warn_of_loop
from seqaug.making import Maker
from seqaug.plan import Plan
from seqaug.sources.wrapped import WrappedSequence


class Indexed:
    """Batches by their index, of the current epoch and of others."""

    data: Batches
    maker: Maker
    seed: int
    threads: int | None
    workers: int
    epoch: int
    _warned: bool
    _untouched: bool
    _inner: WrappedSequence | None
    _hooked: WrappedSequence | None
    _shards: tuple[tuple[int, int, bool], ...]

    @property
    def num_batches(self) -> int | None:
        """The number of batches, or None over a Sequence that has no end."""
        self._warned = self._warned or warn_of_loop(self)
        return self._count()

    def _count(self) -> int | None:
        count = self.data.num_batches
        if count is None:
            return None
        for first, step, equal in self._shards:
            count = len(range(first, count - count % step if equal else count, step))
        return count

    def __len__(self) -> int:
        count = self._count()
        if count is None:
            raise TypeError("The Sequence in `x` has no end, and so this one has no length.")
        return count

    def __getitem__(self, index: int) -> Any:
        """Returns batch `index` of the current epoch: `x`, `(x, y)` or `(x, y, sample_weight)`.

        `x` is `(batch, height, width, channels)`, or channels first by `data_format`, in memory aligned to 64 bytes
        that is never written again. Dicts and tuples of columns come as they were given.
        """
        return self.batch(index, self.epoch)

    def __iter__(self) -> Iterator[Any]:
        epoch = self.epoch
        yield from self._through(epoch)
        if self.epoch == epoch:  # and was not set meanwhile
            self.epoch = epoch + 1

    def _through(self, epoch: int) -> Iterator[Any]:
        """All batches of an epoch, whichever is the current one."""
        count = self._count()
        if self._hooked is not None:
            self._hooked.on_epoch_begin()
        for index in itertools.count() if count is None else range(count):
            yield self.batch(index, epoch)
        if self._hooked is not None:
            self._hooked.on_epoch_end()

    def batch(self, index: int, epoch: int) -> Any:
        """Returns batch `index` of any epoch, whichever is the current one."""
        number, epoch = self._number(index), checks.integer("epoch", epoch, 0, 2**32 - 1)
        if self._inner is not None and self._untouched:
            return self._inner.inner[number]
        threads = 1 if self.threads is None and self.workers > 1 else self.threads
        return self.maker.make(self.data.select(number, self.seed, epoch), self.seed, epoch, threads)

    def plan(self, index: int) -> Plan:
        """Returns what is drawn for batch `index` of the current epoch, one row per image.

        It depends on the images' sizes, so files, and the batches of another Sequence, are read.
        """
        chosen = self.data.select(self._number(index), self.seed, self.epoch)
        return self.maker.plan(chosen, self.seed, self.epoch)

    def _number(self, index: int) -> int:
        """The place of a batch in the list that shards are cut from."""
        number, count = checks.integer("index", index, -(2**63)), self._count()
        if number < (0 if count is None else -count) or (count is not None and number >= count):
            allowed = "at least 0" if count is None else f"from {-count} to {count - 1}"
            raise IndexError(f"`index` must be {allowed}. Received: index={number}")
        number = number if count is None else number % count
        for first, step, _ in reversed(self._shards):
            number = first + number * step
        return number
