/* sample_avx512.h: bilinear samples of bytes and floats with AVX-512, four pixels of three or four channels in a register:
 * the bits of sample_avx2.h.
 */

/* Sixteen of `near_ramp`. */
static inline __m512i near_ramp_wide(const int64_t *ramp, __m512i start, __m512i *fraction)
{
    __m512i even = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)ramp)),
                                      _mm256_loadu_si256((const __m256i *)ramp + 2), 1);
    __m512i odd = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_loadu_si256((const __m256i *)ramp + 1)),
                                     _mm256_loadu_si256((const __m256i *)ramp + 3), 1);
    __m512 a = _mm512_castsi512_ps(_mm512_add_epi64(start, even)), b = _mm512_castsi512_ps(_mm512_add_epi64(start, odd));
    *fraction = _mm512_castps_si512(_mm512_shuffle_ps(a, b, _MM_SHUFFLE(2, 0, 2, 0)));
    return _mm512_castps_si512(_mm512_shuffle_ps(a, b, _MM_SHUFFLE(3, 1, 3, 1)));
}

/* Of `near_clamp`. */
static inline __m512i near_clamp_wide(__m512i last, __m512i pixel, __m512i *fraction)
{
    const __m512i zero = _mm512_setzero_si512();
    __mmask16 behind = _mm512_cmpgt_epi32_mask(pixel, last);
    *fraction = _mm512_maskz_mov_epi32(_mm512_cmpge_epi32_mask(pixel, zero), *fraction);
    *fraction = _mm512_mask_mov_epi32(*fraction, behind, _mm512_set1_epi32(-1));
    return _mm512_min_epi32(_mm512_max_epi32(pixel, zero), last);
}

/* Of `near_weights`. */
static inline __m512i near_weights_wide(__m512i fraction)
{
    const __m512i upper = _mm512_broadcast_i32x4(_mm_setr_epi8(2, 3, 2, 3, 6, 7, 6, 7, 10, 11, 10, 11, 14, 15, 14, 15));
    __m512i right = _mm512_avg_epu16(_mm512_shuffle_epi8(fraction, upper), _mm512_setzero_si512());
    __m512i left = _mm512_xor_si512(right, _mm512_set1_epi16((int16_t)0x8000));
    return _mm512_mask_sub_epi16(left, 0xAAAAAAAA, _mm512_setzero_si512(), right);
}

/* Of `near_shares`. */
static inline __m512 near_shares_wide(__m512i fraction)
{
    return _mm512_cvtepi32_ps(_mm512_srli_epi32(fraction, 1)) * _mm512_set1_ps(0x1p-31f);
}

/* Sixteen pixels, row and column, from column `first` on, and their fractions. */
static inline void near_sixteen(const seqaug_job *job, const seqaug_places *places, int first, __m512i pixel[2],
                                __m512i fraction[2])
{
    if (places->telling == SEQAUG_TOLD) {
        pixel[0] = _mm512_loadu_si512(places->y + first);
        pixel[1] = _mm512_loadu_si512(places->x + first);
        fraction[0] = _mm512_loadu_si512(places->y_fraction + first);
        fraction[1] = _mm512_loadu_si512(places->x_fraction + first);
        return;
    }
    for (int axis = 0; axis < 2; axis++) {
        __m512i start = _mm512_set1_epi64(places->start[axis]), last = _mm512_set1_epi32(job->last[axis] - 1);
        pixel[axis] = near_ramp_wide(job->ramp[axis] + first, start, &fraction[axis]);
        if (places->telling == SEQAUG_CLAMPED)
            pixel[axis] = near_clamp_wide(last, pixel[axis], &fraction[axis]);
    }
}

/* Notes pixels wherever they are. Behind the last of `count` there are others, whose offsets are taken for its own. */
static void near_note_wide(const seqaug_job *job, const seqaug_places *places, int count, int are_bytes,
                           near_noted *noted)
{
    const __m512i each = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i row = _mm512_set1_epi32((int32_t)job->source.stride[0]);
    __m512i column = _mm512_set1_epi32((int32_t)job->source.stride[1]);
    for (int first = 0; first < count; first += 16) {
        __m512i pixel[2], fraction[2];
        near_sixteen(job, places, first, pixel, fraction);
        __m512i at = _mm512_add_epi32(_mm512_mullo_epi32(pixel[0], row), _mm512_mullo_epi32(pixel[1], column));
        if (count - first < 16)
            at = _mm512_permutexvar_epi32(_mm512_min_epi32(each, _mm512_set1_epi32(count - first - 1)), at);
        __m512i weight = are_bytes ? near_weights_wide(fraction[1]) : _mm512_castps_si512(near_shares_wide(fraction[1]));
        _mm512_store_si512(noted->at + first, at);
        _mm512_store_si512(noted->weight + first, weight);
        _mm512_store_ps(noted->down + first, near_shares_wide(fraction[0]));
    }
}

