"""seqaug: native-accelerated image augmentation inside a Keras `Sequence`.

`AugmentedSequence` is what `model.fit` takes; `Pipeline` does the same work without Keras; `seqaug.preprocessing.image`
stands in for `tf.keras.preprocessing.image`. Importing this package imports neither Keras nor a backend: Keras comes
with the first use of `AugmentedSequence`.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

try:
    from seqaug import _core
except ImportError as error:
    if any(Path(__file__).parent.glob("_core.*.so")) or any(Path(__file__).parent.glob("_core.*pyd")):
        raise
    raise ImportError(
        f"{Path(__file__).parent} is seqaug's source folder, which has no compiled module (seqaug._core). To use an "
        "installed seqaug, run the command `seqaug` or start Python in another folder; to compile the module here, "
        "type `pip install -e .` in the folder above."
    ) from error

try:
    _core.use_cpu(os.environ.get("SEQAUG_CPU"))
except ValueError as error:
    raise ValueError(f"The environment variable SEQAUG_CPU: {error}") from None

from seqaug import preprocessing
from seqaug.pipeline import Pipeline
from seqaug.plan import Plan
from seqaug.tf_data import DatasetMap
from seqaug.transforms.affine import RandomAffine
from seqaug.transforms.boxes import MaxNumBoundingBoxes
from seqaug.transforms.choices import OneOf, RandomApply, RandomOrder, SomeOf
from seqaug.transforms.color import Normalization, RandomBrightness, RandomContrast, Rescaling
from seqaug.transforms.compression import ImageCompression
from seqaug.transforms.curves import AutoContrast, Equalization, RandomGamma, RandomPosterization, Solarization
from seqaug.transforms.custom import Lambda
from seqaug.transforms.elastic import RandomElasticTransform
from seqaug.transforms.erasing import CoarseDropout, GridMask, RandomErasing
from seqaug.transforms.filters import (
    ContrastLimitedAdaptiveHistogramEqualization,
    RandomGaussianBlur,
    RandomSharpness,
)
from seqaug.transforms.geometric import RandomFlip, RandomRotation, RandomShear, RandomTranslation, RandomZoom
from seqaug.transforms.jitter import RandomColorJitter
from seqaug.transforms.levels import GaussianNoise, RandomChannelShift, RandomInvert
from seqaug.transforms.mixing import CutMix, MixUp, Mosaic
from seqaug.transforms.perspective import RandomPerspective
from seqaug.transforms.policies import AugMix, RandAugment
from seqaug.transforms.resized_crop import RandomResizedCrop
from seqaug.transforms.sizes import CenterCrop, RandomCrop, Resizing
from seqaug.transforms.symmetry import RandomD4, RandomRotate90, RandomTranspose
from seqaug.transforms.tones import RandomColorDegeneration, RandomGrayscale, RandomHue, RandomSaturation
from seqaug.transforms.trivial import TrivialAugmentWide

if TYPE_CHECKING:
    from seqaug.epochs import EpochSync
    from seqaug.sequence import AugmentedSequence

__version__ = "0.1.0"
__all__ = [
    "AugMix",
    "AugmentedSequence",
    "AutoContrast",
    "CenterCrop",
    "CoarseDropout",
    "ContrastLimitedAdaptiveHistogramEqualization",
    "CutMix",
    "DatasetMap",
    "EpochSync",
    "Equalization",
    "GaussianNoise",
    "GridMask",
    "ImageCompression",
    "Lambda",
    "MaxNumBoundingBoxes",
    "MixUp",
    "Mosaic",
    "Normalization",
    "OneOf",
    "Pipeline",
    "Plan",
    "RandAugment",
    "RandomAffine",
    "RandomApply",
    "RandomBrightness",
    "RandomChannelShift",
    "RandomColorDegeneration",
    "RandomColorJitter",
    "RandomContrast",
    "RandomCrop",
    "RandomD4",
    "RandomElasticTransform",
    "RandomErasing",
    "RandomFlip",
    "RandomGamma",
    "RandomGaussianBlur",
    "RandomGrayscale",
    "RandomHue",
    "RandomInvert",
    "RandomOrder",
    "RandomPerspective",
    "RandomPosterization",
    "RandomResizedCrop",
    "RandomRotate90",
    "RandomRotation",
    "RandomSaturation",
    "RandomSharpness",
    "RandomShear",
    "RandomTranslation",
    "RandomTranspose",
    "RandomZoom",
    "Rescaling",
    "Resizing",
    "Solarization",
    "SomeOf",
    "TrivialAugmentWide",
    "preprocessing",
]


def __getattr__(name: str) -> Any:
    if name == "AugmentedSequence":  # brings Keras
        from seqaug.sequence import AugmentedSequence

        return AugmentedSequence
    if name == "EpochSync":
        from seqaug.epochs import EpochSync

        return EpochSync
    raise AttributeError(f"module 'seqaug' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
