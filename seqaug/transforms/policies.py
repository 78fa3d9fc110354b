"""Keras's policies: RandAugment and AugMix, made of other transforms."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np

from seqaug import checks, distributions
from seqaug.distributions import GAMMA_NUMBERS
from seqaug.maps import Floats
from seqaug.randomness import Draws
from seqaug.transforms.base import FILL_MODES, INTERPOLATIONS, Transform
from seqaug.transforms.color import RandomBrightness, RandomContrast
from seqaug.transforms.compound import Blend, Choice, Compound, Path, State
from seqaug.transforms.curves import AutoContrast, Equalization, RandomPosterization, Solarization
from seqaug.transforms.filters import RandomSharpness
from seqaug.transforms.geometric import RandomRotation, RandomShear, RandomTranslation
from seqaug.transforms.tones import RandomColorDegeneration
from seqaug.values import Values


class Policy(Compound):
    """A compound of transforms of its own choosing.

    The range of values is told to the policy, and carried from one of its transforms to the next. What a pipeline sets
    for all makes another policy, of these arguments.
    """

    needs_range = True
    changeable = ("fill_mode", "fill_value", "interpolation")
    interpolation: str
    fill_mode: str
    fill_value: float

    def _settle(
        self, value_range: tuple[float, float] | None, interpolation: str, fill_mode: str, fill_value: float
    ) -> None:
        self.value_range = None if value_range is None else checks.ordered(value_range)
        self.interpolation = checks.one_of("interpolation", interpolation, INTERPOLATIONS)
        self.fill_mode = checks.one_of("fill_mode", fill_mode, FILL_MODES)
        self.fill_value = checks.number("fill_value", fill_value)

    def changed(self, arguments: dict[str, Any]) -> Self:
        """Returns this policy with other arguments, of those that it has."""
        own = {name: value for name, value in arguments.items() if name in self.changeable}
        return type(self)(**{**self.get_config(), **own})

    def _operations(self, kinds: tuple[type[Transform], ...], factor: tuple[float, float]) -> tuple[Transform, ...]:
        """Returns operations of Keras's, of a strength within `factor`."""
        warp = {"interpolation": self.interpolation, "fill_mode": self.fill_mode, "fill_value": self.fill_value}
        arguments: dict[type[Transform], dict[str, Any]] = {
            RandomShear: {"x_factor": factor, "y_factor": factor, **warp},
            RandomTranslation: {"height_factor": factor, "width_factor": factor, **warp},
            RandomRotation: {"factor": factor, **warp},
            RandomPosterization: {"factor": max(1, int(8 * factor[1]))},
            Solarization: {"addition_factor": factor, "threshold_factor": factor},
            AutoContrast: {},
            Equalization: {},
        }
        return tuple(kind(**arguments.get(kind, {"factor": factor})) for kind in kinds)


class RandAugment(Policy, Choice):
    """Takes operations at random, one after the other, as `keras.layers.RandAugment`.

    ```python
    RandAugment(num_ops=2, factor=0.3)
    ```

    After Cubuk et al., "RandAugment: Practical automated data augmentation with a reduced search space" (2019). Each of
    `num_ops` operations is one of eleven, all as likely: shear, translation, rotation, brightness, colour degeneration,
    contrast, sharpness, posterization, solarization, auto-contrast and equalization, by the transforms of these names.
    Their strengths are drawn from `factor`, which has no sign: as in Keras, translation is down and to the right,
    rotation counter-clockwise, brightness and contrast grow, and sharpness shrinks below 0.5. Posterization keeps fewer
    than int(8·upper) bits, or one. What is taken twice makes the same change twice.

    Operations are chosen for each image; in Keras a batch shares them. When evaluating, the policy goes.

    Args:
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        num_ops: How many operations an image goes through.
        factor: Strength, from 0 to 1: the largest, the lowest being 0, or a pair: the lower and the upper bound.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        fill_mode: As for `RandomRotation`. (A Keras layer has no such argument, and takes this default.)
        fill_value: What `"constant"` shows outside, in the units that hold at this place in the list.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is unknown or out of range; when images arrive, their range is not known, or they do not
            have three channels.
        TypeError: `num_ops` is no integer.
    """

    by_steps = True
    _KINDS: tuple[type[Transform], ...] = (
        RandomShear,
        RandomTranslation,
        RandomRotation,
        RandomBrightness,
        RandomColorDegeneration,
        RandomContrast,
        RandomSharpness,
        RandomPosterization,
        Solarization,
        AutoContrast,
        Equalization,
    )

    def __init__(
        self,
        value_range: tuple[float, float] | None = None,
        num_ops: int = 2,
        factor: float | tuple[float, float] = 0.5,
        interpolation: str = "bilinear",
        seed: int | None = None,
        *,
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        p: float = 1.0,
    ) -> None:
        super().__init__(p, seed)
        self._settle(value_range, interpolation, fill_mode, fill_value)
        self.num_ops = checks.integer("num_ops", num_ops, 0)
        self.factor = checks.positive_range("factor", factor, 1)
        self.transforms = self._operations(self._KINDS, self.factor)

    def paths(self, draws: Draws) -> list[Path]:
        """Returns the path of each image. Uses `num_ops` numbers, from 1 on."""
        chosen = np.floor(draws.uniforms(1, self.num_ops, self.seed) * len(self.transforms)).astype(np.int64)
        placed = tuple(enumerate(self.transforms))
        return [
            tuple(placed[k] for k in row) if applies else ()
            for row, applies in zip(chosen.tolist(), self.applies(draws).tolist(), strict=True)
        ]

    def outcomes(self, start: State, act: Callable[[Transform, State], State]) -> set[State]:
        """Returns what may become of `start`."""
        after = {start}
        for _ in range(self.num_ops if self.p else 0):
            after = {act(transform, state) for transform in self.transforms for state in after}
        return after | ({start} if self.p < 1 else set())


