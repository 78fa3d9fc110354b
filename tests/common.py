"""Strategies and references that several test files share."""

import ctypes
import hashlib
import mmap
import os
import traceback
import warnings
from multiprocessing.pool import ThreadPool

import keras
import numpy as np
import scipy.ndimage
from hypothesis import strategies as st

from seqaug import _core

MODES = ("nearest", "reflect", "wrap", "constant")
DTYPES = ("?", "u1", "u2", "u4", "u8", "i1", "i2", "i4", "i8", "f4", "f8")


def _has(cpu):
    try:
        return _core.use_cpu(cpu) == cpu
    except ValueError:
        return False


CPUS = [cpu for cpu in ("baseline", "avx2", "avx512", "neon") if _has(cpu)]
_core.use_cpu(os.environ.get("SEQAUG_CPU"))


def every_cpu():
    """Takes all variants of the kernels that this machine has, one after the other, and then the one asked for."""
    try:
        for cpu in CPUS:
            yield _core.use_cpu(cpu)
    finally:
        _core.use_cpu(os.environ.get("SEQAUG_CPU"))


def scipy_affine(image, matrix, order, mode, cval, size=None):
    """SciPy's answer for an image (h, w, c) and a 2x3 pull matrix, channel by channel."""
    matrix = np.asarray(matrix, np.float64).reshape(2, 3)
    planes = [
        scipy.ndimage.affine_transform(
            image[:, :, k], matrix[:, :2], matrix[:, 2], output_shape=size, order=order, mode=mode, cval=cval
        )
        for k in range(image.shape[2])
    ]
    return np.stack(planes, axis=2)


def bits(array):
    """The bytes of an array, with one pattern for every NaN: which one an operation gives is the compiler's choice."""
    if array.dtype.kind == "f":
        array = np.where(np.isnan(array), np.nan, array).astype(array.dtype)
    return array.tobytes()


@st.composite
def pixels(draw, shape, dtype=None):
    """Arrays of a shape with values that are hard on rounding and saturation: small, extreme, halves, NaN."""
    dtype = np.dtype(draw(st.sampled_from(DTYPES)) if dtype is None else dtype)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    kind = draw(st.sampled_from(["ramp", "noise", "extreme", "constant"]))
    if dtype.kind == "f":
        base = rng.normal(size=shape) * draw(st.sampled_from([1e-30, 1.0, 255.0, 1e30]))
        base = np.arange(base.size).reshape(shape) / 2 if kind == "ramp" else base
        if kind == "extreme":
            odd = np.array([np.nan, np.inf, -np.inf, -0.0, 0.0])
            base = np.where(rng.random(shape) < 0.05, rng.choice(odd, shape), base)
        return base.astype(dtype)
    if dtype.kind == "b":
        return rng.random(shape) < 0.5
    info = np.iinfo(dtype)
    if kind == "ramp":
        return (np.arange(np.prod(shape)) % min(info.max, 200)).reshape(shape).astype(dtype)
    if kind == "constant":
        return np.full(shape, draw(st.sampled_from([info.min, info.max, 0, 1])), dtype)
    low, high = (info.min, info.max) if kind == "extreme" else (max(info.min, -100), 100)
    return rng.integers(low, high, shape, dtype, endpoint=True)


@st.composite
def laid_out(draw, array):
    """The same values in another memory layout: strided, reversed, transposed, read-only, big-endian."""
    layout = draw(
        st.sampled_from(["plain", "reversed", "padded", "transposed", "read-only", "swapped", "unaligned", "broadcast"])
    )
    if layout == "reversed":
        steps = [draw(st.sampled_from([1, -1])) for _ in array.shape]
        index = tuple(slice(None, None, step) for step in steps)
        return array[index].copy()[index]
    if layout == "padded":
        big = np.zeros(tuple(2 * n + 3 for n in array.shape), array.dtype)
        view = big[tuple(slice(2, 2 + 2 * n, 2) for n in array.shape)]
        view[...] = array
        return view
    if layout == "transposed":
        axes = draw(st.permutations(range(array.ndim)))
        return array.transpose(axes).copy().transpose(np.argsort(axes))
    if layout == "broadcast":  # one row, column or channel for all: its stride is 0
        axis = draw(st.integers(0, array.ndim - 1))
        return np.broadcast_to(array.take([0], axis), array.shape)
    if layout == "read-only":
        array = array.copy()
        array.flags.writeable = False
    if layout == "swapped":
        return array.astype(array.dtype.newbyteorder())
    if layout == "unaligned":
        memory = np.zeros(array.nbytes + 1, np.uint8)[1:]
        view = memory.view(array.dtype).reshape(array.shape)
        view[...] = array
        return view
    return array


