"""Keras's own loops over a Sequence: every argument that decides which batches are seen, and when."""

import keras
import numpy as np
import pytest
from common import Batches
from fits import COUNT, LABELS, PICTURES, Spy, flat, trained, within

from seqaug import AugmentedSequence, EpochSync, RandomFlip, RandomRotation, Rescaling

AUGMENT = [RandomFlip(), RandomRotation(degrees=20), Rescaling(1 / 255)]


def make(**changed):
    return AugmentedSequence(PICTURES, LABELS, **{"augment": AUGMENT, "batch_size": 8, "seed": 7, **changed})


def keyed(*epochs, **changed):
    sequence = make(**changed)
    return [flat(sequence.batch(index, epoch)) for epoch in epochs for index in range(len(sequence))]


def network(**compiled):
    layers = [keras.Input(PICTURES.shape[1:]), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(COUNT)]
    result = keras.Sequential(layers)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    result.compile(**{"optimizer": "sgd", "loss": loss, "metrics": ["accuracy"], **compiled})
    return result


def weights(model):
    return [weight.numpy().tolist() for weight in model.weights]


def spy(**compiled):
    result = Spy()
    result.compile("sgd", "mse", **{"run_eagerly": True, **compiled})
    return result


@pytest.mark.parametrize("workers", [1, 2])
def test_validation_steps_and_frequency(workers):
    """What validation sees is whole and in order every time, and does not disturb training."""
    validation = make(shuffle=False, augment=AUGMENT[2:], workers=workers)

    class Both(Spy):
        def test_step(self, data):
            self.tested = [*getattr(self, "tested", []), flat(data)]
            return {"loss": keras.ops.zeros(())}

    # With workers and too few steps Keras goes on where it stopped, over any Sequence.
    some = [0, 1] * 4 if workers == 1 else [0, 1, 2, 3] * 2
    for steps, often, expected in ((None, 1, [0, 1, 2, 3] * 4), (2, 1, some), (None, 2, [0, 1, 2, 3] * 2)):
        model = Both()
        model.compile("sgd", "mse", run_eagerly=True)
        arguments = {"validation_data": validation, "validation_steps": steps, "validation_freq": often}
        within(model.fit, make(workers=workers), epochs=4, shuffle=False, verbose=0, **arguments)
        assert list(model.seen) == keyed(0, 1, 2, 3)
        assert list(model.tested) == [flat(validation[index]) for index in expected]


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")  # Keras 3.12
def test_hooks_of_validation_data_are_called_twice_and_do_no_harm():
    """A shuffled one that augments: its epochs go up by one each time, and every batch is of one epoch."""
    source = Batches([(PICTURES[:8], LABELS[:8])] * 3)
    validation = AugmentedSequence(source, augment=AUGMENT, seed=7)
    with pytest.warns(UserWarning, match="augments at random"):
        network().fit(make(), epochs=2, verbose=0, validation_data=validation)
    assert source.hooks == ["end", "begin", "end"] * 2
    assert validation.epoch == 2


@pytest.mark.parametrize("workers", [1, 3])
def test_steps_per_epoch_over_repeat(workers):
    """Shorter and longer than an epoch of the data: nothing is skipped, nothing seen twice."""
    for steps in (3, 6):
        seen = within(trained, make(workers=workers).repeat(), steps_per_epoch=steps, epochs=2)
        assert seen == keyed(0, 1, 2)[: 2 * steps]


def test_initial_epoch_and_resuming():
    """Two runs, the second a new process's: by EpochSync, or by setting the epoch."""
    straight = within(trained, make(), epochs=4)
    for resume in ("callback", "setter"):
        first, second = make(), make()
        if resume == "setter":
            second.epoch = 2
        callbacks = [EpochSync(second)] if resume == "callback" else []
        seen = within(trained, first, epochs=2)
        assert seen + within(trained, second, initial_epoch=2, epochs=4, callbacks=callbacks) == straight


@pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy:DeprecationWarning")  # in Keras
def test_backup_and_restore(tmp_path):
    """A run that breaks and is started anew by Keras's callback ends as one that did not, in whatever epoch it was."""

    def power_fails(epoch, logs):
        if epoch == 1:
            raise InterruptedError("power")

    def run(model, **hooks):
        sequence, begun = make(), []
        noting = keras.callbacks.LambdaCallback(
            on_epoch_begin=lambda epoch, logs: begun.append((epoch, sequence.epoch)),  # noqa: ARG005
            **hooks,
        )
        callbacks = [keras.callbacks.BackupAndRestore(tmp_path / "backup"), EpochSync(sequence), noting]
        model.fit(sequence, epochs=4, verbose=0, shuffle=False, callbacks=callbacks)
        return begun

    straight, broken = network(), network()
    broken.set_weights(straight.get_weights())
    resumed = network()
    straight.fit(make(), epochs=4, verbose=0, shuffle=False)
    with pytest.raises(InterruptedError, match="power"):
        run(broken, on_epoch_end=power_fails)
    begun = run(resumed)
    assert begun[0][0] > 0
    assert all(theirs == ours for theirs, ours in begun)
    for ours, theirs in zip(resumed.get_weights(), straight.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("workers", [1, 2])
def test_steps_per_execution(workers):
    """Several steps in one call of a graph train as single ones do."""
    one, many = network(run_eagerly=True), network(steps_per_execution=2)
    many.set_weights(one.get_weights())
    one.fit(make(), epochs=2, verbose=0, shuffle=False)
    within(many.fit, make(workers=workers), epochs=2, verbose=0, shuffle=False)
    for ours, theirs in zip(many.get_weights(), one.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


def test_keras_shuffle_only_permutes_batches():
    """Which it does by default, with Python's global generator."""
    seen = within(trained, make(), epochs=2, shuffle=True)
    assert sorted(seen[:4]) == sorted(keyed(0))
    assert sorted(seen[4:]) == sorted(keyed(1))


def test_tf_dataset_counts_epochs_as_loops_do():
    sequence = make()
    seen = within(trained, sequence.to_tf_dataset(), epochs=3)
    assert seen == keyed(0, 1, 2)
    assert sequence.epoch == 3
    data = make(batch_size=29).to_tf_dataset()
    model = network(run_eagerly=True)
    model.fit(data, epochs=2, verbose=0, shuffle=False, validation_data=make().evaluation().to_tf_dataset())
    assert model.predict(make().evaluation().to_tf_dataset(), verbose=0).shape == (COUNT, COUNT)


def test_train_on_batch():
    """A loop by hand trains as `fit` does."""
    by_fit, by_hand = network(run_eagerly=True), network(run_eagerly=True)
    by_hand.set_weights(by_fit.get_weights())
    by_fit.fit(make(), epochs=2, verbose=0, shuffle=False)
    sequence = make()
    for _ in range(2):
        for x, y in sequence:
            by_hand.train_on_batch(x, y)
    assert weights(by_hand) == weights(by_fit)


def test_class_weight_equals_sample_weight():
    one, other = network(run_eagerly=True), network(run_eagerly=True)
    other.set_weights(one.get_weights())
    one.fit(make(), class_weight={label: 1 + label % 3 for label in range(COUNT)}, verbose=0, shuffle=False)
    given = (1 + LABELS % 3).astype("f4")
    weighted = AugmentedSequence(PICTURES, LABELS, given, augment=AUGMENT, batch_size=8, seed=7)
    other.fit(weighted, verbose=0, shuffle=False)
    for ours, theirs in zip(one.get_weights(), other.get_weights(), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-7)


def test_mixed_precision():
    """Batches stay float32; the model casts them."""
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        model = network()
    finally:
        keras.mixed_precision.set_global_policy("float32")
    history = model.fit(make(), epochs=2, verbose=0, validation_data=make().evaluation()).history
    assert model.layers[-1].compute_dtype == "float16"
    assert np.isfinite([*history["loss"], *history["val_loss"]]).all()
    assert make()[0][0].dtype == np.float32


@pytest.mark.parametrize("workers", [1, 2])
def test_evaluate_and_predict_of_views(workers):
    model, sequence = network(), make(workers=workers)
    pictures = (PICTURES / 255).astype("f4")
    view = sequence.evaluation()
    for _ in range(2):
        np.testing.assert_allclose(
            within(model.evaluate, view, verbose=0), model.evaluate(pictures, LABELS, verbose=0), rtol=1e-5
        )
        np.testing.assert_allclose(
            within(model.predict, view, verbose=0), model.predict(pictures, verbose=0), atol=1e-5
        )
    assert within(model.predict, view, steps=2, verbose=0).shape == (16, COUNT)


def test_predict_warns_where_the_order_is_lost():
    with pytest.warns(UserWarning, match="shuffled order"):
        network().predict(make(), verbose=0)
    network().predict(make().evaluation(), verbose=0)
    network().predict(make(shuffle=False).evaluation(), verbose=0)


def test_an_error_in_one_fit_does_not_spoil_the_next():
    """The epoch that failed is over; the next one is whole."""
    source = Batches([(PICTURES[:8], LABELS[:8]), (PICTURES[8:16], LABELS[8:16]), ArithmeticError("mine")])
    sequence = AugmentedSequence(source, augment=AUGMENT, seed=7)
    model = spy()
    with pytest.raises(Exception, match="mine"):
        within(model.fit, sequence, epochs=2, verbose=0, shuffle=False)
    source.batches[2] = (PICTURES[16:24], LABELS[16:24])
    sequence.epoch = 5
    assert within(trained, sequence) == [flat(sequence.batch(index, 5)) for index in range(3)]


def test_one_batch_and_one_image():
    """Shorter than what Keras fetches beforehand."""
    for size in (1, 29, 64):
        sequence = AugmentedSequence(PICTURES[:1], [3], augment=AUGMENT, batch_size=size, seed=7)
        assert within(trained, sequence, epochs=2) == [flat(sequence.batch(0, epoch)) for epoch in (0, 1)]
