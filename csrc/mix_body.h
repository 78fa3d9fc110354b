/* mix_body.h: one variant of the mixing of two images (see cpu.h): lines of elements, by way of floats. */
#define SEQAUG_V(name) SEQAUG_JOIN(name, SEQAUG_VARIANT)

/* The elements first .. first + count - 1 of a line as floats: where they are, or converted into `space`. */
static const float *SEQAUG_V(floats)(const line *from, int64_t first, int count, float *space)
{
    const char *at = from->at + first * from->step;
    if (from->dtype == SEQAUG_f32 && from->step == (int64_t)sizeof(float))
        return (const float *)at;
    if (from->dtype == SEQAUG_f32)
        for (int i = 0; i < count; i++)
            space[i] = *(const float *)(at + i * from->step);
    else if (from->step == 1)
        for (int i = 0; i < count; i++)
            space[i] = (float)((const uint8_t *)at)[i];
    else
        for (int i = 0; i < count; i++)
            space[i] = (float)*(const uint8_t *)(at + i * from->step);
    return space;
}

/* Rounds half up and saturates; a NaN becomes 0. */
static inline uint8_t SEQAUG_V(byte)(float v)
{
    v = v > 0.0f ? v : 0.0f;
    v = v < 255.0f ? v : 255.0f;
    return (uint8_t)(int32_t)(v + 0.5f);
}

static void SEQAUG_V(put)(const float *from, const line *to, int64_t first, int count)
{
    char *at = to->at + first * to->step;
    if (to->dtype == SEQAUG_f32 && to->step == (int64_t)sizeof(float))
        memmove(at, from, (size_t)count * sizeof(float)); /* it may be there already */
    else if (to->dtype == SEQAUG_f32)
        for (int i = 0; i < count; i++)
            *(float *)(at + i * to->step) = from[i];
    else if (to->step == 1)
        for (int i = 0; i < count; i++)
            ((uint8_t *)at)[i] = SEQAUG_V(byte)(from[i]);
    else
        for (int i = 0; i < count; i++)
            *(uint8_t *)(at + i * to->step) = SEQAUG_V(byte)(from[i]);
}

/* Copies elements start .. end - 1 of a line. */
static void SEQAUG_V(copy)(const line *from, const line *to, int64_t start, int64_t end)
{
    float space[SEQAUG_AT_ONCE];
    int64_t item = seqaug_item_size[to->dtype];
    if (from->dtype == to->dtype && from->step == item && to->step == item) {
        memcpy(to->at + start * item, from->at + start * item, (size_t)((end - start) * item));
        return;
    }
    for (int64_t first = start; first < end; first += SEQAUG_AT_ONCE) {
        int count = (int)(end - first < SEQAUG_AT_ONCE ? end - first : SEQAUG_AT_ONCE);
        int plain = to->dtype == SEQAUG_f32 && to->step == item;
        float *wanted = plain ? (float *)(to->at + first * item) : space;
        const float *values = SEQAUG_V(floats)(from, first, count, wanted);
        if (!plain || values != wanted)
            SEQAUG_V(put)(values, to, first, count);
    }
}

/* Blends elements first .. first + count - 1 of two lines into floats. Bytes are not written down as floats first. */
static void SEQAUG_V(blend_some)(const line *own, const line *partner, int64_t first, int count, float weight,
                                 float *restrict out)
{
    float space[2][SEQAUG_AT_ONCE];
    float rest = 1.0f - weight;
    if (own->dtype == SEQAUG_u8 && partner->dtype == SEQAUG_u8 && own->step == 1 && partner->step == 1) {
        const uint8_t *a = (const uint8_t *)own->at + first, *b = (const uint8_t *)partner->at + first;
        for (int i = 0; i < count; i++)
            out[i] = (float)a[i] * weight + (float)b[i] * rest;
        return;
    }
    const float *a = SEQAUG_V(floats)(own, first, count, space[0]);
    const float *b = SEQAUG_V(floats)(partner, first, count, space[1]);
    for (int i = 0; i < count; i++)
        out[i] = a[i] * weight + b[i] * rest;
}

static void SEQAUG_V(blend)(const line *own, const line *partner, const line *to, int64_t start, int64_t end,
                            float weight)
{
    float space[SEQAUG_AT_ONCE];
    int plain = to->dtype == SEQAUG_f32 && to->step == (int64_t)sizeof(float);
    for (int64_t first = start; first < end; first += SEQAUG_AT_ONCE) {
        int count = (int)(end - first < SEQAUG_AT_ONCE ? end - first : SEQAUG_AT_ONCE);
        float *out = plain ? (float *)(to->at + first * to->step) : space;
        SEQAUG_V(blend_some)(own, partner, first, count, weight, out);
        if (!plain)
            SEQAUG_V(put)(out, to, first, count);
    }
}

/* A whole line: `own`, and from element `left` to `right` the mixture. */
static void SEQAUG_V(mix_line)(const line *own, const line *partner, const line *to, int64_t count, int64_t left,
                               int64_t right, float weight)
{
    if (left >= right || weight == 1.0f) {
        SEQAUG_V(copy)(own, to, 0, count);
        return;
    }
    SEQAUG_V(copy)(own, to, 0, left);
    if (weight == 0.0f) /* and no infinity of one's own becomes a NaN */
        SEQAUG_V(copy)(partner, to, left, right);
    else
        SEQAUG_V(blend)(own, partner, to, left, right, weight);
    SEQAUG_V(copy)(own, to, right, count);
}

#undef SEQAUG_V
#undef SEQAUG_VARIANT
