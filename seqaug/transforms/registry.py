"""The augmentations by name; `seqaug.transforms` fills this in, so that those that hold others can find them."""

from seqaug.transforms.base import Transform

TRANSFORMS: dict[str, type[Transform]] = {}
