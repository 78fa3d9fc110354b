# The part of _core that changes values by themselves. Arrays are flat, C-contiguous and float32.

def shift(const float[::1] source, float amount, float low, float high, float[::1] target):
    """target = source + amount, cut to low .. high; the two may be one."""
    cdef int64_t count = source.shape[0]
    if target.shape[0] != count:
        raise ValueError("Expected a source and a target of one size.")
    if count:
        with nogil:
            seqaug_shift(&source[0], count, amount, low, high, &target[0])


def look_up(const float[::1] source, const float[:, ::1] tables, float low, float extent, bint scaled,
            float[::1] target):
    """Replaces each value by that of its byte in a table, one of (c, 256) in turn; scaled, by that of
    (value - low) / extent * 255. The two arrays may be one."""
    cdef int64_t count = source.shape[0], channels = tables.shape[0]
    cdef float[2] range
    if target.shape[0] != count or not 1 <= channels <= 256 or tables.shape[1] != 256:
        raise ValueError("Expected a source and a target of one size, and tables of 256 values.")
    range[0], range[1] = low, extent
    if count:
        with nogil:
            seqaug_look_up(&source[0], count, range if scaled else NULL, &tables[0, 0], channels, &target[0])
