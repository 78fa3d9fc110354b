/* lines_wide.h: lines (see lines.h) in registers: the bits of sample_body.h. Part of a variant that has them (see cpu.h and
 * wide_avx2.h). */

/* A source row as a line. */
static void SEQAUG_V(make_line)(const struct seqaug_lines *lines, const char *from, float *line)
{
    const int64_t *at = lines->at;
    for (int i = 0; i < lines->values; i += SEQAUG_WIDE, at += SEQAUG_WIDE / wide_taken)
        wide_store(line + i, wide_as_floats(wide_taps(from, at, lines->place + i, lines->weight + i)));
}

/* Asks for a row of the source that will be needed soon: the memory's own reading ahead does not see over the columns
 * that are left out. */
static inline void SEQAUG_V(ask)(const struct seqaug_lines *lines, const char *from)
{
    for (int64_t at = lines->begin; at < lines->end; at += 64)
        SEQAUG_ASK(from + at);
}

/* Values of the output row, 2^15 times as large; see near_down. */
static inline wide_floats SEQAUG_V(between)(wide_floats above, wide_floats below, wide_floats down)
{
    return (above - below) * down - above;
}

/* `size` values of the output row from value `first` on, multiplied, moved, and cut if there is `low`; patterns of so
 * many values repeat. What is behind them, up to a whole eight, is written, too. */
static void SEQAUG_V(blend_lines)(const struct seqaug_lines *lines, int64_t first, int size, int pattern,
                                  const float *scale, const float *offset, const float *low, const float *high,
                                  float *out)
{
    const float *above = lines->above + first, *below = lines->below + first;
    wide_floats down = wide_all(lines->down), least = wide_all(-INFINITY), most = wide_all(INFINITY);
    int period = SEQAUG_V(period)(pattern);
    for (int k = 0; k < period; k += SEQAUG_WIDE) {
        wide_floats by = wide_pattern(scale, pattern, k), plus = wide_pattern(offset, pattern, k);
        least = low ? wide_pattern(low, pattern, k) : least;
        most = low ? wide_pattern(high, pattern, k) : most;
        int i = k;
        for (; i + SEQAUG_WIDE - 8 < size; i += period) {
            wide_floats v = SEQAUG_V(between)(wide_load(above + i), wide_load(below + i), down) * by + plus;
            wide_store(out + i, wide_least(most, wide_most(least, v)));
        }
        if (i < size) {
            wide_floats v = SEQAUG_V(between)(wide_load_half(above + i), wide_load_half(below + i), down) * by + plus;
            wide_store_half(out + i, wide_least(most, wide_most(least, v)));
        }
    }
}
