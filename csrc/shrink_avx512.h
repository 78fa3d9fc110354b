/* shrink_avx512.h: columns of three channels averaged four at a time: the sums of the plain loops. Internal.
 *
 * What four columns need is told by registers: where each takes its values from, and for each pixel their weights. A pixel
 * that is not one of a column's has no weight there, and has to be a number.
 */
struct shrink_four {
    int32_t at[2];        /* the first value for all of them, and the same for 64 bytes that do not pass the row's end */
    uint8_t place[2][16]; /* how much further on each is, from either, where columns go by fours */
};

static inline int64_t fours_of(int64_t width)
{
    return (width + 3) / 4;
}

/* Sets the numbers up for rows of `length` values, if four columns do not reach too far for registers. */
static void prepare_fours(shrink_columns *all, int64_t length, float *space)
{
    int64_t fours = fours_of(all->width), beyond = 0, last = length - 64, furthest = 0;
    if (length > INT32_MAX)
        return;
    for (int64_t x = 0; x < all->width; x++)
        all->most = all->ends[2 * x + 1] > all->most ? all->ends[2 * x + 1] : all->most;
    all->weights = (float *)(((uintptr_t)space + 63) & ~(uintptr_t)63); /* whole lines of memory each */
    all->fours = (struct shrink_four *)(void *)(all->weights + 4 * all->most * fours);
    memset(all->fours, 0, (size_t)fours * sizeof *all->fours);
    memset(all->weights, 0, (size_t)(4 * all->most * fours) * sizeof *all->weights);
    for (int64_t x = 0; x < all->width; x++) {
        struct shrink_four *four = &all->fours[x / 4];
        int32_t at = 3 * all->ends[2 * x], first = 3 * all->ends[x / 4 * 8], count = all->ends[2 * x + 1];
        four->at[0] = first;
        four->at[1] = first < last ? first : (int32_t)(last > 0 ? last : 0);
        for (int k = 0; k < 3; k++) {
            four->place[0][x % 4 * 4 + k] = (uint8_t)(at - first + k);
            four->place[1][x % 4 * 4 + k] = (uint8_t)(at - four->at[1] + k);
        }
        for (int64_t i = 0; i < count; i++)
            all->weights[(x / 4 * all->most + i) * 4 + x % 4] = all->weight[x * all->wide + i];
        int64_t end = at - four->at[1] + 3 * count - 1;
        beyond = at - first > beyond ? at - first : beyond;
        furthest = end > furthest ? end : furthest;
    }
    all->by_fours = beyond + 2 + 6 < 32 ? 3 : beyond + 2 < 32;
    all->bytes_by_fours = last >= 0 && furthest < 64;
}

static inline __m512 weights_of_four(const float *weights)
{
    const __m512i each = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    return _mm512_permutexvar_ps(each, _mm512_castps128_ps512(_mm_load_ps(weights)));
}

static inline __m512i places_of_four(const uint8_t place[16])
{
    return _mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)place));
}

static inline void put_four(__m512 sum, int64_t left, float *to)
{
    const __m512i threes = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 3, 3, 3);
    __mmask16 some = (__mmask16)((1 << (3 * (left < 4 ? left : 4))) - 1);
    _mm512_mask_storeu_ps(to, some, _mm512_permutexvar_ps(threes, sum));
}

/* Of a line of floats. Up to 32 floats are read behind the last pixel that has a weight. What is read does for `reads`
 * pixels (a constant, as `most` may be). */
static inline __attribute__((always_inline)) void sum_fours_by(const float *line, const shrink_columns *all, int64_t most,
                                                               int reads, float *to)
{
    const struct shrink_four *four = all->fours;
    const float *weights = all->weights;
    for (int64_t x = 0; x < all->width; x += 4, four++, to += 12) {
        const float *from = line + four->at[0];
        __m512i place = places_of_four(four->place[0]);
        __m512 sum = _mm512_setzero_ps(), low = sum, high = sum;
        for (int64_t i = 0; i < most; i++, weights += 4) {
            if (i % reads == 0) {
                low = _mm512_loadu_ps(from + 3 * i);
                high = _mm512_loadu_ps(from + 3 * i + 16);
            }
            __m512i next = _mm512_add_epi32(place, _mm512_set1_epi32((int)(i % reads) * 3));
            sum = sum + _mm512_permutex2var_ps(low, next, high) * weights_of_four(weights);
        }
        put_four(sum, all->width - x, to);
    }
}

/* Usual numbers of pixels are known ones. */
static void sum_fours(const float *line, const shrink_columns *all, float *to)
{
    if (all->most == 3 && all->by_fours == 3)
        sum_fours_by(line, all, 3, 3, to);
    else if (all->most == 4 && all->by_fours == 3)
        sum_fours_by(line, all, 4, 3, to);
    else if (all->most == 5 && all->by_fours == 3)
        sum_fours_by(line, all, 5, 3, to);
    else if (all->most == 6 && all->by_fours == 3)
        sum_fours_by(line, all, 6, 3, to);
    else
        sum_fours_by(line, all, all->most, 1, to);
}

/* Of a row of bytes. A place beyond the 64 has no weight, and is taken for one of them. */
static void sum_fours_of_bytes(const uint8_t *row, const shrink_columns *all, float *to)
{
    const struct shrink_four *four = all->fours;
    const float *weights = all->weights;
    for (int64_t x = 0; x < all->width; x += 4, four++, to += 12) {
        __m512i bytes = _mm512_loadu_si512(row + four->at[1]), place = places_of_four(four->place[1]);
        __m512 sum = _mm512_setzero_ps();
        for (int64_t i = 0; i < all->most; i++, weights += 4) {
            __m512i v = _mm512_maskz_permutexvar_epi8(0x1111111111111111, place, bytes);
            sum = sum + _mm512_cvtepi32_ps(v) * weights_of_four(weights);
            place = _mm512_add_epi32(place, _mm512_set1_epi32(3));
        }
        put_four(sum, all->width - x, to);
    }
}
