/* spline_body.h: splines of order 2 to 5: the taps of a chunk along one axis, and their sum. Part of a variant (see
 * cpu.h). The samples are coefficients (see spline.h), so there is one element type.
 */

/* The spline's values at the order + 1 pixels about coordinate c, in SciPy's order of operations: pieces of the B-spline
 * of that order (order 3: (4 - 6t^2 + 3t^3) / 6 within a pixel of its middle, (2 - t)^3 / 6 beyond). The last value is
 * what is missing to 1. */
static inline void SEQAUG_V(weigh)(double c, int order, double weight[6])
{
    double t = c - floor(order % 2 ? c : c + 0.5), u = 1.0 - t, v, w;
    if (order == 2) {
        v = 0.5 - t;
        weight[0] = 0.5 * v * v;
        weight[1] = 0.75 - t * t;
    } else if (order == 3) {
        weight[0] = u * u * u / 6.0;
        weight[1] = (t * t * (t - 2.0) * 3.0 + 4.0) / 6.0;
        weight[2] = (u * u * (u - 2.0) * 3.0 + 4.0) / 6.0;
    } else if (order == 4) {
        v = (0.5 - t) * (0.5 - t);
        weight[0] = v * v / 24.0;
        v = t + 1.0;
        weight[1] = v * (v * (v * (5.0 - v) / 6.0 - 1.25) + 5.0 / 24.0) + 55.0 / 96.0;
        weight[2] = t * t * (t * t * 0.25 - 0.625) + 115.0 / 192.0;
        weight[3] = u * (u * (u * (5.0 - u) / 6.0 - 1.25) + 5.0 / 24.0) + 55.0 / 96.0;
    } else {
        v = t + 1.0;
        w = u + 1.0;
        weight[0] = u * (u * u) * (u * u) / 120.0;
        weight[1] = v * (v * (v * (v * (v / 24.0 - 0.375) + 1.25) - 1.75) + 0.625) + 0.425;
        weight[2] = t * t * (t * t * (0.25 - t / 12.0) - 0.5) + 0.55;
        weight[3] = u * u * (u * u * (0.25 - u / 12.0) - 0.5) + 0.55;
        weight[4] = w * (w * (w * (w * (w / 24.0 - 0.375) + 1.25) - 1.75) + 0.625) + 0.425;
    }
    weight[order] = 1.0;
    for (int k = 0; k < order; k++)
        weight[order] -= weight[k];
}

static inline void SEQAUG_V(weigh_chunk)(const double *c, int count, int order, seqaug_taps *taps)
{
    for (int i = 0; i < count; i++) {
        double weight[6];
        SEQAUG_V(weigh)(c[i], order, weight);
        for (int k = 0; k <= order; k++)
            taps->weight[k][i] = weight[k];
    }
}

/* Moves taps off the image to the coefficients with which it continues: mirrored about the edge pixel or, for REFLECT,
 * beside it, and clamped for NEAREST, whose image has a margin. Coordinates are past an edge by less than a pixel, so
 * that a tap of the shortest image comes inside by turning at each edge twice. */
static void SEQAUG_V(fold)(const seqaug_axis *axis, double *tap, int count)
{
    double last = axis->n - 1.0, beside = axis->border == SEQAUG_REFLECT ? 1.0 : 0.0;
    for (int turn = 0; turn < 2 && axis->border != SEQAUG_NEAREST; turn++)
        for (int i = 0; i < count; i++) {
            tap[i] = tap[i] < 0.0 ? -beside - tap[i] : tap[i];
            tap[i] = tap[i] > last ? 2.0 * last + beside - tap[i] : tap[i];
        }
    for (int i = 0; i < count; i++)
        tap[i] = tap[i] < 0.0 ? 0.0 : (tap[i] > last ? last : tap[i]);
}

