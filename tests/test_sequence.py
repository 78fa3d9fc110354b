"""AugmentedSequence as Keras uses it, and as its contracts say: pure batches, honest epochs, nothing lost."""

import multiprocessing
import pickle
import random
import threading

import keras
import numpy as np
import pytest
import tensorflow as tf
from common import digest, digests
from hypothesis import given, settings
from hypothesis import strategies as st

from seqaug import AugmentedSequence, Pipeline, RandomFlip, RandomRotation, Rescaling

AUGMENT = [RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)]
COUNT = 53
IMAGES = np.random.default_rng(0).integers(0, 256, (COUNT, 12, 17, 3), np.uint8)
LABELS = np.arange(COUNT)


def make(**changed):
    arguments = {"augment": AUGMENT, "batch_size": 8, "seed": 7, **changed}
    return AugmentedSequence(arguments.pop("x", IMAGES), arguments.pop("y", LABELS), **arguments)


def epochs(sequence, count):
    """The batches of epochs 0 … count - 1, asked for one by one."""
    batches = []
    for epoch in range(count):
        sequence.epoch = epoch
        batches.append(digests(sequence))
    return batches


def small_model():
    model = keras.Sequential(
        [keras.Input((12, 17, 3)), keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(COUNT)]
    )
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return model


