/* lines_body.h: how the lines of lines.h are made up. Part of a variant (see cpu.h).
 *
 * Without a turn, columns are taken from the same places in every row, and rows from the same in every column.
 */

/* Notes how the values from number `first` on, as many as are taken at once, are made of the bytes at `byte` of a source
 * row of `length` and those of the next pixels, `lanes` further on. Returns whether the bytes taken have them all. */
static int SEQAUG_V(note)(struct seqaug_lines *lines, int first, int64_t lanes, int64_t length,
                          const int32_t byte[wide_taken], const uint32_t fraction[wide_taken])
{
    int32_t low = byte[0], high = byte[0];
    for (int k = 1; k < wide_taken; k++) {
        low = byte[k] < low ? byte[k] : low;
        high = byte[k] > high ? byte[k] : high;
    }
    int64_t end = high + lanes + 1, at = low < length - 4 * wide_taken ? low : length - 4 * wide_taken;
    lines->at[first / wide_taken] = at;
    uint32_t *place = lines->place + first, *weight = lines->weight + first;
    for (int k = 0; k < wide_taken; k++) {
        uint32_t own = (uint32_t)(byte[k] - (int32_t)at), right = (uint32_t)seqaug_weight(fraction[k]);
        place[k] = 0xFF00FF00u | (own & 0xFF) | ((own + (uint32_t)lanes) & 0xFF) << 16;
        weight[k] = ((right - 32768u) & 0xFFFF) | (0u - right) << 16;
    }
    lines->begin = at < lines->begin ? at : lines->begin;
    lines->end = end > lines->end ? end : lines->end;
    return end - at <= 4 * wide_taken;
}

/* Which byte of a source row each value of a line begins at, and what fraction it is past it; returns 0 if that is not
 * told in fixed point. Places are those that the samplers take. */
static int SEQAUG_V(find_bytes)(const seqaug_job *job, int32_t *byte, uint32_t *fraction)
{
    const double *m = job->how->matrix;
    int32_t pixel[SEQAUG_COLUMNS];
    uint32_t part[SEQAUG_COLUMNS];
    int64_t width = job->target.shape[1];
    for (int64_t first = 0; first < width; first += SEQAUG_COLUMNS) {
        int count = width - first < SEQAUG_COLUMNS ? (int)(width - first) : SEQAUG_COLUMNS;
        if (!SEQAUG_V(place_axis)(job, 1, seqaug_fixed(m[5] + (double)first * m[4]), count, pixel, part))
            return 0;
        for (int i = 0; i < count; i++)
            for (int c = 0; c < job->lanes; c++) {
                *byte++ = pixel[i] * job->lanes + c;
                *fraction++ = part[i];
            }
    }
    return 1;
}

/* Whether a job's output rows are made of lines, which are then made up. */
static int SEQAUG_V(begin_lines)(const seqaug_job *job, struct seqaug_lines *lines)
{
    const double *m = job->how->matrix;
    int32_t byte[SEQAUG_LINE_VALUES];
    uint32_t fraction[SEQAUG_LINE_VALUES];
    int64_t size = job->target.shape[1] * job->lanes, length = job->source.shape[1] * job->lanes;
    if (job->moves || job->across || job->source.dtype != SEQAUG_u8 || !job->packed || !job->fixed || !job->narrow ||
        job->how->order != 1 || (job->how->border != SEQAUG_NEAREST && job->how->border != SEQAUG_REFLECT) ||
        m[1] != 0.0 || m[3] != 0.0 || length < 4 * wide_taken || size > SEQAUG_LINE_VALUES ||
        !SEQAUG_V(find_bytes)(job, byte, fraction))
        return 0;
    lines->values = ((int)size + SEQAUG_WIDE - 1) / SEQAUG_WIDE * SEQAUG_WIDE;
    lines->row[0] = lines->row[1] = -1;
    lines->straight = fabs(m[0]) >= 1.0;
    lines->begin = length;
    lines->end = 0;
    for (int i = (int)size; i < lines->values; i++) { /* of which nothing is used */
        byte[i] = byte[size - 1];
        fraction[i] = 0;
    }
    for (int i = 0; i < lines->values; i += wide_taken)
        if (!SEQAUG_V(note)(lines, i, job->lanes, length, byte + i, fraction + i))
            return 0;
    return 1;
}

/* Finds or makes the two lines of an output row; returns 0 for a row that reaches too far for fixed point. */
static int SEQAUG_V(take_lines)(const seqaug_job *job, int64_t row, struct seqaug_lines *lines)
{
    const double *m = job->how->matrix;
    const char *source = (const char *)job->source.data;
    int64_t stride = job->source.stride[0];
    int32_t pixel[8];
    uint32_t fraction[8];
    if (!SEQAUG_V(place_axis)(job, 0, seqaug_fixed(m[2] + (double)row * m[0]), 1, pixel, fraction))
        return 0;
    int64_t upper = pixel[0];
    int first = lines->row[1] == upper || lines->row[0] == upper + 1; /* which of the two is the upper one */
    for (int64_t y = upper; y <= upper + 1; y++) {
        int which = first ^ (y != upper);
        int64_t ahead = m[0] < 0.0 ? y - SEQAUG_LINES_AHEAD : y + SEQAUG_LINES_AHEAD;
        if (lines->row[which] == y)
            continue;
        if (ahead >= 0 && ahead < job->source.shape[0])
            SEQAUG_V(ask)(lines, source + ahead * stride);
        if (!lines->straight)
            SEQAUG_V(make_line)(lines, source + y * stride, lines->line[which]);
        lines->row[which] = y;
    }
    lines->from[0] = source + upper * stride;
    lines->from[1] = lines->from[0] + stride;
    lines->above = lines->line[first];
    lines->below = lines->line[!first];
    lines->down = seqaug_share(fraction[0]);
    return 1;
}

/* Columns of the output row at hand, and the opening step; adds up what three channels come to if there are `sums`. */
static SEQAUG_V(outcome) SEQAUG_V(blend)(const seqaug_job *job, int64_t first, int count, double *sums, float *chunk)
{
    const seqaug_step *step = job->opening;
    int size = count * job->lanes;
    if (step)
        SEQAUG_V(blend_lines)(job->lines, first * job->lanes, size, job->lanes, job->open, step->offset,
                              step->clips ? step->low : NULL, step->high, sums, chunk);
    else
        SEQAUG_V(blend_lines)(job->lines, first * job->lanes, size, sums ? job->lanes : 1, job->unit, job->none, NULL, NULL,
                              sums, chunk);
    return step ? SEQAUG_V(opened) : SEQAUG_V(sampled);
}
