"""The cache of decoded pictures: what is put is found, as it was put."""

import ctypes
import json
import os
import zlib
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pytest
from caching import SETTINGS, held, picture, put
from hypothesis import given, settings
from hypothesis import strategies as st

from seqaug import _core
from seqaug.buffers import MASK_DTYPES
from seqaug.sources.cache import DiskCache, lookup, memory, open_cache, storing
from seqaug.sources.cache.format import ENTRY, file_of, header, key_of, map_file, new_id
from seqaug.sources.cache.maintenance import check
from seqaug.sources.decode import Decoder
from seqaug.sources.files import FileSource
from seqaug.sources.paths import Paths

DTYPES = MASK_DTYPES


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
    assert sorted(split) == sorted(b"a/%d" % seed for seed in range(11))
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


@pytest.mark.parametrize("kind", ["memory", "disk"])
def test_pictures_that_are_none(where, file, kind):
    cache = open_cache("memory" if kind == "memory" else where, SETTINGS)
    for dtype in ("f2", "c8", ">u2", "O", "S1", "M8[s]"):
        with pytest.raises(TypeError, match=r"of dtype bool, uint8, .*float64\. Received: "):
            cache.put(b"1", str(file), np.zeros((2, 2, 1), dtype), file.stat())
    for shape in ((2,), (2, 2), (1, 2, 2, 3)):
        with pytest.raises(ValueError, match=r"\(height, width, channels\). Received: shape \("):
            cache.put(b"1", str(file), np.zeros(shape, "u1"), file.stat())
    with pytest.raises(ValueError, match="no NUL"):
        cache.put(b"1\0", str(file), picture(1), file.stat())
    cache.flush()
    assert held(cache, file) == []


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


def test_a_source_says_how_many_files_it_has(file):
    cache = open_cache("memory", {})
    FileSource(Paths.of([file, file, file]), Decoder(load=lambda _: picture(1)), cache)
    assert cache.count == 3


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
