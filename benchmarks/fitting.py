"""Steps of `model.fit` fed by seqaug, against steps of the same fit that are given one ready batch every time.

The network takes at least 50 ms a step and all of TensorFlow's threads. As the other jobs keep TensorFlow to one
thread, this one runs in a process of its own.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from time import perf_counter, process_time
from typing import Any

if __name__ == "__main__":
    from benchmarks import startup  # noqa: F401

import numpy as np

from benchmarks.jobs import Case, Comparison, Job
from benchmarks.measure import Times
from benchmarks.peers import Peers
from benchmarks.photographs import photographs

CASE = Case((224, 224, 3), "uint8")
BATCH_SIZE = 32
STEPS = 12  # of a fit; the first is not counted
LEAST = 0.05  # seconds per step
WIDTHS = (8, 16, 32, 64, 128)
MOST = 1.08  # of the time per step that the ready batch gives


def jobs(peers: Peers, quick: bool) -> Iterator[Job]:
    """Yields one job. Without TensorFlow, or with `quick`, there is none."""
    if quick or peers.tensorflow is None:
        return
    pair = Comparison("seqaug", "ready batch", "same fit", 1 / MOST)
    yield Job("step of model.fit, ≥ 50 ms, fed by seqaug", CASE, {}, [pair], _timing)


def _timing(rounds: int) -> Mapping[str, Times]:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.fitting", str(rounds)],
        stdout=subprocess.PIPE,
        encoding="utf-8",
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    if done.returncode:
        raise SystemExit("model.fit failed; see above.")
    return {name: Times(**times) for name, times in json.loads(done.stdout.splitlines()[-1]).items()}


def _main(rounds: int) -> None:
    import keras

    import seqaug

    images = photographs(CASE, STEPS * BATCH_SIZE)
    labels = np.arange(len(images)) % 10
    sequence = seqaug.AugmentedSequence(
        images,
        labels,
        augment=[
            seqaug.RandomFlip("horizontal"),
            seqaug.RandomRotation(degrees=15, fill_mode="nearest"),
            seqaug.Rescaling(1 / 255),
        ],
        batch_size=BATCH_SIZE,
        seed=7,
        threads=1,
    )
    batch = sequence[0]
    if batch[0].ctypes.data % 64:
        raise SystemExit("The ready batch is not aligned.")

    class Ready(keras.utils.PyDataset):  # type: ignore[misc]
        def __len__(self) -> int:
            return STEPS

        def __getitem__(self, index: int) -> Any:
            return batch

    class Clock(keras.callbacks.Callback):  # type: ignore[misc]
        """Measures from the end of the first step to the end of the last."""

        def on_train_batch_end(self, number: int, logs: Any = None) -> None:  # noqa: ARG002
            now = perf_counter(), process_time()
            if number == 0:
                self.start = now
            self.wall, self.cpu = ((end - start) / (STEPS - 1) for end, start in zip(now, self.start, strict=True))

    def fit(model: Any, data: Any) -> Clock:
        clock = Clock()
        model.fit(data, epochs=1, verbose=0, shuffle=False, callbacks=[clock])
        return clock

    for width in WIDTHS:
        model = _model(keras, width)
        fit(model, Ready())
        if fit(model, Ready()).wall >= LEAST:
            break
    data = {"seqaug": sequence, "ready batch": Ready()}
    times: dict[str, dict[str, list[float]]] = {name: {"wall": [], "cpu": []} for name in data}
    for turn in range(-1, rounds):
        for name in list(data)[:: 1 if turn % 2 else -1]:
            clock = fit(model, data[name])
            if turn >= 0:  # the first round warms up
                times[name]["wall"].append(clock.wall)
                times[name]["cpu"].append(clock.cpu)
    print(json.dumps(times))


def _model(keras: Any, width: int) -> Any:
    layers = keras.layers
    model = keras.Sequential(
        [
            layers.Input(CASE.shape),
            layers.Conv2D(width, 3, strides=2, activation="relu"),
            layers.Conv2D(2 * width, 3, strides=2, activation="relu"),
            layers.Conv2D(4 * width, 3, strides=2, activation="relu"),
            layers.GlobalAveragePooling2D(),
            layers.Dense(10),
        ]
    )
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("sgd", loss, jit_compile=False)
    return model


if __name__ == "__main__":
    _main(int(sys.argv[1]))
