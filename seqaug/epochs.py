"""What passes between Keras's loops and a Sequence beside batches: the epoch's number, and who asks. Imports Keras."""

import sys
from typing import Any

import keras


class EpochSync(keras.callbacks.Callback):  # type: ignore[misc]  # Keras has no types
    """A callback that sets the epoch of Sequences to Keras's own number at the beginning of each epoch.

    ```python
    train = AugmentedSequence(images, labels, seed=7, augment=[RandomFlip("horizontal")])
    model.fit(train, initial_epoch=3, epochs=5, callbacks=[EpochSync(train)])  # the batches of epochs 3 and 4
    ```

    A Sequence counts epochs by itself, from 0 on. With this callback a training that is resumed with `initial_epoch`
    goes on with the batches of that epoch, `evaluate` and `predict` use up no number, and the probe that Keras makes on
    JAX and PyTorch with an unbuilt model does no harm. (With `workers` above 1 it still does: Keras then trains first
    on what its workers had fetched for the probe. Build the model before `fit`.) Without the callback, setting
    `train.epoch` before `fit` does the same for one `fit`.

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


def is_predicting() -> bool:
    """Returns whether the calling thread is inside `predict` of a Keras model.

    Keras tells a data set nothing of who asks, so this looks at the calls under way, the innermost of a model's loops
    deciding.
    """
    frame = sys._getframe(1)
    while frame is not None:
        name = frame.f_code.co_name
        if name in ("fit", "evaluate", "predict") and isinstance(frame.f_locals.get("self"), keras.Model):
            return name == "predict"
        frame = frame.f_back  # type: ignore[assignment]
    return False
