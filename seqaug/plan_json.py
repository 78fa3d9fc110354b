"""Plans as JSON text and back, exactly: to keep, to send and to replay what was drawn."""

import json
import math
from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug.plan import Plan, StagePlan

_FORMAT = 1


def written(plan: Plan) -> str:
    """Returns a plan as JSON text: numbers as they are, each kind of stage under its name."""
    return json.dumps({"format": _FORMAT, **{field.name: _plain(getattr(plan, field.name)) for field in fields(plan)}})


def read(text: str) -> Plan:
    """Returns the plan that `written` wrote.

    Raises:
        TypeError: `text` is no text.
        ValueError: `text` is not what `written` gives, or of another version's format.
    """
    if not isinstance(text, str):
        raise TypeError(f"`text` must be the text that `to_json` gave. Received: text of type {type(text).__name__}")
    try:
        data = json.loads(text)
    except ValueError as error:
        raise ValueError(f"`text` must be the JSON that `to_json` gave: {error}. Received: {text[:80]!r}") from None
    names = {"format", *(field.name for field in fields(Plan))}
    if not isinstance(data, dict) or set(data) != names or data["format"] != _FORMAT:
        raise ValueError(
            f"`text` must be the JSON of a plan, of format {_FORMAT}; another one is from another version of seqaug. "
            f"Received: {text[:80]!r}"
        )
    try:
        plan = Plan(**{name: _restored(data[name]) for name in data if name != "format"})
        _check(plan)
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise ValueError(f"`text` is not a plan as `to_json` gives it: {error}. Received: {text[:80]!r}") from error
    return plan


def _check(plan: Plan) -> None:
    if not (isinstance(plan.shapes, np.ndarray) and plan.shapes.dtype == np.int64 and plan.shapes.ndim == 2):
        raise ValueError("`shapes` must be rows of three whole numbers")
    if len(plan.shapes) == 0 or plan.shapes.shape[1] != 3 or plan.shapes.min() < 1:
        raise ValueError("`shapes` must be rows of three whole numbers from 1 on")
    if not plan.stages or not all(isinstance(stage, StagePlan) for stage in plan.stages):
        raise ValueError("`stages` must be a list of stages, and not empty")
    if plan.turned is not None and plan.turned.shape != (len(plan.shapes),):
        raise ValueError("`turned` must have one entry for each image")
    for stage in plan.stages:
        stage.check(len(plan.shapes))


def _plain(value: Any) -> Any:
    """Returns a part of a plan as what JSON holds; infinities and NaN, for which it has no numbers, as texts."""
    if isinstance(value, np.ndarray):
        return {"dtype": str(value.dtype), "shape": list(value.shape), "values": _plain(value.reshape(-1).tolist())}
    if isinstance(value, StagePlan):
        return {"stage": type(value).__name__, **{f.name: _plain(getattr(value, f.name)) for f in fields(value)}}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise TypeError(f"A plan that holds a {type(value).__name__} cannot be written as JSON.")


def _restored(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_restored(item) for item in value)
    if not isinstance(value, dict):
        return value
    if "stage" not in value:
        array: NDArray[Any] = np.array(value["values"], _dtype(value["dtype"])).reshape(value["shape"])
        return array
    kinds = {kind.__name__: kind for kind in StagePlan.__subclasses__()}
    return kinds[value["stage"]](**{name: _restored(item) for name, item in value.items() if name != "stage"})


def _dtype(name: Any) -> Any:
    if name not in ("bool", "int64", "uint8", "float64", "uint64", "uint32"):
        raise ValueError(f"an array of dtype {name!r}")
    return name
