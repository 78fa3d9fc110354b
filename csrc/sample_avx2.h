/* sample_avx2.h: bilinear samples, and bytes from floats, with AVX2: the same bits as sample_body.h's and pass_body.h's.
 * Two pixels of three or four channels share a register, eight of one channel. Taps come by plain loads, since gathers
 * are slow on many machines.
 */
#include <immintrin.h>

/* The sums of a row, negated. */
static inline __m256 near_sums(__m256i taps, __m256i weights)
{
    return _mm256_cvtepi32_ps(_mm256_madd_epi16(taps, weights));
}

/* Of negated sums, so that a sum of 0 is not made negative; 2^15 times the value. */
static inline __m256 near_down(__m256 above, __m256 below, __m256 down)
{
    return _mm256_sub_ps(_mm256_mul_ps(_mm256_sub_ps(above, below), down), above);
}

/* Each half of a register has one word of its own four times: word `pair`, and word `pair` + 4. */
#define SEQAUG_BOTH(eight, pair) _mm256_shuffle_epi32(eight, 0x55 * (pair))

/* Pixels 0 and 4, 1 and 5, 2 and 6, 3 and 7, of four values, into eight pixels in their order, of three or four values
 * and packed: stores of whole registers cost less than twice as many that overlap. */
static inline void near_pack(__m256 two[4], int lanes)
{
    __m256 a = two[0], b = two[1], c = two[2], d = two[3];
    if (lanes == 3) { /* abc. in each half: rgbr gbrg brgb */
        a = _mm256_blend_ps(a, _mm256_permute_ps(b, 0), 0x88);
        b = _mm256_shuffle_ps(b, c, _MM_SHUFFLE(1, 0, 2, 1));
        c = _mm256_blend_ps(_mm256_permute_ps(c, 2), _mm256_permute_ps(d, _MM_SHUFFLE(2, 1, 0, 0)), 0xEE);
        two[0] = _mm256_permute2f128_ps(a, b, 0x20);
        two[1] = _mm256_blend_ps(c, a, 0xF0);
        two[2] = _mm256_permute2f128_ps(b, c, 0x31);
    } else {
        two[0] = _mm256_permute2f128_ps(a, b, 0x20);
        two[1] = _mm256_permute2f128_ps(c, d, 0x20);
        two[2] = _mm256_permute2f128_ps(a, b, 0x31);
        two[3] = _mm256_permute2f128_ps(c, d, 0x31);
    }
}

static SEQAUG_COLD void near_put_some(const float *eight, int floats, float *out)
{
    for (int k = 0; k < floats; k++)
        out[k] = eight[k];
}

/* Stores eight pixels, or as many as are left of them, after a step of scales and offsets. */
static inline void near_put(__m256 *packed, int left, int lanes, const float *scale, const float *offset, float *out)
{
    for (int k = 0; k < lanes; k++)
        packed[k] = _mm256_add_ps(_mm256_mul_ps(packed[k], _mm256_loadu_ps(scale + 8 * k)),
                                  _mm256_loadu_ps(offset + 8 * k));
    float eight[32], *to = left < 8 ? eight : out;
    for (int k = 0; k < lanes; k++)
        _mm256_storeu_ps(to + 8 * k, packed[k]);
    if (left < 8)
        near_put_some(eight, left * lanes, out);
}

/* Eight bytes from each of two places, which need not be aligned: _mm_load_sd reads a double, which must be. */
static inline __m128d near_halves(const char *low, const char *high)
{
    __m128d first = _mm_castsi128_pd(_mm_loadl_epi64((const __m128i *)low));
    return _mm_loadh_pd(first, (const double *)high);
}

static inline void near_bytes(const seqaug_job *job, const char *data, const near_noted *noted, int count,
                              const float *scale, const float *offset, float *out, int lanes)
{
    const char *next = data + job->source.stride[0];
    /* a byte of the first pixel, one of the second next to it, each widened; the upper row lies in the lower 8 bytes */
    const char n = -1, a = (char)lanes, b = (char)(lanes + 1), c = (char)(lanes + 2), d = (char)(lanes + 3);
    const char e = 8, f = 9, g = 10, h = 11;
    __m256i upper = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, n, a, n, 1, n, b, n, 2, n, c, n, 3, n, d, n));
    __m256i lower = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(e, n, e + a, n, f, n, e + b, n, g, n, e + c, n, h, n, e + d, n));
