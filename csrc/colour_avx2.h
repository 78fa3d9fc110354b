/* colour_avx2.h: what goes through a chunk as vectors, with AVX2: the bits of sample_body.h and colour_body.h. */
#include <immintrin.h>

/* Bytes to floats, eight at once. */
static inline void colour_widen(const char *from, int count, float *to)
{
    int i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(to + i, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(from + i)))));
    for (; i < count; i++)
        to[i] = (float)(uint8_t)from[i];
}
#define SEQAUG_WIDEN_BYTES colour_widen

/* A step that scales: a pattern's eight values after each other, so that what they are multiplied with stays in
 * registers. */
static void colour_scale(const seqaug_step *step, int pattern, int size, const float *from, float *to)
{
    for (int k = 0; k < pattern; k += 8) {
        __m256 scale = _mm256_loadu_ps(step->scale + k), offset = _mm256_loadu_ps(step->offset + k);
        for (int at = k; at + 8 <= size; at += pattern)
            _mm256_storeu_ps(to + at, _mm256_add_ps(_mm256_mul_ps(_mm256_loadu_ps(from + at), scale), offset));
    }
}
#define SEQAUG_SCALE colour_scale

/* `add_up` of three channels: their sums wait for themselves, and so go side by side. */
static void colour_add_threes(const float *chunk, int size, double *sums)
{
    float part[24];
    double red = sums[0], green = sums[1], blue = sums[2];
    __m256 a = _mm256_loadu_ps(chunk), b = _mm256_loadu_ps(chunk + 8), c = _mm256_loadu_ps(chunk + 16);
    for (int at = 24; at < size; at += 24) {
        a = _mm256_add_ps(a, _mm256_loadu_ps(chunk + at));
        b = _mm256_add_ps(b, _mm256_loadu_ps(chunk + at + 8));
        c = _mm256_add_ps(c, _mm256_loadu_ps(chunk + at + 16));
    }
    _mm256_storeu_ps(part, a);
    _mm256_storeu_ps(part + 8, b);
    _mm256_storeu_ps(part + 16, c);
    for (int k = 0; k < 24; k += 3) {
        red += (double)part[k];
        green += (double)part[k + 1];
        blue += (double)part[k + 2];
    }
    sums[0] = red;
    sums[1] = green;
    sums[2] = blue;
}
#define SEQAUG_ADD_THREES colour_add_threes

/* A step that scales and cuts; a NaN stays one, being the second of two. */
static void colour_scale_and_cut(const seqaug_step *step, int pattern, int size, const float *from, float *to)
{
    for (int k = 0; k < pattern; k += 8) {
        __m256 scale = _mm256_loadu_ps(step->scale + k), offset = _mm256_loadu_ps(step->offset + k);
        __m256 low = _mm256_loadu_ps(step->low + k), high = _mm256_loadu_ps(step->high + k);
        for (int at = k; at < size; at += pattern) {
            __m256 v = _mm256_add_ps(_mm256_mul_ps(_mm256_loadu_ps(from + at), scale), offset);
            _mm256_storeu_ps(to + at, _mm256_min_ps(high, _mm256_max_ps(low, v)));
        }
    }
}
#define SEQAUG_SCALE_AND_CUT colour_scale_and_cut

static void colour_cut(const seqaug_step *step, int pattern, int size, float *chunk)
{
    for (int k = 0; k < pattern; k += 8) {
        __m256 low = _mm256_loadu_ps(step->low + k), high = _mm256_loadu_ps(step->high + k);
        for (int at = k; at < size; at += pattern)
            _mm256_storeu_ps(chunk + at, _mm256_min_ps(high, _mm256_max_ps(low, _mm256_loadu_ps(chunk + at))));
    }
}
#define SEQAUG_CUT colour_cut

