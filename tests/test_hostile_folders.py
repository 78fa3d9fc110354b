"""Training over folders as they are found: broken files are named, or replaced, and nothing else happens."""

import os
import re
from pathlib import Path

import keras
import numpy as np
import pytest
from hostile import ALL_BROKEN, plant

from seqaug import AugmentedSequence, RandomFlip
from seqaug.inspection import EXTENSIONS


@pytest.fixture
def folder(tmp_path, monkeypatch):
    plant(tmp_path / "photographs", monkeypatch)
    return tmp_path / "photographs"


def paths_of(root):
    """All that has the name of a picture, as a listing of the folder would have it."""
    files = [Path(place) / name for place, _, names in sorted(os.walk(root)) for name in sorted(names)]
    return [str(path) for path in files if path.suffix.lower() in EXTENSIONS]


def make(root, **changed):
    paths = paths_of(root)
    y = np.array([f"{root}/dog" in path for path in paths], int)
    arguments = {"augment": [RandomFlip()], "image_size": (16, 16), "batch_size": 7, "seed": 3, **changed}
    return paths, AugmentedSequence(paths, y, **arguments)


def model():
    result = keras.Sequential([keras.Input((16, 16, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    result.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    return result


@pytest.mark.parametrize("workers", [1, 2])
def test_fit_replaces(folder, workers, caplog):
    """All that is broken, and only that, at each epoch's end."""
    paths, sequence = make(folder, on_error="replace", workers=workers)
    model().fit(sequence, epochs=2, verbose=0)
    assert {os.path.relpath(path, folder) for path in sequence.broken} == set(ALL_BROKEN)
    for path, reason in sequence.broken.items():
        assert re.search(ALL_BROKEN[os.path.relpath(path, folder)], reason)
    count = len(ALL_BROKEN)
    messages = [record.getMessage() for record in caplog.records]
    found = [message.splitlines()[0] for message in messages if message.startswith("Epoch")]
    assert found == [f"Epoch {i}: {count} broken files, replaced by other samples {count} times." for i in range(2)]
    assert len([message for message in messages if message.startswith("Cannot read")]) == count
    assert len(paths) > 2 * count > 20


def test_fit_raises(folder):
    """Listed files must be there; the first of those that are read names itself."""
    with pytest.raises(FileNotFoundError, match=r"3 of the .* do not exist or are no files; the first: .*itself"):
        make(folder)
    for name in ("itself.jpg", "nowhere.png", "pipe.jpg"):
        (folder / "cat" / name).unlink()
    _, sequence = make(folder)
    with pytest.raises(Exception, match="Cannot read the picture '") as caught:
        model().fit(sequence, verbose=0)
    named = re.search("Cannot read the picture '(.*?)'", str(caught.value))[1]
    assert os.path.relpath(named, folder) in ALL_BROKEN
