"""The augmentations. Each draws numbers for a batch; none touches pixels."""

from seqaug.transforms.affine import RandomAffine
from seqaug.transforms.base import Transform
from seqaug.transforms.color import Normalization, RandomBrightness, RandomContrast, Rescaling
from seqaug.transforms.geometric import (
    RandomFlip,
    RandomRotation,
    RandomShear,
    RandomTranslation,
    RandomZoom,
)
from seqaug.transforms.sizes import CenterCrop, RandomCrop, Resizing
from seqaug.transforms.tones import RandomGrayscale, RandomHue, RandomSaturation

TRANSFORMS: dict[str, type[Transform]] = {
    transform.__name__: transform
    for transform in (
        CenterCrop,
        Normalization,
        RandomAffine,
        RandomBrightness,
        RandomContrast,
        RandomCrop,
        RandomFlip,
        RandomGrayscale,
        RandomHue,
        RandomRotation,
        RandomSaturation,
        RandomShear,
        RandomTranslation,
        RandomZoom,
        Rescaling,
        Resizing,
    )
}
