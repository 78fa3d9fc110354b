"""Choices among transforms, image by image: one of them, some of them, all or none, in any order."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Self

import numpy as np

from seqaug import checks
from seqaug.randomness import Draws
from seqaug.transforms import keras_bridge, lists
from seqaug.transforms.base import Transform
from seqaug.transforms.compound import Choice, Path, State, resize

Act = Callable[[Transform, State], State]

_SIZE = 1009.0, 1009.0  # of a picture that no crop is made for
_MOST_ORDERED = 6  # transforms in any order, of which each order is looked at


class Combinator(Choice):
    """A choice among transforms that the user gives."""

    def __init__(self, transforms: Any, seed: int | None, p: float) -> None:
        super().__init__(p, seed)
        self.transforms = transforms

    def get_config(self) -> dict[str, Any]:
        """Returns the constructor's arguments as plain values."""
        return {**super().get_config(), "transforms": [lists.described(transform) for transform in self.transforms]}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """Returns what `get_config` described."""
        given = config["transforms"]
        if not isinstance(given, list | tuple):
            raise TypeError(f"`transforms` must be a list of descriptions. Received: transforms={given!r}")
        return cls(**{**config, "transforms": [lists.restored(description) for description in given]})

    def evaluation(self) -> Transform | None:
        """Returns what stays of the transforms that all images take; if their size changes, of those on a path."""
        stays = [transform.evaluation() for transform in self._staying()]
        kept = tuple(transform for transform in stays if transform is not None)
        if len(kept) == len(self.transforms) and all(map(_same, kept, self.transforms)):
            return self
        if len(kept) > 1:
            return RandomApply(kept, p=1.0)
        return kept[0] if kept else None

    def _staying(self) -> tuple[Transform, ...]:
        return self._first_path() if self.outcomes(_SIZE, resize) != {_SIZE} else ()

    def _first_path(self) -> tuple[Transform, ...]:
        return self.transforms

    def _told(self) -> list[str]:
        return [f"[{', '.join(map(repr, self.transforms))}]", *super()._told()[1:]]


