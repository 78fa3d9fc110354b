"""Another Sequence as `x`: its batches augmented as they come, its hooks and errors passed on, or all untouched."""

import multiprocessing
import re
from concurrent.futures import ProcessPoolExecutor

import keras
import numpy as np
import pytest
import tensorflow as tf
from common import Batches, digest, digests
from fits import flat, trained, trained_under
from hypothesis import given, settings
from hypothesis import strategies as st

from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling

AUGMENT = [RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)]
IMAGES = np.random.default_rng(0).integers(0, 256, (53, 12, 17, 3), np.uint8)
LABELS = np.arange(53)


def inner(size=8, **changed):
    return Batches([(IMAGES[i : i + size], LABELS[i : i + size]) for i in range(0, 53, size)], **changed)


def wrap(sequence, **changed):
    return AugmentedSequence(sequence, **{"augment": AUGMENT, "seed": 7, **changed})


@settings(max_examples=25)
@given(st.integers(1, 60), st.booleans(), st.integers(0, 3), st.integers(0, 2**64 - 1))
def test_equals_arrays_bit_for_bit(size, told, epoch, seed):
    """With a `batch_size` told or counted from batch 0."""
    direct = AugmentedSequence(IMAGES, LABELS, augment=AUGMENT, batch_size=size, shuffle=False, seed=seed)
    wrapped = wrap(inner(size, batch_size=size) if told else inner(size), seed=seed)
    direct.epoch = wrapped.epoch = epoch
    assert len(wrapped) == len(direct)
    assert digests(wrapped) == digests(direct)
    np.testing.assert_array_equal(wrapped.plan(0).stages[0].matrices, direct.plan(0).stages[0].matrices)


MASKS = IMAGES[..., :1].astype("i8")


@pytest.mark.parametrize(
    ("batch", "expected"),
    [
        (IMAGES, "x"),
        ((IMAGES,), ("x",)),
        ([IMAGES, LABELS], ("x", LABELS)),
        ((IMAGES, LABELS, LABELS / 2), ("x", LABELS, LABELS / 2)),
        ((IMAGES, None), ("x", None)),
        ((IMAGES, {"labels": LABELS}), ("x", {"labels": LABELS})),
        ((IMAGES, (LABELS, -LABELS)), ("x", (LABELS, -LABELS))),
        ((IMAGES, LABELS.tolist()), ("x", LABELS)),
        ((tf.constant(IMAGES), tf.constant(LABELS)), ("x", LABELS)),
        ({"photo": IMAGES, "age": LABELS}, {"photo": "x", "age": LABELS}),
        (({"photo": IMAGES, "age": LABELS}, LABELS), ({"photo": "x", "age": LABELS}, LABELS)),
        (((LABELS, IMAGES), LABELS), ((LABELS, "x"), LABELS)),
        ((IMAGES, {"segmentation_masks": MASKS}), ("x", {"segmentation_masks": "mask"})),
    ],
)
def test_structures(batch, expected):
    """Batches keep their structure; the picture and masks in them are what the same arrays give directly."""
    direct = AugmentedSequence(
        IMAGES, MASKS, targets="segmentation_mask", augment=AUGMENT, seed=7, shuffle=False, batch_size=64
    )[0]
    known = dict(zip(("x", "mask"), direct, strict=True))
    x = batch if not isinstance(batch, tuple | list) else batch[0]
    image = "photo" if isinstance(x, dict) else 1 if isinstance(x, tuple) else None

    def same(ours, theirs):
        if isinstance(theirs, dict | tuple):
            assert type(ours) is type(theirs)
            items = theirs.items() if isinstance(theirs, dict) else enumerate(theirs)
            assert len(ours) == len(theirs)
            for key, value in items:
                same(ours[key], value)
        elif theirs is None:
            assert ours is None
        else:
            np.testing.assert_array_equal(ours, known[theirs] if isinstance(theirs, str) else theirs)

    same(wrap(Batches([batch]), image=image)[0], expected)


@pytest.mark.parametrize("batch", [3.5, (1, 2), "text", {"a": [None]}, (np.zeros((4, 3)), None), [], object()])
def test_anything_passes_through_without_augmentation(batch):
    source = Batches([batch])
    sequence = AugmentedSequence(source)
    assert source.asked == []  # nothing is read at construction
    assert sequence[0] is batch
    assert next(iter(sequence)) is batch
    assert sequence.evaluation()[0] is batch


