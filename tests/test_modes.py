"""The same batches in every mode: threads, workers, processes, pickles, shards, tf.data; and nothing left running."""

import functools
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import keras
import pytest
from fits import (
    LABELS,
    PATIENCE,
    PICTURES,
    broken,
    expected,
    flat,
    made,
    rich,
    running,
    settled,
    summary,
    trained,
    within,
)

import seqaug
from seqaug import AugmentedSequence, threads

KINDS = ["rich", "wrapped", "filed"]
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="module")
def truth(folder):
    """The batches of two epochs, by indexing, in one thread."""
    return {kind: expected(made(kind, folder), 2) for kind in KINDS}


def epochs(sequence, count=2):
    return [flat(sequence.batch(index, epoch)) for epoch in range(count) for index in range(len(sequence))]


@pytest.mark.parametrize("kind", KINDS)
def test_the_data_are_worth_the_test(kind, truth):
    """No two batches look alike, and masks and pictures are really moved."""
    pictures = [next(data for shape, _, data in batch if len(shape) == 4) for batch in truth[kind]]
    assert len(set(pictures)) == len(pictures)
    if kind != "filed":
        masks = {data for batch in truth[kind] for shape, _, data in batch if len(shape) == 3}
        assert len(masks) == len(pictures)
    if kind != "wrapped":  # shuffled anew
        labels = [data for batch in truth[kind] for shape, dtype, data in batch if len(shape) == 1 and dtype == "<i8"]
        assert labels[: len(labels) // 2] != labels[len(labels) // 2 :]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [1, 2, 5, None])
def test_threads(kind, number, truth, folder):
    assert epochs(made(kind, folder, threads=number)) == truth[kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("workers", [1, 2, 4])
def test_fit_sees_what_indexing_gives(kind, workers, truth, folder):
    assert within(trained, made(kind, folder, workers=workers), epochs=2) == truth[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_fit_with_threads_of_ours_under_workers_of_keras(kind, truth, folder):
    assert within(trained, made(kind, folder, workers=3, threads=3), epochs=2) == truth[kind]


def in_a_process(*arguments):
    """Runs `fits.report` in a Python of its own, which is killed when it takes too long."""
    code = f"import fits; fits.report(*{arguments!r})"
    paths = [str(Path(seqaug.__file__).parents[1]), str(Path(__file__).parent), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    result = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return json.loads(result.stdout.splitlines()[-1])


NOTHING = {"left": [0, 0, 0], "children": 0}


@needs_fork
@pytest.mark.parametrize("workers", [1, 2])
def test_forked_workers(workers, truth, folder):
    """They begin with the parent's pool of threads in use. Errors, and what comes after them, leave nothing either."""
    result = in_a_process("fork", str(folder), ["rich", "broken", "wrapped", "filed", "broken"], workers, 2)
    assert result == {"seen": {kind: summary(truth[kind]) for kind in KINDS} | {"broken": "error: mine"}, **NOTHING}


@pytest.mark.parametrize("kind", KINDS)
def test_spawned_workers(kind, truth, folder):
    """One epoch: Keras starts its workers anew for each, and each imports everything again."""
    result = in_a_process("spawn", str(folder), [kind], 1, 1)
    assert result == {"seen": {kind: summary(truth[kind][: len(truth[kind]) // 2])}, **NOTHING}


def forked(call):
    """Whether a call in a forked child gives True. A child that hangs ends itself."""
    child = os.fork()
    if child == 0:
        verdict = 1
        try:
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(PATIENCE)
            verdict = 0 if call() else 2
        finally:
            os._exit(verdict)
    return os.waitpid(child, 0)[1] == 0


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning", "ignore:.*fork.*:RuntimeWarning")
@pytest.mark.parametrize("kind", KINDS)
def test_fork_while_batches_are_made(kind, truth, folder):
    """Other threads are in the middle of batches, with the pool's locks and queues in whatever state."""
    sequence = made(kind, folder, threads=4)
    over, wrong = threading.Event(), []

    def busy():
        while not over.is_set():
            wrong.extend(index for index in (0, 3) if flat(sequence[index]) != truth[kind][index])

    callers = [threading.Thread(target=busy) for _ in range(2)]
    for caller in callers:
        caller.start()
    try:
        verdicts = [forked(lambda: [flat(sequence[i]) for i in range(2)] == truth[kind][:2]) for _ in range(12)]
    finally:
        over.set()
        for caller in callers:
            caller.join(PATIENCE)
    assert verdicts == [True] * 12
    assert not wrong
    assert not any(caller.is_alive() for caller in callers)


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning", "ignore:.*fork.*:RuntimeWarning")
def test_fork_while_the_pool_is_locked(truth):
    """The worst moment, made to last: a child must not wait for a lock that no thread of its own holds."""
    sequence = rich(threads=4)
    with threads._lock:
        assert forked(lambda: flat(sequence[1]) == truth["rich"][1])
    assert flat(sequence[1]) == truth["rich"][1]


@needs_fork
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning", "ignore:.*fork.*:RuntimeWarning")
def test_a_fork_of_a_fork(truth):
    sequence = rich(threads=3)
    sequence[0]
    assert forked(lambda: flat(sequence[1]) == truth["rich"][1] and forked(lambda: flat(sequence[2])))


@pytest.mark.parametrize("kind", KINDS)
def test_pickled(kind, truth, folder):
    sequence = made(kind, folder, threads=2)
    sequence[0]  # with what it keeps between batches
    copy = pickle.loads(pickle.dumps(sequence))
    assert epochs(copy) == truth[kind]
    assert within(trained, copy, epochs=2) == truth[kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("count", [2, 3])
def test_shards_put_together(kind, count, truth, folder):
    whole = made(kind, folder)
    shards = [whole.shard(index, count, equal=False) for index in range(count)]
    length = len(whole)
    for epoch in (0, 1):
        batches = [flat(shards[index % count].batch(index // count, epoch)) for index in range(length)]
        assert batches == truth[kind][epoch * length : (epoch + 1) * length]
    seen = [within(trained, shard, epochs=1) for shard in shards]
    assert [seen[index % count][index // count] for index in range(length)] == truth[kind][:length]


@pytest.mark.parametrize("kind", KINDS)
def test_tf_dataset(kind, truth, folder):
    data = made(kind, folder).to_tf_dataset()
    assert [flat(batch) for _ in range(2) for batch in data] == truth[kind]
    assert within(trained, made(kind, folder).to_tf_dataset(), epochs=2) == truth[kind]


@pytest.mark.parametrize("kind", KINDS)
def test_callers_of_many_epochs_at_once(kind, truth, folder, request):
    """What one keeps for an epoch is of no use to the other, nor in its way. Python changes threads at every chance."""
    request.addfinalizer(functools.partial(sys.setswitchinterval, sys.getswitchinterval()))
    sys.setswitchinterval(1e-7)
    sequence = made(kind, folder, threads=2)
    length, wrong = len(sequence), []

    def ask(offset):
        for turn in range(40):
            number = (turn * 3 + offset) % (2 * length)
            if flat(sequence.batch(number % length, number // length)) != truth[kind][number]:
                wrong.append(number)

    callers = [threading.Thread(target=ask, args=(offset,)) for offset in range(6)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(PATIENCE)
    assert not wrong
    assert not any(caller.is_alive() for caller in callers)


def test_no_run_goes_on_after_an_error():
    """Else it would write to a batch that nobody has, and read files that are closed."""
    begun, ended = threading.Event(), []

    def work(first, last):
        if first == 0:
            assert begun.wait(PATIENCE)
            raise ArithmeticError("mine")
        begun.set()
        time.sleep(0.2)  # the error is raised meanwhile
        ended.append((first, last))

    with pytest.raises(ArithmeticError, match="mine"):
        threads.spread(4, 2, work)
    assert ended == [(2, 4)]


def fit(sequence):
    model = keras.Sequential([keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    within(model.fit, sequence, epochs=2, verbose=0, validation_data=sequence.evaluation())


def plain(**changed):
    return AugmentedSequence(PICTURES, LABELS, augment=[seqaug.RandomFlip()], batch_size=8, seed=7, **changed)


def fails(**changed):
    with pytest.raises(Exception, match="mine"):
        fit(broken(**changed))


MODES = {
    "one worker": {"workers": 1},
    "no workers": {"workers": 0},
    "workers": {"workers": 3},
    "threads": {"workers": 1, "threads": 4},
    "both": {"workers": 2, "threads": 3},
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("run", [lambda **mode: fit(plain(**mode)), fails], ids=["fit", "error"])
def test_nothing_is_left_running(mode, run):
    """A first round lets pools grow that stay: ours, and TensorFlow's. After that nothing adds up."""
    for _ in range(2):
        run(**MODES[mode])
    before = running()
    for _ in range(3):
        run(**MODES[mode])
    after = settled(before)
    assert all(now <= then for now, then in zip(after, before, strict=True)), (before, after)
    assert after[2] == 0


def test_our_pool_is_no_larger_than_asked_for():
    """Threads of ours come as they are asked for, and are the same ones from batch to batch."""
    code = """
import threading, numpy, seqaug
images, ever = numpy.zeros((8, 5, 5, 3), "u1"), set()
for _ in range(50):
    seqaug.Pipeline()(images, seed=0, threads=3)
    ever |= {thread for thread in threading.enumerate() if thread.name.startswith("seqaug")}
print(len(ever))
"""
    assert within(subprocess.check_output, [sys.executable, "-P", "-c", code], text=True) in ("1\n", "2\n")


def test_the_order_of_use_plays_no_part(truth):
    """Backwards, twice, over another epoch, and with an epoch set in between."""
    sequence = rich(threads=2)
    length = len(sequence)
    for number in [*reversed(range(2 * length)), *range(0, 2 * length, 3)]:
        sequence.epoch = number // length
        assert flat(sequence[number % length]) == truth["rich"][number]
