/* shrink.c: brings images to a smaller size without aliasing: first the rows that make up an output row are averaged,
 * then the columns of that one row. Plain loops over neighbouring values, compiled for every instruction set. */
#include "cpu.h"
#include "seqaug.h"
#include "store.h"
#include "touch.h"

#include <math.h>
#include <string.h>

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

static double triangle(double t)
{
    double away = fabs(t);
    return away < 1.0 ? 1.0 - away : 0.0;
}

/* The weights of output position `at`, which sum to 1; returns the first pixel, and in `count` how many there are. `part` is
 * space for as many. */
static int64_t find_weights(int64_t n, int64_t m, int64_t at, double *part, float *weight, int64_t *count)
{
    double reach = reach_of(n, m), centre = ((double)at + 0.5) * (double)n / (double)m, total = 0.0;
    double low = floor(centre - reach + 0.5), high = floor(centre + reach + 0.5);
    int64_t first = low > 0.0 ? (int64_t)low : 0, end = high < (double)n ? (int64_t)high : n;
    for (int64_t i = first; i < end; i++)
        part[i - first] = triangle(((double)i + 0.5 - centre) / reach);
    for (int64_t i = 0; i < end - first; i++)
        total += part[i];
    for (int64_t i = 0; i < end - first; i++)
        weight[i] = (float)(part[i] / total);
    for (; end > first + 1 && weight[end - 1 - first] == 0.0f; end--) /* as the next pixel has on an axis that stays */
        ;
    *count = end - first;
    return first;
}

/* Adds `weight` times a row to `line`, or begins `line` with it. */
typedef void adder(const char *, int64_t, int64_t, float, int, float *);
/* All rows at once: the first, from one to the next, how many, their weights, and how many values each has. */
typedef void rows(const char *, int64_t, int64_t, const float *, int64_t, float *);

