"""The cache in a folder when processes are killed, when the disk is full, and when its files are damaged."""

import errno
import logging
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import crashing
import numpy as np
import pytest
from crashing import FILE, SETTINGS, name, picture
from hypothesis import given, settings
from hypothesis import strategies as st

from seqaug.sources.cache import DiskCache, locks, maintenance, storing, writing
from seqaug.sources.cache.folder import remove_left_over, segment_ids


def put(cache, numbers):
    for i in numbers:
        cache.put(name(i), str(FILE), picture(i), FILE.stat())


def held(cache, count=10):
    return crashing.found(cache, count)


def run(*arguments, **options):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        [sys.executable, "-P", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        **options,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
@pytest.mark.parametrize(("way", "least"), [("lines", 300), ("random", 80)])
def test_killed_at_any_moment(tmp_path, way, least):
    """At each line of code that changes the disk; and two at once, at random."""
    deaths = int(run(Path(crashing.__file__), way, tmp_path / "cache").split()[0])
    assert deaths >= least


def test_left_overs_of_the_dead_go_and_those_of_the_living_stay(tmp_path):
    living = DiskCache(tmp_path / "c", SETTINGS)
    put(living, [1])
    run("-c", "import sys, os, crashing as c\nx = c.DiskCache(sys.argv[1], c.SETTINGS)\n"
        "x.put(b'a', '', c.picture(1), c.FILE.stat())\nos._exit(0)", tmp_path / "c")  # fmt: skip
    left = sorted(path.name for path in living.folder.glob("*.tmp"))
    assert len(left) == 2
    stray = living.folder / f"{left[0].split('.')[0]}0.pixels.tmp"  # almost a name of ours
    stray.touch()
    other = DiskCache(tmp_path / "c", SETTINGS)
    assert len(list(living.folder.glob("*.tmp"))) == 2
    living.flush()
    assert held(other) == [1]
    assert [path.name for path in living.folder.glob("*.tmp")] == [stray.name]


def test_what_was_completed_since_it_was_listed_stays(tmp_path):
    cache = DiskCache(tmp_path / "c", SETTINGS)
    put(cache, [1])
    [id_] = segment_ids(cache.folder)[1]
    assert remove_left_over(cache.folder, id_) == 0  # it is being written
    cache.flush()
    assert remove_left_over(cache.folder, id_) == 0
    assert held(DiskCache(tmp_path / "c", SETTINGS)) == [1]


def test_without_locks_left_overs_stay_for_a_day(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr(locks, "fcntl", None)
    cache = DiskCache(tmp_path / "c", SETTINGS)
    put(cache, [1])
    [begun] = cache.folder.glob("*.tmp")
    DiskCache(tmp_path / "c", SETTINGS)
    assert begun.exists()
    os.utime(begun, (0, 0))
    DiskCache(tmp_path / "c", SETTINGS)
    assert not begun.exists()
    cache.flush()
    assert "was removed while it was written" in caplog.text
    assert held(cache) == []


class Full:
    """A disk on which so many bytes have room, given up in two steps, as some systems do."""

    def __init__(self, room):
        self.room, self.write = room, os.pwrite

    def __call__(self, file, data, place):
        if self.room == 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        count = self.write(file, data[: self.room], place)
        self.room -= count
        return count


def test_full_disk(tmp_path, monkeypatch):
    cache = DiskCache(tmp_path / "c", SETTINGS)
    put(cache, range(3))
    monkeypatch.setattr(os, "pwrite", Full(picture(3).nbytes + 10))
    put(cache, [3])
    with pytest.raises(OSError, match=r"no room for the cache .*MiB are free.*cache_size=") as raised:
        put(cache, [5])
    assert raised.value.errno == errno.ENOSPC
    assert raised.value.filename == str(tmp_path / "c")
    assert held(cache) == [0, 1, 2, 3]
    monkeypatch.undo()
    put(cache, [6])
    cache.flush()
    assert held(DiskCache(tmp_path / "c", SETTINGS)) == [0, 1, 2, 3, 6]
    [contents] = maintenance.check(tmp_path / "c")
    assert (contents.pictures, contents.damaged) == (5, [])


@pytest.mark.parametrize("part", ["names", "index"])
def test_disk_full_as_a_segment_is_completed(tmp_path, monkeypatch, part):
    cache = DiskCache(tmp_path / "c", SETTINGS)
    put(cache, [1])
    cache.flush()
    put(cache, range(2, 5))
    write = writing.SegmentWriter._write_part

    def full(self, which, content):
        if which == part:
            write(self, which, content[:50])
            raise OSError(errno.EDQUOT, "Disk quota exceeded")
        write(self, which, content)

    monkeypatch.setattr(writing.SegmentWriter, "_write_part", full)
    with pytest.raises(OSError, match=r"no room for the cache .*Disk quota exceeded"):
        cache.flush()
    monkeypatch.undo()
    assert held(cache) == [1]
    assert len(list(cache.folder.iterdir())) == 4
    put(cache, range(2, 5))
    assert held(cache) == [1, 2, 3, 4]


def test_limit_of_a_files_size(tmp_path):
    """A real refusal by the system, in a process that has such a limit."""
    code = """
import sys, crashing as c
cache = c.DiskCache(sys.argv[1], c.SETTINGS)
try:
    c.put(cache, range(400))
except OSError as error:
    assert "no room for the cache" in str(error), error
    cache.flush()
    print(len(c.found(cache)), len(c.found(c.DiskCache(sys.argv[1], c.SETTINGS))))
"""
    limit = 20_000
    limited = {"preexec_fn": lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))}
    before, after = run("-c", code, tmp_path / "c", **limited).split()
    assert before == after
    assert 10 < int(before) < 400


