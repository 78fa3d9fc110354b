/* measure_body.h: what steps have to know of the whole picture as it comes to them. Part of a variant (see cpu.h). */

/* Adds a chunk to the sums of its channels: first as floats, eight values together, then in double. */
static void SEQAUG_V(add_up)(int lanes, float *chunk, int count, double *sums)
{
    int pattern = 8 * lanes, size = (count + 7) / 8 * pattern;
    float part[SEQAUG_PATTERN];
    for (int k = count * lanes; k < size; k++)
        chunk[k] = 0.0f;
#ifdef SEQAUG_WIDE
    if (lanes == 3) {
        SEQAUG_V(add_threes)(chunk, size, sums);
        return;
    }
#endif
    for (int k = 0; k < pattern; k += 8) {
        float sum[8];
        memcpy(sum, chunk + k, sizeof sum);
        for (int at = pattern + k; at < size; at += pattern)
            SEQAUG_ADD_EIGHT(sum, chunk + at);
        memcpy(part + k, sum, sizeof sum);
    }
    for (int k = 0; k < pattern; k += lanes)
        for (int c = 0; c < lanes; c++)
            sums[c] += (double)part[k + c];
}

/* Widens the extremes of the channels by those of a chunk; a NaN is none. */
static void SEQAUG_V(widen_extremes)(int lanes, float *chunk, int count, seqaug_measured *found)
{
    int pattern = 8 * lanes, size = (count + 7) / 8 * pattern;
    float low[SEQAUG_PATTERN], high[SEQAUG_PATTERN];
    for (int k = count * lanes; k < size; k++)
        chunk[k] = chunk[k - lanes];
#ifdef SEQAUG_WIDE
    SEQAUG_V(extremes)(chunk, pattern, size, low, high);
#else
    for (int k = 0; k < pattern; k++) {
        low[k] = INFINITY;
        high[k] = -INFINITY;
    }
    for (int at = 0; at < size; at += pattern)
        for (int k = 0; k < pattern; k++) {
            float v = chunk[at + k];
            low[k] = v < low[k] ? v : low[k];
            high[k] = v > high[k] ? v : high[k];
        }
#endif
    for (int k = 0; k < pattern; k += lanes)
        for (int c = 0; c < lanes; c++) {
            found->low[c] = low[k + c] < found->low[c] ? low[k + c] : found->low[c];
            found->high[c] = high[k + c] > found->high[c] ? high[k + c] : found->high[c];
        }
}

/* Takes a chunk into account, each of its pixels `times` times. What is behind the last pixel is overwritten. */
static void SEQAUG_V(measure)(const seqaug_job *job, float *chunk, int count, int64_t times, seqaug_measured *found)
{
    const seqaug_step *step = found->step;
    int lanes = job->lanes, size = count * lanes;
    if (step->kind == SEQAUG_LINEAR && times == 1) {
        SEQAUG_V(add_up)(lanes, chunk, count, found->sum);
    } else if (step->kind == SEQAUG_LINEAR) {
        for (int i = 0; i < size; i++)
            found->sum[i % lanes] += (double)times * (double)chunk[i];
    } else if (step->kind == SEQAUG_STRETCH) {
        SEQAUG_V(widen_extremes)(lanes, chunk, count, found);
    } else {
        int32_t bin[SEQAUG_COLUMNS * SEQAUG_GROUP];
        SEQAUG_V(find_bins)(step, 8 * lanes, (count + 7) / 8 * 8 * lanes, chunk, bin);
        for (int i = 0; i < size; i++)
            step->table[bin[i]] += times;
    }
}