/* How output columns are made of a line: of each the first pixel and how many there are, and `wide` weights. */
typedef struct {
    const int32_t *ends;
    const float *weight;
    int64_t wide, width, channels;
    /* Where there is code for four columns at once: what is known of each four, the weights of these for each of `most`
     * pixels, for how many of these they find what they need in two registers of a line (0 for none: they reach too far),
     * and whether they find all in 64 bytes of a row. */
    struct shrink_four *fours;
    float *weights;
    int64_t most;
    int by_fours, bytes_by_fours;
} shrink_columns;
typedef void columns(const float *, const shrink_columns *, float *);
typedef void columns_of_bytes(const uint8_t *, const shrink_columns *, float *);

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
/* A row of pixels, each the weighted sum of some that lie side by side in a line. */
#define SEQAUG_COLUMNS_SUM(variant)                                                                                \
    static void sum_columns_##variant(const float *line, const shrink_columns *all, float *to)                     \
    {                                                                                                              \
        int64_t channels = all->channels;                                                                          \
        for (int64_t x = 0; x < all->width; x++)                                                                   \
            for (int64_t k = 0; k < channels; k++) {                                                               \
                const float *from = line + all->ends[2 * x] * channels + k;                                        \
                float sum = 0.0f;                                                                                  \
                for (int64_t i = 0; i < all->ends[2 * x + 1]; i++)                                                 \
                    sum += from[i * channels] * all->weight[x * all->wide + i];                                    \
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
#include "wide_avx2.h"

#include "shrink_avx2.h"
SEQAUG_VARIANT_OF(avx2)
#define SEQAUG_VARIANT avx2
#include "shrink_wide.h"
SEQAUG_END
SEQAUG_AVX512_BEGIN
#include "wide_avx512.h"

#include "shrink_avx512.h"
#define SEQAUG_VARIANT avx512
#include "shrink_wide.h"
SEQAUG_END
#endif

/* Floats behind a line that hold zeros, for reads beyond it. */
static int64_t behind(int64_t wide)
{
    return 3 * wide + 32;
}

int64_t seqaug_shrink_space(const seqaug_image *source, const seqaug_image *target)
{
    int64_t tall = most_taps(source->shape[0], target->shape[0]), wide = most_taps(source->shape[1], target->shape[1]);
    int64_t numbers = tall + target->shape[1] * (wide + 2) + 2 * (tall > wide ? tall : wide) + 1;
#if SEQAUG_HAVE_AVX2
    numbers += fours_of(target->shape[1]) * (4 * wide + (int64_t)(sizeof(struct shrink_four) / sizeof(float))) + 16;
#endif
    return source->shape[1] * source->shape[2] + behind(wide) + numbers;
}

enum { ROWS_AHEAD = 4 };

/* What there is to average a picture with. */
typedef struct {
    adder *add;
    rows *add_all; /* NULL where rows are added one by one */
    columns *sum;
    columns_of_bytes *sum_bytes; /* of a row that is averaged with no other; or NULL */
} shrink_code;

/* `space` is for columns that go by fours. */
static shrink_code code_for(const seqaug_image *source, int packed, shrink_columns *columns, float *space)
{
    shrink_code code = {adders_baseline[source->dtype], NULL, sum_columns_baseline, NULL};
    (void)space;
    (void)packed;
    (void)columns;
#if SEQAUG_HAVE_AVX2
    int is_bytes = source->dtype == SEQAUG_u8;
    if (!seqaug_uses_avx2())
        return code;
    code.add = adders_avx2[source->dtype];
    code.add_all = is_bytes ? add_rows_u8_avx2 : NULL;
    code.sum = columns->channels == 3 ? sum_threes : sum_columns_avx2;
    if (seqaug_current_cpu != SEQAUG_CPU_AVX512 || !is_bytes)
        return code;
    code.add_all = add_rows_u8_avx512;
    if (columns->channels == 3) {
        prepare_fours(columns, 3 * source->shape[1], space);
        code.sum = columns->by_fours ? sum_fours : code.sum;
        code.sum_bytes = columns->bytes_by_fours && packed ? sum_fours_of_bytes : NULL;
    }
#endif
    return code;
}

/* Asks for the rows asked .. until - 1, which are to come: the memory's own reading ahead is late for a few rows at once. */
static int64_t ask_for(const seqaug_image *source, int64_t asked, int64_t until)
{
    int64_t length = source->shape[1] * source->stride[1];
    until = until < source->shape[0] ? until : source->shape[0];
    for (; asked < until; asked++)
        for (int64_t at = 0; at < length; at += 64)
            SEQAUG_ASK((const char *)source->data + asked * source->stride[0] + at);
    return asked;
}

/* One output row; `part`, `weight` and `line` are for what it comes from. */
static void average_row(const seqaug_image *source, int packed, const shrink_code *code, const shrink_columns *columns,
                        int64_t height, int64_t row, double *part, float *weight, float *line, float *to)
{
    int64_t n = source->shape[0], channels = source->shape[2], width = source->shape[1], count;
    int64_t first = find_weights(n, height, row, part, weight, &count), item = seqaug_item_size[source->dtype];
    const char *top = (const char *)source->data + first * source->stride[0];
    if (count == 1 && code->sum_bytes) { /* the weight of one is 1 */
        code->sum_bytes((const uint8_t *)top, columns, to);
        return;
    }
    if (packed && code->add_all)
        code->add_all(top, source->stride[0], count, weight, width * channels, line);
    for (int64_t y = 0; y < count && !(packed && code->add_all); y++) {
        const char *from = top + y * source->stride[0];
        if (packed) {
            code->add(from, item, width * channels, weight[y], y == 0, line);
            continue;
        }
        for (int64_t x = 0; x < width; x++)
            code->add(from + x * source->stride[1], source->stride[2], channels, weight[y], y == 0, line + x * channels);
    }
    code->sum(line, columns, to);
}

seqaug_status seqaug_shrink(const seqaug_image *source, const seqaug_image *target, float *space)
{
    int64_t width = target->shape[1], channels = source->shape[2], item;
    for (int axis = 0; axis < 3; axis++)
        if (source->shape[axis] < 1 || source->shape[axis] > INT32_MAX || target->shape[axis] < 1 ||
            target->shape[axis] > INT32_MAX)
            return SEQAUG_BAD_SHAPE;
    if (channels != target->shape[2] || target->stride[2] != 4 || target->stride[1] != 4 * channels)
        return SEQAUG_BAD_SHAPE;
    if ((unsigned)source->dtype >= SEQAUG_DTYPES || target->dtype != SEQAUG_f32 || !adders_baseline[source->dtype])
        return SEQAUG_BAD_TYPE;
    item = seqaug_item_size[source->dtype];
    int packed = source->stride[1] == channels * item && (channels == 1 || source->stride[2] == item);
    seqaug_floats floats = seqaug_enter_floats();
    int64_t tall = most_taps(source->shape[0], target->shape[0]), wide = most_taps(source->shape[1], width);
    double *part = (double *)(((uintptr_t)space + 7) & ~(uintptr_t)7);
    float *line = (float *)(part + (tall > wide ? tall : wide));
    float *down = line + source->shape[1] * channels + behind(wide), *across = down + tall;
    int32_t *ends = (int32_t *)(across + width * wide);
    shrink_columns columns = {.ends = ends, .weight = across, .wide = wide, .width = width, .channels = channels};
    memset(line + source->shape[1] * channels, 0, (size_t)behind(wide) * sizeof *line);
    for (int64_t x = 0; x < width; x++) {
        int64_t count;
        ends[2 * x] = (int32_t)find_weights(source->shape[1], width, x, part, across + x * wide, &count);
        ends[2 * x + 1] = (int32_t)count;
    }
    shrink_code code = code_for(source, packed, &columns, (float *)(ends + 2 * width));
    int64_t asked = 0, n = source->shape[0], height = target->shape[0];
    for (int64_t y = 0; y < height; y++) {
        if (packed)
            asked = ask_for(source, asked, (y + 1) * n / height + tall + ROWS_AHEAD);
        average_row(source, packed, &code, &columns, height, y, part, down, line,
                    (float *)((char *)target->data + y * target->stride[0]));
    }
    seqaug_leave_floats(floats);
    return SEQAUG_OK;
}
