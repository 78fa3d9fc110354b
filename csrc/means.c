/* means.c: what contrast turns about. */
#include "cpu.h"
#include "seqaug.h"

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

/* Adds up one channel of one row. */
#define SEQAUG_SUM(name, type)                                                                                     \
    static double sum_##name(const char *at, int64_t stride, int64_t count)                                        \
    {                                                                                                              \
        double sum = 0.0;                                                                                          \
        for (int64_t i = 0; i < count; i++)                                                                        \
            sum += (double)*(const type *)(at + i * stride);                                                       \
        return sum;                                                                                                \
    }
SEQAUG_EACH_TYPE(SEQAUG_SUM)
#undef SEQAUG_SUM

#define SEQAUG_ENTRY(name, type) sum_##name,
static double (*const sums[SEQAUG_DTYPES])(const char *, int64_t, int64_t) = {SEQAUG_EACH_TYPE(SEQAUG_ENTRY)};
#undef SEQAUG_ENTRY

seqaug_status seqaug_means(const seqaug_image *source, double *means)
{
    if (source->shape[0] < 1 || source->shape[1] < 1)
        return SEQAUG_BAD_SHAPE;
    if ((unsigned)source->dtype >= SEQAUG_DTYPES)
        return SEQAUG_BAD_TYPE;
    seqaug_floats floats = seqaug_enter_floats();
    for (int64_t k = 0; k < source->shape[2]; k++) {
        double sum = 0.0;
        for (int64_t row = 0; row < source->shape[0]; row++) {
            const char *at = (const char *)source->data + row * source->stride[0] + k * source->stride[2];
            sum += sums[source->dtype](at, source->stride[1], source->shape[1]);
        }
        means[k] = sum / ((double)source->shape[0] * (double)source->shape[1]);
    }
    seqaug_leave_floats(floats);
    return SEQAUG_OK;
}
