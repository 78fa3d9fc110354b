"""The cache of decoded pictures: what is put is found, by whom, and what is said where it cannot be."""

import ctypes
import errno
import gc
import json
import logging
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import types
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqaug import _core
from seqaug.sources.cache import DiskCache, MemoryCache, lookup, memory, open_cache, storing, writing
from seqaug.sources.cache.folder import folder_name
from seqaug.sources.cache.format import ENTRY, file_of, header, key_of, map_file, new_id
from seqaug.sources.cache.maintenance import check, clear

SETTINGS = {"color_mode": "rgb", "reach": [224, 224], "version": 1}
DTYPES = ("u1", "u2", "i2", "i4", "f4", "f8")


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "picture"
    path.write_bytes(b"as it was")
    return path


@pytest.fixture
def where(tmp_path):
    return tmp_path / "cache"


def picture(seed, shape=(5, 7, 3), dtype="u1"):
    return np.random.default_rng(seed).integers(0, 100, shape).astype(dtype)


def put(cache, names, file, **options):
    for name in names:
        cache.put(b"%d" % name, str(file), picture(name, **options), file.stat())


def held(cache, file, count=20):
    """The names under which something is found, which must be what was put."""
    found = {name: cache.get(b"%d" % name, str(file)) for name in range(count)}
    for name, kept in found.items():
        assert kept is None or (kept == picture(name)).all()
    return [name for name, kept in found.items() if kept is not None]


def descriptors():
    return len(list(Path("/proc/self/fd").iterdir()))


names = st.binary(max_size=300).map(lambda name: name.replace(b"\0", b"\xff"))
shapes = st.tuples(st.integers(0, 9), st.integers(0, 9), st.integers(0, 5))


@settings(max_examples=40)
@given(
    given=st.dictionaries(names, st.tuples(shapes, st.sampled_from(DTYPES), st.booleans()), max_size=12),
    most=st.integers(1, 5000),
)
def test_what_is_put_is_found(tmp_path_factory, given, most):
    folder, file = tmp_path_factory.mktemp("cache"), Path(__file__)
    kept = {}
    for seed, (name, (shape, dtype, strided)) in enumerate(given.items()):
        pixels = picture(seed, shape, dtype)
        kept[name] = pixels[::-1, :, ::-1] if strided else pixels

    def compare(cache):
        for name, pixels in kept.items():
            found = cache.get(name, str(file))
            np.testing.assert_array_equal(found, pixels, strict=True)
            assert not found.flags.writeable
            assert found.flags.c_contiguous
        assert cache.get(b"no name of these" * 20, str(file)) is None

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(storing, "MOST", most)
        for where in ("memory", folder / "c"):
            cache = open_cache(where, SETTINGS)
            for name, pixels in kept.items():
                cache.put(name, str(file), pixels, file.stat())
            compare(cache)
            cache.flush()
            compare(cache)
    again = open_cache(folder / "c", SETTINGS)
    compare(again)
    assert all(again.get(name, str(file)).ctypes.data % 64 == 0 for name, pixels in kept.items() if pixels.size)
    assert sum(contents.pictures for contents in check(folder / "c")) == len(kept)