class OneOf(Combinator):
    """Takes one of several transforms for each image.

    ```python
    OneOf([RandomRotation(0.1), RandomBrightness(0.2), []])  # turned, or lighter or darker, or as it is
    OneOf([RandomFlip("horizontal"), [RandomZoom(0.2), RandomContrast(0.2)]], weights=[1, 3])
    ```

    When evaluating, as with Keras's `training=False`, the choice goes with all that is in it, fixed transforms such as
    `Rescaling` included: put before or after it what evaluation needs. Only where it crops or resizes its first
    transform stays, in the form that it takes then.

    Args:
        transforms: One or more transforms, Keras layers, or choices; a list, a `keras.Sequential` or a
            `keras.layers.Pipeline` among them is one that takes all of its own, one after the other. All must bring
            images to the same size, or leave it.
        weights: How often each of them is taken, compared with the others; None for equally often.
        seed: Integer that gives this choice, and what is in it, draws of its own. The Sequence's seed counts as well.
        p: Probability that one is taken at all.

    Raises:
        TypeError: `transforms` holds something that is no transform.
        ValueError: A Keras layer has no counterpart, there is no transform, or not one weight of at least 0 for each.
    """

    def __init__(
        self,
        transforms: Iterable[Any],
        weights: Sequence[float] | None = None,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(_ways(transforms), seed, p)
        self.weights = None if weights is None else _weights(weights, len(self.transforms))

    def paths(self, draws: Draws) -> list[Path]:
        """Returns the path of each image. Uses number 1."""
        number = draws.uniforms(1, 1, self.seed)[:, 0]
        ends = np.cumsum(np.ones(len(self.transforms)) if self.weights is None else self.weights)
        chosen = np.searchsorted(ends / ends[-1], number, side="right").tolist()
        ways: list[Path] = [((slot, transform),) for slot, transform in enumerate(self.transforms)]
        return [ways[k] if applies else () for k, applies in zip(chosen, self.applies(draws).tolist(), strict=True)]

    def outcomes(self, start: State, act: Act[State]) -> set[State]:
        """Returns what may become of `start`."""
        weights = self.weights or [1.0] * len(self.transforms)
        after = {act(t, start) for t, weight in zip(self.transforms, weights, strict=True) if weight and self.p}
        return after | ({start} if self.p < 1 else set())

    def _first_path(self) -> tuple[Transform, ...]:
        return self.transforms[:1]


class SomeOf(Combinator):
    """Takes some of several transforms for each image, each of them as likely, in the order of the list.

    ```python
    SomeOf([RandomRotation(0.1), RandomZoom(0.2), RandomBrightness(0.2), RandomHue(0.1)], count=(1, 2))
    ```

    The order is that of the list whichever are taken, as in Albumentations' `SomeOf`; for any order, put them into a
    `RandomOrder`. What is taken still has its own probability `p`. When evaluating, the choice goes; see `OneOf`.

    Args:
        transforms: One or more; see `OneOf`.
        count: How many are taken, or a pair (least, most), all numbers in which are as likely.
        replace: Whether one may be taken more than once, which then draws anew each time.
        seed: Integer that gives this choice, and what is in it, draws of its own. The Sequence's seed counts as well.
        p: Probability that any are taken at all.

    Raises:
        TypeError: `transforms` holds something that is no transform, or `count` is no integer.
        ValueError: A Keras layer has no counterpart, or `count` is not within what there is.
    """

    def __init__(
        self,
        transforms: Iterable[Any],
        count: int | tuple[int, int],
        replace: bool = False,
        seed: int | None = None,
        *,
        p: float = 1.0,
    ) -> None:
        super().__init__(_ways(transforms), seed, p)
        self.replace = checks.flag("replace", replace)
        most = None if self.replace else len(self.transforms)
        ends = count if isinstance(count, tuple | list) else (count, count)
        if len(ends) != 2:
            raise ValueError(f"`count` must be an integer or a pair of integers. Received: count={count!r}")
        low, high = (checks.integer("count", end, 0, most) for end in ends)
        if low > high:
            raise ValueError(f"`count` must be a pair (least, most), the smaller first. Received: count={count!r}")
        self.count = low if low == high else (low, high)

    @property
    def _ends(self) -> tuple[int, int]:
        return (self.count, self.count) if isinstance(self.count, int) else self.count

    def paths(self, draws: Draws) -> list[Path]:
        """Returns the path of each image. Uses number 1 for the count, and one for each that could be taken."""
        (low, high), there = self._ends, len(self.transforms)
        number = draws.uniforms(1, 1 + (high if self.replace else there), self.seed)
        counts = (low + np.floor(number[:, 0] * (high - low + 1))).astype(np.int64)
        if self.replace:
            ranked = np.floor(number[:, 1:] * there).astype(np.int64)
        else:
            ranked = np.argsort(number[:, 1:], axis=1, kind="stable")
        counts[~self.applies(draws)] = 0
        return [
            self._path(sorted(row[:count])) for row, count in zip(ranked.tolist(), counts.tolist(), strict=True)
        ]  # fmt: skip

    def _path(self, chosen: list[int]) -> Path:
        """Returns the path of places in the list; one that comes again has a slot of its own."""
        there = len(self.transforms)
        again = [chosen[:i].count(place) for i, place in enumerate(chosen)]
        return tuple((k + there * times, self.transforms[k]) for k, times in zip(chosen, again, strict=True))

    def outcomes(self, start: State, act: Act[State]) -> set[State]:
        """Returns what may become of `start`."""
        low, high = self._ends
        after: list[set[State]] = [{start}, *(set() for _ in range(high))]  # so many having been taken
        for transform in self.transforms:
            for taken in range(1, high + 1) if self.replace else range(high, 0, -1):
                after[taken] |= {act(transform, state) for state in after[taken - 1]}
        return set().union(*after[low:]) | ({start} if self.p < 1 else set())

    def _first_path(self) -> tuple[Transform, ...]:
        return self.transforms[: self._ends[0]]


class RandomApply(Combinator):
    """Takes all of several transforms, one after the other, or none, as torchvision's.

    ```python
    RandomApply([RandomRotation(0.1), RandomZoom(0.2)], p=0.3)
    ```

    When evaluating, it goes with all that is in it, fixed transforms included, unless `p` is 1: then that stays which
    would stay by itself.

    Args:
        transforms: Transforms, Keras layers, or choices.
        p: Probability that they are taken.
        seed: Integer that gives this choice, and what is in it, draws of its own. The Sequence's seed counts as well.

    Raises:
        TypeError: `transforms` holds something that is no transform.
        ValueError: A Keras layer has no counterpart, or `p` is out of range.
    """

    def __init__(self, transforms: Iterable[Any], p: float = 0.5, seed: int | None = None) -> None:
        super().__init__(lists.checked(transforms), seed, p)

    def paths(self, draws: Draws) -> list[Path]:
        """Returns the path of each image."""
        whole = tuple(enumerate(self.transforms))
        return [whole if applies else () for applies in self.applies(draws).tolist()]

    def outcomes(self, start: State, act: Act[State]) -> set[State]:
        """Returns what may become of `start`."""
        after = start
        for transform in self.transforms:
            after = act(transform, after)
        return {*([after] if self.p else []), *([start] if self.p < 1 else [])}

    def _staying(self) -> tuple[Transform, ...]:
        return self.transforms if self.p == 1 else super()._staying()


class RandomOrder(Combinator):
    """Takes all of several transforms in an order that is drawn for each image, as torchvision's.

    ```python
    RandomOrder([RandomBrightness(0.2), RandomContrast((0.2, 0.2)), RandomSaturation((0.4, 0.6))])
    ```

    When evaluating, what would stay by itself stays, in the order of the list, unless `p` is below 1.

    Args:
        transforms: Transforms, Keras layers, or choices; see `OneOf` for lists among them.
        seed: Integer that gives this choice, and what is in it, draws of its own. The Sequence's seed counts as well.
        p: Probability that they are taken.

    Raises:
        TypeError: `transforms` holds something that is no transform.
        ValueError: A Keras layer has no counterpart, or there is no transform.
    """

    def __init__(self, transforms: Iterable[Any], seed: int | None = None, *, p: float = 1.0) -> None:
        super().__init__(_ways(transforms), seed, p)

    def paths(self, draws: Draws) -> list[Path]:
        """Returns the path of each image. Uses a number for each transform, from 1 on."""
        orders = np.argsort(draws.uniforms(1, len(self.transforms), self.seed), axis=1, kind="stable").tolist()
        placed = tuple(enumerate(self.transforms))
        return [
            tuple(placed[k] for k in order) if applies else ()
            for order, applies in zip(orders, self.applies(draws).tolist(), strict=True)
        ]

    def outcomes(self, start: State, act: Act[State]) -> set[State]:
        """Returns what may become of `start`; of many transforms, also if some came again instead of others."""
        count = len(self.transforms)
        after: dict[int, set[State]] = {0: {start}}  # by the set of those that have been taken, as bits
        for _ in range(count if self.p else 0):
            before, after = after, {}
            for taken, states in before.items():
                for k, transform in enumerate(self.transforms):
                    bit = 1 << k if count <= _MOST_ORDERED else 0
                    if not taken & bit:
                        after.setdefault(taken | bit, set()).update(act(transform, state) for state in states)
        return set().union(*after.values()) | ({start} if self.p < 1 else set())

    def _staying(self) -> tuple[Transform, ...]:
        return self.transforms if self.p == 1 else super()._staying()


def _ways(transforms: Any) -> tuple[Transform, ...]:
    """Returns a list of transforms, lists and models in it being one each."""
    alone = isinstance(transforms, Transform | str) or keras_bridge.is_layer(transforms)
    items = lists.checked(transforms) if alone or not isinstance(transforms, Iterable) else transforms
    groups = [lists.checked(item if isinstance(item, list | tuple) else [item]) for item in items]
    if not groups:
        raise ValueError(f"`transforms` must be a list of at least one. Received: transforms={transforms!r}")
    return tuple(group[0] if len(group) == 1 else RandomApply(group, p=1.0) for group in groups)


def _weights(weights: Any, count: int) -> tuple[float, ...]:
    if not isinstance(weights, Sequence | np.ndarray) or isinstance(weights, str) or len(weights) != count:
        raise ValueError(f"`weights` must be one for each of the {count} transforms. Received: weights={weights!r}")
    result = tuple(checks.number("weights", weight, 0) for weight in weights)
    if not 0 < sum(result) < np.inf:
        raise ValueError(f"`weights` must not all be 0, nor add up to infinity. Received: weights={weights!r}")
    return result


def _same(one: Transform, other: Transform) -> bool:
    return one is other