/* As find_taps, for orders 2 to 5. */
static void SEQAUG_V(find_spline_taps)(const seqaug_axis *axis, double base, int64_t first, int count, seqaug_taps *taps)
{
    double c[SEQAUG_CHUNK], start[SEQAUG_CHUNK], tap[SEQAUG_CHUNK];
    double past_middle = axis->order % 2 ? 0.0 : 0.5, before = (double)(axis->order / 2);
    int32_t column = (int32_t)first;
    for (int i = 0; i < count; i++)
        c[i] = base + (double)(column + i) * axis->step + axis->margin;
    double low = c[0] < c[count - 1] ? c[0] : c[count - 1];
    double high = c[0] < c[count - 1] ? c[count - 1] : c[0];
    if (!(low >= 0.0 && high <= axis->n - 1.0))
        SEQAUG_V(map_inside)(c, count, axis->n, axis->border);
    for (int i = 0; i < count; i++)
        start[i] = floor(c[i] + past_middle) - before;
    switch (axis->order) {
        case 2: SEQAUG_V(weigh_chunk)(c, count, 2, taps); break;
        case 3: SEQAUG_V(weigh_chunk)(c, count, 3, taps); break;
        case 4: SEQAUG_V(weigh_chunk)(c, count, 4, taps); break;
        default: SEQAUG_V(weigh_chunk)(c, count, 5, taps);
    }
    for (int k = 0; k <= axis->order; k++) {
        for (int i = 0; i < count; i++)
            tap[i] = start[i] + (double)k;
        if (!(low >= 3.0 && high <= axis->n - 4.0))
            SEQAUG_V(fold)(axis, tap, count);
        SEQAUG_V(offsets)(axis, tap, count, 0, taps->at[k]);
    }
}

/* The sum is SciPy's: from 0.0, taps in row-major order, (value * row weight) * column weight. */
static inline void SEQAUG_V(spline_run)(const char *data, const seqaug_taps *y, const seqaug_taps *x, int count,
                                        int order, double *out, int step, int lanes)
{
    for (int i = 0; i < count; i++) {
        double sum[4] = {0.0, 0.0, 0.0, 0.0};
        for (int j = 0; j <= order; j++) {
            const char *row = data + y->at[j][i];
            double row_weight = y->weight[j][i];
            for (int k = 0; k <= order; k++) {
                const double *value = (const double *)(row + x->at[k][i]);
                double weight = x->weight[k][i];
                if (lanes == 4)
                    SEQAUG_ADD_FOUR(sum, value, row_weight, weight);
                else if (lanes == 2)
                    SEQAUG_ADD_TWO(sum, value, row_weight, weight);
                else
                    sum[0] += value[0] * row_weight * weight;
            }
        }
        for (int lane = 0; lane < lanes; lane++)
            out[i * step + lane] = sum[lane];
    }
}

static inline void SEQAUG_V(spline_lanes)(const char *data, const seqaug_taps *y, const seqaug_taps *x, int count,
                                          int order, double *out, int channels)
{
    switch (channels) {
        case 1: SEQAUG_V(spline_run)(data, y, x, count, order, out, 1, 1); return;
        case 2: SEQAUG_V(spline_run)(data, y, x, count, order, out, 2, 2); return;
        case 3: SEQAUG_V(spline_run)(data, y, x, count, order, out, 3, 4); return; /* see sample() in type_body.h */
        default: SEQAUG_V(spline_run)(data, y, x, count, order, out, 4, 4);
    }
}

/* Samples `channels` neighbouring channels, at most SEQAUG_SPLINE_CHANNELS. */
static void SEQAUG_V(sample_spline)(const char *data, const seqaug_taps *y, const seqaug_taps *x, int count,
                                    int channels, int order, double *out)
{
    switch (order) {
        case 2: SEQAUG_V(spline_lanes)(data, y, x, count, 2, out, channels); return;
        case 3: SEQAUG_V(spline_lanes)(data, y, x, count, 3, out, channels); return;
        case 4: SEQAUG_V(spline_lanes)(data, y, x, count, 4, out, channels); return;
        default: SEQAUG_V(spline_lanes)(data, y, x, count, 5, out, channels);
    }
}
