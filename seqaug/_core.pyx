# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: freethreading_compatible=True, auto_pickle=False, autotestdict=False
"""The binding to the native library: validate, take pointers, release the lock, raise.

Kernels run without the interpreter lock and keep no state, so any number of threads may call them at once. Pixels come
and go through the buffer protocol: strided and read-only sources are taken as they are, and NumPy is not needed to
build. Callers pass arrays of native byte order, aligned to their element size; targets must not overlap sources.
"""

from cpython.buffer cimport PyBUF_FORMAT, PyBUF_STRIDES, PyBUF_WRITABLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int64_t, uint32_t, uint64_t
from libc.stdlib cimport calloc, free, malloc
from libc.string cimport strchr, strcmp

cdef extern from "seqaug.h" nogil:
    ctypedef enum seqaug_status:
        SEQAUG_OK, SEQAUG_BAD_SHAPE, SEQAUG_BAD_MATRIX, SEQAUG_BAD_TYPE, SEQAUG_BAD_NUMBER
    int SEQAUG_bool, SEQAUG_u8, SEQAUG_u16, SEQAUG_u32, SEQAUG_u64
    int SEQAUG_i8, SEQAUG_i16, SEQAUG_i32, SEQAUG_i64, SEQAUG_f32, SEQAUG_f64
    ctypedef struct seqaug_image:
        void *data
        int64_t shape[3]
        int64_t stride[3]
        int dtype
    ctypedef struct seqaug_affine:
        double matrix[6]
        int order
        int border
        const double *fill
    ctypedef struct seqaug_erasing:
        int64_t count
        const int64_t *holes
        const double *fill
        uint32_t key[2]
        int step
    ctypedef struct seqaug_pass:
        double matrix[9]
        int order
        int border
        int steps
        const int *kinds
        const double *colour
        const double *fill
        int fill_step
        int64_t *space
        const seqaug_erasing *erasing
        const float *field
    int SEQAUG_STEP_ROWS, SEQAUG_MOST_STEPS, SEQAUG_MOST_BINS
    seqaug_status seqaug_affine_exact(const seqaug_image *, const seqaug_image *, const seqaug_affine *, double *)
    int64_t seqaug_affine_space(const seqaug_image *, const seqaug_affine *)
    seqaug_status seqaug_resample(const seqaug_image *, const seqaug_image *, const seqaug_pass *)
    int64_t seqaug_resample_space(const seqaug_pass *, int64_t)
    seqaug_status seqaug_shrink(const seqaug_image *, const seqaug_image *, float *)
    int64_t seqaug_shrink_space(const seqaug_image *, const seqaug_image *)
    seqaug_status seqaug_mix(const seqaug_image *, const seqaug_image *, const seqaug_image *, const int64_t *, double)
    seqaug_status seqaug_flip(const seqaug_image *, const seqaug_image *, int64_t, int, int)
    void seqaug_shift(const float *, int64_t, float, float, float, float *)
    void seqaug_look_up(const float *, int64_t, const float *, const float *, int64_t, float *)
    seqaug_status seqaug_blur(const float *, const int64_t *, const int64_t *, const double *, const float *, float *,
                              float *)
    int64_t seqaug_blur_space(const int64_t *, const int64_t *)
    seqaug_status seqaug_sharpen(const void *, int, const int64_t *, float, const float *, float *, float *)
    int64_t seqaug_sharpen_space(const int64_t *)
    seqaug_status seqaug_clahe(const float *, const int64_t *, const int64_t *, double, const float *, float *, float *)
    int64_t seqaug_clahe_space(const int64_t *, const int64_t *)
    void seqaug_noise(const uint32_t *, uint32_t, int64_t, float *)
    seqaug_status seqaug_elastic(const uint32_t *, const int64_t *, double, double, float *, float *)
    int64_t seqaug_elastic_space(const int64_t *, double)
    void seqaug_displace(const float *, const int64_t *, const double *, int64_t, double *)
    void seqaug_bits(uint64_t, uint32_t, uint32_t, const uint32_t *, int64_t, uint32_t, uint32_t, uint32_t *)
    void seqaug_uniforms(uint64_t, uint32_t, uint32_t, const uint32_t *, int64_t, uint32_t, uint32_t, double *)
    void seqaug_sincos_turns(const double *, int64_t, double *, double *)
    void seqaug_compose(const double *, const double *, int64_t, double *)
    void seqaug_compose_projective(const double *, const double *, int64_t, double *)
    void seqaug_random_windows(const double *, int64_t, const double *, const double *, int64_t, const double *,
                               const double *, double *)
    void seqaug_narrow(double *, const double *, const double *, int64_t, double *)
    int64_t seqaug_reduce(double *, const double *, int64_t, double, int64_t *)
    void seqaug_exp(const double *, int64_t, double *)
    void seqaug_log(const double *, int64_t, double *)
    const char *seqaug_use_cpu(const char *)

