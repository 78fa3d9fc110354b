# The part of _core that mixes the images of a batch.

def mix(sources, target, const int64_t[::1] own, const int64_t[::1] partners, const int64_t[:, ::1] boxes,
        const double[::1] weights, const int64_t[::1] rows=None):
    """`target[i]` becomes source own[i], mixed in boxes[i] (top, left, height, width) with source partners[i] of which
    there is 1 - weights[i].

    `sources` is a list of n arrays (h, w, c), or with `rows` an array (N, h, w, c) of which source i is row rows[i]; of
    bytes or floats. The lock is released once for all.
    """
    cdef Py_ssize_t count = len(sources) if rows is None else rows.shape[0], i
    cdef _Views views = _Views(count + 1)
    cdef Py_buffer *out = views.hold(target, 4, True)
    cdef seqaug_image result
    cdef int status = SEQAUG_OK
    describe(out, &result, False)
    if not out.shape[0] == own.shape[0] == partners.shape[0] == boxes.shape[0] == weights.shape[0]:
        raise ValueError("Expected as many sources, partners, boxes and weights as the target has images.")
    if boxes.shape[1] != 4:
        raise ValueError("Expected four numbers in a box.")
    for i in range(own.shape[0]):
        if not (0 <= own[i] < count and 0 <= partners[i] < count):
            raise IndexError(f"Expected sources from 0 to {count - 1}. Received: {own[i]}, {partners[i]}")
    if own.shape[0] == 0:
        return
    cdef _Pass held = _Pass(count)
    if rows is None:
        held.look_at(sources, views)
    else:
        held.look_at_rows(sources, rows, views)
    with nogil:
        for i in range(own.shape[0]):
            result.data = <char *>out.buf + i * out.strides[0]
            status = seqaug_mix(&held.images[own[i]], &held.images[partners[i]], &result, &boxes[i, 0], weights[i])
            if status != SEQAUG_OK:
                break
    check(status)
