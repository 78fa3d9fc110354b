"""Feed picture files of different sizes to a model, decoded and augmented when they are needed.

Needs the extra `demo`: `pip install ".[demo]"` in the root of the checkout.
"""

import tempfile
from pathlib import Path

import numpy as np
import skimage.data
from PIL import Image

from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling

with tempfile.TemporaryDirectory() as folder:
    # Three photographs of different sizes and formats; yours are in a folder already.
    pictures = {
        "astronaut.jpg": skimage.data.astronaut(),
        "cat.png": skimage.data.chelsea(),
        "coffee.webp": skimage.data.coffee(),
    }
    for name, pixels in pictures.items():
        Image.fromarray(pixels).save(Path(folder) / name)

    paths = sorted(Path(folder).iterdir())
    labels = np.arange(len(paths))
    sequence = AugmentedSequence(
        paths,
        labels,
        image_size=(96, 128),
        augment=[RandomFlip("horizontal", p=0.5), RandomRotation(degrees=15, p=0.5), Rescaling(1 / 255)],
        batch_size=2,
        seed=7,
    )

    for epoch in range(2):
        for x, y in sequence:  # one epoch; the next loop is the next epoch, with new draws
            print(f"epoch {epoch}: images {x.shape} {x.dtype} from {x.min():.2f} to {x.max():.2f}, labels {y.tolist()}")

    # A batch is a function of (seed, epoch, index): ask again, in any order, in any process.
    sequence.epoch = 0
    again = sequence[0][0]
    sequence.epoch = 1
    other = sequence[0][0]
    sequence.epoch = 0
    print("same epoch, same batch:", bool((sequence[0][0] == again).all()))
    print("next epoch, same batch:", bool((other == again).all()))
