"""Broken files inside Keras's `fit`, with workers and processes: the error names them, or the batches go on."""

import io
import logging
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import keras
import numpy as np
import pytest
from fits import failing, failing_under, flat, trained, trained_under, within
from PIL import Image

from seqaug import AugmentedSequence, RandomFlip
from seqaug.sources.decode import BrokenPicture

COUNT = 20
ODD = "odd ü\udcff\n name.png"


@pytest.fixture
def paths(tmp_path):
    rng = np.random.default_rng(0)
    for i in range(COUNT - 1):
        Image.fromarray(rng.integers(0, 256, (6, 6, 3), np.uint8)).save(tmp_path / f"{i:02}.png")
    (tmp_path / ODD).write_bytes((tmp_path / "03.png").read_bytes()[:80])
    return sorted(tmp_path.iterdir())


def make(paths, **changed):
    arguments = {"augment": [RandomFlip()], "batch_size": 4, "seed": 7, "image_size": (6, 6), **changed}
    return AugmentedSequence(paths, np.arange(COUNT) % 2, **arguments)


def names_it(text):
    return "Cannot read the picture" in text and "odd ü\\udcff\\n name.png': " in text


@pytest.mark.parametrize("workers", [1, 2])
def test_the_error_names_the_file(paths, workers):
    said = within(failing, make(paths, workers=workers))
    assert names_it(said)
    with pytest.raises(BrokenPicture) as caught:
        list(make(paths))
    assert caught.value.path == str(paths[-1])
    assert caught.value.reason in said
    assert caught.value.row == COUNT - 1
    assert len(caught.value.reason) > 5


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_the_error_of_a_process_names_the_file(paths, method):
    sequence = make(paths, use_multiprocessing=True)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        assert names_it(pool.submit(failing_under, method, sequence).result(timeout=300))


def test_errors_pickle(paths):
    with pytest.raises(BrokenPicture) as caught:
        list(make(paths))
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.path, again.reason, again.row) == (
        str(caught.value),
        caught.value.path,
        caught.value.reason,
        COUNT - 1,
    )


@pytest.mark.parametrize("workers", [1, 3])
def test_fit_goes_on(paths, workers):
    sequence = make(paths, on_error="replace", workers=workers)
    seen = within(trained, sequence, epochs=3)
    fresh = make(paths, on_error="replace")
    assert seen == [flat(fresh.batch(k, epoch)) for epoch in range(3) for k in range(len(fresh))]
    assert list(sequence.broken) == [str(paths[-1])]
    assert sequence.epoch == 3


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_fit_goes_on_with_processes(paths, method):
    """Each of which finds out for itself."""
    sequence = make(paths, on_error="replace", use_multiprocessing=True)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        seen = pool.submit(trained_under, method, sequence, epochs=2).result(timeout=300)
    assert seen == [flat(sequence.batch(k, epoch)) for epoch in range(2) for k in range(len(sequence))]


def test_evaluate_and_predict(paths):
    sequence = make(paths, on_error="replace").evaluation()
    model = keras.Sequential([keras.Input((6, 6, 3)), keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    x, y = (np.concatenate(parts) for parts in zip(*sequence, strict=True))
    assert y.tolist() == [i % 2 for i in range(COUNT)]
    np.testing.assert_allclose(model.predict(sequence, verbose=0), model.predict(x, verbose=0), rtol=1e-4, atol=1e-4)
    losses = model.evaluate(sequence, verbose=0), model.evaluate(x, y, batch_size=4, verbose=0)
    np.testing.assert_allclose(*losses, rtol=1e-4)


def test_names_of_any_bytes_can_be_logged(paths):
    """By a handler that writes strict UTF-8 as well."""
    stream = io.TextIOWrapper(io.BytesIO(), "utf-8", errors="strict")
    handler, logger = logging.StreamHandler(stream), logging.getLogger("seqaug")
    handler.handleError = pytest.fail
    logger.addHandler(handler)
    try:
        list(make(paths, on_error="replace"))
    finally:
        logger.removeHandler(handler)
    stream.flush()
    text = stream.buffer.getvalue().decode()
    assert len(text.splitlines()) == 3  # one of the file, two of the report
    assert names_it(text)
