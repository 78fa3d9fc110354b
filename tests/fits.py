"""A model that notes what Keras's loops give it, and data sets to give it. All of it pickles."""

import gc
import hashlib
import json
import multiprocessing
import os
import queue
import threading
import time
import warnings

import keras
import numpy as np
import tensorflow as tf
from common import Batches

import seqaug
from seqaug import AugmentedSequence

PATIENCE = 120  # seconds after which a wait counts as a hang; nothing here takes a tenth of it


def flat(structure):
    """The arrays of a batch of any structure, as bytes, in Keras's order."""
    arrays = [keras.ops.convert_to_numpy(leaf) for leaf in keras.tree.flatten(structure) if leaf is not None]
    return tuple((array.shape, array.dtype.str, array.tobytes()) for array in arrays)


class Spy(keras.Model):
    """Notes the batches of `fit`."""

    def __init__(self):
        super().__init__()
        self.weight = self.add_weight(shape=(), initializer="zeros")
        self.seen = []

    def call(self, x):
        return keras.ops.sum(keras.tree.flatten(x)[0]) * self.weight

    def train_step(self, data):
        self.seen.append(flat(data))
        return {"loss": tf.constant(0.0)}


def trained(sequence, **arguments):
    """The batches that one `fit` sees, in order."""
    model = Spy()
    model.compile("sgd", "mse", run_eagerly=True)
    model.fit(sequence, **{"verbose": 0, "shuffle": False, **arguments})
    return list(model.seen)  # Keras made it a list of its own


def trained_under(method, sequence, **arguments):
    """`trained` with another way to start processes, which Keras takes from the whole process: call it in a new one."""
    multiprocessing.set_start_method(method, force=True)
    return trained(sequence, **arguments)


def failing(sequence):
    """What `fit` says."""
    model = keras.Sequential([keras.layers.Flatten(), keras.layers.Dense(2)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    try:
        model.fit(sequence, verbose=0)
    except Exception as error:
        return str(error)
    return None


def failing_under(method, sequence):
    """`failing` with another way to start processes; see `trained_under`."""
    multiprocessing.set_start_method(method, force=True)
    return failing(sequence)


def within(call, *args, **arguments):
    """What a call gives, or raises. A call that hangs fails the test, and goes with the process."""
    results = queue.SimpleQueue()

    def work():
        try:
            results.put((call(*args, **arguments), None))
        except BaseException as error:
            results.put((None, error))

    threading.Thread(target=work, daemon=True).start()
    result, error = results.get(timeout=PATIENCE)
    if error is not None:
        raise error
    return result


def running():
    """How many threads and processes there are: Python's own threads, the system's, children."""
    gc.collect()
    dummies = sum(isinstance(thread, threading._DummyThread) for thread in threading.enumerate())
    tasks = len(os.listdir("/proc/self/task")) if os.path.exists("/proc/self/task") else 0  # noqa: PTH110, PTH208
    return threading.active_count() - dummies, tasks, len(multiprocessing.active_children())


def settled(most):
    """What is running once it is no more than `most`, or after a while: threads take a moment to end."""
    deadline = time.monotonic() + 20
    while any(map(int.__gt__, running(), most)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return running()


COUNT = 29
GRID = np.arange(COUNT * 14 * 18 * 3).reshape(COUNT, 14, 18, 3)
PICTURES = (GRID * GRID // 7 % 256).astype("u1")
MASKS = (GRID[..., 0] // 5 % 7).astype("i8")
LABELS = np.arange(COUNT)
AUGMENT = [
    seqaug.RandomCrop(11, 13),
    seqaug.RandomFlip(),
    seqaug.RandomRotation(degrees=20, fill_mode="reflect"),
    seqaug.RandomTranslation(0.1, 0.1, fill_mode="constant", fill_value=9.0),  # begins another stage
    seqaug.RandomBrightness(0.2),
    seqaug.RandomContrast((0.3, 0.3)),
    seqaug.Rescaling(1 / 255),
]


def rich(**changed):
    """A Sequence over arrays, with masks, labels and weights."""
    y = {"segmentation_masks": MASKS, "labels": LABELS}
    arguments = {"augment": AUGMENT, "batch_size": 8, "seed": 7, "mask_fill_value": -1, **changed}
    return AugmentedSequence(PICTURES, y, LABELS / 8, **arguments)


def wrapped(**changed):
    """A Sequence over one that a user wrote."""
    parts = [slice(first, first + 6) for first in range(0, COUNT, 6)]
    inner = Batches([(PICTURES[part], {"labels": LABELS[part], "segmentation_masks": MASKS[part]}) for part in parts])
    return AugmentedSequence(inner, **{"augment": AUGMENT, "seed": 7, **changed})


def broken(**changed):
    """A Sequence that fails in the middle of an epoch."""
    batches = [(PICTURES[:6], LABELS[:6])] * 3 + [ArithmeticError("mine"), (PICTURES[:6], LABELS[:6])]
    return AugmentedSequence(Batches(batches), augment=[seqaug.RandomFlip()], seed=7, **changed)


def filed(folder, **changed):
    """A Sequence over files of different sizes; they are written at the first call."""
    from PIL import Image

    paths = [os.path.join(folder, f"{i}.png") for i in range(COUNT)]  # noqa: PTH118
    if not os.path.exists(paths[-1]):  # noqa: PTH110
        for i, path in enumerate(paths):
            Image.fromarray(PICTURES[i, : 9 + i % 5]).save(path)
    arguments = {"augment": AUGMENT[1:], "batch_size": 8, "seed": 7, "image_size": (12, 10), **changed}
    return AugmentedSequence(paths, LABELS, **arguments)


KINDS = {"rich": rich, "wrapped": wrapped, "filed": filed, "broken": broken}


def made(kind, folder, **changed):
    """A Sequence of a kind; `folder` is for files."""
    return KINDS[kind](*([folder] if kind == "filed" else []), **changed)


def expected(sequence, epochs):
    """The batches of epochs 0 … epochs - 1, each by its number, made by one thread."""
    sequence.threads = 1
    return [flat(sequence.batch(index, epoch)) for epoch in range(epochs) for index in range(len(sequence))]


def summary(batches):
    """A text that stands for batches, to be sent from process to process."""
    return hashlib.sha256(repr(batches).encode()).hexdigest()


def outcome(sequence, epochs):
    """What `fit` sees, as a text, or the error that it ends in."""
    try:
        return summary(within(trained, sequence, epochs=epochs))
    except Exception as error:
        return "error: mine" if "mine" in str(error) else f"another error: {error!r}"


def report(method, folder, kinds, workers, epochs):
    """Prints what fits see whose workers are processes started by `method`, and what they leave running."""
    multiprocessing.set_start_method(method)
    warnings.filterwarnings("ignore", ".*fork.*", DeprecationWarning)
    rich(threads=3)[0]  # the pool of threads is in use before the first fork
    seen, before = {}, None
    for kind in kinds:
        sequence = made(kind, folder, workers=workers, use_multiprocessing=True, threads=2)
        seen[kind] = outcome(sequence, epochs)
        before = before or running()
    left = [max(0, now - then) for now, then in zip(settled(before), before, strict=True)]
    print(json.dumps({"seen": seen, "left": left, "children": before[2]}))
