"""Reads Keras's preprocessing layers, by class name and configuration; Keras itself is not imported."""

import inspect
from collections.abc import Iterable
from typing import Any

import numpy as np

from seqaug.transforms.base import Transform
from seqaug.transforms.registry import TRANSFORMS

# What every layer has and pixels do not depend on.
_IGNORED = {"name", "trainable", "dtype", "data_format", "bounding_box_format"}
_CONTAINERS = ("Sequential", "Pipeline")


def is_layer(value: Any) -> bool:
    """Whether this looks like a Keras layer or model, judging by where its class or a base of it comes from."""
    return hasattr(value, "get_config") and any(map(_is_of_keras, type(value).__mro__))


def _is_of_keras(cls: type) -> bool:
    return cls.__module__.split(".")[0] in ("keras", "tf_keras")


def transforms_of(layers: Any) -> list[Transform]:
    """Returns the transforms that mean what Keras layers mean.

    Args:
        layers: A layer of `keras.layers`, a `keras.Sequential` or `keras.layers.Pipeline` of such, or a list of them;
            seqaug's own transforms may be among them.

    Raises:
        ValueError: A layer, or one of its arguments, has no counterpart here; the message names both.
        TypeError: Something is not a layer.
    """
    if isinstance(layers, Transform):
        return [layers]
    if isinstance(layers, list | tuple):
        return [transform for layer in layers for transform in transforms_of(layer)]
    if not is_layer(layers):
        raise TypeError(
            "Expected a Keras preprocessing layer, a `keras.Sequential` or a list of them. "
            f"Received: {layers!r} of type {type(layers).__module__}.{type(layers).__qualname__}"
        )
    name = type(layers).__name__ if _is_of_keras(type(layers)) else "of your own"
    if name in _CONTAINERS and isinstance(layers.layers, Iterable):
        return transforms_of([layer for layer in layers.layers if type(layer).__name__ != "InputLayer"])
    if name not in TRANSFORMS or name == "Lambda":  # Keras's works on tensors
        raise ValueError(
            f"The Keras layer {name} has no counterpart in seqaug; there are {', '.join(TRANSFORMS)}. Leave it in the "
            f"model. Received: {layers!r}"
        )
    return [_transform(name, layers)]


def box_format(given: str | None, layers: Any) -> str | None:
    """Returns how boxes are written: as was said, or as Keras layers have it; None if nobody says.

    Raises:
        ValueError: They do not agree.
    """
    formats = {str(each).lower() for each in [given, *_formats(layers)] if each is not None}
    if len(formats) > 1:
        raise ValueError(
            "`bounding_box_format` must be that of all Keras layers in `augment`. "
            f"Received: {', '.join(map(repr, sorted(formats)))}"
        )
    return next(iter(formats), None)


def _formats(layers: Any) -> list[Any]:
    """What layers have as `bounding_box_format`."""
    if isinstance(layers, list | tuple):
        return [each for layer in layers for each in _formats(layer)]
    if not is_layer(layers):
        return []
    inner = _formats(list(layers.layers)) if type(layers).__name__ in _CONTAINERS else []
    return [getattr(layers, "bounding_box_format", None), *inner]


def _transform(name: str, layer: Any) -> Transform:
    if "float" not in str(layer.compute_dtype):
        raise ValueError(
            f"Pixels are computed in floating point here. Received: the Keras layer {layer.name!r} of dtype "
            f"{layer.compute_dtype}"
        )
    config = {key: value for key, value in layer.get_config().items() if key not in _IGNORED}
    if isinstance(config.get("seed"), int):
        config["seed"] %= 2**64  # Keras takes negative ones
    if name == "Normalization":
        _adapted(layer, config)
    if name == "AugMix":  # in the configuration of Keras 3.12 the two are swapped
        config |= {"num_chains": layer.num_chains, "chain_depth": layer.chain_depth}
    if name == "RandomCrop":  # shows a seed of its own making where none was given
        config["seed"] = layer.generator.get_config()["seed"]
    if name == "MaxNumBoundingBoxes":  # which its configuration leaves out
        config["fill_value"] = layer.fill_value
    known = inspect.signature(TRANSFORMS[name]).parameters
    unknown = [key for key in config if key not in known]
    if unknown:
        raise ValueError(
            f"seqaug's {name} does not have `{unknown[0]}`. Received: {unknown[0]}={config[unknown[0]]!r} in the Keras "
            f"layer {layer.name!r}"
        )
    try:
        return TRANSFORMS[name](**config)
    except (TypeError, ValueError) as error:
        raise type(error)(f"The Keras layer {layer.name!r} of type {name} cannot be taken over: {error}") from error


def _adapted(layer: Any, config: dict[str, Any]) -> None:
    """Puts in what `adapt` has measured, which the configuration does not tell."""
    axis = tuple(config["axis"])
    config["axis"] = axis or None
    if config["mean"] is None and layer.built:
        for name in ("mean", "variance"):
            config[name] = np.asarray(getattr(layer, f"adapt_{name}"), np.float64).tolist()
