/* resample.c: the pass that the pipeline runs, one call an image: whichever kernel does the job at least cost. */
#include "seqaug.h"
#include "store.h"

#include <stddef.h>

/* 1 or -1 if an axis of the output runs along the same axis of the source pixel by pixel, forwards or backwards, and 0
 * otherwise. */
static int direction(const seqaug_image *source, const seqaug_image *target, const double m[6], int axis)
{
    double along = m[3 * axis + axis], across = m[3 * axis + 1 - axis], start = m[3 * axis + 2];
    if (source->shape[axis] != target->shape[axis] || across != 0.0)
        return 0;
    if (along == 1.0 && start == 0.0)
        return 1;
    return along == -1.0 && start == (double)(source->shape[axis] - 1) ? -1 : 0;
}

static int is_whole(double v)
{
    return v > -4503599627370496.0 && v < 4503599627370496.0 && v == (double)(int64_t)v;
}

seqaug_status seqaug_resample(const seqaug_image *source, const seqaug_image *target, const seqaug_affine *how)
{
    int down = direction(source, target, how->matrix, 0), right = direction(source, target, how->matrix, 1);
    if (down && right && source->dtype == target->dtype && (unsigned)target->dtype < SEQAUG_DTYPES && how->steps == 0)
        return seqaug_flip(source, target, seqaug_item_size[target->dtype], right < 0, down < 0);
    if ((unsigned)how->order > 1)
        return SEQAUG_BAD_TYPE;
    seqaug_affine cheaper = *how;
    for (int i = 0; cheaper.order == 1 && i < 6; i++)
        if (!is_whole(how->matrix[i]))
            return seqaug_affine_exact(source, target, how);
    cheaper.order = 0; /* every coordinate is a pixel: nothing to blend, and no neighbour's NaN to catch */
    return seqaug_affine_exact(source, target, &cheaper);
}
