/* noise_body.h: normal numbers that belong to the values of a picture, whatever is computed first: value number e (its
 * rows one after the other, the channels of a pixel together) has number e. Part of a variant (see cpu.h). */
#include "normals_body.h"

/* Adds noise to the values of `count` pixels from column `first` of a row on, and to what lies behind them up to a whole
 * pattern. */
static void SEQAUG_V(add_noise)(const seqaug_job *job, const seqaug_step *step, int64_t row, int64_t first, int count,
                                float *chunk)
{
    float noise[SEQAUG_COLUMNS * SEQAUG_GROUP + 2 * 64];
    uint32_t part = (uint32_t)(job->first / SEQAUG_GROUP);
    int pattern = 8 * job->lanes, size = (count + 7) / 8 * pattern;
    uint64_t begin = ((uint64_t)row * (uint64_t)job->target.shape[1] + (uint64_t)first) * (uint64_t)job->lanes;
    int skipped = (int)(begin % 64);
    for (int at = 0; at < skipped + size; at += 64) {
        uint64_t block = (begin / 64 + (uint64_t)(at / 64)) * 8;
        SEQAUG_V(normals_of)(step->key, block, part, noise + at);
    }
    for (int at = 0; at < size; at += pattern)
        for (int k = 0; k < pattern; k++)
            chunk[at + k] += noise[skipped + at + k] * step->scale[k];
}
