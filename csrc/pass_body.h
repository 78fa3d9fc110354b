/* pass_body.h: one variant of the fast pass (see cpu.h): rows, chunks, and the store. */
#define SEQAUG_V(name) SEQAUG_JOIN(name, SEQAUG_VARIANT)
#define SEQAUG_T(name) SEQAUG_JOIN(SEQAUG_JOIN(name, SEQAUG_NAME), SEQAUG_VARIANT)

#ifdef SEQAUG_WIDE
#include "colour_wide.h"

#include "bytes_wide.h"

#include "lines_wide.h"
#endif

#include "places_body.h"

#include "noise_body.h"

#include "curve_body.h"

#include "colour_body.h"

#include "measure_body.h"

#include "samples_body.h"

#include "pick_body.h"

/* Rounds half up and saturates; a NaN becomes 0. */
static inline uint8_t SEQAUG_V(byte)(float v)
{
    v = v > 0.0f ? v : 0.0f;
    v = v < 255.0f ? v : 255.0f;
    return (uint8_t)(int32_t)(v + 0.5f);
}

/* Where there is a sampler's header, it rounds 32 at once, and what is behind the last is read, too. */
static void SEQAUG_V(put_bytes)(const float *from, int count, uint8_t *to)
{
#ifdef SEQAUG_NEAR
    for (; count >= 32; count -= 32, from += 32, to += 32)
        near_round(from, to);
    if (count > 0) {
        uint8_t rest[32];
        near_round(from, rest);
        memcpy(to, rest, (size_t)count);
    }
#else
    for (int i = 0; i < count; i++)
        to[i] = SEQAUG_V(byte)(from[i]);
#endif
}

/* Stores `count` values, a step of `from_step` floats and of `to_step` bytes after each other. */
static void SEQAUG_V(put_line)(const float *from, int from_step, int count, int dtype, char *to, int64_t to_step)
{
    if (dtype == SEQAUG_u8 && from_step == 1 && to_step == 1)
        SEQAUG_V(put_bytes)(from, count, (uint8_t *)to);
    else if (dtype == SEQAUG_u8)
        for (int i = 0; i < count; i++)
            *(uint8_t *)(to + i * to_step) = SEQAUG_V(byte)(from[i * from_step]);
    else if (from_step == 1 && to_step == 4)
        memcpy(to, from, (size_t)count * 4);
    else if (from_step == 3 && to_step == 4)
        for (int i = 0; i < count; i++)
            ((float *)to)[i] = from[i * 3];
    else
        for (int i = 0; i < count; i++)
            *(float *)(to + i * to_step) = from[i * from_step];
}

/* Stores a chunk from `to` on. */
static void SEQAUG_V(put)(const seqaug_job *job, const float *chunk, int count, char *to)
{
    const seqaug_image *target = &job->target;
    int64_t item = seqaug_item_size[target->dtype];
    if (target->stride[1] == job->lanes * item && (job->lanes == 1 || target->stride[2] == item))
        SEQAUG_V(put_line)(chunk, 1, count * job->lanes, target->dtype, to, item);
    else
        for (int k = 0; k < job->lanes; k++)
            SEQAUG_V(put_line)(chunk + k, job->lanes, count, target->dtype, to + k * target->stride[2],
                               target->stride[1]);
}

/* The last step of colour and the store in one, where nothing has to be converted. */
static void SEQAUG_V(put_scaled)(const seqaug_step *step, int pattern, int size, const float *chunk, float *to)
{
#ifdef SEQAUG_WIDE
    int done = pattern == 24 ? SEQAUG_V(close_threes)(step, size, chunk, to) : 0;
    SEQAUG_V(scale_and_cut_wide)(step, pattern, (size & ~7) - done, chunk + done, to + done);
#else
    for (int k = 0; k < pattern; k += 8) {
        float by[8], plus[8];
        memcpy(by, step->scale + k, sizeof by);
        memcpy(plus, step->offset + k, sizeof plus);
        for (int at = k; at + 8 <= size; at += pattern)
            SEQAUG_SCALE_EIGHT(to + at, chunk + at, by, plus);
    }
#endif
    for (int i = size & ~7, k = i % pattern; i < size; i++, k++) {
        float v = chunk[i] * step->scale[k] + step->offset[k];
        v = v < step->low[k] ? step->low[k] : v;
        to[i] = v > step->high[k] ? step->high[k] : v;
    }
}

