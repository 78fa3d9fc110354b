/* type_body.h: reads the taps of a chunk into doubles and stores doubles, for one element type (SEQAUG_NAME,
 * SEQAUG_TYPE). Part of a variant (see cpu.h).
 *
 * The sum is SciPy's: from 0.0, taps in row-major order, (value * row weight) * column weight. No tap is skipped when
 * its weight is zero: 0 * NaN is NaN there too.
 */
/* Converts neighbouring elements; SEQAUG_WIDEN4 is a variant's own way for four of them. */
static inline void SEQAUG_T(widen)(const char *from, double *to, int lanes)
{
#ifdef SEQAUG_WIDEN4
    if (lanes == 4) {
        SEQAUG_WIDEN4(from, to);
        return;
    }
#endif
    for (int k = 0; k < lanes; k++)
        to[k] = (double)((const SEQAUG_TYPE *)from)[k];
}

static inline void SEQAUG_T(blend)(const char *row0, const char *row1, int64_t x0, int64_t x1, const double weight[4],
                                   double *out, int lanes)
{
    double a[4], b[4], c[4], d[4];
    SEQAUG_T(widen)(row0 + x0, a, lanes);
    SEQAUG_T(widen)(row0 + x1, b, lanes);
    SEQAUG_T(widen)(row1 + x0, c, lanes);
    SEQAUG_T(widen)(row1 + x1, d, lanes);
    double wy0 = weight[0], wy1 = weight[1], wx0 = weight[2], wx1 = weight[3];
    for (int k = 0; k < lanes; k++) {
        double sum = 0.0 + a[k] * wy0 * wx0;
        sum += b[k] * wy0 * wx1;
        sum += c[k] * wy1 * wx0;
        sum += d[k] * wy1 * wx1;
        out[k] = sum;
    }
}

/* Bilinear: `lanes` neighbouring channels of `count` pixels, a pixel `step` doubles after the other. */
static inline void SEQAUG_T(blend_run)(const char *data, const seqaug_taps *y, const seqaug_taps *x, int count,
                                       double *out, int step, int lanes)
{
    for (int i = 0; i < count; i++) {
        double weight[4] = {y->weight[0][i], y->weight[1][i], x->weight[0][i], x->weight[1][i]};
        SEQAUG_T(blend)(data + y->at[0][i], data + y->at[1][i], x->at[0][i], x->at[1][i], weight, out + i * step, lanes);
    }
}

static inline void SEQAUG_T(pick_run)(const char *data, const seqaug_taps *y, const seqaug_taps *x, int count,
                                      double *out, int step, int lanes)
{
    for (int i = 0; i < count; i++) {
        const SEQAUG_TYPE *p = (const SEQAUG_TYPE *)(data + y->at[0][i] + x->at[0][i]);
        for (int k = 0; k < lanes; k++)
            out[i * step + k] = 0.0 + (double)p[k];
    }
}

/* Samples `channels` neighbouring channels. Lanes go four at a time: the last four of many overlap those before, and
 * three read one element too many, which the next pixel's overwrite, unless the chunk may touch the end of the
 * image. */
static void SEQAUG_T(sample)(const char *data, const seqaug_taps *y, const seqaug_taps *x, int count, int channels,
                             int order, double *out)
{
    if (order == 0) {
        if (channels == 1)
            SEQAUG_T(pick_run)(data, y, x, count, out, 1, 1);
        else if (channels == 3)
            SEQAUG_T(pick_run)(data, y, x, count, out, 3, 3);
        else
            SEQAUG_T(pick_run)(data, y, x, count, out, channels, channels);
    } else if (channels == 1) {
        SEQAUG_T(blend_run)(data, y, x, count, out, 1, 1);
    } else if (channels == 2) {
        SEQAUG_T(blend_run)(data, y, x, count, out, 2, 2);
    } else if (channels == 3 && y->may_touch_end && x->may_touch_end) {
        SEQAUG_T(blend_run)(data, y, x, count, out, 3, 3);
    } else if (channels == 3) {
        SEQAUG_T(blend_run)(data, y, x, count, out, 3, 4);
    } else {
        for (int k = 0; k < channels; k += 4) {
            int first = k + 4 <= channels ? k : channels - 4;
            const char *lane = data + first * (int)sizeof(SEQAUG_TYPE);
            SEQAUG_T(blend_run)(lane, y, x, count, out + first, channels, 4);
        }
    }
}

/* Rounds, saturates and stores a run. */
static inline void SEQAUG_T(store)(char *to, int64_t to_step, const double *from, int from_step, int count)
{
    if (to_step == (int64_t)sizeof(SEQAUG_TYPE) && from_step == 1) {
        SEQAUG_TYPE *out = (SEQAUG_TYPE *)to;
        for (int i = 0; i < count; i++)
            out[i] = SEQAUG_JOIN(seqaug_store, SEQAUG_NAME)(from[i]);
    } else {
        for (int i = 0; i < count; i++)
            *(SEQAUG_TYPE *)(to + i * to_step) = SEQAUG_JOIN(seqaug_store, SEQAUG_NAME)(from[i * from_step]);
    }
}

#undef SEQAUG_NAME
#undef SEQAUG_TYPE
