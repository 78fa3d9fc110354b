/* spline.c: from the pixels of an image to the coefficients of the spline through them, bit for bit as
 * scipy.ndimage.spline_filter has them (SciPy 1.17).
 *
 * The filter is that of M. Unser, A. Aldroubi and M. Eden, "B-spline signal processing", IEEE Transactions on Signal
 * Processing 41 (1993): for each pole z, a recursion along the line and one back, which begin as if the line were
 * continued by its mirror image without end. Columns come first, then rows. As a recursion cannot be hurried, SEQAUG_LINES
 * lines go side by side, in a strip of memory that has a place of all of them in a row, and stays in the cache.
 */
#include "spline.h"
#include "store.h"

#include <string.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

enum { SEQAUG_LINES = 32 };

typedef double seqaug_strip[SEQAUG_LINES];

/* The poles within the unit circle of each order's filter: roots of the polynomial that has the spline's values at whole
 * numbers for coefficients. */
typedef struct {
    int poles;
    double pole[2];
} seqaug_filter;

static const seqaug_filter filters[6] = {
    [2] = {1, {-0.171572875253809902397}}, /* sqrt(8) - 3 */
    [3] = {1, {-0.267949192431122706473}}, /* sqrt(3) - 2 */
    /* sqrt(664 -+ sqrt(438976)) +- sqrt(304) - 19, sqrt(67.5 -+ sqrt(4436.25)) +- sqrt(26.25) - 6.5 */
    [4] = {2, {-0.361341225900220177092, -0.0137254292973391213603}},
    [5] = {2, {-0.430575347099973791851, -0.0430962882032646538227}},
};

/* A number in two parts, the second of which is what rounding took from the first. */
typedef struct {
    double high, low;
} seqaug_pair;

static seqaug_pair times(seqaug_pair a, seqaug_pair b)
{
    const double halves = 134217729.0; /* 2^27 + 1: splits a double into halves, the products of which are exact */
    double a_high = halves * a.high - (halves * a.high - a.high), a_low = a.high - a_high;
    double b_high = halves * b.high - (halves * b.high - b.high), b_low = b.high - b_high;
    double product = a.high * b.high;
    double rest = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    rest += a.high * b.low + a.low * b.high;
    seqaug_pair result = {product + rest, 0.0};
    result.low = (product - result.high) + rest;
    return result;
}

/* z^n. SciPy asks the C library, whose answer for a pole is the nearest double wherever that is above 2^-365, and mostly
 * below; a product of n factors would be others. */
static double power(double z, int64_t n)
{
    seqaug_pair result = {1.0, 0.0}, square = {z, 0.0};
    for (; n > 0 && square.high != 0.0; n >>= 1) {
        if (n & 1)
            result = times(result, square);
        square = times(square, square);
    }
    return n > 0 ? 0.0 : result.high;
}

/* Gives the first place its value in the recursion for pole z. The mirror image begins with the neighbour of the edge
 * pixel or, for `twice`, with that pixel once more; there SciPy's last addend takes the sum so far for the pixel, by which
 * splines through fewer than about ten pixels miss them. */
static void begin(seqaug_strip *c, int64_t n, double z, int twice)
{
    double far = power(z, twice ? n : n - 1), near = z, sum[SEQAUG_LINES];
    for (int k = 0; k < SEQAUG_LINES; k++)
        sum[k] = c[0][k] + far * c[n - 1][k];
    for (int64_t i = 1; i < n - 1; i++, near *= z)
        for (int k = 0; k < SEQAUG_LINES; k++)
            sum[k] += near * (c[i][k] + far * c[n - 1 - i][k]);
    for (int k = 0; k < SEQAUG_LINES; k++)
        if (twice)
            c[0][k] = (sum[k] + near * (c[n - 1][k] + far * sum[k])) * (z / (1.0 - far * far)) + c[0][k];
        else
            c[0][k] = sum[k] / (1.0 - far * far);
}

/* Filters lines of n > 1 places. */
static void filter(seqaug_strip *c, int64_t n, int order, int twice)
{
    const seqaug_filter *f = &filters[order];
    double gain = 1.0;
    for (int p = 0; p < f->poles; p++)
        gain *= (1.0 - f->pole[p]) * (1.0 - 1.0 / f->pole[p]);
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < SEQAUG_LINES; k++)
            c[i][k] *= gain;
    for (int p = 0; p < f->poles; p++) {
        double z = f->pole[p];
        begin(c, n, z, twice);
        for (int64_t i = 1; i < n; i++)
            for (int k = 0; k < SEQAUG_LINES; k++)
                c[i][k] += z * c[i - 1][k];
        for (int k = 0; k < SEQAUG_LINES; k++)
            if (twice)
                c[n - 1][k] *= z / (z - 1.0);
            else
                c[n - 1][k] = (z * c[n - 2][k] + c[n - 1][k]) * z / (z * z - 1.0);
        for (int64_t i = n - 2; i >= 0; i--)
            for (int k = 0; k < SEQAUG_LINES; k++)
                c[i][k] = z * (c[i + 1][k] - c[i][k]);
    }
}

/* Reads elements `step` bytes apart into every `to_step`th double. */
typedef void seqaug_loader(const char *from, int64_t step, int64_t count, double *to, int64_t to_step);

#define SEQAUG_LOADER(name, type)                                                                                  \
    static void load_##name(const char *from, int64_t step, int64_t count, double *to, int64_t to_step)            \
    {                                                                                                              \
        if (step == (int64_t)sizeof(type) && to_step == 1)                                                         \
            for (int64_t i = 0; i < count; i++)                                                                    \
                to[i] = (double)((const type *)from)[i];                                                           \
        else                                                                                                       \
            for (int64_t i = 0; i < count; i++)                                                                    \
                to[i * to_step] = (double)*(const type *)(from + i * step);                                        \
    }
