"""Faults of Sequences that nothing reports, and the same work done by seqaug.

Forked workers repeat each other's draws, and those of the epoch before; a count of epochs kept in `on_epoch_end` is
wrong, and wronger on validation data. ImageDataGenerator's faults are in silent_faults.py.

Needs the extra `demo`, on a system that forks: `pip install ".[demo]"` in the root of the checkout.
"""

import multiprocessing

import keras
import numpy as np
import skimage.data

from seqaug import AugmentedSequence, RandomTranslation

PICTURE = skimage.data.astronaut()[:64, :64].astype("float32")
SAME = np.stack([PICTURE] * 8)  # so that batches of one picture are equal only if their draws are


class Usual(keras.utils.PyDataset):
    """Shifts one picture by NumPy's global generator, and counts epochs in `on_epoch_end`."""

    epoch = 0

    def __len__(self):
        return 8

    def __getitem__(self, index):
        shift = np.random.randint(-32, 32, 2)
        return np.roll(PICTURE, shift, (0, 1))[None], np.full(1, self.epoch)

    def on_epoch_end(self):
        self.epoch += 1


def ours(**arguments):
    augment = [RandomTranslation(0.5, 0.5, fill_mode="nearest")]
    return AugmentedSequence(SAME, np.zeros(8), augment=augment, batch_size=1, seed=7, **arguments)


class Recorder(keras.Model):
    """Learns nothing, and remembers what it is shown."""

    def __init__(self):
        super().__init__()
        self.seen = []
        self.compile(run_eagerly=True)

    def train_step(self, data):
        self.seen.append([np.array(part) for part in data])
        return {"loss": 0.0}

    def test_step(self, data):
        return self.train_step(data)


def draws(sequence):
    """How many different batches two epochs of 8 have."""
    model = Recorder()
    model.fit(sequence, epochs=2, verbose=0)
    return len({x.tobytes() for x, _ in model.seen})


def epochs(sequence, epoch_of):
    """Which epochs three epochs of validation show: those of every eighth batch, the one for training left out."""
    model = Recorder()
    model.fit(PICTURE[None], np.zeros(1), validation_data=sequence, epochs=3, verbose=0)
    return [epoch_of(*batch) for batch in model.seen[1::9]]


def main():
    multiprocessing.set_start_method("fork")
    forked = {"workers": 4, "use_multiprocessing": True}
    today, seqaug = draws(Usual(**forked)), draws(ours(**forked))
    print(f"different batches of 16, by 4 forked workers: today {today}, seqaug {seqaug}")

    every = {ours().batch(0, epoch)[0].tobytes(): epoch for epoch in range(9)}
    today = epochs(Usual(), epoch_of=lambda _, y: int(y[0]))
    seqaug = epochs(ours(), epoch_of=lambda x, _: every[x.tobytes()])
    print(f"the epochs of validation data: today {today}, seqaug {seqaug}")


if __name__ == "__main__":
    main()
