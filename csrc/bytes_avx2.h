/* bytes_avx2.h: bytes that are only moved, to bytes and to floats, with AVX2: the bits of bytes_body.h. */
#include <immintrin.h>

/* Eight bytes as floats. */
static inline __m256 bytes_widen(const uint8_t *from)
{
    return _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_loadl_epi64((const __m128i *)from)));
}

/* Eight values rounded half up, for packing with saturation to cut them to 0 .. 255. */
static inline __m256i bytes_whole(__m256 v)
{
    return _mm256_cvttps_epi32(_mm256_add_ps(v, _mm256_set1_ps(0.5f)));
}

/* Whether what comes of a step of bytes needs no other cut than that, and is small enough for whole numbers; for a mix,
 * of what its first row gives. What is less than half a unit below 0 or above 255 comes to those by itself. */
static int bytes_saturate(const seqaug_step *step, int lanes)
{
    int good = 1;
    for (int c = 0; c < lanes; c++) {
        double most = step->kind == SEQAUG_MIX ? fabs((double)step->mix[c][0]) + fabs((double)step->mix[c][1]) +
                                                     fabs((double)step->mix[c][2])
                                               : fabs((double)step->scale[c]);
        good &= step->low[c] <= 0.0f && step->high[c] >= 255.0f && most * 255.0 + fabs((double)step->offset[c]) < 1e9;
    }
    return good;
}

/* Every third byte, from the first on, and before it two more. */
static const uint8_t bytes_third[35] = {[0] = 255,  [3] = 255,  [6] = 255,  [9] = 255,  [12] = 255, [15] = 255,
                                        [18] = 255, [21] = 255, [24] = 255, [27] = 255, [30] = 255, [33] = 255};

/* Adds the sums of three channels of whole blocks of 96 bytes, exactly; returns how many bytes these were. A channel's
 * bytes in the first 32 are every third from its own on, and each vector begins two channels further on. */
static int64_t bytes_sum(const uint8_t *from, int64_t count, int lanes, uint64_t *sums)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i mask[3], sum[3] = {zero, zero, zero};
    int64_t at = 0;
    if (lanes != 3 || count < 96)
        return 0;
    for (int c = 0; c < 3; c++)
        mask[c] = _mm256_loadu_si256((const __m256i *)(bytes_third + (3 - c) % 3));
    for (; at + 96 <= count; at += 96)
        for (int k = 0; k < 3; k++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(from + at + 32 * k));
            for (int c = 0; c < 3; c++)
                sum[c] = _mm256_add_epi64(sum[c], _mm256_sad_epu8(_mm256_and_si256(v, mask[(c + k) % 3]), zero));
        }
    for (int c = 0; c < 3; c++) {
        uint64_t part[4];
        _mm256_storeu_si256((__m256i *)part, sum[c]);
        sums[c] += (part[0] + part[1]) + (part[2] + part[3]);
    }
    return at;
}
#define SEQAUG_SUM_BYTES bytes_sum

/* A step that scales and cuts, for eight values of each of the places at which a pattern may begin. */
typedef struct {
    __m256 scale[3], offset[3], low[3], high[3];
} bytes_line;

static inline __attribute__((always_inline)) bytes_line bytes_line_of(const seqaug_step *step, int vectors)
{
    bytes_line line;
    for (int i = 0; i < vectors; i++) {
        line.scale[i] = _mm256_loadu_ps(step->scale + 8 * i);
        line.offset[i] = _mm256_loadu_ps(step->offset + 8 * i);
        line.low[i] = _mm256_loadu_ps(step->low + 8 * i);
        line.high[i] = _mm256_loadu_ps(step->high + 8 * i);
    }
    return line;
}

/* A step that scales and cuts, taken while bytes become floats, for up to four channels: these repeat every `vectors`
 * (a constant) of eight. */
static inline __attribute__((always_inline)) void bytes_open(const seqaug_step *step, int vectors, int clips, int size,
                                                             const uint8_t *from, float *to)
{
    bytes_line line = bytes_line_of(step, vectors);
    int at = 0, k = 0;
    for (; at + 8 * vectors <= size; at += 8 * vectors)
        for (int i = 0; i < vectors; i++) {
            __m256 v = _mm256_add_ps(_mm256_mul_ps(bytes_widen(from + at + 8 * i), line.scale[i]), line.offset[i]);
            _mm256_storeu_ps(to + at + 8 * i, clips ? _mm256_min_ps(line.high[i], _mm256_max_ps(line.low[i], v)) : v);
        }
    for (; at < size; at++, k++) {
        float v = (float)from[at] * step->scale[k] + step->offset[k];
        v = v < step->low[k] ? step->low[k] : v;
        to[at] = v > step->high[k] ? step->high[k] : v;
    }
}

static void bytes_open_any(const seqaug_step *step, int lanes, int size, const uint8_t *from, float *to)
{
    if (lanes == 3 && step->clips)
        bytes_open(step, 3, 1, size, from, to);
    else if (lanes == 3)
        bytes_open(step, 3, 0, size, from, to);
    else if (step->clips)
        bytes_open(step, 1, 1, size, from, to);
    else
        bytes_open(step, 1, 0, size, from, to);
}
#define SEQAUG_OPEN_BYTES bytes_open_any

