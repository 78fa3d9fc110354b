"""Augment labelled picture files: flip, rotation and brightness, by SciPy as today, and by seqaug in two ways.

Shows the two lines to change in a program that has a Sequence of its own, and how short it is without one. The
pictures that come out go to augmented-files.png. The times are of one epoch of batches, without a model.

Needs the extra `demo` and SciPy: `pip install ".[demo]" scipy` in the root of the checkout.
"""

import tempfile
import time
from pathlib import Path

import keras
import numpy as np
import scipy.ndimage
import skimage.data
from PIL import Image

from seqaug import AugmentedSequence, RandomBrightness, RandomFlip, RandomRotation


class Pictures(keras.utils.Sequence):
    """The class that users write today, for picture files."""

    def __init__(self, paths, labels, batch_size, **arguments):
        super().__init__(**arguments)
        self.paths, self.labels, self.batch_size = paths, labels, batch_size

    def __len__(self):
        return -(-len(self.paths) // self.batch_size)

    def __getitem__(self, index):
        chosen = slice(index * self.batch_size, (index + 1) * self.batch_size)
        images = [self.load(path) for path in self.paths[chosen]]
        return np.stack(images), self.labels[chosen]

    def load(self, path):
        return np.asarray(Image.open(path).convert("RGB"), "float32")


class AugmentedByHand(Pictures):
    """The same with augmentation, image by image."""

    def load(self, path):
        image = super().load(path)
        if np.random.random() < 0.5:
            image = image[:, ::-1]
        if np.random.random() < 0.5:
            angle = np.random.uniform(-15, 15)
            image = scipy.ndimage.rotate(image, angle, reshape=False, order=1, mode="nearest")
        return np.clip(image + 255 * np.random.uniform(-0.2, 0.2), 0, 255)


AUGMENT = [
    RandomFlip("horizontal"),
    RandomRotation(degrees=15, p=0.5, fill_mode="nearest"),
    RandomBrightness(0.2),
]


def seconds(sequence):
    """Measures an epoch of batches, the best of three."""

    def epoch():
        start = time.perf_counter()
        for _ in sequence:
            pass
        return time.perf_counter() - start

    return min(epoch() for _ in range(3))


with tempfile.TemporaryDirectory() as folder:
    photographs = [skimage.data.astronaut(), skimage.data.chelsea(), skimage.data.coffee()]
    paths = [Path(folder) / f"{i}.jpg" for i in range(60)]
    labels = np.arange(60) % 3
    for i, path in enumerate(paths):
        Image.fromarray(photographs[i % 3][i : i + 224, 3 * i : 3 * i + 224]).save(path)

    today = AugmentedByHand(paths, labels, batch_size=16)

    # Two lines changed: the class without the augmentation by hand, and what goes around it. Floats have no range of
    # their own, and brightness has to know it.
    wrapped = Pictures(paths, labels, batch_size=16)
    wrapped = AugmentedSequence(wrapped, augment=AUGMENT, value_range=(0, 255), seed=7)

    # Or without a class.
    ours = AugmentedSequence(paths, labels, batch_size=16, augment=AUGMENT, seed=7)

    for name, sequence in {"by hand": today, "wrapped": wrapped, "AugmentedSequence": ours}.items():
        model = keras.Sequential([keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(3, "softmax")])
        model.compile("adam", "sparse_categorical_crossentropy")
        model.fit(sequence, epochs=1, verbose=0)
        print(f"{name}: {len(sequence)} batches, the last one {sequence[3][0].shape}, {seconds(sequence):.2f} s")

    Image.fromarray(ours.preview()).save("augmented-files.png")
    print("augmented-files.png shows four pictures and four augmentations of each.")
