"""Stores in other processes: what pickles, what is opened anew, and errors that say what to do."""

import io
import multiprocessing
import os
import pickle
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import h5py
import numpy as np
import pytest
from common import digests
from fits import expected, trained_under
from stores import IMAGES, LABELS, STORES, in_hdf5, in_map, make, read_twice

from seqaug.sources import arrays, stores

kinds = pytest.mark.parametrize("kind", STORES)
forks = pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning", "ignore:.*fork.*:RuntimeWarning")


@kinds
def test_pickles_are_small(kind, tmp_path):
    """Of pictures and of masks; copies, and copies of copies that were never used, give the same batches."""
    store = STORES[kind](tmp_path)
    sequence = make(store, {"mask": store}, targets={"mask": "segmentation_mask"})
    table = sequence.data.table
    assert len(pickle.dumps((table.source, table.masks, table.structure))) < 3000
    copy = pickle.loads(pickle.dumps(sequence))
    for other in (copy, pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(copy))))):
        for index in range(3):
            assert other[index][0].tobytes() == sequence[index][0].tobytes()
            assert other[index][1]["mask"].tobytes() == sequence[index][1]["mask"].tobytes()


def test_labels_of_a_store_pickle(tmp_path):
    with h5py.File(tmp_path / "y.h5", "w") as file:
        sequence = make(y=file.create_dataset("y", data=LABELS))
        assert digests(pickle.loads(pickle.dumps(sequence))) == digests(make())


