/* tones.c: what keras.preprocessing's brightness and channel shift do to values, in one read and one write. */
#include "seqaug.h"

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

void seqaug_shift(const float *from, int64_t count, float shift, float low, float high, float *to)
{
    for (int64_t i = 0; i < count; i++) {
        float v = from[i] + shift;
        v = v < low ? low : v; /* and a NaN stays */
        to[i] = v > high ? high : v;
    }
}

enum { SEQAUG_AT_ONCE = 256 };

/* The bytes that values stand for, in loops that a compiler turns into vector code. */
static void find_bytes(const float *from, int count, const float range[2], uint8_t *bytes)
{
    float v[SEQAUG_AT_ONCE];
    float low = range ? range[0] : 0.0f, extent = range && range[1] != 0.0f ? range[1] : 1.0f;
    float most = range ? 255.0f : 1.0f;
    for (int i = 0; i < count; i++)
        v[i] = (from[i] - low) / extent * most; /* exact where it changes nothing, but for a 0's sign */
    for (int i = 0; i < count; i++) {
        float inside = v[i] > -2147483648.0f && v[i] < 2147483648.0f ? v[i] : 0.0f;
        bytes[i] = (uint8_t)(int32_t)inside;
    }
}

void seqaug_look_up(const float *from, int64_t count, const float range[2], const float *tables, int64_t channels,
                    float *to)
{
    uint8_t bytes[SEQAUG_AT_ONCE];
    int64_t step = SEQAUG_AT_ONCE / channels * channels;
    for (int64_t first = 0; first < count; first += step) {
        int now = (int)(count - first < step ? count - first : step);
        find_bytes(from + first, now, range, bytes);
        for (int64_t c = 0; c < channels; c++)
            for (int i = (int)c; i < now; i += (int)channels)
                to[first + i] = tables[256 * c + bytes[i]];
    }
}