def put_large(cache, numbers):
    for i in numbers:
        cache.put(name(i), str(FILE), np.full((100, 100, 3), i, np.uint8), FILE.stat())


def test_full_file_system(tmp_path):
    """A real disk that is full, where this test may mount one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = shutil.which("mount")
    if mount is None or os.geteuid() != 0:
        pytest.skip("may not mount")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=256k", "none", disk], capture_output=True).returncode != 0:
        pytest.skip("may not mount")
    try:
        cache = DiskCache(disk / "c", SETTINGS)
        numbers = iter(range(100))
        with pytest.raises(OSError, match=r"no room for the cache .*0\.0 MiB are needed for the next picture and 0"):
            put_large(cache, numbers)
        i = next(numbers) - 1
        cache.flush()
        again = DiskCache(disk / "c", SETTINGS)
        kept = [again.get(name(i), str(FILE)) for i in range(100)]
        assert sum(one is not None for one in kept) == i >= 5
        assert all((one == k).all() for k, one in enumerate(kept[:i]))
        del cache, again, kept
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("part", ["pixels", "names", "index"])
@settings(max_examples=60)
@given(data=st.data())
def test_damaged_files_never_give_other_pictures(tmp_path_factory, caplog, part, data):
    folder = tmp_path_factory.mktemp("damaged")
    cache = DiskCache(folder, SETTINGS)
    put(cache, range(5))
    cache.flush()
    put(cache, range(5, 10))
    cache.flush()
    path = sorted(cache.folder.glob(f"*.{part}.npy"))[0]
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] ^= data.draw(st.integers(1, 255))
    else:
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    del cache
    path.unlink()  # and not written over: it is mapped
    path.write_bytes(content)
    caplog.clear()
    opened = DiskCache(folder, SETTINGS)
    numbers = held(opened)
    assert numbers[-5:] == [5, 6, 7, 8, 9]
    assert held(opened) == numbers
    assert len(caplog.records) <= 1
    if part == "names":
        assert numbers == list(range(10))
    put(opened, range(5))
    opened.flush()
    assert held(DiskCache(folder, SETTINGS)) == list(range(10))
    [contents] = maintenance.check(folder)
    assert contents.pictures >= 10  # an index may have a key that nobody asks for
    if len(numbers) < 10 and part == "pixels":
        assert len(contents.damaged) == 1
    shutil.rmtree(folder)


def test_damage_is_said_once(tmp_path, caplog):
    cache = DiskCache(tmp_path / "c", SETTINGS)
    put(cache, range(5))
    cache.flush()
    [pixels] = cache.folder.glob("*.pixels.npy")
    content = pixels.read_bytes()
    pixels.unlink()
    pixels.write_bytes(content[:128] + bytes(byte ^ 1 for byte in content[128:]))
    with caplog.at_level(logging.WARNING, "seqaug"):
        opened = DiskCache(tmp_path / "c", SETTINGS)
        assert held(opened) == held(opened) == []
    [record] = caplog.records
    assert pixels.name in record.getMessage()
    assert "made again" in record.getMessage()


def test_whoever_is_terminated_loses_what_is_not_committed(tmp_path, monkeypatch):
    """Commits come by time: a second, two, four … a minute; and by size."""
    now = 100.0
    monkeypatch.setattr(storing.time, "monotonic", lambda: now)
    cache, other = DiskCache(tmp_path / "c", SETTINGS), DiskCache(tmp_path / "c", SETTINGS)
    for i, wait in enumerate([1, 2, 4, 8, 16, 32, 60, 60]):
        put(cache, [i])
        now += wait - 0.01
        cache.get(b"none", "")
        assert other.get(name(i), str(FILE)) is None
        now += 0.02
        cache.get(b"none", "")
        assert other.get(name(i), str(FILE)) is not None
    monkeypatch.setattr(storing, "MOST", 1000)
    put(cache, [20])
    cache.put(b"large", str(FILE), np.zeros((100, 10, 1), np.uint8), FILE.stat())
    assert held(other, 21) == [0, 1, 2, 3, 4, 5, 6, 7, 20]
