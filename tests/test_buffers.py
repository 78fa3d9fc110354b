"""Memory for finished batches: aligned, used again, and never while anybody looks."""

import collections
import copy
import ctypes
import multiprocessing
import pickle
import random
import subprocess
import sys
import threading

import numpy as np
import pytest
import tensorflow as tf
from common import DTYPES
from hypothesis import given
from hypothesis import strategies as st

from seqaug import _core
from seqaug.buffers import aligned

SHAPE = (8, 48, 64, 3)  # of float32: 288 KiB
SIZE = 8 * 48 * 64 * 3 * 4
LEAST, MOST, PLACES = 128 * 2**10, 256 * 2**20, 32  # what the docstring says of the list


@pytest.fixture(autouse=True)
def _empty_list():
    _core.release_memory()


def filled(byte, shape=SHAPE):
    x = aligned(shape, np.float32)
    x.view(np.uint8)[...] = byte
    return x


def blocks(count, size):
    """Memory that is never touched, and so costs nothing."""
    return [aligned((size,), np.uint8) for _ in range(count)]


@given(st.lists(st.integers(0, 12), max_size=5), st.sampled_from([*DTYPES, ">f4", "c16", "S7"]))
def test_small_arrays(shape, dtype):
    x = aligned(tuple(shape), dtype)
    assert (x.shape, x.dtype) == (tuple(shape), np.dtype(dtype))
    assert x.ctypes.data % 64 == 0
    assert x.flags.carray  # C-contiguous, aligned to its elements, writeable
    x[...] = 1
    np.testing.assert_array_equal(x, np.ones(shape, dtype))


@given(st.sampled_from([LEAST, 2**21, 2**22, 2**24]), st.integers(-200, 200))
def test_large_arrays(size, more):
    """Around the sizes from which on memory is kept, or asked for in another way."""
    x = aligned((size + more,), np.uint8)
    assert x.ctypes.data % 64 == 0
    x[-1] = x[0] = 7
    assert x.nbytes == size + more


def test_a_block_is_writable_bytes():
    block = _core.Block(100)
    view = memoryview(block)
    assert (view.format, view.shape, view.strides, view.readonly) == ("B", (100,), (1,), False)
    view[:] = bytes(range(100))
    assert bytes(block) == bytes(range(100))


