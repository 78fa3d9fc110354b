"""What a careful user writes with OpenCV and NumPy: image by image, each step into memory that is used again.

The functions draw nothing. `Hand` holds the numbers for one batch, drawn by `drawn`, or read from a plan of seqaug's by
`planned`, so that results can be compared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import Plan

MEAN = np.array([123.7, 116.3, 103.5])
DEVIATION = np.array([58.4, 57.1, 57.4])
DEGREES = 15.0
BRIGHTNESS = 0.2
CONTRAST = 0.3
SATURATION = (0.4, 0.6)
HUE = 0.1

Images = Any  # an array of images, or a list of them


@dataclass(frozen=True)
class Hand:
    """The numbers for a batch of n images.

    Args:
        flips: Whether each image is mirrored first.
        degrees: By how much each is turned, counterclockwise.
        places: Top and left of each crop.
        brightness: What is added.
        contrast: What the distance from the mean is multiplied by.
        saturation: What HSV's S is multiplied by.
        hue: Degrees by which HSV's H goes on.
    """

    flips: list[bool]
    degrees: list[float]
    places: list[tuple[int, int]]
    brightness: list[float]
    contrast: list[float]
    saturation: list[float]
    hue: list[float]


Worker = Callable[[Images, Hand, NDArray[np.float32]], None]


def drawn(generator: np.random.Generator, count: int, room: tuple[int, int] = (0, 0)) -> Hand:
    """Draws for a batch. `room` is how far crops may move, down and to the right."""
    numbers = generator.random((8, count))
    saturation = SATURATION[0] + (SATURATION[1] - SATURATION[0]) * numbers[5]
    return Hand(
        (numbers[0] < 0.5).tolist(),
        ((2 * numbers[1] - 1) * DEGREES).tolist(),
        [(int(down * (room[0] + 1)), int(right * (room[1] + 1))) for down, right in numbers[6:].T.tolist()],
        ((2 * numbers[2] - 1) * BRIGHTNESS * 255).tolist(),
        (1 + (2 * numbers[3] - 1) * CONTRAST).tolist(),
        (saturation / (1 - saturation)).tolist(),
        ((2 * numbers[4] - 1) * HUE * 180).tolist(),
    )


def planned(plan: Plan) -> Hand:
    """Returns the numbers of a plan: of a flip and then a rotation, or a crop, and of the steps of colour."""
    (stage,) = plan.stages
    matrices = stage.matrices.reshape(-1, 2, 3)
    count = len(matrices)
    steps = {} if stage.colour is None else dict(zip(_names(stage.kinds), stage.colour.swapaxes(0, 1), strict=True))

    def number(name: str, row: int) -> NDArray[np.float64]:
        return steps[name][:, row, 0] if name in steps else np.zeros(count)

    return Hand(
        (np.linalg.det(matrices[:, :, :2]) < 0).tolist(),
        np.rad2deg(np.arctan2(matrices[:, 0, 1], matrices[:, 0, 0])).tolist(),
        [] if stage.windows is None else [(top, left) for top, left, _, _ in stage.windows.tolist()],
        number("brightness", 1).tolist(),
        number("contrast", 0).tolist(),
        number("saturation", 0).tolist(),
        (number("hue", 0) * 360).tolist(),
    )


def _names(kinds: tuple[str, ...]) -> list[str]:
    """Names the steps of the colour jobs, whose first is a brightness, and whose last scales."""
    first = ["brightness", "contrast"][: kinds[:-1].count("linear")]
    return [*first, *kinds[len(first) : -1], "scaling"]


def turning(cv2: Any, shape: tuple[int, int, int], dtype: str) -> Worker:
    """Flip, rotate with border 'nearest', rescale to 0 … 1."""
    turned = _Turned(cv2, shape, dtype)
    scale = np.float32(1 / 255)

    def work(images: Images, hand: Hand, batch: NDArray[np.float32]) -> None:
        for i, image in enumerate(images):
            np.multiply(turned(image, hand.flips[i], hand.degrees[i]), scale, out=batch[i])

    return work


def brightening(cv2: Any, shape: tuple[int, int, int]) -> Worker:
    """Rotate, brightness, normalise by channel."""
    turned, work_space = _Turned(cv2, shape, "uint8"), np.empty(shape, np.float32)
    scale, offset = _normalization()

    def work(images: Images, hand: Hand, batch: NDArray[np.float32]) -> None:
        for i, image in enumerate(images):
            np.add(turned(image, False, hand.degrees[i]), np.float32(hand.brightness[i]), out=work_space)
            np.clip(work_space, 0, 255, out=work_space)
            np.multiply(work_space, scale, out=batch[i])
            np.add(batch[i], offset, out=batch[i])

    return work


def brightening_by_table(cv2: Any, shape: tuple[int, int, int]) -> Worker:
    """The same by a table of the 256 values, which holds because the picture between is of whole numbers."""
    turned, values = _Turned(cv2, shape, "uint8"), np.arange(256, dtype=np.float32)
    scale, offset = _normalization()

    def work(images: Images, hand: Hand, batch: NDArray[np.float32]) -> None:
        for i, image in enumerate(images):
            table = np.clip(values + np.float32(hand.brightness[i]), 0, 255)[None, :, None] * scale + offset
            cv2.LUT(turned(image, False, hand.degrees[i]), table, dst=batch[i])

    return work


def toning(cv2: Any, shape: tuple[int, int, int]) -> Worker:
    """Rotate, brightness, contrast, saturation and hue in HSV, normalise by channel."""
    turned = _Turned(cv2, shape, "uint8")
    space, hsv = np.empty(shape, np.float32), np.empty(shape, np.float32)
    scale, offset = _normalization()

    def work(images: Images, hand: Hand, batch: NDArray[np.float32]) -> None:
        for i, image in enumerate(images):
            np.add(turned(image, False, hand.degrees[i]), np.float32(hand.brightness[i]), out=space)
            np.clip(space, 0, 255, out=space)
            mean = np.array(cv2.mean(space)[:3], np.float32)
            np.multiply(space, np.float32(hand.contrast[i]), out=space)
            np.add(space, mean * np.float32(1 - hand.contrast[i]), out=space)
            np.clip(space, 0, 255, out=space)
            cv2.cvtColor(space, cv2.COLOR_RGB2HSV, dst=hsv)
            hue, saturation = hsv[..., 0], hsv[..., 1]
            np.add(hue, np.float32(hand.hue[i]), out=hue)  # OpenCV takes hues beyond the circle
            np.multiply(saturation, np.float32(hand.saturation[i]), out=saturation)
            np.minimum(saturation, np.float32(1), out=saturation)
            cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB, dst=space)
            np.multiply(space, scale, out=batch[i])
            np.add(batch[i], offset, out=batch[i])

    return work


def cropping(cv2: Any, crop: tuple[int, int], size: tuple[int, int]) -> Worker:
    """Crop, resize, flip, normalise by channel."""
    small, flipped = np.empty((*size, 3), np.uint8), np.empty((*size, 3), np.uint8)
    scale, offset = _normalization()

    def work(images: Images, hand: Hand, batch: NDArray[np.float32]) -> None:
        for i, image in enumerate(images):
            top, left = hand.places[i]
            window = image[top : top + crop[0], left : left + crop[1]]
            picture = cv2.resize(window, size[::-1], dst=small, interpolation=cv2.INTER_LINEAR)
            if hand.flips[i]:
                picture = cv2.flip(picture, 1, dst=flipped)
            np.multiply(picture, scale, out=batch[i])
            np.add(batch[i], offset, out=batch[i])

    return work


class _Turned:
    """Flips and turns a picture into buffers that are used again."""

    def __init__(self, cv2: Any, shape: tuple[int, int, int], dtype: str) -> None:
        self._cv2, self._one = cv2, shape[2] == 1
        kept = shape[:2] if self._one else shape  # OpenCV's pictures of one channel are of rank 2
        self._flipped, self._turned = np.empty(kept, dtype), np.empty(kept, dtype)
        self._size = shape[1], shape[0]
        self._centre = (shape[1] - 1) / 2, (shape[0] - 1) / 2

    def __call__(self, image: NDArray[Any], flip: bool, degrees: float) -> NDArray[Any]:
        cv2 = self._cv2
        if self._one:
            image = image[..., 0]
        if flip:
            image = cv2.flip(image, 1, dst=self._flipped)
        matrix = cv2.getRotationMatrix2D(self._centre, degrees, 1)
        cv2.warpAffine(
            image, matrix, self._size, dst=self._turned, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
        )
        return self._turned[..., None] if self._one else self._turned


def _normalization() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    return (1 / DEVIATION).astype(np.float32), (-MEAN / DEVIATION).astype(np.float32)
