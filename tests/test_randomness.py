"""Keyed bits: the published generator, the layout that must never change, and honest uniform numbers."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from seqaug import _core, randomness
from seqaug.randomness import Draws

WORD = 0xFFFFFFFF


def philox(counter, key):
    """Philox4x32-10 as its paper gives it, in Python's integers."""
    (c0, c1, c2, c3), (k0, k1) = counter, key
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c0, 2**32)
        high1, low1 = divmod(0xCD9E8D57 * c2, 2**32)
        c0, c1, c2, c3 = high1 ^ c1 ^ k0, low1, high0 ^ c3 ^ k1, low0
        k0, k1 = (k0 + 0x9E3779B9) & WORD, (k1 + 0xBB67AE85) & WORD
    return [c0, c1, c2, c3]


def blocks(key, slot, epoch, ids, count, first=0):
    words = np.empty((len(ids), 4 * count), np.uint32)
    _core.bits(key, slot, epoch, np.array(ids, np.uint32), first, words)
    return words


@pytest.mark.parametrize(
    ("counter", "key", "expected"),
    [  # the known answers that its authors publish with Random123
        ((0, 0, 0, 0), 0, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((WORD, WORD, WORD, WORD), 2**64 - 1, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            0x299F31D0_A4093822,
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_known_answers(counter, key, expected):
    block, slot, sample, epoch = counter
    assert blocks(key, slot, epoch, [sample], 1, block)[0].tolist() == list(expected)


KEYS, WORDS = st.integers(0, 2**64 - 1), st.integers(0, WORD)


@given(KEYS, WORDS, WORDS, st.lists(WORDS, max_size=5), st.integers(0, 3), st.integers(0, 9))
def test_counter_layout(key, slot, epoch, ids, count, first):
    """(block, slot, sample id, epoch), the seed's low word first: golden."""
    expected = [
        [word for b in range(count) for word in philox((first + b, slot, i, epoch), (key & WORD, key >> 32))]
        for i in ids
    ]
    assert blocks(key, slot, epoch, ids, count, first).tolist() == expected


@given(KEYS, WORDS, WORDS, st.lists(WORDS, min_size=1, max_size=4), st.integers(0, 5), st.integers(1, 6))
def test_uniform_layout(key, slot, epoch, ids, first, count):
    """Number j is words 2j and 2j + 1 of the stream, 27 bits of the one and 26 of the other: golden."""
    numbers = Draws(key, slot, epoch, np.array(ids, np.uint32)).uniforms(first, count)
    for row, i in zip(numbers, ids, strict=True):
        stream = [word for b in range(6) for word in philox((b, slot, i, epoch), (key & WORD, key >> 32))]
        for j, number in enumerate(row, first):
            assert number == ((stream[2 * j] >> 5) * 2**26 + (stream[2 * j + 1] >> 6)) / 2**53


@given(KEYS, KEYS)
def test_a_seed_of_its_own_makes_another_key(key, seed):
    low, high, *_ = philox((0, 2**31 + 1, seed & WORD, seed >> 32), (key & WORD, key >> 32))
    assert randomness.fold(key, seed) == low | high << 32
    assert randomness.fold(key, None) == key


def samples(**changed):
    key = {"key": 11, "slot": 3, "epoch": 5, "ids": np.arange(50_000, dtype=np.uint32), **changed}
    return Draws(**key).uniforms(0, 3)


def test_uniform():
    """Kolmogorov-Smirnov per number, chi-square of pairs, and no correlation between streams."""
    numbers = samples()
    assert numbers.min() >= 0
    assert numbers.max() < 1
    for column in numbers.T:
        assert scipy.stats.kstest(column, "uniform").pvalue > 1e-4
    pairs, *_ = np.histogram2d(numbers[:, 0], numbers[:, 1], bins=20, range=[[0, 1], [0, 1]])
    assert scipy.stats.chisquare(pairs.reshape(-1)).pvalue > 1e-4
    others = [samples(key=12), samples(slot=4), samples(epoch=6), samples(ids=np.arange(50_000, 100_000, dtype="u4"))]
    for other in [*others, np.roll(numbers, 1, axis=0), np.roll(numbers, 1, axis=1)]:
        assert abs(np.corrcoef(numbers[:, 0], other[:, 0])[0, 1]) < 4.5 / np.sqrt(50_000)


@given(KEYS, st.integers(0, 100), st.integers(0, 500))
def test_permutation(key, epoch, count):
    order = randomness.permutation(key, epoch, np.arange(count))
    assert sorted(order.tolist()) == list(range(count))
    if count > 20:
        assert order.tolist() != randomness.permutation(key, epoch + 1, np.arange(count)).tolist()


@given(KEYS, WORDS, st.sets(WORDS, max_size=20), st.sampled_from([2**31, 2**31 + 2]))
def test_permutations_by_their_golden_slots(key, epoch, ids, slot):
    """Samples in the order of their first 64 bits, the low word first, of the slot for shuffling or for splits."""
    assert (randomness.SHUFFLE, randomness.SPLIT) == (2**31, 2**31 + 2)
    order = randomness.permutation(key, epoch, np.array(sorted(ids), np.intp), slot)

    def draw(i):
        low, high, *_ = philox((0, slot, i, epoch), (key & WORD, key >> 32))
        return high << 32 | low

    assert order.tolist() == sorted(sorted(ids), key=draw)


def test_permutations_are_fair():
    """Every sample comes first equally often, and every pair is in order half of the time."""
    orders = np.array([randomness.permutation(7, epoch, np.arange(8)) for epoch in range(4000)])
    assert scipy.stats.chisquare(np.bincount(orders[:, 0], minlength=8)).pvalue > 1e-4
    assert scipy.stats.binomtest(int((orders[:, 2] < orders[:, 5]).sum()), 4000).pvalue > 1e-4


@pytest.mark.parametrize("values", [1, 7, 2**20, 2**60])
@pytest.mark.parametrize("count", [0, 1, 2, 33, 1000, 300_000])
def test_permutations_sort_by_whole_draws(monkeypatch, count, values):
    """Also where many draws are alike, in all bits or in the first ones."""

    def draws(key, slot, epoch, ids):
        return ids.astype(np.uint64) * np.uint64(2654435761) % np.uint64(values) << np.uint64(key)

    monkeypatch.setattr(randomness, "_draws", draws)
    for key in (0, 3):
        ids = np.arange(count, dtype=np.uint32) * 3
        expected = ids[np.argsort(draws(key, 0, 0, ids), kind="stable")]
        np.testing.assert_array_equal(randomness.permutation(key, 0, ids), expected)


@pytest.mark.parametrize("dtype", [np.uint32, np.int64])
def test_permutations_are_those_of_the_draws(dtype):
    ids = np.arange(5000, dtype=dtype)
    words = np.empty((len(ids), 4), np.uint32)
    _core.bits(7, randomness.SHUFFLE, 3, ids.astype(np.uint32), 0, words)
    order = sorted(range(len(ids)), key=lambda i: (int(words[i, 1]), int(words[i, 0])))
    result = randomness.permutation(7, 3, ids)
    assert result.dtype == dtype
    assert result.tolist() == order
