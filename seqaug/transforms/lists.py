"""Lists of transforms: from what users write, and to plain values and back."""

from collections.abc import Iterable, Mapping
from typing import Any

from seqaug.transforms import keras_bridge
from seqaug.transforms.base import Transform
from seqaug.transforms.registry import TRANSFORMS


def checked(transforms: Any) -> tuple[Transform, ...]:
    """Returns the transforms in a list, or a single one; Keras layers are taken for their counterparts.

    Raises:
        TypeError: Something in it is neither.
        ValueError: A layer has no counterpart.
    """
    transforms = () if transforms is None else transforms
    alone = isinstance(transforms, Transform) or keras_bridge.is_layer(transforms)
    if isinstance(transforms, str) or not (alone or isinstance(transforms, Iterable)):
        raise TypeError(
            f"`transforms` (`augment`) must be a list of seqaug transforms, or Keras layers. Received: {transforms!r}"
        )
    result: list[Transform] = []
    for transform in [transforms] if alone else transforms:
        if isinstance(transform, Transform):
            result.append(transform)
        elif keras_bridge.is_layer(transform):
            result += keras_bridge.transforms_of(transform)
        else:
            raise TypeError(
                f"`transforms` (`augment`) must be a list of seqaug transforms ({', '.join(TRANSFORMS)}) or Keras "
                f"layers. Received: {transform!r} of type {type(transform).__module__}.{type(transform).__qualname__} "
                "in it"
            )
    return tuple(result)


def described(transform: Transform) -> dict[str, Any]:
    """Returns a transform as plain values, for `restored`."""
    return {"class_name": type(transform).__name__, "config": transform.get_config()}


def restored(description: Any) -> Transform:
    """Returns the transform that `described` described."""
    if not isinstance(description, Mapping) or set(description) != {"class_name", "config"}:
        raise ValueError(
            f"A transform is described by a dict of 'class_name' and 'config'. Received: {description!r}"
        )  # fmt: skip
    name = description["class_name"]
    if name not in TRANSFORMS:
        raise ValueError(f"`class_name` must be one of {', '.join(TRANSFORMS)}. Received: class_name={name!r}")
    return TRANSFORMS[name].from_config(description["config"])
