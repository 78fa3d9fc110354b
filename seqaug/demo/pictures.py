"""The demo's pictures: photographs that scikit-image ships in its wheel, written out as files."""

import importlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from seqaug.demo.errors import DemoError

# Pictures of each class. Few to train from: that is when augmentation has something to give.
TRAIN, HELD_OUT = 30, 70

# Class names and files. scikit-image has more photographs, but downloads them when they are asked for.
PHOTOGRAPHS = {
    "astronaut": "astronaut.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "galaxies": "hubble_deep_field.jpg",
    "motorcycle": "motorcycle_left.png",
    "retina": "retina.jpg",
    "rocket": "rocket.jpg",
    "tissue": "ihc.png",
}
FACES = "lfw_subset.npy"
# Where each class starts among the 200 pictures of 25×25 in FACES.
FACE_ROWS = {"face": 0, "not face": 100}

CROP_SIDE = 64
_CROPS_ACROSS = 5  # a crop is as wide as a fifth of its photograph's height


@dataclass
class Split:
    """Files and their labels, which are positions in `Pictures.classes`."""

    paths: list[Path]
    labels: list[int]


@dataclass
class Pictures:
    """What was written: the names of the classes, and the two sets, which share no pixel of any photograph."""

    classes: tuple[str, ...]
    train: Split
    held_out: Split


def data_folder() -> Path:
    """Returns the folder in which scikit-image's wheel has its pictures.

    They are read from there and not through `skimage.data`, which would download what is missing.
    """
    return Path(importlib.import_module("skimage").__path__[0]) / "data"


def write(folder: Path, data: Path) -> Pictures:
    """Writes the pictures to `folder/train/CLASS/` and `folder/held-out/CLASS/`: gray ones as PNG, colour as JPEG.

    A photograph that this scikit-image does not have is left out.

    Raises:
        DemoError: The face pictures are missing.
    """
    if not (data / FACES).is_file():
        raise DemoError(f"this scikit-image comes without {FACES}, which its wheel has.\nLooked in: {data}")
    photographs = {name: data / file for name, file in PHOTOGRAPHS.items() if (data / file).is_file()}
    classes = (*FACE_ROWS, *photographs)
    for part in ("train", "held-out"):
        for name in classes:
            (folder / part / name).mkdir(parents=True)
    _write_faces(folder, np.load(data / FACES))
    for name, path in photographs.items():
        _write_crops(folder, name, path)
    return Pictures(classes, _collect(folder / "train", classes), _collect(folder / "held-out", classes))


def _write_faces(folder: Path, images: "np.ndarray[tuple[int, int, int], np.dtype[np.float64]]") -> None:
    """Writes the 25×25 pictures of values 0 … 1: of each class, the first ones to train, the others to hold out."""
    for name, first in FACE_ROWS.items():
        for number in range(TRAIN + HELD_OUT):
            part = "train" if number < TRAIN else "held-out"
            pixels = np.rint(images[first + number] * 255).astype(np.uint8)
            Image.fromarray(pixels).save(folder / part / name / f"{number:03}.png")


def _write_crops(folder: Path, name: str, path: Path) -> None:
    """Writes crops of a photograph: of its left half to train, of its right half to hold out."""
    with Image.open(path) as opened:
        photograph = opened.convert("RGB")
    boxes = crop_boxes(*photograph.size)
    for part in ("train", "held-out"):
        for number, box in enumerate(boxes[part]):
            # Cut first and scaled then, so that no pixel of the other half gets in.
            crop = photograph.crop(box).resize((CROP_SIDE, CROP_SIDE), Image.Resampling.LANCZOS)
            crop.save(folder / part / name / f"{number:03}.jpg", quality=90)


def crop_boxes(width: int, height: int) -> dict[str, list[tuple[int, int, int, int]]]:
    """Returns where to cut a photograph, as (left, top, right, bottom): random squares, the same every time.

    Those of `"train"` lie in the left half and those of `"held-out"` in the right half.
    """
    random = np.random.default_rng(0)
    side, middle = height // _CROPS_ACROSS, width // 2
    boxes = {}
    for part, count, start, end in (("train", TRAIN, 0, middle), ("held-out", HELD_OUT, middle, width)):
        left = random.integers(start, end - side, count, endpoint=True).tolist()
        top = random.integers(0, height - side, count, endpoint=True).tolist()
        boxes[part] = [(x, y, x + side, y + side) for x, y in zip(left, top, strict=True)]
    return boxes


def _collect(folder: Path, classes: tuple[str, ...]) -> Split:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return Split(paths, [classes.index(path.parent.name) for path in paths])
