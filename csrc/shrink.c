/* shrink.c: brings images to a smaller size without aliasing: first the rows that make up an output row are averaged,
 * then the columns of that one row. Plain loops over neighbouring values, compiled for every instruction set. */
#include "cpu.h"
#include "seqaug.h"
#include "store.h"

#include <math.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

/* What an output position takes of an axis of n pixels, which becomes m: how far the triangle reaches, in pixels. */
static double reach_of(int64_t n, int64_t m)
{
    return n > m ? (double)n / (double)m : 1.0;
}

static int64_t most_taps(int64_t n, int64_t m)
{
    return (int64_t)ceil(2.0 * reach_of(n, m)) + 1;
}

/* The weights of output position `at`, which sum to 1; returns the first pixel, and in `count` how many there are. */
static int64_t find_weights(int64_t n, int64_t m, int64_t at, float *weight, int64_t *count)
{
    double reach = reach_of(n, m), centre = ((double)at + 0.5) * (double)n / (double)m, total = 0.0;
    double low = floor(centre - reach + 0.5), high = floor(centre + reach + 0.5);
    int64_t first = low > 0.0 ? (int64_t)low : 0, end = high < (double)n ? (int64_t)high : n;
    for (int64_t i = first; i < end; i++)
        total += 1.0 - fmin(fabs((double)i + 0.5 - centre) / reach, 1.0);
    for (int64_t i = first; i < end; i++)
        weight[i - first] = (float)((1.0 - fmin(fabs((double)i + 0.5 - centre) / reach, 1.0)) / total);
    *count = end - first;
    return first;
}

/* Adds `weight` times a row to `line`, or begins `line` with it. */
typedef void adder(const char *, int64_t, int64_t, float, int, float *);
/* All rows at once: the first, from one to the next, how many, their weights, and how many values each has. */
typedef void rows(const char *, int64_t, int64_t, const float *, int64_t, float *);
typedef void columns(const float *, const int32_t *, const float *, int64_t, int64_t, int64_t, float *);

#define SEQAUG_ADD(name, type, variant)                                                                            \
    static void add_##name##_##variant(const char *from, int64_t step, int64_t count, float weight, int begins,    \
                                       float *line)                                                                \
    {                                                                                                              \
        if (step == (int64_t)sizeof(type) && begins)                                                               \
            for (int64_t i = 0; i < count; i++)                                                                    \
                line[i] = (float)((const type *)from)[i] * weight;                                                 \
        else if (step == (int64_t)sizeof(type))                                                                    \
            for (int64_t i = 0; i < count; i++)                                                                    \
                line[i] += (float)((const type *)from)[i] * weight;                                                \
        else                                                                                                       \
            for (int64_t i = 0; i < count; i++)                                                                    \
                line[i] = (begins ? 0.0f : line[i]) + (float)*(const type *)(from + i * step) * weight;            \
    }
/* A row of pixels, each the weighted sum of some that lie side by side in a line: of those that `ends` tells, the first
 * and how many, by `wide` weights each. */
#define SEQAUG_COLUMNS_SUM(variant)                                                                                \
    static void sum_columns_##variant(const float *line, const int32_t *ends, const float *weight, int64_t wide,   \
                                      int64_t width, int64_t channels, float *to)                                  \
    {                                                                                                              \
        for (int64_t x = 0; x < width; x++)                                                                        \
            for (int64_t k = 0; k < channels; k++) {                                                               \
                const float *from = line + ends[2 * x] * channels + k;                                             \
                float sum = 0.0f;                                                                                  \
                for (int64_t i = 0; i < ends[2 * x + 1]; i++)                                                      \
                    sum += from[i * channels] * weight[x * wide + i];                                              \
                to[x * channels + k] = sum;                                                                        \
            }                                                                                                      \
    }
#define SEQAUG_VARIANT_OF(variant)                                                                                 \
    SEQAUG_ADD(u8, uint8_t, variant)                                                                               \
    SEQAUG_ADD(u16, uint16_t, variant)                                                                             \
    SEQAUG_ADD(i16, int16_t, variant)                                                                              \
    SEQAUG_ADD(i32, int32_t, variant)                                                                              \
    SEQAUG_ADD(f32, float, variant)                                                                                \
    SEQAUG_ADD(f64, double, variant)                                                                               \
    SEQAUG_COLUMNS_SUM(variant)                                                                                    \
    static adder *const adders_##variant[SEQAUG_DTYPES] = {                                                        \
        [SEQAUG_u8] = add_u8_##variant,   [SEQAUG_u16] = add_u16_##variant, [SEQAUG_i16] = add_i16_##variant,      \
        [SEQAUG_i32] = add_i32_##variant, [SEQAUG_f32] = add_f32_##variant, [SEQAUG_f64] = add_f64_##variant,      \
    };

