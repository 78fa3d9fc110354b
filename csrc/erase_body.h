/* erase_body.h: rectangles of the target that are overwritten when its pixels are stored. Part of a variant (see cpu.h). */

/* What of a hole lies in the picture, along one axis: from .. to - 1. */
static inline void SEQAUG_V(clip_hole)(int64_t start, int64_t extent, int64_t n, int64_t *from, int64_t *to)
{
    *from = start > 0 ? start : 0;
    *to = start + extent < n ? start + extent : n;
}

/* The columns from .. to - 1 of a row; `fills` is a chunk of what goes there, noise and colour still to come if there is
 * `noise`. */
static void SEQAUG_V(erase_columns)(const seqaug_job *job, const seqaug_step *noise, int64_t row, int64_t from, int64_t to,
                                    const float *fills)
{
    float chunk[SEQAUG_COLUMNS * SEQAUG_GROUP];
    int pattern = 8 * job->lanes;
    for (int64_t first = from; first < to; first += SEQAUG_COLUMNS) {
        int count = to - first < SEQAUG_COLUMNS ? (int)(to - first) : SEQAUG_COLUMNS;
        char *out = (char *)job->target.data + row * job->target.stride[0] + first * job->target.stride[1];
        if (!noise) {
            SEQAUG_V(put)(job, fills, count, out);
            continue;
        }
        int size = SEQAUG_EIGHTS(count) * job->lanes;
        memcpy(chunk, fills, (size_t)size * sizeof *chunk);
        SEQAUG_V(add_noise)(job, noise, row, first, count, chunk);
        SEQAUG_V(cut)(noise, pattern, size, chunk);
        SEQAUG_V(colour)(job, job->how->erasing->step, job->how->steps, row, first, count, chunk);
        SEQAUG_V(put)(job, chunk, count, out);
    }
}

/* Overwrites the holes of an image, or of a group of its channels. */
static void SEQAUG_V(erase)(const seqaug_job *job)
{
    const seqaug_erasing *how = job->how->erasing;
    float fills[SEQAUG_COLUMNS * SEQAUG_GROUP];
    seqaug_step noise;
    int noisy = 0, pattern = 8 * job->lanes;
    memcpy(noise.key, how->key, sizeof noise.key);
    for (int k = 0; k < pattern; k++) {
        const double *fill = how->fill + job->first + k % job->lanes;
        fills[k] = (float)fill[0];
        noise.scale[k] = (float)fill[job->total];
        noise.low[k] = (float)fill[2 * job->total];
        noise.high[k] = (float)fill[3 * job->total];
        noisy |= noise.scale[k] != 0.0f;
    }
    for (int s = how->step; s < job->how->steps; s++)
        noisy |= job->step[s].kind == SEQAUG_NOISE && !job->step[s].idle;
    if (!noisy) {
        SEQAUG_V(cut)(&noise, pattern, pattern, fills);
        SEQAUG_V(colour)(job, how->step, job->how->steps, 0, 0, 8, fills);
    }
    for (int at = pattern; at < SEQAUG_COLUMNS * job->lanes; at += pattern)
        memcpy(fills + at, fills, (size_t)pattern * sizeof *fills);
    for (int64_t i = 0; i < how->count; i++) {
        const int64_t *hole = how->holes + 4 * i;
        int64_t top, bottom, left, right;
        SEQAUG_V(clip_hole)(hole[0], hole[2], job->target.shape[0], &top, &bottom);
        SEQAUG_V(clip_hole)(hole[1], hole[3], job->target.shape[1], &left, &right);
        for (int64_t row = top; row < bottom && left < right; row++)
            SEQAUG_V(erase_columns)(job, noisy ? &noise : NULL, row, left, right, fills);
    }
}
