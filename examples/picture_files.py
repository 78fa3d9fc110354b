"""Feed labelled picture files to a model: by a Sequence of your own, and by `AugmentedSequence` in its place.

Shows that both give the same batches, the shorter last one included; nothing is augmented yet, see augmented_files.py.

Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.
"""

import tempfile
from pathlib import Path

import keras
import numpy as np
import skimage.data
from PIL import Image

from seqaug import AugmentedSequence


class Pictures(keras.utils.Sequence):
    """The class that users write today: opens the files of a batch when the batch is asked for."""

    def __init__(self, paths, labels, batch_size, **arguments):
        super().__init__(**arguments)
        self.paths, self.labels, self.batch_size = paths, labels, batch_size

    def __len__(self):
        return -(-len(self.paths) // self.batch_size)

    def __getitem__(self, index):
        chosen = slice(index * self.batch_size, (index + 1) * self.batch_size)
        images = [np.asarray(Image.open(path).convert("RGB"), "float32") for path in self.paths[chosen]]
        return np.stack(images), self.labels[chosen]


def save_pictures(folder):
    """Cuts three photographs into 21 JPEG files and returns their paths and labels. Yours are in a folder already."""
    photographs = [skimage.data.astronaut(), skimage.data.chelsea(), skimage.data.coffee()]
    paths, labels = [], []
    for label, photograph in enumerate(photographs):
        for i in range(7):
            paths.append(Path(folder) / f"{label}-{i}.jpg")
            labels.append(label)
            Image.fromarray(photograph[25 * i : 25 * i + 96, 40 * i : 40 * i + 128]).save(paths[-1])
    return paths, np.array(labels)


def trained(sequence):
    """Trains a new model on a Sequence and returns its loss."""
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Rescaling(1 / 255), keras.layers.Conv2D(8, 5, 4), keras.layers.GlobalMaxPooling2D()]
    model = keras.Sequential([keras.Input((96, 128, 3)), *layers, keras.layers.Dense(3, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    return model.fit(sequence, epochs=2, shuffle=False, verbose=0).history["loss"][-1]


with tempfile.TemporaryDirectory() as folder:
    paths, labels = save_pictures(folder)

    today = Pictures(paths, labels, batch_size=8)
    ours = AugmentedSequence(paths, labels, batch_size=8, shuffle=False)  # the line that changes

    for (x, y), (our_x, our_y) in zip(today, ours, strict=True):
        same = bool((x == our_x).all() and (y == our_y).all())
        print(f"images {our_x.shape} {our_x.dtype}, labels {our_y.tolist()}; the same as before: {same}")
    print(f"loss: {trained(today):.4f} by the class of your own, {trained(ours):.4f} by AugmentedSequence")

    # For training there is more to have: another order of samples in each epoch, pictures of any size, threads.
    train = AugmentedSequence(paths, labels, batch_size=8, seed=7, image_size=(64, 64))
    print(train)
