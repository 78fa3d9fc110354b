/* touch.h: brings a source's rows near before they are needed. Internal. */
#ifndef SEQAUG_TOUCH_H
#define SEQAUG_TOUCH_H

#include "seqaug.h"

/* Has the memory fetch what will be read soon, without waiting for it. */
#if defined(__GNUC__)
#define SEQAUG_ASK(at) __builtin_prefetch(at)
#else
#define SEQAUG_ASK(at) ((void)(at))
#endif

/* Asks for, or `reads` (a constant) from, every 64 bytes of the source rows that output rows `row` .. `row` + `count` - 1 of `width` pixels will
 * be taken from by an affine map, unless `touched` (the rows from .. to - 1; at first 0, 0) has them already: the memory's
 * own reading ahead works along its order only, which a turned picture does not follow. More than a megabyte would be gone
 * again when it is needed. Rows of the source must be packed. */
static inline void seqaug_touch(const seqaug_image *source, const double *m, int64_t width, int64_t row, int64_t count,
                                int reads, int64_t touched[2])
{
    int64_t bytes = source->shape[1] * source->stride[1], height = source->shape[0];
    double low = (double)height, high = -1.0;
    for (int corner = 0; corner < 4; corner++) {
        double column = corner & 1 ? (double)(width - 1) : 0.0;
        double y = (m[2] + (double)(corner & 2 ? row + count - 1 : row) * m[0]) + column * m[1];
        low = y < low ? y : low;
        high = y > high ? y : high;
    }
    if (high < 0.0 || low >= (double)height) /* nor may numbers of rows far away be multiplied with */
        return;
    int64_t from = low > 0.0 ? (int64_t)low : 0, to = high < (double)height - 2.0 ? (int64_t)high + 2 : height;
    if ((to - from) * bytes > 1 << 20)
        return;
    for (int64_t y = from; y < to; y++)
        for (int64_t at = 0; (y < touched[0] || y >= touched[1]) && at < bytes; at += 64)
            if (reads)
                (void)*((const volatile char *)source->data + y * source->stride[0] + at);
            else
                SEQAUG_ASK((const char *)source->data + y * source->stride[0] + at);
    touched[0] = from;
    touched[1] = to;
}

#endif