include "_memory.pxi"
include "_map.pxi"

# In the order of seqaug_border, and of seqaug_colour.
BORDERS = ("nearest", "reflect", "wrap", "constant", "frame")
COLOURS = (
    "linear", "mix", "saturation", "hue", "posterize", "solarize", "power", "stretch", "equalize", "noise",
)
STEP_ROWS = SEQAUG_STEP_ROWS
MOST_STEPS = SEQAUG_MOST_STEPS
MOST_BINS = SEQAUG_MOST_BINS

_DTYPES = {
    "?1": SEQAUG_bool, "u1": SEQAUG_u8, "u2": SEQAUG_u16, "u4": SEQAUG_u32, "u8": SEQAUG_u64,
    "i1": SEQAUG_i8, "i2": SEQAUG_i16, "i4": SEQAUG_i32, "i8": SEQAUG_i64, "f4": SEQAUG_f32, "f8": SEQAUG_f64,
}
_KINDS = {**dict.fromkeys("BHILQ", "u"), **dict.fromkeys("bhilq", "i"), "?": "?", "f": "f", "d": "f"}
_PROBLEMS = {
    SEQAUG_BAD_SHAPE: "an extent is 0 or beyond 2**31 - 1, or shapes that must agree differ",
    SEQAUG_BAD_MATRIX: "the transform is not finite, or sends pixels 2**52 pixels away or further",
    SEQAUG_BAD_TYPE: "a type, order, border or step of colour that is unknown or not taken here",
    SEQAUG_BAD_NUMBER: "a number of the filter's that is not finite or out of range",
}


cdef class _Views:
    """Buffers held for the length of a call, and released with it."""

    cdef Py_buffer *views
    cdef Py_ssize_t held

    def __cinit__(self, Py_ssize_t capacity):
        self.held = 0
        self.views = <Py_buffer *>calloc(max(capacity, 1), sizeof(Py_buffer))
        if self.views == NULL:
            raise MemoryError

    def __dealloc__(self):
        cdef Py_ssize_t i
        for i in range(self.held):
            PyBuffer_Release(&self.views[i])
        free(self.views)

    cdef Py_buffer *hold(self, object array, int ndim, bint writable) except NULL:
        """Takes the array's buffer and checks its rank."""
        cdef Py_buffer *view = &self.views[self.held]
        PyObject_GetBuffer(array, view, PyBUF_STRIDES | PyBUF_FORMAT | (PyBUF_WRITABLE if writable else 0))
        self.held += 1
        if view.ndim != ndim:
            raise ValueError(f"Expected an array of rank {ndim}. Received: rank {view.ndim}")
        if view.itemsize < 1 or (view.format != NULL and strchr(view.format, 79) != NULL):  # "O"
            raise TypeError("Expected elements of at least a byte, and no Python objects.")
        return view


