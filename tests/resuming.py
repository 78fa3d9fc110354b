"""A training that may be interrupted, as a program: what it saw goes to a file, line by line, so that nothing is lost.

`python resuming.py FOLDER NAME MANNER FROM STOP`: NAME is that of the file, MANNER how the training is resumed, FROM in
which epoch; STOP is "never" or how it ends and when, as "exit 2 1" does in epoch 2 after batch 1.
"""

import hashlib
import json
import os
import sys
from pathlib import Path

import keras
import tensorflow as tf
from fits import LABELS, PICTURES, flat

from seqaug import AugmentedSequence, EpochSync, MixUp, RandomFlip, RandomRotation, Rescaling

EPOCHS, BATCHES = 5, 4


class Model(keras.Model):
    """Notes the hash of every batch that it is trained on."""

    notes = None

    def __init__(self):
        super().__init__()
        self.network = keras.Sequential(
            [
                keras.layers.Conv2D(4, 3, activation="relu"),
                keras.layers.BatchNormalization(),
                keras.layers.GlobalAveragePooling2D(),
                keras.layers.Dense(3),
            ]
        )

    def call(self, x, training=None):
        return self.network(x, training=training)

    def train_step(self, data):
        self.notes.note("batch", hashlib.sha256(repr(flat(data)).encode()).hexdigest())
        return super().train_step(data)


class Notes(keras.callbacks.Callback):
    """A file of what happens, which ends the process, or the training, when it is time."""

    def __init__(self, path, stop):
        super().__init__()
        self.path, self.stop, self.epoch = path, stop.split(), None

    def note(self, *line):
        with self.path.open("a") as file:
            file.write(json.dumps(line) + "\n")

    def on_epoch_begin(self, epoch, logs=None):  # noqa: ARG002
        self.epoch = epoch
        self.note("epoch", epoch)

    def on_train_batch_end(self, batch, logs=None):  # noqa: ARG002
        if self.stop[1:] == [str(self.epoch), str(batch)]:
            if self.stop[0] == "exit":
                os._exit(9)
            raise InterruptedError("power")

    def on_epoch_end(self, epoch, logs=None):  # noqa: ARG002
        self.note("logs", logs)


def trained(folder, name, manner, first, stop):
    """Trains as the program does."""
    keras.utils.set_random_seed(1)
    tf.config.experimental.enable_op_determinism()
    augment = [RandomFlip(), RandomRotation(degrees=20), MixUp(), Rescaling(1 / 255)]
    y = keras.utils.to_categorical(LABELS % 3, 3)
    train = AugmentedSequence(PICTURES, y, augment=augment, batch_size=8, seed=7, threads=2)
    validation = AugmentedSequence(PICTURES, y, augment=augment[-1:], batch_size=8, shuffle=False)
    model = Model()
    model(train[0][0])
    schedule = keras.optimizers.schedules.ExponentialDecay(0.01, 3, 0.9)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(schedule), loss, metrics=["accuracy"], run_eagerly=True)
    model.notes = notes = Notes(folder / name, stop)
    callbacks = [notes, EpochSync(train)]
    if manner.startswith("backup"):
        often = manner.removeprefix("backup ")
        often = "epoch" if often == "epoch" else int(often)
        callbacks.insert(0, keras.callbacks.BackupAndRestore(folder / f"{manner}.backup", save_freq=often))
    else:
        saved = str(folder / "{epoch}.weights.h5")
        callbacks.insert(0, keras.callbacks.ModelCheckpoint(saved, save_weights_only=True))
        if first:
            model.optimizer.build(model.trainable_variables)
            model.load_weights(saved.format(epoch=first))
        if manner == "setter":
            train.epoch = first
            callbacks.pop()
    model.fit(
        train,
        validation_data=validation,
        initial_epoch=first,
        epochs=EPOCHS,
        shuffle=False,
        verbose=0,
        callbacks=callbacks,
    )
    values = [variable.numpy().tobytes() for variable in [*model.variables, *model.optimizer.variables]]
    notes.note("weights", hashlib.sha256(b"".join(values)).hexdigest())


if __name__ == "__main__":
    trained(Path(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