SEQAUG_EACH_TYPE(SEQAUG_LOADER)
#define SEQAUG_ENTRY(name, type) load_##name,
static seqaug_loader *const loaders[SEQAUG_DTYPES] = {SEQAUG_EACH_TYPE(SEQAUG_ENTRY)};
#undef SEQAUG_ENTRY

/* One image on its way to coefficients. */
typedef struct {
    const seqaug_image *source;
    int order, twice;
    int64_t margin, tall, wide; /* extents with the margins */
    seqaug_strip *strip;
    double *plane;
} seqaug_spline_job;

/* Reads `count` pixels of each row from column `first` on and filters down the columns. */
static void filter_columns(const seqaug_spline_job *job, int64_t first, int64_t count)
{
    const seqaug_image *source = job->source;
    seqaug_loader *load = loaders[source->dtype];
    int64_t height = source->shape[0], channels = source->shape[2], item = seqaug_item_size[source->dtype];
    int packed = source->stride[1] == channels * item && (channels == 1 || source->stride[2] == item);
    seqaug_strip *strip = job->strip, *inner = strip + job->margin;
    double *to = job->plane + (job->margin + first) * channels;
    for (int64_t y = 0; y < height; y++) {
        const char *from = (const char *)source->data + y * source->stride[0] + first * source->stride[1];
        if (packed)
            load(from, item, count * channels, inner[y], 1);
        else
            for (int64_t k = 0; k < channels; k++)
                load(from + k * source->stride[2], source->stride[1], count, inner[y] + k, channels);
    }
    for (int64_t y = 0; y < job->margin; y++) {
        memcpy(strip[y], inner[0], sizeof *strip);
        memcpy(inner[height + y], inner[height - 1], sizeof *strip);
    }
    if (job->tall > 1)
        filter(strip, job->tall, job->order, job->twice);
    for (int64_t y = 0; y < job->tall; y++)
        memcpy(to + y * job->wide * channels, strip[y], (size_t)(count * channels) * sizeof(double));
}

/* Filters `rows` rows from row `first` on where they are, and fills in their margins. */
static inline void filter_rows(const seqaug_spline_job *job, int64_t first, int rows, int channels)
{
    int64_t row = job->wide * channels, last = job->wide - 1 - job->margin;
    double *plane = job->plane + first * row;
    seqaug_strip *strip = job->strip;
    for (int64_t x = 0; x < job->wide; x++) {
        int64_t column = x < job->margin ? job->margin : x > last ? last : x;
        for (int r = 0; r < rows; r++)
            for (int k = 0; k < channels; k++)
                strip[x][r * channels + k] = plane[r * row + column * channels + k];
    }
    if (job->wide > 1)
        filter(strip, job->wide, job->order, job->twice);
    for (int64_t x = 0; x < job->wide; x++)
        for (int r = 0; r < rows; r++)
            for (int k = 0; k < channels; k++)
                plane[r * row + x * channels + k] = strip[x][r * channels + k];
}

static void filter_rows_of(const seqaug_spline_job *job, int64_t first, int rows)
{
    switch (job->source->shape[2]) { /* known to the compiler, few values are copied without a loop */
        case 1: filter_rows(job, first, rows, 1); return;
        case 2: filter_rows(job, first, rows, 2); return;
        case 3: filter_rows(job, first, rows, 3); return;
        default: filter_rows(job, first, rows, 4);
    }
}

static int64_t strip_length(int64_t tall, int64_t wide)
{
    return SEQAUG_LINES * (tall > wide ? tall : wide);
}

int64_t seqaug_spline_space(const seqaug_image *source, int order, int border)
{
    int64_t margin = seqaug_spline_margin(order, border), channels = source->shape[2];
    int64_t tall = source->shape[0] + 2 * margin, wide = source->shape[1] + 2 * margin;
    if (channels > SEQAUG_SPLINE_CHANNELS)
        channels = SEQAUG_SPLINE_CHANNELS;
    if (tall > ((int64_t)1 << 56) / (wide * channels))
        return INT64_MAX;
    return strip_length(tall, wide) + tall * wide * channels + 1;
}

seqaug_image seqaug_spline(const seqaug_image *source, int order, int border, double *space)
{
    int64_t margin = seqaug_spline_margin(order, border), channels = source->shape[2];
    seqaug_spline_job job = {
        .source = source,
        .order = order,
        .twice = border == SEQAUG_REFLECT || border == SEQAUG_NEAREST,
        .margin = margin,
        .tall = source->shape[0] + 2 * margin,
        .wide = source->shape[1] + 2 * margin,
        .strip = (seqaug_strip *)space,
    };
    int64_t length = strip_length(job.tall, job.wide), together = SEQAUG_LINES / channels;
    job.plane = space + length;
    memset(space, 0, (size_t)length * sizeof *space); /* not every line of a strip is always used */
    job.plane[job.tall * job.wide * channels] = 0.0;
    for (int64_t x = 0; x < source->shape[1]; x += together)
        filter_columns(&job, x, source->shape[1] - x < together ? source->shape[1] - x : together);
    for (int64_t y = 0; y < job.tall; y += together)
        filter_rows_of(&job, y, (int)(job.tall - y < together ? job.tall - y : together));
    seqaug_image coefficients = {
        .data = job.plane,
        .shape = {job.tall, job.wide, channels},
        .stride = {job.wide * channels * 8, channels * 8, 8},
        .dtype = SEQAUG_f64,
    };
    return coefficients;
}
