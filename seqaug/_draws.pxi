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
