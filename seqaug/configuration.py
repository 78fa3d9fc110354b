"""A Sequence without its data, as plain values that JSON can hold, and back."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
from seqaug.batches import Batches, Samples
from seqaug.pipeline import Pipeline

# What there is no sensible default for.
_NEEDED = ("augment", "seed", "targets", "epoch", "evaluation", "positions", "shards")


class Configured:
    """`get_config` and `from_config`, by the names that Keras gives them."""

    data: Batches
    epoch: int
    seed: int
    threads: int | None
    workers: int
    use_multiprocessing: bool
    max_queue_size: int
    _config: dict[str, Any]
    _evaluates: bool
    _shards: tuple[tuple[int, int, bool], ...]

    def get_config(self) -> dict[str, Any]:
        """Returns all arguments but the data and `load`, `epoch`, and what makes it a view: values that JSON can hold.

        ```python
        text = json.dumps(train.get_config())
        again = AugmentedSequence.from_config(json.loads(text), images, labels)  # gives the same batches
        ```

        `seed` is the actual one. A side of a split holds the list of its samples, as `positions`.
        """
        config = dict(self._config)
        config["augment"] = config["augment"].get_config()
        if isinstance(config["targets"], Mapping):
            config["targets"] = [list(item) for item in config["targets"].items()]
        whole = not isinstance(self.data, Samples) or len(self.data.positions) == len(self.data.table.source)
        return config | {
            "seed": self.seed,
            "threads": self.threads,
            "workers": self.workers,
            "use_multiprocessing": self.use_multiprocessing,
            "max_queue_size": self.max_queue_size,
            "epoch": self.epoch,
            "evaluation": self._evaluates,
            "positions": None if whole else self.data.positions.tolist(),  # type: ignore[attr-defined]
            "shards": [list(shard) for shard in self._shards],
        }

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], x: Any, y: Any = None, sample_weight: Any = None, *, load: Any = None
    ) -> Self:
        """Returns the Sequence of a `get_config`, over these data.

        Args:
            config: What `get_config` gave, also after a way through JSON.
            x: The data, as for the constructor; for a view, all of them.
            y: See `x`.
            sample_weight: See `x`.
            load: What reads files, if it was given: a function is no plain value.

        Raises:
            ValueError: An argument is out of range or does not fit the data.
            TypeError: An argument is unknown.
        """
        missing = [name for name in _NEEDED if not isinstance(config, Mapping) or name not in config]
        if missing:
            raise ValueError(
                f"`config` must be a dict as `get_config` gives it. Received: one without {', '.join(missing)}"
            )  # fmt: skip
        arguments = dict(config)
        epoch, evaluates = arguments.pop("epoch"), checks.flag("evaluation", arguments.pop("evaluation"))
        positions, shards = arguments.pop("positions"), _shards(arguments.pop("shards"))
        arguments["augment"] = Pipeline.from_config(arguments["augment"])
        if isinstance(arguments["targets"], list):
            arguments["targets"] = _targets(arguments["targets"])
        result: Any = cls(x, y, sample_weight, load=load, **arguments)  # type: ignore[call-arg]
        result = result.evaluation() if evaluates else result  # before what would leave `drop_remainder` no batch
        if positions is not None:
            result = result._only(_positions(positions, result.data))
        for shard in shards:
            result = result.shard(*shard)
        result.epoch = epoch
        view: Self = result
        return view


def _targets(items: list[Any]) -> dict[Any, Any]:
    """`targets` from the pairs that JSON holds."""
    if not all(isinstance(item, list | tuple) and len(item) == 2 for item in items):
        raise ValueError(f"`targets` must be pairs of a name and a kind. Received: targets={items!r}")
    return {tuple(name) if isinstance(name, list) else name: kind for name, kind in items}


def _shards(value: Any) -> list[Any]:
    """`shards`, each what `shard` is called with."""
    if not isinstance(value, list | tuple) or not all(isinstance(s, list | tuple) and len(s) == 3 for s in value):
        raise ValueError(f"`shards` must be a list of [index, count, equal]. Received: shards={value!r}")
    return list(value)


def _positions(value: Any, data: Batches) -> NDArray[np.intp]:
    """`positions`, which must be those of samples in these data."""
    count = len(data.table.source) if isinstance(data, Samples) else 0
    array = np.asarray(value)
    if array.ndim != 1 or array.size == 0 or array.dtype.kind != "i" or (np.diff(array) <= 0).any():
        raise ValueError(f"`positions` must be increasing numbers of samples. Received: positions={value!r}")
    if array[0] < 0 or array[-1] >= count:
        raise ValueError(
            f"`positions` must be numbers of samples in `x`, which has {count}: give all the data that were split. "
            f"Received: positions from {array[0]} to {array[-1]}"
        )
    return array.astype(np.intp)
