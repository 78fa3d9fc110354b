"""Crops of a random size and shape, brought to one size."""

import numpy as np

from seqaug import _core, checks
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import INTERPOLATIONS
from seqaug.transforms.sizes import Resizing, Sized

_TRIES = 10


class RandomResizedCrop(Sized):
    """Cuts out a rectangle of a random size, shape and place, and brings it to one size: the crop of ImageNet recipes.

    ```python
    RandomResizedCrop(224, 224)
    RandomResizedCrop(224, 224, scale=(0.4, 1.0))  # at least two fifths of the area
    ```

    Keras has no such layer; this is `torchvision.transforms.RandomResizedCrop`: up to ten times, a fraction of the area
    and an aspect ratio are drawn, the ratio evenly in its logarithm, until a rectangle of those fits into the picture;
    if none does, it is the largest one in the middle whose ratio is allowed. The crop has whole pixels, and pixel areas
    match at its edges. Where it comes first, or after flips and quarter turns only, nothing beyond them is seen.

    When evaluating, it is the middle of the picture, as large as the shape of the result allows, brought to size
    (`Resizing` with `crop_to_aspect_ratio`). A fraction of it, as after `Resize(256)` and `CenterCrop(224)` in
    torchvision, takes those two by name.

    Args:
        height: Height afterwards.
        width: Width afterwards.
        scale: The lower and the upper bound of the crop's area, as a fraction of the picture's: above 0, at most 1.
        ratio: The lower and the upper bound of its width by its height, above 0.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`.
        antialias: Whether a crop that shrinks is averaged (see `Resizing`): `"auto"`, if it shrinks to less than half
            along an axis, True whenever it shrinks, as torchvision on Pillow images, or False.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that the crop is random. Otherwise it is that of evaluation.

    Raises:
        ValueError: An argument is out of range or unknown.
        TypeError: An argument is of a wrong type.
    """

    # Enlarging asks for half a pixel beyond the edge: "nearest" and "reflect" agree there, the others would show.
    fill_modes = ("nearest", "reflect")
    interpolation: str
    narrows = True

    def __init__(
        self,
        height: int,
        width: int,
        scale: tuple[float, float] = (0.08, 1.0),
        ratio: tuple[float, float] = (3 / 4, 4 / 3),
        interpolation: str = "bilinear",
        antialias: bool | str = "auto",
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(height, width, seed, p)
        self.scale = checks.bounds_above_zero("scale", scale, 1)
        self.ratio = checks.bounds_above_zero("ratio", ratio)
        self.interpolation = checks.one_of("interpolation", interpolation, INTERPOLATIONS)
        self.antialias = checks.antialias(antialias, interpolation)

    @property
    def averages(self) -> bool | str:  # type: ignore[override]
        """What `antialias` says, where pixels may be blended at all."""
        return self.interpolation != "nearest" and self.antialias

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        windows = np.empty((len(height), 4))
        numbers = draws.uniforms(1, 2 + 2 * _TRIES, self.seed)
        _core.random_windows(numbers, height, width, self.scale, self.ratio, windows)
        random = self.applies(draws)
        if not random.all():
            windows = np.where(random[:, None], windows, self._fitting(height, width))
        return self._showing(windows, self.interpolation)

    def enlarges(self, height: float, width: float) -> tuple[float, float]:
        """Returns by how much the smallest crop is enlarged, of the lowest and of the narrowest shape."""
        area = self.scale[0] * height * width
        down, across = height / (area / self.ratio[1]) ** 0.5, width / (area * self.ratio[0]) ** 0.5
        return max(down, 1.0), max(across, 1.0)

    def evaluation(self) -> Resizing:
        """Returns the middle of the picture, cut to the shape of the result."""
        return Resizing(
            self.height, self.width, self.interpolation, crop_to_aspect_ratio=True, antialias=self.antialias
        )
