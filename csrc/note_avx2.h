/* note_avx2.h: where the pixels of a chunk are, and what they weigh, with AVX2: the bits of places_body.h. Internal. */
#include <immintrin.h>

static inline __m256 near_shares(__m256i fraction)
{
    return _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_srli_epi32(fraction, 1)), _mm256_set1_ps(0x1p-31f));
}

/* The weights of both pixels, negated so that 2^15 fits, in the halves of a word: the rounded upper half of the fraction
 * less 2^15, and its negative. */
static inline __m256i near_weights(__m256i fraction)
{
    const __m256i upper = _mm256_setr_epi8(2, 3, 2, 3, 6, 7, 6, 7, 10, 11, 10, 11, 14, 15, 14, 15, 2, 3, 2, 3, 6, 7, 6, 7,
                                           10, 11, 10, 11, 14, 15, 14, 15);
    __m256i right = _mm256_avg_epu16(_mm256_shuffle_epi8(fraction, upper), _mm256_setzero_si256());
    return _mm256_xor_si256(_mm256_sign_epi16(right, _mm256_set1_epi32((int32_t)0xFFFF0001)), _mm256_set1_epi32(0x8000));
}

/* What the places of a chunk are made of, in registers: the coordinates of its first pixel if it is told by those, and
 * the strides of the source. */
typedef struct {
    __m256i start[2], stride[2], last[2]; /* last: pixel that has a next one */
} near_frame;

static inline near_frame near_begin(const seqaug_job *job, const seqaug_places *places)
{
    near_frame frame;
    for (int axis = 0; axis < 2; axis++) {
        frame.start[axis] = _mm256_set1_epi64x(places->start[axis]);
        frame.stride[axis] = _mm256_set1_epi32((int32_t)job->source.stride[axis]);
        frame.last[axis] = _mm256_set1_epi32(job->last[axis] - 1);
    }
    return frame;
}

/* One axis of eight places: a coordinate and what the columns add to it, in fixed point. */
static inline __m256i near_ramp(const int64_t *ramp, __m256i start, __m256i *fraction)
{
    __m256 even = _mm256_castsi256_ps(_mm256_add_epi64(start, _mm256_loadu_si256((const __m256i *)ramp)));
    __m256 odd = _mm256_castsi256_ps(_mm256_add_epi64(start, _mm256_loadu_si256((const __m256i *)ramp + 1)));
    *fraction = _mm256_castps_si256(_mm256_shuffle_ps(even, odd, _MM_SHUFFLE(2, 0, 2, 0)));
    return _mm256_castps_si256(_mm256_shuffle_ps(even, odd, _MM_SHUFFLE(3, 1, 3, 1)));
}

/* Both pixels shall exist; see `clamp`. */
static inline __m256i near_clamp(const near_frame *frame, int axis, __m256i pixel, __m256i *fraction)
{
    __m256i before = _mm256_srai_epi32(pixel, 31), behind = _mm256_cmpgt_epi32(pixel, frame->last[axis]);
    *fraction = _mm256_or_si256(_mm256_andnot_si256(before, *fraction), behind);
    return _mm256_min_epi32(_mm256_max_epi32(pixel, _mm256_setzero_si256()), frame->last[axis]);
}

/* Offsets of the nearest pixels of a chunk, whose first coordinates are `start`, each less 1/2; see
 * `place_nearest_fixed`, also for what is returned. */
static inline int near_nearest(const seqaug_job *job, const int64_t start[2], int count, int32_t *offset)
{
    const __m256i zero = _mm256_setzero_si256(), margin = _mm256_set1_epi32(SEQAUG_TIE);
    __m256i least = _mm256_set1_epi32(-1), from[2], last[2], stride[2];
    for (int axis = 0; axis < 2; axis++) {
        from[axis] = _mm256_set1_epi64x(start[axis] + SEQAUG_ONE / 2);
        last[axis] = _mm256_set1_epi32((int32_t)job->extent[axis] - 1);
        stride[axis] = _mm256_set1_epi32((int32_t)job->source.stride[axis]);
    }
    for (int first = 0; first < count; first += 8) {
        __m256i at = zero, fraction;
        for (int axis = 0; axis < 2; axis++) {
            __m256i pixel = near_ramp(job->ramp[axis] + first, from[axis], &fraction);
            least = _mm256_min_epu32(least, _mm256_add_epi32(fraction, margin));
            pixel = _mm256_min_epi32(_mm256_max_epi32(pixel, zero), last[axis]);
            at = _mm256_add_epi32(at, _mm256_mullo_epi32(pixel, stride[axis]));
        }
        _mm256_storeu_si256((__m256i *)(offset + first), at);
    }
    least = _mm256_cmpeq_epi32(_mm256_min_epu32(least, _mm256_set1_epi32(2 * SEQAUG_TIE - 1)), least);
    return _mm256_testz_si256(least, least);
}
#define SEQAUG_NEAR_OFFSETS near_nearest

