"""Makes docs/gallery.md and its pictures: `python docs/gallery.py`, in the root of a checkout, with the extra `demo`.

Every transform, with the code that makes it, on one photograph: the original, and five draws.
"""

import importlib
import inspect
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

import seqaug
from seqaug.transforms import TRANSFORMS

HERE = Path(__file__).resolve().parent
SIZE, SQUARE = (144, 192), (144, 144)
DRAWS = 5
PHOTOGRAPHS = ("chelsea.png", "astronaut.png", "coffee.png", "rocket.jpg")  # scikit-image's own; each gets its turn

# By theme: the code of a list of transforms, in which the name of the one that is shown comes first.
SECTIONS: dict[str, tuple[str, ...]] = {
    "Geometry": (
        'RandomFlip("horizontal", p=0.5)',
        'RandomRotation(degrees=30, fill_mode="nearest")',
        'RandomTranslation(0.2, 0.2, fill_mode="constant")',
        "RandomZoom((-0.4, 0.2))",
        'RandomShear(0.3, 0.3, fill_mode="nearest")',
        'RandomAffine(degrees=20, zoom_factor=0.2, height_factor=0.1, width_factor=0.1, fill_mode="nearest")',
        "RandomPerspective(1.0, 0.4)",
        "RandomElasticTransform(1.0, (0.3, 0.6))",
        "RandomRotate90()",
        "RandomTranspose()",
        "RandomD4()",
    ),
    "Crops and sizes": (
        "RandomCrop(96, 128)",
        "CenterCrop(96, 128)",
        "RandomResizedCrop(144, 192)",
        "Resizing(144, 144, pad_to_aspect_ratio=True)",
    ),
    "Colour": (
        "RandomBrightness(0.4)",
        "RandomContrast((0.6, 0.6))",
        "RandomHue(0.5)",
        "RandomSaturation((0.2, 0.8))",
        "RandomGrayscale(0.5)",
        "RandomColorJitter(brightness_factor=0.3, contrast_factor=(0.3, 0.3), saturation_factor=(0.3, 0.7))",
        "RandomColorDegeneration(1.0)",
        "RandomChannelShift(0.2)",
        "RandomInvert(0.5)",
        "RandomPosterization((2, 6))",
        "Solarization(0.2, (0.3, 0.9))",
        "RandomGamma((0.4, 2.5))",
        "AutoContrast(p=0.5)",
        "Equalization(p=0.5)",
        "ContrastLimitedAdaptiveHistogramEqualization(p=0.5)",
        "GaussianNoise(0.2)",
    ),
    "Blur, sharpness, compression": (
        "RandomGaussianBlur(1.0, 9, (0.5, 3.0))",
        "RandomSharpness(1.0)",
        "ImageCompression((5, 40))",
    ),
    "Parts left out": (
        "RandomErasing(1.0, (0.02, 0.2))",
        "CoarseDropout()",
        "GridMask()",
    ),
    "Pictures mixed": (
        "MixUp(1.0)",
        "CutMix()",
        "Mosaic()",
    ),
    "Choices and policies": (
        'OneOf([RandomFlip("vertical", p=1.0), RandomGrayscale(1.0), RandomInvert(1.0)])',
        'SomeOf([RandomFlip("vertical", p=1.0), RandomGrayscale(1.0), RandomInvert(1.0)], 2)',
        "RandomApply([RandomGrayscale(1.0), RandomInvert(1.0)])",
        'RandomOrder([RandomRotation(0.1, "constant"), RandomInvert(1.0)])',
        "RandAugment()",
        "TrivialAugmentWide()",
        "AugMix()",
    ),
    "A function of one's own": ("Lambda(lambda image: image[..., ::-1], p=0.5)",),
    "Values": (
        "Rescaling(1 / 255)",
        "Normalization(mean=[123.7, 116.3, 103.5], variance=[3411.0, 3260.0, 3295.0])",
    ),
}
WITHOUT_PICTURE = {"MaxNumBoundingBoxes"}  # which sees no pixel
MIXING = SECTIONS["Pictures mixed"]
SYMMETRIES = ("RandomRotate90()", "RandomTranspose()", "RandomD4()")  # sideways, only squares keep their size


def photograph(name: str, size: tuple[int, int]) -> NDArray[np.uint8]:
    """Returns one of scikit-image's photographs, cut to a shape and made so small."""
    path = Path(importlib.import_module("skimage").__path__[0]) / "data" / name
    cut = seqaug.Resizing(*size, crop_to_aspect_ratio=True, antialias=True)
    picture = np.asarray(Image.open(path).convert("RGB"))
    result: NDArray[np.uint8] = seqaug.Pipeline([cut])([picture], seed=0, dtype="uint8")[0]
    return result


def name_of(code: str) -> str:
    """Returns the transform that a piece of code is about."""
    return code.partition("(")[0]


def strip(code: str, turn: int) -> NDArray[np.uint8]:
    """Returns the original and the draws side by side."""
    names: dict[str, Any] = {name: getattr(seqaug, name) for name in TRANSFORMS}
    transform = eval(code, names)
    pictures = [
        photograph(name, SQUARE if code in SYMMETRIES else SIZE) for name in PHOTOGRAPHS[turn:] + PHOTOGRAPHS[:turn]
    ]
    x = np.stack(pictures if code in MIXING else pictures[:1])
    y = np.eye(len(x), dtype=np.float32)
    train = seqaug.AugmentedSequence(x, y, augment=[transform], seed=7, shuffle=False)
    page = train.preview(len(x), DRAWS)
    result: NDArray[np.uint8] = page[: len(page) // len(x)]  # its first row
    return result


def turns() -> dict[str, int]:
    """Returns which of the photographs each piece of code begins with: what stretches contrast gets the dull cat."""
    codes = [code for section in SECTIONS.values() for code in section]
    return {code: (number + 1) % len(PHOTOGRAPHS) for number, code in enumerate(codes)}


def page() -> str:
    """Returns the page, in Markdown."""
    lines = [
        "# Gallery",
        "",
        "Each transform on a photograph: the original, and five draws. Made by `python docs/gallery.py`.",
    ]
    for section, codes in SECTIONS.items():
        lines += ["", f"## {section}"]
        for code in codes:
            name = name_of(code)
            summary = (inspect.getdoc(TRANSFORMS[name]) or "").partition("\n")[0]
            lines += [
                "",
                f"### {name}",
                "",
                summary,
                "",
                "```python",
                code,
                "```",
                "",
                f"![{name}](gallery/{name}.jpg)",
            ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Writes the page and its pictures."""
    folder = HERE / "gallery"
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.jpg"):
        path.unlink()
    for code, turn in turns().items():
        Image.fromarray(strip(code, turn)).save(folder / f"{name_of(code)}.jpg", quality=75)
    (HERE / "gallery.md").write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
