/* bytes_body.h: steps of colour taken on all bytes that there are, and then looked up. Part of a variant (see cpu.h).
 *
 * The ramp goes through the very code that pixels go through, as 256 pixels whose channels all have the value of their
 * number: what is looked up has the bits that computing would give.
 */
static void SEQAUG_V(begin_ramp)(const seqaug_job *job, float *ramp)
{
    for (int v = 0; v < 256; v++)
        for (int c = 0; c < job->lanes; c++)
            ramp[v * job->lanes + c] = (float)v;
}

/* Step s, for the ramp. */
static void SEQAUG_V(step_ramp)(const seqaug_job *job, int s, float *ramp)
{
    for (int v = 0; v < 256; v += SEQAUG_COLUMNS)
        SEQAUG_V(colour)(job, s, s + 1, 0, 0, SEQAUG_COLUMNS, ramp + v * job->lanes);
}

/* Measures the picture as it comes to a step, from how often each byte occurs and what it has become. */
static void SEQAUG_V(measure_ramp)(const seqaug_job *job, const seqaug_bytes *bytes, seqaug_measured *found)
{
    const seqaug_step *step = found->step;
    int lanes = job->lanes, half = SEQAUG_COLUMNS * lanes;
    int32_t bin[256 * SEQAUG_GROUP];
    for (int i = 0; i < 2 && step->kind == SEQAUG_EQUALIZE; i++)
        SEQAUG_V(find_bins)(step, 8 * lanes, half, bytes->ramp + i * half, bin + i * half);
    for (int c = 0; c < lanes; c++)
        for (int v = 0; v < 256; v++) {
            float value = bytes->ramp[v * lanes + c];
            uint32_t times = bytes->count[c][v];
            if (times == 0)
                continue;
            found->sum[c] += (double)times * (double)value;
            found->low[c] = value < found->low[c] ? value : found->low[c];
            found->high[c] = value > found->high[c] ? value : found->high[c];
            if (step->kind == SEQAUG_EQUALIZE)
                step->table[bin[v * lanes + c]] += times;
        }
}

/* Bytes of 16 pixels, which make up whole numbers of 16 bytes and of pixels. */
enum { SEQAUG_V(block_size) = 16 * SEQAUG_GROUP };

/* Not inlined, which would have a compiler forget what is restricted, and so how to do it in vector code. */
static SEQAUG_NOINLINE void SEQAUG_V(add_block)(const uint8_t *restrict from, int block, uint16_t *restrict sums)
{
    for (int i = 0; i < block; i++)
        sums[i] = (uint16_t)(sums[i] + from[i]);
}

static SEQAUG_NOINLINE void SEQAUG_V(widen_block)(const uint8_t *restrict from, int block, uint8_t *restrict low,
                                               uint8_t *restrict high)
{
    for (int i = 0; i < block; i++) {
        low[i] = from[i] < low[i] ? from[i] : low[i];
        high[i] = from[i] > high[i] ? from[i] : high[i];
    }
}

/* Adds the sums of the channels, exactly: first as many as 16 bits hold. */
static void SEQAUG_V(sum_line)(const uint8_t *from, int64_t count, int lanes, uint64_t *sums)
{
    uint16_t part[SEQAUG_V(block_size)];
    int block = 16 * lanes;
#ifdef SEQAUG_WIDE
    int64_t done = SEQAUG_V(sum_threes_of_bytes)(from, count * lanes, lanes, sums);
    from += done;
    count -= done / lanes;
#endif
    while (count >= 16) {
        memset(part, 0, sizeof part);
        for (int times = 0; times < 257 && count >= 16; times++, count -= 16, from += block)
            SEQAUG_V(add_block)(from, block, part);
        for (int k = 0; k < block; k += lanes)
            for (int c = 0; c < lanes; c++)
                sums[c] += part[k + c];
    }
    for (int k = 0; k < (int)count * lanes; k++)
        sums[k % lanes] += from[k];
}

static void SEQAUG_V(widen_line)(const uint8_t *from, int64_t count, int lanes, uint8_t *low, uint8_t *high)
{
    int block = 16 * lanes;
#ifdef SEQAUG_WIDE
    int64_t done = lanes <= 4 ? SEQAUG_V(extremes_of_bytes)(from, count * lanes, lanes, low, high) : 0;
    from += done;
    count -= done / lanes;
#endif
    for (; count >= 16; count -= 16, from += block)
        SEQAUG_V(widen_block)(from, block, low, high);
    for (int k = 0; k < (int)count * lanes; k++) {
        low[k] = from[k] < low[k] ? from[k] : low[k];
        high[k] = from[k] > high[k] ? from[k] : high[k];
    }
}

