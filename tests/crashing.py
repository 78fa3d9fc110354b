"""What the crash tests run in a process of its own, as it forks and kills: `python crashing.py lines|random FOLDER`."""

import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path

import numpy as np

from seqaug.sources.cache import DiskCache, folder, locks, maintenance, storing, writing
from seqaug.sources.cache.folder import segment_ids

SETTINGS = {"color_mode": "rgb"}
PICTURES = 400
FILE = Path(__file__)  # what all pictures are said to be made of
WRITES = {module.__file__ for module in (folder, locks, storing, writing)}  # the only ones that change the disk
DTYPES = ("u1", "u2", "i2", "i4", "f4", "f8")


def name(i):
    return b"\xff/%d" % i


def picture(i):
    """A picture that is a function of its number, as is its size."""
    rng = np.random.default_rng(i)
    return rng.integers(0, 100, (1 + i % 7, 1 + i % 50, 1 + i % 3)).astype(DTYPES[i % len(DTYPES)])


def put(cache, numbers):
    for i in numbers:
        if cache.get(name(i), str(FILE)) is None:
            cache.put(name(i), str(FILE), picture(i), FILE.stat())


def found(cache, count=PICTURES):
    """The numbers of the pictures that are there; each must be what was put."""
    numbers = []
    for i in range(count):
        kept = cache.get(name(i), str(FILE))
        if kept is not None:
            np.testing.assert_array_equal(kept, picture(i), strict=True)
            numbers.append(i)
    return numbers


def child(work):
    """Forks a process that does some work and ends without any of Python's tidying up."""
    process = os.fork()
    if process == 0:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr, flush=True)
            os._exit(1)
        os._exit(0)
    return process


def killed(status):
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def die_at_line(last, work):
    """Does some work until so many lines have run of the code that changes the disk."""
    count = 0

    def trace(frame, event, _):
        nonlocal count
        if frame.f_code.co_filename not in WRITES:
            return None
        count += event == "line"
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    sys.settrace(trace)
    work()
    sys.settrace(None)


def at_every_line(place):
    """A process dies at each line that opening, putting and committing run; the next one opens the same folder."""
    storing.MOST, storing.SOON = 150, 1000.0  # bytes and seconds: a segment for every few pictures
    os.fsync = lambda _: None  # nobody cuts the power, and it is most of the time
    counts = []

    def steps():
        cache = DiskCache(place, SETTINGS)
        for i in range(5):
            cache.put(name(i), str(FILE), picture(i), FILE.stat())
        cache.flush()

    while True:
        shutil.rmtree(place, ignore_errors=True)
        status = os.waitpid(child(lambda: die_at_line(len(counts) + 1, steps)), 0)[1]
        if not killed(status):
            assert status == 0, status
            break
        counts.append(len(found(DiskCache(place, SETTINGS), 5)))
        if len(counts) % 3 == 0:
            complete(place, 5)
    assert len(set(counts)) >= 3, set(counts)  # from nothing to all
    print(len(counts), "lines")


def at_random(place):
    """Two processes at a time put pictures at full speed, until they are killed."""
    storing.MOST, storing.SOON, storing.LATE = 3000, 0.001, 0.01
    chance = random.Random(7)
    rounds = kills = 0
    for rounds in range(1, 41):

        def work(rounds=rounds):
            order = list(range(PICTURES))
            random.Random(os.getpid() * rounds).shuffle(order)
            put(DiskCache(place, SETTINGS), order)
            signal.pause()

        if rounds % 5 == 0:  # so that there is something to do
            maintenance.clear(place)
        processes = [child(work), child(work)]
        for process in processes:
            time.sleep(chance.random() * 0.06)
            os.kill(process, signal.SIGKILL)
            status = os.waitpid(process, 0)[1]
            assert killed(status), status
            kills += 1
        found(DiskCache(place, SETTINGS))
    print(kills, "kills")


def complete(place, count=PICTURES):
    """In the end everything can be put, and nothing of the dead is left but settings that were being written."""
    cache = DiskCache(place, SETTINGS)
    put(cache, range(count))
    cache.flush()
    assert found(DiskCache(place, SETTINGS), count) == list(range(count))
    names = [path.name for path in cache.folder.iterdir() if not path.name.startswith("settings.")]
    complete, begun = segment_ids(cache.folder)
    assert not begun
    assert len(names) == 3 * len(complete)
    [contents] = maintenance.check(place)
    assert not contents.damaged
    assert contents.pictures == count


if __name__ == "__main__":
    {"lines": at_every_line, "random": at_random}[sys.argv[1]](sys.argv[2])
    complete(sys.argv[2])
