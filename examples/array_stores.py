"""Train from pictures in an HDF5 file, which is read a batch at a time.

Writes such a file, one picture in a chunk, so that pictures in shuffled order are read and decoded one by one, and
trains on it with a validation side; what comes out is the same as from the array in memory, also in another process.

Needs the extra `demo` and h5py, which Keras brings: `pip install ".[demo]"` in the root of the checkout.
"""

import pickle
import tempfile
from pathlib import Path

import h5py
import keras
import numpy as np
import skimage.data

from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling

AUGMENT = [RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)]

photographs = np.round(skimage.data.lfw_subset() * 255).astype("uint8")[..., None]  # (200, 25, 25, 1)
is_face = np.arange(200) < 100

with tempfile.TemporaryDirectory() as folder:
    path = Path(folder, "photographs.h5")
    with h5py.File(path, "w") as file:  # picture by picture, or in parts, where all of them do not fit into memory
        x = file.create_dataset("x", (200, 25, 25, 1), "uint8", chunks=(1, 25, 25, 1), compression="gzip")
        for i, photograph in enumerate(photographs):
            x[i] = photograph
        file["y"] = is_face

    with h5py.File(path, "r") as file:  # open as long as the Sequences are used
        stored = AugmentedSequence(file["x"], file["y"], augment=AUGMENT, batch_size=32, seed=7)
        in_memory = AugmentedSequence(photographs, is_face, augment=AUGMENT, batch_size=32, seed=7)
        equal = all((a[0] == b[0]).all() for a, b in zip(stored, in_memory, strict=True))
        print("the same batches as from memory:", equal)
        size = len(pickle.dumps(stored))
        print(f"{photographs.nbytes} bytes of pictures; a pickle for another process has {size}")

        train, validation = stored.split(0.2, stratify=True)
        keras.utils.set_random_seed(1)
        model = keras.Sequential(
            [
                keras.Input((25, 25, 1)),
                keras.layers.Conv2D(16, 3, activation="relu"),
                keras.layers.MaxPooling2D(),
                keras.layers.Conv2D(32, 3, activation="relu"),
                keras.layers.GlobalMaxPooling2D(),
                keras.layers.Dense(1, activation="sigmoid"),
            ]
        )
        model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
        model.fit(train, epochs=4, validation_data=validation, verbose=2)
        print(f"held-out accuracy: {model.evaluate(validation, verbose=0)[1]:.2f}")