def test_others_can_open_it(where, file):
    """As `format` says, with NumPy alone."""
    cache = DiskCache(where, SETTINGS)
    for seed, dtype in enumerate(DTYPES):
        cache.put(b"a/%d" % seed, str(file), picture(seed, (2, 3, 4), dtype), file.stat())
    cache.flush()
    assert json.loads((cache.folder / "settings.json").read_text())["settings"] == SETTINGS
    [pixels] = cache.folder.glob("*.pixels.npy")
    names, index = (np.load(str(pixels).replace("pixels", part)) for part in ("names", "index"))
    pixels = np.load(pixels, mmap_mode="r")
    assert pixels.dtype == names.dtype == np.uint8
    split = names.tobytes().split(b"\0")[:-1]
    assert sorted(split) == [b"a/%d" % seed for seed in range(6)]
    for name, entry in zip(split, index, strict=True):
        seed = int(name[2:])
        shape, dtype = tuple(int(entry[side]) for side in ("height", "width", "channels")), entry["dtype"].decode()
        start = entry["offset"]
        found = pixels[start : start + np.prod(shape) * np.dtype(dtype).itemsize].view(dtype).reshape(shape)
        np.testing.assert_array_equal(found, picture(seed, (2, 3, 4), DTYPES[seed]), strict=True)
        assert (entry["size"], entry["modified"]) == (9, file.stat().st_mtime_ns)
        assert entry["key"].tobytes() == blake2b(name, digest_size=16).digest()


def test_changed_files_are_made_again(tmp_path, where):
    files = [tmp_path / str(number) for number in range(6)]
    for path in files:
        path.write_bytes(b"first")
    cache = DiskCache(where, SETTINGS)
    for number, path in enumerate(files):
        put(cache, [number], path)
    cache.flush()
    files[1].write_bytes(b"other size")
    os.utime(files[2], ns=(0, files[2].stat().st_mtime_ns + 1))
    files[3].unlink()
    again = DiskCache(where, SETTINGS)
    found = [again.get(b"%d" % number, str(path)) is not None for number, path in enumerate(files)]
    assert found == [True, False, False, False, True, True]
    new = picture(99, (2, 3, 3))
    again.put(b"1", str(files[1]), new, files[1].stat())
    assert (again.get(b"1", str(files[1])) == new).all()
    again.flush()
    for cache in (again, DiskCache(where, SETTINGS)):
        assert (cache.get(b"1", str(files[1])) == new).all()
    [contents] = check(where)
    assert (contents.pictures, contents.superseded, contents.superseded_bytes) == (6, 1, picture(1).nbytes)
    files[1].write_bytes(b"first")  # as it was before, and so what was made of it is right
    os.utime(files[1], ns=(0, files[0].stat().st_mtime_ns))
    assert DiskCache(where, SETTINGS).get(b"1", str(files[1])) is None


def test_the_newest_of_a_name_within_a_segment(where, file):
    cache = DiskCache(where, SETTINGS)
    put(cache, [1], file)
    file.write_bytes(b"longer than it was")
    cache.put(b"1", str(file), picture(2), file.stat())
    assert (cache.get(b"1", str(file)) == picture(2)).all()
    cache.flush()
    assert (DiskCache(where, SETTINGS).get(b"1", str(file)) == picture(2)).all()


def test_one_that_is_there_is_not_stored_again(where, file):
    cache = DiskCache(where, SETTINGS)
    put(cache, [1, 1, 1], file)
    cache.flush()
    [contents] = check(where)
    assert (contents.pictures, contents.superseded) == (1, 0)


@pytest.mark.parametrize("tick", [1, 10_000_000, 2_000_000_000])
def test_two_share_a_folder(where, file, monkeypatch, tick):
    """However coarse the clock of the file system is, in ns: one puts what the other has just missed."""
    status = os.stat

    def coarse(path, **options):
        if "cache" not in str(path):
            return status(path, **options)
        time = status(path, **options).st_mtime_ns // tick * tick
        return types.SimpleNamespace(st_mtime_ns=time + 1 if 1 < tick < 10**9 else time)

    monkeypatch.setattr(lookup, "os", types.SimpleNamespace(stat=coarse, listdir=os.listdir))
    one, other = DiskCache(where, SETTINGS), DiskCache(where, SETTINGS)
    for number in range(100):
        assert other.get(b"%d" % number, str(file)) is None
        put(one, [number], file)
        assert other.get(b"%d" % number, str(file)) is None
        one.flush()
        assert other.get(b"%d" % number, str(file)) is not None
        one, other = other, one
    assert len(one._lookup._tables) <= 7  # and not one for each segment


