"""Look at what a Sequence does before training on it: draws preview.png.

Originals are in the first column; the others show the epochs to come, as `fit` will see them.

Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.
"""

import numpy as np
import skimage.data
from PIL import Image

from seqaug import (
    AugmentedSequence,
    RandomBrightness,
    RandomContrast,
    RandomFlip,
    RandomRotation,
    RandomZoom,
    Rescaling,
)

photographs = [
    skimage.data.astronaut()[:300, 70:370],
    skimage.data.chelsea()[:, 80:380],
    skimage.data.coffee()[50:350, 150:450],
]
train = AugmentedSequence(
    np.stack(photographs),
    augment=[
        RandomFlip("horizontal"),
        RandomRotation(degrees=20),
        RandomZoom(0.2),
        RandomContrast((0.3, 0.3)),
        RandomBrightness(0.2),
        Rescaling(1 / 255),
    ],
    image_size=(112, 112),
    seed=7,
)
print(train.pipeline)
Image.fromarray(train.preview()).quantize().save("preview.png")
