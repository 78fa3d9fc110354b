/* places_body.h: where the pixels of a chunk are taken from. Part of a variant (see cpu.h).
 *
 * Plain loops, which a compiler turns into vector code. They go over a whole number of eight columns: those behind the
 * chunk's last one have places, too, inside the image like all others, but are of no use.
 */

/* SciPy's period rules for a coordinate outside 0 .. n - 1, as in taps_body.h. */
static inline double SEQAUG_V(fold_reflect)(double c, double n)
{
    double period = 2.0 * n;
    double back = c < 0.0 ? -c - 1.0 : c;
    double within = back - period * trunc(back / period);
    return within >= n ? period - within - 1.0 : within;
}

static inline double SEQAUG_V(fold_wrap)(double c, double n)
{
    double period = n - 1.0;
    double negative = c + period * (trunc(-c / period) + 1.0);
    double positive = c - period * trunc(c / period);
    return c < 0.0 ? negative : (c > period ? positive : c);
}

/* Applies the border rule to coordinates along one axis. Those far away come near enough for integers; their pixels
 * are the same. */
static void SEQAUG_V(map_border)(const seqaug_job *job, int axis, int count, double *c, seqaug_places *places)
{
    double n = job->extent[axis], most = n + 3.0 < 2147483640.0 ? n + 3.0 : 2147483640.0;
    int border = job->how->border;
    if (border == SEQAUG_CONSTANT || border == SEQAUG_FRAME) {
        double margin = border == SEQAUG_FRAME ? 0.5 : 0.0;
        double low = 0.0 - margin, high = n - 1.0 + margin;
        for (int i = 0; i < SEQAUG_EIGHTS(count); i++)
            places->outside[i] |= !(c[i] >= low && c[i] <= high);
        for (int i = 0; i < count; i++)
            places->any_outside |= places->outside[i];
    } else if (border == SEQAUG_REFLECT) {
        for (int i = 0; i < SEQAUG_EIGHTS(count); i++)
            c[i] = c[i] >= 0.0 && c[i] <= n - 1.0 ? c[i] : SEQAUG_V(fold_reflect)(c[i], n);
    } else if (border == SEQAUG_WRAP) {
        for (int i = 0; i < SEQAUG_EIGHTS(count); i++)
            c[i] = n == 1.0 ? 0.0 : SEQAUG_V(fold_wrap)(c[i], n);
    }
    for (int i = 0; i < SEQAUG_EIGHTS(count); i++) {
        double low = c[i] >= -4.0 ? c[i] : -4.0; /* and NaN */
        c[i] = low > most ? most : low;
    }
}

/* Nearest pixels, halves up. */
static void SEQAUG_V(split_nearest)(double n, int count, const double *c, int32_t *pixel)
{
    for (int i = 0; i < SEQAUG_EIGHTS(count); i++) {
        double whole = floor(c[i] + 0.5);
        whole = whole < 0.0 ? 0.0 : whole;
        pixel[i] = (int32_t)(whole > n - 1.0 ? n - 1.0 : whole);
    }
}

static void SEQAUG_V(split)(int count, const double *c, int32_t *pixel, uint32_t *fraction)
{
    for (int i = 0; i < SEQAUG_EIGHTS(count); i++) {
        double whole = floor(c[i]), part = c[i] - whole;
        part = part < 0x1.fffffffep-1 ? part : 0x1.fffffffep-1;
        pixel[i] = (int32_t)whole;
        fraction[i] = (uint32_t)(int32_t)(part * 4294967296.0 - 2147483648.0) + 0x80000000u;
    }
}

/* Both neighbours shall exist: beyond the image it is its last pixel that counts, alone. */
static void SEQAUG_V(clamp)(int32_t last, int count, int32_t *pixel, uint32_t *fraction)
{
    for (int i = 0; i < SEQAUG_EIGHTS(count); i++) {
        int32_t at = pixel[i];
        fraction[i] = at < 0 ? 0u : (at >= last ? 0xFFFFFFFFu : fraction[i]);
        at = at < 0 ? 0 : at;
        pixel[i] = at >= last ? last - 1 : at;
    }
}

/* Whether a sampler that reads a little beyond a pixel might leave the image's memory: at the last column of the row
 * that is highest in memory. */