/* Whether the target takes chunks as they are. */
static int SEQAUG_V(is_plain)(const seqaug_job *job)
{
    const seqaug_image *target = &job->target;
    return target->dtype == SEQAUG_f32 && target->stride[1] == job->lanes * 4 &&
           (job->lanes == 1 || target->stride[2] == 4);
}

/* What a pixel outside has become when the steps before `until` are done. */
static void SEQAUG_V(fill_at)(const seqaug_job *job, int until, float *fill)
{
    float chunk[SEQAUG_PATTERN] = {0};
    for (int k = 0; k < job->lanes; k++)
        chunk[k] = (float)job->how->fill[job->first + k];
    SEQAUG_V(colour)(job, job->how->fill_step, until, 0, 0, 1, chunk);
    memcpy(fill, chunk, (size_t)job->lanes * sizeof *fill);
}

/* Columns from .. to - 1 of a row, sampled (`inside` as for `place`), coloured and stored, or else measured as they come
 * to step `until`, and stored only if that is kept. */
static inline void SEQAUG_V(run_columns)(const seqaug_job *job, int64_t row, int64_t from, int64_t to, int inside, int until,
                                  seqaug_measured *found, float *chunk)
{
    seqaug_places places;
    int lanes = job->lanes;
    for (int64_t first = from; first < to; first += SEQAUG_COLUMNS) {
        int count = to - first < SEQAUG_COLUMNS ? (int)(to - first) : SEQAUG_COLUMNS, done = job->done;
        char *out = (char *)job->target.data + row * job->target.stride[0] + first * job->target.stride[1];
        int in_place = job->in_place && count % 8 == 0; /* what is behind a chunk is changed up to a whole pattern */
        in_place &= job->kept || ((job->lines || job->moves) && until - done == (job->opening != NULL));
        float *work = in_place ? (float *)out : chunk;
        places.any_outside = 0;
        if (!job->kept || !in_place) {
            SEQAUG_V(outcome) outcome = SEQAUG_V(samples)(job, row, first, count, inside, &places, work, (float *)out);
            if (outcome == SEQAUG_V(finished))
                continue;
            done += outcome == SEQAUG_V(opened);
        }
        int direct = job->closing && !places.any_outside && !in_place && done < until;
        int split = places.any_outside ? job->split : done;
        SEQAUG_V(colour)(job, done, split, row, first, count, work);
        for (int i = 0; places.any_outside && i < count; i++)
            if (places.outside[i])
                memcpy(work + i * lanes, job->fill, (size_t)lanes * sizeof *work);
        SEQAUG_V(colour)(job, split, direct ? until - 1 : until, row, first, count, work);
        if (found)
            SEQAUG_V(measure)(job, work, count, 1, found);
        if (direct)
            SEQAUG_V(put_scaled)(job->closing, 8 * lanes, count * lanes, work, (float *)out);
        else if (!in_place && (!found || job->keeps))
            SEQAUG_V(put)(job, work, count, out);
    }
}

/* The columns from .. to - 1 of a row, which are outside and alike; `fills` is a chunk of such. */
static void SEQAUG_V(run_outside)(const seqaug_job *job, int64_t row, int64_t from, int64_t to, const float *fills,
                                  seqaug_measured *found)
{
    float pattern[SEQAUG_PATTERN];
    memcpy(pattern, fills, (size_t)(8 * job->lanes) * sizeof *fills);
    if (found && to > from)
        SEQAUG_V(measure)(job, pattern, 1, to - from, found);
    for (int64_t first = from; (!found || job->keeps) && first < to; first += SEQAUG_COLUMNS) {
        char *out = (char *)job->target.data + row * job->target.stride[0] + first * job->target.stride[1];
        SEQAUG_V(put)(job, fills, to - first < SEQAUG_COLUMNS ? (int)(to - first) : SEQAUG_COLUMNS, out);
    }
}

/* The same where steps from the split on make them differ. */
static void SEQAUG_V(run_outside_apart)(const seqaug_job *job, int64_t row, int64_t from, int64_t to, int until,
                                        const float *fills, seqaug_measured *found, float *chunk)
{
    for (int64_t first = from; first < to; first += SEQAUG_COLUMNS) {
        int count = to - first < SEQAUG_COLUMNS ? (int)(to - first) : SEQAUG_COLUMNS;
        char *out = (char *)job->target.data + row * job->target.stride[0] + first * job->target.stride[1];
        memcpy(chunk, fills, (size_t)(SEQAUG_EIGHTS(count) * job->lanes) * sizeof *chunk);
        SEQAUG_V(colour)(job, job->split, until, row, first, count, chunk);
        if (found)
            SEQAUG_V(measure)(job, chunk, count, 1, found);
        if (!found || job->keeps)
            SEQAUG_V(put)(job, chunk, count, out);
    }
}

