"""Several changes of colour in one transform."""

from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import Color, still
from seqaug.transforms.color import RandomBrightness, RandomContrast, Ranged
from seqaug.transforms.tones import RandomHue, RandomSaturation
from seqaug.values import Values


class RandomColorJitter(Ranged):
    """Changes brightness, contrast, saturation and hue, in this order, as `keras.layers.RandomColorJitter`.

    ```python
    RandomColorJitter(brightness_factor=0.2, contrast_factor=(0.2, 0.2), saturation_factor=(0.4, 0.6), hue_factor=0.1)
    ```

    Each factor is that of `RandomBrightness`, `RandomContrast`, `RandomSaturation` or `RandomHue`, whose own pages say
    what is special about it; a change whose factor is None is not made.

    Args:
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.) If it is said, saturation is cut to it, as by Keras, and to 0 … 1 if not.
        brightness_factor: From -1 to 1, a number or a pair.
        contrast_factor: From 0 to 1, a number or a pair.
        saturation_factor: From -1 to 1, a number or a pair.
        hue_factor: From 0 to 1, a number or a pair.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known, or they do not have three
            channels and saturation or hue are to be changed.
    """

    def __init__(
        self,
        value_range: tuple[float, float] | None = None,
        brightness_factor: float | tuple[float, float] | None = None,
        contrast_factor: float | tuple[float, float] | None = None,
        saturation_factor: float | tuple[float, float] | None = None,
        hue_factor: float | tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(value_range, seed, p)
        factors = {
            "brightness_factor": (RandomBrightness, brightness_factor),
            "contrast_factor": (RandomContrast, contrast_factor),
            "saturation_factor": (RandomSaturation, saturation_factor),
            "hue_factor": (RandomHue, hue_factor),
        }
        made: dict[str, Color] = {}
        for name, (kind, factor) in factors.items():
            if factor is not None:
                try:
                    made[name] = kind(factor, value_range)
                except ValueError as error:
                    raise ValueError(str(error).replace("factor", name)) from None
        self.pieces = tuple(made.values())
        self.brightness_factor, self.contrast_factor, self.saturation_factor, self.hue_factor = (
            getattr(made.get(name), "factor", None) for name in factors
        )
        self.clips = any(piece.clips for piece in self.pieces)
        self.measures = any(piece.measures for piece in self.pieces)
        self.needs_range = any(piece.needs_range for piece in self.pieces)
        self.channels = 3 if any(piece.channels for piece in self.pieces) else None

    def step(self, draws: Draws, channels: int, values: tuple[float, float]) -> Floats:
        """Returns the rows of no change, which there is without any factor."""
        return still(len(draws.ids), channels)

    def carry(self, values: Values) -> Values:
        """Returns what the changes make of the values, one after the other."""
        after = values
        for piece in self.pieces:
            after = piece.carry(after)
        return after if self.p == 1 else after.or_else(values)
