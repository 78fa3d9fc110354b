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

/* What the values of an output row are multiplied with, moved by and cut to, for each of the registers of a pattern. */
typedef struct {
    wide_floats by[3], plus[3], least[3], most[3];
} SEQAUG_V(finish);

/* A register of an output row, from value `i` on: of lines, or straight from the two source rows. */
static inline wide_floats SEQAUG_V(blended)(const struct seqaug_lines *lines, int64_t i, int straight, int cuts,
                                            const SEQAUG_V(finish) *finish, int k)
{
    wide_floats above, below;
    if (straight) {
        const int64_t *at = lines->at + i / wide_taken;
        above = wide_as_floats(wide_taps(lines->from[0], at, lines->place + i, lines->weight + i));
        below = wide_as_floats(wide_taps(lines->from[1], at, lines->place + i, lines->weight + i));
    } else {
        above = wide_load(lines->above + i);
        below = wide_load(lines->below + i);
    }
    wide_floats v = SEQAUG_V(between)(above, below, wide_all(lines->down)) * finish->by[k] + finish->plus[k];
    return cuts ? wide_least(finish->most[k], wide_most(finish->least[k], v)) : v;
}

/* Adds to `sums` what three channels come to, if there are such; `registers`, `straight`, `cuts` and whether there are sums
 * are constants. */
static inline __attribute__((always_inline)) void SEQAUG_V(blend_by)(const struct seqaug_lines *lines, int64_t first,
                                                                     int size, int registers, int straight, int cuts,
                                                                     const SEQAUG_V(finish) *finish, double *sums,
                                                                     float *restrict out)
{
    int i = 0, full = (SEQAUG_EIGHTS(size)) / (registers * SEQAUG_WIDE) * (registers * SEQAUG_WIDE);
    wide_sums added = {0};
    for (; i < full; i += registers * SEQAUG_WIDE) {
        wide_floats v[3];
        for (int k = 0; k < registers; k++) {
            int64_t next = i + SEQAUG_WIDE * k;
            v[k] = SEQAUG_V(blended)(lines, first + next, straight, cuts, finish, k);
            wide_store(out + next, v[k]);
        }
        if (sums)
            wide_add(&added, v);
    }
    for (int k = 0; k < registers && i < size; k++, i += SEQAUG_WIDE) {
        wide_floats v = SEQAUG_V(blended)(lines, first + i, straight, cuts, finish, k);
        if (size - i > SEQAUG_WIDE - 8)
            wide_store(out + i, v);
        else
            wide_store_half(out + i, v);
    }
    if (sums) {
        __m256 eights[3] = {wide_sums_of(added, 0), wide_sums_of(added, 1), wide_sums_of(added, 2)};
        for (int k = 0; k < 3 && full < size; k++) /* eight pixels more */
            eights[k] = eights[k] + _mm256_loadu_ps(out + full + 8 * k);
        SEQAUG_V(add_eights)(eights[0], eights[1], eights[2], sums);
    }
}

/* The same for three channels, whose sums are those of chunks. */
static inline __attribute__((always_inline)) void SEQAUG_V(blend_threes)(const struct seqaug_lines *lines, int64_t first,
                                                                         int size, int straight,
                                                                         const SEQAUG_V(finish) *finish, double *sums,
                                                                         float *out)
{
    int most = 3 * SEQAUG_COLUMNS;
    for (int at = 0; sums && at < size; at += most)
        SEQAUG_V(blend_by)(lines, first + at, size - at < most ? size - at : most, 3, straight, 1, finish, sums, out + at);
    if (!sums)
        SEQAUG_V(blend_by)(lines, first, size, 3, straight, 1, finish, NULL, out);
}

/* `size` values of the output row from value `first` on, multiplied, moved, and cut if there is `low`; values of so many
 * `lanes`, of up to four, repeat. What is behind them, up to a whole eight, is written, too. Of three lanes and whole
 * eights of pixels, it adds up what they come to if there are `sums`. */
static void SEQAUG_V(blend_lines)(const struct seqaug_lines *lines, int64_t first, int size, int lanes,
                                  const float *scale, const float *offset, const float *low, const float *high,
                                  double *sums, float *out)
{
    SEQAUG_V(finish) finish;
    int registers = lanes == 3 ? 3 : 1;
    for (int k = 0; k < registers; k++) {
        finish.by[k] = wide_pattern(scale, 8 * registers, SEQAUG_WIDE * k);
        finish.plus[k] = wide_pattern(offset, 8 * registers, SEQAUG_WIDE * k);
        finish.least[k] = low ? wide_pattern(low, 8 * registers, SEQAUG_WIDE * k) : wide_all(-INFINITY);
        finish.most[k] = low ? wide_pattern(high, 8 * registers, SEQAUG_WIDE * k) : wide_all(INFINITY);
    }
    if (registers == 3 && lines->straight)
        SEQAUG_V(blend_threes)(lines, first, size, 1, &finish, sums, out);
    else if (registers == 3)
        SEQAUG_V(blend_threes)(lines, first, size, 0, &finish, sums, out);
    else if (lines->straight && low)
        SEQAUG_V(blend_by)(lines, first, size, 1, 1, 1, &finish, NULL, out);
    else if (lines->straight)
        SEQAUG_V(blend_by)(lines, first, size, 1, 1, 0, &finish, NULL, out);
    else
        SEQAUG_V(blend_by)(lines, first, size, 1, 0, 1, &finish, NULL, out);
}
