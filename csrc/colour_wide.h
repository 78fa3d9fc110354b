/* colour_wide.h: what goes through a chunk as registers of floats: the bits of colour_body.h and planes_body.h. Part of a
 * variant that has them (see cpu.h and wide_avx2.h). Chunks are whole patterns of eight pixels, of which a register may
 * have room for two.
 */

/* Bytes to floats. */
static inline void SEQAUG_V(widen_bytes)(const char *from, int count, float *to)
{
    int i = 0;
    for (; i + SEQAUG_WIDE <= count; i += SEQAUG_WIDE)
        wide_store(to + i, wide_of_bytes((const uint8_t *)from + i));
    for (; i < count; i++)
        to[i] = (float)(uint8_t)from[i];
}

/* After how many values a pattern begins a register again. */
static inline int SEQAUG_V(period)(int pattern)
{
    return pattern % SEQAUG_WIDE == 0 ? pattern : SEQAUG_WIDE / 8 * pattern;
}

/* A step that scales, for whole eights: registers of a pattern after each other, so that what they are multiplied with
 * stays in others. */
static void SEQAUG_V(scale_wide)(const seqaug_step *step, int pattern, int size, const float *from, float *to)
{
    int period = SEQAUG_V(period)(pattern);
    for (int k = 0; k < period; k += SEQAUG_WIDE) {
        wide_floats scale = wide_pattern(step->scale, pattern, k), offset = wide_pattern(step->offset, pattern, k);
        int at = k;
        for (; at + SEQAUG_WIDE <= size; at += period)
            wide_store(to + at, wide_load(from + at) * scale + offset);
        if (at < size)
            wide_store_half(to + at, wide_load_half(from + at) * scale + offset);
    }
}

/* A step that scales and cuts; a NaN stays one, being the second of two. */
static void SEQAUG_V(scale_and_cut_wide)(const seqaug_step *step, int pattern, int size, const float *from, float *to)
{
    int period = SEQAUG_V(period)(pattern);
    for (int k = 0; k < period; k += SEQAUG_WIDE) {
        wide_floats scale = wide_pattern(step->scale, pattern, k), offset = wide_pattern(step->offset, pattern, k);
        wide_floats low = wide_pattern(step->low, pattern, k), high = wide_pattern(step->high, pattern, k);
        int at = k;
        for (; at + SEQAUG_WIDE <= size; at += period)
            wide_store(to + at, wide_least(high, wide_most(low, wide_load(from + at) * scale + offset)));
        if (at < size)
            wide_store_half(to + at, wide_least(high, wide_most(low, wide_load_half(from + at) * scale + offset)));
    }
}

static void SEQAUG_V(cut_wide)(const seqaug_step *step, int pattern, int size, float *chunk)
{
    int period = SEQAUG_V(period)(pattern);
    for (int k = 0; k < period; k += SEQAUG_WIDE) {
        wide_floats low = wide_pattern(step->low, pattern, k), high = wide_pattern(step->high, pattern, k);
        int at = k;
        for (; at + SEQAUG_WIDE <= size; at += period)
            wide_store(chunk + at, wide_least(high, wide_most(low, wide_load(chunk + at))));
        if (at < size)
            wide_store_half(chunk + at, wide_least(high, wide_most(low, wide_load_half(chunk + at))));
    }
}

/* One channel of a mix, by its six numbers. */
static inline wide_floats SEQAUG_V(mixed)(const wide_floats row[6], const wide_floats plane[3])
{
    wide_floats sum = ((plane[0] * row[0] + plane[1] * row[1]) + plane[2] * row[2]) + row[3];
    return wide_least(row[5], wide_most(row[4], sum));
}

static inline void SEQAUG_V(rows_of)(const seqaug_step *step, wide_floats row[3][6])
{
    for (int c = 0; c < 3; c++)
        for (int k = 0; k < 6; k++)
            row[c][k] = wide_repeated(step->three[c][k]);
}

