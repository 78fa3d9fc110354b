"""Where the drop-in's random numbers come from: NumPy's global generator, as in Keras, or one of a batch's own."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import numpy as np

_generator: ContextVar[np.random.RandomState | None] = ContextVar("generator of seqaug.preprocessing", default=None)


def generator() -> Any:
    """Returns what has `uniform`, `choice`, `random`, `randint` and `permutation`."""
    return _generator.get() or np.random


@contextmanager
def seeded(seed: Any) -> Iterator[None]:
    """All draws within come from a generator of this seed, in this thread."""
    token = _generator.set(np.random.RandomState(seed))
    try:
        yield
    finally:
        _generator.reset(token)
