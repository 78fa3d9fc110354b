/* spline.h: the coefficients of splines of order 2 to 5 through the pixels of an image. Internal. */
#ifndef SEQAUG_SPLINE_H
#define SEQAUG_SPLINE_H

#include "seqaug.h"

/* So many channels go together: as many as doubles go into one register. */
enum { SEQAUG_SPLINE_CHANNELS = 4 };

/* By how many pixels the coefficients go on beyond each edge of the image. NEAREST has no filter of its own: its edge
 * pixels are repeated before the one of REFLECT is run, as often as SciPy repeats them. */
static inline int64_t seqaug_spline_margin(int order, int border)
{
    return order > 1 && border == SEQAUG_NEAREST ? 12 : 0;
}

/* How many doubles `space` below is to have; INT64_MAX for more than any machine has. Extents are 1 .. 2^31 - 1. */
int64_t seqaug_spline_space(const seqaug_image *source, int order, int border);

/* Returns the coefficients of `source`, of at most SEQAUG_SPLINE_CHANNELS channels: packed doubles in `space`, with the
 * margin around them. A double beyond the last one may be read. */
seqaug_image seqaug_spline(const seqaug_image *source, int order, int border, double *space);

#endif
