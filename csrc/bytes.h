/* bytes.h: bytes that are only moved: brought together row by row, and counted. Internal. */
#ifndef SEQAUG_BYTES_H
#define SEQAUG_BYTES_H

#include "flip.h"
#include "pass.h"

/* Tables of bytes by which channels are looked up. In a chained one each value is combined with that of 16 before it in
 * the same half (exclusive or), for look_avx2.h. */
typedef struct {
    uint8_t plain[SEQAUG_GROUP][256], chained[SEQAUG_GROUP][256];
    int alike;    /* all are the same */
    int by_halves; /* ... and what a byte becomes is what its lower four bits and its upper four give (exclusive or) */
    int whole;     /* all that bytes become are bytes again, which need not be rounded */
} seqaug_tables;

static void seqaug_complete_tables(seqaug_tables *tables, int lanes, int chained)
{
    const uint8_t *first = tables->plain[0];
    tables->alike = tables->by_halves = 1;
    for (int c = 1; c < lanes; c++)
        tables->alike &= memcmp(tables->plain[c], first, 256) == 0;
    for (int v = 16; v < 256 && tables->by_halves; v += 16)
        for (int low = 0; low < 16; low++)
            tables->by_halves &= first[v + low] == (first[v] ^ first[low] ^ first[0]);
    tables->by_halves &= tables->alike;
    for (int c = 0; chained && !tables->by_halves && c < (tables->alike ? 1 : lanes); c++)
        for (int v = 0; v < 256; v++)
            tables->chained[c][v] = tables->plain[c][v] ^ (v % 128 < 16 ? 0 : tables->plain[c][v - 16]);
}

/* Whether the steps of a job may be taken on the 256 bytes instead of on its pixels. */
static int seqaug_takes_bytes(const seqaug_job *job)
{
    int worth = job->target.dtype == SEQAUG_u8;
    if (job->how->steps == 0)
        return 0;
    const double *gain = job->how->colour + 4 * job->total;
    for (int s = 0; s < job->how->steps; s++) {
        worth |= job->how->kinds[s] != SEQAUG_LINEAR;
        for (int64_t c = 0; c < job->total; c++)
            worth |= gain[s * SEQAUG_STEP_ROWS * job->total + c] != 0.0;
    }
    return worth && job->straight && job->source.dtype == SEQAUG_u8 &&
           job->target.shape[0] * job->target.shape[1] <= INT32_MAX;
}

/* Whether the source's rows are lines as they are. */
static int seqaug_is_direct(const seqaug_job *job)
{
    return (job->lanes == 1 || job->source.stride[2] == 1) && job->how->matrix[4] > 0.0 &&
           job->source.stride[1] == job->lanes;
}

/* How such a source is gone through: so many rows of so many pixels, `most` at a time. Where rows follow each other in
 * memory, and in the target if that is stored, all of them are one. */
typedef struct {
    int64_t rows, width, most;
} seqaug_walk;

static seqaug_walk seqaug_walk_through(const seqaug_job *job, int stores)
{
    const seqaug_image *source = &job->source, *target = &job->target;
    seqaug_walk walk = {target->shape[0], target->shape[1], SEQAUG_COLUMNS};
    if (!seqaug_is_direct(job))
        return walk;
    if (job->how->matrix[0] > 0.0 && source->stride[0] == walk.width * source->stride[1] &&
        (!stores || target->stride[0] == walk.width * target->stride[1])) {
        walk.width *= walk.rows;
        walk.rows = 1;
    }
    walk.most = walk.width;
    return walk;
}

/* The bytes of columns first .. first + count - 1 of an output row, the channels of a pixel together: where they are in
 * the source, or else in `space`. */
static const uint8_t *seqaug_line(const seqaug_job *job, int64_t row, int64_t first, int64_t count, uint8_t *space)
{
    const double *m = job->how->matrix;
    const seqaug_image *source = &job->source;
    int64_t y = (int64_t)m[2] + row * (int64_t)m[0], x = (int64_t)m[5] + first * (int64_t)m[4];
    int64_t step = m[4] < 0.0 ? -source->stride[1] : source->stride[1], channel = source->stride[2];
    const uint8_t *at = (const uint8_t *)source->data + y * source->stride[0] + x * source->stride[1];
    int lanes = job->lanes, together = lanes == 1 || channel == 1;
    if (together && step == lanes)
        return at;
    if (together && step == -lanes)
        seqaug_reverse((char *)space, (const char *)at + (count - 1) * step, count, lanes);
    else
        for (int64_t i = 0; i < count; i++)
            for (int c = 0; c < lanes; c++)
                space[i * lanes + c] = at[i * step + c * channel];
    return space;
}

/* Counts bytes of one channel, every `lanes`-th; four counts each, for the next one to be of another. */
static void seqaug_count_line(const uint8_t *from, int64_t count, int lanes, uint32_t counts[4][256])
{
    int64_t i = 0;
    for (; i + 4 <= count; i += 4, from += 4 * lanes) {
        counts[0][from[0]]++;
        counts[1][from[lanes]]++;
        counts[2][from[2 * lanes]]++;
        counts[3][from[3 * lanes]]++;
    }
    for (; i < count; i++, from += lanes)
        counts[0][*from]++;
}

static void seqaug_count_bytes(const seqaug_job *job, seqaug_bytes *bytes)
{
    uint8_t space[SEQAUG_COLUMNS * SEQAUG_GROUP];
    seqaug_walk walk = seqaug_walk_through(job, 0);
    uint32_t counts[4][256];
    for (int c = 0; c < job->lanes; c++) {
        memset(counts, 0, sizeof counts);
        for (int64_t row = 0; row < walk.rows; row++)
            for (int64_t first = 0; first < walk.width; first += walk.most) {
                int64_t count = walk.width - first < walk.most ? walk.width - first : walk.most;
                seqaug_count_line(seqaug_line(job, row, first, count, space) + c, count, job->lanes, counts);
            }
        for (int v = 0; v < 256; v++)
            bytes->count[c][v] = (counts[0][v] + counts[1][v]) + (counts[2][v] + counts[3][v]);
    }
}

#endif
