/* lines_body.h: how the lines of lines.h are made up. Part of a variant (see cpu.h).
 *
 * Without a turn, columns are taken from the same places in every row, and rows from the same in every column.
 */

/* Notes how four values of a line are made of the bytes at `byte` of a source row of `length` and those of the next
 * pixels, `lanes` further on. Returns whether 16 bytes have them all. */
static int SEQAUG_V(note_four)(struct seqaug_lines *lines, int four, int64_t lanes, int64_t length,
                               const int64_t byte[4], const uint32_t fraction[4])
{
    int64_t at = byte[0], end = byte[0];
    for (int k = 1; k < 4; k++) {
        at = byte[k] < at ? byte[k] : at;
        end = byte[k] > end ? byte[k] : end;
    }
    end += lanes + 1;
    at = at < length - 16 ? at : length - 16;
    lines->at[four] = at;
    for (int k = 0; k < 4; k++) {
        int32_t right = seqaug_weight(fraction[k]);
        int8_t *place = lines->place[four] + 4 * k;
        int16_t *weight = lines->weight[four] + 2 * k;
        place[0] = (int8_t)(byte[k] - at);
        place[2] = (int8_t)(byte[k] - at + lanes);
        place[1] = place[3] = -1;
        weight[0] = (int16_t)(right - 32768);
        weight[1] = (int16_t)-right;
    }
    lines->begin = at < lines->begin ? at : lines->begin;
    lines->end = end > lines->end ? end : lines->end;
    return end - at <= 16;
}

/* Whether a job's output rows are made of lines, which are then made up. Places are those that the samplers take. */
static int SEQAUG_V(begin_lines)(const seqaug_job *job, struct seqaug_lines *lines)
{
    const double *m = job->how->matrix;
    int32_t pixel[SEQAUG_COLUMNS];
    uint32_t fraction[SEQAUG_COLUMNS], four[4];
    int64_t width = job->target.shape[1], lanes = job->lanes, length = job->source.shape[1] * lanes, byte[4];
    if (job->moves || job->across || job->source.dtype != SEQAUG_u8 || !job->packed || !job->fixed || !job->narrow ||
        job->how->order != 1 || (job->how->border != SEQAUG_NEAREST && job->how->border != SEQAUG_REFLECT) ||
        m[1] != 0.0 || m[3] != 0.0 || length < 16 || width * lanes > SEQAUG_LINE_VALUES)
        return 0;
    lines->fours = (int)((width * lanes + 15) / 16 * 4);
    lines->row[0] = lines->row[1] = -1;
    lines->begin = length;
    lines->end = 0;
    for (int64_t first = 0; first < width; first += SEQAUG_COLUMNS) {
        int count = width - first < SEQAUG_COLUMNS ? (int)(width - first) : SEQAUG_COLUMNS, column = 0, channel = 0;
        if (!SEQAUG_V(place_axis)(job, 1, seqaug_fixed(m[5] + (double)first * m[4]), count, pixel, fraction))
            return 0;
        for (int i = 0; i < SEQAUG_EIGHTS(count * (int)lanes); i++) {
            byte[i % 4] = pixel[column] * lanes + channel;
            four[i % 4] = fraction[column];
            channel = channel + 1 < lanes ? channel + 1 : 0;
            column += channel == 0;
            if (i % 4 == 3 && !SEQAUG_V(note_four)(lines, (int)(first * lanes + i) / 4, lanes, length, byte, four))
                return 0;
        }
    }
    for (int four = SEQAUG_EIGHTS((int)(width * lanes)) / 4; four < lines->fours; four++) { /* of which nothing is used */
        lines->at[four] = lines->at[four - 1];
        memset(lines->place[four], -1, sizeof *lines->place);
        memset(lines->weight[four], 0, sizeof *lines->weight);
    }
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
        SEQAUG_V(make_line)(lines, source + y * stride, lines->line[which]);
        lines->row[which] = y;
    }
    lines->above = lines->line[first];
    lines->below = lines->line[!first];
    lines->down = seqaug_share(fraction[0]);
    return 1;
}

/* A chunk of the output row at hand, and the opening step. */
static SEQAUG_V(outcome) SEQAUG_V(blend)(const seqaug_job *job, int64_t first, int count, float *chunk)
{
    const seqaug_step *step = job->opening;
    int size = count * job->lanes, pattern = 8 * job->lanes;
    if (step)
        SEQAUG_V(blend_lines)(job->lines, first * job->lanes, size, pattern, job->open, step->offset,
                    step->clips ? step->low : NULL, step->high, chunk);
    else
        SEQAUG_V(blend_lines)(job->lines, first * job->lanes, size, 8, job->unit, job->none, NULL, NULL, chunk);
    return step ? SEQAUG_V(opened) : SEQAUG_V(sampled);
}
