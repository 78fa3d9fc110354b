"""The demo's trainings and measurements. Imports Keras."""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling, buffers
from seqaug.demo.pictures import Pictures, Split
from seqaug.progress import Progress
from seqaug.transforms.base import Transform

SEED = 7
IMAGE_SIZE = (48, 48)
BATCH_SIZE = 32

WITHOUT, WITH = "without augmentation", "with augmentation"
_RESCALING = Rescaling(1 / 255)
AUGMENTATIONS: dict[str, list[Transform]] = {
    WITHOUT: [_RESCALING],
    WITH: [RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), _RESCALING],
}
# Speed is measured over the training pictures taken this many times, so that an epoch has more than a few batches.
_REPEATS = 4
# Which picture of each class is drawn: one that shows more than sky and fur.
_SHOWN = 9


@dataclass(frozen=True)
class Result:
    """What came of one training.

    Args:
        name: With or without augmentation.
        accuracy: On the held-out pictures, after each epoch.
        loss: On the training pictures, of each epoch.
        images_per_second: That the Sequence delivers when nothing else runs.
        waiting: Part of the time of a step that was spent waiting for data, from 0 to 1.
    """

    name: str
    accuracy: list[float]
    loss: list[float]
    images_per_second: float
    waiting: float


def train(
    name: str, augment: list[Transform], pictures: Pictures, epochs: int, progress: Progress, *, rounds: int
) -> Result:
    """Trains a new model and measures how its data come.

    Every call starts from the same weights and takes the pictures in the same order. `rounds` is how often each
    measurement is repeated.
    """
    keras.utils.set_random_seed(SEED)
    model = build_model(len(pictures.classes))
    history = model.fit(
        sequence(pictures.train, augment),
        validation_data=sequence(pictures.held_out, [_RESCALING], shuffle=False),
        epochs=epochs,
        shuffle=False,  # the Sequence shuffles
        verbose=0,
        callbacks=[_ShowEpochs(name, epochs, progress)],
    ).history
    progress.show(f"Training {name}: measuring speed ...")
    many = Split(pictures.train.paths * _REPEATS, pictures.train.labels * _REPEATS)
    measured = sequence(many, augment, drop_remainder=True)
    result = Result(
        name,
        history["val_accuracy"],
        history["loss"],
        images_per_second(measured, rounds),
        waiting_share(model, measured, rounds),
    )
    progress.done(f"Trained {name}: {epochs} epochs, training accuracy {history['accuracy'][-1]:.0%} in the last.")
    return result


def sequence(
    split: Split, augment: Sequence[Transform], *, shuffle: bool = True, drop_remainder: bool = False
) -> AugmentedSequence:
    """Returns the data set that reads these files. This is all that seqaug needs to be told."""
    return AugmentedSequence(
        split.paths,
        split.labels,
        image_size=IMAGE_SIZE,
        augment=augment,
        batch_size=BATCH_SIZE,
        shuffle=shuffle,
        seed=SEED,
        drop_remainder=drop_remainder,
    )


def build_model(classes: int) -> Any:
    """Returns a small compiled convolutional network."""
    layers = keras.layers
    model = keras.Sequential([keras.Input((*IMAGE_SIZE, 3))])
    for filters in (16, 32, 64):
        model.add(layers.Conv2D(filters, 3, padding="same", activation="relu"))
        model.add(layers.MaxPooling2D())
    model.add(layers.Flatten())
    model.add(layers.Dense(64, activation="relu"))
    model.add(layers.Dense(classes, activation="softmax"))
    model.compile(keras.optimizers.Adam(1e-3), "sparse_categorical_crossentropy", metrics=["accuracy"])
    return model


def images_per_second(data: AugmentedSequence, rounds: int) -> float:
    """Returns how many images the Sequence delivers in a second, alone; the median of some epochs."""
    rates = []
    for _ in range(rounds + 2):
        started = time.perf_counter()
        images = sum(len(x) for x, _ in data)
        rates.append(images / (time.perf_counter() - started))
    return statistics.median(rates)


def waiting_share(model: Any, data: AugmentedSequence, rounds: int) -> float:
    """Returns the part of a training step's time that is spent waiting for data, from 0 to 1.

    The same `fit` runs on `data` and on one ready batch, in turns. What the median step takes longer is the waiting.
    """
    x, y = data[0]
    ready = _ReadyBatch(x, y, len(data))
    on_data, on_ready = _StepTimer(), _StepTimer()
    for _ in range(rounds):
        for fed, timer in ((ready, on_ready), (data, on_data)):
            model.fit(fed, verbose=0, shuffle=False, callbacks=[timer])
    return max(0.0, 1 - statistics.median(on_ready.seconds) / statistics.median(on_data.seconds))


def gallery(pictures: Pictures, draws: int = 5) -> NDArray[np.float32]:
    """Returns one training picture of each class, plain and then as it is augmented in the first epochs.

    Returns:
        `(1 + draws, classes, height, width, 3)`, values from 0 to 1.
    """
    labels = list(range(len(pictures.classes)))
    shown = Split([pictures.train.paths[pictures.train.labels.index(label) + _SHOWN] for label in labels], labels)
    augmented = sequence(shown, AUGMENTATIONS[WITH], shuffle=False)
    rows = [sequence(shown, AUGMENTATIONS[WITHOUT], shuffle=False)[0][0]]
    for epoch in range(draws):
        augmented.epoch = epoch
        rows.append(augmented[0][0])
    return np.stack(rows)


class _ReadyBatch(keras.utils.PyDataset):  # type: ignore[misc]  # Keras has no types
    """A data set that costs nothing: always the same batch, in memory that TensorFlow takes without a copy."""

    def __init__(self, x: NDArray[Any], y: NDArray[Any], length: int) -> None:
        super().__init__()
        self._x = buffers.aligned(x.shape, x.dtype)
        self._x[...] = x
        self._y = y
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, index: int) -> tuple[NDArray[Any], NDArray[Any]]:
        return self._x, self._y


class _StepTimer(keras.callbacks.Callback):  # type: ignore[misc]
    """Times from the end of one step to the end of the next: waiting for the batch, then working on it."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []
        self._last: float | None = None

    def on_epoch_begin(self, epoch: int, logs: Any = None) -> None:  # noqa: ARG002 (Keras's signature)
        self._last = None

    def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
        float(logs["loss"])  # a backend may return before the step is done; its loss is there when it is
        now = time.perf_counter()
        if self._last is not None:
            self.seconds.append(now - self._last)
        self._last = now


class _ShowEpochs(keras.callbacks.Callback):  # type: ignore[misc]
    """Shows how far a training is."""

    def __init__(self, name: str, epochs: int, progress: Progress) -> None:
        super().__init__()
        self._name, self._epochs, self._progress = name, epochs, progress
        progress.show(f"Training {name} ...")

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        accuracy = logs["val_accuracy"]
        self._progress.show(
            f"Training {self._name}: epoch {epoch + 1} of {self._epochs}, held-out accuracy {accuracy:.0%}"
        )
