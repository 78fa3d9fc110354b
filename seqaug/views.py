"""Other looks at a Sequence: for evaluation, the sides of a split, a machine's share, without end. Imports Keras."""

import copy
import itertools
from abc import abstractmethod
from collections.abc import Iterator
from typing import Any, Self

import keras
from numpy.typing import NDArray

from seqaug import checks, preview, tf_data
from seqaug.batches import Batches, Chosen, Samples
from seqaug.epochs import is_dropped
from seqaug.making import Maker
from seqaug.sources.classes import OneHot
from seqaug.splitting import classes_of, validation_part


class Views:
    """The views of `AugmentedSequence`. Each is a Sequence of its own over the same data, which are not copied."""

    data: Batches
    maker: Maker
    seed: int
    workers: int
    epoch: int
    use_multiprocessing: bool
    max_queue_size: int
    _untouched: bool
    _hooked: Any
    _evaluates: bool
    _shards: tuple[tuple[int, int, bool], ...]

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def batch(self, index: int, epoch: int) -> Any:
        """Returns batch `index` of any epoch, whichever is the current one."""

    def evaluation(self) -> Self:
        """Returns this Sequence as it is for evaluation and prediction, Keras's `training=False`.

        ```python
        predictions = model.predict(train.evaluation())  # in the order of the data set
        ```

        Fixed transforms such as `Rescaling` stay, random ones are off, random crops are centred. Nothing is shuffled,
        and no sample left out: neither `drop_remainder` nor a shard's `equal` holds. Over another Sequence its batches
        stay as they are, and Keras's hooks do not reach it from here: they count its epochs where it trains.

        Raises:
            ValueError: `dtype` cannot hold what comes out without the random transforms.
        """
        view = copy.copy(self)
        pipeline = self.maker.pipeline.evaluation()
        view.maker, view.data = self.maker.with_pipeline(pipeline), self.data.evaluation(pipeline)
        view.maker.check_dtype(view.data.dtype)  # what brightness clips in training is not clipped here
        view._evaluates, view._hooked = True, None
        view._shards = tuple((index, count, False) for index, count, _ in self._shards)
        return view

    def split(self, fraction: float, stratify: Any = None) -> tuple[Self, Self]:
        """Returns `(train, validation)`: two Sequences that share out the samples, the second for evaluation.

        ```python
        train, validation = AugmentedSequence(images, labels, seed=7, augment=[RandomRotation(0.1)]).split(0.2)
        model.fit(train, validation_data=validation)
        ```

        Who is where depends on the seed alone. Samples keep their numbers and so their draws. Either side can be split
        again.

        Args:
            fraction: The share of validation, between 0 and 1: round(n·fraction) samples, at least 1, at most n - 1.
            stratify: True to give each class of `y` (of its entry `labels`, if it is a dict) the same share on both
                sides, or the classes themselves, one per sample of this Sequence in the order of the data. Labels are
                whole numbers or one-hot rows. At least one sample of each class stays in training.

        Raises:
            ValueError: `fraction` or `stratify` does not fit the data, or `x` is another Sequence: split that.
        """
        if not isinstance(self.data, Samples):
            raise ValueError("A Sequence over another Sequence cannot be split; split the one in `x`.")
        if self._shards:
            raise ValueError("A shard cannot be split; split first, and take shards of the sides.")
        positions = self.data.positions
        chosen = validation_part(self.seed, positions, fraction, self._classes(self.data, stratify))
        return self._only(positions[~chosen]), self.evaluation()._only(positions[chosen])

    def shard(self, index: int, count: int, equal: bool | None = None) -> Self:
        """Returns batches index, index + count, … of every epoch's list: the share of one of `count` machines.

        ```python
        mine = AugmentedSequence(images, labels, seed=7, augment=[RandomFlip()]).shard(rank, world_size)
        ```

        The machines agree on the order of every epoch without a word, if they were given the same `seed`.

        Args:
            index: Whose share, from 0 to count - 1.
            count: The number of shares.
            equal: Whether to leave out the last batches that would give some shares one more than others. None means
                True for training, and False for an `evaluation()`, which is to see every sample.

        Raises:
            ValueError: An argument is out of range, or the share is empty.
        """
        parts = checks.integer("count", count, 1)
        equal = not self._evaluates if equal is None else checks.flag("equal", equal)
        view = copy.copy(self)
        view._shards = (
            *self._shards,
            (checks.integer("index", index, 0, parts - 1), parts, equal),
        )
        if view._count() == 0:
            raise ValueError(
                "A share must have at least one batch; take fewer shares, or smaller batches. "
                f"Received: index={index}, count={count} of {self!r}"
            )
        return view

    def repeat(self) -> "Repeated":
        """Returns this Sequence over and over, for `steps_per_epoch`: item k is batch k mod n of epoch k div n.

        Epochs count from the current one on, which is 0 at first: to resume, set `epoch` before.

        ```python
        model.fit(train.repeat(), steps_per_epoch=100, epochs=10, shuffle=False)
        ```

        Every `fit` begins at item 0, and nothing here counts the items. `shuffle=False` is for Keras, which warns that
        it cannot shuffle what has no end; samples are shuffled as ever.

        Raises:
            ValueError: `x` is another Sequence, whose epochs cannot be asked for in another order than they come.
        """
        if not isinstance(self.data, Samples):
            raise ValueError(
                "A Sequence over another Sequence cannot be repeated: the epochs of the one in `x` come as its hooks "
                "are called, and not by their number."
            )
        return Repeated(self)

    def preview(self, count: int = 4, draws: int = 4, as_figure: bool = False) -> Any:
        """Returns a picture of what this Sequence does: originals in the first column, augmentations beside them.

        ```python
        PIL.Image.fromarray(train.preview()).save("preview.png")
        train.preview(as_figure=True)  # in a notebook
        ```

        The images are the first ones of the current epoch's order; the columns are the draws of the current epoch and
        those after it. Boxes and keypoints are painted on them, in a colour for each label and for each keypoint's
        number, and below an image come its masks, in false colours. Originals are scaled to the size that comes out.
        Black is the lowest value that the pipeline's output can have and white the highest; where these are not known,
        those of each picture.

        Args:
            count: How many images to show, at most those of an epoch.
            draws: How many augmentations of each.
            as_figure: Whether to return a `matplotlib.figure.Figure` with titles.

        Returns:
            `(height, width, 3)` uint8, or the figure.

        Raises:
            ValueError: An argument is out of range, or there are no images to be augmented.
            ImportError: A figure is wanted and matplotlib is not installed.
        """
        count, draws = checks.integer("count", count, 1), checks.integer("draws", draws, 1)
        if self._untouched:
            raise ValueError("There is nothing to preview: without `augment`, the batches of `x` pass through.")
        cells: list[list[preview.Bytes]] = []
        epochs = [(self.epoch + draw) % 2**32 for draw in range(draws)]
        total = self._count()
        for index in itertools.takewhile(lambda index: total is None or index < total, itertools.count()):
            chosen = self._readable(index, count)
            cells += self.maker.preview(chosen, self.seed, epochs)
            count -= len(chosen.rows)
            if count == 0:
                break
        page = preview.grid(cells)
        titles = ["original", *(f"epoch {epoch}" for epoch in epochs)]
        return preview.figure(page, titles) if checks.flag("as_figure", as_figure) else page

    def to_tf_dataset(self) -> Any:
        """Returns these batches as a `tf.data.Dataset` with static shapes, for training from tf.data.

        ```python
        model.fit(train.to_tf_dataset(), epochs=5, shuffle=False)  # Keras warns of its own shuffling otherwise
        ```

        Going through the dataset once is an epoch, with new draws and a new order. Its number is taken when an iterator
        begins, whether or not it comes to the end, so that what is prefetched, and when, does not matter. TensorFlow
        takes the batches without copying them, and the next ones are made while one is used. The length of batches is
        static where it is the same for all. Batch 0 is made once, to see what it is. Keras warns that it does not
        shuffle a Dataset unless told `shuffle=False`; samples are shuffled as ever. All batches must have the shape of
        batch 0, but for their length: over a Sequence whose images vary in size, set `image_size`.
        """
        data = self.data
        alike = isinstance(data, Samples) and (data.drop_remainder or len(data.positions) % data.batch_size == 0)
        return tf_data.dataset(self, data.batch_size if alike else None)

    def claim(self) -> Iterator[Any]:
        """Returns the batches of the current epoch, and makes the next one the current one at once."""
        epoch = self.epoch
        self.epoch = (epoch + 1) % 2**32
        return self._through(epoch)

    @abstractmethod
    def _through(self, epoch: int) -> Iterator[Any]:
        """All batches of an epoch, whichever is the current one."""

    @abstractmethod
    def _finish(self, epoch: int | None) -> None:
        """Does what is to be done when an epoch is over, or all that have begun."""

    @abstractmethod
    def _count(self) -> int | None:
        """The number of batches, or None where they do not end."""

    @abstractmethod
    def _readable(self, index: int, count: int | None = None) -> Chosen:
        """The samples of batch `index` of the current epoch, or the first so many."""

    def _only(self, positions: NDArray[Any]) -> Self:
        """Returns this Sequence with some of its samples."""
        assert isinstance(self.data, Samples)
        view = copy.copy(self)
        view.data = self.data.only(positions)
        return view

    def _classes(self, samples: Samples, stratify: Any) -> NDArray[Any] | None:
        """The class of each sample, or None."""
        if stratify is None or stratify is False:
            return None
        if stratify is not True:
            return classes_of(stratify, len(samples.positions), "stratify")
        labels = samples.table.labels
        found = labels.get(("y", None), labels.get(("y", "labels")))
        if found is None:
            raise ValueError(
                "`stratify=True` needs labels: a `y` of classes, or a dict with an entry `labels`. Or give the "
                "classes: stratify=[…], one for each sample."
            )
        found = found.classes if isinstance(found, OneHot) else found
        return classes_of(found[samples.positions], len(samples.positions), "y")


