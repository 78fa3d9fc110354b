"""Views of a Sequence: evaluation, the sides of a split, shards, endless; the callback for epochs; configurations."""

import json
import pickle
from collections import Counter

import numpy as np
import pytest
from common import Batches, digest, digests
from fits import Spy, flat, trained
from hypothesis import given, settings
from hypothesis import strategies as st

import seqaug
from seqaug import AugmentedSequence, EpochSync, RandomFlip, RandomRotation, Rescaling

AUGMENT = [RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)]
COUNT = 53
IMAGES = np.random.default_rng(0).integers(0, 256, (COUNT, 6, 5, 3), np.uint8)
LABELS = np.arange(COUNT)


def make(**changed):
    arguments = {"augment": AUGMENT, "batch_size": 8, "seed": 7, "y": LABELS, **changed}
    return AugmentedSequence(arguments.pop("x", IMAGES), arguments.pop("y"), **arguments)


def labels_of(sequence):
    return [label for i in range(len(sequence)) for label in sequence[i][1].tolist()]


def by_label(sequence):
    return {
        int(y): x.tobytes()
        for batch in (sequence[i] for i in range(len(sequence)))
        for x, y in zip(*batch, strict=True)
    }


def wrapped(**changed):
    return AugmentedSequence(Batches([(IMAGES[:8], LABELS[:8])], **changed), augment=AUGMENT, seed=7)


def test_evaluation():
    sequence = make(drop_remainder=True)
    sequence.epoch = 3
    view = sequence.evaluation()
    assert labels_of(view) == LABELS.tolist()  # all, in order
    np.testing.assert_allclose(view[1][0], IMAGES[8:16] / 255, rtol=1e-6)
    assert isinstance(view, AugmentedSequence)
    assert sequence.shuffle
    assert digests(sequence) == digests(pickle.loads(pickle.dumps(sequence)))
    assert len(sequence) == 6


def test_views_pickle():
    train, validation = make().split(0.3)
    for view in (train, validation, make().shard(1, 2), make().evaluation(), train.shard(0, 2)):
        assert digests(pickle.loads(pickle.dumps(view))) == digests(view)
    endless = pickle.loads(pickle.dumps(make().repeat()))
    assert digest(endless[15]) == digest(make().repeat()[15])


@settings(max_examples=60)
@given(st.integers(2, COUNT), st.floats(0.001, 0.999), st.integers(0, 2**64 - 1))
def test_a_split_is_a_partition(count, fraction, seed):
    whole = make(x=IMAGES[:count], y=LABELS[:count], seed=seed)
    train, validation = whole.split(fraction)
    ours, theirs = labels_of(train), labels_of(validation)
    assert sorted(ours + theirs) == list(range(count))
    assert len(theirs) == min(max(round(count * fraction), 1), count - 1)
    assert theirs == sorted(theirs)  # evaluation: in order
    assert by_label(train).items() <= by_label(whole).items()  # the same draws with and without a split
    assert by_label(validation).items() <= by_label(whole.evaluation()).items()
    again = make(x=IMAGES[:count], y=LABELS[:count], seed=seed, batch_size=3, shuffle=False).split(fraction)
    assert labels_of(again[1]) == theirs  # whatever the batches


def test_a_split_of_a_split():
    train, test = make().split(0.2)
    train, validation = train.split(0.25)
    parts = [labels_of(side) for side in (train, validation, test)]
    assert sorted([*parts[0], *parts[1], *parts[2]]) == LABELS.tolist()
    assert list(map(len, parts)) == [32, 10, 11]
    assert by_label(train).items() <= by_label(make()).items()
    assert set(labels_of(make(seed=8).split(0.2)[1])) != set(parts[2])


def test_splits_are_fair():
    """Every sample is as often in validation as the fraction says."""
    hits = Counter(label for seed in range(400) for label in labels_of(make(seed=seed, batch_size=64).split(0.2)[1]))
    expected = 400 * 11 / COUNT
    assert all(abs(hits[label] - expected) < 5 * expected**0.5 for label in LABELS)


@settings(max_examples=60)
@given(st.data(), st.floats(0.02, 0.98))
def test_stratified(data, fraction):
    classes = np.array(data.draw(st.lists(st.integers(0, 4), min_size=2, max_size=COUNT)))
    sizes = Counter(classes.tolist())
    count, wanted = len(classes), min(max(round(len(classes) * fraction), 1), len(classes) - 1)
    whole = make(x=IMAGES[:count], y=LABELS[:count])
    if count - len(sizes) < wanted:
        with pytest.raises(ValueError, match="`stratify`: one sample of each class stays in training"):
            whole.split(fraction, stratify=classes)
        return
    train, validation = whole.split(fraction, stratify=classes)
    taken = Counter(classes[labels_of(validation)].tolist())
    assert sum(taken.values()) == wanted
    assert sorted(labels_of(train) + labels_of(validation)) == list(range(count))
    share = {kind: wanted * size / count for kind, size in sizes.items()}
    crowded = any(share[kind] > size - 1 for kind, size in sizes.items())
    for kind, size in sizes.items():
        assert min(int(share[kind]), size - 1) <= taken[kind] <= size - 1
        assert crowded or abs(taken[kind] - share[kind]) < 1


