"""Train a small network from an array of pictures, augmented on the fly.

Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.

The pictures are 200 photographs that scikit-image ships, 100 of faces and 100 of other things, 25×25 pixels in gray.
"""

import keras
import numpy as np
import skimage.data

from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling

photographs = np.round(skimage.data.lfw_subset() * 255).astype("uint8")[..., None]  # (200, 25, 25, 1)
is_face = np.arange(200) < 100
held_out = np.arange(200) % 5 == 0

train = AugmentedSequence(
    photographs[~held_out],
    is_face[~held_out],
    augment=[RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)],
    batch_size=32,
    seed=7,
)
# What is not augmented needs no second class: leave the random transforms out.
validation = AugmentedSequence(
    photographs[held_out], is_face[held_out], augment=[Rescaling(1 / 255)], batch_size=32, shuffle=False
)
print(train)

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
