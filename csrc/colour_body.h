/* colour_body.h: steps of colour on the samples of a chunk. Part of a variant (see cpu.h).
 *
 * Plain loops over single values go in patterns of 8 values per channel, so that they are vector code for any number of
 * channels. Steps that mix channels are in planes_body.h, or done in registers (colour_wide.h).
 */
/* A pattern's eight values after each other: what they are multiplied with stays in registers. */
static void SEQAUG_V(scale)(const seqaug_step *step, int pattern, int size, float *chunk)
{
#ifdef SEQAUG_WIDE
    SEQAUG_V(scale_wide)(step, pattern, size, chunk, chunk);
#else
    for (int k = 0; k < pattern; k += 8) {
        float by[8], plus[8];
        memcpy(by, step->scale + k, sizeof by);
        memcpy(plus, step->offset + k, sizeof plus);
        for (int at = k; at < size; at += pattern)
            SEQAUG_SCALE_EIGHT(chunk + at, chunk + at, by, plus);
    }
#endif
}

#ifndef SEQAUG_WIDE
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
#ifdef SEQAUG_WIDE
    SEQAUG_V(cut_wide)(step, pattern, size, chunk);
#else
    for (int at = 0; at < size; at += pattern)
        for (int k = 0; k < pattern; k += 8)
            SEQAUG_V(cut_eight)(step->low + k, step->high + k, chunk + at + k);
#endif
}

static void SEQAUG_V(scale_and_cut)(const seqaug_step *step, int pattern, int size, float *chunk)
{
#ifdef SEQAUG_WIDE
    SEQAUG_V(scale_and_cut_wide)(step, pattern, size, chunk, chunk);
#else
    SEQAUG_V(scale)(step, pattern, size, chunk);
    SEQAUG_V(cut)(step, pattern, size, chunk);
#endif
}

static int SEQAUG_V(mixes)(int kind)
{
    return kind == SEQAUG_MIX || kind == SEQAUG_SATURATION || kind == SEQAUG_HUE;
}

#ifdef SEQAUG_WIDE
/* The steps from `from` on, before `to`, that mix channels, and lines between and after them; returns the first that is
 * neither. */
static int SEQAUG_V(mix_all)(const seqaug_job *job, int from, int to, int count, float *chunk)
{
    const seqaug_step *steps[SEQAUG_MOST_STEPS];
    int s = from, many = 0;
    for (; s < to; s++) {
        const seqaug_step *step = &job->step[s];
        if (!step->idle && !SEQAUG_V(mixes)(step->kind) && step->kind != SEQAUG_LINEAR)
            break;
        if (!step->idle)
            steps[many++] = step;
    }
    SEQAUG_V(through)(steps, many, count, chunk);
    return s;
}
#else
#include "planes_body.h"
#endif

/* Whether a step mixes channels, or is a line that one which does comes after, without another in between. */
static int SEQAUG_V(goes_with_mixing)(const seqaug_job *job, int s, int to)
{
#ifdef SEQAUG_WIDE
    while (s < to && job->lanes == 3 && (job->step[s].idle || job->step[s].kind == SEQAUG_LINEAR))
        s++;
#endif
    return s < to && SEQAUG_V(mixes)(job->step[s].kind);
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
        if (SEQAUG_V(goes_with_mixing)(job, s, to)) {
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