/* Measures bytes as they are, for LINEAR or STRETCH. */
static void SEQAUG_V(measure_bytes)(const seqaug_job *job, seqaug_measured *found)
{
    uint8_t space[SEQAUG_COLUMNS * SEQAUG_GROUP], low[SEQAUG_V(block_size)], high[SEQAUG_V(block_size)];
    seqaug_walk walk = seqaug_walk_through(job, 0);
    uint64_t sums[SEQAUG_GROUP] = {0};
    memset(low, 255, sizeof low);
    memset(high, 0, sizeof high);
    for (int64_t row = 0; row < walk.rows; row++)
        for (int64_t first = 0; first < walk.width; first += walk.most) {
            int64_t count = walk.width - first < walk.most ? walk.width - first : walk.most;
            const uint8_t *line = seqaug_line(job, row, first, count, space);
            if (found->step->kind == SEQAUG_LINEAR)
                SEQAUG_V(sum_line)(line, count, job->lanes, sums);
            else
                SEQAUG_V(widen_line)(line, count, job->lanes, low, high);
        }
    for (int c = 0; c < job->lanes; c++)
        found->sum[c] = (double)sums[c];
    for (int k = 0; k < 16 * job->lanes; k++) {
        int c = k % job->lanes;
        found->low[c] = low[k] < found->low[c] ? low[k] : found->low[c];
        found->high[c] = high[k] > found->high[c] ? high[k] : found->high[c];
    }
}

#if defined(SEQAUG_WIDE) && !defined(SEQAUG_LOOKS_ALL)
/* The size of what a line makes, at most, of values up to this size, in any of the channels. */
static double SEQAUG_V(largest_of)(const seqaug_step *step, int lanes, double size)
{
    double largest = 0.0;
    for (int c = 0; c < lanes; c++) {
        double cut = fmax(fabs((double)step->low[c]), fabs((double)step->high[c]));
        double reach = fabs((double)step->scale[c]) * size + fabs((double)step->offset[c]);
        double raised = fmax((double)step->low[c], -(double)step->high[c]); /* to which all may be cut */
        largest = fmax(largest, fmax(reach < cut ? reach : cut, raised));
    }
    return largest;
}
#endif

/* Whether bytes are computed rather than looked up: where there is code for it, few lines are faster than tables. */
static int SEQAUG_V(goes_by_lines)(const seqaug_job *job)
{
#if defined(SEQAUG_WIDE) && !defined(SEQAUG_LOOKS_ALL)
    int lines = job->how->steps <= 2 && job->lanes <= 4;
    double size = 255.0;
    for (int s = 0; lines && s < job->how->steps; s++) {
        lines = job->step[s].kind == SEQAUG_LINEAR;
        if (s < job->how->steps - 1)
            size = SEQAUG_V(largest_of)(&job->step[s], job->lanes, size);
    }
    return lines && SEQAUG_V(saturates)(&job->step[job->how->steps - 1], job->lanes, size);
#else
    (void)job;
    return 0;
#endif
}

/* Looks up `count` bytes of pixels of `lanes` channels, or has them go through the job's lines. */
static void SEQAUG_V(look_bytes)(const seqaug_job *job, const seqaug_tables *tables, const uint8_t *from, int64_t count,
                                 uint8_t *to)
{
    const uint8_t(*table)[256] = tables->plain;
    int lanes = job->lanes;
    int64_t i = 0;
#ifdef SEQAUG_LOOK
    if (SEQAUG_V(goes_by_lines)(job) && !tables->by_halves)
        i = SEQAUG_V(bytes_through)(job->step, job->how->steps, lanes, from, count, to);
    else
        i = SEQAUG_LOOK(tables, lanes, from, count, to);
#endif
    for (; tables->alike && i < count; i++)
        to[i] = table[0][from[i]];
    for (; lanes == 3 && i < count; i += 3)
        for (int c = 0; c < 3; c++)
            to[i + c] = table[c][from[i + c]];
    for (; i < count; i += lanes)
        for (int c = 0; c < lanes; c++)
            to[i + c] = table[c][from[i + c]];
}

