"""Policies and choices of one's own: draws policies.png, a row of pictures for each.

The first column shows the photograph, the others what becomes of it as six samples of a data set.

Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.
"""

import numpy as np
import skimage.data
from PIL import Image

from seqaug import (
    AugMix,
    OneOf,
    Pipeline,
    RandAugment,
    RandomApply,
    RandomBrightness,
    RandomFlip,
    RandomRotation,
    RandomZoom,
    SomeOf,
    TrivialAugmentWide,
)

own = [
    RandomFlip("horizontal"),
    OneOf([RandomRotation(degrees=30), RandomZoom((-0.3, 0)), []], weights=[2, 2, 1]),
    RandomApply([SomeOf([RandomBrightness(0.3), TrivialAugmentWide()], count=(1, 2))], p=0.8),
]
policies = {"RandAugment": RandAugment(), "AugMix": AugMix(), "TrivialAugmentWide": TrivialAugmentWide(), "own": own}

photograph = Pipeline([], image_size=(112, 112))([skimage.data.chelsea()[:, 80:380]], seed=0, dtype="uint8")
rows = []
for name, policy in policies.items():
    pipeline = Pipeline(policy)
    assert Pipeline.from_json(pipeline.to_json()).transforms == pipeline.transforms
    images = np.repeat(photograph, 6, axis=0)  # six samples of one picture, each with draws of its own
    augmented = pipeline(images, seed=7, dtype="uint8")
    rows.append(np.concatenate([photograph[0], *augmented], axis=1))
    different = len({image.tobytes() for image in augmented})
    print(f"{name}: {different} different pictures of {len(images)}")
Image.fromarray(np.concatenate(rows)).quantize().save("policies.png")
