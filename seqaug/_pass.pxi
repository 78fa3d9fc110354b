# The part of _core that runs the pipeline's passes.

cdef class _Pass:
    """What one call needs besides buffers: descriptions of the sources, and memory for those that are shrunk first."""

    cdef seqaug_image *images
    cdef float *memory

    def __cinit__(self, Py_ssize_t count):
        self.images = <seqaug_image *>calloc(count, sizeof(seqaug_image))
        if self.images == NULL:
            raise MemoryError

    def __dealloc__(self):
        free(self.images)
        free(self.memory)

    cdef int look_at(self, list sources, _Views views) except -1:
        """Describes sources that are arrays of their own."""
        cdef Py_ssize_t i
        cdef Py_buffer *before = NULL
        for i in range(len(sources)):
            self.images[i].dtype = self.images[0].dtype
            describe(views.hold(sources[i], 3, False), &self.images[i], False, before)
            before = &views.views[views.held - 1]
        return 0

    cdef int look_at_rows(self, source, const int64_t[::1] rows, _Views views) except -1:
        """Describes sources that are rows of one array."""
        cdef Py_buffer *view = views.hold(source, 4, False)
        cdef seqaug_image image
        cdef Py_ssize_t i
        describe(view, &image, False)
        for i in range(rows.shape[0]):
            if not 0 <= rows[i] < view.shape[0]:
                raise IndexError(f"Expected a row from 0 to {view.shape[0] - 1}. Received: {rows[i]}")
            self.images[i] = image
            self.images[i].data = <char *>view.buf + rows[i] * view.strides[0]
        return 0

    cdef int cut_out(self, const int64_t[:, ::1] windows) except -1:
        """Leaves of each source what its window shows: top, left, height and width."""
        cdef Py_ssize_t i
        cdef int axis
        cdef int64_t extent, start
        cdef seqaug_image *image
        for i in range(windows.shape[0]):
            image = &self.images[i]
            for axis in range(2):
                extent, start = windows[i, axis + 2], windows[i, axis]
                if not (1 <= extent <= image.shape[axis] and 0 <= start <= image.shape[axis] - extent):
                    raise ValueError("Expected windows within their sources, and not empty.")
                image.data = <char *>image.data + start * image.stride[axis]
                image.shape[axis] = extent
        return 0

    cdef int reserve(self, const int64_t[:, ::1] shrink, Py_ssize_t count) except -1:
        """Takes memory for the largest of the shrunk pictures, and for the way to it."""
        cdef seqaug_image small
        cdef Py_ssize_t i
        most = 0
        for i in range(count):
            if shrink[i, 0] > 0:
                small.shape[0], small.shape[1] = shrink[i, 0], shrink[i, 1]
                wanted = int(shrink[i, 0]) * shrink[i, 1] * self.images[i].shape[2]
                if min(small.shape[1], self.images[i].shape[0], self.images[i].shape[1], wanted) < 1:
                    raise ValueError("Expected extents of at least 1.")
                most = max(most, wanted + seqaug_shrink_space(&self.images[i], &small))
        if most:
            if most >= 2**60:
                raise MemoryError(f"Cannot allocate {4 * most} bytes.")
            self.memory = <float *>malloc(<size_t>(4 * most))
            if self.memory == NULL:
                raise MemoryError(f"Cannot allocate {4 * most} bytes.")
        return 0


cdef seqaug_status shrunk(seqaug_image *image, int64_t height, int64_t width, float *memory) noexcept nogil:
    """Makes a picture smaller; from then on it is the one in `memory`."""
    cdef seqaug_image small
    cdef seqaug_status status
    small.data = memory
    small.shape[0], small.shape[1], small.shape[2] = height, width, image.shape[2]
    small.stride[2] = sizeof(float)
    small.stride[1] = small.stride[2] * image.shape[2]
    small.stride[0] = small.stride[1] * width
    small.dtype = SEQAUG_f32
    status = seqaug_shrink(image, &small, memory + height * width * image.shape[2])
    if status == SEQAUG_OK:
        image[0] = small
    return status


