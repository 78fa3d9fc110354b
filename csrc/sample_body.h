/* sample_body.h: the samples of a chunk as floats, for one element type (SEQAUG_NAME, SEQAUG_TYPE). Part of a variant
 * (see cpu.h). What SEQAUG_NEAR stands for is in sample_avx2.h and sample_neon.h: the same arithmetic in other
 * instructions.
 *
 * `out` gets `lanes` neighbouring channels of `count` pixels, one after the other. Bytes are summed
 * along a row in whole numbers, with weights of 15 bits; all other values are floats from the start. Equal values
 * stay as they are.
 */
static inline float SEQAUG_T(bilinear)(const SEQAUG_TYPE *top, const SEQAUG_TYPE *bottom, int64_t next,
                                       uint32_t x_fraction, uint32_t y_fraction)
{
    float down = seqaug_share(y_fraction);
#ifdef SEQAUG_BYTES
    int32_t right = seqaug_weight(x_fraction), left = 32768 - right;
    float above = (float)(top[0] * left + top[next] * right);
    float below = (float)(bottom[0] * left + bottom[next] * right);
    return (above + (below - above) * down) * 0x1p-15f;
#else
    float right = seqaug_share(x_fraction), first = (float)top[0], second = (float)bottom[0];
    float above = first + ((float)top[next] - first) * right;
    float below = second + ((float)bottom[next] - second) * right;
    return above + (below - above) * down;
#endif
}

static void SEQAUG_T(sample_bilinear)(const seqaug_job *job, const char *data, const seqaug_places *places, int count,
                                      int lanes, float *out)
{
    int64_t row = job->source.stride[0], column = job->source.stride[1];
    int64_t next = column / (int64_t)sizeof(SEQAUG_TYPE);
    for (int i = 0; i < count; i++) {
        const char *top = data + places->y[i] * row + places->x[i] * column, *bottom = top + row;
        for (int k = 0; k < lanes; k++)
            out[i * lanes + k] =
                SEQAUG_T(bilinear)((const SEQAUG_TYPE *)top + k, (const SEQAUG_TYPE *)bottom + k, next,
                                   places->x_fraction[i], places->y_fraction[i]);
    }
}

static void SEQAUG_T(sample_nearest)(const seqaug_job *job, const char *data, const seqaug_places *places, int count,
                                     int lanes, float *out)
{
    int64_t row = job->source.stride[0], column = job->source.stride[1];
    for (int i = 0; i < count; i++) {
        const SEQAUG_TYPE *at = (const SEQAUG_TYPE *)(data + places->y[i] * row + places->x[i] * column);
        for (int k = 0; k < lanes; k++)
            out[i * lanes + k] = (float)at[k];
    }
}

static void SEQAUG_T(sample_bicubic)(const seqaug_job *job, const char *data, const seqaug_places *places, int count,
                                     int lanes, float *out)
{
    int64_t row = job->source.stride[0], column = job->source.stride[1];
    for (int i = 0; i < count; i++) {
        const char *rows[4], *at[4];
        float down[4], right[4], sum;
        SEQAUG_V(keys)(places->y_fraction[i], down);
        SEQAUG_V(keys)(places->x_fraction[i], right);
        int64_t columns[4];
        for (int j = 0; j < 4; j++) {
            rows[j] = data + row * SEQAUG_V(tap)(job, 0, (int64_t)places->y[i] + j - 1);
            columns[j] = column * SEQAUG_V(tap)(job, 1, (int64_t)places->x[i] + j - 1);
        }
        for (int k = 0; k < lanes; k++) {
            sum = 0.0f;
            for (int j = 0; j < 4; j++) {
                for (int h = 0; h < 4; h++)
                    at[h] = rows[j] + columns[h] + k * (int64_t)sizeof(SEQAUG_TYPE);
                float line = (float)*(const SEQAUG_TYPE *)at[0] * right[0];
                for (int h = 1; h < 4; h++)
                    line += (float)*(const SEQAUG_TYPE *)at[h] * right[h];
                sum += line * down[j];
            }
            out[i * lanes + k] = sum;
        }
    }
}

/* Neighbours in memory, as they are. */
static void SEQAUG_T(widen)(const char *from, int count, float *out)
{
#if defined(SEQAUG_BYTES) && defined(SEQAUG_WIDE)
    SEQAUG_V(widen_bytes)(from, count, out);
#else
    for (int i = 0; i < count; i++)
        out[i] = (float)((const SEQAUG_TYPE *)from)[i];
#endif
}

/* Samples a chunk; if `direct`, which is for samplers of neighbours, they give the result (see pass.h). */
static void SEQAUG_T(sample)(const seqaug_job *job, const char *data, const seqaug_places *places, int count, int lanes,
                             int direct, float *out)
{
    int order = job->how->order;
    if (order == 3)
        SEQAUG_T(sample_bicubic)(job, data, places, count, lanes, out);
    else if (order == 0 && lanes == 3)
        SEQAUG_T(sample_nearest)(job, data, places, count, 3, out);
    else if (order == 0 && lanes == 1)
        SEQAUG_T(sample_nearest)(job, data, places, count, 1, out);
    else if (order == 0)
        SEQAUG_T(sample_nearest)(job, data, places, count, lanes, out);
#ifdef SEQAUG_NEAR
    else if (job->near && lanes > 1 && !places->at_end)
        SEQAUG_JOIN(near_pixels, SEQAUG_NAME)(job, data, places, count, lanes, direct ? job->scale : job->unit,
                                              direct ? job->offset : job->none, out);
#endif
#ifdef SEQAUG_NEAR_PLANE
    else if (job->near && lanes == 1)
        SEQAUG_NEAR_PLANE(job, data, places, count, direct ? job->scale : job->unit, direct ? job->offset : job->none, out);
#endif
    else if (lanes == 4)
        SEQAUG_T(sample_bilinear)(job, data, places, count, 4, out);
    else if (lanes == 3)
        SEQAUG_T(sample_bilinear)(job, data, places, count, 3, out);
    else
        SEQAUG_T(sample_bilinear)(job, data, places, count, lanes, out);
    (void)direct;
}

#undef SEQAUG_NAME
#undef SEQAUG_TYPE
#undef SEQAUG_BYTES
#undef SEQAUG_NEAR_PLANE
