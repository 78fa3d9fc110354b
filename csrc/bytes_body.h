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

/* Looks up `count` bytes of pixels of `lanes` channels. */
static void SEQAUG_V(look_bytes)(const seqaug_tables *tables, int lanes, const uint8_t *from, int64_t count, uint8_t *to)
{
    const uint8_t(*table)[256] = tables->plain;
    int64_t i = 0;
#ifdef SEQAUG_LOOK
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

/* Stores the picture, whose bytes have become what is in the ramp. */
static void SEQAUG_V(look_up_all)(const seqaug_job *job, const float *ramp)
{
    seqaug_tables tables;
    uint8_t space[SEQAUG_COLUMNS * SEQAUG_GROUP];
    float looked[SEQAUG_COLUMNS * SEQAUG_GROUP];
    const seqaug_image *target = &job->target;
    int64_t item = seqaug_item_size[target->dtype], width = target->shape[1];
    int lanes = job->lanes, is_byte = target->dtype == SEQAUG_u8;
    int packed = target->stride[1] == lanes * item && (lanes == 1 || target->stride[2] == item);
    int64_t most = packed && seqaug_is_direct(job) ? width : SEQAUG_COLUMNS;
    for (int c = 0; is_byte && c < lanes; c++)
        for (int v = 0; v < 256; v++)
            tables.plain[c][v] = SEQAUG_V(byte)(ramp[v * lanes + c]);
    if (is_byte)
        seqaug_complete_tables(&tables, lanes);
    for (int64_t row = 0; row < target->shape[0]; row++)
        for (int64_t first = 0; first < width; first += most) {
            int64_t count = width - first < most ? width - first : most;
            char *out = (char *)target->data + row * target->stride[0] + first * target->stride[1];
            void *to = packed ? (void *)out : (void *)looked;
            const uint8_t *from = seqaug_line(job, row, first, count, space);
            if (is_byte)
                SEQAUG_V(look_bytes)(&tables, lanes, from, count * lanes, to);
            else
                SEQAUG_V(look_floats)(ramp, lanes, from, count * lanes, to);
            if (!packed)
                SEQAUG_V(scatter)(job, to, count, out);
        }
}