/* What samplers multiply with and add, and the first step, if they can take it: one that scales and moves. */
static void SEQAUG_V(begin_sampling)(seqaug_job *job, int until, const seqaug_step *last)
{
    const seqaug_step *first = job->done < until && job->lanes <= 4 ? &job->step[job->done] : NULL;
    job->opening = first && first->kind == SEQAUG_LINEAR ? first : NULL;
    for (int k = 0; k < 8 * job->lanes && k < 32; k++) {
        float unit = job->source.dtype == SEQAUG_u8 ? 0x1p-15f : 1.0f;
        job->unit[k] = unit;
        job->none[k] = -0.0f; /* which, added to 0 and to -0, leaves both as they are */
        job->scale[k] = last ? unit * last->scale[k] : unit;
        job->offset[k] = last ? last->offset[k] : -0.0f;
        job->direct &= !last || job->scale[k] / unit == last->scale[k]; /* not where the power of two rounds it */
        job->open[k] = job->opening ? unit * job->opening->scale[k] : unit;
        if (job->opening && job->open[k] / unit != job->opening->scale[k])
            job->opening = NULL;
    }
}

/* What holds for all rows when the steps before `until` are to be done. */
static void SEQAUG_V(begin_run)(seqaug_job *job, int until, int stores)
{
    const seqaug_step *last = until > 0 ? &job->step[until - 1] : NULL;
    int plain = SEQAUG_V(is_plain)(job), scales = last && last->kind == SEQAUG_LINEAR && !last->clips;
#ifdef SEQAUG_WIDE
    int closes = last && last->kind == SEQAUG_LINEAR;
#else
    int closes = scales;
#endif
    job->split = until;
    for (int s = until - 1; s >= job->how->fill_step; s--)
        if (job->step[s].kind == SEQAUG_NOISE && !job->step[s].idle)
            job->split = s;
    SEQAUG_V(fill_at)(job, job->split, job->fill);
    job->in_place = plain && (stores || job->keeps);
    job->closing = plain && stores && closes ? last : NULL;
    job->direct = plain && stores && (until == 0 || (until == 1 && scales));
    SEQAUG_V(begin_sampling)(job, until, last);
}

/* Whether rows are done with when they have been sampled, right into the target. */
static int SEQAUG_V(is_sampled)(const seqaug_job *job, int until)
{
    int64_t width = job->target.shape[1];
#ifdef SEQAUG_WIDE
    int opens = until == 1 && job->opening && job->source.dtype == SEQAUG_u8;
#else
    int opens = 0;
#endif
    return (until == 0 || opens) && job->in_place && !job->kept && width % 8 == 0 && width <= INT32_MAX / SEQAUG_GROUP;
}

/* Such a row, as a whole and not by chunks, if it can be, and measured. */
static int SEQAUG_V(sample_row)(const seqaug_job *job, int64_t row, seqaug_measured *found)
{
    float *out = (float *)(void *)((char *)job->target.data + row * job->target.stride[0]);
    int width = (int)job->target.shape[1];
    if (job->moves && job->how->matrix[4] > 0.0)
        SEQAUG_V(move)(job, row, 0, width, out);
#ifdef SEQAUG_WIDE
    else if (job->lines && found && found->step->kind == SEQAUG_LINEAR && job->lanes == 3)
        return SEQAUG_V(blend)(job, 0, width, found->sum, out), 1;
    else if (job->lines)
        SEQAUG_V(blend)(job, 0, width, NULL, out);
#endif
    else
        return 0;
    for (int first = 0; found && first < width; first += SEQAUG_COLUMNS) {
        int count = width - first < SEQAUG_COLUMNS ? width - first : SEQAUG_COLUMNS;
        SEQAUG_V(measure)(job, out + (int64_t)first * job->lanes, count, 1, found);
    }
    return 1;
}

/* A row of a picture that was kept, and stays where it is. */
static void SEQAUG_V(colour_row)(const seqaug_job *job, int64_t row, int until)
{
    float *out = (float *)(void *)((char *)job->target.data + row * job->target.stride[0]);
    int64_t width = job->target.shape[1];
    for (int64_t first = 0; first < width; first += SEQAUG_COLUMNS) {
        int count = width - first < SEQAUG_COLUMNS ? (int)(width - first) : SEQAUG_COLUMNS;
        SEQAUG_V(colour)(job, job->done, until, row, first, count, out + first * job->lanes);
    }
}