class Recorder(AugmentedSequence):
    """Notes which batches are asked for in which of Keras's epochs: hook calls count 'begin' and 'end'."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.events = []

    def on_epoch_begin(self):
        super().on_epoch_begin()
        self.events.append("begin")

    def on_epoch_end(self):
        super().on_epoch_end()
        self.events.append("end")

    def __getitem__(self, index):
        batch = super().__getitem__(index)
        self.events.append((int(index), digest(batch)))
        return batch


class Spy(keras.Model):
    """A model that notes the labels and a pixel sum of every training batch."""

    def __init__(self):
        super().__init__()
        self.weight = self.add_weight(shape=(), initializer="zeros")
        self.seen = []

    def call(self, x):
        return keras.ops.sum(x, axis=(1, 2, 3)) * self.weight

    def train_step(self, data):
        x, y = data[:2]
        self.seen.append((x.numpy().tobytes(), y.numpy().tobytes()))
        return {"loss": tf.constant(0.0)}


def trained_batches(sequence, *fits, **arguments):
    model = Spy()
    model.compile("sgd", "mse", run_eagerly=True)
    for epochs_of_fit in fits:
        model.fit(sequence, epochs=epochs_of_fit, verbose=0, **arguments)
    return model.seen


def expected_batches(count, **changed):
    sequence = make(**changed)
    result = []
    for epoch in range(count):
        sequence.epoch = epoch
        result.append([tuple(part.tobytes() for part in sequence[i]) for i in range(len(sequence))])
    return result


@pytest.mark.parametrize("workers", [1, 2, 4])
@pytest.mark.parametrize("threads", [None, 1, 3])
def test_fit_trains_on_every_epoch_once(workers, threads):
    """fit(2) then fit(2), with validation between: epoch e sees exactly the batches keyed e, each once."""
    sequence = make(workers=workers, threads=threads)
    validation = make(shuffle=False, augment=[Rescaling(1 / 255)])
    seen = trained_batches(sequence, 2, 2, validation_data=validation, validation_steps=1)
    expected = expected_batches(4)
    length = len(sequence)
    assert len(seen) == 4 * length
    for epoch, batches in enumerate(expected):
        assert sorted(seen[epoch * length : (epoch + 1) * length]) == sorted(batches)


@pytest.mark.parametrize("workers", [1, 3])
def test_two_fits_are_one(workers):
    one = trained_batches(make(workers=workers), 4, shuffle=False)
    two = trained_batches(make(workers=workers), 2, 2, shuffle=False)
    assert one == two
    assert one == [batch for epoch in expected_batches(4) for batch in epoch]


def test_probes_advance_nothing():
    recorder = Recorder(IMAGES, LABELS, augment=AUGMENT, batch_size=8, seed=7)
    small_model().fit(recorder, epochs=2, verbose=0, shuffle=False)
    first, *_ = epochs(make(), 1)
    assert recorder.events[:3] == [(0, first[0]), (1, first[1]), "end"]  # what Keras does before its first epoch
    assert recorder.events[3] in ("begin", (0, first[0]))
    assert recorder.epoch == 2


def test_the_global_generators_are_left_alone():
    np.random.seed(0)
    random.seed(0)
    before = np.random.get_state()[1].tolist(), random.getstate()
    make()[3]
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before


@settings(max_examples=50)
@given(st.integers(1, 60), st.booleans(), st.booleans(), st.integers(0, 5), st.integers(1, COUNT))
def test_every_sample_once_an_epoch(batch_size, shuffle, drop_remainder, epoch, count):
    if drop_remainder and batch_size > count:
        return
    sequence = make(
        x=IMAGES[:count], y=LABELS[:count], batch_size=batch_size, shuffle=shuffle, drop_remainder=drop_remainder
    )
    sequence.epoch = epoch
    labels = np.concatenate([sequence[i][1] for i in range(len(sequence))]).tolist()
    assert len(labels) == len(set(labels)) == (count // batch_size * batch_size if drop_remainder else count)
    if not shuffle:
        assert labels == sorted(labels)
    assert all(len(sequence[i][0]) == batch_size for i in range(len(sequence) - 1))


def test_epochs_differ():
    batches = [digest for epoch in epochs(make(), 3) for digest in epoch]
    assert len(set(batches)) == len(batches)
    unshuffled = epochs(make(shuffle=False), 3)
    assert len({epoch[0] for epoch in unshuffled}) == 3
    assert len({tuple(labels for *_, labels in epoch) for epoch in unshuffled}) == 1


def test_a_sample_has_its_draws_wherever_it_lands():
    """Batch size, shuffling and drop_remainder move samples between batches and change none."""

    def by_label(**changed):
        sequence = make(**changed)
        return {
            int(y): x.tobytes()
            for batch in (sequence[i] for i in range(len(sequence)))
            for x, y in zip(*batch, strict=True)
        }

    whole = by_label()
    assert by_label(batch_size=5) == whole
    assert by_label(shuffle=False, batch_size=64) == whole
    assert len(whole) == COUNT


def test_access_order_and_repetition():
    sequence = make()
    forward = [digest(sequence[i]) for i in range(len(sequence))]
    order = list(range(len(sequence))) * 3
    random.Random(0).shuffle(order)
    assert all(digest(sequence[i]) == forward[i] for i in order)
    assert digest(sequence[-1]) == forward[-1]
    assert digest(sequence[np.int64(2)]) == forward[2]


@pytest.mark.parametrize("threads", [1, 2, 5, 64])
def test_threads_change_no_bit(threads):
    assert epochs(make(threads=threads), 2) == epochs(make(), 2)


def test_many_callers_at_once():
    sequence = make(threads=3)
    expected = [digest(sequence[i]) for i in range(len(sequence))]
    wrong = []

    def ask():
        wrong.extend(i for i in list(range(len(sequence))) * 5 if digest(sequence[i]) != expected[i])

    callers = [threading.Thread(target=ask) for _ in range(8)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert not wrong


def test_pickled():
    sequence = make()
    sequence.epoch = 3
    copy = pickle.loads(pickle.dumps(sequence))
    assert copy.epoch == 3
    assert epochs(copy, 2) == epochs(sequence, 2)


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning", "ignore:.*fork.*:RuntimeWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes(method):
    """Also after the pool of threads has been in use here, which a forked child must not wait for."""
    sequence = make(threads=2)
    expected = digests(sequence)
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply_async(digests, (sequence,)).get(timeout=120) == expected


def test_loops_by_hand_advance_the_epoch():
    sequence = make()
    by_hand = [[digest(batch) for batch in sequence] for _ in range(3)]
    assert sequence.epoch == 3
    assert by_hand == epochs(make(), 3)
    for _ in sequence:
        break
    assert sequence.epoch == 3  # an epoch that was left early is not over


def test_weights_and_targets_go_with_their_images():
    weights = LABELS / 10
    targets = np.stack([LABELS, -LABELS], axis=1)
    sequence = make(y=targets, sample_weight=weights)
    for i in range(len(sequence)):
        x, y, weight = sequence[i]
        assert len(x) == len(y) == len(weight)
        np.testing.assert_array_equal(y[:, 0], -y[:, 1])
        np.testing.assert_array_equal(weight, y[:, 0] / 10)


def test_without_targets():
    alone = AugmentedSequence(IMAGES, augment=AUGMENT, batch_size=8, seed=7, shuffle=False)
    assert isinstance(alone[0], np.ndarray)
    assert small_model().predict(alone.evaluation(), verbose=0).shape == (COUNT, COUNT)


def test_lists_of_labels():
    assert make(y=LABELS.tolist(), shuffle=False)[0][1].tolist() == list(range(8))


@pytest.mark.parametrize("workers", [1, 2])
def test_fit_evaluate_predict(workers):
    model = small_model()
    train = make(workers=workers)
    validation = make(augment=[Rescaling(1 / 255)], shuffle=False, workers=workers)
    history = model.fit(train, epochs=2, validation_data=validation, verbose=0)
    assert np.isfinite(history.history["val_loss"]).all()
    images = (IMAGES / np.float32(255)).astype("f4")
    np.testing.assert_allclose(
        model.evaluate(validation, verbose=0), model.evaluate(images, LABELS, verbose=0), rtol=1e-5
    )
    np.testing.assert_allclose(model.predict(validation, verbose=0), model.predict(images, verbose=0), atol=1e-5)
    assert validation.epoch > 0  # used up by evaluate and predict, without effect: nothing random is in it


def test_class_weight():
    small_model().fit(make(), class_weight=dict.fromkeys(range(COUNT), 0.5), verbose=0)


def test_errors_reach_the_user_and_leave_nothing_behind(tmp_path):
    import skimage.data
    from PIL import Image

    paths = [tmp_path / f"{i}.png" for i in range(20)]
    for path in paths:
        Image.fromarray(skimage.data.astronaut()[:12, :17]).save(path)
    sequence = make(x=paths, y=LABELS[:20], workers=2, batch_size=4)
    paths[13].write_bytes(b"no picture")
    before = threading.active_count()
    with pytest.raises(Exception, match=r"13\.png"):
        small_model().fit(sequence, verbose=0)
    paths[13].write_bytes(paths[12].read_bytes())
    small_model().fit(sequence, verbose=0)
    assert threading.active_count() <= before + 2  # the pool's own


def test_batches_are_aligned_and_not_overwritten():
    sequence = make()
    first = sequence[0][0]
    kept, copy = first[1:3], first[1:3].copy()
    del first
    for _ in range(20):
        assert sequence[1][0].ctypes.data % 64 == 0
    np.testing.assert_array_equal(kept, copy)


def test_tensorflow_takes_batches_without_a_copy():
    """Shown by writing to the array afterwards: only TensorFlow's view of the same memory can follow."""
    x = make()[0][0]
    signature = tf.TensorSpec(x.shape, tf.float32)
    tensor = next(iter(tf.data.Dataset.from_generator(lambda: iter([x]), output_signature=signature)))
    x[0, 0, 0, 0] = 12345.0
    assert tensor.numpy()[0, 0, 0, 0] == 12345.0


