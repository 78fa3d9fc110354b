/* note_avx512.h: note_avx2.h for sixteen pixels at a time, with AVX-512; and for pixels that lie together. Internal. */

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
