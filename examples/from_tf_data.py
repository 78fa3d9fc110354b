"""Train from tf.data: a Sequence as a Dataset, and a Pipeline inside `Dataset.map`.

Shows where the draws come from in each: a Sequence counts epochs by itself; inside `map` the images need numbers
(`enumerate`) and the epoch's number comes from the callback `EpochSync`.

Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.
"""

import keras
import numpy as np
import skimage.data
import tensorflow as tf

from seqaug import AugmentedSequence, DatasetMap, EpochSync, Pipeline, RandomFlip, RandomRotation, Rescaling

photographs = np.round(skimage.data.lfw_subset() * 255).astype("uint8")[..., None]  # (200, 25, 25, 1)
is_face = np.arange(200) < 100
augment = [RandomFlip("horizontal"), RandomRotation(degrees=15, fill_mode="nearest"), Rescaling(1 / 255)]


def trained(data, **arguments):
    """Trains a new model and returns its accuracy."""
    keras.utils.set_random_seed(1)
    layers = [keras.layers.Conv2D(16, 3, activation="relu"), keras.layers.GlobalMaxPooling2D()]
    model = keras.Sequential([keras.Input((25, 25, 1)), *layers, keras.layers.Dense(1, "sigmoid")])
    model.compile(keras.optimizers.Adam(0.01), "binary_crossentropy", metrics=["accuracy"])
    return model.fit(data, epochs=3, shuffle=False, verbose=0, **arguments).history["accuracy"][-1]


# A Sequence as a Dataset: files, masks, shuffling and epochs as ever.
sequence = AugmentedSequence(photographs, is_face, batch_size=32, augment=augment, seed=7)
data = sequence.to_tf_dataset()
print("to_tf_dataset:", data.element_spec[0])
print(f"accuracy: {trained(data):.2f}")

# A pipeline in a Dataset that is there already.
mapped = DatasetMap(Pipeline(augment), seed=7)
data = tf.data.Dataset.from_tensor_slices((photographs, is_face)).enumerate()
data = data.shuffle(200).batch(32, drop_remainder=True)
data = data.map(lambda ids, pair: (mapped(pair[0], ids), pair[1])).prefetch(tf.data.AUTOTUNE)
print("DatasetMap:", data.element_spec[0])
print(f"accuracy: {trained(data, callbacks=[EpochSync(mapped)]):.2f}")

# Both draw by (seed, number, epoch): number 5 in epoch 2 is the same picture. Without labels nothing is shuffled.
plain = AugmentedSequence(photographs, augment=augment, seed=7)
plain.epoch = mapped.epoch = 2
print("the same picture from both:", bool((plain[0][5] == mapped(photographs[5], 5)).numpy().all()))
