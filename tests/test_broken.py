"""`on_error="replace"`: other samples stand in for those whose files are broken, the same ones whatever was known."""

import errno
import json
import pickle

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from seqaug import AugmentedSequence, CutMix, EpochSync, RandomBrightness, RandomFlip, RandomRotation
from seqaug.sources.decode import BrokenPicture

COUNT, SIZE = 24, 6
LABELS = np.arange(COUNT) % 3
SIDES = np.random.default_rng(0).integers(0, 256, (COUNT, SIZE, SIZE, 3), np.uint8)


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    """Pictures whose number can be told by their pixels."""
    folder = tmp_path_factory.mktemp("pictures")
    for i, pixels in enumerate(SIDES):
        Image.fromarray(pixels).save(folder / f"{i:02}.png")
    return sorted(folder.iterdir())


@pytest.fixture(scope="module")
def bad(tmp_path_factory):
    path = tmp_path_factory.mktemp("bad") / "bad.png"
    path.write_bytes(b"")
    return path


@pytest.fixture
def folder(tmp_path):
    """Where copies are that may be broken."""
    for i, pixels in enumerate(SIDES):
        Image.fromarray(pixels).save(tmp_path / f"{i:02}.png")
        Image.fromarray(np.full((SIZE, SIZE), i, np.uint8)).save(tmp_path / f"mask{i:02}.png")
    return tmp_path


def pictures(folder, *broken):
    """The paths in a folder, of which some are broken."""
    result = sorted(path for path in folder.iterdir() if path.name[0].isdigit())
    for i in broken:
        result[i].write_bytes(b"")
    return result


def make(x, y=LABELS, **changed):
    arguments = {"batch_size": 5, "seed": 7, "shuffle": False, "on_error": "replace", **changed}
    return AugmentedSequence(x, y, **arguments)


def numbers(pixels):
    """Which pictures a batch has, -1 for none."""
    same = (np.asarray(pixels)[:, None] == SIDES).all(axis=(2, 3, 4))
    return np.where(same.any(axis=1), same.argmax(axis=1), -1).tolist()


def stood_in(sequence, epoch=0):
    """The picture in each sample's place."""
    return [i for k in range(len(sequence)) for i in numbers(sequence.batch(k, epoch)[0])]


