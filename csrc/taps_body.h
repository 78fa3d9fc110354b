/* taps_body.h: from coordinates to taps, for one axis and one chunk of columns. Part of a variant (see cpu.h).
 *
 * Everything up to the offsets is done in double, in plain loops without branches, so that a compiler can turn them
 * into vector code; each operation rounds once, as SciPy's do, in SciPy's order.
 */

/* SciPy's period rules for a coordinate outside 0 .. n - 1. trunc() stands for its conversion to an integer and back:
 * for coordinates within reach the two agree. */
static inline double SEQAUG_V(reflected)(double c, double n)
{
    double period = 2.0 * n;
    double below = c < -period ? period * trunc(-c / period) + c : c;
    double negative = below < -n ? below + period : (below > -1e-15 ? 1e-15 : -below) - 1.0;
    double above = c - period * trunc(c / period);
    double positive = above >= n ? period - above - 1.0 : above;
    return c < 0.0 ? negative : (c > n - 1.0 ? positive : c);
}

static inline double SEQAUG_V(wrapped)(double c, double n)
{
    double period = n - 1.0;
    double negative = c + period * (trunc(-c / period) + 1.0);
    double positive = c - period * trunc(c / period);
    return c < 0.0 ? negative : (c > period ? positive : c);
}

/* Brings the coordinates of a chunk inside. NEAREST clamps taps instead, CONSTANT asks for inside columns only. */
static void SEQAUG_V(map_inside)(double *c, int count, double n, int border)
{
    if (border == SEQAUG_REFLECT)
        for (int i = 0; i < count; i++)
            c[i] = n == 1.0 ? 0.0 : SEQAUG_V(reflected)(c[i], n);
    else if (border == SEQAUG_WRAP)
        for (int i = 0; i < count; i++)
            c[i] = n == 1.0 ? 0.0 : SEQAUG_V(wrapped)(c[i], n);
}

/* Turns whole tap positions into byte offsets. A tap off the image is mirrored about the edge pixel under CONSTANT and
 * WRAP, clamped under the others (to which reflection comes down for the one pixel it can be off). */
static void SEQAUG_V(offsets)(const seqaug_axis *axis, double *tap, int count, int may_be_off, int64_t *at)
{
    double last = axis->n - 1.0, stride = (double)axis->stride;
    if (may_be_off && (axis->border == SEQAUG_CONSTANT || axis->border == SEQAUG_WRAP))
        for (int i = 0; i < count; i++)
            tap[i] = tap[i] < 0.0 ? -tap[i] : (tap[i] > last ? 2.0 * last - tap[i] : tap[i]);
    if (may_be_off)
        for (int i = 0; i < count; i++)
            tap[i] = tap[i] < 0.0 ? 0.0 : (tap[i] > last ? last : tap[i]);
    if (axis->narrow) /* 32-bit conversions are vector instructions, 64-bit ones are not */
        for (int i = 0; i < count; i++)
            at[i] = (int32_t)(tap[i] * stride);
    else
        for (int i = 0; i < count; i++)
            at[i] = (int64_t)tap[i] * axis->stride;
}

/* The taps of columns first .. first + count - 1, whose coordinates along this axis are base + column*step. */
static void SEQAUG_V(find_taps)(const seqaug_axis *axis, double base, int64_t first, int count, seqaug_taps *taps)
{
    double c[SEQAUG_CHUNK], tap[SEQAUG_CHUNK];
    int32_t column = (int32_t)first;
    for (int i = 0; i < count; i++)
        c[i] = base + (double)(column + i) * axis->step;
    double low = c[0] < c[count - 1] ? c[0] : c[count - 1];
    double high = c[0] < c[count - 1] ? c[count - 1] : c[0];
    int inside = low >= 0.0 && high <= axis->n - 1.0;
    int may_be_off = !inside || high == axis->n - 1.0; /* then the second tap is one beyond the last pixel */
    taps->may_touch_end = !inside || axis->stride == 0 || (axis->stride > 0 ? high >= axis->n - 2.0 : low < 1.0) ||
                          axis->n == 2.0; /* there the tap beyond the last pixel may be mirrored to the first */
    if (!inside)
        SEQAUG_V(map_inside)(c, count, axis->n, axis->border);
    if (axis->order == 0) {
        for (int i = 0; i < count; i++)
            tap[i] = floor(c[i] + 0.5);
        SEQAUG_V(offsets)(axis, tap, count, may_be_off, taps->at[0]);
        return;
    }
    for (int i = 0; i < count; i++) {
        double start = floor(c[i]);
        taps->weight[0][i] = 1.0 - (c[i] - start);
        taps->weight[1][i] = 1.0 - taps->weight[0][i];
        tap[i] = start;
        c[i] = start + 1.0;
    }
    SEQAUG_V(offsets)(axis, tap, count, may_be_off, taps->at[0]);
    SEQAUG_V(offsets)(axis, c, count, may_be_off, taps->at[1]);
}