def test_evaluation_of_random_transforms_alone_keeps_the_dtype():
    sequence = wrap(inner(), augment=AUGMENT[:2])
    assert sequence[0][0].dtype == sequence.evaluation()[0][0].dtype == np.float32
    np.testing.assert_array_equal(sequence.evaluation()[0][0], IMAGES[:8])


def test_inner_batches_are_not_written_to():
    images = IMAGES.copy()
    images.flags.writeable = False
    wrap(Batches([(images, LABELS)]))[0]
    writable = IMAGES.copy()
    wrap(Batches([(writable, LABELS)]))[0]
    np.testing.assert_array_equal(writable, IMAGES)


def test_own_sizes():
    sizes = [(IMAGES[:8], LABELS[:8]), (IMAGES[8:16, :5], LABELS[8:16])]
    assert [wrap(Batches(sizes))[i][0].shape for i in (0, 1)] == [(8, 12, 17, 3), (8, 5, 17, 3)]
    even = wrap(Batches(sizes), image_size=(6, 7), data_format=None, dtype="uint8", augment=AUGMENT[:2])
    assert [(even[i][0].shape, even[i][0].dtype) for i in (0, 1)] == [((8, 6, 7, 3), np.uint8)] * 2


def test_channels_first():
    first = wrap(Batches([(IMAGES.transpose(0, 3, 1, 2), LABELS)]), data_format="channels_first")
    last = wrap(Batches([(IMAGES, LABELS)]))
    np.testing.assert_array_equal(first[0][0], last[0][0].transpose(0, 3, 1, 2))


def test_hooks_and_lengths_are_passed_on():
    source = inner()
    sequence = wrap(source)
    sequence.on_epoch_begin()
    sequence.on_epoch_end()
    sequence.on_epoch_end()
    assert source.hooks == ["begin", "end", "end"]
    assert len(sequence) == sequence.num_batches == len(source) == 7
    source.batches.append(source.batches[0])
    assert len(sequence) == 8


def test_a_loop_by_hand_is_an_epoch_of_the_inner_one_too():
    source = inner()
    sequence = wrap(source)
    for _ in range(2):
        list(sequence)
    assert source.hooks == ["begin", "end"] * 2
    assert sequence.epoch == 2
    nested = wrap(AugmentedSequence(IMAGES, LABELS, augment=AUGMENT[:2], dtype="uint8", batch_size=8, seed=1))
    first, second = ([digest(batch) for batch in nested] for _ in range(2))
    assert {labels for *_, labels in first} != {labels for *_, labels in second}  # shuffled anew


class Endless(keras.utils.PyDataset):
    batch_size = 4
    num_batches = None

    def __getitem__(self, index):
        start = index * 4 % 52
        return IMAGES[start : start + 4], LABELS[start : start + 4]


def test_endless():
    sequence = wrap(Endless())
    assert sequence.num_batches is None
    assert sequence[100][0].shape == (4, 12, 17, 3)
    with pytest.raises(TypeError, match="no end"):
        len(sequence)
    with pytest.raises(IndexError):
        sequence[-1]
    assert digest(sequence.shard(1, 3)[5]) == digest(sequence[16])
    assert sequence.shard(1, 3).num_batches is None


@pytest.mark.parametrize("error", [IndexError, KeyError, RuntimeError, StopIteration, KeyboardInterrupt, ValueError])
@pytest.mark.parametrize("augment", [AUGMENT, ()])
def test_errors_of_the_inner_one_pass_whole(error, augment):
    problem = error("mine")
    sequence = wrap(Batches([(IMAGES, LABELS), problem]), augment=augment)
    with pytest.raises(error) as caught:
        sequence[1]
    assert caught.value is problem


