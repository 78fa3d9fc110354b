/* shrink_avx2.h: columns of three channels averaged in registers of four: the sums of the plain loops. Internal. */

static inline __m128 sum_of_threes(const float *from, const float *weight, int64_t count)
{
    __m128 sum = _mm_setzero_ps();
    for (int64_t i = 0; i < count; i++)
        sum = _mm_add_ps(sum, _mm_mul_ps(_mm_loadu_ps(from + 3 * i), _mm_set1_ps(weight[i])));
    return sum;
}

/* Three channels in a register of four: the last value read may be the one behind the line, which is in `space`; the
 * fourth that is written is the next pixel's first, which comes later. Usual numbers of pixels are known ones. */
static void sum_threes(const float *line, const shrink_columns *all, float *to)
{
    const float *weight = all->weight;
    __m128 sum = _mm_setzero_ps();
    for (int64_t x = 0; x < all->width; x++, weight += all->wide) {
        const float *from = line + 3 * all->ends[2 * x];
        switch (all->ends[2 * x + 1]) {
        case 3: sum = sum_of_threes(from, weight, 3); break;
        case 4: sum = sum_of_threes(from, weight, 4); break;
        case 5: sum = sum_of_threes(from, weight, 5); break;
        case 6: sum = sum_of_threes(from, weight, 6); break;
        default: sum = sum_of_threes(from, weight, all->ends[2 * x + 1]);
        }
        if (x + 1 < all->width)
            _mm_storeu_ps(to + 3 * x, sum);
    }
    _mm_storel_pi((__m64 *)(to + 3 * (all->width - 1)), sum);
    to[3 * all->width - 1] = _mm_cvtss_f32(_mm_movehl_ps(sum, sum));
}