/* The numbers of four pixels, four times each. */
static inline __m512i near_noted_four(const void *four)
{
    const __m512i which = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    return _mm512_permutexvar_epi32(which, _mm512_castsi128_si512(_mm_load_si128((const __m128i *)four)));
}

static inline __m512 near_downs(__m512 above, __m512 below, const float *down)
{
    return (above - below) * _mm512_castsi512_ps(near_noted_four(down)) - above;
}

/* Stores eight pixels, or as many as are left of them, of three values without the fourth of each four. */
static inline void near_put_wide(__m512 first, __m512 second, int left, int lanes, const float *scale,
                                 const float *offset, float *out)
{
    const __m512i threes = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 16, 17, 18, 20);
    const __m512i rest = _mm512_setr_epi32(5, 6, 8, 9, 10, 12, 13, 14, 0, 0, 0, 0, 0, 0, 0, 0);
    if (lanes == 3) {
        first = _mm512_permutex2var_ps(first, threes, second);
        second = _mm512_permutexvar_ps(rest, second);
    }
    first = first * _mm512_loadu_ps(scale) + _mm512_loadu_ps(offset);
    if (left >= 8) {
        _mm512_storeu_ps(out, first);
        if (lanes == 4)
            _mm512_storeu_ps(out + 16, second * _mm512_loadu_ps(scale + 16) + _mm512_loadu_ps(offset + 16));
        else
            _mm256_storeu_ps(out + 16, _mm512_castps512_ps256(second) * _mm256_loadu_ps(scale + 16) +
                                           _mm256_loadu_ps(offset + 16));
        return;
    }
    int values = lanes * left - 16;
    __mmask16 some = values >= 0 ? 0xFFFF : (__mmask16)((1 << (values + 16)) - 1);
    __mmask16 more = values > 0 ? (__mmask16)((1 << values) - 1) : 0;
    second = second * _mm512_maskz_loadu_ps(more, scale + 16) + _mm512_maskz_loadu_ps(more, offset + 16);
    _mm512_mask_storeu_ps(out, some, first);
    _mm512_mask_storeu_ps(out + 16, more, second);
}

static inline __m128i near_tap(const char *data, const char *next, int32_t at)
{
    return _mm_castpd_si128(near_halves(data + at, next + at));
}

/* Eight bytes of each of two rows for four pixels. */
static inline __m512i near_taps(const char *data, const char *next, const int32_t at[4])
{
    __m256i a = _mm256_inserti128_si256(_mm256_castsi128_si256(near_tap(data, next, at[0])), near_tap(data, next, at[1]), 1);
    __m256i b = _mm256_inserti128_si256(_mm256_castsi128_si256(near_tap(data, next, at[2])), near_tap(data, next, at[3]), 1);
    return _mm512_inserti64x4(_mm512_castsi256_si512(a), b, 1);
}

/* The sums of a row, negated, of bytes in words. */
static inline __m512 near_sums_wide(__m512i taps, __m512i weight)
{
    return _mm512_cvtepi32_ps(_mm512_madd_epi16(taps, weight));
}