static int SEQAUG_V(touches_end)(const seqaug_job *job, int count, const seqaug_places *places)
{
    int32_t column = 0, low = INT32_MAX, high = 0;
    for (int i = 0; i < count; i++)
        column = places->x[i] > column ? places->x[i] : column;
    for (int i = 0; i < count; i++)
        high = places->y[i] > high ? places->y[i] : high;
    for (int i = 0; i < count; i++)
        low = places->y[i] < low ? places->y[i] : low;
    if (column < job->last[1] - 1)
        return 0;
    int64_t stride = job->source.stride[0];
    return stride > 0 ? high >= job->last[0] - 1 : (stride < 0 ? low == 0 : 1);
}

/* By coordinates in double, whatever the map and the border rule. */
static SEQAUG_NOINLINE void SEQAUG_V(place_exactly)(const seqaug_job *job, int64_t row, int64_t first, int count,
                                    seqaug_places *places)
{
    const double *m = job->how->matrix;
    int32_t *pixel[2] = {places->y, places->x};
    uint32_t *fraction[2] = {places->y_fraction, places->x_fraction};
    double c[SEQAUG_COLUMNS], w[SEQAUG_COLUMNS];
    int32_t column = (int32_t)first;
    int64_t width = job->target.shape[1], plane = job->target.shape[0] * width;
    const float *field = job->how->field ? job->how->field + row * width : NULL;
    memset(places->outside, 0, sizeof places->outside);
    places->any_outside = 0;
    for (int i = 0; job->perspective && i < SEQAUG_EIGHTS(count); i++)
        w[i] = (m[8] + (double)row * m[6]) + (double)seqaug_behind(column, i) * m[7];
    for (int axis = 0; axis < 2; axis++) {
        double base = m[3 * axis + 2] + (double)row * m[3 * axis], along = m[3 * axis + 1];
        for (int i = 0; i < SEQAUG_EIGHTS(count); i++)
            c[i] = base + (double)seqaug_behind(column, i) * along;
        for (int i = 0; job->perspective && i < SEQAUG_EIGHTS(count); i++)
            c[i] /= w[i];
        for (int i = 0; field && i < count; i++)
            c[i] += (double)field[axis * plane + first + i];
        for (int i = 0; job->perspective && i < SEQAUG_EIGHTS(count); i++) {
            places->outside[i] |= !(fabs(c[i]) < 4503599627370496.0);
            c[i] = fabs(c[i]) < 4503599627370496.0 ? c[i] : 0.0;
        }
        SEQAUG_V(map_border)(job, axis, count, c, places);
        if (job->how->order == 0) {
            SEQAUG_V(split_nearest)(job->extent[axis], count, c, pixel[axis]);
            continue;
        }
        SEQAUG_V(split)(count, c, pixel[axis], fraction[axis]);
        if (job->how->order == 1)
            SEQAUG_V(clamp)(job->last[axis], count, pixel[axis], fraction[axis]);
    }
    if (job->perspective)
        for (int i = 0; i < count; i++)
            places->any_outside |= places->outside[i];
    places->at_end = job->near && SEQAUG_V(touches_end)(job, count, places);
}

/* One axis in fixed point, for order 1 and where the border rule has no jumps: `at` is the coordinate of the chunk's
 * first column. Returns 0 for a chunk that reaches too far to be folded back once. */
static int SEQAUG_V(place_axis)(const seqaug_job *job, int axis, int64_t at, int count, int32_t *restrict pixel,
                                uint32_t *restrict fraction)
{
    const int32_t *pixels = job->ramp_pixel[axis];
    const uint32_t *fractions = job->ramp_fraction[axis];
    int32_t first = (int32_t)(at >> 32), n = (int32_t)job->extent[axis];
    uint32_t rest = (uint32_t)at;
    for (int i = 0; i < SEQAUG_EIGHTS(count); i++) {
        uint32_t sum = rest + fractions[i];
        pixel[i] = first + pixels[i] + (sum < rest);
        fraction[i] = sum;
    }
    if (job->how->border == SEQAUG_REFLECT) {
        int64_t end = (int64_t)n * SEQAUG_ONE;
        if (pixel[0] < -n || pixel[count - 1] < -n || pixel[0] >= 2 * n - 1 || pixel[count - 1] >= 2 * n - 1)
            return 0;
        for (int i = 0; i < SEQAUG_EIGHTS(count); i++) {
            int64_t c = (int64_t)((uint64_t)(uint32_t)pixel[i] << 32 | fraction[i]);
            c = c < 0 ? -c - SEQAUG_ONE : c;
            c = c >= end ? 2 * end - SEQAUG_ONE - c : c;
            pixel[i] = (int32_t)(c >> 32);
            fraction[i] = (uint32_t)c;
        }
    }
    SEQAUG_V(clamp)(job->last[axis], count, pixel, fraction);
    return 1;
}