class Repeated(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """A Sequence over and over: item k is batch k mod n of epoch k div n. Made by `AugmentedSequence.repeat`.

    ```python
    train = AugmentedSequence(images, labels, batch_size=32, seed=7, augment=[RandomFlip("horizontal")])
    model.fit(train.repeat(), steps_per_epoch=100, epochs=10, shuffle=False)
    ```

    Args:
        sequence: What is repeated, from its current epoch on. Its hooks play no part.
    """

    def __init__(self, sequence: "Views") -> None:
        super().__init__(
            workers=sequence.workers,
            use_multiprocessing=sequence.use_multiprocessing,
            max_queue_size=sequence.max_queue_size,
        )
        self.sequence, self.start = sequence, sequence.epoch

    def __setattr__(self, name: str, value: Any) -> None:
        if name == "epoch":
            raise AttributeError("Keras counts the items of `repeat()`: set the Sequence's `epoch` before it.")
        super().__setattr__(name, value)

    @property
    def num_batches(self) -> None:
        """None: there is no end."""

    def on_epoch_begin(self) -> None:
        """Called by Keras. Epochs play no part here; but there is a warning where Keras would lose a batch."""
        is_dropped(self)

    def on_epoch_end(self) -> None:
        """Called by Keras. What is to be said of broken files so far is logged."""
        self.sequence._finish(None)

    def __getitem__(self, index: int) -> Any:
        """Returns item `index`, from 0 on."""
        epoch, batch = divmod(checks.integer("index", index, 0), len(self.sequence))
        return self.sequence.batch(batch, self.start + epoch)

    def __iter__(self) -> Iterator[Any]:
        return (self[index] for index in itertools.count())

    def __repr__(self) -> str:
        return f"Repeated({self.sequence!r}, from epoch {self.start})"
