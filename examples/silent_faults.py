"""Faults of ImageDataGenerator that nothing reports, and the same work done by seqaug.

Masks that lose their pictures, or their values; validation data that is augmented; a seed that holds for one order of
access only. What happens in Keras's workers and epochs is in silent_faults_sequence.py.

Needs the extra `demo` and SciPy: `pip install ".[demo]" scipy` in the root of the checkout.
"""

import warnings

import numpy as np
import skimage.data
from tensorflow.keras.preprocessing.image import ImageDataGenerator

from seqaug import AugmentedSequence, RandomRotation

IMAGES = np.stack([skimage.data.astronaut()[8 * i : 8 * i + 64, :64] for i in range(32)]).astype("float32")
MASKS = np.where(IMAGES[..., :1] > 120, 7, 0).astype("float32")


def theirs(images, order=0, **arguments):
    generator = ImageDataGenerator(rotation_range=30, interpolation_order=order, validation_split=0.25)
    return generator.flow(images, batch_size=8, shuffle=False, seed=7, **arguments)


def ours(images, y, **arguments):
    turn = RandomRotation(degrees=30, fill_mode="nearest", interpolation="nearest")
    return AugmentedSequence(images, y, augment=[turn], batch_size=8, shuffle=False, seed=7, **arguments)


def show(what, today, seqaug):
    print(f"{what:38}{'yes' if today else 'no':10}{'yes' if seqaug else 'no'}")


warnings.simplefilter("ignore", DeprecationWarning)  # ImageDataGenerator reaches SciPy by a deprecated name
print(f"{'':38}{'today':10}seqaug")

# Pictures and masks from two generators with one seed, the usual way. To be compared, the pictures are their own masks.
pictures, masks = theirs(IMAGES), theirs(IMAGES)
pairs = ours(IMAGES, IMAGES, targets="segmentation_mask")
pictures[0], pairs[0]  # somebody looks at a batch of pictures
moved, along = pairs[1]
show("masks stay with their pictures", np.array_equal(pictures[1], masks[1]), np.array_equal(moved, along))

blended = theirs(MASKS, order=1)[0]  # bilinear is the generator's default
_, labels = ours(IMAGES, MASKS, targets="segmentation_mask")[0]
show("masks keep their values", np.isin(blended, [0, 7]).all(), np.isin(labels, [0, 7]).all())

validation = theirs(IMAGES, subset="validation")[0]
held_out, numbers = ours(IMAGES, np.arange(32)).split(0.25)[1][0]
show(
    "validation data stay as they are",
    np.array_equal(validation, IMAGES[:8]),
    np.array_equal(held_out, IMAGES[numbers]),
)

in_order, out_of_order = theirs(IMAGES), theirs(IMAGES)
one, other = ours(IMAGES, None), ours(IMAGES, None)
out_of_order[3], other[3]  # another batch comes first
show(
    "a seed holds in any order of access",
    np.array_equal(in_order[0], out_of_order[0]),
    np.array_equal(one[0], other[0]),
)