static SEQAUG_NOINLINE int SEQAUG_V(place_both)(const seqaug_job *job, int count, seqaug_places *places)
{
    if (!SEQAUG_V(place_axis)(job, 0, places->start[0], count, places->y, places->y_fraction) ||
        !SEQAUG_V(place_axis)(job, 1, places->start[1], count, places->x, places->x_fraction))
        return 0;
    if (job->how->border == SEQAUG_REFLECT)
        places->at_end = SEQAUG_V(touches_end)(job, count, places);
    return 1;
}

/* The coordinates of a chunk's first and last pixel in fixed point, which the job must allow. Returns whether all its
 * pixels lie inside with their next ones, and by no less than `margin`. */
static inline int SEQAUG_V(begin)(const seqaug_job *job, int64_t row, int64_t first, int count, int64_t margin,
                                  int64_t start[2], int64_t end[2])
{
    const double *m = job->how->matrix;
    int inside = 1;
    for (int axis = 0; axis < 2; axis++) {
        double c = (m[3 * axis + 2] + (double)row * m[3 * axis]) + (double)first * m[3 * axis + 1];
        int64_t at = seqaug_fixed(c), high = (int64_t)job->last[axis] * SEQAUG_ONE - margin;
        int64_t to = at + (job->ramp_pixel[axis][count - 1] * SEQAUG_ONE + job->ramp_fraction[axis][count - 1]);
        inside &= (at >= margin) & (to >= margin) & (at < high) & (to < high);
        start[axis] = at;
        end[axis] = to;
    }
    return inside;
}

/* `touches_end` for coordinates that are monotone along the chunk. Those outside will be moved to the nearest pixel that
 * has a next one, which along an axis of two pixels is the first, from either side. */
static inline int SEQAUG_V(ends_touch)(const seqaug_job *job, const int64_t start[2], const int64_t end[2])
{
    int64_t column = start[1] > end[1] ? start[1] : end[1], stride = job->source.stride[0];
    int64_t low = start[0] < end[0] ? start[0] : end[0], high = start[0] < end[0] ? end[0] : start[0];
    if (column >> 32 < job->last[1] - 1 && job->last[1] > 1)
        return 0;
    if (job->last[0] == 1)
        return 1;
    return stride > 0 ? high >> 32 >= job->last[0] - 1 : (stride < 0 ? low < SEQAUG_ONE : 1);
}

/* Whether nothing is to be told apart along a row: the border rule has no jumps, or each pixel says what it is. */
static int SEQAUG_V(has_no_jumps)(const seqaug_job *job)
{
    return job->perspective || job->how->border == SEQAUG_NEAREST || job->how->border == SEQAUG_REFLECT;
}

/* Narrows the columns from .. to - 1 of a row to those that lie inside, for border rules with jumps. */
static void SEQAUG_V(find_span)(const seqaug_job *job, int64_t row, int64_t *from, int64_t *to)
{
    const double *m = job->how->matrix;
    int border = job->how->border;
    double margin = border == SEQAUG_FRAME ? 0.5 : 0.0;
    for (int axis = 0; axis < 2; axis++)
        seqaug_clip(m[3 * axis + 2] + (double)row * m[3 * axis], m[3 * axis + 1], 0.0 - margin,
                    job->extent[axis] - 1.0 + margin, from, to);
}