/* The largest of three, and by how much the least is less; a NaN goes where it goes in planes_body.h. */
static inline wide_floats SEQAUG_V(value_of)(const wide_floats plane[3], wide_floats *range)
{
    wide_floats value = wide_most(wide_most(plane[0], plane[1]), plane[2]);
    *range = value - wide_least(wide_least(plane[0], plane[1]), plane[2]);
    return value;
}

/* See `saturate`. */
static inline void SEQAUG_V(saturate_wide)(const float (*numbers)[8], wide_floats plane[3])
{
    const wide_floats zero = wide_all(0.0f);
    wide_floats range, value = SEQAUG_V(value_of)(plane, &range);
    wide_floats most = wide_repeated(numbers[5]) * value, least = wide_repeated(numbers[4]) * value;
    wide_floats wanted = wide_most(wide_least(range * wide_repeated(numbers[0]), most), least);
    wide_floats by = wanted / wide_pick(wide_above(range, zero), range, wide_all(1.0f));
    by = wide_only(wide_above(value, zero), by);
    for (int c = 0; c < 3; c++)
        plane[c] = value - (value - plane[c]) * by;
}

/* See `turn_hue`; to add zero here and there makes zeros of -0, of which nothing is seen. */
static inline void SEQAUG_V(turn_hue_wide)(const float (*numbers)[8], wide_floats plane[3])
{
    const wide_floats zero = wide_all(0.0f);
    wide_floats r = plane[0], g = plane[1], b = plane[2], range, value = SEQAUG_V(value_of)(plane, &range);
    wide_floats twice = wide_all(2.0f) * range, thrice = wide_all(3.0f) * range;
    wide_floats fourfold = wide_all(4.0f) * range, all = wide_all(6.0f) * range;
    wide_floats hue = wide_pick(wide_is(g, value), (b - r) + twice, (r - g) + fourfold);
    hue = wide_pick(wide_is(r, value), g - b, hue) + (wide_repeated(numbers[0]) * wide_all(6.0f)) * range;
    hue = hue + wide_only(wide_below(hue, zero), all);
    hue = hue + wide_only(wide_below(hue, zero), all);
    hue = hue - wide_only(wide_from(hue, all), all);
    wide_floats away[3] = {wide_size(hue - thrice) - range, twice - wide_size(hue - twice), twice - wide_size(hue - fourfold)};
    for (int c = 0; c < 3; c++)
        plane[c] = (value - range) + wide_least(wide_most(away[c], zero), range);
}

/* A step, of this kind, for `groups` of registers: with constants for these two, no more than is needed. */
static inline __attribute__((always_inline)) void SEQAUG_V(step_wide)(const seqaug_step *step, int kind, int groups,
                                                                      wide_floats (*plane)[3])
{
    const float(*three)[6][8] = step->three;
    for (int i = 0; i < groups; i++) {
        if (kind == SEQAUG_MIX) {
            wide_floats row[3][6];
            SEQAUG_V(rows_of)(step, row);
            wide_floats red = SEQAUG_V(mixed)(row[0], plane[i]), green = SEQAUG_V(mixed)(row[1], plane[i]);
            plane[i][2] = SEQAUG_V(mixed)(row[2], plane[i]);
            plane[i][0] = red;
            plane[i][1] = green;
        } else if (kind == SEQAUG_SATURATION) {
            SEQAUG_V(saturate_wide)(three[0], plane[i]);
        } else if (kind == SEQAUG_HUE) {
            SEQAUG_V(turn_hue_wide)(three[0], plane[i]);
        } else {
            for (int c = 0; c < 3; c++)
                plane[i][c] = plane[i][c] * wide_repeated(three[c][0]) + wide_repeated(three[c][3]);
        }
    }
    if (step->clips && (kind == SEQAUG_HUE || kind == SEQAUG_LINEAR))
        for (int i = 0; i < groups; i++)
            for (int c = 0; c < 3; c++)
                plane[i][c] = wide_least(wide_repeated(three[c][5]), wide_most(wide_repeated(three[c][4]), plane[i][c]));
}

