/* across_body.h: whole pixels whose rows become columns, where no coordinate is needed. Part of a variant (see cpu.h). */

/* A run of pixels of an output row. Rows are made several at a time, and kept in the job's tile. */
static void SEQAUG_V(move_across)(const seqaug_job *job, int64_t row, int64_t first, int count, float *chunk)
{
    seqaug_tile *tile = job->tile;
    int64_t size = job->lanes * seqaug_item_size[job->source.dtype], width = job->target.shape[1];
    int64_t begin = row - row % SEQAUG_TURNED;
    if (tile->row != begin) {
        turn_rows(job, begin, tile->bytes, width * size);
        tile->row = begin;
    }
    const char *at = tile->bytes + ((row - begin) * width + first) * size;
    SEQAUG_V(wideners)[job->source.dtype](at, count * job->lanes, chunk);
}