class AugMix(Policy, Blend):
    """Blends images with what chains of random operations make of them, as `keras.layers.AugMix`.

    ```python
    AugMix(num_chains=3, chain_depth=3, factor=0.3)
    ```

    After Hendrycks et al., "AugMix: A simple data processing method to improve robustness and uncertainty" (2020). Each
    chain has `chain_depth` places, and at each of them takes one of the operations of `RandAugment`, or none, all as
    likely; one that comes again draws anew. With w from the beta distribution of (alpha, alpha), and chains' weights
    from the Dirichlet distribution of alpha, an image becomes w·image + (1 - w)·(the chains' weighted sum), cut to the
    value range.

    What is chosen and the weights are drawn for each image; in Keras a batch shares them, and `tf.data` all batches
    their operations. Masks, boxes and keypoints stay as they are, since the image is at its place in the blend. (Keras
    blends the labels in masks as if they were values.) When evaluating, the policy goes.

    Args:
        value_range: (low, high) of the values at this place in the list. None means the range of the images' dtype,
            or the one that the Sequence was told, as earlier transforms such as `Rescaling` have changed it. (Keras
            takes 0 to 255 whatever comes.)
        num_chains: Number of chains, at least 1.
        chain_depth: The most operations in a chain.
        factor: Strength, from 0 to 1: the largest, the lowest being 0, or a pair: the lower and the upper bound.
        alpha: The parameter of both distributions, above 0. The larger, the more alike the weights.
        all_ops: Whether brightness, colour degeneration, contrast and sharpness are among the operations; the paper
            leaves them out.
        interpolation: `"bilinear"`, `"nearest"` or `"bicubic"`.
        seed: Integer that gives this transform draws of its own. The Sequence's seed counts as well.
        fill_mode: As for `RandomRotation`. (A Keras layer has no such argument, and takes this default.)
        fill_value: What `"constant"` shows outside, in the units that hold at this place in the list.
        p: Probability that an image is changed at all.

    Raises:
        ValueError: An argument is unknown or out of range; when images arrive, their range is not known, or they do not
            have three channels, which `all_ops` needs.
        TypeError: An argument is of a wrong type.
    """

    _KINDS: tuple[type[Transform], ...] = (
        RandomShear,
        RandomTranslation,
        RandomRotation,
        RandomPosterization,
        Solarization,
        AutoContrast,
        Equalization,
        RandomBrightness,
        RandomColorDegeneration,
        RandomContrast,
        RandomSharpness,
    )

    def __init__(
        self,
        value_range: tuple[float, float] | None = None,
        num_chains: int = 3,
        chain_depth: int = 3,
        factor: float | tuple[float, float] = 0.3,
        alpha: float = 1.0,
        all_ops: bool = True,
        interpolation: str = "bilinear",
        seed: int | None = None,
        *,
        fill_mode: str = "reflect",
        fill_value: float = 0.0,
        p: float = 1.0,
    ) -> None:
        super().__init__(p, seed)
        self._settle(value_range, interpolation, fill_mode, fill_value)
        self.num_chains = checks.integer("num_chains", num_chains, 1)
        self.chain_depth = checks.integer("chain_depth", chain_depth, 0)
        self.factor = checks.positive_range("factor", factor, 1)
        self.alpha = checks.number("alpha", alpha, 0)
        if self.alpha == 0:
            raise ValueError(f"`alpha` must be above 0. Received: alpha={alpha!r}")
        self.all_ops = checks.flag("all_ops", all_ops)
        self.transforms = self._operations(self._KINDS if self.all_ops else self._KINDS[:7], self.factor)

    def chains(self, draws: Draws) -> list[list[Path]]:
        """Returns, for each chain, the path of each image. Uses chains·depth numbers, from 1 on."""
        there, depth = len(self.transforms), self.chain_depth
        number = draws.uniforms(1, self.num_chains * depth, self.seed)
        chosen = np.floor(number * (there + 1)).astype(np.int64).reshape(-1, self.num_chains, depth)
        chosen[~self.applies(draws)] = there
        return [
            [
                tuple(((chain * depth + i) * there + k, self.transforms[k]) for i, k in enumerate(row) if k < there)
                for row in chosen[:, chain].tolist()
            ]
            for chain in range(self.num_chains)
        ]

    def weights(self, draws: Draws) -> Floats:
        """Returns `(n, 1 + chains)`, by the numbers after those of `chains`."""
        first = 1 + self.num_chains * self.chain_depth
        own = distributions.beta(draws, self.alpha, self.alpha, first, self.seed)
        shares = distributions.dirichlet(draws, [self.alpha] * self.num_chains, first + 2 * GAMMA_NUMBERS, self.seed)
        own[~self.applies(draws)] = 1.0
        return np.concatenate([own[:, None], (1.0 - own)[:, None] * shares], axis=1)

    def carry(self, values: Values) -> Values:
        """Returns the range that values are cut to."""
        bounds = self.value_range or values.range
        return values if bounds is None else values.clipped(*bounds, all_images=self.p == 1)
