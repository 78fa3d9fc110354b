"""Many paths in one block of bytes: the same as a list of them."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqaug.sources.paths import Paths

NAMES = st.binary(min_size=1, max_size=12).filter(lambda name: b"\0" not in name).map(os.fsdecode)


@given(st.lists(NAMES, max_size=9), st.data())
def test_as_a_list(names, data):
    paths = Paths.of(names)
    assert len(paths) == len(names)
    assert list(paths) == names
    assert paths == names
    assert [paths[i] for i in range(-len(names), 0)] == names
    assert [paths.name(i) for i in range(len(names))] == [os.fsencode(name) for name in names]
    order = np.array(data.draw(st.permutations(range(len(names)))), np.int64)
    again = np.array(data.draw(st.permutations(range(len(names)))), np.int64)
    shuffled = paths.taken(order).taken(again)
    assert list(shuffled) == [names[order[i]] for i in again]
    assert list(paths[1:4]) == names[1:4]
    for i in (len(names), -len(names) - 1):
        with pytest.raises(IndexError, match=f"There are {len(names)} paths. Received: {i}"):
            paths[i]


def test_relative_to_a_root():
    paths = Paths.of(["a/b.jpg", "c.jpg"], root="/photos")
    assert list(paths) == ["/photos/a/b.jpg", "/photos/c.jpg"]
    assert paths.key(0) == b"/photos/a/b.jpg"
    assert Paths.of(["b.jpg"], root="/photos/a/").key(0) == b"/photos/a/b.jpg"
    assert Paths.of(["c.jpg"]).key(0) == os.fsencode(os.path.abspath("c.jpg"))  # noqa: PTH100


def test_take_little_memory():
    paths = Paths.of([f"class_{i % 100:03}/picture_{i:08}.jpg" for i in range(10_000)])
    assert paths.taken(np.arange(10_000)).nbytes < 50 * 10_000
