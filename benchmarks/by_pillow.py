"""The ImageNet recipe by Pillow, as in torchvision: image by image, each step a picture of its own."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageEnhance

from benchmarks.by_hand import DEVIATION, MEAN
from benchmarks.measure import Call

SIZE = (224, 224)
STRENGTH = 0.4


def imagenet(images: NDArray[Any]) -> Call:
    """Crops and resizes, mirrors, changes brightness, contrast and saturation in random order, and normalises."""
    pictures = [Image.fromarray(image) for image in images]
    batch = np.empty((len(pictures), *SIZE, 3), np.float32)
    scale, offset = (1 / DEVIATION).astype(np.float32), (-MEAN / DEVIATION).astype(np.float32)
    generator = np.random.default_rng(7)

    def call() -> NDArray[np.float32]:
        for picture, place in zip(pictures, batch, strict=True):
            box = _box(generator, picture.width, picture.height)
            small = picture.resize(SIZE, Image.Resampling.BILINEAR, box=box)
            if generator.random() < 0.5:
                small = small.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            for kind in generator.permutation(np.array(_JITTERS)):
                small = kind(small).enhance(generator.uniform(1 - STRENGTH, 1 + STRENGTH))
            np.multiply(np.asarray(small), scale, out=place)
            np.add(place, offset, out=place)
        return batch

    return call


_JITTERS = [ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color]


def _box(generator: np.random.Generator, width: int, height: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of 8 to 100 % of the picture, 3:4 to 4:3 in shape; the whole if ten do not fit."""
    for _ in range(10):
        area = width * height * generator.uniform(0.08, 1.0)
        ratio = math.exp(generator.uniform(math.log(3 / 4), math.log(4 / 3)))
        wide, tall = round(math.sqrt(area * ratio)), round(math.sqrt(area / ratio))
        if 0 < wide <= width and 0 < tall <= height:
            left, top = int(generator.integers(width - wide + 1)), int(generator.integers(height - tall + 1))
            return left, top, left + wide, top + tall
    return 0, 0, width, height