/* Steps one after the other while `groups` of registers are at hand. */
static inline __attribute__((always_inline)) void SEQAUG_V(steps_wide)(const seqaug_step *const *steps, int many,
                                                                       int groups, float *chunk)
{
    wide_floats plane[2][3];
    for (int i = 0; i < groups; i++)
        wide_apart(chunk + 3 * SEQAUG_WIDE * i, plane[i]);
    for (int s = 0; s < many; s++) {
        if (steps[s]->kind == SEQAUG_LINEAR)
            SEQAUG_V(step_wide)(steps[s], SEQAUG_LINEAR, groups, plane);
        else if (steps[s]->kind == SEQAUG_SATURATION)
            SEQAUG_V(step_wide)(steps[s], SEQAUG_SATURATION, groups, plane);
        else if (steps[s]->kind == SEQAUG_HUE)
            SEQAUG_V(step_wide)(steps[s], SEQAUG_HUE, groups, plane);
        else
            SEQAUG_V(step_wide)(steps[s], SEQAUG_MIX, groups, plane);
    }
    for (int i = 0; i < groups; i++)
        wide_together(plane[i][0], plane[i][1], plane[i][2], chunk + 3 * SEQAUG_WIDE * i);
}

/* One step, of this kind (a constant). */
static inline __attribute__((always_inline)) void SEQAUG_V(alone_wide)(const seqaug_step *step, int kind, int count,
                                                                       float *chunk)
{
    wide_floats plane[2][3];
    for (; count > SEQAUG_WIDE; count -= 2 * SEQAUG_WIDE, chunk += 6 * SEQAUG_WIDE) {
        wide_apart(chunk, plane[0]);
        wide_apart(chunk + 3 * SEQAUG_WIDE, plane[1]);
        SEQAUG_V(step_wide)(step, kind, 2, plane);
        wide_together(plane[0][0], plane[0][1], plane[0][2], chunk);
        wide_together(plane[1][0], plane[1][1], plane[1][2], chunk + 3 * SEQAUG_WIDE);
    }
    if (count > 0) {
        wide_apart(chunk, plane[0]);
        SEQAUG_V(step_wide)(step, kind, 1, plane);
        wide_together(plane[0][0], plane[0][1], plane[0][2], chunk);
    }
}

/* A step that mixes channels, of which all three may come out alike: what is in registers need not be read for each
 * pixel. */
static void SEQAUG_V(mix_wide)(const seqaug_step *step, int count, float *chunk)
{
    wide_floats row[3][6], plane[3];
    SEQAUG_V(rows_of)(step, row);
    for (const float *end = chunk + 3 * count; chunk < end; chunk += 3 * SEQAUG_WIDE) {
        wide_apart(chunk, plane);
        wide_floats first = SEQAUG_V(mixed)(row[0], plane);
        if (step->gray)
            wide_thrice(first, chunk);
        else
            wide_together(first, SEQAUG_V(mixed)(row[1], plane), SEQAUG_V(mixed)(row[2], plane), chunk);
    }
}

/* `count` pixels, whole registers of them. */
static void SEQAUG_V(through_whole)(const seqaug_step *const *steps, int many, int count, float *chunk)
{
    if (many == 1 && steps[0]->kind == SEQAUG_MIX)
        SEQAUG_V(mix_wide)(steps[0], count, chunk);
    else if (many == 1 && steps[0]->kind == SEQAUG_SATURATION)
        SEQAUG_V(alone_wide)(steps[0], SEQAUG_SATURATION, count, chunk);
    else if (many == 1)
        SEQAUG_V(alone_wide)(steps[0], SEQAUG_HUE, count, chunk);
    for (; many > 1 && count > SEQAUG_WIDE; count -= 2 * SEQAUG_WIDE, chunk += 6 * SEQAUG_WIDE)
        SEQAUG_V(steps_wide)(steps, many, 2, chunk);
    if (many > 1 && count > 0)
        SEQAUG_V(steps_wide)(steps, many, 1, chunk);
}

