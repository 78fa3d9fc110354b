/* steps.h: steps of colour made ready: from the rows of doubles to the patterns that the pass applies. Internal. */
#ifndef SEQAUG_STEPS_H
#define SEQAUG_STEPS_H

#include "pass.h"

#include <math.h>

/* The rows of a step, for the first of the channels at hand; a row is job->total doubles. */
static const double *seqaug_rows(const seqaug_job *job, int s)
{
    return job->how->colour + s * SEQAUG_STEP_ROWS * job->total + job->first;
}

/* Whether a step is one of those that take each value by itself along a curve between the ends of a range. */
static int seqaug_is_curve(int kind)
{
    return kind >= SEQAUG_POSTERIZE && kind <= SEQAUG_EQUALIZE;
}

/* The number of bins that an EQUALIZE step asks for, 0 for one that is not taken; `rows` are those of the image's first
 * channel. */
static int seqaug_bins(const double *rows)
{
    return rows[0] >= 1.0 && rows[0] <= SEQAUG_MOST_BINS ? (int)rows[0] : 0;
}

static void seqaug_repeat(float *pattern, int lanes)
{
    for (int k = lanes; k < 8 * lanes; k++)
        pattern[k] = pattern[k - lanes];
}

/* A channel of a curve. Of a range that is none, nothing is used. */
static void seqaug_prepare_curve(seqaug_step *step, int c)
{
    float low = step->low[c], high = step->high[c], extent = high - low;
    int is_byte = low == 0.0f && high == 255.0f; /* then nothing is rounded on the way to bytes and back */
    step->extent[c] = is_byte ? 1.0f : extent;
    step->times[c] = is_byte ? 1.0f : 255.0f;
    if (!(extent > 0.0f && extent < INFINITY)) {
        step->extent[c] = 0.0f;
        step->low[c] = -INFINITY;
        step->high[c] = INFINITY;
    }
    if (step->kind != SEQAUG_POSTERIZE && step->extent[c] > 0.0f)
        step->extent[c] = extent;
    if (step->kind == SEQAUG_POSTERIZE)
        step->scale[c] = step->scale[c] >= 1.0f ? step->scale[c] : 1.0f;
    if (step->kind == SEQAUG_EQUALIZE) {
        step->offset[c] = (float)(c * step->bins);
        step->scale[c] = extent / 255.0f;
    }
}

static void seqaug_note_threes(seqaug_step *step)
{
    for (int c = 0; c < 3; c++) {
        const float row[6] = {step->kind == SEQAUG_MIX ? step->mix[c][0] : step->scale[c], step->mix[c][1],
                              step->mix[c][2], step->offset[c], step->low[c], step->high[c]};
        for (int k = 0; k < 48; k++)
            step->three[c][k / 8][k % 8] = row[k / 8];
    }
}

static uint32_t seqaug_word(double v)
{
    return v >= 0.0 && v < 4294967296.0 ? (uint32_t)v : 0;
}

static void seqaug_repeat_all(seqaug_step *step, int lanes)
{
    float *const patterns[] = {step->scale, step->offset, step->low, step->high, step->extent, step->times};
    for (int k = 0; k < 6; k++)
        seqaug_repeat(patterns[k], lanes);
    if (lanes == 3)
        seqaug_note_threes(step);
}

