"""The drop-in's iterators in `fit`: Keras's stream with one worker, and one that no race decides with more."""

import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from fits import COUNT, LABELS, PICTURES, Spy, flat, summary, trained, within
from side_by_side import keras_image, our_image

OPTIONS = {"rotation_range": 40, "zoom_range": 0.3, "horizontal_flip": True, "channel_shift_range": 9.0}
PARTS = 8  # of a batch


def flow(module, function=None, workers=1, processes=False, **changed):
    generator = module.ImageDataGenerator(**OPTIONS, preprocessing_function=function)
    iterator = generator.flow(PICTURES, LABELS, **{"batch_size": PARTS, "seed": 3, **changed})
    iterator.workers, iterator.use_multiprocessing = workers, processes
    return iterator


@pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning")
@pytest.mark.parametrize("seed", [3, None])
def test_one_worker_gives_the_stream_of_keras(seed):
    """Probe batches included, over two fits of one iterator, with validation between."""
    streams = []
    for module in (keras_image, our_image):
        np.random.seed(5)
        iterator, validation = flow(module, seed=seed), flow(module, seed=seed, shuffle=False)
        seen = within(trained, iterator, epochs=2, validation_data=validation)
        seen += within(trained, iterator, epochs=1)
        streams.append((seen, np.random.get_state()[1].tobytes(), iterator.total_batches_seen))
    assert streams[0] == streams[1]


def slow(x):
    """Takes longer for some pictures, so that batches come in another order than they were asked for."""
    time.sleep(float(np.sum(x)) % 7 / 2000)
    return x


def labels_of(batches):
    return sorted(int(label) for batch in batches for label in np.frombuffer(batch[1][2], LABELS.dtype))


@pytest.mark.parametrize("seed", [3, None])
def test_workers_decide_nothing(seed):
    streams = []
    for function, workers, processes in [(None, 2, False), (None, 4, False), (slow, 4, False), (None, 2, True)]:
        np.random.seed(5)
        iterator = flow(our_image, function, workers, processes, seed=seed)
        first = within(trained, iterator, epochs=3)
        again = within(trained, iterator, epochs=1)
        streams.append(first + again)
    assert all(stream == streams[0] for stream in streams)
    count = -(-COUNT // PARTS)
    epochs = [streams[0][first : first + count] for first in range(0, 4 * count, count)]
    assert all(labels_of(epoch) == sorted(LABELS) for epoch in epochs)
    assert len({batch[0][2] for epoch in epochs for batch in epoch}) == 4 * count  # nothing comes twice


def test_batches_are_numbered_from_those_seen():
    """The batch of an index is that of a seed of its own: the batches seen at the last reset, and the index."""
    iterator = flow(our_image, workers=2)
    batches = [iterator[index] for index in (3, 0, 0)]
    other = flow(our_image, workers=2)
    assert [flat(other[0]), flat(other[3]), flat(other[0])] == [flat(batches[i]) for i in (1, 0, 2)]
    assert flat(batches[1]) != flat(batches[2])  # asked for again, it is another one
    iterator.on_epoch_end()
    order = iterator.index_array
    assert (order == np.random.RandomState(3 + 3).permutation(COUNT)).all()
    generator = our_image.ImageDataGenerator(**OPTIONS)
    np.random.seed(3 + 3 + 1)
    expected = [generator.random_transform(PICTURES[i].astype("f4")) for i in order[PARTS : 2 * PARTS]]
    assert flat(iterator[1][0]) == flat(np.stack(expected))


def test_workers_draw_once_an_epoch_from_the_global_generator():
    iterator = flow(our_image, workers=2, seed=None)
    np.random.seed(9)
    iterator.on_epoch_end()
    _ = iterator[0], iterator[3]
    state = np.random.get_state()[1:3]
    np.random.seed(9)
    np.random.randint(2**32, dtype=np.uint32)
    assert (state[0] == np.random.get_state()[1]).all()
    assert state[1] == np.random.get_state()[2]


def test_spawned_workers(tmp_path):
    """A process that inherits nothing makes the same batches."""
    script = """
from fits import summary, trained_under
from side_by_side import our_image
from test_legacy_fit import flow

if __name__ == "__main__":
    print(summary(trained_under("spawn", flow(our_image, workers=1, processes=True))))
"""
    (tmp_path / "spawned.py").write_text(script)
    path = os.pathsep.join([str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")])
    result = subprocess.run(
        [sys.executable, "spawned.py"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [summary(within(trained, flow(our_image, workers=2)))]


class Sorted(our_image.NumpyArrayIterator):
    """Its `on_epoch_end` sets the order and knows nothing of seeds."""

    def on_epoch_end(self):
        self.index_array = np.arange(self.n)


class LateBegin(Sorted):
    """Keras starts its processes first and calls this then: here they have long begun."""

    def on_epoch_begin(self):
        time.sleep(0.3)
        super().on_epoch_begin()


@pytest.mark.parametrize("seed", [3, None])
def test_an_on_epoch_end_of_ones_own(seed):
    """Epochs differ all the same, in the same way for threads and processes."""
    streams = []
    for kind, processes in [(Sorted, False), (Sorted, True), (LateBegin, True)]:
        np.random.seed(5)
        generator = our_image.ImageDataGenerator(**OPTIONS)
        iterator = kind(PICTURES, LABELS, generator, batch_size=PARTS, seed=seed)
        iterator.workers, iterator.use_multiprocessing = 2, processes
        streams.append(within(trained, iterator, epochs=3))
    assert all(stream == streams[0] for stream in streams)
    assert len({batch[0][2] for batch in streams[0]}) == len(streams[0]) == 3 * -(-COUNT // PARTS)


def failing(x):
    raise ArithmeticError("mine")


@pytest.mark.parametrize("workers", [1, 2])
def test_errors_come_through_fit(workers):
    model = Spy()
    model.compile("sgd", "mse", run_eagerly=True)
    with pytest.raises(Exception, match="mine"):
        within(model.fit, flow(our_image, failing, workers), verbose=0)
