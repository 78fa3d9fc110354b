"""TrivialAugmentWide: one operation per image, of a strength that is drawn from a wide range in steps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import checks, maps
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import Transform, Warp
from seqaug.transforms.color import Ranged, line
from seqaug.transforms.compound import Choice, Path, State
from seqaug.transforms.curves import AutoContrast, Equalization, RandomPosterization, Solarization
from seqaug.transforms.filters import RandomSharpness
from seqaug.transforms.geometric import RandomRotation
from seqaug.transforms.policies import Policy

_GRAY = np.array([0.2989, 0.587, 0.114])  # as for RandomGrayscale


@dataclass(frozen=True)
class _Stepped(Draws):
    """Draws in equal steps, both ends among them; `signed` ones are as many steps either way from the middle."""

    bins: int
    signed: bool

    @classmethod
    def of(cls, draws: Draws, bins: int, signed: bool = True) -> "_Stepped":
        """Returns the draws of the same transform and samples, in steps."""
        return cls(draws.key, draws.slot, draws.epoch, draws.ids, bins, signed)

    def uniforms(self, first: int, count: int, seed: int | None = None) -> NDArray[np.float64]:
        """Returns `(n, count)`, each within [0, 1]."""
        numbers, most = super().uniforms(first, count, seed), max(self.bins - 1, 1)
        if not self.signed:
            return np.floor(numbers * self.bins) / most
        both = np.floor(numbers * (2 * self.bins))
        steps = np.floor(both / 2.0)
        return 0.5 + np.where(both > 2.0 * steps, 0.5, -0.5) * (steps / most)

    def strengths(self, seed: int | None) -> Floats:
        """Returns `(n, 1)`, from -1 to 1 if signed, else from 0 to 1."""
        numbers = self.uniforms(1, 1, seed)
        return 2.0 * numbers - 1.0 if self.signed else numbers


class _Slant(Warp):
    """Slants by up to 0.99 pixels a pixel about the top left corner."""

    def __init__(self, bins: int, upright: bool, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.bins, self.upright = bins, upright

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        slant = 0.99 * _Stepped.of(draws, self.bins).strengths(self.seed)[:, 0]
        still = np.zeros_like(slant)
        return maps.shear(slant, still) if self.upright else maps.shear(still, slant)


class _Shift(Warp):
    """Shifts by whole pixels, up to 32."""

    def __init__(self, bins: int, upright: bool, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.bins, self.upright = bins, upright

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        shift = np.trunc(32.0 * _Stepped.of(draws, self.bins).strengths(self.seed)[:, 0])
        still = np.zeros_like(shift)
        return maps.shift(shift, still) if self.upright else maps.shift(still, shift)


class _Turn(RandomRotation):
    """Turns by up to 135 degrees."""

    def __init__(self, bins: int, **arguments: Any) -> None:
        super().__init__(degrees=135, **arguments)
        self.bins = bins

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        return super().matrices(_Stepped.of(draws, self.bins), height, width)


class _Tone(Ranged):
    """Moves values towards or away from black, or the mean of their channel, by up to 0.99."""

    def __init__(self, bins: int, turns_about_mean: bool) -> None:
        super().__init__(None, None, 1.0)
        self.bins, self.turns_about_mean = bins, turns_about_mean

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        factor = 1.0 + 0.99 * _Stepped.of(draws, self.bins).strengths(self.seed)
        rows = line(self, draws, channels, factor, 0.0, values)
        rows[:, 4 if self.turns_about_mean else 1] = (1.0 - factor) * (1.0 if self.turns_about_mean else values[0])
        return rows


class _Colour(Ranged):
    """Moves colours towards gray or away from it, by up to 0.99."""

    kind = "mix"
    channels = 3

    def __init__(self, bins: int) -> None:
        super().__init__(None, None, 1.0)
        self.bins = bins

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        factor = 1.0 + 0.99 * _Stepped.of(draws, self.bins).strengths(self.seed)
        rows = line(self, draws, channels, 1.0, 0.0, values)
        for row, kept in zip((0, 4, 5), np.eye(3), strict=True):
            rows[:, row] = factor * kept + (1.0 - factor) * _GRAY
        return rows


class _Sharpen(RandomSharpness):
    """Smooths or sharpens, by up to 0.99."""

    def __init__(self, bins: int) -> None:
        super().__init__((0.005, 0.995))
        self.bins = bins

    def numbers(self, draws: Draws, height: Floats, width: Floats, values: tuple[float, float]) -> Floats:
        return super().numbers(_Stepped.of(draws, self.bins), height, width, values)


class _Posterize(RandomPosterization):
    """Keeps 8 to 2 bits."""

    def __init__(self, bins: int) -> None:
        super().__init__((2, 8))
        self.bins = bins

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        lost = np.round(6.0 * _Stepped.of(draws, self.bins, signed=False).strengths(self.seed))
        return line(self, draws, channels, np.exp2(lost), 0.0, values)


class _Solarize(Solarization):
    """Turns values from a threshold on, which may be anywhere in the range."""

    def __init__(self, bins: int) -> None:
        super().__init__(threshold_factor=1.0)
        self.bins = bins

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        return super().step(_Stepped.of(draws, self.bins, signed=False), channels, values)


class TrivialAugmentWide(Policy, Choice):
    """Takes one operation for each image, of a strength from a wide range, as torchvision's.

    ```python
    TrivialAugmentWide()  # nothing to tune
    ```

    After Müller and Hutter, "TrivialAugment: Tuning-free yet state-of-the-art data augmentation" (2021). One of these
    fourteen, all as likely, with a strength that is one of `num_magnitude_bins` in equal steps, 0 and the largest among
    them, and with a coin for its sign where there is a ±:

    | operation | strength |
    |---|---|
    | identity, auto-contrast, equalization | |
    | shear along x, along y | ±0.99 pixels a pixel, about the top left corner |
    | translation along x, along y | ±32 pixels, cut to whole ones |
    | rotation | ±135 degrees |
    | brightness, contrast, colour | times 1 ± 0.99 the distance from black, from the mean, from gray |
    | sharpness | times 1 ± 0.99 the distance from the smoothed picture; see `RandomSharpness` |
    | posterization | keeps 8 to 2 bits |
    | solarization | turns values from a threshold on, which is anywhere in the range |

    Contrast is about the mean of each channel, as `RandomContrast`'s; torchvision's is about that of the gray picture.
    When evaluating, the policy goes.

    Args:
        num_magnitude_bins: Number of strengths, at least 2.
        interpolation: `"nearest"`, `"bilinear"` or `"bicubic"`.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        fill_mode: As for `RandomRotation`.
        fill_value: What `"constant"` shows outside, in the units that hold at this place in the list.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is unknown or out of range; when images arrive, their range is not known, or they do not
            have three channels.
        TypeError: `num_magnitude_bins` is no integer.
    """

    by_steps = True

    def __init__(
        self,
        num_magnitude_bins: int = 31,
        interpolation: str = "nearest",
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        fill_mode: str = "constant",
        fill_value: float = 0.0,
        p: float = 1.0,
    ) -> None:
        super().__init__(p, seed)
        self._settle(value_range, interpolation, fill_mode, fill_value)
        self.num_magnitude_bins = bins = checks.integer("num_magnitude_bins", num_magnitude_bins, 2, 2**20)
        warp: dict[str, Any] = {
            "interpolation": interpolation,
            "fill_mode": fill_mode,
            "fill_value": self.fill_value,
        }
        moves = [kind(bins, upright, **warp) for kind in (_Slant, _Shift) for upright in (False, True)]
        tones = [_Tone(bins, False), _Colour(bins), _Tone(bins, True), _Sharpen(bins), _Posterize(bins)]
        self.transforms = (*moves, _Turn(bins, **warp), *tones, _Solarize(bins), AutoContrast(), Equalization())

    def paths(self, draws: Draws) -> list[Path]:
        """Returns the path of each image. Uses number 1; the identity comes first."""
        chosen = np.floor(draws.uniforms(1, 1, self.seed)[:, 0] * (1 + len(self.transforms))).astype(np.int64)
        chosen[~self.applies(draws)] = 0
        ways: list[Path] = [(), *(((slot, transform),) for slot, transform in enumerate(self.transforms))]
        return [ways[k] for k in chosen.tolist()]

    def outcomes(self, start: State, act: Callable[[Transform, State], State]) -> set[State]:
        """Returns what may become of `start`."""
        return {start, *(act(transform, start) for transform in self.transforms if self.p)}
