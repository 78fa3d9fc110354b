"""Wrap a Sequence that has nothing to do with images: it trains as before, and cannot be augmented by mistake.

Shows that `AugmentedSequence(sequence)` passes any batches through, the very same objects, and that an augmentation of
what is no picture is an error when the Sequence is made.

Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.
"""

import keras
import numpy as np

from seqaug import AugmentedSequence, RandomFlip


class Sums(keras.utils.Sequence):
    """Batches of pairs of numbers and their sums. Nothing here knows of seqaug."""

    def __init__(self, count, batch_size, **arguments):
        super().__init__(**arguments)
        self.pairs = np.random.default_rng(0).random((count, 2), "float32")
        self.batch_size = batch_size

    def __len__(self):
        return -(-len(self.pairs) // self.batch_size)

    def __getitem__(self, index):
        pairs = self.pairs[index * self.batch_size : (index + 1) * self.batch_size]
        return pairs, pairs.sum(axis=1)


def trained(sequence):
    """Trains a new model on a Sequence and returns its loss."""
    keras.utils.set_random_seed(1)
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    return model.fit(sequence, epochs=3, shuffle=False, verbose=0).history["loss"][-1]


today = Sums(count=1000, batch_size=32)
wrapped = AugmentedSequence(Sums(count=1000, batch_size=32))  # the line that changes

batches = [(pairs.tobytes(), sums.tobytes()) for pairs, sums in today]
same = batches == [(pairs.tobytes(), sums.tobytes()) for pairs, sums in wrapped]
print(f"{len(wrapped)} batches, the last one of {len(wrapped[-1][0])} pairs; the same as before: {same}")
print(f"loss: {trained(today):.6f} as it is, {trained(wrapped):.6f} wrapped")

try:
    AugmentedSequence(today, augment=[RandomFlip("horizontal")])
except ValueError as error:
    print("With an augmentation:", error)
