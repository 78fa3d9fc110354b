"""Keyed, stateless random bits: the same key and counter give the same numbers in any thread, process or machine.

The generator is Philox4x32-10 (Salmon et al., SC 2011). Its key is the 64-bit seed, its counter the four 32-bit numbers
(block, slot, sample id, epoch): the slot is a transform's place in its list, or one of the reserved ones below; the
block counts on within one draw. This layout never changes within a major version.
"""

import secrets
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqaug import _core

# Slots from 2**31 on belong to the library.
SHUFFLE = 2**31
FOLD = 2**31 + 1
SPLIT = 2**31 + 2
NEST = 2**31 + 3
REPLACEMENT = 2**31 + 4

_PART = 1 << 18  # of what is done to many samples, so that what lies between takes little room


def fresh_seed() -> int:
    """Returns 64 bits of the system's entropy."""
    return secrets.randbits(64)


def fold(key: int, seed: int | None) -> int:
    """Returns the key of a transform that has a seed of its own: a block of the key's, counted by the seed."""
    if seed is None:
        return key
    low, high = _words(key, FOLD, seed >> 32, np.array([seed & 0xFFFFFFFF], np.uint32), 1)[0, :2].tolist()
    return int(low) | int(high) << 32


def nested(key: int, slot: int) -> int:
    """Returns the key of a list of transforms within a transform, which then count their slots anew."""
    low, high = _words(key, NEST, 0, np.array([slot & 0xFFFFFFFF], np.uint32), 1)[0, :2].tolist()
    return int(low) | int(high) << 32


def permutation(key: int, epoch: int, ids: NDArray[Any], slot: int = SHUFFLE) -> NDArray[Any]:
    """Returns samples in the order of their 64-bit draws, equal ones as they come.

    Beside the result it takes 8 bytes for each: the last bits of draws make room for the place in `ids`, so that plain
    numbers are sorted. Places whose draws differ in the last bits only are put right afterwards.
    """
    count, bits = len(ids), np.uint64(max(len(ids) - 1, 1).bit_length())
    low = (np.uint64(1) << bits) - np.uint64(1)
    packed, result = np.empty(count, np.uint64), np.empty_like(ids)
    parts = [slice(first, first + _PART) for first in range(0, count, _PART)]
    for part in parts:
        packed[part] = _draws(key, slot, epoch, ids[part]) & ~low
        packed[part] |= np.arange(part.start, min(part.stop, count), dtype=np.uint64)
    packed.sort()
    alike = [np.empty(0, np.intp)]
    for part in parts:
        result[part] = ids[(packed[part] & low).astype(np.intp)]
        kept = packed[part.start : part.stop + 1] >> bits
        alike.append(part.start + np.flatnonzero(kept[1:] == kept[:-1]))
    after = np.concatenate(alike) + 1  # those that agree with the one before them
    if len(after):
        places = np.union1d(after - 1, after)
        runs = np.cumsum(~np.isin(places, after))
        order = np.lexsort((_draws(key, slot, epoch, result[places]), runs))
        result[places] = result[places[order]]
    return result


def _draws(key: int, slot: int, epoch: int, ids: NDArray[Any]) -> NDArray[np.uint64]:
    words = _words(key, slot, epoch, ids.astype(np.uint32), 1)[:, :2].astype(np.uint64)
    return words[:, 0] | words[:, 1] << np.uint64(32)


@dataclass(frozen=True)
class Draws:
    """The random numbers that belong to one transform and a batch of samples.

    Args:
        key: 64-bit seed.
        slot: The transform's place in its list.
        epoch: Number of the epoch, below 2**32.
        ids: `(n,)` uint32, the samples' positions in the data set.
    """

    key: int
    slot: int
    epoch: int
    ids: NDArray[np.uint32]

    def uniforms(self, first: int, count: int, seed: int | None = None) -> NDArray[np.float64]:
        """Returns the numbers first … first + count - 1 of every sample: `(n, count)` float64 in [0, 1), 53 bits each.

        Number j is made of words 2j and 2j + 1 of the sample's stream, the upper 27 bits of the one and the upper 26 of
        the other.
        """
        result = np.empty((len(self.ids), count))
        _core.uniforms(fold(self.key, seed), self.slot, self.epoch, self.ids, first, result)
        return result

    def keys(self, number: int, seed: int | None = None) -> NDArray[np.uint64]:
        """Returns `(n,)` keys for random bits within a picture: the two words of a number, the lower half first."""
        words = _words(fold(self.key, seed), self.slot, self.epoch, self.ids, number // 2 + 1).astype(np.uint64)
        return words[:, 2 * number] | words[:, 2 * number + 1] << np.uint64(32)


def _words(key: int, slot: int, epoch: int, ids: NDArray[np.uint32], blocks: int) -> NDArray[np.uint32]:
    words = np.empty((len(ids), 4 * blocks), np.uint32)
    _core.bits(key, slot, epoch, ids, 0, words)
    return words
