/* planes_body.h: steps of colour that mix three channels, which are taken apart. Part of a variant (see cpu.h). */
typedef struct {
    float r[SEQAUG_COLUMNS], g[SEQAUG_COLUMNS], b[SEQAUG_COLUMNS];
} SEQAUG_V(planes);

static void SEQAUG_V(apart)(const float *chunk, int count, SEQAUG_V(planes) *p)
{
    for (int i = 0; i < count; i++) {
        p->r[i] = chunk[3 * i];
        p->g[i] = chunk[3 * i + 1];
        p->b[i] = chunk[3 * i + 2];
    }
}

static void SEQAUG_V(together)(const SEQAUG_V(planes) *p, int count, float *chunk)
{
    for (int i = 0; i < count; i++) {
        chunk[3 * i] = p->r[i];
        chunk[3 * i + 1] = p->g[i];
        chunk[3 * i + 2] = p->b[i];
    }
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
