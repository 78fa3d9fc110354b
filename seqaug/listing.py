"""What a pipeline changes in its whole list, and pipelines as plain values and back."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from seqaug import checks
from seqaug.transforms.apart import Mixing
from seqaug.transforms.base import FILL_MODES, INTERPOLATIONS, Transform
from seqaug.transforms.compound import Compound
from seqaug.transforms.lists import restored
from seqaug.transforms.sizes import Resizing


def check_mixing(transforms: Iterable[Transform]) -> None:
    """Raises an error if images would be mixed where that cannot be done.

    Within another transform there would be but a part of the batch; and volumes are turned before all else.
    """
    mixed: Transform | None = None
    for transform in transforms:
        inner = transform.transforms if isinstance(transform, Compound) else ()
        within = next((one for one in inner if isinstance(one, Mixing)), None)
        if within is not None:
            raise ValueError(
                f"{type(within).__name__} needs the whole batch, and must stand in the list itself, not within "
                f"{type(transform).__name__}; `p` makes it a matter of chance. Received: {transform!r}"
            )
        check_mixing(inner)
        if mixed is not None and transform.turns_depth:
            raise ValueError(f"What flips the depth of volumes must stand before {mixed!r}. Received: {transform!r}")
        mixed = transform if isinstance(transform, Mixing) else mixed


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