/* Eight pixels of three values, a value of all in each register, and back. */
static inline void colour_apart(const float *chunk, __m256 plane[3])
{
    __m256 a = _mm256_loadu2_m128(chunk + 12, chunk), b = _mm256_loadu2_m128(chunk + 16, chunk + 4);
    __m256 c = _mm256_loadu2_m128(chunk + 20, chunk + 8); /* rgbr gbrg brgb */
    __m256 gb = _mm256_shuffle_ps(a, b, _MM_SHUFFLE(1, 0, 2, 1)), rg = _mm256_shuffle_ps(b, c, _MM_SHUFFLE(2, 1, 3, 2));
    plane[0] = _mm256_shuffle_ps(a, rg, _MM_SHUFFLE(2, 0, 3, 0));
    plane[1] = _mm256_shuffle_ps(gb, rg, _MM_SHUFFLE(3, 1, 2, 0));
    plane[2] = _mm256_shuffle_ps(gb, c, _MM_SHUFFLE(3, 0, 3, 1));
}

static inline void colour_together(__m256 r, __m256 g, __m256 b, float *chunk)
{
    __m256 rg = _mm256_shuffle_ps(r, g, _MM_SHUFFLE(2, 0, 2, 0)), gb = _mm256_shuffle_ps(g, b, _MM_SHUFFLE(3, 1, 3, 1));
    __m256 br = _mm256_shuffle_ps(b, r, _MM_SHUFFLE(3, 1, 2, 0));
    _mm256_storeu2_m128(chunk + 12, chunk, _mm256_shuffle_ps(rg, br, _MM_SHUFFLE(2, 0, 2, 0)));
    _mm256_storeu2_m128(chunk + 16, chunk + 4, _mm256_shuffle_ps(gb, rg, _MM_SHUFFLE(3, 1, 2, 0)));
    _mm256_storeu2_m128(chunk + 20, chunk + 8, _mm256_shuffle_ps(br, gb, _MM_SHUFFLE(3, 1, 3, 1)));
}

static inline __m256 colour_load(const float *wide)
{
    return _mm256_loadu_ps(wide);
}

static inline __m256 colour_cut_to(const float (*wide)[8], __m256 v)
{
    return _mm256_min_ps(colour_load(wide[5]), _mm256_max_ps(colour_load(wide[4]), v));
}

/* One channel of a mix, by its six numbers. */
static inline __m256 colour_mixed(const __m256 row[6], const __m256 plane[3])
{
    __m256 sum = _mm256_add_ps(_mm256_mul_ps(plane[0], row[0]), _mm256_mul_ps(plane[1], row[1]));
    sum = _mm256_add_ps(_mm256_add_ps(sum, _mm256_mul_ps(plane[2], row[2])), row[3]);
    return _mm256_min_ps(row[5], _mm256_max_ps(row[4], sum));
}

static inline void colour_rows(const seqaug_step *step, __m256 row[3][6])
{
    for (int c = 0; c < 3; c++)
        for (int k = 0; k < 6; k++)
            row[c][k] = colour_load(step->wide[c][k]);
}

/* A step that mixes channels, for all of a chunk: what is in registers need not be read for each pixel. */
static void colour_mix(const seqaug_step *step, int count, float *chunk)
{
    __m256 row[3][6], plane[3];
    colour_rows(step, row);
    for (const float *end = chunk + 3 * count; chunk < end; chunk += 24) {
        colour_apart(chunk, plane);
        colour_together(colour_mixed(row[0], plane), colour_mixed(row[1], plane), colour_mixed(row[2], plane), chunk);
    }
}

/* A step that mixes channels of which all three come out alike, so that only one is added up. */
static void colour_gray(const seqaug_step *step, int count, float *chunk)
{
    __m256 row[3][6], plane[3];
    colour_rows(step, row);
    for (const float *end = chunk + 3 * count; chunk < end; chunk += 24) {
        colour_apart(chunk, plane);
        __m256 sum = colour_mixed(row[0], plane);
        _mm256_storeu2_m128(chunk + 12, chunk, _mm256_permute_ps(sum, _MM_SHUFFLE(1, 0, 0, 0)));
        _mm256_storeu2_m128(chunk + 16, chunk + 4, _mm256_permute_ps(sum, _MM_SHUFFLE(2, 2, 1, 1)));
        _mm256_storeu2_m128(chunk + 20, chunk + 8, _mm256_permute_ps(sum, _MM_SHUFFLE(3, 3, 3, 2)));
    }
}

