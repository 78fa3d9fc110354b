"""Lists of transforms: from what users write, and to plain values and back."""

import copy
from collections.abc import Iterable
from typing import Any, TypeVar

from seqaug import checks, keras_bridge
from seqaug.transforms import TRANSFORMS
from seqaug.transforms.base import FILL_MODES, INTERPOLATIONS, Transform, Warp
from seqaug.transforms.sizes import Resizing

AnyTransform = TypeVar("AnyTransform", bound=Transform)


def checked(transforms: Any) -> tuple[Transform, ...]:
    """Returns the transforms in a list, or a single one; Keras layers are taken for their counterparts.

    Raises:
        TypeError: Something in it is neither.
        ValueError: A layer has no counterpart.
    """
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


def changes(fill_mode: str | None, fill_value: float | None, interpolation: str | None) -> dict[str, Any]:
    """Returns the arguments that are to be changed in a whole list, checked; None leaves one alone."""
    result: dict[str, Any] = {}
    if fill_mode is not None:
        result["fill_mode"] = checks.one_of("fill_mode", fill_mode, FILL_MODES)
    if fill_value is not None:
        result["fill_value"] = checks.number("fill_value", fill_value)
    if interpolation is not None:
        result["interpolation"] = checks.one_of("interpolation", interpolation, INTERPOLATIONS)
    return result


def changed(transform: AnyTransform, arguments: dict[str, Any]) -> AnyTransform:
    """Returns a transform with other arguments, of those that it has."""
    has = {"fill_mode", "fill_value", "interpolation"} if isinstance(transform, Warp) else set()
    if isinstance(transform, Resizing):
        has = {"fill_value", "interpolation"}
    wanted = has & set(arguments)
    result = copy.copy(transform) if wanted else transform
    for name in wanted:
        setattr(result, name, arguments[name])
    return result


def described(transform: Transform) -> dict[str, Any]:
    """Returns a transform as plain values, for `restored`."""
    return {"class_name": type(transform).__name__, "config": transform.get_config()}


def restored(description: dict[str, Any]) -> Transform:
    """Returns the transform that `described` described."""
    name = description["class_name"]
    if name not in TRANSFORMS:
        raise ValueError(f"`class_name` must be one of {', '.join(TRANSFORMS)}. Received: class_name={name!r}")
    return TRANSFORMS[name](**description["config"])