LATER = {
    "longer": ((IMAGES[:9], LABELS[:9]), "Batch 1 .* at most 8 images, the `batch_size`.*Received: 9"),
    "rank": ((IMAGES[:8, 0], LABELS[:8]), "Batch 1 .*rank 4.*passes through"),
    "dtype": ((IMAGES[:8].astype("f4"), LABELS[:8]), "Batch 1 .* as its batch 0.*float32.*uint8"),
    "bad dtype": ((IMAGES[:8].astype("f2"), LABELS[:8]), "Batch 1 .*dtype.*float16"),
    "channels": ((IMAGES[:8, ..., :1], LABELS[:8]), "Batch 1 .* as its batch 0.*1 channels"),
    "no labels": ((IMAGES[:8],), "Batch 1 .* as its batch 0"),
    "dict": ((IMAGES[:8], {"a": LABELS[:8]}), "Batch 1 .* as its batch 0"),
    "short labels": ((IMAGES[:8], LABELS[:7]), "Batch 1 .*one entry for each of the 8 images.*7"),
    "four": ((IMAGES[:8],) * 4, "Batch 1 .*4 parts"),
    "None": (None, "Batch 1 .*must be an array of images.*NoneType"),
    "list": (([IMAGES[:8], IMAGES[:8]], LABELS[:8]), "Batch 1 .*must be an array of images.*list"),
    "mask": ((IMAGES[:8], IMAGES[:8, ..., 0]), "Batch 1 .*height and width of the images"),
}


@pytest.mark.parametrize("case", LATER)
def test_batches_of_another_kind_are_named(case):
    batch, message = LATER[case]
    sequence = wrap(Batches([(IMAGES[:8], LABELS[:8]), batch]))
    sequence[0]
    with pytest.raises((ValueError, TypeError), match=f"(?s){message}"):
        sequence[1]


OWN = {"y": LABELS, "sample_weight": LABELS, "batch_size": 8, "shuffle": False, "drop_remainder": True}


@pytest.mark.parametrize(("name", "value"), [*OWN.items(), ("color_mode", "rgb")])
@pytest.mark.parametrize("augment", [AUGMENT, ()])
def test_what_is_the_inner_ones_affair(name, value, augment):
    with pytest.raises(ValueError, match=f"`{name}` is the affair of the Sequence in `x`.*Received: {name}="):
        wrap(inner(), **{name: value}, augment=augment)


REFUSED = {
    "rank 2": (lambda: wrap(Batches([np.zeros((4, 3), "u1")])), "Batch 0 .*rank 4.*without `augment`"),
    "numbers": (lambda: wrap(Batches([3.5])), "Batch 0 .*must be an array of images.*without `augment`"),
    "long": (lambda: wrap(inner(8, batch_size=5)), "Batch 0 .* at most 5 images.*`batch_size`.*Received: 8"),
    "no batch": (lambda: wrap(Batches([])), "at least one batch"),
    "dict": (lambda: wrap(Batches([{"a": IMAGES}])), re.escape("Batch 0 of the Sequence in `x`: `image`") + ".*'a'"),
    "uint8": (lambda: wrap(inner(), dtype="uint8"), "values from 0 to 1"),
    "split": (lambda: wrap(inner()).split(0.5), "split the one in `x`"),
    "repeat": (lambda: wrap(inner()).repeat(), "cannot be repeated"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    call, message = REFUSED[case]
    with pytest.raises((ValueError, TypeError), match=f"(?s){message}"):
        call()


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning", "ignore:.*fork.*:RuntimeWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_other_processes(method):
    sequence = wrap(inner())
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.apply_async(digests, (sequence,)).get(timeout=120) == digests(sequence)


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_fit_on_a_wrapped_sequence(workers):
    sequence = wrap(inner(), workers=workers)
    seen = trained(sequence, epochs=2)
    assert seen == [flat(sequence.batch(index, epoch)) for epoch in (0, 1) for index in range(7)]
    assert sequence.data.source.inner.hooks == ["end", "begin", "end", "begin", "end"]


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning", "ignore:.*fork.*:RuntimeWarning")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_fit_with_processes(method):
    """In a new process, since Keras takes the start method from the whole process."""
    sequence = wrap(inner(), workers=1, use_multiprocessing=True)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        seen = pool.submit(trained_under, method, sequence, epochs=2).result(timeout=300)
    assert seen == [flat(sequence.batch(index, epoch)) for epoch in (0, 1) for index in range(7)]


def test_fit_passes_through():
    source = inner()
    assert trained(AugmentedSequence(source)) == [flat(batch) for batch in source.batches]


def test_evaluate_and_predict():
    model = keras.Sequential([keras.Input((12, 17, 3)), keras.layers.Flatten(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    direct, view = (IMAGES / 255).astype("f4"), wrap(inner()).evaluation()
    np.testing.assert_allclose(model.predict(view, verbose=0), model.predict(direct, verbose=0), rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(model.evaluate(view, verbose=0), model.evaluate(direct, LABELS, verbose=0), rtol=1e-4)