static void SEQAUG_V(look_floats)(const float *ramp, int lanes, const uint8_t *from, int64_t count, float *to)
{
    int64_t i = 0;
    for (; lanes == 1 && i < count; i++)
        to[i] = ramp[from[i]];
    for (; lanes == 3 && i < count; i += 3)
        for (int c = 0; c < 3; c++)
            to[i + c] = ramp[from[i + c] * 3 + c];
    for (; i < count; i += lanes)
        for (int c = 0; c < lanes; c++)
            to[i + c] = ramp[from[i + c] * lanes + c];
}

/* Stores `count` pixels that were looked up, from `to` on, in a target that is not packed. */
static void SEQAUG_V(scatter)(const seqaug_job *job, const char *from, int64_t count, char *to)
{
    const seqaug_image *target = &job->target;
    int64_t item = seqaug_item_size[target->dtype];
    for (int64_t i = 0; i < count; i++)
        for (int c = 0; c < job->lanes; c++, from += item)
            memcpy(to + i * target->stride[1] + c * target->stride[2], from, (size_t)item);
}

/* The tables that there are in a ramp. */
static void SEQAUG_V(make_tables)(const seqaug_job *job, const float *ramp, seqaug_tables *tables)
{
    int lanes = job->lanes;
    uint8_t bytes[256 * SEQAUG_GROUP];
    float back[256 * SEQAUG_GROUP];
    for (int i = 0; i < 256 * lanes; i++)
        bytes[i] = SEQAUG_V(byte)(ramp[i]);
    for (int i = 0; i < 256 * lanes; i++)
        back[i] = (float)bytes[i];
    tables->whole = memcmp(back, ramp, (size_t)(256 * lanes) * sizeof *ramp) == 0;
    for (int c = 0; c < lanes; c++)
        for (int v = 0; v < 256; v++)
            tables->plain[c][v] = bytes[v * lanes + c];
#ifdef SEQAUG_LOOKS_ALL
    seqaug_complete_tables(tables, lanes, 0);
#else
    seqaug_complete_tables(tables, lanes, !SEQAUG_V(goes_by_lines)(job));
#endif
}

/* Looks up `count` values for a target that is packed, or else for what is scattered then. */
static void SEQAUG_V(look_line)(const seqaug_job *job, const seqaug_tables *tables, const float *ramp,
                                const uint8_t *from, int64_t count, char *to)
{
    enum { MOST = SEQAUG_COLUMNS * SEQAUG_GROUP };
    uint8_t bytes[MOST];
    int64_t most = MOST / job->lanes * job->lanes;
    if (job->target.dtype == SEQAUG_u8) {
        SEQAUG_V(look_bytes)(job, tables, from, count, (uint8_t *)to);
    } else if (!tables->whole) {
        SEQAUG_V(look_floats)(ramp, job->lanes, from, count, (float *)(void *)to);
    } else {
        for (int64_t at = 0; at < count; at += most) {
            int64_t now = count - at < most ? count - at : most;
            SEQAUG_V(look_bytes)(job, tables, from + at, now, bytes);
            SEQAUG_JOIN(widen_u8, SEQAUG_VARIANT)((const char *)bytes, (int)now, (float *)(void *)to + at);
        }
    }
}

/* Stores the picture, whose bytes have become what is in the ramp. */
static void SEQAUG_V(look_up_all)(const seqaug_job *job, const float *ramp)
{
    seqaug_tables tables;
    uint8_t space[SEQAUG_COLUMNS * SEQAUG_GROUP];
    float looked[SEQAUG_COLUMNS * SEQAUG_GROUP];
    const seqaug_image *target = &job->target;
    int64_t item = seqaug_item_size[target->dtype];
    int lanes = job->lanes, packed = target->stride[1] == lanes * item && (lanes == 1 || target->stride[2] == item);
    seqaug_walk walk = seqaug_walk_through(job, 1);
    walk.most = packed || walk.most < SEQAUG_COLUMNS ? walk.most : SEQAUG_COLUMNS;
    SEQAUG_V(make_tables)(job, ramp, &tables);
    for (int64_t row = 0; row < walk.rows; row++)
        for (int64_t first = 0; first < walk.width; first += walk.most) {
            int64_t count = walk.width - first < walk.most ? walk.width - first : walk.most;
            char *out = (char *)target->data + row * target->stride[0] + first * target->stride[1];
            const uint8_t *from = seqaug_line(job, row, first, count, space);
            SEQAUG_V(look_line)(job, &tables, ramp, from, count * lanes, packed ? out : (char *)looked);
            if (!packed)
                SEQAUG_V(scatter)(job, (const char *)looked, count, out);
        }
}
