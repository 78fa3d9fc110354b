/* look_avx2.h: bytes looked up 32 at once. Internal, for AVX2.
 *
 * A shuffle looks 16 bytes up by the lower four bits of an index, and gives 0 for an index whose top bit is set. Of a
 * table of 256 that makes 16 parts; in a chained table each holds what it differs by from the part before (exclusive or),
 * from the first to the eighth and from the ninth on. An index goes down by 16 from part to part, without leaving -128, so
 * that the parts up to its own count, and the others give 0; for the other half the top bit is turned over. Where the
 * two halves of an index count by themselves, as in an inverted or posterized picture, two shuffles are enough.
 */
#include <immintrin.h>

static inline __m256i look_part(const uint8_t *chained)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)chained));
}

/* Looks up `vectors` times 32 bytes (a constant). */
static inline __attribute__((always_inline)) void look_vectors(const uint8_t *chained, int vectors, __m256i *v)
{
    const __m256i sixteen = _mm256_set1_epi8(16), top = _mm256_set1_epi8(-128);
    __m256i found[4], other[4];
    for (int k = 0; k < vectors; k++) {
        other[k] = _mm256_xor_si256(v[k], top);
        found[k] = _mm256_xor_si256(_mm256_shuffle_epi8(look_part(chained), v[k]),
                                    _mm256_shuffle_epi8(look_part(chained + 128), other[k]));
    }
    for (int part = 16; part < 128; part += 16) {
        __m256i below = look_part(chained + part), above = look_part(chained + part + 128);
        for (int k = 0; k < vectors; k++) {
            v[k] = _mm256_subs_epi8(v[k], sixteen);
            other[k] = _mm256_subs_epi8(other[k], sixteen);
            __m256i both = _mm256_xor_si256(_mm256_shuffle_epi8(below, v[k]), _mm256_shuffle_epi8(above, other[k]));
            found[k] = _mm256_xor_si256(found[k], both);
        }
    }
    for (int k = 0; k < vectors; k++)
        v[k] = found[k];
}

static int64_t look_alike(const uint8_t *chained, const uint8_t *from, int64_t count, uint8_t *to)
{
    int64_t i = 0;
    __m256i v[4];
    for (; i + 128 <= count; i += 128) {
        for (int k = 0; k < 4; k++)
            v[k] = _mm256_loadu_si256((const __m256i *)(from + i + 32 * k));
        look_vectors(chained, 4, v);
        for (int k = 0; k < 4; k++)
            _mm256_storeu_si256((__m256i *)(to + i + 32 * k), v[k]);
    }
    for (; i + 32 <= count; i += 32) {
        v[0] = _mm256_loadu_si256((const __m256i *)(from + i));
        look_vectors(chained, 1, v);
        _mm256_storeu_si256((__m256i *)(to + i), v[0]);
    }
    return i;
}

/* The same, of a table in which the halves of a byte count by themselves. */
static int64_t look_halves(const uint8_t *plain, const uint8_t *from, int64_t count, uint8_t *to)
{
    uint8_t upper[16];
    for (int k = 0; k < 16; k++)
        upper[k] = plain[16 * k] ^ plain[0];
    const __m256i lows = look_part(plain), highs = look_part(upper), mask = _mm256_set1_epi8(15);
    int64_t i = 0;
    for (; i + 32 <= count; i += 32) {
        __m256i v = _mm256_loadu_si256((const __m256i *)(from + i));
        __m256i low = _mm256_shuffle_epi8(lows, _mm256_and_si256(v, mask));
        __m256i high = _mm256_shuffle_epi8(highs, _mm256_and_si256(_mm256_srli_epi16(v, 4), mask));
        _mm256_storeu_si256((__m256i *)(to + i), _mm256_xor_si256(low, high));
    }
    return i;
}

/* Where the 16 bytes of a channel are in three vectors of 16 pixels, and where those of a vector are in the channels; -1
 * for another one of the three. */
static const signed char look_apart[3][3][16] = {
    {{0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 1, 4, 7, 10, 13}},
    {{1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 2, 5, 8, 11, 14}},
    {{2, 5, 8, 11, 14, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, 1, 4, 7, 10, 13, -1, -1, -1, -1, -1, -1},
     {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, 3, 6, 9, 12, 15}},
};

static const signed char look_merged[3][3][16] = {
    {{0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1, 5},
     {-1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1, -1},
     {-1, -1, 0, -1, -1, 1, -1, -1, 2, -1, -1, 3, -1, -1, 4, -1}},
    {{-1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10, -1},
     {5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1, 10},
     {-1, 5, -1, -1, 6, -1, -1, 7, -1, -1, 8, -1, -1, 9, -1, -1}},
    {{-1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1, -1},
     {-1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15, -1},
     {10, -1, -1, 11, -1, -1, 12, -1, -1, 13, -1, -1, 14, -1, -1, 15}},
};

static inline void look_shuffle(const signed char places[3][3][16], const __m256i from[3], __m256i to[3])
{
    for (int k = 0; k < 3; k++) {
        __m256i part[3];
        for (int i = 0; i < 3; i++)
            part[i] = _mm256_shuffle_epi8(from[i], look_part((const uint8_t *)places[k][i]));
        to[k] = _mm256_or_si256(_mm256_or_si256(part[0], part[1]), part[2]);
    }
}

/* Pixels of three channels with a table each, 32 at once: the two halves of a vector are 16 pixels apart. */
static int64_t look_threes(const uint8_t (*chained)[256], const uint8_t *from, int64_t count, uint8_t *to)
{
    int64_t i = 0;
    for (; i + 96 <= count; i += 96) {
        __m256i v[3], channel[3];
        for (int k = 0; k < 3; k++)
            v[k] = _mm256_loadu2_m128i((const __m128i *)(from + i + 48 + 16 * k), (const __m128i *)(from + i + 16 * k));
        look_shuffle(look_apart, v, channel);
        for (int c = 0; c < 3; c++)
            look_vectors(chained[c], 1, &channel[c]);
        look_shuffle(look_merged, channel, v);
        for (int k = 0; k < 3; k++)
            _mm256_storeu2_m128i((__m128i *)(to + i + 48 + 16 * k), (__m128i *)(to + i + 16 * k), v[k]);
    }
    return i;
}

/* Looks up as many bytes as go here, whole pixels, and returns how many. */
static int64_t look_avx2(const seqaug_tables *tables, int lanes, const uint8_t *from, int64_t count, uint8_t *to)
{
    int64_t done = 0;
    if (tables->alike && tables->by_halves)
        done = look_halves(tables->plain[0], from, count, to);
    else if (tables->alike)
        done = look_alike(tables->chained[0], from, count, to);
    else if (lanes == 3)
        done = look_threes(tables->chained, from, count, to);
    return done - done % lanes;
}
