"""A Sequence without its data, as plain values that JSON can hold, and back."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from seqaug.batches import Batches, Samples
from seqaug.pipeline import Pipeline


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
        """Returns all arguments but the data, `epoch`, and what makes it a view: values that JSON can hold.

        ```python
        text = json.dumps(train.get_config())
        again = AugmentedSequence.from_config(json.loads(text), images, labels)  # gives the same batches
        ```

        `seed` is the actual one. A side of a split holds the list of its samples, as `positions`.
        """
        config = dict(self._config)
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
    def from_config(cls, config: Mapping[str, Any], x: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Returns the Sequence of a `get_config`, over these data.

        Args:
            config: What `get_config` gave, also after a way through JSON.
            x: The data, as for the constructor; for a view, all of them.
            y: See `x`.
            sample_weight: See `x`.

        Raises:
            ValueError: An argument is out of range or does not fit the data.
            TypeError: An argument is unknown.
        """
        arguments = dict(config)
        epoch, evaluates = arguments.pop("epoch"), arguments.pop("evaluation")
        positions, shards = arguments.pop("positions"), arguments.pop("shards")
        arguments["augment"] = Pipeline.from_config(arguments["augment"])
        if isinstance(arguments["targets"], list):
            arguments["targets"] = {
                tuple(name) if isinstance(name, list) else name: kind for name, kind in arguments["targets"]
            }
        result: Any = cls(x, y, sample_weight, **arguments)  # type: ignore[call-arg]
        if positions is not None:
            result = result._only(np.array(positions, np.intp))
        result = result.evaluation() if evaluates else result
        for shard in shards:
            result = result.shard(*shard)
        result.epoch = epoch
        view: Self = result
        return view