def resample(sources, target, const double[:, ::1] matrices, const unsigned char[::1] orders, border, kinds,
             const double[:, :, :, ::1] colour, const double[:, ::1] fill, int fill_step,
             const int64_t[:, ::1] shrink, const int64_t[:, ::1] windows=None, const int64_t[::1] rows=None,
             const int64_t[:, :, ::1] holes=None, const double[:, :, ::1] hole_fill=None,
             const uint64_t[::1] hole_keys=None, int hole_step=0, const float[:, :, :, ::1] fields=None):
    """Runs one stage: source i, (h, w, c), into `target[i]`, (H, W, c), by row i of every other array.

    `sources` is a list of n arrays, or with `rows` an array (N, h, w, c) of which source i is row rows[i]; `windows` is
    (n, 4), the part of each that is there at all (top, left, height, width), or None for all. `matrices` is
    (n, 6) or, for perspective, (n, 9); `orders` are 0, 1 or 3; `kinds` names the steps of colour, and `colour` is (n, steps, STEP_ROWS, c), or None without any (see seqaug.h for both); `fill` is (n, c), what pixels
    outside are before step `fill_step`; `shrink` is (n, 2), the size to which a picture is brought first, 0 for none, or
    None. `holes` is (n, k, 4), what is overwritten (top, left, height and width), or None; then `hole_fill` is (n, 4, c),
    `hole_keys` is (n,), or None where there is no noise, and `hole_step` is a step of colour (see seqaug.h);
    `fields` is (n, 2, H, W), by how much further down and right each pixel is taken from, or None. The lock is released
    once for the whole batch.
    """
    cdef Py_ssize_t count = len(sources) if rows is None else rows.shape[0], i, k
    cdef _Views views = _Views(count + 1)
    cdef Py_buffer *out = views.hold(target, 4, True)
    cdef seqaug_image result
    cdef seqaug_pass how
    cdef int status = SEQAUG_OK
    cdef int[12] numbers
    cdef int numbers_in_matrix = matrices.shape[1]
    describe(out, &result, False)
    if not count == out.shape[0] == matrices.shape[0] == orders.shape[0] == fill.shape[0]:
        raise ValueError("Expected as many sources, matrices, orders and fills as the target has images.")
    if numbers_in_matrix not in (6, 9):
        raise ValueError("Expected six or nine numbers in a matrix.")
    if fill.shape[1] != result.shape[2]:
        raise ValueError("Expected one fill per channel.")
    how.steps, how.fill_step, how.kinds = len(kinds), fill_step, numbers
    if how.steps > SEQAUG_MOST_STEPS:
        raise ValueError(f"Expected at most {SEQAUG_MOST_STEPS} steps of colour. Received: {how.steps}")
    if how.steps and (colour is None or not (
        colour.shape[0] == count and colour.shape[1] == how.steps and colour.shape[2] == SEQAUG_STEP_ROWS
        and colour.shape[3] == fill.shape[1]
    )):
        raise ValueError("Expected six rows of one number per channel for each step of colour and image.")
    for i in range(how.steps):
        numbers[i] = _number(COLOURS, kinds[i])
    if shrink is not None and not (shrink.shape[0] == count and shrink.shape[1] == 2):
        raise ValueError("Expected a size for each image.")
    if windows is not None and not (windows.shape[0] == count and windows.shape[1] == 4):
        raise ValueError("Expected a window for each image.")
    if fields is not None and not (
        fields.shape[0] == count and fields.shape[1] == 2 and fields.shape[2] == result.shape[0]
        and fields.shape[3] == result.shape[1]
    ):
        raise ValueError("Expected two planes of the target's size for each image.")
    how.border = _number(BORDERS, border)
    cdef seqaug_erasing erasing
    how.erasing = NULL
    if holes is not None and holes.shape[1] > 0:
        if hole_fill is None or not (holes.shape[0] == hole_fill.shape[0] == count and holes.shape[2] == 4):
            raise ValueError("Expected holes, and what fills them, for each image.")
        if not (hole_fill.shape[1] == 4 and hole_fill.shape[2] == fill.shape[1]):
            raise ValueError("Expected four rows of one number per channel for what fills holes.")
        if hole_keys is not None and hole_keys.shape[0] != count:
            raise ValueError("Expected a key for each image.")
        erasing.count, erasing.step = holes.shape[1], hole_step
        erasing.key[0] = erasing.key[1] = 0
        how.erasing = &erasing
    if count == 0 or result.shape[2] == 0:
        return
    cdef _Pass held = _Pass(count)
    if rows is None:
        held.look_at(sources, views)
    else:
        held.look_at_rows(sources, rows, views)
    if windows is not None:
        held.cut_out(windows)
    if shrink is not None:
        held.reserve(shrink, count)
    cdef int64_t wanted = 0
    cdef Block tables = None
    for i in range(count if "equalize" in kinds else 0):
        how.colour = &colour[i, 0, 0, 0]
        wanted = max(wanted, seqaug_resample_space(&how, result.shape[2]))
    if wanted:
        tables = Block(8 * wanted)
    how.space = NULL if tables is None else <int64_t *>tables.memory
    with nogil:
        for i in range(count):
            how.matrix[6] = how.matrix[7] = 0.0
            how.matrix[8] = 1.0
            for k in range(numbers_in_matrix):
                how.matrix[k] = matrices[i, k]
            how.order = orders[i]
            how.colour = &colour[i, 0, 0, 0] if how.steps else NULL
            how.fill = &fill[i, 0]
            if how.erasing != NULL:
                erasing.holes, erasing.fill = &holes[i, 0, 0], &hole_fill[i, 0, 0]
                if hole_keys is not None:
                    erasing.key[0], erasing.key[1] = <uint32_t>hole_keys[i], <uint32_t>(hole_keys[i] >> 32)
            how.field = NULL
            if fields is not None:
                how.field = &fields[i, 0, 0, 0]
            result.data = <char *>out.buf + i * out.strides[0]
            if shrink is not None and shrink[i, 0] > 0:
                status = shrunk(&held.images[i], shrink[i, 0], shrink[i, 1], held.memory)
            if status == SEQAUG_OK:
                status = seqaug_resample(&held.images[i], &result, &how)
            if status != SEQAUG_OK:
                break
    check(status)


