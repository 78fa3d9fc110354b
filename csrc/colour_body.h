/* colour_body.h: steps of colour on the samples of a chunk. Part of a variant (see cpu.h).
 *
 * Plain loops: those over single values go in patterns of 8 values per channel, so that they are vector code for any
 * number of channels; those that mix channels take red, green and blue apart first.
 */
typedef struct {
    float r[SEQAUG_COLUMNS], g[SEQAUG_COLUMNS], b[SEQAUG_COLUMNS];
} SEQAUG_V(planes);

static void SEQAUG_V(apart)(const float *chunk, int count, SEQAUG_V(planes) *p)
{
#ifdef SEQAUG_APART
    for (int i = 0; i < count; i += 8)
        SEQAUG_APART(chunk + 3 * i, p->r + i, p->g + i, p->b + i);
#else
    for (int i = 0; i < count; i++) {
        p->r[i] = chunk[3 * i];
        p->g[i] = chunk[3 * i + 1];
        p->b[i] = chunk[3 * i + 2];
    }
#endif
}

static void SEQAUG_V(together)(const SEQAUG_V(planes) *p, int count, float *chunk)
{
#ifdef SEQAUG_APART
    for (int i = 0; i < count; i += 8)
        SEQAUG_TOGETHER(p->r + i, p->g + i, p->b + i, chunk + 3 * i);
#else
    for (int i = 0; i < count; i++) {
        chunk[3 * i] = p->r[i];
        chunk[3 * i + 1] = p->g[i];
        chunk[3 * i + 2] = p->b[i];
    }
#endif
}

static inline float SEQAUG_V(most)(float a, float b)
{
    return a > b ? a : b;
}

static inline float SEQAUG_V(least)(float a, float b)
{
    return a < b ? a : b;
}

static void SEQAUG_V(mix)(const seqaug_step *step, int count, SEQAUG_V(planes) *p)
{
    const float (*m)[3] = step->mix;
    for (int i = 0; i < count; i++) {
        float r = p->r[i], g = p->g[i], b = p->b[i];
        p->r[i] = ((r * m[0][0] + g * m[0][1]) + b * m[0][2]) + step->offset[0];
        p->g[i] = ((r * m[1][0] + g * m[1][1]) + b * m[1][2]) + step->offset[1];
        p->b[i] = ((r * m[2][0] + g * m[2][1]) + b * m[2][2]) + step->offset[2];
    }
}

/* With V the largest of the three and R their range, S = R/V and a channel is V - (what it lacks to V). Under another S
 * with the same H and V, all lacks change by one factor: that of S. */
static void SEQAUG_V(saturate)(const seqaug_step *step, int count, SEQAUG_V(planes) *p)
{
    float factor = step->scale[0], low = step->low[0], high = step->high[0];
    for (int i = 0; i < count; i++) {
        float r = p->r[i], g = p->g[i], b = p->b[i];
        float value = SEQAUG_V(most)(SEQAUG_V(most)(r, g), b);
        float range = value - SEQAUG_V(least)(SEQAUG_V(least)(r, g), b);
        float wanted = SEQAUG_V(most)(SEQAUG_V(least)(range * factor, high * value), low * value);
        float by = wanted / (range > 0.0f ? range : 1.0f);
        by = value > 0.0f ? by : 0.0f; /* black, and what is below it, has no S */
        p->r[i] = value - (value - r) * by;
        p->g[i] = value - (value - g) * by;
        p->b[i] = value - (value - b) * by;
    }
}

/* H in units in which a sixth of the circle is R, from 0 to 6 R, so that nothing is divided; then back, by how far each
 * channel lacks. */
static void SEQAUG_V(turn_hue)(const seqaug_step *step, int count, SEQAUG_V(planes) *p)
{
    float sixths = step->scale[0] * 6.0f;
    for (int i = 0; i < count; i++) {
        float r = p->r[i], g = p->g[i], b = p->b[i];
        float value = SEQAUG_V(most)(SEQAUG_V(most)(r, g), b);
        float range = value - SEQAUG_V(least)(SEQAUG_V(least)(r, g), b);
        float hue = g == value ? (b - r) + 2.0f * range : (r - g) + 4.0f * range;
        hue = (r == value ? g - b : hue) + sixths * range;
        hue = hue < 0.0f ? hue + 6.0f * range : hue;
        hue = hue < 0.0f ? hue + 6.0f * range : hue;
        hue = hue >= 6.0f * range ? hue - 6.0f * range : hue;
        float away[3] = {fabsf(hue - 3.0f * range) - range, fabsf(hue - 2.0f * range), fabsf(hue - 4.0f * range)};
        away[1] = 2.0f * range - away[1];
        away[2] = 2.0f * range - away[2];
        float red = SEQAUG_V(least)(SEQAUG_V(most)(away[0], 0.0f), range);
        float green = SEQAUG_V(least)(SEQAUG_V(most)(away[1], 0.0f), range);
        float blue = SEQAUG_V(least)(SEQAUG_V(most)(away[2], 0.0f), range);
        float base = value - range;
        p->r[i] = base + red;
        p->g[i] = base + green;
        p->b[i] = base + blue;
    }
}