/* The largest of three, and by how much the least is less; a NaN goes where it goes in colour_body.h. */
static inline __m256 colour_value(const __m256 plane[3], __m256 *range)
{
    __m256 value = _mm256_max_ps(_mm256_max_ps(plane[0], plane[1]), plane[2]);
    *range = _mm256_sub_ps(value, _mm256_min_ps(_mm256_min_ps(plane[0], plane[1]), plane[2]));
    return value;
}

/* See `saturate`. */
static inline void colour_saturate(const float (*wide)[8], __m256 plane[3])
{
    const __m256 zero = _mm256_setzero_ps();
    __m256 range, value = colour_value(plane, &range);
    __m256 most = _mm256_mul_ps(colour_load(wide[5]), value), least = _mm256_mul_ps(colour_load(wide[4]), value);
    __m256 wanted = _mm256_min_ps(_mm256_mul_ps(range, colour_load(wide[0])), most);
    __m256 some = _mm256_cmp_ps(range, zero, _CMP_GT_OQ);
    __m256 by = _mm256_div_ps(_mm256_max_ps(wanted, least), _mm256_blendv_ps(_mm256_set1_ps(1.0f), range, some));
    by = _mm256_and_ps(by, _mm256_cmp_ps(value, zero, _CMP_GT_OQ));
    for (int c = 0; c < 3; c++)
        plane[c] = _mm256_sub_ps(value, _mm256_mul_ps(_mm256_sub_ps(value, plane[c]), by));
}

/* How far v is from a middle. */
static inline __m256 colour_away(__m256 v, __m256 middle)
{
    return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), _mm256_sub_ps(v, middle));
}

/* See `turn_hue`; to add zero here and there makes zeros of -0, of which nothing is seen. */
static inline void colour_turn_hue(const float (*wide)[8], __m256 plane[3])
{
    const __m256 zero = _mm256_setzero_ps();
    __m256 r = plane[0], g = plane[1], b = plane[2], range, value = colour_value(plane, &range);
    __m256 twice = _mm256_mul_ps(_mm256_set1_ps(2.0f), range), thrice = _mm256_mul_ps(_mm256_set1_ps(3.0f), range);
    __m256 fourfold = _mm256_mul_ps(_mm256_set1_ps(4.0f), range), all = _mm256_mul_ps(_mm256_set1_ps(6.0f), range);
    __m256 greenish = _mm256_add_ps(_mm256_sub_ps(b, r), twice), bluish = _mm256_add_ps(_mm256_sub_ps(r, g), fourfold);
    __m256 hue = _mm256_blendv_ps(bluish, greenish, _mm256_cmp_ps(g, value, _CMP_EQ_OQ));
    hue = _mm256_blendv_ps(hue, _mm256_sub_ps(g, b), _mm256_cmp_ps(r, value, _CMP_EQ_OQ));
    __m256 sixths = _mm256_mul_ps(colour_load(wide[0]), _mm256_set1_ps(6.0f));
    hue = _mm256_add_ps(hue, _mm256_mul_ps(sixths, range));
    hue = _mm256_add_ps(hue, _mm256_and_ps(all, _mm256_cmp_ps(hue, zero, _CMP_LT_OQ)));
    hue = _mm256_add_ps(hue, _mm256_and_ps(all, _mm256_cmp_ps(hue, zero, _CMP_LT_OQ)));
    hue = _mm256_sub_ps(hue, _mm256_and_ps(all, _mm256_cmp_ps(hue, all, _CMP_GE_OQ)));
    __m256 away[3] = {_mm256_sub_ps(colour_away(hue, thrice), range), _mm256_sub_ps(twice, colour_away(hue, twice)),
                      _mm256_sub_ps(twice, colour_away(hue, fourfold))};
    __m256 base = _mm256_sub_ps(value, range);
    for (int c = 0; c < 3; c++)
        plane[c] = _mm256_add_ps(base, _mm256_min_ps(_mm256_max_ps(away[c], zero), range));
}

static inline void colour_line(const float (*wide)[6][8], __m256 plane[3])
{
    for (int c = 0; c < 3; c++)
        plane[c] = _mm256_add_ps(_mm256_mul_ps(plane[c], colour_load(wide[c][0])), colour_load(wide[c][3]));
}