static inline __attribute__((always_inline)) void near_bytes_wide(const seqaug_job *job, const char *data,
                                                                  const near_noted *noted, int count,
                                                                  const float *scale, const float *offset, float *out,
                                                                  int lanes)
{
    const char *next = data + job->source.stride[0];
    const char n = -1, a = (char)lanes, b = (char)(lanes + 1), c = (char)(lanes + 2), d = (char)(lanes + 3);
    const char e = 8, f = 9, g = 10, h = 11; /* as in near_bytes */
    __m512i upper = _mm512_broadcast_i32x4(_mm_setr_epi8(0, n, a, n, 1, n, b, n, 2, n, c, n, 3, n, d, n));
    __m512i lower = _mm512_broadcast_i32x4(_mm_setr_epi8(e, n, e + a, n, f, n, e + b, n, g, n, e + c, n, h, n, e + d, n));
    for (int first = 0; first < count; first += 8) {
        __m512 four[2];
        for (int k = 0; k < 2; k++) {
            int i = first + 4 * k;
            __m512i taps = near_taps(data, next, noted->at + i), weight = near_noted_four(noted->weight + i);
            __m512 above = near_sums_wide(_mm512_shuffle_epi8(taps, upper), weight);
            __m512 below = near_sums_wide(_mm512_shuffle_epi8(taps, lower), weight);
            four[k] = near_downs(above, below, noted->down + i);
        }
        near_put_wide(four[0], four[1], count - first, lanes, scale, offset, out + first * lanes);
    }
}

/* Whether eight pixels of three bytes lie, with their next ones, in 32 bytes of each of four rows: along output rows the
 * map goes up or down and to the side by little enough. Where the source is no smaller, these can all be read. */
static inline int near_are_together(const seqaug_job *job)
{
    const double *m = job->how->matrix;
    return job->source.dtype == SEQAUG_u8 && job->lanes == 3 && job->packed && job->last[0] >= 3 && job->last[1] >= 10 &&
           7.0 * fabs(m[1]) < 1.999 && 7.0 * fabs(m[4]) < 7.999;
}

static inline int64_t near_between(int64_t v, int64_t last)
{
    v = v < 0 ? 0 : v;
    return v < last ? v : last;
}

/* Notes such pixels, which are told by ramps. */
static void near_note_together(const seqaug_job *job, const seqaug_places *places, int count, near_noted *noted)
{
    const double *m = job->how->matrix;
    const int64_t *least[2] = {job->ramp[0] + (m[1] < 0.0 ? 7 : 0), job->ramp[1] + (m[4] < 0.0 ? 7 : 0)};
    int64_t row = job->source.stride[0], last[2] = {job->last[0] - 3, 3 * ((int64_t)job->last[1] + 1) - 32};
    for (int first = 0; first < count; first += 16) {
        __m512i pixel[2], fraction[2];
        int32_t corner[2];
        near_sixteen(job, places, first, pixel, fraction);
        for (int k = 0; k < 2; k++) {
            int64_t top = near_between((places->start[0] + least[0][first + 8 * k]) >> 32, last[0]);
            int64_t left = near_between(((places->start[1] + least[1][first + 8 * k]) >> 32) * 3, last[1]);
            noted->start[first / 8 + k] = top * row + left;
            corner[k] = (int32_t)(32 * top + left);
        }
        __m512i corners = _mm512_mask_set1_epi32(_mm512_set1_epi32(corner[0]), 0xFF00, corner[1]);
        __m512i byte = _mm512_add_epi32(pixel[1], _mm512_add_epi32(pixel[1], pixel[1]));
        __m512i at = _mm512_add_epi32(_mm512_slli_epi32(pixel[0], 5), byte); /* of which the lowest byte counts */
        _mm512_store_si512(noted->at + first, _mm512_sub_epi32(at, corners));
        _mm512_store_si512(noted->weight + first, near_weights_wide(fraction[1]));
        _mm512_store_ps(noted->down + first, near_shares_wide(fraction[0]));
    }
}

static inline __m512i near_two_rows(const char *upper, const char *lower)
{
    __m256i first = _mm256_loadu_si256((const __m256i *)upper);
    return _mm512_inserti64x4(_mm512_castsi256_si512(first), _mm256_loadu_si256((const __m256i *)lower), 1);
}

