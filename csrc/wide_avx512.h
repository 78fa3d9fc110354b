/* wide_avx512.h: registers of sixteen floats, with AVX-512; see wide_avx2.h. */
#undef SEQAUG_WIDE
#undef wide_floats
#undef wide_whole
#undef wide_mask
#undef wide_load
#undef wide_store
#undef wide_load_half
#undef wide_store_half
#undef wide_all
#undef wide_repeated
#undef wide_most
#undef wide_least
#undef wide_above
#undef wide_below
#undef wide_from
#undef wide_is
#undef wide_pick
#undef wide_only
#undef wide_size
#undef wide_cut_off
#undef wide_as_floats
#undef wide_pattern
#undef wide_of_bytes
#undef wide_put_bytes
#undef wide_apart
#undef wide_together
#undef wide_thrice
#undef wide_sums
#undef wide_add
#undef wide_sums_of
#undef wide_taken
#undef wide_taps

#define SEQAUG_WIDE 16
#define wide_floats __m512
#define wide_whole __m512i
#define wide_mask __mmask16

#define wide_load _mm512_loadu_ps
#define wide_store _mm512_storeu_ps
#define wide_load_half(from) _mm512_maskz_loadu_ps(0xFF, from)
#define wide_store_half(to, v) _mm512_mask_storeu_ps(to, 0xFF, v)
#define wide_all _mm512_set1_ps
#define wide_repeated(eight) _mm512_set1_ps(*(eight))
#define wide_most _mm512_max_ps
#define wide_least _mm512_min_ps
#define wide_above(a, b) _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ)
#define wide_below(a, b) _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ)
#define wide_from(a, b) _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ)
#define wide_is(a, b) _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ)
#define wide_pick(mask, yes, no) _mm512_mask_blend_ps(mask, no, yes)
#define wide_only(mask, v) _mm512_maskz_mov_ps(mask, v)
#define wide_size _mm512_abs_ps
#define wide_cut_off _mm512_cvttps_epi32
#define wide_as_floats _mm512_cvtepi32_ps

static inline wide_floats wide_pattern_avx512(const float *values, int pattern, int k)
{
    __m256 low = _mm256_loadu_ps(values + k % pattern), high = _mm256_loadu_ps(values + (k + 8) % pattern);
    return _mm512_insertf32x8(_mm512_castps256_ps512(low), high, 1);
}
#define wide_pattern wide_pattern_avx512

static inline wide_floats wide_of_bytes_avx512(const uint8_t *from)
{
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)from)));
}
#define wide_of_bytes wide_of_bytes_avx512

/* The upper eight, and those with the lower eight of the next register. */
static inline __m256 wide_high_avx512(wide_floats v)
{
    return _mm512_extractf32x8_ps(v, 1);
}

static inline wide_floats wide_middle_avx512(wide_floats v, wide_floats next)
{
    return _mm512_castpd_ps(_mm512_shuffle_f64x2(_mm512_castps_pd(v), _mm512_castps_pd(next), 0x4E));
}

