"""The range of an image's values, carried through a list of transforms."""

import math
from dataclasses import dataclass, replace

# All that the integer types can hold. Floats have no range of their own.
_OF_DTYPE = {
    "uint8": (0.0, 255.0),
    "uint16": (0.0, 65535.0),
    "int16": (-32768.0, 32767.0),
    "int32": (-(2.0**31), 2.0**31 - 1),
}


@dataclass(frozen=True)
class Values:
    """Which values images may have at a place in a pipeline.

    Args:
        ranges: The (low, high) that black and white have become: one, unless channels or images are treated
            differently. Unknown ends are infinite.
        least: The lowest value that may occur, fills outside the picture included.
        most: The highest.
    """

    ranges: frozenset[tuple[float, float]]
    least: float
    most: float

    @property
    def range(self) -> tuple[float, float] | None:
        """The one range that all values are in, or None if there is no telling."""
        if len(self.ranges) != 1:
            return None
        low, high = next(iter(self.ranges))
        return (low, high) if math.isfinite(low) and math.isfinite(high) else None

    def scaled(self, gains: list[tuple[float, float]], all_images: bool) -> "Values":
        """Returns what v·scale + offset makes of them, for the (scale, offset) of each channel."""
        ranges = {_ordered(low * a + b, high * a + b) for low, high in self.ranges for a, b in gains}
        ends = [_ordered(self.least * a + b, self.most * a + b) for a, b in gains]
        after = Values(frozenset(ranges), min(low for low, _ in ends), max(high for _, high in ends))
        return after if all_images else after.or_else(self)

    def clipped(self, low: float, high: float, all_images: bool) -> "Values":
        """Returns what clipping to low … high makes of them."""
        after = Values(frozenset({(low, high)}), low, high)
        return after if all_images else after.or_else(self)

    def or_else(self, other: "Values") -> "Values":
        """Returns the values of either."""
        return Values(self.ranges | other.ranges, min(self.least, other.least), max(self.most, other.most))

    def filled(self, value: float) -> "Values":
        """Returns these values and that of a fill."""
        return replace(self, least=min(self.least, value), most=max(self.most, value))


def of_source(dtype: str, value_range: tuple[float, float] | None) -> Values:
    """Returns the values of images of a dtype, or those that the user says they have."""
    low, high = _OF_DTYPE.get(dtype, (-math.inf, math.inf)) if value_range is None else value_range
    return Values(frozenset({(low, high)}), low, high)


def _ordered(first: float, second: float) -> tuple[float, float]:
    return min(first, second), max(first, second)
