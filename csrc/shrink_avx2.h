/* shrink_avx2.h: what most pictures are, bytes of three channels, averaged in registers. Each value is the sum of the same
 * products in the same order as in the plain loops. */

#include <immintrin.h>

static inline __m256 shrink_widen(const uint8_t *from)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)from)));
}

/* Rows of bytes, 32 values at a time through all rows; the last 32 may overlap with those before. */
static void add_rows_u8(const char *top, int64_t step, int64_t count, const float *weight, int64_t n, float *line)
{
    for (int64_t at = 0; n >= 32 && at < n; at += 32) {
        int64_t i = at + 32 <= n ? at : n - 32;
        const uint8_t *from = (const uint8_t *)top + i;
        __m256 a = _mm256_setzero_ps(), b = a, c = a, d = a;
        for (int64_t y = 0; y < count; y++, from += step) {
            __m256 by = _mm256_set1_ps(weight[y]); /* bytes and weights are not below 0, so there is no -0 */
            a = _mm256_add_ps(a, _mm256_mul_ps(shrink_widen(from), by));
            b = _mm256_add_ps(b, _mm256_mul_ps(shrink_widen(from + 8), by));
            c = _mm256_add_ps(c, _mm256_mul_ps(shrink_widen(from + 16), by));
            d = _mm256_add_ps(d, _mm256_mul_ps(shrink_widen(from + 24), by));
        }
        _mm256_storeu_ps(line + i, a);
        _mm256_storeu_ps(line + i + 8, b);
        _mm256_storeu_ps(line + i + 16, c);
        _mm256_storeu_ps(line + i + 24, d);
    }
    for (int64_t i = 0; n < 32 && i < n; i++) {
        float sum = 0.0f;
        for (int64_t y = 0; y < count; y++)
            sum += (float)(uint8_t)top[y * step + i] * weight[y];
        line[i] = sum;
    }
}

static inline __m128 sum_of_threes(const float *from, const float *weight, int64_t count)
{
    __m128 sum = _mm_setzero_ps();
    for (int64_t i = 0; i < count; i++)
        sum = _mm_add_ps(sum, _mm_mul_ps(_mm_loadu_ps(from + 3 * i), _mm_set1_ps(weight[i])));
    return sum;
}

/* Three channels in a register of four: the last value read may be the one behind the line, which is in `space`; the
 * fourth that is written is the next pixel's first, which comes later. Usual numbers of pixels are known ones. */
static void sum_threes(const float *line, const int32_t *ends, const float *weight, int64_t wide, int64_t width,
                       int64_t channels, float *to)
{
    __m128 sum = _mm_setzero_ps();
    for (int64_t x = 0; x < width; x++, weight += wide) {
        const float *from = line + ends[2 * x] * channels;
        switch (ends[2 * x + 1]) {
        case 3: sum = sum_of_threes(from, weight, 3); break;
        case 4: sum = sum_of_threes(from, weight, 4); break;
        case 5: sum = sum_of_threes(from, weight, 5); break;
        case 6: sum = sum_of_threes(from, weight, 6); break;
        default: sum = sum_of_threes(from, weight, ends[2 * x + 1]);
        }
        if (x + 1 < width)
            _mm_storeu_ps(to + channels * x, sum);
    }
    _mm_storel_pi((__m64 *)(to + channels * (width - 1)), sum);
    to[channels * width - 1] = _mm_cvtss_f32(_mm_movehl_ps(sum, sum));
}
