/* noise_avx2.h: what noise_body.h computes, in the instructions of AVX2. Internal. */
#include <immintrin.h>

/* One counter word of four blocks lies in the lower halves of four lanes; what is in the upper ones means nothing. */
typedef struct {
    __m256i c0, c1, c2, c3;
} noise_blocks;

static inline void noise_round(noise_blocks *b, __m256i k0, __m256i k1)
{
    __m256i first = _mm256_mul_epu32(b->c0, _mm256_set1_epi64x(0xD2511F53));
    __m256i second = _mm256_mul_epu32(b->c2, _mm256_set1_epi64x(0xCD9E8D57));
    b->c0 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(second, 32), b->c1), k0);
    b->c2 = _mm256_xor_si256(_mm256_xor_si256(_mm256_srli_epi64(first, 32), b->c3), k1);
    b->c1 = second;
    b->c3 = first;
}

static inline __m256i noise_both(__m256i even, __m256i odd)
{
    return _mm256_blend_epi32(even, _mm256_slli_epi64(odd, 32), 0xAA);
}

/* Eight normal numbers of pieces in the upper halves of words. */
static inline __m256 noise_normals(__m256i words)
{
    const __m256i one = _mm256_set1_epi32(1), start = _mm256_set1_epi32(0x3F800000);
    __m256i sign = _mm256_and_si256(words, _mm256_set1_epi32((int)0x80000000u));
    __m256i twice = _mm256_and_si256(_mm256_srli_epi32(words, 15), _mm256_set1_epi32(0xFFFE));
    __m256i bits = _mm256_castps_si256(_mm256_cvtepi32_ps(_mm256_or_si256(twice, one)));
    __m256 past = _mm256_cvtepi32_ps(_mm256_and_si256(bits, _mm256_set1_epi32(0x3FFFF)));
    __m256i line = _mm256_srli_epi32(_mm256_sub_epi32(bits, start), 18);
    line = _mm256_permute4x64_epi64(line, _MM_SHUFFLE(3, 1, 2, 0)); /* so that both halves come out in order */
    const double *lines = (const double *)(const void *)seqaug_normal_lines;
    __m256 low = _mm256_castpd_ps(_mm256_i32gather_pd(lines, _mm256_castsi256_si128(line), 8));
    __m256 high = _mm256_castpd_ps(_mm256_i32gather_pd(lines, _mm256_extracti128_si256(line, 1), 8));
    __m256 from = _mm256_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0));
    __m256 rise = _mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1));
    past = _mm256_mul_ps(past, _mm256_set1_ps(0x1p-18f));
    return _mm256_xor_ps(_mm256_add_ps(from, _mm256_mul_ps(rise, past)), _mm256_castsi256_ps(sign));
}

static void noise_avx2(const uint32_t key[2], uint64_t block, uint32_t part, float *out)
{
    __m256i c0 = _mm256_add_epi64(_mm256_set1_epi64x((int64_t)(block & 0xFFFFFFFF)), _mm256_setr_epi64x(0, 2, 4, 6));
    __m256i c1 = _mm256_set1_epi64x((int64_t)(block >> 32)), c2 = _mm256_set1_epi64x(part);
    noise_blocks even = {c0, c1, c2, _mm256_setzero_si256()}, odd = even;
    odd.c0 = _mm256_add_epi64(c0, _mm256_set1_epi64x(1));
    for (uint32_t round = 0; round < 10; round++) {
        __m256i k0 = _mm256_set1_epi32((int)(key[0] + round * 0x9E3779B9u));
        __m256i k1 = _mm256_set1_epi32((int)(key[1] + round * 0xBB67AE85u));
        noise_round(&even, k0, k1);
        noise_round(&odd, k0, k1);
    }
    __m256i words[4] = {noise_both(even.c0, odd.c0), noise_both(even.c1, odd.c1), noise_both(even.c2, odd.c2),
                        noise_both(even.c3, odd.c3)};
    for (int w = 0; w < 4; w++) {
        _mm256_storeu_ps(out + 16 * w, noise_normals(words[w]));
        _mm256_storeu_ps(out + 16 * w + 8, noise_normals(_mm256_slli_epi32(words[w], 16)));
    }
}
