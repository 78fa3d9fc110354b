/* sample_avx512.h: bilinear samples of bytes and floats with AVX-512, four pixels of three or four channels in a register:
 * the bits of sample_avx2.h.
 */

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

static inline __m512i near_two_rows(const char *upper, const char *lower)
{
    __m256i first = _mm256_loadu_si256((const __m256i *)upper);
    return _mm512_inserti64x4(_mm512_castsi256_si512(first), _mm256_loadu_si256((const __m256i *)lower), 1);
}

/* Pixels that lie together (see near_are_together). */
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
