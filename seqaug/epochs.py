"""What passes between Keras's loops and a Sequence beside batches: the epoch's number, and who asks. Imports Keras."""

import sys
import warnings
from abc import abstractmethod
from typing import Any

import keras

from seqaug import checks


class EpochSync(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """A callback that sets the epoch of Sequences to Keras's own number at the beginning of each epoch.

    ```python
    train = AugmentedSequence(images, labels, seed=7, augment=[RandomFlip("horizontal")])
    model.fit(train, initial_epoch=3, epochs=5, callbacks=[EpochSync(train)])  # the batches of epochs 3 and 4
    ```

    A Sequence counts epochs by itself, from 0 on. With this callback a training that is resumed with `initial_epoch`
    or by `keras.callbacks.BackupAndRestore` goes on with the batches of that epoch, and `evaluate` and `predict` use up
    no number. Without it, setting `train.epoch` before `fit` does the same for one `fit`.

    Args:
        *sequences: Objects with an `epoch` that may be set: `AugmentedSequence`s, or Sequences of your own.

    Raises:
        TypeError: A Sequence has no `epoch`, or there is none.
    """

    def __init__(self, *sequences: Any) -> None:
        super().__init__()
        if not sequences:
            raise TypeError("EpochSync takes at least one Sequence. Received: none")
        for sequence in sequences:
            if not hasattr(sequence, "epoch"):
                raise TypeError(
                    "EpochSync takes Sequences with an `epoch` that can be set. "
                    f"Received: {sequence!r} of type {type(sequence).__qualname__}"
                )
        self.sequences = sequences

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:  # noqa: ARG002
        """Sets the epoch. Keras calls this before it starts workers on the epoch, or asks for its batches."""
        for sequence in self.sequences:
            sequence.epoch = epoch


class Counting:
    """The number of the current epoch, and Keras's hooks, which count it."""

    _epoch = 0
    _begun = 0
    _hooked: Any

    @property
    def epoch(self) -> int:
        """The number of the epoch whose batches `seq[i]` gives. May be set, to resume or to look."""
        return self._epoch

    @epoch.setter
    def epoch(self, value: int) -> None:
        self._epoch = self._begun = checks.integer("epoch", value, 0, 2**32 - 1)

    def on_epoch_begin(self) -> None:
        """Called by Keras, after its probe and possibly after its workers have started on the epoch."""
        if self._hooked is not None:
            self._hooked.on_epoch_begin()
        if not is_dropped(self):
            self._epoch = self._begun
            self._begun += 1

    def on_epoch_end(self) -> None:
        """Called by Keras, also before the first epoch, and more than once after one."""
        if self._hooked is not None:
            self._hooked.on_epoch_end()
        if self._epoch != self._begun:
            self._finish(self._epoch)
        self._epoch = self._begun

    @abstractmethod
    def _finish(self, epoch: int | None) -> None:
        """Does what is to be done when an epoch is over."""


def warn_of_loop(sequence: Any) -> bool:
    """Warns when `predict` or `evaluate` goes through a Sequence that is meant for training; returns whether it did."""
    loop = _innermost("fit", "evaluate", "predict")
    if loop == "predict" and sequence.shuffle:
        fault = "that shuffles: the predictions come in shuffled order"
    elif loop in ("predict", "evaluate") and any(t.evaluation() is not t for t in sequence.pipeline.transforms):
        fault = "that augments at random, and what comes out is not the same twice"
    else:
        return False
    warnings.warn(
        f"`{loop}` goes through a Sequence {fault}. Use `seq.evaluation()`, which gives all images in order, without "
        "random augmentation.",
        stacklevel=3,
    )
    return True


def is_dropped(sequence: Any) -> bool:
    """Returns whether the epoch that a Sequence is told of is one that Keras drops, so that it counts for nothing.

    On JAX and PyTorch the first `fit` or `evaluate` after `compile` begins an epoch to see what batches are, and drops
    it. With workers it is not dropped whole: what they have fetched ahead is what Keras goes on with, and all but the
    first batch is trained on. Such an epoch counts, lest its batches be seen twice, and there is a warning.
    """
    if _innermost("fit", "evaluate", "_symbolic_build") != "_symbolic_build":
        return False
    if sequence.workers <= 1 and not (sequence.workers and sequence.use_multiprocessing):
        return True
    warnings.warn(
        "On this backend Keras loses batches of a Sequence with workers, and shifts all others, in the first "
        "`fit` or `evaluate` after `compile`. Use `workers=1` without `use_multiprocessing`: `threads` share the work. "
        "Or call `model.test_on_batch(x, y)` with some batch first. "
        f"Received: workers={sequence.workers}, use_multiprocessing={sequence.use_multiprocessing}",
        stacklevel=3,
    )
    return False


def _innermost(*names: str) -> str | None:
    """The innermost call under way of a Keras model's methods of these names.

    Keras tells a data set nothing of who asks, and so this looks.
    """
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_name
        if name in names and isinstance(frame.f_locals.get("self"), keras.Model):
            return name
        frame = frame.f_back  # type: ignore[assignment]
    return None