SEQAUG_VARIANT_OF(baseline)
#if SEQAUG_HAVE_AVX2
SEQAUG_AVX2_BEGIN
SEQAUG_VARIANT_OF(avx2)
#include "shrink_avx2.h"
SEQAUG_END
#endif

int64_t seqaug_shrink_space(const seqaug_image *source, const seqaug_image *target)
{
    int64_t tall = most_taps(source->shape[0], target->shape[0]), wide = most_taps(source->shape[1], target->shape[1]);
    return source->shape[1] * source->shape[2] + tall + target->shape[1] * (wide + 4);
}

/* One output row: the average of its source rows, as a line of floats. */
static void average_rows(const seqaug_image *source, int64_t height, int64_t row, adder *add, rows *add_all,
                         float *weight, float *line)
{
    int64_t n = source->shape[0], channels = source->shape[2], item = seqaug_item_size[source->dtype], count;
    int64_t first = find_weights(n, height, row, weight, &count), width = source->shape[1];
    const char *top = (const char *)source->data + first * source->stride[0];
    int packed = source->stride[1] == channels * item && (channels == 1 || source->stride[2] == item);
    if (packed && add_all) {
        add_all(top, source->stride[0], count, weight, width * channels, line);
        return;
    }
    for (int64_t y = 0; y < count; y++) {
        const char *from = top + y * source->stride[0];
        if (packed) {
            add(from, item, width * channels, weight[y], y == 0, line);
            continue;
        }
        for (int64_t x = 0; x < width; x++)
            add(from + x * source->stride[1], source->stride[2], channels, weight[y], y == 0, line + x * channels);
    }
}

seqaug_status seqaug_shrink(const seqaug_image *source, const seqaug_image *target, float *space)
{
    int64_t width = target->shape[1], channels = source->shape[2];
    for (int axis = 0; axis < 3; axis++)
        if (source->shape[axis] < 1 || source->shape[axis] > INT32_MAX || target->shape[axis] < 1 ||
            target->shape[axis] > INT32_MAX)
            return SEQAUG_BAD_SHAPE;
    if (channels != target->shape[2] || target->stride[2] != 4 || target->stride[1] != 4 * channels)
        return SEQAUG_BAD_SHAPE;
    if ((unsigned)source->dtype >= SEQAUG_DTYPES || target->dtype != SEQAUG_f32 || !adders_baseline[source->dtype])
        return SEQAUG_BAD_TYPE;
    adder *add = adders_baseline[source->dtype];
    rows *add_all = NULL;
    columns *sum = sum_columns_baseline;
#if SEQAUG_HAVE_AVX2
    if (seqaug_uses_avx2()) {
        add = adders_avx2[source->dtype];
        add_all = source->dtype == SEQAUG_u8 ? add_rows_u8 : NULL;
        sum = channels == 3 ? sum_threes : sum_columns_avx2;
    }
#endif
    seqaug_floats floats = seqaug_enter_floats();
    int64_t tall = most_taps(source->shape[0], target->shape[0]), wide = most_taps(source->shape[1], width);
    float *line = space, *down = line + source->shape[1] * channels, *across = down + tall;
    int32_t *ends = (int32_t *)(across + width * wide); /* first pixel and number of pixels of each column */
    for (int64_t x = 0; x < width; x++) {
        int64_t count;
        ends[2 * x] = (int32_t)find_weights(source->shape[1], width, x, across + x * wide, &count);
        ends[2 * x + 1] = (int32_t)count;
    }
    for (int64_t y = 0; y < target->shape[0]; y++) {
        float *to = (float *)((char *)target->data + y * target->stride[0]);
        average_rows(source, target->shape[0], y, add, add_all, down, line);
        sum(line, ends, across, wide, width, channels, to);
    }
    seqaug_leave_floats(floats);
    return SEQAUG_OK;
}
