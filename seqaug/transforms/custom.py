"""A change of the user's own."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks
from seqaug.maps import Floats
from seqaug.plan import CallPlan, FilterPlan
from seqaug.randomness import Draws
from seqaug.transforms.apart import Filter
from seqaug.values import Values


class Lambda(Filter):
    """Changes images by a NumPy function of your own, while Keras's layer of this name takes tensors.

    ```python
    Lambda(lambda image: image[..., ::-1])  # red, green, blue to blue, green, red
    Lambda(denoise, p=0.3)
    ```

    The function gets an image, `(height, width, channels)` float32 in the units that hold at its place in the list,
    which it may change, and returns one of the same shape, of numbers of any kind. It is called in the pipeline's
    threads, one call at a time as all of Python is, so that it costs more than native transforms. It must do the same
    for the same image every time, or a batch is no longer the same every time; masks, boxes and keypoints stay as they
    are. It stays when a model is evaluated, unless `p` is below 1.

    Args:
        function: What to call.
        per_batch: Whether it takes several images at once, `(n, height, width, channels)`, and returns as many. It must
            treat each by itself: how many come together is not said, and depends on the threads.
        value_range: (low, high) of the values that it returns; None if their range stays what it was.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        TypeError: `function` cannot be called, or later returns no numbers.
        ValueError: Later, the function returns another shape.
        RuntimeError: Later, the function raises an error; this one names the samples, and the function's is its cause.
    """

    kind = "call"
    is_random = False
    apart = "is a function of Python's"

    def __init__(
        self,
        function: Callable[[NDArray[np.float32]], Any],
        per_batch: bool = False,
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(p, seed)
        if not callable(function):
            raise TypeError(f"`function` must be a function of an image. Received: function={function!r}")
        self.function = function
        self.per_batch = checks.flag("per_batch", per_batch)
        self.value_range = None if value_range is None else checks.ordered(value_range)

    def numbers(self, draws: Draws, height: Floats, width: Floats, values: tuple[float, float]) -> Floats:
        """Returns `(n, 1)`: the samples' numbers."""
        return draws.ids.astype(np.float64)[:, None]

    def plan(
        self, size: tuple[int, int], draws: Draws, height: Floats, width: Floats, values: tuple[float, float]
    ) -> FilterPlan:
        """Returns a plan that holds the function."""
        numbers = self.numbers(draws, height, width, values)
        return CallPlan(size, self.kind, self.applies(draws), numbers, self.function, repr(self), self.per_batch)

    def carry(self, values: Values) -> Values:
        """Returns the range that was told."""
        return values if self.value_range is None else values.clipped(*self.value_range, all_images=self.p == 1)

    def get_config(self) -> dict[str, Any]:
        """Raises `TypeError`: a function is no plain value."""
        raise TypeError(
            f"{self!r} holds a function, which cannot be written as plain values or JSON. Write down the pipeline "
            "without it, and put it back into the list of what is read."
        )

    def _arguments(self) -> tuple[Any, ...]:
        return self.function, self.per_batch, self.value_range, self.seed, self.p

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Lambda) and self._arguments() == other._arguments()

    def __hash__(self) -> int:
        return hash(type(self).__name__)

    def __repr__(self) -> str:
        name = getattr(self.function, "__qualname__", type(self.function).__name__)
        told = {"per_batch": self.per_batch, "value_range": self.value_range, "seed": self.seed}
        rest = "".join(f", {key}={value!r}" for key, value in told.items() if value not in (None, False))
        return f"Lambda({name}{rest}{'' if self.p == 1 else f', p={self.p:g}'})"
