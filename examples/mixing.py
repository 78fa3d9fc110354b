"""Mix images of a batch with each other, and train on the mixed labels: MixUp, CutMix and Mosaic.

Pieces of three photographs are to be told apart. What the transforms make of the first three pieces goes to mixing.png.

Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.
"""

import keras
import numpy as np
import skimage.data
from PIL import Image

from seqaug import AugmentedSequence, CutMix, MixUp, Mosaic, RandomFlip, Rescaling

photographs = [skimage.data.astronaut(), skimage.data.chelsea(), skimage.data.coffee()]
corners = [(row, column) for row in range(0, 240, 24) for column in range(0, 384, 24)]
pieces = [[photograph[row : row + 48, column : column + 64] for row, column in corners] for photograph in photographs]
images = np.concatenate(pieces)
labels = keras.utils.to_categorical(np.repeat(np.arange(3), len(corners)))  # rows such as 0 1 0, which can be blended

train = AugmentedSequence(
    images,
    labels,
    augment=[RandomFlip("horizontal"), MixUp(p=0.5), CutMix(p=0.5), Rescaling(1 / 255)],
    seed=7,
)
print(train.pipeline)
x, y = train[0]
mixed = (np.sort(y, axis=1)[:, -2] > 0).sum()
print(f"images {x.shape} {x.dtype}, labels {y.shape} {y.dtype} that sum to 1: {np.allclose(y.sum(1), 1)}")
print(f"{mixed} of {len(x)} are of several photographs; one of the labels: {y[y.max(1).argmin()].round(2)}")

keras.utils.set_random_seed(1)
model = keras.Sequential(
    [
        keras.Input((48, 64, 3)),
        keras.layers.Conv2D(16, 5, strides=4, activation="relu"),
        keras.layers.Conv2D(32, 3, activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(3, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(0.003), "categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=5, verbose=2)
print(f"pieces told apart, as they are: {model.evaluate(train.evaluation(), verbose=0)[1]:.0%}")

columns = []
for transform in (MixUp(1.0), CutMix((1.0, 1.0)), Mosaic()):
    shown = AugmentedSequence(images, labels, augment=[transform], seed=9)
    page = shown.preview(3, 1)
    columns.append(page[:, page.shape[1] // 2 :] if columns else page)  # originals once
Image.fromarray(np.concatenate(columns, axis=1)).save("mixing.png")
print("mixing.png shows three pieces, and each with MixUp, CutMix and Mosaic.")
