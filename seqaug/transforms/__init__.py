"""The augmentations. Each draws numbers for a batch; none touches pixels."""

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
from seqaug.transforms.geometric import (
    RandomFlip,
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
)
from seqaug.transforms.jitter import RandomColorJitter
from seqaug.transforms.levels import GaussianNoise, RandomChannelShift, RandomInvert
from seqaug.transforms.mixing import CutMix, MixUp, Mosaic
from seqaug.transforms.perspective import RandomPerspective
from seqaug.transforms.policies import AugMix, RandAugment
from seqaug.transforms.registry import TRANSFORMS
from seqaug.transforms.resized_crop import RandomResizedCrop
from seqaug.transforms.sizes import CenterCrop, RandomCrop, Resizing
from seqaug.transforms.symmetry import RandomD4, RandomRotate90, RandomTranspose
from seqaug.transforms.tones import RandomColorDegeneration, RandomGrayscale, RandomHue, RandomSaturation
from seqaug.transforms.trivial import TrivialAugmentWide

__all__ = ["TRANSFORMS"]

TRANSFORMS.update(
    (transform.__name__, transform)
    for transform in (
        AugMix,
        AutoContrast,
        CenterCrop,
        CoarseDropout,
        ContrastLimitedAdaptiveHistogramEqualization,
        CutMix,
        Equalization,
        GaussianNoise,
        GridMask,
        ImageCompression,
        Lambda,
        MaxNumBoundingBoxes,
        MixUp,
        Mosaic,
        Normalization,
        OneOf,
        RandAugment,
        RandomAffine,
        RandomApply,
        RandomBrightness,
        RandomChannelShift,
        RandomColorDegeneration,
        RandomColorJitter,
        RandomContrast,
        RandomCrop,
        RandomD4,
        RandomElasticTransform,
        RandomErasing,
        RandomFlip,
        RandomGamma,
        RandomGaussianBlur,
        RandomGrayscale,
        RandomHue,
        RandomInvert,
        RandomOrder,
        RandomPerspective,
        RandomPosterization,
        RandomResizedCrop,
        RandomRotate90,
        RandomRotation,
        RandomSaturation,
        RandomSharpness,
        RandomShear,
        RandomTranslation,
        RandomTranspose,
        RandomZoom,
        Rescaling,
        Resizing,
        Solarization,
        SomeOf,
        TrivialAugmentWide,
    )
)
