/* colour_avx2.h: what goes through a chunk as vectors, with AVX2: the bits of sample_body.h and colour_body.h. */
#include <immintrin.h>

/* Bytes to floats, eight at once. */
static inline void colour_widen(const char *from, int count, float *to)
{
    int i = 0;
    for (; i + 8 <= count; i += 8)
        _mm256_storeu_ps(to + i, _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)(from + i)))));
    for (; i < count; i++)
        to[i] = (float)(uint8_t)from[i];
}
#define SEQAUG_WIDEN_BYTES colour_widen

/* A step that scales and cuts; a NaN stays one, being the second of two. */
static void colour_scale_and_cut(const seqaug_step *step, int pattern, int size, float *chunk)
{
    for (int k = 0; k < pattern; k += 8) {
        __m256 scale = _mm256_loadu_ps(step->scale + k), offset = _mm256_loadu_ps(step->offset + k);
        __m256 low = _mm256_loadu_ps(step->low + k), high = _mm256_loadu_ps(step->high + k);
        for (int at = k; at < size; at += pattern) {
            __m256 v = _mm256_add_ps(_mm256_mul_ps(_mm256_loadu_ps(chunk + at), scale), offset);
            _mm256_storeu_ps(chunk + at, _mm256_min_ps(high, _mm256_max_ps(low, v)));
        }
    }
}
#define SEQAUG_SCALE_AND_CUT colour_scale_and_cut

static void colour_cut(const seqaug_step *step, int pattern, int size, float *chunk)
{
    for (int k = 0; k < pattern; k += 8) {
        __m256 low = _mm256_loadu_ps(step->low + k), high = _mm256_loadu_ps(step->high + k);
        for (int at = k; at < size; at += pattern)
            _mm256_storeu_ps(chunk + at, _mm256_min_ps(high, _mm256_max_ps(low, _mm256_loadu_ps(chunk + at))));
    }
}
#define SEQAUG_CUT colour_cut

/* Eight pixels of three values, a value of all in each register, and back. */
static inline void colour_apart(const float *chunk, __m256 plane[3])
{
    __m256 a = _mm256_loadu2_m128(chunk + 12, chunk), b = _mm256_loadu2_m128(chunk + 16, chunk + 4);
    __m256 c = _mm256_loadu2_m128(chunk + 20, chunk + 8); /* rgbr gbrg brgb */
    __m256 gb = _mm256_shuffle_ps(a, b, _MM_SHUFFLE(1, 0, 2, 1)), rg = _mm256_shuffle_ps(b, c, _MM_SHUFFLE(2, 1, 3, 2));
    plane[0] = _mm256_shuffle_ps(a, rg, _MM_SHUFFLE(2, 0, 3, 0));
    plane[1] = _mm256_shuffle_ps(gb, rg, _MM_SHUFFLE(3, 1, 2, 0));
    plane[2] = _mm256_shuffle_ps(gb, c, _MM_SHUFFLE(3, 0, 3, 1));
}

static inline void colour_together(__m256 r, __m256 g, __m256 b, float *chunk)
{
    __m256 rg = _mm256_shuffle_ps(r, g, _MM_SHUFFLE(2, 0, 2, 0)), gb = _mm256_shuffle_ps(g, b, _MM_SHUFFLE(3, 1, 3, 1));
    __m256 br = _mm256_shuffle_ps(b, r, _MM_SHUFFLE(3, 1, 2, 0));
    _mm256_storeu2_m128(chunk + 12, chunk, _mm256_shuffle_ps(rg, br, _MM_SHUFFLE(2, 0, 2, 0)));
    _mm256_storeu2_m128(chunk + 16, chunk + 4, _mm256_shuffle_ps(gb, rg, _MM_SHUFFLE(3, 1, 2, 0)));
    _mm256_storeu2_m128(chunk + 20, chunk + 8, _mm256_shuffle_ps(br, gb, _MM_SHUFFLE(3, 1, 3, 1)));
}

/* A row of a mix, its six numbers eight times each, for eight pixels: weights, offset, lowest and highest value. */
static inline __m256 colour_mixed(const __m256 row[6], const __m256 plane[3])
{
    __m256 sum = _mm256_add_ps(_mm256_mul_ps(plane[0], row[0]), _mm256_mul_ps(plane[1], row[1]));
    sum = _mm256_add_ps(_mm256_add_ps(sum, _mm256_mul_ps(plane[2], row[2])), row[3]);
    return _mm256_min_ps(row[5], _mm256_max_ps(row[4], sum));
}

/* A step that mixes channels and cuts; of three equal rows only one is added up. */
static void colour_mix(const seqaug_step *step, int count, float *chunk)
{
    __m256 row[3][6], plane[3];
    for (int c = 0; c < 3; c++) {
        for (int from = 0; from < 3; from++)
            row[c][from] = _mm256_set1_ps(step->mix[c][from]);
        row[c][3] = _mm256_set1_ps(step->offset[c]);
        row[c][4] = _mm256_set1_ps(step->low[c]);
        row[c][5] = _mm256_set1_ps(step->high[c]);
    }
    const float *end = chunk + 3 * count;
    for (int gray = step->gray; gray && chunk < end; chunk += 24) {
        colour_apart(chunk, plane);
        __m256 sum = colour_mixed(row[0], plane);
        _mm256_storeu2_m128(chunk + 12, chunk, _mm256_permute_ps(sum, _MM_SHUFFLE(1, 0, 0, 0)));
        _mm256_storeu2_m128(chunk + 16, chunk + 4, _mm256_permute_ps(sum, _MM_SHUFFLE(2, 2, 1, 1)));
        _mm256_storeu2_m128(chunk + 20, chunk + 8, _mm256_permute_ps(sum, _MM_SHUFFLE(3, 3, 3, 2)));
    }
    for (; chunk < end; chunk += 24) {
        colour_apart(chunk, plane);
        colour_together(colour_mixed(row[0], plane), colour_mixed(row[1], plane), colour_mixed(row[2], plane), chunk);
    }
}
#define SEQAUG_MIX_EIGHTS colour_mix

static inline void colour_store_apart(const float *chunk, float *r, float *g, float *b)
{
    __m256 plane[3];
    colour_apart(chunk, plane);
    _mm256_storeu_ps(r, plane[0]);
    _mm256_storeu_ps(g, plane[1]);
    _mm256_storeu_ps(b, plane[2]);
}
#define SEQAUG_APART colour_store_apart
#define SEQAUG_TOGETHER(r, g, b, chunk)                                                                            \
    colour_together(_mm256_loadu_ps(r), _mm256_loadu_ps(g), _mm256_loadu_ps(b), chunk)