def test_settings_are_kept_apart(where, file):
    several = [SETTINGS, SETTINGS | {"reach": None}, SETTINGS | {"version": 2}, {}, {"load": "a.<locals>.b" * 50}]
    caches = [DiskCache(where, each) for each in several]
    for seed, cache in enumerate(caches):
        cache.put(b"1", str(file), picture(seed), file.stat())
        cache.flush()
    assert len(list(where.iterdir())) == 5
    for seed, each in enumerate(several):
        assert (DiskCache(where, each).get(b"1", str(file)) == picture(seed)).all()
    assert sorted(path.name.rpartition("-")[0] for path in where.iterdir())[-1] == "rgb-224x224"
    assert folder_name({"reach": (1, 2)}) == folder_name({"reach": [1, 2]})


def test_pickling(where, file):
    cache = DiskCache(where, SETTINGS)
    put(cache, [1], file)
    copy = pickle.loads(pickle.dumps(cache))
    assert (copy.where, copy.settings) == (where, SETTINGS)
    cache.flush()
    assert held(copy, file) == [1]
    in_memory = MemoryCache(SETTINGS)
    put(in_memory, [1], file)
    assert held(in_memory, file) == [1]
    assert held(pickle.loads(pickle.dumps(in_memory)), file) == []


def in_child(cache, file, numbers):
    put(cache, numbers, file)


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork.*")
def test_processes_of_multiprocessing(where, file, method):
    """What they put is committed when they end; a forked one leaves its parent's segment alone."""
    cache = DiskCache(where, SETTINGS)
    put(cache, [1, 2], file)
    context = multiprocessing.get_context(method)
    processes = [context.Process(target=in_child, args=(cache, file, [3 + 2 * i, 4 + 2 * i])) for i in range(2)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    assert held(DiskCache(where, SETTINGS), file) == [3, 4, 5, 6]
    put(cache, [7], file)
    cache.flush()
    assert held(DiskCache(where, SETTINGS), file) == [1, 2, 3, 4, 5, 6, 7]
    [contents] = check(where)
    assert (contents.segments, contents.unfinished, contents.damaged) == (3, 0, [])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
@pytest.mark.filterwarnings("ignore:.*fork.*")
def test_a_child_forked_amid_everything(where, file):
    """Threads hold the locks as it is forked; it works all the same."""
    cache = DiskCache(where, SETTINGS)
    put(cache, [1], file)
    locks = (cache._storing._choosing, cache._storing._committing, cache._lookup._lock)
    for lock in locks:
        lock.acquire()
    before = descriptors()
    child = os.fork()
    if child == 0:
        signal.alarm(20)
        ok = descriptors() == before - 1 and held(cache, file) == []
        put(cache, [2], file)
        cache.flush()
        del cache
        gc.collect()
        os._exit(0 if ok else 1)
    assert os.waitpid(child, 0)[1] == 0
    for lock in locks:
        lock.release()
    assert held(cache, file) == [1, 2]
    del cache
    gc.collect()
    assert held(DiskCache(where, SETTINGS), file) == [1, 2]


def test_committed_when_nobody_uses_it_and_when_the_process_ends(where, file):
    cache = DiskCache(where, SETTINGS)
    put(cache, [1], file)
    del cache
    gc.collect()
    assert held(DiskCache(where, SETTINGS), file) == [1]
    code = f"""
from pathlib import Path
import numpy as np
from seqaug.sources.cache import DiskCache
cache, file = DiskCache({str(where)!r}, {SETTINGS!r}), Path({str(file)!r})
cache.put(b"2", str(file), np.array({picture(2).tolist()}, "u1"), file.stat())
"""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert held(DiskCache(where, SETTINGS), file) == [1, 2]


def test_what_cannot_be_committed_at_the_end_is_logged(where, file, monkeypatch, caplog):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    cache = DiskCache(where, SETTINGS)
    put(cache, [1], file)
    monkeypatch.setattr(writing.SegmentWriter, "_write_part", full)
    with caplog.at_level(logging.WARNING, "seqaug"):
        del cache
        gc.collect()
    assert "The last pictures were not stored" in caplog.text


def test_many_threads(where, file, monkeypatch):
    monkeypatch.setattr(storing, "MOST", 2000)
    cache, other = DiskCache(where, SETTINGS), DiskCache(where, SETTINGS)
    start = threading.Barrier(8)

    def work(seed):
        start.wait()
        for name in np.random.default_rng(seed).integers(0, 100, 300).tolist():
            for each in (cache, other):
                found = each.get(b"%d" % name, str(file))
                if found is None:
                    put(each, [name], file)
                else:
                    assert (found == picture(name)).all()
                if name == 50:
                    each.flush()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    for each in (cache, other):
        each.flush()
        assert held(each, file, 100) == list(range(100))
    [contents] = check(where)
    assert (contents.pictures, contents.damaged) == (100, [])


def test_descriptors_maps_and_memory_stay_flat(where, file):
    cache = DiskCache(where, SETTINGS)
    for number in range(30):
        put(cache, [number], file)
        cache.flush()
    held(cache, file, 30)
    maps = []
    before = descriptors()
    for _ in range(50):
        opened = DiskCache(where, SETTINGS)
        assert held(opened, file, 30) == list(range(30))
        put(opened, [100], file)
        kept = opened.get(b"3", str(file))
        del opened
        gc.collect()
        assert (kept == picture(3)).all()  # it outlives the cache
        assert descriptors() == before
        clear_last = max(cache.folder.glob("*.index.npy")).name.split(".")[0]
        for path in cache.folder.glob(f"{clear_last}.*"):
            path.unlink()
        maps.append(Path("/proc/self/maps").read_text().count(str(where)))
    assert maps[-1] <= maps[5]


def test_a_file_map_is_read_only_and_whole(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"abc" * 5000)
    view = memoryview(map_file(path))
    path.unlink()
    assert view.readonly
    assert bytes(view) == b"abc" * 5000
    with pytest.raises(ValueError, match="WRITEABLE"):
        np.frombuffer(view, np.uint8).flags.writeable = True
    with pytest.raises(TypeError, match="not writable"):
        (ctypes.c_char * 10).from_buffer(view.obj)
    with pytest.raises(ValueError, match="Received: size=0"):
        _core.FileMap(0, 0)
    with pytest.raises(OSError, match="Cannot map 10 bytes"):
        _core.FileMap(-1, 10)


def test_keys_that_agree_in_half(where, file):
    """As they never will: the second half decides."""
    cache = DiskCache(where, SETTINGS)
    wanted = np.frombuffer(key_of(b"1"), "<u8")
    id_ = new_id()
    index = np.zeros(5, ENTRY)
    index["key"][:, 0], index["key"][:, 1] = wanted[0], [5, wanted[1], 7, 8, 9]
    index["height"] = index["width"] = index["channels"] = 1
    index["offset"], index["dtype"], index["size"] = np.arange(5), b"|u1", 9
    index["modified"] = file.stat().st_mtime_ns
    index["crc32"] = [zlib.crc32(bytes([value])) for value in range(5)]
    file_of(cache.folder, id_, "pixels").write_bytes(header("u1", 5) + bytes(range(5)))
    np.save(file_of(cache.folder, id_, "index"), index)
    assert DiskCache(where, SETTINGS).get(b"1", str(file)).tolist() == [[[1]]]


@pytest.mark.parametrize("field", ["offset", "dtype", "height", "key"])
def test_an_index_never_leads_out_of_the_file(where, file, field, caplog):
    cache = DiskCache(where, SETTINGS)
    put(cache, range(5), file)
    cache.flush()
    [path] = cache.folder.glob("*.index.npy")
    index = np.load(path)
    index[field][3] = {"offset": -1, "dtype": b"|O", "height": 2**32 - 1, "key": 0}[field]
    path.unlink()
    np.save(path, index)
    assert held(DiskCache(where, SETTINGS), file) == []
    assert path.name in caplog.text


def test_a_folder_that_cannot_be_written_to(where, file, monkeypatch, caplog):
    cache = DiskCache(where, SETTINGS)
    put(cache, range(3), file)
    cache.flush()
    opened = os.open

    def refuse(path, flags, *rest, **named):
        if flags & (os.O_CREAT | os.O_RDWR):
            raise PermissionError(errno.EACCES, "Permission denied", path)
        return opened(path, flags, *rest, **named)

    def refuse_folder(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # to root, everything is writable
    reading = DiskCache(where, SETTINGS)
    put(reading, range(5), file)
    reading.flush()
    assert held(reading, file) == [0, 1, 2]
    monkeypatch.setattr(os, "mkdir", refuse_folder)
    other = DiskCache(where, {})
    put(other, range(5), file)
    assert held(other, file) == []
    assert [record.message.count("cannot be written to (Permission denied)") for record in caplog.records] == [1, 1]


def test_folders_that_cannot_be_a_cache(tmp_path, file, monkeypatch):
    for bad in (file, file / "below", str(file)):
        with pytest.raises(NotADirectoryError, match=r"`cache` must be a folder that is new, .* Received: "):
            open_cache(bad, SETTINGS)
    with pytest.raises(ValueError, match=r"`cache` must be .*Received: .*, in which there is 'picture'"):
        open_cache(tmp_path, SETTINGS)
    assert list(tmp_path.iterdir()) == [file]
    for bad in (True, 3, "", b"", ["x"]):
        with pytest.raises(TypeError, match=r"`cache` must be None, \"memory\" or the name of a folder. Received: "):
            open_cache(bad, SETTINGS)
    with pytest.raises(TypeError, match="`settings` must be plain values"):
        open_cache(tmp_path / "c", {"load": print})
    assert open_cache(None, SETTINGS) is None

    def refuse(*_, **__):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "mkdir", refuse)
    with pytest.raises(PermissionError, match=r"The folder for `cache` cannot be made or read .*/d'"):
        open_cache(tmp_path / "d", SETTINGS)


def test_harmless_strangers_in_the_folder(where, file):
    (where / "lost+found").mkdir(parents=True)
    (where / ".DS_Store").touch()
    put(DiskCache(where, SETTINGS), [1], file)
    (where / "README").touch()
    gc.collect()
    assert held(DiskCache(where, SETTINGS), file) == [1]


def test_settings_that_were_changed(where):
    folder = DiskCache(where, SETTINGS).folder
    (folder / "settings.json").write_text("{")
    DiskCache(where, SETTINGS)
    content = json.loads((folder / "settings.json").read_text())
    content["settings"]["color_mode"] = "rgba"
    (folder / "settings.json").write_text(json.dumps(content))
    with pytest.raises(ValueError, match=r"settings.json in .* must hold .*Received: .*rgba"):
        DiskCache(where, SETTINGS)


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_pictures_that_are_none(where, file, kind):
    cache = open_cache("memory" if kind == "memory" else where, SETTINGS)
    for dtype in ("?", "u4", "i8", "f2", "c8", ">u2", "O"):
        with pytest.raises(TypeError, match=r"dtype uint8, .*Received: "):
            cache.put(b"1", str(file), np.zeros((2, 2, 1), dtype), file.stat())
    for shape in ((2,), (2, 2), (1, 2, 2, 3)):
        with pytest.raises(ValueError, match=r"\(height, width, channels\). Received: shape \("):
            cache.put(b"1", str(file), np.zeros(shape, "u1"), file.stat())
    with pytest.raises(ValueError, match="no NUL"):
        cache.put(b"1\0", str(file), picture(1), file.stat())
    cache.flush()
    assert held(cache, file) == []


def test_clear_removes_what_is_ours(where, file):
    cache, living = DiskCache(where, SETTINGS), DiskCache(where, {})
    put(cache, range(5), file)
    cache.flush()
    put(living, [7], file)
    (where / "README").touch()
    (cache.folder / "notes.npy").touch()
    kept = cache.get(b"1", str(file))
    pictures, removed = clear(where)
    assert pictures == 5
    assert removed > 5 * 105
    assert sorted(path.name for path in cache.folder.iterdir()) == ["notes.npy"]
    assert (kept == picture(1)).all()
    living.flush()
    assert held(DiskCache(where, {}), file) == [7]
    assert clear(where)[0] == 1
    put(living, [8], file)  # into a folder that has gone
    living.flush()
    assert held(DiskCache(where, {}), file) == [8]
    [contents] = check(where)
    assert contents.settings == {}
    assert clear(where)[0] == 1
    assert sorted(path.name for path in where.iterdir()) == ["README", cache.folder.name]


def test_check_counts_what_is_unfinished(where, file):
    cache = DiskCache(where, SETTINGS)
    put(cache, range(3), file)
    [contents] = check(where)
    assert (contents.segments, contents.pictures, contents.unfinished) == (0, 0, 1)
    assert contents.unfinished_bytes > 300
    calls = []
    cache.flush()
    check(where, lambda *numbers: calls.append(numbers))
    assert calls == [(1, 3), (2, 3), (3, 3)]


def test_memory_that_will_not_do(file, monkeypatch):
    monkeypatch.setattr(memory, "available_memory", lambda: 100_000)
    cache = open_cache("memory", SETTINGS)
    cache.count = 900  # of 105 bytes
    put(cache, range(100), file)
    assert cache.bytes == 100 * 105
    cache = open_cache("memory", SETTINGS)
    cache.count = 1000
    put(cache, range(15), file)
    with pytest.warns(UserWarning, match=r'`cache="memory"` will need about .* for 1,000 .*cache_size=') as warned:
        put(cache, range(15, 100), file)
    assert len(warned) == 1


def test_available_memory(tmp_path, monkeypatch):
    assert 2**20 < memory.available_memory() < 2**50
    monkeypatch.setattr(memory, "Path", lambda path: tmp_path / path.strip("/"))
    assert memory.available_memory() == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/meminfo").write_text("MemTotal: 9 kB\nMemAvailable:  7 kB\n")
    assert memory.available_memory() == 7168
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("max\n")
    (tmp_path / "sys/fs/cgroup/memory.stat").write_text("anon 1000\nfile 9999\n")
    assert memory.available_memory() == 7168
    (tmp_path / "sys/fs/cgroup/memory.max").write_text("5000\n")
    assert memory.available_memory() == 4000


def test_the_memory_cache_is_not_the_callers_array(file):
    cache = open_cache("memory", SETTINGS)
    mine = picture(1)
    cache.put(b"1", str(file), mine, file.stat())
    mine[:] = 0
    assert held(cache, file) == [1]
    assert mine.flags.writeable


def test_few_tables_for_many_segments(where, file, monkeypatch):
    merged = []
    table = lookup._Table

    def counted(segments):
        merged.append(sum(map(len, segments)))
        return table(segments)

    cache = DiskCache(where, SETTINGS)
    monkeypatch.setattr(lookup, "_Table", counted)
    for number in range(64):
        put(cache, [number], file)
        cache.flush()
    assert len(cache._lookup._tables) <= 7
    assert sum(merged) <= 64 * 8
    assert held(cache, file, 64) == list(range(64))


def test_opening_warns_of_nothing(where, file):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        put(DiskCache(where, SETTINGS), [1], file)
        DiskCache(where, SETTINGS)