def test_channels_first():
    last = make()
    first = make(x=IMAGES.transpose(0, 3, 1, 2), data_format="channels_first")
    for i in range(len(last)):
        np.testing.assert_array_equal(first[i][0], last[i][0].transpose(0, 3, 1, 2))
    assert first[0][0].flags.c_contiguous


def test_uint8_batches():
    sequence = make(augment=AUGMENT[:2], dtype="uint8")
    assert sequence[0][0].dtype == np.uint8
    floats = make(augment=AUGMENT[:2])[0][0]
    np.testing.assert_array_equal(sequence[0][0], np.floor(floats + 0.5))


def test_a_pipeline_is_taken_as_it_is():
    assert epochs(make(augment=Pipeline(AUGMENT)), 1) == epochs(make(), 1)


def test_fresh_seeds():
    one, two = make(seed=None), make(seed=None)
    assert one.seed != two.seed
    assert digest(one[0]) != digest(two[0])
    assert f"seed={one.seed}" in repr(one)
    assert epochs(make(seed=one.seed), 1) == epochs(one, 1)


def test_plan_tells_what_was_drawn():
    sequence = make(shuffle=False)
    plan = sequence.plan(2)
    np.testing.assert_array_equal(
        Pipeline(AUGMENT).run(plan, IMAGES[16:24], np.empty((8, 12, 17, 3), "f4")), sequence[2][0]
    )


def test_without_targets_the_order_is_kept():
    """What `predict` returns comes in the order of the batches."""
    alone = AugmentedSequence(IMAGES, batch_size=8)
    np.testing.assert_array_equal(np.concatenate([alone[i] for i in range(len(alone))]), IMAGES)


def test_another_seed_is_another_sequence():
    sequence = make()
    sequence[0]
    sequence.seed = 8
    assert epochs(sequence, 2) == epochs(make(seed=8), 2)


def test_an_epoch_set_during_a_loop_stays():
    sequence = make()
    for _ in sequence:
        sequence.epoch = 9
    assert sequence.epoch == 9


def test_masks_pass_where_nothing_moves():
    masks = IMAGES[..., 0]
    batch = make(y=masks, augment=[Rescaling(1 / 255)], shuffle=False)[0]
    np.testing.assert_array_equal(batch[1], masks[:8])


def test_a_pipeline_brings_its_image_size():
    assert make(augment=Pipeline(AUGMENT, image_size=(6, 5)))[0][0].shape == (8, 6, 5, 3)


@pytest.mark.parametrize("index", [7, -8, 10**9])
def test_index_out_of_range(index):
    with pytest.raises(IndexError, match="`index` must be from -7 to 6"):
        make()[index]