/* A step, of this kind, for `groups` of eight pixels: with constants for these two, no more than is needed. */
static inline __attribute__((always_inline)) void colour_step(const seqaug_step *step, int kind, int groups,
                                                              __m256 (*plane)[3])
{
    const float(*wide)[6][8] = step->wide;
    for (int i = 0; i < groups; i++) {
        if (kind == SEQAUG_MIX) {
            __m256 row[3][6];
            colour_rows(step, row);
            __m256 red = colour_mixed(row[0], plane[i]), green = colour_mixed(row[1], plane[i]);
            plane[i][2] = colour_mixed(row[2], plane[i]);
            plane[i][0] = red;
            plane[i][1] = green;
        } else if (kind == SEQAUG_SATURATION) {
            colour_saturate(wide[0], plane[i]);
        } else if (kind == SEQAUG_HUE) {
            colour_turn_hue(wide[0], plane[i]);
        } else {
            colour_line(wide, plane[i]);
        }
    }
    if (step->clips && (kind == SEQAUG_HUE || kind == SEQAUG_LINEAR))
        for (int i = 0; i < groups; i++)
            for (int c = 0; c < 3; c++)
                plane[i][c] = colour_cut_to(wide[c], plane[i][c]);
}

/* One step for all of a chunk. */
static inline __attribute__((always_inline)) void colour_alone(const seqaug_step *step, int kind, int count,
                                                               float *chunk)
{
    __m256 plane[2][3];
    for (; count > 8; count -= 16, chunk += 48) {
        colour_apart(chunk, plane[0]);
        colour_apart(chunk + 24, plane[1]);
        colour_step(step, kind, 2, plane);
        colour_together(plane[0][0], plane[0][1], plane[0][2], chunk);
        colour_together(plane[1][0], plane[1][1], plane[1][2], chunk + 24);
    }
    if (count > 0) {
        colour_apart(chunk, plane[0]);
        colour_step(step, kind, 1, plane);
        colour_together(plane[0][0], plane[0][1], plane[0][2], chunk);
    }
}

/* Steps one after the other while `groups` of eight pixels are in registers. */
static inline __attribute__((always_inline)) void colour_groups(const seqaug_step *const *steps, int many, int groups,
                                                                float *chunk)
{
    __m256 plane[2][3];
    for (int i = 0; i < groups; i++)
        colour_apart(chunk + 24 * i, plane[i]);
    for (int s = 0; s < many; s++) {
        if (steps[s]->kind == SEQAUG_LINEAR)
            colour_step(steps[s], SEQAUG_LINEAR, groups, plane);
        else if (steps[s]->kind == SEQAUG_SATURATION)
            colour_step(steps[s], SEQAUG_SATURATION, groups, plane);
        else if (steps[s]->kind == SEQAUG_HUE)
            colour_step(steps[s], SEQAUG_HUE, groups, plane);
        else
            colour_step(steps[s], SEQAUG_MIX, groups, plane);
    }
    for (int i = 0; i < groups; i++)
        colour_together(plane[i][0], plane[i][1], plane[i][2], chunk + 24 * i);
}

/* Steps of three channels that are lines or mix them, for a chunk. */
static void colour_through(const seqaug_step *const *steps, int many, int count, float *chunk)
{
    if (many == 1 && steps[0]->gray)
        colour_gray(steps[0], count, chunk);
    else if (many == 1 && steps[0]->kind == SEQAUG_MIX)
        colour_mix(steps[0], count, chunk);
    else if (many == 1 && steps[0]->kind == SEQAUG_SATURATION)
        colour_alone(steps[0], SEQAUG_SATURATION, count, chunk);
    else if (many == 1)
        colour_alone(steps[0], SEQAUG_HUE, count, chunk);
    for (; many > 1 && count > 8; count -= 16, chunk += 48)
        colour_groups(steps, many, 2, chunk);
    if (many > 1 && count > 0)
        colour_groups(steps, many, 1, chunk);
}
#define SEQAUG_THROUGH colour_through