@pytest.mark.parametrize("form", ["integers", "column", "floats", "one-hot", "dict", "names", "weighted"])
def test_classes_of_any_form(form):
    classes = np.arange(50) % 5
    y = {
        "integers": classes,
        "column": classes[:, None],
        "floats": classes.astype("f4"),
        "one-hot": np.eye(5)[classes],
        "dict": {"labels": classes, "other": classes * 0.5},
        "names": LABELS[:50],
        "weighted": classes,
    }[form]
    stratify = np.array(list("abcde"))[classes] if form == "names" else True
    _, validation = AugmentedSequence(IMAGES[:50], y, seed=1).split(0.2, stratify=stratify)
    assert Counter(classes[validation.data.positions].tolist()) == dict.fromkeys(range(5), 2)


@settings(max_examples=60)
@given(st.integers(1, COUNT), st.integers(1, 12), st.integers(1, 9), st.booleans(), st.integers(0, 3))
def test_shards_share_out_the_batches(count, batch_size, shards, equal, epoch):
    whole = make(x=IMAGES[:count], y=LABELS[:count], batch_size=batch_size)
    whole.epoch = epoch
    total = len(whole)
    kept = total - total % shards if equal else total
    shares = []
    for index in range(shards):
        if index >= kept:
            with pytest.raises(ValueError, match="at least one batch"):
                whole.shard(index, shards, equal)
            continue
        shares.append(digests(whole.shard(index, shards, equal)))
        assert len(shares[-1]) == len(range(index, kept, shards))
    batches = digests(whole)
    assert shares == [batches[index:kept:shards] for index in range(len(shares))]


def test_a_shard_of_a_shard():
    whole = digests(make(batch_size=4))
    assert digests(make(batch_size=4).shard(1, 2).shard(1, 3)) == whole[1:14:2][1:6:3]


@settings(max_examples=20)
@given(st.integers(0, 40))
def test_repeat(item):
    sequence = make()
    sequence.epoch = 9  # from here on
    epoch, batch = divmod(item, 7)
    expected = make()
    expected.epoch = 9 + epoch
    assert digest(sequence.repeat()[item]) == digest(expected[batch])
    assert sequence.repeat().num_batches is None


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_fit_on_repeat_sees_every_item_in_order(workers):
    """Epoch e of s steps sees items e·s …, whatever s."""
    endless = make(workers=workers).repeat()
    assert endless.workers == workers
    seen = trained(endless, steps_per_epoch=5, epochs=4)
    assert seen == [flat(endless[item]) for item in range(20)]


def test_fit_on_a_shard_and_a_split():
    train, validation = make().split(0.3)
    assert trained(train.shard(1, 2), epochs=2, validation_data=validation) == [
        flat(train.shard(1, 2).batch(index, epoch)) for epoch in (0, 1) for index in range(2)
    ]


@pytest.mark.parametrize("workers", [1, 2, 4])
def test_epoch_sync_follows_keras(workers):
    sequence = make(workers=workers)
    sequence.epoch = 77
    seen = trained(sequence, initial_epoch=2, epochs=5, callbacks=[EpochSync(sequence)])
    assert seen == [flat(sequence.batch(index, epoch)) for epoch in (2, 3, 4) for index in range(7)]


def test_epoch_sync_takes_anything_with_an_epoch():
    class Counted:
        epoch = 0

    one, two = Counted(), make()
    EpochSync(one, two).on_epoch_begin(6)
    assert one.epoch == two.epoch == 6
    for wrong in ((), (object(),), (make(), IMAGES)):
        with pytest.raises(TypeError, match=r"EpochSync takes .* Received"):
            EpochSync(*wrong)


def predicting(sequence, **arguments):
    model = Spy()
    model.compile("sgd", "mse")
    model.predict(sequence, verbose=0, **arguments)


@pytest.mark.parametrize("workers", [1, 2])
def test_predict_on_a_shuffling_sequence_warns_once(workers):
    sequence = make(workers=workers)
    with pytest.warns(UserWarning, match=r"shuffled order.*seq\.evaluation\(\)") as caught:
        predicting(sequence)
    assert len(caught) == 1
    predicting(sequence)  # warnings are errors


def test_no_warning_elsewhere():
    sequence = make()
    trained(sequence, validation_data=sequence.evaluation())
    predicting(make(shuffle=False, augment=[Rescaling(1 / 255)]))
    predicting(sequence.evaluation())
    predicting(wrapped().evaluation())
    model = Spy()
    model.compile("sgd", "mse")
    model.evaluate(make(augment=[Rescaling(1 / 255)]), verbose=0)  # shuffled, which changes no mean