def outcome(function, *args, **kwargs):
    """What a call gives: ("value", result), or ("error", type)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return "value", function(*args, **kwargs)
        except Exception as error:
            return "error", type(error)


def attempt(function, *args, **kwargs):
    """(result, None), or (None, message) of a ValueError."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", ".*is told that values go from")
        try:
            return function(*args, **kwargs), None
        except ValueError as error:
            return None, str(error)


def guarded(array, at_end=True):
    """A copy of an array that ends (or starts) at a page that may not be touched: one byte too far is a crash."""
    page = mmap.PAGESIZE
    pages = -(-max(array.nbytes, 1) // page) + 2
    memory = mmap.mmap(-1, pages * page)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    libc = ctypes.CDLL(None, use_errno=True)
    for guard in (0, pages - 1):
        if libc.mprotect(ctypes.c_void_p(start + guard * page), ctypes.c_size_t(page), 0) != 0:
            raise OSError(ctypes.get_errno(), "mprotect")
    offset = (pages - 1) * page - array.nbytes if at_end else page
    view = np.frombuffer(memory, np.uint8, array.nbytes, offset).view(array.dtype).reshape(array.shape)
    view[...] = array
    return view


def digest(batch):
    """What a batch (x, y) holds, to be compared."""
    x, y = batch
    return x.shape, x.tobytes(), y.tobytes()


def digests(sequence):
    """The batches of a Sequence's current epoch."""
    return [digest(sequence[i]) for i in range(len(sequence))]


class Batches(keras.utils.PyDataset):
    """A Sequence of given batches, or errors to raise, that notes what is asked of it."""

    def __init__(self, batches, batch_size=None, **arguments):
        super().__init__(**arguments)
        self.batches, self.hooks, self.asked = list(batches), [], []
        if batch_size is not None:
            self.batch_size = batch_size

    def __len__(self):
        return len(self.batches)

    def __getitem__(self, index):
        self.asked.append(int(index))
        if isinstance(self.batches[index], BaseException):
            raise self.batches[index]
        return self.batches[index]

    def on_epoch_begin(self):
        self.hooks.append("begin")

    def on_epoch_end(self):
        self.hooks.append("end")


def elementary(name, x, out=None):
    """One of the library's elementary functions: sine or cosine of whole turns, exp, log."""
    x = np.asarray(x, np.float64)
    out = np.empty_like(x) if out is None else out
    if name in ("exp", "log"):
        getattr(_core, name)(x, out)
    else:
        other = np.empty_like(x)
        _core.sincos(x, *((out, other) if name == "sine" else (other, out)))
    return out


def elementary_digests():
    """Hashes of the bits of the elementary functions over fixed arguments: zeros and infinities, bit patterns of every
    other kind of double, and numbers of the size that draws have. No argument depends on rounding.
    """
    special = np.array([0.0, -0.0, np.inf, -np.inf])
    patterns = np.arange(1, 50_001, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    fractions = (patterns >> np.uint64(11)).astype(np.float64) / 2.0**53
    signed = fractions - 0.5
    x = np.concatenate([special, patterns.view(np.float64), fractions, 4 * signed, 2048 * signed])
    return {
        name: hashlib.sha256(elementary(name, x).astype("<f8").tobytes()).hexdigest()
        for name in ("sine", "cosine", "exp", "log")
    }


def slack(plan):
    """By how many pixels an edge in image 0 may be off: each pass shifts it by half of its source's and of its own."""
    off = 0.01
    for stage in plan.stages:
        least = np.linalg.svd(stage.matrices[0, [0, 1, 3, 4]].reshape(2, 2), compute_uv=False)[1]
        off = (off + 0.5 + (stage.shrink is not None) / 2) / least + 0.5
    return off


def end_pools(error):
    """Ends the pools of threads that Keras leaves open where listing a folder raises: whichever test runs when such a
    pool is collected would get its warning.
    """
    for frame, _ in traceback.walk_tb(error.__traceback__):
        pool = frame.f_locals.get("pool")
        if isinstance(pool, ThreadPool):
            pool.terminate()