static inline void wide_put_bytes_avx512(const wide_whole v[4], uint8_t *to)
{
    const __m512i order = _mm512_setr_epi32(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
    __m512i low = _mm512_packs_epi32(v[0], v[1]), high = _mm512_packs_epi32(v[2], v[3]);
    _mm512_storeu_si512(to, _mm512_permutexvar_epi32(order, _mm512_packus_epi16(low, high)));
}
#define wide_put_bytes wide_put_bytes_avx512

/* Where the values of a plane are in the first two of three registers, and in what comes of that and the third; where
 * those of the three are in the first two planes, likewise; and in one plane of which each is taken thrice. */
static const int32_t wide_apart_first[3][16] = {
    {0, 3, 6, 9, 12, 15, 18, 21, 24, 27, 30, 0, 0, 0, 0, 0},
    {1, 4, 7, 10, 13, 16, 19, 22, 25, 28, 31, 0, 0, 0, 0, 0},
    {2, 5, 8, 11, 14, 17, 20, 23, 26, 29, 0, 0, 0, 0, 0, 0},
};
static const int32_t wide_apart_then[3][16] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 17, 20, 23, 26, 29},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 18, 21, 24, 27, 30},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 19, 22, 25, 28, 31},
};
static const int32_t wide_together_first[3][16] = {
    {0, 16, 0, 1, 17, 0, 2, 18, 0, 3, 19, 0, 4, 20, 0, 5},
    {21, 0, 6, 22, 0, 7, 23, 0, 8, 24, 0, 9, 25, 0, 10, 26},
    {0, 11, 27, 0, 12, 28, 0, 13, 29, 0, 14, 30, 0, 15, 31, 0},
};
static const int32_t wide_together_then[3][16] = {
    {0, 1, 16, 3, 4, 17, 6, 7, 18, 9, 10, 19, 12, 13, 20, 15},
    {0, 21, 2, 3, 22, 5, 6, 23, 8, 9, 24, 11, 12, 25, 14, 15},
    {26, 1, 2, 27, 4, 5, 28, 7, 8, 29, 10, 11, 30, 13, 14, 31},
};
static const int32_t wide_thrice_each[3][16] = {
    {0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5},
    {5, 5, 6, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 9, 10, 10},
    {10, 11, 11, 11, 12, 12, 12, 13, 13, 13, 14, 14, 14, 15, 15, 15},
};

static inline wide_floats wide_two_avx512(wide_floats a, const int32_t order[16], wide_floats b)
{
    return _mm512_permutex2var_ps(a, _mm512_loadu_si512(order), b);
}

static inline void wide_apart_avx512(const float *chunk, wide_floats plane[3])
{
    wide_floats a = _mm512_loadu_ps(chunk), b = _mm512_loadu_ps(chunk + 16), c = _mm512_loadu_ps(chunk + 32);
    for (int k = 0; k < 3; k++)
        plane[k] = wide_two_avx512(wide_two_avx512(a, wide_apart_first[k], b), wide_apart_then[k], c);
}
#define wide_apart wide_apart_avx512

static inline void wide_together_avx512(wide_floats r, wide_floats g, wide_floats b, float *chunk)
{
    for (int k = 0; k < 3; k++) {
        wide_floats v = wide_two_avx512(wide_two_avx512(r, wide_together_first[k], g), wide_together_then[k], b);
        _mm512_storeu_ps(chunk + 16 * k, v);
    }
}
#define wide_together wide_together_avx512

static inline void wide_thrice_avx512(wide_floats v, float *chunk)
{
    for (int k = 0; k < 3; k++)
        _mm512_storeu_ps(chunk + 16 * k, _mm512_permutexvar_ps(_mm512_loadu_si512(wide_thrice_each[k]), v));
}
#define wide_thrice wide_thrice_avx512

typedef struct {
    __m512 first; /* of values 0 .. 15 ... */
    __m256 last;  /* ... and 16 .. 23 */
} wide_sums_avx512;
#define wide_sums wide_sums_avx512

/* Twice twenty-four, one after the other. */
static inline void wide_add_avx512(wide_sums *sums, const wide_floats v[3])
{
    sums->first = sums->first + v[0];
    sums->last = sums->last + _mm512_castps512_ps256(v[1]);
    sums->first = sums->first + wide_middle_avx512(v[1], v[2]);
    sums->last = sums->last + wide_high_avx512(v[2]);
}
#define wide_add wide_add_avx512
#define wide_sums_of(sums, k) wide_sums_of_avx512(&(sums), k)

static inline __m256 wide_sums_of_avx512(const wide_sums *sums, int k)
{
    return k == 2 ? sums->last : k == 1 ? wide_high_avx512(sums->first) : _mm512_castps512_ps256(sums->first);
}

#define wide_taken 16
static inline wide_whole wide_taps_avx512(const char *from, const int64_t *at, const uint32_t *place,
                                          const uint32_t *weight)
{
    __m512i which = _mm512_loadu_si512(place);
    __m512i taps = _mm512_maskz_permutexvar_epi8(0x5555555555555555, which, _mm512_loadu_si512(from + *at));
    return _mm512_madd_epi16(taps, _mm512_loadu_si512(weight));
}
#define wide_taps wide_taps_avx512