#ifdef SEQAUG_WIDE
/* Bytes that are only moved and made gray, without floats in between. Returns whether that is all there is to do. */
static int SEQAUG_V(made_gray)(const seqaug_job *job, int until)
{
    const seqaug_image *target = &job->target;
    uint8_t space[SEQAUG_COLUMNS * SEQAUG_GROUP];
    if (!job->straight || job->source.dtype != SEQAUG_u8 || target->dtype != SEQAUG_u8 || job->lanes != 3 ||
        until != 1 || !job->step[0].gray || !SEQAUG_V(saturates)(job->step, 3, 255.0) || target->stride[1] != 3 ||
        target->stride[2] != 1)
        return 0;
    seqaug_walk walk = seqaug_walk_through(job, 1);
    for (int64_t row = 0; row < walk.rows; row++)
        for (int64_t first = 0; first < walk.width; first += walk.most) {
            int64_t count = walk.width - first < walk.most ? walk.width - first : walk.most;
            uint8_t *to = (uint8_t *)target->data + row * target->stride[0] + first * 3;
            SEQAUG_V(gray_bytes)(job->step, count, seqaug_line(job, row, first, count, space), to);
        }
    return 1;
}
#endif

/* Goes through the whole output, storing it, or measuring what comes to step `until`, which may be stored as well. */
static void SEQAUG_V(run)(seqaug_job *job, int until, seqaug_measured *found)
{
    _Alignas(64) float chunk[SEQAUG_COLUMNS * SEQAUG_GROUP];
    float fills[SEQAUG_COLUMNS * SEQAUG_GROUP];
    int64_t width = job->target.shape[1], touched[2] = {0, 0};
    int wraps = job->how->border == SEQAUG_WRAP, all = SEQAUG_V(has_no_jumps)(job);
    seqaug_tile tile;
#ifdef SEQAUG_WIDE
    if (!found && SEQAUG_V(made_gray)(job, until))
        return;
#endif
    tile.row = -1;
    job->tile = &tile;
    job->lines = NULL;
#ifdef SEQAUG_WIDE
    struct seqaug_lines lines;
    int resizes = SEQAUG_V(begin_lines)(job, &lines);
#endif
    SEQAUG_V(begin_run)(job, until, !found);
#ifdef SEQAUG_CAREFUL
    job->careful = SEQAUG_CAREFUL(job);
#else
    job->careful = 0;
#endif
    int sampled = SEQAUG_V(is_sampled)(job, until), stays = job->kept && job->in_place && width % 8 == 0;
    memset(chunk, 0, (size_t)(SEQAUG_COLUMNS * job->lanes) * sizeof *chunk);
    for (int i = 0; !all && !wraps && i < SEQAUG_COLUMNS; i++)
        memcpy(fills + i * job->lanes, job->fill, (size_t)job->lanes * sizeof *fills);
    for (int64_t row = 0; row < job->target.shape[0]; row++) {
        int64_t from = 0, to = width;
#ifdef SEQAUG_WIDE
        job->lines = resizes && SEQAUG_V(take_lines)(job, row, &lines) ? &lines : NULL;
#endif
        if (sampled && SEQAUG_V(sample_row)(job, row, found))
            continue;
        if (stays) {
            SEQAUG_V(colour_row)(job, row, until);
            continue;
        }
        if (row % 8 == 0 && !job->lines)
            touch(job, row, 8, touched);
        if (all) {
            SEQAUG_V(run_columns)(job, row, from, to, !job->perspective, until, found, chunk);
            continue;
        }
        SEQAUG_V(find_span)(job, row, &from, &to);
        for (int right = 0; right < 2; right++) {
            int64_t begin = right ? to : 0, end = right ? width : from;
            if (wraps)
                SEQAUG_V(run_columns)(job, row, begin, end, 0, until, found, chunk);
            else if (job->split < until)
                SEQAUG_V(run_outside_apart)(job, row, begin, end, until, fills, found, chunk);
            else
                SEQAUG_V(run_outside)(job, row, begin, end, fills, found);
        }
        SEQAUG_V(run_columns)(job, row, from, to, 1, until, found, chunk);
    }
}

#include "erase_body.h"

#include "bytes_body.h"

#undef SEQAUG_V
#undef SEQAUG_T
#undef SEQAUG_VARIANT
