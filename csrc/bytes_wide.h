/* bytes_wide.h: bytes that are only moved, to bytes and to floats, in registers: the bits of bytes_body.h. Part of a variant
 * that has them (see cpu.h and wide_avx2.h).
 */

/* Values rounded half up, for packing with saturation to cut them to 0 .. 255. */
static inline wide_whole SEQAUG_V(rounded)(wide_floats v)
{
    return wide_cut_off(v + wide_all(0.5f));
}

/* Whether what comes of a step, of values up to this size, needs no other cut than that, and is small enough for whole
 * numbers; for a mix, of what its first row gives. What is less than half a unit below 0 or above 255 comes to those by
 * itself. */
static int SEQAUG_V(saturates)(const seqaug_step *step, int lanes, double size)
{
    int good = 1;
    for (int c = 0; c < lanes; c++) {
        double most = step->kind == SEQAUG_MIX ? fabs((double)step->mix[c][0]) + fabs((double)step->mix[c][1]) +
                                                     fabs((double)step->mix[c][2])
                                               : fabs((double)step->scale[c]);
        good &= step->low[c] <= 0.0f && step->high[c] >= 255.0f && most * size + fabs((double)step->offset[c]) < 1e9;
    }
    return good;
}

/* Every third byte, from the first on, and before it two more. */
static const uint8_t SEQAUG_V(third)[35] = {[0] = 255,  [3] = 255,  [6] = 255,  [9] = 255,  [12] = 255, [15] = 255,
                                        [18] = 255, [21] = 255, [24] = 255, [27] = 255, [30] = 255, [33] = 255};

/* Adds the sums of three channels of whole blocks of 96 bytes, exactly; returns how many bytes these were. A channel's
 * bytes in the first 32 are every third from its own on, and each vector begins two channels further on. */
static int64_t SEQAUG_V(sum_threes_of_bytes)(const uint8_t *from, int64_t count, int lanes, uint64_t *sums)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i mask[3], sum[3] = {zero, zero, zero};
    int64_t at = 0;
    if (lanes != 3 || count < 96)
        return 0;
    for (int c = 0; c < 3; c++)
        mask[c] = _mm256_loadu_si256((const __m256i *)(SEQAUG_V(third) + (3 - c) % 3));
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
/* Widens the extremes of up to four channels by whole blocks of 96 bytes; returns how many bytes these were. */
static int64_t SEQAUG_V(extremes_of_bytes)(const uint8_t *from, int64_t count, int lanes, uint8_t *low, uint8_t *high)
{
    const __m256i none = _mm256_setzero_si256(), all = _mm256_set1_epi8(-1);
    __m256i least[3] = {all, all, all}, most[3] = {none, none, none};
    uint8_t ends[2][96];
    int64_t at = 0;
    for (; at + 96 <= count; at += 96)
        for (int k = 0; k < 3; k++) {
            __m256i v = _mm256_loadu_si256((const __m256i *)(from + at + 32 * k));
            least[k] = _mm256_min_epu8(least[k], v);
            most[k] = _mm256_max_epu8(most[k], v);
        }
    for (int k = 0; k < 3; k++) {
        _mm256_storeu_si256((__m256i *)(ends[0] + 32 * k), least[k]);
        _mm256_storeu_si256((__m256i *)(ends[1] + 32 * k), most[k]);
    }
    for (int k = 0; k < 96; k++) {
        low[k % lanes] = ends[0][k] < low[k % lanes] ? ends[0][k] : low[k % lanes];
        high[k % lanes] = ends[1][k] > high[k % lanes] ? ends[1][k] : high[k % lanes];
    }
    return at;
}

/* A step that scales and cuts, for each of the registers that a pattern takes. */
typedef struct {
    wide_floats scale[3], offset[3], low[3], high[3];
} SEQAUG_V(line);

static inline __attribute__((always_inline)) SEQAUG_V(line) SEQAUG_V(line_of)(const seqaug_step *step, int registers)
{
    SEQAUG_V(line) line;
    for (int i = 0; i < registers; i++) {
        line.scale[i] = wide_pattern(step->scale, 8 * registers, SEQAUG_WIDE * i);
        line.offset[i] = wide_pattern(step->offset, 8 * registers, SEQAUG_WIDE * i);
        line.low[i] = wide_pattern(step->low, 8 * registers, SEQAUG_WIDE * i);
        line.high[i] = wide_pattern(step->high, 8 * registers, SEQAUG_WIDE * i);
    }
    return line;
}

/* A step that scales and cuts, taken while bytes become floats, for up to four channels: these repeat after so many
 * `registers` (a constant). */
static inline __attribute__((always_inline)) void SEQAUG_V(open_line)(const seqaug_step *step, int registers, int clips,
                                                                      int size, const uint8_t *from, float *to)
{
    SEQAUG_V(line) line = SEQAUG_V(line_of)(step, registers);
    int at = 0, k = 0;
    for (; at + SEQAUG_WIDE * registers <= size; at += SEQAUG_WIDE * registers)
        for (int i = 0; i < registers; i++) {
            wide_floats v = wide_of_bytes(from + at + SEQAUG_WIDE * i) * line.scale[i] + line.offset[i];
            wide_store(to + at + SEQAUG_WIDE * i, clips ? wide_least(line.high[i], wide_most(line.low[i], v)) : v);
        }
    for (; at < size; at++, k = k + 1 < 8 * registers ? k + 1 : 0) {
        float v = (float)from[at] * step->scale[k] + step->offset[k];
        v = v < step->low[k] ? step->low[k] : v;
        to[at] = v > step->high[k] ? step->high[k] : v;
    }
}

