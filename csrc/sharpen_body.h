/* sharpen_body.h: sums of 3x3 pixels. Part of a variant (see cpu.h). */
#define SEQAUG_V(name) SEQAUG_JOIN(name, SEQAUG_VARIANT)

static void SEQAUG_V(add_three)(const float *restrict a, const float *restrict b, const float *restrict c, int64_t count,
                                float *restrict sum)
{
    for (int64_t i = 0; i < count; i++)
        sum[i] = (a[i] + b[i]) + c[i];
}

/* One row: `left`, `middle` and `right` are the columns' sums, shifted by a pixel each. */
static void SEQAUG_V(blend_row)(const float *restrict left, const float *restrict middle, const float *restrict right,
                                const float *restrict from, int64_t count, float blend, const float range[2],
                                float *restrict to)
{
    float low = range[0], high = range[1], all = 1.0f / 13.0f, own = 4.0f / 13.0f;
    for (int64_t i = 0; i < count; i++) {
        float v = from[i], smooth = ((left[i] + middle[i]) + right[i]) * all + v * own;
        v = v + blend * (smooth - v);
        v = v < low ? low : v;
        to[i] = v > high ? high : v;
    }
}

static SEQAUG_NOINLINE void SEQAUG_V(widen_row)(const uint8_t *restrict from, int64_t count, float *restrict to)
{
    for (int64_t i = 0; i < count; i++)
        to[i] = (float)from[i];
}

/* Row `row` of the picture as floats; bytes become such in one of three lines that take turns. */
static const float *SEQAUG_V(row_of)(const void *from, int is_bytes, int64_t row, int64_t count, float *lines)
{
    if (!is_bytes)
        return (const float *)from + row * count;
    SEQAUG_V(widen_row)((const uint8_t *)from + row * count, count, lines + row % 3 * count);
    return lines + row % 3 * count;
}

static void SEQAUG_V(sharpen)(const void *from, int is_bytes, const int64_t shape[3], float blend, const float range[2],
                              const float *zeros, float *line, float *lines, float *to)
{
    int64_t channels = shape[2], count = shape[1] * channels;
    const float *above = zeros, *own = SEQAUG_V(row_of)(from, is_bytes, 0, count, lines);
    for (int64_t row = 0; row < shape[0]; row++, to += count) {
        const float *below = zeros;
        if (row + 1 < shape[0])
            below = SEQAUG_V(row_of)(from, is_bytes, row + 1, count, lines);
        SEQAUG_V(add_three)(above, own, below, count, line);
        SEQAUG_V(blend_row)(line - channels, line, line + channels, own, count, blend, range, to);
        above = own;
        own = below;
    }
}

#undef SEQAUG_V
#undef SEQAUG_VARIANT
