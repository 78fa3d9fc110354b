"""Stores of rows that are not in memory: HDF5, Zarr and memory maps, and what is asked of them."""

import itertools

import numpy as np
import pytest
from common import digests
from fits import expected, trained, within
from hypothesis import given
from hypothesis import strategies as st
from stores import AUGMENT, IMAGES, LABELS, STORES, in_hdf5, make

from seqaug import CutMix
from seqaug.sources import arrays, runs


class Spy:
    """A store that notes what is asked of it."""

    def __init__(self, array, chunk=None):
        self.array, self.shape, self.dtype, self.asked = array, array.shape, array.dtype, []
        self.chunks = None if chunk is None else (chunk, *array.shape[1:])

    def __getitem__(self, key):
        assert isinstance(key, slice)
        assert key.step is None
        assert 0 <= key.start < key.stop <= len(self.array)
        self.asked.append((key.start, key.stop))
        return self.array[key]

    def touched(self):
        """The chunks that were decoded, each as often as it was."""
        size = 1 if self.chunks is None else self.chunks[0]
        return [chunk for first, last in self.asked for chunk in range(first // size, (last - 1) // size + 1)]


stores = pytest.mark.parametrize("kind", STORES)
some_rows = st.lists(st.integers(0, 52), min_size=1, max_size=30)
chunks = st.none() | st.integers(1, 60)


steps = st.lists(st.sampled_from([1, 1, 2, 3, 9]), min_size=1, max_size=40)


@given(steps, st.none() | st.integers(1, 20), st.integers(0, 6))
def test_runs_of_rows(steps, chunk, most):
    """Each row once, in order; neighbours together; a chunk once, unless its gaps are more than is allowed."""
    rows, row_bytes = np.cumsum(steps) - 1, 1000
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "MOST_BYTES", most * row_bytes)
        found = runs.runs_of(rows, chunk, row_bytes)
    assert np.concatenate([run.rows for run in found]).tolist() == rows.tolist()
    for run in found:
        assert rows[run.place : run.place + len(run.rows)].tolist() == run.rows.tolist()
        assert (run.first, run.last) == (run.rows[0], run.rows[-1] + 1)
        gaps = sorted(set(range(run.first, run.last)) - set(run.rows.tolist()))
        assert len(gaps) <= most
        assert run.has_gaps == bool(gaps)
        assert not gaps or (chunk is not None and gaps[0] // chunk == (run.last - 1) // chunk)
    for one, other in itertools.pairwise(found):
        if one.last == other.first:
            assert one.has_gaps
            assert one.rows[-1] // (chunk or 1) != other.rows[0] // (chunk or 1)
        elif one.rows[-1] // (chunk or 1) == other.rows[0] // (chunk or 1):
            held = set(range(one.first, one.last)) - set(one.rows.tolist())
            assert len(held) + other.first - one.last > most


@given(some_rows, chunks, st.sampled_from(["images", "channels first", "volumes", "masks", "big-endian"]))
def test_rows_are_read_once_and_in_order(ids, chunk, kind):
    """And come as they were asked for, with duplicates."""
    array = IMAGES.astype(">u2") if kind == "big-endian" else IMAGES[..., 0] if kind == "masks" else IMAGES
    array = array.reshape(53, 3, 4, 17, 3) if kind == "volumes" else array
    store = Spy(array, chunk)
    if kind == "masks":
        given = arrays.MaskSource(store, False, "y").read(ids)
        wanted = array[ids][..., None]
    else:
        given = arrays.ArraySource(store, kind == "channels first").read(ids)
        wanted = array[ids].reshape(-1, *array.shape[2:]) if kind == "volumes" else array[ids]
        wanted = wanted.transpose(0, 2, 3, 1) if kind == "channels first" else wanted
    np.testing.assert_array_equal(np.stack(list(given)), wanted)
    assert all(image.dtype.isnative for image in given)
    assert store.asked == sorted(store.asked)
    assert len(set(store.touched())) == len(store.touched())
    assert set(store.touched()) == {i // (chunk or 1) for i in ids}


@pytest.mark.parametrize("more", [{}, {"threads": 3}, {"threads": 3, "augment": [*AUGMENT, CutMix()]}])
@pytest.mark.parametrize("shuffle", [True, False])
def test_a_batch_decodes_no_chunk_twice_and_no_store_is_read_whole(shuffle, more):
    """However many threads share it, and whether or not images are mixed: of pictures, further ones and masks."""
    given = [Spy(IMAGES, 5), Spy(IMAGES[..., :1], 9), Spy(IMAGES[..., 0] > 99, 16)]
    y = {"mask": given[2], "label": np.eye(3)[LABELS % 3]}
    targets = {"mask": "segmentation_mask", "more": "image", "label": "label"}
    arguments = {"image": "one", "targets": targets, "batch_size": 7, "shuffle": shuffle, **more}
    sequence = make({"one": given[0], "more": given[1]}, y, **arguments)
    y = {"mask": given[2].array, "label": y["label"]}
    same = make({"one": given[0].array, "more": given[1].array}, y, **arguments)
    for store in given:
        assert store.asked in ([], [(0, 1)])  # to see whether it fits
    order = [sequence.data.select(index, 7, 0).rows for index in range(len(sequence))]
    for index, rows in enumerate(order):
        for store in given:
            store.asked.clear()
        (x, y), (same_x, same_y) = sequence[index], same[index]
        for key in x:
            np.testing.assert_array_equal(x[key], same_x[key])
        for key in y:
            np.testing.assert_array_equal(y[key], same_y[key])
        for store in given:
            assert sorted(store.touched()) == sorted({row // store.chunks[0] for row in rows})
            assert sum(last - first for first, last in store.asked) < 53


def test_one_slice_where_batches_are_in_order():
    store = Spy(IMAGES, 5)
    sequence = make(store, shuffle=False, threads=2)
    store.asked.clear()
    assert [len(sequence[index][1]) for index in range(len(sequence))][-1] == 5
    assert store.asked == [(first, min(first + 8, 53)) for first in range(0, 53, 8)]


def test_a_slice_that_is_too_short_is_named():
    store = Spy(IMAGES, 5)
    sequence = make(store, shuffle=False)
    store.array = IMAGES[:50]
    store.__class__ = type("Short", (Spy,), {"__getitem__": lambda self, key: self.array[key]})
    with pytest.raises(ValueError, match=r"`x\[48:53\]` must be of shape \(5, 12, 17, 3\).*Received: shape \(2, 12"):
        sequence[6]


@stores
def test_batches_are_those_of_the_array(kind, tmp_path):
    store = STORES[kind](tmp_path)
    for shuffle in (True, False):
        assert digests(make(store, shuffle=shuffle, threads=2)) == digests(make(shuffle=shuffle))
    for workers in (1, 3):
        assert within(trained, make(store, workers=workers), epochs=2) == expected(make(), 2)


@stores
def test_volumes_masks_labels_and_further_pictures(kind, tmp_path):
    volumes = IMAGES.reshape(53, 3, 4, 17, 3)
    store = STORES[kind](tmp_path, volumes)
    assert digests(make(store)) == digests(make(volumes))
    pictures = STORES[kind](tmp_path)
    assert digests(make(pictures, pictures, targets="segmentation_mask")) == digests(
        make(IMAGES, IMAGES, targets="segmentation_mask")
    )
    both = make({"a": pictures, "b": pictures}, image="a", targets={"b": "image"}, batch_size=9)[1][0]
    np.testing.assert_array_equal(both["a"], both["b"])
    labels = STORES[kind](tmp_path, LABELS.astype("f4").reshape(53, 1).repeat(3, 1))
    assert digests(make(IMAGES, labels)) == digests(make(IMAGES, np.asarray(labels)))


def test_hdf5_without_filters_is_read_without_gaps(tmp_path):
    """HDF5 reads parts of such chunks."""
    plain = in_hdf5(tmp_path, chunks=(9, 12, 17, 3))
    assert runs.rows_decoded_at_once(plain) is None
    plain.file.close()
    assert runs.rows_decoded_at_once(in_hdf5(tmp_path, chunks=(9, 12, 17, 3), fletcher32=True)) == 9