def test_memory_is_used_again_as_it_was():
    """Not a byte differs, where malloc and the system would have written."""
    x = filled(7)
    address = x.ctypes.data
    del x
    other = filled(8, (2, *SHAPE)), filled(8, (LEAST // 4,))
    again = aligned((SIZE,), np.uint8)
    assert again.tobytes() == b"\7" * SIZE
    assert again.ctypes.data == address
    assert _core.release_memory() == 0
    del again, other
    assert _core.release_memory() == SIZE + 2 * SIZE + LEAST
    assert _core.release_memory() == 0


def test_what_was_given_back_last_is_used_first():
    first, second, third = blocks(3, SIZE)
    addresses = [x.ctypes.data for x in (second, first, third)]
    del second, first, third  # in this order
    assert [x.ctypes.data for x in blocks(3, SIZE)] == addresses[::-1]


def taken_by_tensorflow(arrays):
    """Tensors made of the arrays of a list, which is empty afterwards."""

    def batches():
        while arrays:
            yield arrays.pop(0)

    signature = tf.TensorSpec(arrays[0].shape, tf.float32)
    return list(tf.data.Dataset.from_generator(batches, output_signature=signature))


VIEWS = {
    "rows": lambda x: x[1:3],
    "transposed": lambda x: x.T[::-2],
    "bytes": lambda x: x.view(np.uint8),
    "memoryview": memoryview,
    "part of a memoryview": lambda x: memoryview(x.reshape(-1))[5:],
    "PickleBuffer": pickle.PickleBuffer,
    "dlpack": np.from_dlpack,
    "ctypes": lambda x: (ctypes.c_float * 1000).from_buffer(x),
    "base": lambda x: x.base,
    "TensorFlow": lambda x: taken_by_tensorflow([x])[0],
}


@pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
def test_memory_is_not_used_again_before_the_last_view_is_gone(view):
    x = filled(7)
    seen = view(x)
    del x
    for byte in range(8, 208):
        filled(byte)
    array = np.asarray(seen)
    assert array.tobytes() == b"\7" * array.nbytes
    assert _core.release_memory() == SIZE  # of the 200
    del array, seen  # in this order TensorFlow, too, lets go at once
    assert _core.release_memory() == SIZE


def test_tensors_stay_as_they_are():
    arrays = [filled(byte) for byte in range(40)]
    addresses = [x.ctypes.data for x in arrays]
    tensors = taken_by_tensorflow(arrays)
    assert [np.asarray(tensor).ctypes.data for tensor in tensors] == addresses  # not copied
    for byte in range(40, 240):
        filled(byte)
    for byte, tensor in enumerate(tensors):
        assert tensor.numpy().tobytes() == bytes([byte]) * SIZE


@pytest.mark.parametrize("offset", [0, 16, 32, 64])
def test_tensorflow_copies_what_does_not_start_at_a_multiple_of_64(offset):
    """Shown as in test_sequence.py, by writing to the array afterwards; where NumPy's own arrays start, it copies."""
    x = aligned((SIZE + 64,), np.uint8)[offset : offset + SIZE].view(np.float32).reshape(SHAPE)
    x[...] = 1
    (tensor,) = taken_by_tensorflow([x])
    x[...] = 2
    assert (tensor.numpy() == (2 if offset % 64 == 0 else 1)).all()


@pytest.mark.parametrize(
    ("count", "size", "kept"),
    [(3, LEAST - 1, 0), (3, LEAST, 3), (100, LEAST, PLACES), (20, 20 * 10**6, 13), (2, MOST, 1), (2, MOST + 1, 0)],
)
def test_the_list_is_capped(count, size, kept):
    batches = blocks(count, size)
    assert _core.release_memory() == 0
    del batches
    assert _core.release_memory() == kept * size


def test_a_full_list_makes_room_for_new_sizes():
    """A process whose batches have changed their size does not sit on the old ones for ever."""
    old, new = blocks(PLACES, MOST // PLACES), blocks(1, SIZE)
    address = new[0].ctypes.data
    del old, new
    assert blocks(1, SIZE)[0].ctypes.data == address
    assert _core.release_memory() == MOST - MOST // PLACES + SIZE


def test_impossible_sizes():
    for shape in [(2**61,), (2**30, 2**31), (2**80, 2)]:
        with pytest.raises(MemoryError, match=rf"Cannot allocate \d+ bytes for an array of shape \({shape[0]},"):
            aligned(shape, np.float32)
    for shape in [(-1,), (-2, -3), (2, -3)]:
        with pytest.raises(ValueError):
            aligned(shape, np.float32)
    with pytest.raises(ValueError):  # pointers that were never set
        aligned((3,), object)


def in_a_process(code):
    """What a new process prints; `memory("VmSize")` tells it how many bytes it has."""
    code = f"""
import re
from pathlib import Path
import numpy as np
def memory(name):
    return int(re.search(name + r":\\s*(\\d+) kB", Path("/proc/self/status").read_text())[1]) << 10
{code}"""
    result = subprocess.run([sys.executable, "-P", "-c", code], check=True, stdout=subprocess.PIPE, text=True)
    return result.stdout.split()


def test_waiting_memory_is_given_up_for_another_size():
    code = """
import resource
from seqaug.buffers import aligned
waiting = [aligned((20 << 20,), "u1") for _ in range(10)]
del waiting
resource.setrlimit(resource.RLIMIT_AS, (memory("VmSize") + (50 << 20),) * 2)
print(aligned((150 << 20,), "u1").nbytes)
try:
    aligned((300 << 20,), "u1")
except MemoryError:
    print("refused")
"""
    assert in_a_process(code) == [str(150 << 20), "refused"]


def test_arrays_are_pickled_and_copied():
    x = filled(7)
    for protocol in range(2, 6):
        assert pickle.loads(pickle.dumps(x, protocol)).tobytes() == x.tobytes()
    parts = []
    outside = pickle.dumps(x, 5, buffer_callback=parts.append)
    assert np.shares_memory(pickle.loads(outside, buffers=parts), x)
    assert copy.deepcopy(x).tobytes() == x.tobytes()


def use_memory(seed, rounds):
    """Makes and drops batches of two sizes, six at a time, and counts those that somebody else wrote to."""
    rng, held, spoilt = random.Random(seed), collections.deque(), 0
    for turn in range(rounds):
        x = aligned((LEAST * rng.randint(1, 2) // 4,), np.uint32)
        x[::512] = x[-1] = stamp = seed * rounds + turn
        held.append((x, stamp))
        while len(held) > rng.randrange(6):
            y, expected = held.popleft()
            spoilt += not (y[-1] == expected and (y[::512] == expected).all())
    return spoilt


def test_many_threads():
    results = []
    threads = [threading.Thread(target=lambda i=i: results.append(use_memory(i, 2000))) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [0] * 8
    assert _core.release_memory() <= PLACES * LEAST * 2


def in_a_fork(x):
    """Takes the free memory that the parent left, and writes to it and to the memory that both have."""
    taken = filled(9)
    x[...] = 0
    sys.exit(use_memory(99, 100) + (taken.tobytes() != b"\t" * SIZE))


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning", "ignore:.*fork.*:RuntimeWarning")
def test_forks():
    """While this thread and another one allocate and free, which no child may wait for."""
    over, spoilt = threading.Event(), []

    def work():
        while not over.is_set():
            spoilt.append(use_memory(1, 20))

    x, waiting = filled(7), filled(8)
    del waiting
    other, process = threading.Thread(target=work, daemon=True), multiprocessing.get_context("fork").Process
    other.start()
    children = [process(target=in_a_fork, args=(x,), daemon=True) for _ in range(20)]
    for child in children:
        child.start()
        assert use_memory(2, 20) == 0
    for child in children:
        child.join(timeout=60)
    over.set()
    other.join()
    assert [child.exitcode for child in children] == [0] * len(children)
    assert spoilt == [0] * len(spoilt)
    assert x.tobytes() == b"\7" * SIZE
    assert aligned((SIZE,), np.uint8).tobytes() == b"\b" * SIZE


def test_memory_stays_flat():
    """2,000 batches after a warm-up, of which ten are in flight: less growth than five batches take."""
    code = """
import collections
from seqaug import AugmentedSequence, RandomFlip, RandomRotation, Rescaling
images = np.random.default_rng(0).integers(0, 256, (300, 64, 64, 3), "u1")
sequence = AugmentedSequence(
    images, np.arange(300), augment=[RandomFlip(), RandomRotation(0.1), Rescaling(1 / 255)], seed=1, threads=2
)
in_flight = collections.deque(maxlen=10)
for number in range(2300):
    in_flight.append(sequence[number % len(sequence)])
    if number == 299:
        before = memory("VmRSS")
print(in_flight[0][0].nbytes, memory("VmRSS") - before)
"""
    batch, growth = map(int, in_a_process(code))
    assert batch == 32 * 64 * 64 * 3 * 4
    assert growth < 5 * batch