/* Behind the last of `count` columns there are others, which are taken for that one. */
static SEQAUG_COLD __m256i near_repeated(__m256i at, int count)
{
    int32_t offset[8];
    _mm256_storeu_si256((__m256i *)offset, at);
    for (int i = count; i < 8; i++)
        offset[i] = offset[count - 1];
    return _mm256_loadu_si256((const __m256i *)offset);
}

/* Eight places from column `first` on: returns the byte offsets of their first pixels; and their fractions. */
static inline __m256i near_places(const seqaug_job *job, const seqaug_places *places, const near_frame *frame, int first,
                                  int count, __m256i *x_fraction, __m256i *y_fraction)
{
    __m256i y, x;
    if (places->telling != SEQAUG_TOLD) {
        y = near_ramp(job->ramp[0] + first, frame->start[0], y_fraction);
        x = near_ramp(job->ramp[1] + first, frame->start[1], x_fraction);
        if (places->telling == SEQAUG_CLAMPED) {
            y = near_clamp(frame, 0, y, y_fraction);
            x = near_clamp(frame, 1, x, x_fraction);
        }
    } else {
        y = _mm256_loadu_si256((const __m256i *)(places->y + first));
        x = _mm256_loadu_si256((const __m256i *)(places->x + first));
        *y_fraction = _mm256_loadu_si256((const __m256i *)(places->y_fraction + first));
        *x_fraction = _mm256_loadu_si256((const __m256i *)(places->x_fraction + first));
    }
    __m256i down = _mm256_mullo_epi32(y, frame->stride[0]), along = _mm256_mullo_epi32(x, frame->stride[1]);
    __m256i at = _mm256_add_epi32(down, along);
    return count - first < 8 ? near_repeated(at, count - first) : at;
}

/* A chunk goes through two loops: this one notes where its pixels are and what they weigh, another takes them. In one, what
 * belongs to a pixel would wait in line from its place to its store, for longer than a processor looks ahead. */
typedef struct {
    _Alignas(64) int32_t at[SEQAUG_COLUMNS]; /* byte offsets, or, of pixels that lie together, places among their bytes */
    int32_t weight[SEQAUG_COLUMNS];          /* along the row: of bytes a pair (see near_weights), of floats the share */
    float down[SEQAUG_COLUMNS];              /* the share of the lower row */
    int64_t start[SEQAUG_COLUMNS / 8];       /* where the bytes of each eight begin that lie together (note_avx512.h) */
} near_noted;

static void near_note(const seqaug_job *job, const seqaug_places *places, int count, int are_bytes, near_noted *noted)
{
    near_frame frame = near_begin(job, places);
    for (int first = 0; first < count; first += 8) {
        __m256i x_fraction, y_fraction, at = near_places(job, places, &frame, first, count, &x_fraction, &y_fraction);
        __m256i weight = are_bytes ? near_weights(x_fraction) : _mm256_castps_si256(near_shares(x_fraction));
        _mm256_store_si256((__m256i *)(noted->at + first), at);
        _mm256_store_si256((__m256i *)(noted->weight + first), weight);
        _mm256_store_ps(noted->down + first, near_shares(y_fraction));
    }
}

static inline __m256i near_eight_weights(const near_noted *noted, int first)
{
    return _mm256_load_si256((const __m256i *)(noted->weight + first));
}

static inline __m256i near_eight_downs(const near_noted *noted, int first)
{
    return _mm256_castps_si256(_mm256_load_ps(noted->down + first));
}