/* A pattern's eight values after each other: what they are multiplied with stays in registers. */
static void SEQAUG_V(scale)(const seqaug_step *step, int pattern, int size, float *chunk)
{
    for (int k = 0; k < pattern; k += 8) {
        float by[8], plus[8];
        memcpy(by, step->scale + k, sizeof by);
        memcpy(plus, step->offset + k, sizeof plus);
        for (int at = k; at < size; at += pattern)
            SEQAUG_SCALE_EIGHT(chunk + at, chunk + at, by, plus);
    }
}

#ifndef SEQAUG_CUT
static inline void SEQAUG_V(cut_eight)(const float *restrict low, const float *restrict high, float *restrict at)
{
    for (int i = 0; i < 8; i++) {
        float v = at[i] < low[i] ? low[i] : at[i];
        at[i] = v > high[i] ? high[i] : v;
    }
}
#endif

static void SEQAUG_V(cut)(const seqaug_step *step, int pattern, int size, float *chunk)
{
#ifdef SEQAUG_CUT
    SEQAUG_CUT(step, pattern, size, chunk);
#else
    for (int at = 0; at < size; at += pattern)
        for (int k = 0; k < pattern; k += 8)
            SEQAUG_V(cut_eight)(step->low + k, step->high + k, chunk + at + k);
#endif
}

static void SEQAUG_V(scale_and_cut)(const seqaug_step *step, int pattern, int size, float *chunk)
{
#ifdef SEQAUG_SCALE_AND_CUT
    SEQAUG_SCALE_AND_CUT(step, pattern, size, chunk);
#else
    SEQAUG_V(scale)(step, pattern, size, chunk);
    SEQAUG_V(cut)(step, pattern, size, chunk);
#endif
}

static void SEQAUG_V(cut_planes)(const seqaug_step *step, int count, SEQAUG_V(planes) *p)
{
    float *const plane[3] = {p->r, p->g, p->b};
    for (int c = 0; c < 3; c++) {
        float low = step->low[c], high = step->high[c], *restrict at = plane[c];
        for (int i = 0; i < count; i++) {
            float v = at[i] < low ? low : at[i];
            at[i] = v > high ? high : v;
        }
    }
}

static int SEQAUG_V(mixes)(int kind)
{
    return kind == SEQAUG_MIX || kind == SEQAUG_SATURATION || kind == SEQAUG_HUE;
}

/* The steps from `from` on, before `to`, that mix channels; returns the first that does not. */
static int SEQAUG_V(mix_all)(const seqaug_job *job, int from, int to, int count, float *chunk)
{
    SEQAUG_V(planes) planes;
    int s = from;
    SEQAUG_V(apart)(chunk, count, &planes);
    for (; s < to && SEQAUG_V(mixes)(job->step[s].kind); s++) {
        const seqaug_step *step = &job->step[s];
        if (step->idle)
            continue;
        if (step->kind == SEQAUG_MIX)
            SEQAUG_V(mix)(step, count, &planes);
        else if (step->kind == SEQAUG_SATURATION)
            SEQAUG_V(saturate)(step, count, &planes);
        else
            SEQAUG_V(turn_hue)(step, count, &planes);
        if (step->clips)
            SEQAUG_V(cut_planes)(step, count, &planes);
    }
    SEQAUG_V(together)(&planes, count, chunk);
    return s;
}

/* The steps from .. to - 1, for `count` pixels from column `first` of a row on. What lies in the chunk behind them, up to
 * a whole pattern, is changed too. */
static void SEQAUG_V(colour)(const seqaug_job *job, int from, int to, int64_t row, int64_t first, int count,
                             float *chunk)
{
    int pattern = 8 * job->lanes, size = (count + 7) / 8 * pattern;
    for (int s = from; s < to; s++) {
        const seqaug_step *step = &job->step[s];
        if (step->idle)
            continue;
#ifdef SEQAUG_APART
        if (step->kind == SEQAUG_MIX) {
            SEQAUG_MIX_EIGHTS(step, count, chunk);
            continue;
        }
#endif
        if (SEQAUG_V(mixes)(step->kind)) {
            s = SEQAUG_V(mix_all)(job, s, to, count, chunk) - 1;
            continue;
        }
        if (step->kind == SEQAUG_LINEAR && step->clips) {
            SEQAUG_V(scale_and_cut)(step, pattern, size, chunk);
            continue;
        }
        if (step->kind == SEQAUG_LINEAR)
            SEQAUG_V(scale)(step, pattern, size, chunk);
        else if (step->kind == SEQAUG_NOISE)
            SEQAUG_V(add_noise)(job, step, row, first, count, chunk);
        else
            SEQAUG_V(bend)(step, pattern, size, chunk);
        if (step->clips)
            SEQAUG_V(cut)(step, pattern, size, chunk);
    }
}