cdef int describe(const Py_buffer *view, seqaug_image *image, bint any_type, const Py_buffer *like=NULL) except -1:
    """Fills in an image from the last three axes of a buffer; of the type it has already if that of `like` is its own."""
    cdef int axis, skip = view.ndim - 3
    image.data = view.buf
    for axis in range(3):
        image.shape[axis] = view.shape[skip + axis]
        image.stride[axis] = view.strides[skip + axis]
    if any_type:
        return 0
    if <size_t>view.buf % view.itemsize:
        raise ValueError("Expected an array aligned to its element size.")
    for axis in range(view.ndim):
        if view.shape[axis] > 1 and view.strides[axis] % view.itemsize:
            raise ValueError("Expected strides that are multiples of the element size.")
    if like != NULL and like.itemsize == view.itemsize and like.format != NULL and view.format != NULL:
        if strcmp(like.format, view.format) == 0:
            return 0  # looking a type up takes as long as a small image
    text = view.format.decode() if view.format != NULL else "B"
    dtype = _DTYPES.get(_KINDS.get(text.lstrip("@="), "") + str(view.itemsize))
    if dtype is None:
        raise TypeError(f"Expected booleans, integers, float32 or float64 in native byte order. Received: {text!r}")
    image.dtype = dtype
    return 0


def _number(names, name):
    """The place of a name among those that the library knows."""
    try:
        return names.index(name)
    except ValueError:
        raise ValueError(f"Expected one of {names}. Received: {name!r}") from None


cdef int check(int status) except -1:
    if status != SEQAUG_OK:
        raise ValueError(f"Cannot transform this image: {_PROBLEMS[status]}.")
    return 0


def use_cpu(name=None):
    """Chooses the kernels' variant ("baseline", "avx2", "avx512" or "neon"; None: the best here) and returns its name."""
    wanted = (name or "").encode()
    cdef const char *chosen = seqaug_use_cpu(wanted)
    if chosen == NULL:
        raise ValueError(
            f"No kernels for this CPU: expected 'baseline', 'avx2', 'avx512' or 'neon' (where it has it). Received: {name!r}"
        )
    return chosen.decode()


def affine(source, target, const double[::1] matrix, int order, border, const double[::1] fill):
    """The exact kernel: `source` (h, w, c) through the six numbers of a 2x3 pull matrix into `target` (H, W, c)."""
    cdef _Views views = _Views(2)
    cdef seqaug_image image, result
    cdef seqaug_affine how
    cdef int status, i
    describe(views.hold(source, 3, False), &image, False)
    describe(views.hold(target, 3, True), &result, False)
    if matrix.shape[0] != 6 or fill.shape[0] != image.shape[2]:
        raise ValueError("Expected six matrix elements and one fill per channel.")
    for i in range(6):
        how.matrix[i] = matrix[i]
    how.order, how.border = order, _number(BORDERS, border)
    how.fill = &fill[0] if fill.shape[0] else NULL
    cdef int64_t numbers = seqaug_affine_space(&image, &how)
    if numbers > 2**59:
        raise MemoryError(f"Cannot allocate {8 * int(numbers)} bytes.")
    cdef Block space = Block(8 * numbers) if numbers else None
    cdef double *memory = NULL if space is None else <double *>space.memory
    with nogil:
        status = seqaug_affine_exact(&image, &result, &how, memory)
    check(status)


def flip(source, target, bint horizontal, bint vertical):
    """Copies `source` (h, w, c) into `target`, mirrored left to right and/or top to bottom; any element type."""
    cdef _Views views = _Views(2)
    cdef seqaug_image image, result
    cdef Py_buffer *view = views.hold(source, 3, False)
    cdef Py_buffer *out = views.hold(target, 3, True)
    cdef int status
    if view.itemsize != out.itemsize:
        raise ValueError("Expected a source and a target of one element size.")
    describe(view, &image, True)
    describe(out, &result, True)
    with nogil:
        status = seqaug_flip(&image, &result, view.itemsize, horizontal, vertical)
    check(status)


include "_pass.pxi"
include "_mix.pxi"
include "_tones.pxi"
include "_draws.pxi"
include "_filters.pxi"
