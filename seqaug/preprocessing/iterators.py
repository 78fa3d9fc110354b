"""Iterator: the order of samples, the seeds of batches, and how both go with workers."""

import functools
import threading
from collections.abc import Callable, Generator
from typing import Any

import numpy as np
from keras.utils import PyDataset
from numpy.typing import NDArray

from seqaug.preprocessing import draws
from seqaug.preprocessing.batch import is_handed_over


class Iterator(PyDataset):  # type: ignore[misc]
    """Base of the iterators that `ImageDataGenerator` returns: a Keras Sequence, and an endless Python iterator.

    With one worker, which is what Keras sets, all draws come from NumPy's global generator, in Keras's order. A `seed`
    seeds that generator anew for each batch, by the number of batches that were asked for before. What a batch holds
    depends on when it is asked for, not on its index alone.

    With several workers, or processes, Keras's own stream is a race. There each batch has a generator of its own,
    seeded by the number of batches seen before the epoch plus the index, and by one draw from the global generator at
    the start of the epoch if there is no `seed`: nothing depends on which worker asks first.

    A batch is made by as many threads as this process has CPUs, unless the attribute `threads` says otherwise. That
    changes nothing in it.

    A subclass says what a batch is in `_get_batches_of_transformed_samples`.

    Args:
        n: Number of samples.
        batch_size: Samples per batch; the last may have fewer.
        shuffle: Whether to permute the samples for each epoch.
        seed: See above. None leaves the global generator as it is.
        **kwargs: `workers`, `use_multiprocessing` and `max_queue_size` of `keras.utils.PyDataset`.
    """

    threads: int | None = None  # as many as there are CPUs; one with workers
    white_list_formats = ("png", "jpg", "jpeg", "bmp", "ppm", "tif", "tiff")

    def __init__(self, n: int, batch_size: int, shuffle: bool, seed: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = n
        self.batch_size = batch_size
        self.seed = seed
        self.shuffle = shuffle
        self.batch_index = 0
        self.total_batches_seen = 0
        self.index_array: NDArray[np.int64] | None = None
        self._before = 0  # batches seen when the epoch began
        self._drawn: int | None = None  # what an iterator without a seed drew then
        self._asked: dict[int, int] = {}  # how often for which batch, since then
        self._epochs = 0  # that have begun with workers
        self._is_running = False
        self._start()

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "on_epoch_end" in vars(cls):
            cls.on_epoch_end = _ending(vars(cls)["on_epoch_end"])  # type: ignore[assignment, method-assign]

    def _start(self) -> None:
        self.lock = threading.Lock()
        self.index_generator = self._flow_index()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("lock", "index_generator")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._start()

    def __len__(self) -> int:
        return (self.n + self.batch_size - 1) // self.batch_size

    def __getitem__(self, idx: int) -> Any:
        """Returns batch `idx` of the epoch; a negative one counts from the end.

        Raises:
            ValueError: There is no such batch.
        """
        if not -len(self) <= idx < len(self):
            raise ValueError(f"Asked for batch {idx} of a Sequence of {len(self)} batches.")
        token = is_handed_over.set(True)
        try:
            return self._batch(idx % len(self))
        finally:
            is_handed_over.reset(token)

    def _batch(self, idx: int) -> Any:
        if self._has_workers:
            return self._keyed_batch(idx)
        if self.seed is not None:
            np.random.seed(self.seed + self.total_batches_seen)
        self.total_batches_seen += 1
        if self.index_array is None:
            self._set_index_array()
        return self._get_batches_of_transformed_samples(self._samples(idx))

    @property
    def _most_threads(self) -> int | None:
        return 1 if self._has_workers and self.threads is None else self.threads

    @property
    def _has_workers(self) -> bool:
        return self.workers > 1 or (bool(self.use_multiprocessing) and self.workers > 0)

    def _keyed_batch(self, idx: int) -> Any:
        with self.lock:
            if self.index_array is None or (self.seed is None and self._drawn is None):
                self._begin_keyed_epoch()
            if self.index_array is None:
                with draws.seeded(self._key(0)):
                    self._set_index_array()
            again = self._asked.get(idx, 0)
            self._asked[idx] = again + 1
            self.total_batches_seen += 1
            key = self._key(idx + again * len(self))
        with draws.seeded(key):
            return self._get_batches_of_transformed_samples(self._samples(idx))

    def _key(self, number: int) -> Any:
        """The seed of a batch, by its number within the epoch; a batch that is asked for again has another one."""
        if self.seed is None:
            return ((self._drawn or 0) + self._before + number) % 2**32
        return self.seed + self._before + number

    def _samples(self, idx: int) -> NDArray[np.int64]:
        assert self.index_array is not None
        return self.index_array[self.batch_size * idx : self.batch_size * (idx + 1)]

    def _set_index_array(self) -> None:
        random = draws.generator()
        self.index_array = random.permutation(self.n) if self.shuffle else np.arange(self.n)

    def _begin_keyed_epoch(self) -> None:
        """Counts what the epoch before has seen: processes of their own have counted for themselves."""
        if self._is_running:
            self.total_batches_seen = self._before + len(self)
            self._is_running = False
        self._before = self.total_batches_seen
        self._epochs += 1
        self._asked = {}
        if self.seed is None:
            self._drawn = int(np.random.randint(2**32, dtype=np.uint32))

    def on_epoch_begin(self) -> None:
        """Keras says that an epoch begins: its workers may be at work already."""
        self._is_running = True

    def on_epoch_end(self) -> None:
        """Permutes the samples anew."""
        if not self._has_workers:
            self._set_index_array()
            return
        self._begin_keyed_epoch()
        with draws.seeded(self._key(0)):
            self._set_index_array()

    def reset(self) -> None:
        """Makes `next` begin with the first batch of a new permutation."""
        self.batch_index = 0

    def _flow_index(self) -> Generator[NDArray[np.int64], None, None]:
        """Yields the samples of one batch after the other, without end."""
        while True:
            if self.seed is not None:
                np.random.seed(self.seed + self.total_batches_seen)
            if self.batch_index == 0:
                self._set_index_array()
            first = self.batch_index * self.batch_size % self.n if self.n else 0
            self.batch_index = self.batch_index + 1 if self.n > first + self.batch_size else 0
            self.total_batches_seen += 1
            assert self.index_array is not None
            yield self.index_array[first : first + self.batch_size]

    def __iter__(self) -> "Iterator":
        return self

    def __next__(self) -> Any:
        with self.lock:
            samples = next(self.index_generator)
        return self._get_batches_of_transformed_samples(samples)

    def _get_batches_of_transformed_samples(self, index_array: NDArray[np.int64]) -> Any:
        """Returns the batch that these samples make."""
        raise NotImplementedError


def _ending(on_epoch_end: Callable[[Iterator], None]) -> Callable[[Iterator], None]:
    """Returns somebody's own `on_epoch_end`, after which the next epoch has begun even if it knows nothing of seeds.

    Later is too late: Keras starts its processes before it calls `on_epoch_begin`.
    """

    @functools.wraps(on_epoch_end)
    def ended(self: Iterator) -> None:
        epochs = self._epochs
        on_epoch_end(self)
        if self._has_workers and self._epochs == epochs:
            self._begin_keyed_epoch()

    return ended


def require_subset(subset: str) -> None:
    """Raises `ValueError` for a part of the data that there is not."""
    if subset not in ("training", "validation"):
        raise ValueError(f"`subset` must be 'training' or 'validation'. Received: subset={subset!r}")
