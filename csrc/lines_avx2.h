/* lines_avx2.h: bytes resized without a turn, with AVX2: source rows become lines as wide as the output, each once, and
 * two lines an output row. The bits of sample_body.h. */
#include <immintrin.h>

/* How four neighbouring values of a line are taken from a source row: from 16 bytes, each with the next pixel's. */
enum { SEQAUG_LINE_VALUES = 3072, SEQAUG_LINE_FOURS = SEQAUG_LINE_VALUES / 4 };

struct seqaug_lines {
    int size; /* values of a line, up to whole eights */
    int64_t begin, end; /* what is used of a source row */
    const float *above, *below; /* of the output row at hand, ... */
    float down;                 /* ... and the share of the lower one */
    int64_t row[2];             /* which source rows these lines are; negative for none: */
    float line[2][SEQAUG_LINE_VALUES]; /* sums with weights of 15 bits, negated */
    int32_t at[SEQAUG_LINE_FOURS];
    int8_t place[SEQAUG_LINE_FOURS][16];
    int16_t weight[SEQAUG_LINE_FOURS][8]; /* negated, so that 2^15 fits */
};

/* A source row as a line. */
static void lines_make(const struct seqaug_lines *lines, const char *from, float *line)
{
    const int32_t *at = lines->at;
    for (int k = 0; k < lines->size / 4; k += 2) {
        __m128i low = _mm_loadu_si128((const __m128i *)(from + at[k]));
        __m128i high = _mm_loadu_si128((const __m128i *)(from + at[k + 1]));
        __m256i bytes = _mm256_inserti128_si256(_mm256_castsi128_si256(low), high, 1);
        __m256i taps = _mm256_shuffle_epi8(bytes, _mm256_loadu_si256((const __m256i *)lines->place[k]));
        __m256i weights = _mm256_loadu_si256((const __m256i *)lines->weight[k]);
        _mm256_storeu_ps(line + 4 * k, _mm256_cvtepi32_ps(_mm256_madd_epi16(taps, weights)));
    }
}

/* Eight values of the output row, multiplied and moved; see near_down. */
static inline __m256 lines_eight(const float *above, const float *below, __m256 down, __m256 scale, __m256 offset)
{
    __m256 a = _mm256_loadu_ps(above), b = _mm256_loadu_ps(below);
    __m256 v = _mm256_sub_ps(_mm256_mul_ps(_mm256_sub_ps(a, b), down), a);
    return _mm256_add_ps(_mm256_mul_ps(v, scale), offset);
}

/* `size` values of the output row from value `first` on, multiplied and moved by `lanes` patterns of eight. */
static void lines_blend(const struct seqaug_lines *lines, int64_t first, int size, int lanes, const float *scale,
                        const float *offset, float *out)
{
    const float *above = lines->above + first, *below = lines->below + first;
    __m256 down = _mm256_set1_ps(lines->down);
    int pattern = 8 * lanes, whole = size & ~7;
    for (int k = 0; k < pattern; k += 8) {
        __m256 by = _mm256_loadu_ps(scale + k), plus = _mm256_loadu_ps(offset + k);
        for (int i = k; i < whole; i += pattern)
            _mm256_storeu_ps(out + i, lines_eight(above + i, below + i, down, by, plus));
    }
    if (whole < size) {
        float eight[8];
        int k = whole % pattern;
        _mm256_storeu_ps(eight, lines_eight(above + whole, below + whole, down, _mm256_loadu_ps(scale + k),
                                            _mm256_loadu_ps(offset + k)));
        memcpy(out + whole, eight, (size_t)(size - whole) * sizeof *out);
    }
}
#define SEQAUG_LINES lines_make
