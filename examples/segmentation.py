"""Train a small network that finds coins: masks are moved with their pictures, by the same draws.

Shows a Sequence of (images, masks) as users write it, wrapped; its masks keep their values, since they are never
blended. What comes out goes to segmentation.png.

Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.
"""

import keras
import numpy as np
import skimage.data
from PIL import Image
from skimage.filters import sobel
from skimage.segmentation import find_boundaries, watershed

from seqaug import AugmentedSequence, RandomBrightness, RandomFlip, RandomRotation, RandomZoom, Rescaling

BACKGROUND, COIN, RIM = 0, 1, 2


class Coins(keras.utils.Sequence):
    """Batches of 64×64 pieces of one photograph, `(n, 64, 64, 1)`, and their labels, `(n, 64, 64)`."""

    def __init__(self, batch_size, **arguments):
        super().__init__(**arguments)
        self.batch_size = batch_size
        self.picture = skimage.data.coins()
        seeds = np.select([self.picture < 30, self.picture > 150], [1, 2])
        coins = watershed(sobel(self.picture), seeds) == 2
        self.labels = np.where(coins, COIN, BACKGROUND).astype("uint8")
        self.labels[find_boundaries(coins)] = RIM
        self.corners = [(row, column) for row in range(0, 240, 24) for column in range(0, 320, 24)]

    def __len__(self):
        return -(-len(self.corners) // self.batch_size)

    def __getitem__(self, index):
        chosen = self.corners[index * self.batch_size : (index + 1) * self.batch_size]
        pieces = [np.s_[row : row + 64, column : column + 64] for row, column in chosen]
        return np.stack([self.picture[i] for i in pieces])[..., None], np.stack([self.labels[i] for i in pieces])


train = AugmentedSequence(
    Coins(batch_size=16),
    augment=[
        RandomFlip("horizontal"),
        RandomRotation(0.5),
        RandomZoom(0.2),
        RandomBrightness(0.1),
        Rescaling(1 / 255),
    ],
    targets="segmentation_mask",
    seed=7,
)
print(train.pipeline)
x, masks = train[0]
print(f"images {x.shape} {x.dtype}, masks {masks.shape} {masks.dtype} of the values {np.unique(masks).tolist()}")

keras.utils.set_random_seed(1)
model = keras.Sequential(
    [
        keras.Input((64, 64, 1)),
        keras.layers.Conv2D(16, 5, padding="same", activation="relu"),
        keras.layers.Conv2D(16, 5, padding="same", activation="relu", dilation_rate=3),
        keras.layers.Conv2D(3, 1, activation="softmax"),
    ]
)
model.compile(keras.optimizers.Adam(0.01), "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(train, epochs=3, verbose=2)
print(f"pixels found, without augmentation: {model.evaluate(train.evaluation(), verbose=0)[1]:.0%}")

Image.fromarray(train.preview(3)).save("segmentation.png")
print("segmentation.png shows three pieces, four augmentations of each, and their masks.")
