/* lines_avx2.h: bytes resized without a turn, with AVX2: source rows become lines as wide as the output, each once, and
 * two lines an output row. The bits of sample_body.h. */
#include <immintrin.h>

/* How eight values of a line are taken from a source row: four each from 16 bytes, with those of the next pixels. */
typedef struct {
    int8_t place[2][16];
    int16_t weight[2][8]; /* negated, so that 2^15 fits */
    int64_t at[2];
} lines_eight;

enum { SEQAUG_LINE_VALUES = 3072, SEQAUG_LINES_AHEAD = 6 };

struct seqaug_lines {
    int eights;                 /* of a line */
    int64_t begin, end;         /* what is used of a source row: bytes begin .. end - 1 */
    const float *above, *below; /* of the output row at hand, ... */
    float down;                 /* ... and the share of the lower one */
    int64_t row[2];             /* which source rows these lines are; negative for none: */
    float line[2][SEQAUG_LINE_VALUES]; /* sums with weights of 15 bits, negated */
    lines_eight eight[SEQAUG_LINE_VALUES / 8];
};

/* A source row as a line. */
static void lines_make(const struct seqaug_lines *lines, const char *from, float *line)
{
    const lines_eight *end = lines->eight + lines->eights;
    for (const lines_eight *eight = lines->eight; eight < end; eight++, line += 8) {
        __m128i low = _mm_loadu_si128((const __m128i *)(from + eight->at[0]));
        __m128i high = _mm_loadu_si128((const __m128i *)(from + eight->at[1]));
        __m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
        __m256i taps = _mm256_shuffle_epi8(bytes, _mm256_loadu_si256((const __m256i *)eight->place));
        __m256i sums = _mm256_madd_epi16(taps, _mm256_loadu_si256((const __m256i *)eight->weight));
        _mm256_storeu_ps(line, _mm256_cvtepi32_ps(sums));
    }
}
#define SEQAUG_LINES lines_make

/* Asks for a row of the source that will be needed soon: the memory's own reading ahead does not see over the columns
 * that are left out. */
static inline void lines_ask(const struct seqaug_lines *lines, const char *from)
{
    for (int64_t at = lines->begin; at < lines->end; at += 64)
        _mm_prefetch(from + at, _MM_HINT_T0);
}

/* Eight values of the output row, 2^15 times as large; see near_down. */
static inline __m256 lines_between(const float *above, const float *below, __m256 down)
{
    __m256 a = _mm256_loadu_ps(above), b = _mm256_loadu_ps(below);
    return _mm256_sub_ps(_mm256_mul_ps(_mm256_sub_ps(a, b), down), a);
}

/* `size` values of the output row from value `first` on, multiplied, moved, and cut if there is `low`; patterns of so
 * many values repeat. What is behind them, up to a whole eight, is written, too. */
static void lines_blend(const struct seqaug_lines *lines, int64_t first, int size, int pattern, const float *scale,
                        const float *offset, const float *low, const float *high, float *out)
{
    const float *above = lines->above + first, *below = lines->below + first;
    __m256 down = _mm256_set1_ps(lines->down);
    for (int k = 0; k < pattern; k += 8) {
        __m256 by = _mm256_loadu_ps(scale + k), plus = _mm256_loadu_ps(offset + k);
        if (!low) {
            for (int i = k; i < size; i += pattern) {
                __m256 v = lines_between(above + i, below + i, down);
                _mm256_storeu_ps(out + i, _mm256_add_ps(_mm256_mul_ps(v, by), plus));
            }
            continue;
        }
        __m256 least = _mm256_loadu_ps(low + k), most = _mm256_loadu_ps(high + k);
        for (int i = k; i < size; i += pattern) {
            __m256 v = _mm256_add_ps(_mm256_mul_ps(lines_between(above + i, below + i, down), by), plus);
            _mm256_storeu_ps(out + i, _mm256_min_ps(most, _mm256_max_ps(least, v)));
        }
    }
}
