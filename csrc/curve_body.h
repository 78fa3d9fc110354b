/* curve_body.h: steps of colour that take each value along a curve. Part of a variant (see cpu.h).
 *
 * Patterns of 8 values per channel, as in colour_body.h. Where the range of a channel is of no use its extent is 0, and
 * its values stay as they are. A NaN stays one; before it is made a whole number it is 0. What depends on a choice is
 * computed in a loop before that of the choice, and these are not inlined: otherwise compilers make no vector code.
 */
static SEQAUG_NOINLINE void SEQAUG_V(posterize_pattern)(const seqaug_step *step, int pattern, float *restrict at)
{
    float after[SEQAUG_PATTERN];
    for (int i = 0; i < pattern; i++) {
        float v = at[i], low = step->low[i], extent = step->extent[i], times = step->times[i];
        float t = (v - low) / extent * times, size = step->scale[i];
        t = t > 0.0f ? t : 0.0f;
        t = t < 255.0f ? t : 255.0f;
        float kept = (float)(int32_t)(t / size) * size;
        after[i] = kept / times * extent + low;
    }
    for (int i = 0; i < pattern; i++)
        at[i] = ((step->extent[i] > 0.0f) & (at[i] == at[i])) ? after[i] : at[i];
}

static SEQAUG_NOINLINE void SEQAUG_V(solarize_pattern)(const seqaug_step *step, int pattern, float *restrict at)
{
    for (int i = 0; i < pattern; i++) {
        float v = at[i], low = step->low[i], high = step->high[i];
        float t = v + step->offset[i];
        t = t < low ? low : t;
        t = t > high ? high : t;
        t = t < step->scale[i] ? t : (low + high) - t;
        at[i] = step->extent[i] > 0.0f ? t : v;
    }
}

static SEQAUG_NOINLINE void SEQAUG_V(stretch_pattern)(const seqaug_step *step, int pattern, float *restrict at)
{
    for (int i = 0; i < pattern; i++) {
        float v = at[i], after = (v - step->offset[i]) * step->scale[i] + step->low[i];
        at[i] = step->extent[i] > 0.0f ? after : v;
    }
}

static inline uint32_t SEQAUG_V(bits_of)(float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

static inline float SEQAUG_V(float_of)(uint32_t bits)
{
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

/* t to the power of g for t from 0 to 1, within 4e-7 of 1: by the logarithm of a number from sqrt(1/2) to sqrt(2), an odd
 * function of (m - 1) / (m + 1) that is fitted within 1.4e-8 of its value, and 2^f for f from -1/2 to 1/2, within 1.6e-8
 * of its; the rest is rounding. Exactly 1 for t = 1, 0 for t = 0. */
static inline float SEQAUG_V(power)(float t, float g)
{
    float small = t < 0x1p-126f ? 1.0f : 0.0f;
    uint32_t bits = SEQAUG_V(bits_of)(t < 0x1p-126f ? t * 0x1p24f : t);
    int32_t exponent = (int32_t)((bits + (0x3F800000u - 0x3F3504F3u)) >> 23);
    float m = SEQAUG_V(float_of)(bits + ((127u - (uint32_t)exponent) << 23)), s = (m - 1.0f) / (m + 1.0f), q = s * s;
    float part = (((0.43172055667f * q + 0.57671505996f) * q + 0.96179884019f) * q + 2.8853900798f) * s;
    float y = (((float)(exponent - 127) - small * 24.0f) + part) * g;
    y = y > -126.0f ? y : -126.0f;
    y = y < 1.0f ? y : 1.0f;
    int32_t whole = (int32_t)(y + 126.5f);
    float f = y - (float)(whole - 126), p = 0.00015370704816f;
    p = (((p * f + 0.00133998482906f) * f + 0.00961837325135f) * f + 0.05550329035154f) * f;
    p = ((p + 0.24022648461281f) * f + 0.69314720557710f) * f + 1.0f;
    return p * SEQAUG_V(float_of)((uint32_t)(whole + 1) << 23);
}

static SEQAUG_NOINLINE void SEQAUG_V(curve_pattern)(const seqaug_step *step, int pattern, float *restrict at)
{
    float t[SEQAUG_PATTERN], cut[SEQAUG_PATTERN], power[SEQAUG_PATTERN];
    for (int i = 0; i < pattern; i++) {
        float low = step->low[i], high = step->high[i];
        float v = at[i] < low ? low : at[i];
        cut[i] = v > high ? high : v;
        v = (cut[i] - low) / step->extent[i];
        t[i] = v > 0.0f ? v : 0.0f;
    }
    for (int i = 0; i < pattern; i++)
        power[i] = SEQAUG_V(power)(t[i], step->scale[i]);
    for (int i = 0; i < pattern; i++) {
        float v = at[i], low = step->low[i], high = step->high[i], extent = step->extent[i];
        float after = low + extent * (t[i] > 0.0f ? power[i] : 0.0f);
        after = ((t[i] < 1.0f) & (after < high)) ? after : high;
        after = step->scale[i] == 1.0f ? cut[i] : after;
        at[i] = ((extent > 0.0f) & (v == v)) ? after : v;
    }
}

/* The bins of values for EQUALIZE, among those of all channels. */
static void SEQAUG_V(find_bins)(const seqaug_step *step, int pattern, int size, const float *chunk, int32_t *bin)
{
    float last = (float)(step->bins - 1);
    for (int at = 0; at < size; at += pattern)
        for (int k = 0; k < pattern; k++) {
            float t = (chunk[at + k] - step->low[k]) * last / step->extent[k];
            t = t > 0.0f ? t : 0.0f;
            t = t < last ? t : last;
            bin[at + k] = (int32_t)t + (int32_t)step->offset[k];
        }
}

static void SEQAUG_V(equalize)(const seqaug_step *step, int pattern, int size, float *chunk)
{
    int32_t bin[SEQAUG_COLUMNS * SEQAUG_GROUP];
    SEQAUG_V(find_bins)(step, pattern, size, chunk, bin);
    for (int at = 0; at < size; at += pattern)
        for (int k = 0; k < pattern; k++) {
            float v = chunk[at + k];
            float after = (float)(int32_t)step->table[bin[at + k]] * step->scale[k] + step->low[k];
            chunk[at + k] = step->extent[k] > 0.0f && v == v ? after : v;
        }
}

/* One step of these kinds. */
static void SEQAUG_V(bend)(const seqaug_step *step, int pattern, int size, float *chunk)
{
#define SEQAUG_BEND(one)                                                                                           \
    for (int at = 0; at < size; at += pattern)                                                                     \
        SEQAUG_V(one)(step, pattern, chunk + at);                                                                  \
    break
    switch (step->kind) {
        case SEQAUG_POSTERIZE: SEQAUG_BEND(posterize_pattern);
        case SEQAUG_SOLARIZE: SEQAUG_BEND(solarize_pattern);
        case SEQAUG_POWER: SEQAUG_BEND(curve_pattern);
        case SEQAUG_STRETCH: SEQAUG_BEND(stretch_pattern);
        default: SEQAUG_V(equalize)(step, pattern, size, chunk);
    }
#undef SEQAUG_BEND
}
