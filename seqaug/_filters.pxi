# The part of _core that looks at neighbours: packed float32 pictures (h, w, c), or bytes where it says so, into others of
# the same shape. Memory that a kernel needs is taken for the call. `low` and `high` are what values are cut to at last.

cdef Block room(numbers):
    """Memory for so many floats."""
    if numbers > 2**59:
        raise MemoryError(f"Cannot allocate {4 * numbers} bytes.")
    return Block(4 * numbers)


cdef int match(const Py_ssize_t *source, const Py_ssize_t *target, int64_t *shape) except -1:
    """Takes the shape of two pictures, which must be one and not empty."""
    cdef int axis
    for axis in range(3):
        shape[axis] = source[axis]
        if not 0 < shape[axis] == target[axis]:
            raise ValueError("Expected a source and a target of one shape, and not empty.")
    return 0


cdef int alike(const float[:, :, ::1] source, float[:, :, ::1] target, int64_t *shape) except -1:
    return match(&source.shape[0], &target.shape[0], shape)


def blur(const float[:, :, ::1] source, float[:, :, ::1] target, size, sigma, float low, float high):
    """Gaussian blur: `size` has the kernel's height and width, `sigma` its deviations along both."""
    cdef int64_t[3] shape
    cdef int64_t[2] sizes
    cdef double[2] sigmas
    cdef float[2] limits
    cdef int status
    alike(source, target, shape)
    (sizes[0], sizes[1]), (sigmas[0], sigmas[1]) = size, sigma
    limits[0], limits[1] = low, high
    if min(size) < 1:
        raise ValueError("Expected sizes of at least 1.")
    cdef Block space = room(seqaug_blur_space(shape, sizes))
    with nogil:
        status = seqaug_blur(&source[0, 0, 0], shape, sizes, sigmas, limits, <float *>space.memory, &target[0, 0, 0])
    check(status)


def sharpen(source, float[:, :, ::1] target, float strength, float low, float high):
    """Smooths (a strength from 0 to 1) or sharpens (from 1 on) floats or bytes."""
    cdef int64_t[3] shape
    cdef float[2] limits
    cdef int status, is_bytes = source.itemsize == 1
    cdef const float[:, :, ::1] floats
    cdef const unsigned char[:, :, ::1] values
    cdef const void *start
    if is_bytes:
        values = source
        match(&values.shape[0], &target.shape[0], shape)
        start = &values[0, 0, 0]
    else:
        floats = source
        alike(floats, target, shape)
        start = &floats[0, 0, 0]
    limits[0], limits[1] = low, high
    cdef Block space = room(seqaug_sharpen_space(shape))
    with nogil:
        status = seqaug_sharpen(start, is_bytes, shape, strength, limits, <float *>space.memory, &target[0, 0, 0])
    check(status)


def clahe(const float[:, :, ::1] source, float[:, :, ::1] target, grid, double limit, float low, float high):
    """Contrast limited adaptive histogram equalization of values from `low` to `high`, in `grid` (down, across) tiles."""
    cdef int64_t[3] shape
    cdef int64_t[2] tiles
    cdef float[2] limits
    cdef int status
    alike(source, target, shape)
    tiles[0], tiles[1] = grid
    limits[0], limits[1] = low, high
    if min(grid) < 1:
        raise ValueError("Expected at least one tile.")
    cdef Block space = room(seqaug_clahe_space(shape, tiles))
    with nogil:
        status = seqaug_clahe(&source[0, 0, 0], shape, tiles, limit, limits, <float *>space.memory, &target[0, 0, 0])
    check(status)


def noise(uint64_t key, uint32_t part, float[::1] target):
    """Fills an array with normal noise."""
    cdef uint32_t[2] words
    words[0], words[1] = <uint32_t>key, <uint32_t>(key >> 32)
    if target.shape[0]:
        with nogil:
            seqaug_noise(words, part, target.shape[0], &target[0])


def elastic(uint64_t key, double alpha, double sigma, float[:, :, ::1] field):
    """Fills a field (2, h, w) with the displacements of an elastic transformation, down and to the right."""
    cdef int64_t[2] shape
    cdef uint32_t[2] words
    cdef int status
    words[0], words[1] = <uint32_t>key, <uint32_t>(key >> 32)
    shape[0], shape[1] = field.shape[1], field.shape[2]
    if field.shape[0] != 2 or min(shape[0], shape[1]) < 1:
        raise ValueError("Expected a field of two planes, and not empty.")
    cdef Block space = room(seqaug_elastic_space(shape, sigma))
    with nogil:
        status = seqaug_elastic(words, shape, alpha, sigma, <float *>space.memory, &field[0, 0, 0])
    check(status)


def displace(const float[:, :, ::1] field, const double[:, ::1] points, double[:, ::1] out):
    """Points (y, x) of a picture to where they are when it has been taken through a field (2, h, w)."""
    cdef int64_t[2] shape
    shape[0], shape[1] = field.shape[1], field.shape[2]
    if field.shape[0] != 2 or min(shape[0], shape[1]) < 1 or points.shape[0] != out.shape[0] or not (
        points.shape[1] == out.shape[1] == 2
    ):
        raise ValueError("Expected a field of two planes, and two numbers in each of as many rows.")
    if points.shape[0]:
        with nogil:
            seqaug_displace(&field[0, 0, 0], shape, &points[0, 0], points.shape[0], &out[0, 0])
