"""Draws what antialiasing does to a photograph that shrinks, beside Pillow: the picture of the guide.

    python examples/shrinking.py [FILE.png]

Needs scikit-image for the photograph.
"""

import sys

import numpy as np
from PIL import Image
from skimage import data

from seqaug import Pipeline, Resizing


def main() -> None:
    photograph = data.brick()[..., None].repeat(3, axis=2)
    size = (84, 84)
    pictures = [Pipeline([Resizing(*size, antialias=a)])([photograph], seed=0, dtype="uint8")[0] for a in (False, True)]
    pillow = np.asarray(Image.fromarray(photograph).resize(size[::-1], Image.Resampling.BILINEAR))
    difference = np.abs(pictures[1].astype(int) - pillow).max()
    print(f"antialias=True and Pillow differ by at most {difference} of 255")
    strip = np.concatenate([*pictures, pillow], axis=1).repeat(3, axis=0).repeat(3, axis=1)
    Image.fromarray(strip).save(sys.argv[1] if len(sys.argv) > 1 else "shrinking.png")


if __name__ == "__main__":
    main()