def test_everything_of_a_sample_is_replaced(folder):
    """Pixels, labels, weights, masks, boxes and keypoints are those of another sample of the class."""
    y = {
        "labels": LABELS,
        "segmentation_masks": sorted(folder.glob("mask*")),
        "bounding_boxes": np.arange(COUNT)[:, None, None] / 10 + np.array([0, 0, 2, 2]),
        "keypoints": np.stack([np.arange(COUNT) / 5] * 2, axis=1)[:, None],
        "number": np.arange(COUNT),
    }
    arguments = {"sample_weight": np.arange(COUNT) / 2, "bounding_box_format": "xyxy"}
    sequence = make(pictures(folder, 0, 4, 17), y, **arguments)
    masks = np.repeat(np.arange(COUNT, dtype="u1"), SIZE * SIZE).reshape(COUNT, SIZE, SIZE)
    sound = make(SIDES, y | {"segmentation_masks": masks}, **arguments, on_error="raise")
    batches = list(sequence)
    rows = [row for x, *_ in batches for row in numbers(x)]
    assert [i for i, row in enumerate(rows) if row != i] == [0, 4, 17]
    assert all(LABELS[row] == LABELS[i] for i, row in enumerate(rows))
    for k, (_, found, weight) in enumerate(batches):
        chosen = rows[5 * k : 5 * k + 5]
        assert found["number"].tolist() == chosen
        assert weight.tolist() == [row / 2 for row in chosen]
        assert found["segmentation_masks"][:, 0, 0].tolist() == chosen
        for name in ("labels", "bounding_boxes", "keypoints"):
            expected = [sound[row // 5][1][name][row % 5] for row in chosen]
            np.testing.assert_array_equal(found[name], expected)


@settings(max_examples=40)
@given(
    st.sets(st.integers(0, COUNT - 1), max_size=COUNT - 6).filter(
        lambda broken: all(set(range(kind, COUNT, 3)) - broken for kind in range(3))
    ),
    st.permutations([(k, epoch) for k in range(5) for epoch in range(2)]),
    st.integers(1, 3),
    st.booleans(),
    st.integers(0, 2**64 - 1),
)
def test_whatever_was_known(paths, bad, broken, order, threads, mixed, seed):
    """Any order of batches and epochs, threads, and all that was found before: the same bits."""
    x = [bad if i in broken else path for i, path in enumerate(paths)]
    augment = [RandomFlip(), RandomRotation(0.2), *([CutMix()] if mixed else [])]
    arguments = {"augment": augment, "seed": seed, "shuffle": True, "threads": threads}
    y = keras.utils.to_categorical(LABELS, 3)
    one, other = make(x, y, **arguments), make(x, y, **arguments)
    expected = {(k, epoch): other.batch(k, epoch) for epoch in range(2) for k in range(5)}
    for k, epoch in order:
        for mine, its in zip(one.batch(k, epoch), expected[k, epoch], strict=True):
            np.testing.assert_array_equal(mine, its)
    again = other.batch(*order[0])  # which knows all now
    np.testing.assert_array_equal(again[0], expected[order[0]][0])
    one.epoch = 1
    plan, fresh = one.plan(2), make(x, y, **arguments)
    fresh.epoch = 1
    np.testing.assert_array_equal(plan.stages[0].matrices, fresh.plan(2).stages[0].matrices)


def test_stand_ins_change_with_epoch_seed_and_sample(folder):
    x = pictures(folder, 0, 3, 6)
    sequence = make(x)
    found = {tuple(stood_in(sequence, epoch)[i] for i in (0, 3, 6)) for epoch in range(12)}
    assert len(found) > 6
    assert all(len({trio[i] for trio in found}) > 2 for i in range(3))
    assert any(len(set(trio)) > 1 for trio in found)
    assert stood_in(make(x, seed=8), 0) != stood_in(make(x, seed=7), 0)


def test_draws_are_those_of_the_sample_itself(folder):
    """And so nothing else in the batch changes: neither its order, nor what is drawn for any of it."""
    x = pictures(folder)
    augment = [RandomRotation(0.5, fill_mode="nearest")]
    sound = make(x, augment=augment, shuffle=True, on_error="raise")
    before = [sound.plan(k).stages[0].matrices for k in range(5)]
    pixels = np.concatenate([batch[0] for batch in sound])
    x[0].write_bytes(b"")
    sequence = make(x, augment=augment, shuffle=True)
    for k, matrices in enumerate(before):
        np.testing.assert_array_equal(sequence.plan(k).stages[0].matrices, matrices)
    different = (np.concatenate([batch[0] for batch in sequence]) != pixels).any(axis=(1, 2, 3))
    assert different.sum() == 1


def test_the_plan_is_what_is_run(folder):
    """Also where a mask is broken, which a plan does not need."""
    x, masks = pictures(folder, 1), sorted(folder.glob("mask*"))
    masks[3].write_bytes(b"")
    sequence = make(x, masks, targets="segmentation_mask", augment=[RandomRotation(0.3)])
    rows = sequence._readable(0).rows
    assert [i for i, row in enumerate(rows) if row != i] == [1, 3]
    out = np.empty((5, SIZE, SIZE, 3), "f4")
    sequence.pipeline.run(sequence.plan(0), sequence.data.table.source.read(rows), out)
    np.testing.assert_array_equal(out, sequence[0][0])
    assert set(sequence.broken) == {str(x[1]), str(masks[3])}


def test_further_images_may_be_broken(folder):
    x, again = pictures(folder), [folder / "copy.png", *pictures(folder)[1:]]
    (folder / "copy.png").write_bytes(b"no picture")
    sequence = make({"a": x, "b": again}, image="a", targets={"b": "image"})
    batch = sequence[0][0]
    assert numbers(batch["a"])[1:] == [1, 2, 3, 4]
    assert numbers(batch["a"])[0] == numbers(batch["b"])[0] in range(3, COUNT, 3)


@pytest.mark.parametrize("shuffle", [True, False])
def test_each_side_of_a_split_by_itself(folder, shuffle):
    sequence = make(pictures(folder, *range(0, COUNT, 2)), shuffle=shuffle)
    list(sequence)  # what is known of the whole says nothing of the sides
    train, validation = sequence.split(0.4, stratify=True)
    for side, epochs in ((train, 6), (validation, 1)):
        mine = set(side.data.positions.tolist())
        for epoch in range(epochs):
            rows = stood_in(side, epoch)
            assert set(rows) <= mine - set(range(0, COUNT, 2))
    assert set(train.broken) == set(validation.broken) == set(sequence.broken)
    assert len(sequence.broken) == COUNT // 2


def test_what_is_evaluated_stays_the_same(folder):
    sequence = make(pictures(folder, 0, 5), augment=[RandomFlip()])
    evaluated = sequence.evaluation()
    assert stood_in(evaluated, 0) == stood_in(evaluated, 5)
    assert stood_in(evaluated.split(0.5)[0], 0) == stood_in(evaluated.split(0.5)[0], 5)


CLASSES = {
    "numbers": (LABELS, True),
    "bytes": (LABELS.astype("u1"), True),
    "whole floats": (LABELS.astype("f4")[:, None], True),
    "one-hot": (np.eye(3, dtype="f4")[LABELS], True),
    "labels": ({"labels": LABELS, "other": np.arange(COUNT)}, True),
    "none": (None, False),
    "amounts": (LABELS / 2, False),
    "several at once": (np.ones((COUNT, 3)), False),
    "other names": ({"kind": LABELS}, False),
}


@pytest.mark.parametrize("what", CLASSES)
def test_classes(folder, what):
    y, known = CLASSES[what]
    sequence = make(pictures(folder, 0, 1), y)
    batches = (sequence.batch(0, epoch) for epoch in range(20))
    found = {(i, row) for batch in batches for i, row in enumerate(numbers(batch if y is None else batch[0])[:2])}
    assert all(row > 1 for _, row in found)
    assert all(row % 3 == i for i, row in found) is known


def test_labels_are_read_in_blocks(folder, monkeypatch):
    """One-hot rows by a column that has no array of all: rows by their numbers, never too many."""
    monkeypatch.setattr("seqaug.standins._BLOCK", 23)
    sequence = make(pictures(folder, 0), np.eye(3)[LABELS])

    class Column:
        shape = COUNT, 3
        most = 0

        def __getitem__(self, rows):
            self.most = max(self.most, len(rows))
            return np.eye(3)[LABELS[rows]]

    column = sequence.data.table.labels["y", None] = Column()
    assert stood_in(sequence)[0] in range(3, COUNT, 3)
    assert column.most == 7


def test_none_is_left(folder):
    x = pictures(folder, *range(1, COUNT, 3))
    sequence = make(x)
    with pytest.raises(
        ValueError, match=r"01\.png' is broken and cannot be .* all 8 samples of class 1 .*22\.png"
    ) as one:
        sequence[0]
    assert "00.png" not in str(one.value)
    everything = make(x, None)
    assert everything[0].shape[0] == 5
    for path in x:
        path.write_bytes(b"")
    with pytest.raises(ValueError, match=r"all 24 samples in this Sequence.*19\.png'.*; … and 4 more"):
        everything[0]


def test_each_file_is_logged_once(folder, caplog):
    x = pictures(folder, 0, 2)
    sequence = make([*x, x[2]], [*LABELS, 2], threads=3)
    for _ in range(3):
        list(sequence)
    found = [record.getMessage() for record in caplog.records if "Cannot read" in record.getMessage()]
    assert sorted(found) == [
        f"Cannot read the picture {str(path)!r}: the file is empty; another sample takes its place"
        for path in (x[0], x[2])
    ]
    assert {record.levelname for record in caplog.records} == {"WARNING"}
    assert {record.name for record in caplog.records} == {"seqaug"}
    assert sequence.broken == {str(path): "the file is empty" for path in (x[0], x[2])}
    assert reports(caplog) == [
        f"Epoch {epoch}: 2 broken files, replaced by other samples 3 times.\n"
        f"  {str(x[0])!r}: the file is empty\n  {str(x[2])!r}: the file is empty"
        for epoch in range(3)
    ]


def reports(caplog):
    return [record.getMessage() for record in caplog.records if record.getMessage().startswith("Epoch")]


def test_nothing_is_reported_of_sound_files(folder, caplog):
    x = pictures(folder)
    for on_error in ("raise", "replace"):
        sequence = make(x, on_error=on_error)
        list(sequence)
        assert sequence.broken == {}
    assert caplog.records == []


def test_long_lists_are_cut(folder, caplog):
    sequence = make(pictures(folder, *range(1, COUNT)), None)
    list(sequence)
    (report,) = reports(caplog)
    assert report.startswith("Epoch 0: 23 broken files, replaced by other samples 23 times.\n")
    assert len(report.splitlines()) == 1 + 20 + 1
    assert report.endswith("\n  … and 3 more")


@pytest.mark.parametrize("synced", [False, True])
@pytest.mark.parametrize("workers", [1, 2])
def test_reports_of_fit(folder, caplog, workers, synced):
    """One for each epoch, with what was replaced in it, also of the validation."""
    x = pictures(folder, *range(0, COUNT, 4))
    model = keras.Sequential([keras.Input((SIZE, SIZE, 3)), keras.layers.Flatten(), keras.layers.Dense(3)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    sequence = make(x, shuffle=True, workers=workers)
    train, validation = sequence.split(0.5, stratify=True)
    callbacks = [EpochSync(train)] if synced else []
    model.fit(train, validation_data=validation, epochs=3, verbose=0, callbacks=callbacks)
    both = [len(set(range(0, COUNT, 4)) & set(side.data.positions.tolist())) for side in (train, validation)]
    assert min(both) > 0
    found = sorted(line.split(",")[0] for line in reports(caplog))
    assert found == sorted(
        f"Epoch {epoch}: {count} broken {'file' if count == 1 else 'files'}" for epoch in range(3) for count in both
    )


def test_reports_of_repeat_and_tf_data(folder, caplog):
    sequence = make(pictures(folder, 0))
    repeated = sequence.repeat()
    for index in range(7):
        repeated[index]
    repeated.on_epoch_end()
    repeated.on_epoch_end()
    assert [line[:8] for line in reports(caplog)] == ["Epoch 0:", "Epoch 1:"]
    caplog.clear()
    fresh = make(pictures(folder, 0))
    pixels = [pixels for x, _ in fresh.to_tf_dataset() for pixels in x.numpy()]
    assert numbers(pixels) == stood_in(make(pictures(folder, 0)))
    assert len(reports(caplog)) == 1


def test_a_few_epochs_at_most_are_tallied(folder):
    sequence = make(pictures(folder, 0))
    for epoch in range(50):
        sequence.batch(0, epoch)
    assert len(sequence.data.stand_ins.tally.replaced) <= 8


def test_previews(folder):
    sequence = make(pictures(folder, 0), augment=[RandomBrightness(0.2)])
    assert sequence.preview(3, 2).shape == (3 * 10 + 4, 3 * 10 + 4, 3)
    assert len(sequence.broken) == 1


def test_the_first_is_broken(folder, caplog):
    """The first sound one says how large all are; what is said of sizes speaks of that one."""
    x, masks = pictures(folder, 0, 1), sorted(folder.glob("mask*"))
    Image.fromarray(np.zeros((3, 9), np.uint8)).save(x[2])
    Image.fromarray(np.zeros((3, 9), np.uint8)).save(masks[2])
    sequence = make(x, {"labels": LABELS, "m": masks}, targets={"m": "segmentation_mask"}, image_size=(4, 4))
    assert sequence.data.table.source.shape == (3, 9, 3)
    assert list(sequence.broken) == [str(x[0]), str(x[1])]
    assert len(caplog.records) == 2
    assert [len(batch[0]) for batch in sequence] == [5, 5, 5, 5, 4]
    with pytest.raises(ValueError, match=r"differ in size.*02\.png' of 3×9"):
        make(x)[0]
    with pytest.raises(BrokenPicture, match=r"00\.png"):
        make(x, on_error="raise")


def test_no_file_is_a_picture(folder, caplog):
    x = pictures(folder, *range(COUNT))
    with pytest.raises(
        ValueError, match=r"None of the 24 files in `x` can be .*00\.png': the file is empty;.*02.*; …$"
    ):
        make(x)
    assert caplog.records == []


def test_missing_files(folder):
    x = [*pictures(folder), folder / "missing.png", folder]
    y = [*LABELS, 0, 1]
    with pytest.raises(FileNotFoundError, match="2 of the 26 files"):
        make(x, y, on_error="raise")
    sequence = make(x, y)
    assert len(stood_in(sequence)) == COUNT + 2
    assert set(sequence.broken) == {str(folder / "missing.png"), str(folder)}


def test_a_reader_of_the_users_own(folder):
    def load(path):
        if path.endswith("03.png"):
            raise KeyError("no such thing")
        return np.asarray(Image.open(path))

    sequence = make(pictures(folder), load=load)
    assert stood_in(sequence)[3] in range(0, COUNT, 3)
    assert list(sequence.broken.values()) == ["`load` raised KeyError: 'no such thing'"]


@pytest.mark.parametrize("cause", [OSError(errno.EMFILE, "Too many open files"), MemoryError()])
def test_what_is_no_fault_of_a_file_is_raised(folder, monkeypatch, cause):
    sequence = make(pictures(folder))

    def read(decoder, path):
        try:
            raise ValueError("wrapped") from cause
        except ValueError as error:
            raise BrokenPicture(path, "reason") from error

    monkeypatch.setattr("seqaug.sources.decode.Decoder.__call__", read)
    with pytest.raises(BrokenPicture, match="reason"):
        sequence[0]
    assert sequence.broken == {}
    monkeypatch.setattr("seqaug.sources.decode.Decoder.probe", read)
    with pytest.raises(BrokenPicture, match="reason"):
        make(pictures(folder))


def test_files_are_read_once_where_none_is_broken(folder, monkeypatch):
    from seqaug.sources import files

    sequence, read = make(pictures(folder, 7)), []
    original = files.FileSource.take
    monkeypatch.setattr(files.FileSource, "take", lambda source, i: read.append(i) or original(source, i))
    sequence[0]
    assert sorted(read) == [0, 1, 2, 3, 4]
    read.clear()
    sequence[1]
    assert max(map(read.count, read)) <= 3
    read.clear()
    sequence[1]
    assert len(read) == 5
    assert 7 not in read


def test_configuration(folder):
    x = pictures(folder, 0)
    sequence = make(x, shuffle=True)
    config = json.loads(json.dumps(sequence.get_config()))
    assert config["on_error"] == "replace"
    again = AugmentedSequence.from_config(config, x, LABELS)
    assert stood_in(again) == stood_in(sequence)
    assert AugmentedSequence(x[1:]).get_config()["on_error"] == "raise"


def test_pickled(folder):
    sequence = make(pictures(folder, 0))
    expected = stood_in(sequence)
    again = pickle.loads(pickle.dumps(sequence))
    assert stood_in(again) == expected
    assert again.broken == sequence.broken


REFUSED = {
    "value": (lambda: make(["a"], None, on_error="skip"), "`on_error` must be one of 'raise', 'replace'.*'skip'"),
    "arrays": (lambda: make(SIDES), "`on_error` is for picture files.*on_error='replace'"),
    "wrapped": (
        lambda: AugmentedSequence(make(SIDES, on_error="raise"), on_error="replace"),
        "`on_error` is the affair",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what):
    call, message = REFUSED[what]
    with pytest.raises(ValueError, match=message):
        call()
