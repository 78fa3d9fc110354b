"""Changes of colour."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqaug.randomness import Draws
from seqaug.transforms.base import Floats, Linear


class Rescaling(Linear):
    """Multiplies every value by `scale` and adds `offset`, as `keras.layers.Rescaling`.

    ```python
    Rescaling(1 / 255)  # 0 … 255 to 0 … 1
    Rescaling(1 / 127.5, offset=-1)  # 0 … 255 to -1 … 1
    ```

    Args:
        scale: A number, or one per channel.
        offset: A number, or one per channel.
        p: Probability that an image is rescaled at all.

    Raises:
        ValueError: An argument is not finite or of the wrong form; when images arrive, the channels do not match.
    """

    def __init__(
        self, scale: float | Sequence[float], offset: float | Sequence[float] = 0.0, *, p: float = 1.0
    ) -> None:
        super().__init__(p)
        self.scale = _per_channel("scale", scale)
        self.offset = _per_channel("offset", offset)

    def gains(self, draws: Draws, channels: int) -> tuple[Floats, Floats]:
        """Returns `(n, channels)` scales and offsets."""
        for name, value in (("scale", self.scale), ("offset", self.offset)):
            if value.ndim and len(value) != channels:
                raise ValueError(
                    f"Rescaling's `{name}` must be one number, or one for each of the {channels} channels. "
                    f"Received: {name}={value.tolist()}"
                )
        applies = self.applies(draws)[:, None]
        shape = (len(draws.ids), channels)
        return (
            np.where(applies, np.broadcast_to(self.scale, shape), 1.0),
            np.where(applies, np.broadcast_to(self.offset, shape), 0.0),
        )

    def carry_range(self, low: float, high: float) -> set[tuple[float, float]]:
        """Returns the range of each channel, and the one before if an image may be left as it is."""
        pairs = zip(*(end.reshape(-1).tolist() for end in np.broadcast_arrays(self.scale, self.offset)), strict=True)
        ends = [(low * scale + offset, high * scale + offset) for scale, offset in pairs]
        return {(min(pair), max(pair)) for pair in ends} | ({(low, high)} if self.p < 1 else set())

    def __repr__(self) -> str:
        return f"Rescaling(scale={self.scale.tolist()}, offset={self.offset.tolist()}, p={self.p})"


def _per_channel(name: str, value: Any) -> Floats:
    try:
        given = np.asarray(value)
        array = given.astype(np.float64) if given.dtype.kind in "iuf" else np.array(np.nan)
    except ValueError:  # a ragged list
        array = np.array(np.nan)
    if array.ndim > 1 or array.size == 0 or not np.isfinite(array).all():
        raise ValueError(f"`{name}` must be a finite number, or one per channel. Received: {name}={value!r}")
    return array