/* Steps of three channels that are lines or mix them, for the whole eights that `count` pixels take up. */
static void SEQAUG_V(through)(const seqaug_step *const *steps, int many, int count, float *chunk)
{
    int whole = SEQAUG_EIGHTS(count) / SEQAUG_WIDE * SEQAUG_WIDE;
    SEQAUG_V(through_whole)(steps, many, whole, chunk);
    if (whole < count) {
        float few[3 * SEQAUG_WIDE] = {0};
        memcpy(few, chunk + 3 * whole, 24 * sizeof *few);
        SEQAUG_V(through_whole)(steps, many, SEQAUG_WIDE, few);
        memcpy(chunk + 3 * whole, few, 24 * sizeof *few);
    }
}

/* The extremes of each of a pattern's values; a NaN, being the first of two, is none. */
static void SEQAUG_V(extremes)(const float *chunk, int pattern, int size, float *low, float *high)
{
    for (int k = 0; k < pattern; k += 8) {
        __m256 least = _mm256_set1_ps(INFINITY), most = _mm256_set1_ps(-INFINITY);
        for (int at = k; at < size; at += pattern) {
            least = _mm256_min_ps(_mm256_loadu_ps(chunk + at), least);
            most = _mm256_max_ps(_mm256_loadu_ps(chunk + at), most);
        }
        _mm256_storeu_ps(low + k, least);
        _mm256_storeu_ps(high + k, most);
    }
}

/* Adds the sums of three channels, of which these are the sums of every twenty-fourth value, and to a fourth what is for
 * nothing. */
static inline void SEQAUG_V(add_eights)(__m256 a, __m256 b, __m256 c, double *sums)
{
    /* three values and the next one's first */
    __m128i low[3] = {_mm_castps_si128(_mm256_castps256_ps128(a)), _mm_castps_si128(_mm256_castps256_ps128(b)),
                      _mm_castps_si128(_mm256_castps256_ps128(c))};
    __m128i high[3] = {_mm_castps_si128(_mm256_extractf128_ps(a, 1)), _mm_castps_si128(_mm256_extractf128_ps(b, 1)),
                       _mm_castps_si128(_mm256_extractf128_ps(c, 1))};
    __m128i three[8] = {low[0],  _mm_alignr_epi8(high[0], low[0], 12),  _mm_alignr_epi8(low[1], high[0], 8),
                        _mm_alignr_epi8(high[1], low[1], 4),  high[1],  _mm_alignr_epi8(low[2], high[1], 12),
                        _mm_alignr_epi8(high[2], low[2], 8),  _mm_srli_si128(high[2], 4)};
    __m256d sum = _mm256_loadu_pd(sums);
    for (int k = 0; k < 8; k++)
        sum = _mm256_add_pd(sum, _mm256_cvtps_pd(_mm_castsi128_ps(three[k])));
    _mm256_storeu_pd(sums, sum);
}

/* Adds the sums of three channels, in the order of `add_up`: eight values together. They wait for themselves, and so go
 * side by side. */
static void SEQAUG_V(add_threes)(const float *chunk, int size, double *sums)
{
    __m256 a = _mm256_loadu_ps(chunk), b = _mm256_loadu_ps(chunk + 8), c = _mm256_loadu_ps(chunk + 16);
    for (int at = 24; at < size; at += 24) {
        a = _mm256_add_ps(a, _mm256_loadu_ps(chunk + at));
        b = _mm256_add_ps(b, _mm256_loadu_ps(chunk + at + 8));
        c = _mm256_add_ps(c, _mm256_loadu_ps(chunk + at + 16));
    }
    SEQAUG_V(add_eights)(a, b, c, sums);
}
