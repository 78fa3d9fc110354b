"""Real pictures, because noise neither compresses, nor repeats, nor branches as photographs do."""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from skimage import data

from benchmarks.jobs import Case


def photograph(case: Case) -> NDArray[np.generic]:
    """Returns one photograph, cropped and resized to the case."""
    return _as(case, _originals()[0])


def photographs(case: Case, count: int) -> NDArray[np.generic]:
    """Returns `(count, height, width, channels)`: crops of several photographs, the same ones in every run."""
    draw = np.random.default_rng(0)
    result = np.empty((count, *case.shape), case.dtype)
    for i in range(count):
        original = _originals()[i % len(_originals())]
        left, top = (int(draw.uniform(0, 0.3) * extent) for extent in original.size)
        result[i] = _as(
            case, original.crop((left, top, left + original.width * 2 // 3, top + original.height * 2 // 3))
        )
    return result


@cache
def _originals() -> list[Image.Image]:
    # These three come with scikit-image: nothing is downloaded.
    pictures: list[NDArray[np.uint8]] = [data.astronaut(), data.coffee(), data.chelsea()]  # type: ignore[no-untyped-call]
    return [Image.fromarray(picture) for picture in pictures]


def _as(case: Case, original: Image.Image) -> NDArray[np.generic]:
    height, width, channels = case.shape
    picture = ImageOps.fit(original, (width, height), Image.Resampling.LANCZOS)
    gray = np.asarray(picture.convert("L"))[..., None]
    colour = np.asarray(picture)
    pixels = {1: gray, 3: colour}.get(channels)
    if pixels is None:  # 4, and multiples of it
        pixels = np.tile(np.concatenate([colour, gray], axis=2), channels // 4)
    return np.ascontiguousarray(pixels, case.dtype)