#define SEQAUG_PAIR(pair)                                                                                          \
    do {                                                                                                           \
        int32_t one = noted->at[first + pair], other = noted->at[first + pair + 4];                                \
        __m128d p = near_halves(data + one, next + one);                                                           \
        __m128d q = near_halves(data + other, next + other);                                                       \
        __m256i taps = _mm256_castpd_si256(_mm256_insertf128_pd(_mm256_castpd128_pd256(p), q, 1));                 \
        __m256i weight = SEQAUG_BOTH(weights, pair);                                                               \
        __m256 above = near_sums(_mm256_shuffle_epi8(taps, upper), weight);                                        \
        __m256 below = near_sums(_mm256_shuffle_epi8(taps, lower), weight);                                        \
        two[pair] = near_down(above, below, _mm256_castsi256_ps(SEQAUG_BOTH(downs, pair)));                        \
    } while (0)
    for (int first = 0; first < count; first += 8) {
        __m256i weights = near_eight_weights(noted, first), downs = near_eight_downs(noted, first);
        __m256 two[4];
        SEQAUG_PAIR(0);
        SEQAUG_PAIR(1);
        SEQAUG_PAIR(2);
        SEQAUG_PAIR(3);
        near_pack(two, lanes);
        near_put(two, count - first, lanes, scale, offset, out + first * lanes);
    }
#undef SEQAUG_PAIR
}

static void near_pixels_u8(const seqaug_job *job, const char *data, const seqaug_places *places, int count, int lanes,
                           const float *scale, const float *offset, float *out)
{
    near_noted noted;
    near_note(job, places, count, 1, &noted);
    if (lanes == 3)
        near_bytes(job, data, &noted, count, scale, offset, out, 3);
    else
        near_bytes(job, data, &noted, count, scale, offset, out, 4);
}

/* Two neighbouring bytes of each of eight pixels. */
static inline __m256i near_pairs(const char *data, const int32_t at[8])
{
    uint16_t v[8];
    for (int k = 0; k < 8; k++)
        memcpy(&v[k], data + at[k], 2);
    __m128i pairs = _mm_cvtsi32_si128(v[0]);
    pairs = _mm_insert_epi16(pairs, v[1], 1);
    pairs = _mm_insert_epi16(pairs, v[2], 2);
    pairs = _mm_insert_epi16(pairs, v[3], 3);
    pairs = _mm_insert_epi16(pairs, v[4], 4);
    pairs = _mm_insert_epi16(pairs, v[5], 5);
    pairs = _mm_insert_epi16(pairs, v[6], 6);
    pairs = _mm_insert_epi16(pairs, v[7], 7);
    return _mm256_cvtepu8_epi16(pairs);
}

static void near_plane_u8(const seqaug_job *job, const char *data, const seqaug_places *places, int count,
                           const float *scale, const float *offset, float *out)
{
    near_noted noted;
    near_note(job, places, count, 1, &noted);
    for (int first = 0; first < count; first += 8) {
        __m256i weights = near_eight_weights(&noted, first);
        __m256 above = near_sums(near_pairs(data, noted.at + first), weights);
        __m256 below = near_sums(near_pairs(data + job->source.stride[0], noted.at + first), weights);
        __m256 sum = near_down(above, below, _mm256_load_ps(noted.down + first));
        near_put(&sum, count - first, 1, scale, offset, out + first);
    }
}

static inline __m256 near_line(__m256 first, __m256 second, __m256 share)
{
    return _mm256_add_ps(first, _mm256_mul_ps(_mm256_sub_ps(second, first), share));
}

/* The first or second floats of four pairs in each half. */
static inline void near_float_pairs(const char *data, const int32_t at[8], __m256 *first, __m256 *second)
{
#define SEQAUG_TWO(a, b) _mm_castpd_ps(near_halves(data + at[a], data + at[b]))
    __m256 even = _mm256_insertf128_ps(_mm256_castps128_ps256(SEQAUG_TWO(0, 1)), SEQAUG_TWO(4, 5), 1);
    __m256 odd = _mm256_insertf128_ps(_mm256_castps128_ps256(SEQAUG_TWO(2, 3)), SEQAUG_TWO(6, 7), 1);
#undef SEQAUG_TWO
    *first = _mm256_shuffle_ps(even, odd, _MM_SHUFFLE(2, 0, 2, 0));
    *second = _mm256_shuffle_ps(even, odd, _MM_SHUFFLE(3, 1, 3, 1));
}

static void near_plane_f32(const seqaug_job *job, const char *data, const seqaug_places *places, int count,
                           const float *scale, const float *offset, float *out)
{
    near_noted noted;
    near_note(job, places, count, 0, &noted);
    for (int first = 0; first < count; first += 8) {
        __m256 a, b, c, d, right = _mm256_castsi256_ps(near_eight_weights(&noted, first));
        near_float_pairs(data, noted.at + first, &a, &b);
        near_float_pairs(data + job->source.stride[0], noted.at + first, &c, &d);
        __m256 above = near_line(a, b, right), below = near_line(c, d, right);
        __m256 sum = near_line(above, below, _mm256_load_ps(noted.down + first));
        near_put(&sum, count - first, 1, scale, offset, out + first);
    }
}

