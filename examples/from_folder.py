"""Train a small network from a folder of photographs, a folder for each class, for two epochs.

The classes, their numbers and the sides of the split are those of `keras.utils.image_dataset_from_directory`, which is
asked as well. Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.
"""

import tempfile
from pathlib import Path

import keras
import skimage.data
from PIL import Image

from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling


def save_photographs(folder):
    """Cuts three photographs of scikit-image into pieces of 96×128 pixels, and saves them as JPEGs."""
    for name in ("astronaut", "chelsea", "coffee"):
        photograph = getattr(skimage.data, name)()
        (folder / name).mkdir()
        corners = [(row, column) for row in range(0, 200, 20) for column in range(0, 300, 60)]
        for i, (row, column) in enumerate(corners):
            piece = photograph[row : row + 96, column : column + 128]
            Image.fromarray(piece).save(folder / name / f"{i:02}.jpg", quality=92)


with tempfile.TemporaryDirectory() as name:
    photographs = Path(name)
    save_photographs(photographs)

    train, validation = AugmentedSequence.from_directory(
        photographs,
        image_size=(48, 64),
        validation_split=0.2,
        subset="both",
        seed=7,
        augment=[RandomFlip("horizontal"), RandomRotation(degrees=15), Rescaling(1 / 255)],
    )
    print(train)

    asked = {"validation_split": 0.2, "subset": "validation", "seed": 7, "verbose": False}
    keras_validation = keras.utils.image_dataset_from_directory(photographs, **asked)
    same = (
        validation.file_paths == keras_validation.file_paths and validation.class_names == keras_validation.class_names
    )
    print(f"the same classes and files as Keras: {same}")

    keras.utils.set_random_seed(1)
    model = keras.Sequential(
        [
            keras.Input((48, 64, 3)),
            keras.layers.Conv2D(16, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Conv2D(32, 3, activation="relu"),
            keras.layers.GlobalMaxPooling2D(),
            keras.layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(train, epochs=2, validation_data=validation, verbose=2)
    print(f"validation accuracy: {model.evaluate(validation, verbose=0)[1]:.2f}")