static void near_together_wide(const seqaug_job *job, const char *data, const near_noted *noted, int count,
                               const float *scale, const float *offset, float *out)
{
    const __m512i whose = _mm512_setr_epi32(0, 0, 0, 0, 0x04040404, 0x04040404, 0x04040404, 0x04040404, 0x08080808,
                                            0x08080808, 0x08080808, 0x08080808, 0x0C0C0C0C, 0x0C0C0C0C, 0x0C0C0C0C,
                                            0x0C0C0C0C);
    const __m512i pairs = _mm512_broadcast_i32x4(_mm_setr_epi8(0, 0, 3, 0, 1, 0, 4, 0, 2, 0, 5, 0, 3, 0, 6, 0));
    const __mmask64 even = 0x5555555555555555;
    int64_t row = job->source.stride[0];
    for (int first = 0; first < count; first += 8) {
        const char *from = data + noted->start[first / 8];
        __m512i low = near_two_rows(from, from + row), high = near_two_rows(from + 2 * row, from + 3 * row);
        __m512 four[2];
        for (int k = 0; k < 2; k++) {
            int i = first + 4 * k;
            __m512i own = _mm512_castsi128_si512(_mm_load_si128((const __m128i *)(noted->at + i)));
            __m512i at = _mm512_add_epi8(_mm512_permutexvar_epi8(whose, own), pairs);
            __m512i under = _mm512_add_epi8(at, _mm512_set1_epi8(32)), weight = near_noted_four(noted->weight + i);
            __m512 above = near_sums_wide(_mm512_maskz_permutex2var_epi8(even, low, at, high), weight);
            __m512 below = near_sums_wide(_mm512_maskz_permutex2var_epi8(even, low, under, high), weight);
            four[k] = near_downs(above, below, noted->down + i);
        }
        near_put_wide(four[0], four[1], count - first, 3, scale, offset, out + first * 3);
    }
}

static void near_wide_u8(const seqaug_job *job, const char *data, const seqaug_places *places, int count, int lanes,
                         const float *scale, const float *offset, float *out)
{
    near_noted noted;
    if (job->careful && places->telling != SEQAUG_TOLD) {
        near_note_together(job, places, count, &noted);
        near_together_wide(job, data, &noted, count, scale, offset, out);
        return;
    }
    near_note_wide(job, places, count, 1, &noted);
    if (lanes == 3)
        near_bytes_wide(job, data, &noted, count, scale, offset, out, 3);
    else
        near_bytes_wide(job, data, &noted, count, scale, offset, out, 4);
}
#define near_pixels_u8 near_wide_u8
#define SEQAUG_CAREFUL near_are_together

/* Eight floats of each of two pixels. */
static inline __m512 near_floats(const char *low, const char *high)
{
    __m256 first = _mm256_loadu_ps((const float *)low), second = _mm256_loadu_ps((const float *)high);
    return _mm512_insertf32x8(_mm512_castps256_ps512(first), second, 1);
}

/* Along a row, for four pixels. */
static inline __m512 near_row(const char *data, const int32_t at[4], __m512i next, __m512 right)
{
    const __m512i own = _mm512_setr_epi32(0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    __m512 a = near_floats(data + at[0], data + at[1]), b = near_floats(data + at[2], data + at[3]);
    __m512 first = _mm512_permutex2var_ps(a, own, b), second = _mm512_permutex2var_ps(a, next, b);
    return first + (second - first) * right;
}

static inline __attribute__((always_inline)) void near_floats_wide(const seqaug_job *job, const char *data,
                                                                   const near_noted *noted, int count,
                                                                   const float *scale, const float *offset, float *out,
                                                                   int lanes)
{
    const __m512i own = _mm512_setr_epi32(0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27);
    const __m512i next = _mm512_add_epi32(own, _mm512_set1_epi32(lanes));
    int64_t row = job->source.stride[0];
    for (int first = 0; first < count; first += 8) {
        __m512 four[2];
        for (int k = 0; k < 2; k++) {
            int i = first + 4 * k;
            const int32_t *at = noted->at + i;
            __m512 right = _mm512_castsi512_ps(near_noted_four(noted->weight + i));
            __m512 above = near_row(data, at, next, right), below = near_row(data + row, at, next, right);
            four[k] = above + (below - above) * _mm512_castsi512_ps(near_noted_four(noted->down + i));
        }
        near_put_wide(four[0], four[1], count - first, lanes, scale, offset, out + first * lanes);
    }
}

/* Of the pixels that a row ends with, up to two floats behind it are read. */
static void near_wide_f32(const seqaug_job *job, const char *data, const seqaug_places *places, int count, int lanes,
                          const float *scale, const float *offset, float *out)
{
    near_noted noted;
    near_note_wide(job, places, count, 0, &noted);
    if (lanes == 3)
        near_floats_wide(job, data, &noted, count, scale, offset, out, 3);
    else
        near_floats_wide(job, data, &noted, count, scale, offset, out, 4);
}
#define near_pixels_f32 near_wide_f32
