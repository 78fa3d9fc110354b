"""Fits on JAX and PyTorch: `KERAS_BACKEND=jax pytest tests/backends/fit_on_backend.py`, where TensorFlow is not needed.

Not collected with the other tests, since one process has one backend.
"""

import os
import threading

import keras
import numpy as np
import pytest

from seqaug import AugmentedSequence, EpochSync, RandomFlip, RandomRotation, Rescaling

COUNT = 29
GRID = np.arange(COUNT * 7 * 6 * 3).reshape(COUNT, 7, 6, 3)
IMAGES = (GRID * GRID // 7 % 256).astype("u1")
LABELS = np.arange(COUNT, dtype="i4")  # which JAX takes as they are
AUGMENT = [RandomFlip(), RandomRotation(degrees=20), Rescaling(1 / 255)]
# Keras 3.15.1 on PyTorch, in `convert_to_numpy`.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")
both = pytest.mark.parametrize("built", [True, False])
several = pytest.mark.parametrize("workers", [1, 2])


def make(**changed):
    arguments = {"augment": AUGMENT, "batch_size": 8, "seed": 7, **changed}
    return AugmentedSequence(IMAGES, LABELS, **arguments)


class Spy(keras.Sequential):
    """A model that notes the batches of `fit` and `evaluate`, on any backend."""

    def __init__(self, built):
        inputs = [keras.Input((7, 6, 3))] if built else []
        super().__init__([*inputs, keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(COUNT)])
        self.trained, self.tested = [], []

    def train_step(self, *arguments):  # (data,) or, on JAX, (state, data)
        self.trained.append(bits(arguments[-1]))
        return super().train_step(*arguments)

    def test_step(self, *arguments):
        self.tested.append(bits(arguments[-1]))
        return super().test_step(*arguments)


def model(built):
    result = Spy(built)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    result.compile("sgd", loss, metrics=["accuracy"], run_eagerly=True)
    return result


def prepared(spy):
    """A model that knows what batches are, so that Keras needs no look at one."""
    spy.test_on_batch((IMAGES[:8] / 255).astype("f4"), LABELS[:8])
    spy.tested.clear()
    return spy


def bits(batch):
    return tuple(keras.ops.convert_to_numpy(part).tobytes() for part in batch[:2])


def keyed(sequence, *epochs):
    return [bits(sequence.batch(index, epoch)) for epoch in epochs for index in range(len(sequence))]


def test_this_is_the_backend():
    assert keras.backend.backend() == os.environ["KERAS_BACKEND"] != "tensorflow"


@both
def test_every_epoch_once(built):
    """The first `fit` after `compile` has Keras begin an epoch and drop it, in order to see a batch."""
    train, spy = make(), model(built)
    validation = make(shuffle=False, augment=[Rescaling(1 / 255)])
    spy.fit(train, epochs=2, verbose=0, shuffle=False, validation_data=validation)
    spy.fit(train, epochs=2, verbose=0, shuffle=False)
    assert train.epoch == 4
    assert spy.trained == keyed(make(), 0, 1, 2, 3)
    assert spy.tested == keyed(validation, 0, 0)
    spy.compile("sgd", spy.loss, run_eagerly=True)
    spy.fit(train, verbose=0, shuffle=False)
    assert spy.trained[16:] == keyed(make(), 4)


@both
@several
def test_every_epoch_once_with_workers(built, workers):
    train, spy = make(workers=workers), prepared(model(built))
    validation = make(shuffle=False, augment=[Rescaling(1 / 255)], workers=workers)
    spy.fit(train, epochs=2, verbose=0, shuffle=False, validation_data=validation)
    spy.fit(train, epochs=2, verbose=0, shuffle=False)
    assert spy.trained == keyed(make(), 0, 1, 2, 3)
    assert spy.tested == keyed(validation, 0, 0)


@both
@pytest.mark.parametrize("endless", [False, True])
def test_keras_loses_a_batch_of_workers(built, endless):
    """And says nothing. In 3.15.1 it is one, in 3.12 on JAX more; what is seen is at least never seen twice."""
    train, spy = make(workers=2), model(built)
    data = train.repeat() if endless else train
    with pytest.warns(UserWarning, match=r"loses batches.*Use `workers=1`.*Received: workers=2"):
        spy.fit(data, epochs=2, steps_per_epoch=4 if endless else None, verbose=0, shuffle=False)
    assert spy.trained == keyed(make(), 0, 1, 2)[1:9]


def test_evaluate_loses_a_batch_of_workers():
    spy = model(built=True)
    with pytest.warns(UserWarning, match="loses batches"):
        spy.evaluate(make(workers=2).evaluation(), verbose=0)


@both
@several
def test_epoch_sync(built, workers):
    train, spy = make(workers=workers), model(built)
    if workers > 1:
        prepared(spy)
    spy.fit(train, initial_epoch=2, epochs=4, verbose=0, shuffle=False, callbacks=[EpochSync(train)])
    assert spy.trained == keyed(make(), 2, 3)


@both
def test_evaluate_first(built):
    train, spy = make(), model(built)
    with pytest.warns(UserWarning, match="`evaluate` goes through a Sequence that augments at random"):
        spy.evaluate(train, verbose=0)
    assert spy.tested == keyed(make(), 0)
    assert train.epoch == 1


@several
def test_repeat(workers):
    spy = prepared(model(built=True))
    spy.fit(make(workers=workers).repeat(), steps_per_epoch=3, epochs=3, verbose=0, shuffle=False)
    assert spy.trained == keyed(make(), 0, 1, 2)[:9]


@both
@several
def test_predict_and_evaluate_equal_arrays(built, workers):
    validation, spy = make(workers=workers).evaluation(), prepared(model(built))
    images = (IMAGES / 255).astype("f4")
    np.testing.assert_allclose(
        spy.evaluate(validation, verbose=0), spy.evaluate(images, LABELS, batch_size=8, verbose=0), rtol=1e-5
    )
    np.testing.assert_allclose(spy.predict(validation, verbose=0), spy.predict(images, verbose=0), atol=1e-5)


@several
def test_predict_warns_of_shuffled_order(workers):
    spy = model(built=True)
    with pytest.warns(UserWarning, match="shuffled order"):
        spy.predict(make(workers=workers), verbose=0)
    spy.predict(make(workers=workers).evaluation(), verbose=0)  # warnings are errors


def test_compiled_fits_learn():
    """As users run it, compiled: the labels are put into the pictures, and the loss falls."""
    images = np.broadcast_to((LABELS % 2 * 200).astype("u1")[:, None, None, None], (COUNT, 7, 6, 3))
    train = AugmentedSequence(images, LABELS % 2, augment=[RandomFlip(), Rescaling(1 / 255)], batch_size=8, seed=1)
    network = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
    network.compile(keras.optimizers.Adam(0.1), keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    losses = network.fit(train, epochs=8, verbose=0, validation_data=train.evaluation()).history
    assert losses["loss"][-1] < losses["loss"][0] / 2
    assert losses["val_loss"][-1] < losses["val_loss"][0] / 2


def test_no_thread_is_left():
    spy = prepared(model(built=True))
    spy.fit(make(workers=3), verbose=0)
    before = threading.active_count()
    for _ in range(3):
        spy.fit(make(workers=3), epochs=2, verbose=0)
    assert threading.active_count() <= before