/* Nearest pixels of an affine map, in double like all of them, for a chunk that no border rule but NEAREST changes. */
static void SEQAUG_V(place_nearest)(const seqaug_job *job, int64_t row, int64_t first, int count, seqaug_places *places)
{
    const double *m = job->how->matrix;
    int32_t column = (int32_t)first;
    for (int axis = 0; axis < 2; axis++) {
        double base = m[3 * axis + 2] + (double)row * m[3 * axis], along = m[3 * axis + 1], last = job->extent[axis] - 1.0;
        int32_t *pixel = axis == 0 ? places->y : places->x;
        for (int i = 0; i < SEQAUG_EIGHTS(count); i++) {
            double whole = floor(base + (double)seqaug_behind(column, i) * along + 0.5);
            whole = whole < 0.0 ? 0.0 : whole;
            pixel[i] = (int32_t)(whole > last ? last : whole);
        }
    }
    places->any_outside = places->at_end = 0;
}

/* The same in fixed point, if no coordinate comes so near to the middle between two pixels that double might decide
 * otherwise: below 2^28 the two differ by less than 2^9 units. Returns whether that holds. */
static int SEQAUG_V(place_nearest_fixed)(const seqaug_job *job, int64_t row, int64_t first, int count,
                                         seqaug_places *places)
{
    const double *m = job->how->matrix;
    uint32_t near = 0;
    for (int axis = 0; axis < 2; axis++) {
        const int32_t *pixels = job->ramp_pixel[axis];
        const uint32_t *fractions = job->ramp_fraction[axis];
        int64_t at = seqaug_fixed((m[3 * axis + 2] + (double)row * m[3 * axis]) + (double)first * m[3 * axis + 1]);
        int32_t whole = (int32_t)((at + SEQAUG_ONE / 2) >> 32), last = (int32_t)job->extent[axis] - 1;
        uint32_t rest = (uint32_t)at + 0x80000000u;
        int32_t *restrict pixel = axis == 0 ? places->y : places->x;
        for (int i = 0; i < SEQAUG_EIGHTS(count); i++) {
            uint32_t sum = rest + fractions[i];
            int32_t p = whole + pixels[i] + (sum < rest);
            near |= (uint32_t)(sum + SEQAUG_TIE < 2 * SEQAUG_TIE);
            p = p < 0 ? 0 : p;
            pixel[i] = p > last ? last : p;
        }
    }
    places->any_outside = places->at_end = 0;
    return !near;
}

/* Whether a chunk of an affine map has its ends, and so all of it, inside. */
static int SEQAUG_V(ends_inside)(const seqaug_job *job, int64_t row, int64_t first, int count)
{
    const double *m = job->how->matrix;
    int inside = 1;
    for (int axis = 0; axis < 2; axis++) {
        double base = m[3 * axis + 2] + (double)row * m[3 * axis], high = job->extent[axis] - 1.0;
        double from = base + (double)first * m[3 * axis + 1], to = base + (double)(first + count - 1) * m[3 * axis + 1];
        inside &= (from >= 0.0) & (from <= high) & (to >= 0.0) & (to <= high);
    }
    return inside;
}

/* The places of a chunk; `inside` promises that the border rule, if it has jumps, leaves its columns where they are. */
static inline void SEQAUG_V(place)(const seqaug_job *job, int64_t row, int64_t first, int count, int inside,
                                   seqaug_places *places)
{
    places->any_outside = 0;
    if (inside && job->fixed && job->how->order == 1) {
        int64_t end[2];
        int all = SEQAUG_V(begin)(job, row, first, count, 0, places->start, end);
        places->at_end = job->near && !job->careful && SEQAUG_V(ends_touch)(job, places->start, end);
        places->telling = all ? SEQAUG_INSIDE : SEQAUG_CLAMPED;
        if (job->near && !places->at_end && (all || job->how->border != SEQAUG_REFLECT))
            return;
        places->telling = SEQAUG_TOLD;
        if (SEQAUG_V(place_both)(job, count, places))
            return;
    }
    places->telling = SEQAUG_TOLD;
    if (inside && job->how->order == 0 &&
        (job->how->border != SEQAUG_REFLECT || SEQAUG_V(ends_inside)(job, row, first, count))) {
        if (!job->fixed || !SEQAUG_V(place_nearest_fixed)(job, row, first, count, places))
            SEQAUG_V(place_nearest)(job, row, first, count, places);
    } else {
        SEQAUG_V(place_exactly)(job, row, first, count, places);
    }
}
