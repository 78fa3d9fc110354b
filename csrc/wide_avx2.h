/* wide_avx2.h: registers of eight floats, in whose terms colour_wide.h, bytes_wide.h and lines_wide.h are written. What is
 * plain arithmetic they write as such, which compilers that have AVX2 take registers for. */
#include <immintrin.h>

#define SEQAUG_WIDE 8
#define wide_floats __m256
#define wide_whole __m256i
#define wide_mask __m256

#define wide_load _mm256_loadu_ps
#define wide_store _mm256_storeu_ps
/* Eight floats only, where there may be no more. */
#define wide_load_half _mm256_loadu_ps
#define wide_store_half _mm256_storeu_ps
#define wide_all _mm256_set1_ps
/* Of a number that is in memory eight times, which arithmetic takes from there. */
#define wide_repeated _mm256_loadu_ps
/* The second of two if one is NaN. */
#define wide_most _mm256_max_ps
#define wide_least _mm256_min_ps
#define wide_above(a, b) _mm256_cmp_ps(a, b, _CMP_GT_OQ)
#define wide_below(a, b) _mm256_cmp_ps(a, b, _CMP_LT_OQ)
#define wide_from(a, b) _mm256_cmp_ps(a, b, _CMP_GE_OQ)
#define wide_is(a, b) _mm256_cmp_ps(a, b, _CMP_EQ_OQ)
/* `yes` where the mask is set; v there, and 0 else. */
#define wide_pick(mask, yes, no) _mm256_blendv_ps(no, yes, mask)
#define wide_only(mask, v) _mm256_and_ps(v, mask)
#define wide_size(v) _mm256_andnot_ps(_mm256_set1_ps(-0.0f), v)
#define wide_cut_off _mm256_cvttps_epi32
#define wide_as_floats _mm256_cvtepi32_ps

/* Values k .. of a pattern that goes on and on. */
static inline wide_floats wide_pattern_avx2(const float *values, int pattern, int k)
{
    return _mm256_loadu_ps(values + k % pattern);
}
#define wide_pattern wide_pattern_avx2

static inline wide_floats wide_of_bytes_avx2(const uint8_t *from)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)from)));
}
#define wide_of_bytes wide_of_bytes_avx2

/* Four times as many bytes as there are floats, of whole numbers, which are cut to 0 .. 255. */
static inline void wide_put_bytes_avx2(const wide_whole v[4], uint8_t *to)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    __m256i low = _mm256_packs_epi32(v[0], v[1]), high = _mm256_packs_epi32(v[2], v[3]);
    _mm256_storeu_si256((__m256i *)to, _mm256_permutevar8x32_epi32(_mm256_packus_epi16(low, high), order));
}
#define wide_put_bytes wide_put_bytes_avx2

/* Eight pixels of three values, a value of all in each register, and back. */
static inline void wide_apart_avx2(const float *chunk, wide_floats plane[3])
{
    __m256 a = _mm256_loadu2_m128(chunk + 12, chunk), b = _mm256_loadu2_m128(chunk + 16, chunk + 4);
    __m256 c = _mm256_loadu2_m128(chunk + 20, chunk + 8); /* rgbr gbrg brgb */
    __m256 gb = _mm256_shuffle_ps(a, b, _MM_SHUFFLE(1, 0, 2, 1)), rg = _mm256_shuffle_ps(b, c, _MM_SHUFFLE(2, 1, 3, 2));
    plane[0] = _mm256_shuffle_ps(a, rg, _MM_SHUFFLE(2, 0, 3, 0));
    plane[1] = _mm256_shuffle_ps(gb, rg, _MM_SHUFFLE(3, 1, 2, 0));
    plane[2] = _mm256_shuffle_ps(gb, c, _MM_SHUFFLE(3, 0, 3, 1));
}
#define wide_apart wide_apart_avx2

static inline void wide_together_avx2(wide_floats r, wide_floats g, wide_floats b, float *chunk)
{
    __m256 rg = _mm256_shuffle_ps(r, g, _MM_SHUFFLE(2, 0, 2, 0)), gb = _mm256_shuffle_ps(g, b, _MM_SHUFFLE(3, 1, 3, 1));
    __m256 br = _mm256_shuffle_ps(b, r, _MM_SHUFFLE(3, 1, 2, 0));
    _mm256_storeu2_m128(chunk + 12, chunk, _mm256_shuffle_ps(rg, br, _MM_SHUFFLE(2, 0, 2, 0)));
    _mm256_storeu2_m128(chunk + 16, chunk + 4, _mm256_shuffle_ps(gb, rg, _MM_SHUFFLE(3, 1, 2, 0)));
    _mm256_storeu2_m128(chunk + 20, chunk + 8, _mm256_shuffle_ps(br, gb, _MM_SHUFFLE(3, 1, 3, 1)));
}
#define wide_together wide_together_avx2

/* Each value three times. */
static inline void wide_thrice_avx2(wide_floats v, float *chunk)
{
    _mm256_storeu2_m128(chunk + 12, chunk, _mm256_permute_ps(v, _MM_SHUFFLE(1, 0, 0, 0)));
    _mm256_storeu2_m128(chunk + 16, chunk + 4, _mm256_permute_ps(v, _MM_SHUFFLE(2, 2, 1, 1)));
    _mm256_storeu2_m128(chunk + 20, chunk + 8, _mm256_permute_ps(v, _MM_SHUFFLE(3, 3, 3, 2)));
}
#define wide_thrice wide_thrice_avx2

/* Sums of what three registers hold that come after each other: of every twenty-fourth value. */
typedef struct {
    __m256 of[3];
} wide_sums_avx2;
#define wide_sums wide_sums_avx2

static inline void wide_add_avx2(wide_sums *sums, const wide_floats v[3])
{
    for (int k = 0; k < 3; k++)
        sums->of[k] = sums->of[k] + v[k];
}
#define wide_add wide_add_avx2
#define wide_sums_of(sums, k) (sums).of[k]

/* Sums of two neighbouring products, of bytes that are brought into their places first: so many sums come of four times as
 * many bytes, from each of `at`. */
#define wide_taken 4
static inline wide_whole wide_taps_avx2(const char *from, const int64_t *at, const uint32_t *place,
                                        const uint32_t *weight)
{
    __m128i low = _mm_loadu_si128((const __m128i *)(from + at[0]));
    __m128i high = _mm_loadu_si128((const __m128i *)(from + at[1]));
    __m256i taps = _mm256_shuffle_epi8(_mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1),
                                       _mm256_loadu_si256((const __m256i *)place));
    return _mm256_madd_epi16(taps, _mm256_loadu_si256((const __m256i *)weight));
}
#define wide_taps wide_taps_avx2