static void SEQAUG_V(open_bytes)(const seqaug_step *step, int lanes, int size, const uint8_t *from, float *to)
{
    if (lanes == 3 && step->clips)
        SEQAUG_V(open_line)(step, 3, 1, size, from, to);
    else if (lanes == 3)
        SEQAUG_V(open_line)(step, 3, 0, size, from, to);
    else if (step->clips)
        SEQAUG_V(open_line)(step, 1, 1, size, from, to);
    else
        SEQAUG_V(open_line)(step, 1, 0, size, from, to);
}

/* A step that scales and cuts, of three channels, while it is stored: in the order of memory. Returns how many values of
 * `size` there were whole registers of. */
static int SEQAUG_V(close_threes)(const seqaug_step *step, int size, const float *from, float *to)
{
    SEQAUG_V(line) line = SEQAUG_V(line_of)(step, 3);
    int at = 0;
    for (; at + 3 * SEQAUG_WIDE <= size; at += 3 * SEQAUG_WIDE)
        for (int i = 0; i < 3; i++) {
            wide_floats v = wide_load(from + at + SEQAUG_WIDE * i) * line.scale[i] + line.offset[i];
            wide_store(to + at + SEQAUG_WIDE * i, wide_least(line.high[i], wide_most(line.low[i], v)));
        }
    return at;
}

/* Blocks of bytes through `steps` such lines, one or two (a constant, as `registers`); the last cuts to 0 .. 255. */
static inline __attribute__((always_inline)) int64_t SEQAUG_V(blocks_through)(const seqaug_step *step, int steps,
                                                                              int registers, const uint8_t *from,
                                                                              int64_t count, uint8_t *to)
{
    enum { BLOCK = 4 * SEQAUG_WIDE };
    SEQAUG_V(line) lines[2];
    int64_t at = 0;
    for (int s = 0; s < steps; s++)
        lines[s] = SEQAUG_V(line_of)(step + s, registers);
    for (; at + BLOCK * registers <= count; at += BLOCK * registers)
        for (int k = 0; k < registers; k++) {
            wide_whole v[4];
            for (int i = 0; i < 4; i++) {
                int place = (4 * k + i) % registers;
                wide_floats value = wide_of_bytes(from + at + BLOCK * k + SEQAUG_WIDE * i);
                for (int s = 0; s < steps; s++) {
                    value = value * lines[s].scale[place] + lines[s].offset[place];
                    if (s < steps - 1)
                        value = wide_least(lines[s].high[place], wide_most(lines[s].low[place], value));
                }
                v[i] = SEQAUG_V(rounded)(value);
            }
            wide_put_bytes(v, to + at + BLOCK * k);
        }
    return at;
}

/* Bytes of up to four channels through one or two lines, as many as make up whole blocks; returns how many. */
static int64_t SEQAUG_V(bytes_through)(const seqaug_step *step, int steps, int lanes, const uint8_t *from, int64_t count,
                                       uint8_t *to)
{
    if (lanes == 3 && steps == 1)
        return SEQAUG_V(blocks_through)(step, 1, 3, from, count, to);
    if (lanes == 3)
        return SEQAUG_V(blocks_through)(step, 2, 3, from, count, to);
    return steps == 1 ? SEQAUG_V(blocks_through)(step, 1, 1, from, count, to)
                      : SEQAUG_V(blocks_through)(step, 2, 1, from, count, to);
}

/* Eight pixels of three bytes made gray, by the numbers of one row, as in `mixed` but for its cut. Of 28 bytes that are
 * written, 24 are such. */
static inline void SEQAUG_V(gray_eight)(const __m256 row[4], const uint8_t *from, uint8_t *to)
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
    __m256 sum = ((plane[0] * row[0] + plane[1] * row[1]) + plane[2] * row[2]) + row[3];
    __m256i gray = _mm256_cvttps_epi32(sum + _mm256_set1_ps(0.5f));
    gray = _mm256_packus_epi16(_mm256_packs_epi32(gray, gray), gray);
    gray = _mm256_shuffle_epi8(gray, three);
    _mm_storeu_si128((__m128i *)to, _mm256_castsi256_si128(gray));
    _mm_storeu_si128((__m128i *)(to + 12), _mm256_extracti128_si256(gray, 1));
}

/* `count` pixels of three bytes, by a step that makes them gray. */
static void SEQAUG_V(gray_bytes)(const seqaug_step *step, int64_t count, const uint8_t *from, uint8_t *to)
{
    __m256 row[4];
    uint8_t few[2][32] = {{0}, {0}};
    for (int k = 0; k < 4; k++)
        row[k] = _mm256_set1_ps(step->three[0][k][0]);
    for (; count >= 10; count -= 8, from += 24, to += 24)
        SEQAUG_V(gray_eight)(row, from, to);
    for (int64_t left; count > 0; count -= left, from += 3 * left, to += 3 * left) {
        left = count < 8 ? count : 8;
        memcpy(few[0], from, (size_t)(3 * left));
        SEQAUG_V(gray_eight)(row, few[0], few[1]);
        memcpy(to, few[1], (size_t)(3 * left));
    }
}