MASKS = IMAGES[..., 0]
CONFIGURED = {
    "plain": lambda: (make(), (IMAGES, LABELS)),
    "fresh seed": lambda: (make(seed=None), (IMAGES, LABELS)),
    "sized": lambda: (make(image_size=(4, 9), interpolation="nearest", threads=2, workers=2), (IMAGES, LABELS)),
    "bytes": lambda: (make(augment=AUGMENT[:2], dtype="uint8", value_range=(0, 255)), (IMAGES, LABELS)),
    "masks": lambda: (
        make(y={"m": MASKS}, targets={("y", "m"): "segmentation_mask"}, mask_fill_value=3),
        (IMAGES, {"m": MASKS}),
    ),
    "tuple": lambda: (make(x=(LABELS, IMAGES), image=1), ((LABELS, IMAGES), LABELS)),
    "train": lambda: (make(drop_remainder=True).split(0.4)[0], (IMAGES, LABELS)),
    "validation": lambda: (make(shuffle=False).split(0.4)[1], (IMAGES, LABELS)),
    "shard": lambda: (make().shard(1, 3, False), (IMAGES, LABELS)),
    "wrapped": lambda: (wrapped(), (Batches([(IMAGES[:8], LABELS[:8])]),)),
    "evaluation of wrapped": lambda: (wrapped().evaluation(), (Batches([(IMAGES[:8], LABELS[:8])]),)),
    "untouched": lambda: (AugmentedSequence(Batches([(IMAGES, LABELS)])), (Batches([(IMAGES, LABELS)]),)),
}


@pytest.mark.parametrize("case", CONFIGURED)
def test_configurations_go_round(case):
    sequence, data = CONFIGURED[case]()
    sequence.epoch = 4
    text = json.dumps(sequence.get_config())
    again = AugmentedSequence.from_config(json.loads(text), *data)
    assert again.epoch == 4
    assert again.seed == sequence.seed
    assert [flat(again[i]) for i in range(len(again))] == [flat(sequence[i]) for i in range(len(sequence))]
    assert [leaf.dtype for leaf in again[0][:1] if hasattr(leaf, "dtype")] == [
        leaf.dtype for leaf in sequence[0][:1] if hasattr(leaf, "dtype")
    ]
    assert json.loads(json.dumps(again.get_config())) == json.loads(text)


def test_a_configuration_holds_every_argument():
    import inspect

    arguments = set(inspect.signature(AugmentedSequence).parameters) - {"x", "y", "sample_weight", "load"}
    assert arguments | {"epoch"} <= set(make().get_config())
    with pytest.raises(TypeError, match="bacth_size"):
        AugmentedSequence.from_config(make().get_config() | {"bacth_size": 3}, IMAGES)


def test_split_of_a_shard_is_refused():
    with pytest.raises(ValueError, match="split first"):
        make().shard(0, 2).split(0.5)


REFUSED = {
    "zero": (lambda: make().split(0), ValueError, r"`fraction` must lie between 0 and 1. Received: fraction=0"),
    "one": (lambda: make().split(1.0), ValueError, "`fraction` must lie between 0 and 1"),
    "two": (lambda: make().split(2), ValueError, "`fraction` must be a finite number from 0 to 1"),
    "one sample": (lambda: make(x=IMAGES[:1], y=[0]).split(0.5), ValueError, "at least 2 samples"),
    "no labels": (lambda: make(y=None).split(0.5, stratify=True), ValueError, "needs labels"),
    "short": (lambda: make().split(0.5, stratify=[1, 2]), ValueError, "one class for each of the 53 samples"),
    "rows": (lambda: make(y=np.ones((COUNT, 2))).split(0.5, stratify=True), ValueError, "one-hot rows"),
    "scores": (lambda: make(y=LABELS / 2).split(0.5, stratify=True), ValueError, "whole numbers"),
    "shard": (lambda: make().shard(2, 2), ValueError, "`index` must be from 0 to 1. Received: index=2"),
    "no shards": (lambda: make().shard(0, 0), ValueError, "`count` must be at least 1"),
    "equal": (lambda: make().shard(0, 1, "no"), TypeError, "`equal` must be True or False"),
    "negative item": (lambda: make().repeat()[-1], ValueError, "`index` must be at least 0"),
    "dropped": (
        lambda: make(batch_size=50, drop_remainder=True).split(0.5),
        ValueError,
        "`drop_remainder=True` leaves no batch: 27 images",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(case):
    call, error, message = REFUSED[case]
    with pytest.raises(error, match=message):
        call()


def test_names():
    assert seqaug.EpochSync is EpochSync
    assert "EpochSync" in dir(seqaug)