/* Four neighbouring elements as floats. */
static inline __m128 near_four_u16(const char *at)
{
    return _mm_cvtepi32_ps(_mm_cvtepu16_epi32(_mm_loadl_epi64((const __m128i *)at)));
}

static inline __m128 near_four_i16(const char *at)
{
    return _mm_cvtepi32_ps(_mm_cvtepi16_epi32(_mm_loadl_epi64((const __m128i *)at)));
}

static inline __m128 near_four_i32(const char *at)
{
    return _mm_cvtepi32_ps(_mm_loadu_si128((const __m128i *)at));
}

static inline __m128 near_four_f32(const char *at)
{
    return _mm_loadu_ps((const float *)at);
}

static inline __m128 near_four_f64(const char *at)
{
    return _mm256_cvtpd_ps(_mm256_loadu_pd((const double *)at));
}

/* Three or four channels, for the types above. */
#define SEQAUG_NEAR_PIXELS(name)                                                                                   \
    static inline void near_##name(const seqaug_job *job, const char *data, const near_noted *noted, int count,    \
                                   const float *scale, const float *offset, float *out, int lanes)                 \
    {                                                                                                              \
        int64_t row = job->source.stride[0], next = job->source.stride[1];                                         \
        for (int first = 0; first < count; first += 8) {                                                           \
            __m256i rights = near_eight_weights(noted, first), downs = near_eight_downs(noted, first);             \
            __m256 two[4];                                                                                         \
            SEQAUG_PAIR(name, 0);                                                                                  \
            SEQAUG_PAIR(name, 1);                                                                                  \
            SEQAUG_PAIR(name, 2);                                                                                  \
            SEQAUG_PAIR(name, 3);                                                                                  \
            near_pack(two, lanes);                                                                                 \
            near_put(two, count - first, lanes, scale, offset, out + first * lanes);                               \
        }                                                                                                          \
    }                                                                                                              \
    static void near_pixels_##name(const seqaug_job *job, const char *data, const seqaug_places *places, int count,\
                                   int lanes, const float *scale, const float *offset, float *out)                 \
    {                                                                                                              \
        near_noted noted;                                                                                          \
        near_note(job, places, count, 0, &noted);                                                                  \
        if (lanes == 3)                                                                                            \
            near_##name(job, data, &noted, count, scale, offset, out, 3);                                          \
        else                                                                                                       \
            near_##name(job, data, &noted, count, scale, offset, out, 4);                                          \
    }
#define SEQAUG_TWO(name, p, q)                                                                                     \
    _mm256_insertf128_ps(_mm256_castps128_ps256(near_four_##name(p)), near_four_##name(q), 1)
#define SEQAUG_PAIR(name, pair)                                                                                    \
    do {                                                                                                           \
        const char *p = data + noted->at[first + pair], *q = data + noted->at[first + pair + 4];                   \
        __m256 right = _mm256_castsi256_ps(SEQAUG_BOTH(rights, pair));                                             \
        __m256 above = near_line(SEQAUG_TWO(name, p, q), SEQAUG_TWO(name, p + next, q + next), right);             \
        p += row;                                                                                                  \
        q += row;                                                                                                  \
        __m256 below = near_line(SEQAUG_TWO(name, p, q), SEQAUG_TWO(name, p + next, q + next), right);             \
        two[pair] = near_line(above, below, _mm256_castsi256_ps(SEQAUG_BOTH(downs, pair)));                        \
    } while (0)
SEQAUG_NEAR_PIXELS(u16)
SEQAUG_NEAR_PIXELS(i16)
SEQAUG_NEAR_PIXELS(i32)
SEQAUG_NEAR_PIXELS(f32)
SEQAUG_NEAR_PIXELS(f64)
#undef SEQAUG_PAIR
#undef SEQAUG_TWO
#undef SEQAUG_NEAR_PIXELS

/* Thirty-two floats to bytes: rounded half up and saturated, a NaN to 0. */
static inline __m256i near_whole(const float *from)
{
    __m256 v = _mm256_max_ps(_mm256_loadu_ps(from), _mm256_setzero_ps()); /* the second of two if one is NaN */
    return _mm256_cvttps_epi32(_mm256_add_ps(_mm256_min_ps(v, _mm256_set1_ps(255.0f)), _mm256_set1_ps(0.5f)));
}

static inline void near_round(const float *from, uint8_t *to)
{
    __m256i a = _mm256_packs_epi32(near_whole(from), near_whole(from + 8));
    __m256i b = _mm256_packs_epi32(near_whole(from + 16), near_whole(from + 24));
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    _mm256_storeu_si256((__m256i *)to, _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, b), order));
}
