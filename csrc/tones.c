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

static uint8_t byte_of(float v)
{
    float inside = v > -2147483648.0f && v < 2147483648.0f ? v : 0.0f;
    return (uint8_t)(int32_t)inside;
}

/* The bytes that values stand for, in loops that a compiler turns into vector code. */
static void find_bytes(const float *from, int count, const float range[2], uint8_t *bytes)
{
    if (!range) {
        for (int i = 0; i < count; i++)
            bytes[i] = byte_of(from[i]);
        return;
    }
    float low = range[0], extent = range[1] != 0.0f ? range[1] : 1.0f;
    for (int i = 0; i < count; i++)
        bytes[i] = byte_of((from[i] - low) / extent * 255.0f);
}

void seqaug_look_up(const float *from, int64_t count, const float range[2], const float *tables, int64_t channels,
                    float *to)
{
    uint8_t bytes[SEQAUG_AT_ONCE];
    int64_t step = SEQAUG_AT_ONCE / channels * channels;
    for (int64_t first = 0; first < count; first += step) {
        int now = (int)(count - first < step ? count - first : step);
        find_bytes(from + first, now, range, bytes);
        if (channels == 1)
            for (int i = 0; i < now; i++)
                to[first + i] = tables[bytes[i]];
        for (int64_t c = 0; c < channels && channels > 1; c++)
            for (int i = (int)c; i < now; i += (int)channels)
                to[first + i] = tables[256 * c + bytes[i]];
    }
}
