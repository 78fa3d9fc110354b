"""Lists of transforms: from what users write, and to plain values and back."""

import copy
import json
from collections.abc import Iterable, Mapping
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
    result = copy.copy(transform)  # what is done to the user's own, by `adapt` for example, comes too late
    for name in wanted:
        setattr(result, name, arguments[name])
    return result


def described(transform: Transform) -> dict[str, Any]:
    """Returns a transform as plain values, for `restored`."""
    return {"class_name": type(transform).__name__, "config": transform.get_config()}


def read_json(text: str, number: int) -> dict[str, Any]:
    """Returns the configuration of a pipeline that is written in JSON, in format `number`."""
    if not isinstance(text, str):
        raise TypeError(f"`text` must be the text that `to_json` gave. Received: text of type {type(text).__name__}")
    try:
        config = json.loads(text)
    except ValueError as error:
        raise ValueError(f"`text` must be the JSON that `to_json` gave: {error}. Received: {text[:80]!r}") from None
    if not isinstance(config, dict) or config.pop("format", None) != number:
        raise ValueError(
            f"`text` must be the JSON that `to_json` gave, of format {number}; another one is from another version of "
            f"seqaug. Received: {text[:80]!r}"
        )
    return config


def read_config(config: Any) -> tuple[tuple[Transform, ...], Resizing | None]:
    """Returns the transforms, and what brings images to one size first, of a pipeline's configuration."""
    if not isinstance(config, Mapping) or set(config) != {"transforms", "resize"}:
        found = sorted(config) if isinstance(config, Mapping) else type(config).__name__
        raise ValueError(
            "`config` must be what `Pipeline.get_config` gave, a dict of 'transforms' and 'resize'. "
            f"Received: {found}"
        )  # fmt: skip
    if not isinstance(config["transforms"], list | tuple):
        raise TypeError(f"`transforms` must be a list of descriptions. Received: {config['transforms']!r}")
    resize = None if config["resize"] is None else restored(config["resize"])
    if not isinstance(resize, Resizing | None):
        raise ValueError(f"`resize` must describe a Resizing, or be None. Received: {config['resize']!r}")
    return tuple(map(restored, config["transforms"])), resize


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