VIEWS = {
    "all": lambda array: array,
    "part": lambda array: array[5:40],
    "part of a part": lambda array: array[5:][7:],
    "backwards": lambda array: array[::-1],
    "every second, cropped": lambda array: array[3::2, 2:9, ::-2],
    "plain": np.asarray,
    "plain part": lambda array: np.asarray(array[9:])[2:],
    "turned": lambda array: array.transpose(0, 2, 1, 3),
    "one": lambda array: array[7:8],
    "other rank": lambda array: array.reshape(53, 12, 51, order="A")[..., None],
}


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["u1", "f4", ">i2"])
def test_views_of_memory_maps_pickle_by_their_place(view, order, dtype, tmp_path):
    viewed = VIEWS[view](in_map(tmp_path, np.array(IMAGES, dtype, order=order)))
    source = arrays.ArraySource(viewed, False)
    data = pickle.dumps(source)
    assert len(data) < 2000
    copy, ids = pickle.loads(data), [0, len(viewed) - 1, 0, len(viewed) // 2]
    np.testing.assert_array_equal(np.stack(list(copy.read(ids))), viewed[ids])
    assert (copy.dtype, copy.column.in_place) == (source.dtype, source.column.in_place)


def test_maps_with_an_offset(tmp_path):
    """One that is no multiple of a page."""
    (tmp_path / "raw").write_bytes(bytes(5001) + IMAGES.tobytes())
    mapped = np.memmap(tmp_path / "raw", np.uint8, "r+", 5001, IMAGES.shape)
    data = pickle.dumps(arrays.ArraySource(mapped[2:], False))
    mapped[3] = 1
    assert len(data) < 2000
    np.testing.assert_array_equal(pickle.loads(data).read([0, 1])[1], mapped[3])


def test_what_a_map_holds_and_its_file_does_not_is_pickled_whole(tmp_path):
    private = in_map(tmp_path, mode="c")
    private[3] = 7
    gone = in_map(tmp_path)
    Path(gone.filename).unlink()
    cut = in_map(tmp_path)
    for array in (private, gone, np.array(cut), cut[[5, 3, 2]], cut + 1):
        source = arrays.ArraySource(array, False)
        data = pickle.dumps(source)
        assert len(data) > array.nbytes
        np.testing.assert_array_equal(pickle.loads(data).read([2])[0], array[2])


def check_other_processes(method, stores):
    """After this one has read, in threads too; and this one goes on reading."""
    sequences = [make(store, threads=2) for store in stores]
    wanted = digests(make())
    assert [digests(sequence) for sequence in sequences] == [wanted] * len(sequences)
    with multiprocessing.get_context(method).Pool(2) as pool:
        results = [pool.apply_async(read_twice, (sequence,)) for sequence in sequences]
        assert [digests(sequence) for sequence in sequences] == [wanted] * len(sequences)
        assert [result.get(timeout=120) for result in results] == [(wanted, wanted)] * len(sequences)
    assert [digests(sequence) for sequence in sequences] == [wanted] * len(sequences)


@forks
@kinds
def test_forked_processes(kind, tmp_path):
    check_other_processes("fork", [STORES[kind](tmp_path)] * 2)


def test_spawned_processes(tmp_path):
    check_other_processes("spawn", [store(tmp_path) for store in STORES.values()])


@forks
@pytest.mark.parametrize(
    ("kind", "method"), [("HDF5, gzip", "fork"), ("HDF5, gzip", "spawn"), ("Zarr 3", "fork"), ("memory map", "spawn")]
)
def test_fit_with_processes(kind, method, tmp_path):
    """In a new process, since Keras takes the start method from the whole process."""
    sequence = make(STORES[kind](tmp_path), workers=2, use_multiprocessing=True)
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        seen = pool.submit(trained_under, method, sequence, epochs=2).result(timeout=300)
    assert seen == expected(make(), 2)


def in_child(call):
    """What a forked child gives, which inherits what this process has open."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            result = call()
        except BaseException as error:
            result = error
        os.write(write, pickle.dumps(result))
        os._exit(0)
    os.close(write)
    with open(read, "rb") as pipe:  # noqa: PTH123
        result = pickle.load(pipe)
    os.waitpid(child, 0)
    return result


def files_open(path):
    links = [Path("/proc/self/fd", name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208
    return sum(link.exists() and link.readlink() == Path(path) for link in links)


@forks
@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs /proc")
@pytest.mark.parametrize("driver", [None, "stdio"])
def test_a_forked_child_has_the_file_to_itself(driver, tmp_path):
    """HDF5 would go on with the parent's, and with its place in the file."""
    path = in_hdf5(tmp_path).file.filename
    with h5py.File(path, "r", driver=driver) as file:
        sequence = make(file["group/pictures"])
        assert files_open(path) == 1
        found, count = in_child(lambda: (digests(sequence), files_open(path)))
        assert (found, count) == (digests(sequence), 2)
        assert files_open(path) == 1


@forks
def test_files_in_memory(tmp_path):
    """A forked child has a copy of its own of what HDF5 holds in memory. Nothing else can be had elsewhere."""
    with h5py.File("in memory", "w", driver="core", backing_store=False) as file:
        sequence = make(file.create_dataset("x", data=IMAGES))
        assert in_child(lambda: digests(sequence)) == digests(make())
        with pytest.raises(TypeError, match=r"`x` is an HDF5 data set of a file that is no plain file.*driver='core'"):
            pickle.dumps(sequence)
    with h5py.File(io.BytesIO(), "w") as file:
        sequence = make(file.create_dataset(None, data=IMAGES))
        assert digests(sequence) == digests(make())
        assert "`x` is an HDF5 data set without a name" in str(in_child(lambda: digests(sequence)))


@forks
def test_files_open_for_writing(tmp_path):
    """Are locked by HDF5; in this process a copy reads what has been written."""
    store = in_hdf5(tmp_path, mode="r+")
    sequence = make(store)
    assert "`x`, the HDF5 data set '/group/pictures' of " in str(in_child(lambda: digests(sequence)))
    assert "was opened with mode 'r'" in str(in_child(lambda: digests(sequence)))
    store[3] = 1
    data = pickle.dumps(sequence)
    store.file.close()
    changed = IMAGES.copy()
    changed[3] = 1
    assert digests(pickle.loads(data)) == digests(make(changed))


def test_closed_files_are_named(tmp_path):
    store = in_hdf5(tmp_path)
    sequence = make(store)
    masked = make(IMAGES, store, targets="segmentation_mask")
    store.file.close()
    message = r"` is a data set of an HDF5 file that has been closed: .*Closed HDF5"
    for call in (lambda: sequence[0], lambda: pickle.dumps(sequence), lambda: make(store), lambda: make({"x": store})):
        with pytest.raises(ValueError, match="`x" + message.replace("` is", r".*` is")):
            call()
    for call in (lambda: masked[0], lambda: make(IMAGES, store), lambda: make(IMAGES, LABELS, sample_weight=store)):
        with pytest.raises(ValueError, match=message):
            call()


def test_what_is_gone_or_has_changed_is_named(tmp_path):
    store, mapped = in_hdf5(tmp_path), in_map(tmp_path)
    path = store.file.filename
    data, of_map = pickle.dumps(make(store)), pickle.dumps(make(mapped))
    store.file.close()
    with h5py.File(path, "w") as file:
        file["group/pictures"] = IMAGES[:7]
    with pytest.raises(ValueError, match=r"`x`, the HDF5 .*must stay what it was.*\(53, .*Received: shape \(7, "):
        pickle.loads(data)[0]
    with h5py.File(path, "w") as file:
        file["others"] = IMAGES
    with pytest.raises(OSError, match=r"`x`, the HDF5 data set '/group/pictures' of .*cannot be opened"):
        pickle.loads(data)[0]
    for gone in (path, mapped.filename):
        Path(gone).unlink()
    for pickled in (data, of_map):
        with pytest.raises(OSError, match=r"`x`, .*cannot be opened in this process"):
            pickle.loads(pickled)[0]


def test_the_folder_may_change(tmp_path, monkeypatch):
    path = Path(in_hdf5(tmp_path).file.filename)
    monkeypatch.chdir(tmp_path)
    with h5py.File(path.name, "r") as file:
        data = pickle.dumps(make(file["group/pictures"]))
    monkeypatch.chdir("/")
    assert digests(pickle.loads(data)) == digests(make())


def test_one_opening_for_a_process(tmp_path, monkeypatch):
    store = in_hdf5(tmp_path)
    handle = pickle.loads(pickle.dumps(stores.Handle("x", store)))
    assert handle.get() is handle.get()
    assert stores.Handle("x", store).get() is store
