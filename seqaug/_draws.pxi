# The part of _core that draws need: keyed bits, elementary functions and maps.

def bits(uint64_t key, uint32_t slot, uint32_t epoch, const uint32_t[::1] ids, uint32_t first, uint32_t[:, ::1] words):
    """Fills row i of `words` with the Philox blocks first, first + 1, … of counter (block, slot, ids[i], epoch)."""
    if words.shape[0] != ids.shape[0] or words.shape[1] % 4:
        raise ValueError("Expected a row of whole blocks per id.")
    if ids.shape[0] == 0 or words.shape[1] == 0:
        return
    with nogil:
        seqaug_bits(key, slot, epoch, &ids[0], ids.shape[0], first, words.shape[1] // 4, &words[0, 0])


def uniforms(uint64_t key, uint32_t slot, uint32_t epoch, const uint32_t[::1] ids, uint32_t first, double[:, ::1] out):
    """Fills row i of `out` with the numbers first, first + 1, … of sample ids[i], in [0, 1)."""
    if out.shape[0] != ids.shape[0]:
        raise ValueError("Expected a row per id.")
    if ids.shape[0] == 0 or out.shape[1] == 0:
        return
    with nogil:
        seqaug_uniforms(key, slot, epoch, &ids[0], ids.shape[0], first, out.shape[1], &out[0, 0])


def sincos(const double[::1] turns, double[::1] sine, double[::1] cosine):
    """Sine and cosine of angles in whole turns, by the library's own arithmetic."""
    if not turns.shape[0] == sine.shape[0] == cosine.shape[0]:
        raise ValueError("Expected arrays of one length.")
    if turns.shape[0]:
        seqaug_sincos_turns(&turns[0], turns.shape[0], &sine[0], &cosine[0])


def exp(const double[::1] x, double[::1] out):
    """Fills `out` with e to the power of each element of `x`, by the library's own arithmetic."""
    if x.shape[0] != out.shape[0]:
        raise ValueError("Expected arrays of one length.")
    if x.shape[0]:
        seqaug_exp(&x[0], x.shape[0], &out[0])


def log(const double[::1] x, double[::1] out):
    """Fills `out` with the natural logarithm of each element of `x`, by the library's own arithmetic."""
    if x.shape[0] != out.shape[0]:
        raise ValueError("Expected arrays of one length.")
    if x.shape[0]:
        seqaug_log(&x[0], x.shape[0], &out[0])


def compose(const double[:, ::1] outer, const double[:, ::1] inner, double[:, ::1] out):
    """Fills row i of `out` with the map p -> outer[i](inner[i](p)): six numbers each, or nine for perspective."""
    if not outer.shape[0] == inner.shape[0] == out.shape[0]:
        raise ValueError("Expected arrays of one length.")
    if not (outer.shape[1] == inner.shape[1] == out.shape[1] and outer.shape[1] in (6, 9)):
        raise ValueError("Expected six or nine numbers in each map.")
    if outer.shape[0] == 0:
        return
    if outer.shape[1] == 6:
        seqaug_compose(&outer[0, 0], &inner[0, 0], outer.shape[0], &out[0, 0])
    else:
        seqaug_compose_projective(&outer[0, 0], &inner[0, 0], outer.shape[0], &out[0, 0])


def random_windows(const double[:, ::1] numbers, const double[::1] heights, const double[::1] widths, scale, ratio,
                   double[:, ::1] out):
    """Fills row i of `out` with the window (top, left, height, width) of a random crop of heights[i] x widths[i].

    Args:
        numbers: Of each picture, in [0, 1): for the place down and to the right, then for area and ratio, try by try.
        heights: Of the pictures.
        widths: Likewise.
        scale: (least, most) of the picture's area.
        ratio: (least, most) of the window's width by its height.
        out: `(n, 4)`.
    """
    cdef double[2] of_area = scale, of_height = ratio
    if not numbers.shape[0] == heights.shape[0] == widths.shape[0] == out.shape[0]:
        raise ValueError("Expected arrays of one length.")
    if out.shape[1] != 4 or numbers.shape[1] < 2 or numbers.shape[1] % 2:
        raise ValueError("Expected four numbers in each window, and two for its place and for each try.")
    if out.shape[0]:
        seqaug_random_windows(&numbers[0, 0], numbers.shape[1] // 2 - 1, &heights[0], &widths[0], out.shape[0], of_area,
                              of_height, &out[0, 0])


def narrow(double[:, ::1] maps, const double[::1] heights, const double[::1] widths, double[:, ::1] windows):
    """Makes windows what maps of outputs of these sizes show of them, where it is upright and of whole pixels."""
    if not maps.shape[0] == heights.shape[0] == widths.shape[0] == windows.shape[0]:
        raise ValueError("Expected arrays of one length.")
    if maps.shape[1] != 6 or windows.shape[1] != 4:
        raise ValueError("Expected six numbers in each map and four in each window.")
    if maps.shape[0]:
        seqaug_narrow(&maps[0, 0], &heights[0], &widths[0], maps.shape[0], &windows[0, 0])


def reduce(double[:, ::1] maps, const double[:, ::1] windows, double least, int64_t[:, ::1] sizes):
    """Fills `sizes` with those that windows come to first where maps shrink them by more than `least`, and with zeros for
    others; the maps are from there then. Returns how many there are.
    """
    if not maps.shape[0] == windows.shape[0] == sizes.shape[0]:
        raise ValueError("Expected arrays of one length.")
    if maps.shape[1] != 6 or windows.shape[1] != 4 or sizes.shape[1] != 2:
        raise ValueError("Expected six numbers in each map, four in each window and two in each size.")
    return seqaug_reduce(&maps[0, 0], &windows[0, 0], maps.shape[0], least, &sizes[0, 0]) if maps.shape[0] else 0
