"""The marks that files leave."""

import numpy as np

from seqaug import checks
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.filters import RangedFilter


class ImageCompression(RangedFilter):
    """Compresses images as JPEG and decompresses them again. Not in Keras.

    ```python
    ImageCompression((30, 90), p=0.5)
    ```

    Values become bytes on the way, and come out as one of 256. JPEG is that of libjpeg-turbo (with chroma halved both
    ways, as most files have it), whose versions may differ by a level.

    Args:
        quality: From 1 to 100: a pair, the lowest and the highest, of which all between are as likely, or one number
            for all images.
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, their range is not known, they do not have one or
            three channels, or a side is longer than JPEG's 65500 pixels.
    """

    kind = "jpeg"

    def __init__(
        self,
        quality: int | tuple[int, int] = (50, 90),
        value_range: tuple[float, float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(value_range, seed, p)
        ends = quality if isinstance(quality, tuple | list) else (quality, quality)
        if len(ends) != 2:
            raise ValueError(f"`quality` must be a whole number or a pair of them. Received: quality={quality!r}")
        first, second = (checks.integer("quality", end, 1, 100) for end in ends)
        self.quality = min(first, second), max(first, second)

    def require_channels(self, channels: int) -> None:
        """Raises `ValueError` unless they are gray or red, green and blue."""
        if channels not in (1, 3):
            raise ValueError(f"{self!r} needs images of 1 or 3 channels. Received: {channels} channels")

    def numbers(self, draws: Draws, height: Floats, width: Floats, values: tuple[float, float]) -> Floats:
        """Returns `(n, 3)`: the quality, and the range of values."""
        longest = int(max(height.max(), width.max()))
        if longest > _LONGEST:
            raise ValueError(f"{self!r} takes sides of up to {_LONGEST} pixels, as JPEG does. Received: {longest}")
        low, high = self.quality
        quality = low + np.floor((high - low + 1) * draws.uniforms(1, 1, self.seed))
        return np.column_stack([quality, np.tile(values, (len(quality), 1))])


_LONGEST = 65500
