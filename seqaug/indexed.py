"""Which batch an index means, and what is drawn for it. Imports Keras."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from seqaug import checks
from seqaug.batches import Batches, Chosen, Samples
from seqaug.epochs import warn_of_loop
from seqaug.making import Maker
from seqaug.plan import Plan
from seqaug.sources.decode import BrokenPicture
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
        self._finish(epoch)
        if self._hooked is not None:
            self._hooked.on_epoch_end()

    def batch(self, index: int, epoch: int) -> Any:
        """Returns batch `index` of any epoch, whichever is the current one."""
        number, epoch = self._number(index), checks.integer("epoch", epoch, 0, 2**32 - 1)
        if self._inner is not None and self._untouched:
            return self._inner.inner[number]
        threads = 1 if self.threads is None and self.workers > 1 else self.threads
        chosen, stand_ins = self.data.select(number, self.seed, epoch), self.data.stand_ins
        while True:
            try:
                batch = self.maker.make(chosen, self.seed, epoch, threads)
            except BrokenPicture as error:
                if stand_ins is None:
                    raise
                stand_ins.learn(error, chosen.rows)
                chosen = self._verified(chosen, epoch, threads)
                continue
            if stand_ins is not None:
                stand_ins.tally.count(epoch, (i for i, row in zip(chosen.ids, chosen.rows, strict=True) if i != row))
            return batch

    @property
    def broken(self) -> dict[str, str]:
        """With `on_error="replace"`, the broken files that have been found, and what is wrong with each.

        They are those of the whole data set: all views of it know the same ones. Worker processes know their own.
        """
        stand_ins = self.data.stand_ins
        return {} if stand_ins is None else stand_ins.broken.reasons

    def _finish(self, epoch: int | None) -> None:
        """Puts away what an epoch that is over has cached, and logs whom it had replaced; of all so far for None."""
        for source in self.data.table.files if isinstance(self.data, Samples) else []:
            if source.cache is not None:
                source.cache.flush()
        if self.data.stand_ins is not None:
            self.data.stand_ins.tally.report(epoch)

    def _readable(self, index: int, count: int | None = None) -> Chosen:
        """The samples of batch `index` of the current epoch, or the first so many, broken ones replaced if need be."""
        chosen = self.data.select(self._number(index), self.seed, self.epoch)
        chosen = chosen if count is None else chosen.first(count)
        return self._verified(chosen, self.epoch, self.threads)

    def _verified(self, chosen: Chosen, epoch: int, threads: int | None) -> Chosen:
        """Replaces samples whose files are broken, if they are to be replaced: all files are read for it."""
        stand_ins = self.data.stand_ins
        if stand_ins is None:
            return chosen
        return replace(chosen, rows=stand_ins.verified(chosen.ids, self.seed, epoch, threads))

    def plan(self, index: int) -> Plan:
        """Returns what is drawn for batch `index` of the current epoch, one row per image.

        It depends on the images' sizes, so files, and the batches of another Sequence, are read.
        """
        return self.maker.plan(self._readable(index), self.seed, self.epoch)

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
