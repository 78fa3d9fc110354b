"""The cache of decoded pictures, as threads and processes share it, and what it holds of the system."""

import contextlib
import errno
import gc
import logging
import multiprocessing
import os
import pickle
import signal
import subprocess
import sys
import threading
import types
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from caching import SETTINGS, descriptors, held, picture, put

from seqaug.sources.cache import DiskCache, MemoryCache, lookup, storing, writing
from seqaug.sources.cache.maintenance import check


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


@pytest.mark.parametrize("method", ["fork", "spawn"])
@pytest.mark.filterwarnings("ignore:.*fork.*")
def test_processes_of_multiprocessing(where, file, method):
    """What they put is committed when they end; a forked one leaves its parent's segment alone."""
    cache = DiskCache(where, SETTINGS)
    put(cache, [1, 2], file)
    context = multiprocessing.get_context(method)
    processes = [context.Process(target=put, args=(cache, [3 + 2 * i, 4 + 2 * i], file)) for i in range(2)]
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
    with contextlib.ExitStack() as held_by_threads:
        for lock in locks:
            held_by_threads.enter_context(lock)
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
        status = os.waitpid(child, 0)[1]
    assert status == 0
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
    subprocess.run([sys.executable, "-P", "-c", code], env=environment, check=True)
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