/* A step that scales and cuts, of three channels, while it is stored: in the order of memory. */
static void bytes_close_threes(const seqaug_step *step, int size, const float *from, float *to)
{
    bytes_line line = bytes_line_of(step, 3);
    for (int at = 0; at + 24 <= size; at += 24)
        for (int i = 0; i < 3; i++) {
            __m256 v = _mm256_loadu_ps(from + at + 8 * i);
            v = _mm256_add_ps(_mm256_mul_ps(v, line.scale[i]), line.offset[i]);
            _mm256_storeu_ps(to + at + 8 * i, _mm256_min_ps(line.high[i], _mm256_max_ps(line.low[i], v)));
        }
}
#define SEQAUG_CLOSE_THREES bytes_close_threes

/* Blocks of bytes through `steps` such lines, one or two (a constant, as `vectors`); the last cuts to 0 .. 255. */
static inline __attribute__((always_inline)) int64_t bytes_blocks(const seqaug_step *step, int steps, int vectors,
                                                                  const uint8_t *from, int64_t count, uint8_t *to)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    bytes_line lines[2];
    int64_t at = 0;
    for (int s = 0; s < steps; s++)
        lines[s] = bytes_line_of(step + s, vectors);
    for (; at + 32 * vectors <= count; at += 32 * vectors)
        for (int k = 0; k < vectors; k++) {
            __m256i v[4];
            for (int i = 0; i < 4; i++) {
                int place = (4 * k + i) % vectors;
                __m256 value = bytes_widen(from + at + 32 * k + 8 * i);
                for (int s = 0; s < steps; s++) {
                    value = _mm256_add_ps(_mm256_mul_ps(value, lines[s].scale[place]), lines[s].offset[place]);
                    if (s < steps - 1)
                        value = _mm256_min_ps(lines[s].high[place], _mm256_max_ps(lines[s].low[place], value));
                }
                v[i] = bytes_whole(value);
            }
            __m256i a = _mm256_packs_epi32(v[0], v[1]), b = _mm256_packs_epi32(v[2], v[3]);
            __m256i packed = _mm256_permutevar8x32_epi32(_mm256_packus_epi16(a, b), order);
            _mm256_storeu_si256((__m256i *)(to + at + 32 * k), packed);
        }
    return at;
}

/* Bytes of up to four channels through one or two lines, as many as make up whole blocks; returns how many. */
static int64_t bytes_through(const seqaug_step *step, int steps, int lanes, const uint8_t *from, int64_t count,
                             uint8_t *to)
{
    if (lanes == 3 && steps == 1)
        return bytes_blocks(step, 1, 3, from, count, to);
    if (lanes == 3)
        return bytes_blocks(step, 2, 3, from, count, to);
    return steps == 1 ? bytes_blocks(step, 1, 1, from, count, to) : bytes_blocks(step, 2, 1, from, count, to);
}
#define SEQAUG_BYTES_SATURATE bytes_saturate
#define SEQAUG_BYTES_THROUGH bytes_through

/* Eight pixels of three bytes made gray, by the numbers of one row, as in colour_mixed but for its cut. Of 28 bytes that
 * are written, 24 are such. */
static inline void bytes_gray_eight(const __m256 row[6], const uint8_t *from, uint8_t *to)
{
    const char n = -1;
    const __m256i red = _mm256_setr_epi8(0, n, n, n, 3, n, n, n, 6, n, n, n, 9, n, n, n,
                                         4, n, n, n, 7, n, n, n, 10, n, n, n, 13, n, n, n);
    const __m256i next = _mm256_set1_epi32(1);
    const __m256i three = _mm256_broadcastsi128_si256(_mm_setr_epi8(0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, n, n, n, n));
    __m256i v = _mm256_inserti128_si256(_mm256_castsi128_si256(_mm_loadu_si128((const __m128i *)from)),
                                        _mm_loadu_si128((const __m128i *)(from + 8)), 1);
    __m256i green = _mm256_add_epi32(red, next), blue = _mm256_add_epi32(green, next);
    __m256 plane[3] = {_mm256_cvtepi32_ps(_mm256_shuffle_epi8(v, red)),
                       _mm256_cvtepi32_ps(_mm256_shuffle_epi8(v, green)),
                       _mm256_cvtepi32_ps(_mm256_shuffle_epi8(v, blue))};
    __m256 sum = _mm256_add_ps(_mm256_mul_ps(plane[0], row[0]), _mm256_mul_ps(plane[1], row[1]));
    __m256i gray = bytes_whole(_mm256_add_ps(_mm256_add_ps(sum, _mm256_mul_ps(plane[2], row[2])), row[3]));
    gray = _mm256_packus_epi16(_mm256_packs_epi32(gray, gray), gray);
    gray = _mm256_shuffle_epi8(gray, three);
    _mm_storeu_si128((__m128i *)to, _mm256_castsi256_si128(gray));
    _mm_storeu_si128((__m128i *)(to + 12), _mm256_extracti128_si256(gray, 1));
}

/* `count` pixels of three bytes, by a step that makes them gray. */
static void bytes_gray(const seqaug_step *step, int64_t count, const uint8_t *from, uint8_t *to)
{
    __m256 row[3][6];
    uint8_t few[2][32] = {{0}, {0}};
    colour_rows(step, row);
    for (; count >= 10; count -= 8, from += 24, to += 24)
        bytes_gray_eight(row[0], from, to);
    for (int64_t left; count > 0; count -= left, from += 3 * left, to += 3 * left) {
        left = count < 8 ? count : 8;
        memcpy(few[0], from, (size_t)(3 * left));
        bytes_gray_eight(row[0], few[0], few[1]);
        memcpy(to, few[1], (size_t)(3 * left));
    }
}
#define SEQAUG_GRAY_BYTES bytes_gray