/* Step s, but for what has to be measured first. `table` is memory for an EQUALIZE. */
static void seqaug_prepare_step(seqaug_job *job, int s, int64_t *table)
{
    seqaug_step *step = &job->step[s];
    const double *row = seqaug_rows(job, s);
    int64_t rows = job->total;
    step->kind = job->how->kinds[s];
    step->clips = step->idle = 0;
    step->table = table;
    step->bins = step->kind == SEQAUG_EQUALIZE ? seqaug_bins(row - job->first) : 0;
    step->key[0] = seqaug_word(row[4 * rows]);
    step->key[1] = seqaug_word(row[5 * rows]);
    for (int c = 0; c < job->lanes; c++) {
        step->scale[c] = (float)row[step->kind == SEQAUG_NOISE ? rows + c : c];
        step->offset[c] = (float)row[rows + c];
        step->low[c] = (float)row[2 * rows + c];
        step->high[c] = (float)row[3 * rows + c];
        step->extent[c] = step->times[c] = 1.0f;
        if (seqaug_is_curve(step->kind))
            seqaug_prepare_curve(step, c);
        step->clips |= step->low[c] != -INFINITY || step->high[c] != INFINITY;
    }
    for (int c = 0; c < 3; c++)
        for (int from = 0; from < 3; from++)
            step->mix[c][from] = step->kind == SEQAUG_MIX ? (float)row[(c == 0 ? 0 : c + 3) * rows + from] : 0.0f;
    seqaug_repeat_all(step, job->lanes);
    step->gray = step->kind == SEQAUG_MIX;
    for (int c = 1; step->gray && c < 3; c++)
        step->gray = memcmp(step->mix[c], step->mix[0], sizeof *step->mix) == 0 &&
                     memcmp(&step->offset[c], step->offset, sizeof *step->offset) == 0 &&
                     step->low[c] == step->low[0] && step->high[c] == step->high[0];
    if (step->kind == SEQAUG_SATURATION) {
        step->idle = !step->clips && row[0] == 1.0;
        step->clips = 0;
    }
    if (step->kind == SEQAUG_HUE) /* whole turns change nothing */
        step->idle = !step->clips && (row[0] == 0.0 || fabs(row[0]) == 1.0);
    if (step->kind == SEQAUG_NOISE && !step->clips) {
        step->idle = 1;
        for (int c = 0; c < job->lanes; c++)
            step->idle &= step->scale[c] == 0.0f;
    }
    if (seqaug_is_curve(step->kind)) {
        step->idle = !step->clips;
        step->clips &= step->kind == SEQAUG_STRETCH; /* others end within the range */
    }
}

/* Whether the picture that comes to a step has to be measured. */
static int seqaug_measures(const seqaug_job *job, int s)
{
    int kind = job->how->kinds[s];
    const double *gain = seqaug_rows(job, s) + 4 * job->total;
    for (int k = 0; kind == SEQAUG_LINEAR && k < job->lanes; k++)
        if (gain[k] != 0.0)
            return 1;
    return (kind == SEQAUG_STRETCH || kind == SEQAUG_EQUALIZE) && !job->step[s].idle;
}

static void seqaug_begin_measuring(seqaug_job *job, int s, seqaug_measured *found)
{
    const seqaug_step *step = &job->step[s];
    found->step = step;
    for (int c = 0; c < SEQAUG_GROUP; c++) {
        found->sum[c] = 0.0;
        found->low[c] = INFINITY;
        found->high[c] = -INFINITY;
    }
    if (step->kind == SEQAUG_EQUALIZE)
        memset(step->table, 0, (size_t)(job->lanes * step->bins) * sizeof *step->table);
}

/* From a histogram to levels from 0 to 255, halves to the even one. Returns whether there is more than one value. */
static int seqaug_equalized(int64_t *table, int bins)
{
    int64_t total = 0, before = 0, least = 0;
    int filled = 0;
    for (int b = 0; b < bins; b++) {
        total += table[b];
        least = filled == 0 ? table[b] : least;
        filled += table[b] != 0;
    }
    for (int b = 0; b < bins; b++) {
        before += table[b];
        int64_t top = (before - least) * 255, below = total > least ? total - least : 1;
        top = top > 0 ? top : 0; /* bins before the first that has any are never looked up */
        int64_t level = top / below, rest = 2 * (top % below);
        table[b] = level + (rest > below || (rest == below && level % 2 == 1));
    }
    return filled > 1;
}

/* Puts what was measured into step s; the picture has so many pixels. */
static void seqaug_finish_step(seqaug_job *job, int s, double pixels, const seqaug_measured *found)
{
    seqaug_step *step = &job->step[s];
    const double *row = seqaug_rows(job, s);
    for (int c = 0; c < job->lanes; c++) {
        double gain = row[4 * job->total + c];
        if (step->kind == SEQAUG_LINEAR && gain != 0.0)
            step->offset[c] = (float)(row[job->total + c] + gain * (found->sum[c] / pixels));
        int spread = step->extent[c] > 0.0f;
        if (step->kind == SEQAUG_STRETCH) {
            float low = found->low[c] + 0.0f, width = found->high[c] - low; /* -0 is 0 */
            float scale = step->extent[c] / width;
            spread = spread && width > 0.0f && width < INFINITY && scale < INFINITY;
            step->offset[c] = spread ? low : 0.0f;
            step->scale[c] = spread ? scale : 1.0f;
        }
        if (step->kind == SEQAUG_EQUALIZE)
            spread = seqaug_equalized(step->table + c * step->bins, step->bins) && spread;
        if (step->kind != SEQAUG_LINEAR && !spread) { /* one value is left as it is */
            step->extent[c] = 0.0f;
            step->low[c] = -INFINITY;
            step->high[c] = INFINITY;
        }
    }
    seqaug_repeat_all(step, job->lanes);
}

#endif
