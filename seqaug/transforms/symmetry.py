"""Moves of whole pixels that bring a square onto itself: quarter turns, transposition, and all eight."""

from abc import abstractmethod

import numpy as np
from numpy.typing import NDArray

from seqaug import checks, maps
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import ANY_BORDER, Geometric

# Whether rows become columns, then whether it is mirrored top to bottom, then left to right: of what is shown.
_TURNS = np.array([[False, False, False], [True, False, True], [False, True, True], [True, True, False]])
_ALL = np.array([[bool(k & 4), bool(k & 2), bool(k & 1)] for k in range(8)])


class _Symmetry(Geometric):
    """Draws one of the eight symmetries for each image. Pixels keep their values, and none is lost."""

    fill_modes = ANY_BORDER
    is_move = True
    turns_squarely = True

    @abstractmethod
    def elements(self, draws: Draws) -> NDArray[np.bool_]:
        """Returns `(n, 3)`: whether rows become columns, and what is mirrored first (see `maps.symmetry`)."""

    @property
    @abstractmethod
    def sideways(self) -> bool | None:
        """Whether heights and widths change places: of all images, of none, or of some (None)."""

    def matrices(self, draws: Draws, height: Floats, width: Floats) -> Floats:
        """Returns `(n, 6)` pull matrices."""
        across, vertical, horizontal = self.elements(draws).T
        return maps.symmetry(across, vertical, horizontal, height, width)

    def resized(self, height: Floats, width: Floats) -> tuple[Floats, Floats]:
        """Returns the heights and widths afterwards.

        Raises:
            ValueError: Some images may be turned sideways and others not, and not all are square.
        """
        if self.sideways is None and (height != width).any():
            odd = int(np.argmax(height != width))
            raise ValueError(
                f"{self!r} turns some images sideways and others not, so that they would come to differ in size: "
                f"images must be square here{self.way_out}. Received: {int(height[odd])}×{int(width[odd])}"
            )
        return (width, height) if self.sideways else (height, width)

    way_out = ""


class RandomRotate90(_Symmetry):
    """Turns images by quarter turns, without interpolation. Keras has no such layer; Albumentations has.

    ```python
    RandomRotate90()
    RandomRotate90((0, 2))  # upright or upside down, for images of any shape
    ```

    Args:
        turns: The numbers of counter-clockwise quarter turns to draw from, 0 to 3, each as likely as the next. Where
            some of them turn a picture sideways and some do not, images must be square.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image has its turn drawn at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, they would come to differ in size.
        TypeError: `turns` are not integers.
    """

    way_out = ", or `turns` (0, 2)"

    def __init__(self, turns: tuple[int, ...] = (0, 1, 2, 3), seed: int | None = None, *, p: float = 1.0) -> None:
        super().__init__(p, seed)
        if not isinstance(turns, tuple | list) or not turns:
            raise ValueError(f"`turns` must be a tuple of whole numbers from 0 to 3. Received: turns={turns!r}")
        self.turns = tuple(checks.integer("turns", turn, 0, 3) for turn in turns)

    def elements(self, draws: Draws) -> NDArray[np.bool_]:
        """Returns `(n, 3)`."""
        which = np.floor(draws.uniforms(1, 1, self.seed)[:, 0] * len(self.turns)).astype(np.intp)
        turns = np.where(self.applies(draws), np.array(self.turns)[which], 0)
        return _TURNS[turns]

    @property
    def sideways(self) -> bool | None:
        """Whether heights and widths change places."""
        odd = {turn % 2 for turn in self.turns} | ({0} if self.p < 1 else set())
        return None if len(odd) > 1 and self.p > 0 else odd == {1}


class RandomTranspose(_Symmetry):
    """Makes rows of pixels columns: mirrors images about the diagonal from the top left. Keras has no such layer.

    ```python
    RandomTranspose()  # half of the images, which must be square
    RandomTranspose(p=1)  # all of them, of any shape
    ```

    Args:
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image is transposed.

    Raises:
        ValueError: An argument is out of range; when images arrive, they would come to differ in size.
    """

    way_out = ", or `p` 1"

    def __init__(self, seed: int | None = None, *, p: float = 0.5) -> None:
        super().__init__(p, seed)

    def elements(self, draws: Draws) -> NDArray[np.bool_]:
        """Returns `(n, 3)`."""
        result = np.zeros((len(draws.ids), 3), np.bool_)
        result[:, 0] = self.applies(draws)
        return result

    @property
    def sideways(self) -> bool | None:
        """Whether heights and widths change places."""
        return None if 0 < self.p < 1 else self.p == 1


class RandomD4(_Symmetry):
    """Turns and mirrors square images in one of the eight ways that there are, each as likely as the next.

    ```python
    RandomD4()  # for pictures without an up or down: tissue, satellite images
    ```

    The dihedral group D4: four quarter turns, and four mirrorings (about the middle row, the middle column and the
    two diagonals). Keras has no such layer; in Albumentations it is `D4`.

    Args:
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        p: Probability that an image has one of the eight drawn at all.

    Raises:
        ValueError: An argument is out of range; when images arrive, they are not square.
    """

    def __init__(self, seed: int | None = None, *, p: float = 1.0) -> None:
        super().__init__(p, seed)

    def elements(self, draws: Draws) -> NDArray[np.bool_]:
        """Returns `(n, 3)`."""
        which = np.floor(draws.uniforms(1, 1, self.seed)[:, 0] * len(_ALL)).astype(np.intp)
        return _ALL[np.where(self.applies(draws), which, 0)]

    @property
    def sideways(self) -> bool | None:
        """Some images are, and some are not."""
        return None if self.p > 0 else False
