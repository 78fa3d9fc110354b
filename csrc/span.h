/* span.h: which columns of an output row have their coordinate inside the image. Internal.
 *
 * Coordinates along a row are base + column*step, monotone, rounding included. The ends of the span are first guessed
 * by a division, then moved by the very expression that the kernels use, so that they are exact, with no epsilon.
 */
#ifndef SEQAUG_SPAN_H
#define SEQAUG_SPAN_H

#include <stdint.h>

/* Whether a column's coordinate has come to `bound`, or passed it if `beyond`. */
static inline int seqaug_has_come(double base, double step, int64_t column, double bound, int beyond)
{
    double c = base + (double)column * step;
    double ahead = step > 0.0 ? c - bound : bound - c;
    return beyond ? ahead > 0.0 : ahead >= 0.0;
}

/* The first column in from .. to - 1 that has come to `bound`, else `to`. */
static inline int64_t seqaug_first_column(double base, double step, int64_t from, int64_t to, double bound, int beyond)
{
    double guess = (bound - base) / step;
    int64_t at = guess > (double)from ? (guess < (double)to ? (int64_t)guess : to) : from;
    int64_t width = 2; /* of the steps in which a guess that is far off is mended */
    if (at + 1 < to && !seqaug_has_come(base, step, at, bound, beyond) &&
        seqaug_has_come(base, step, at + 1, bound, beyond))
        return at + 1; /* nearly always */
    if (at < to && !seqaug_has_come(base, step, at, bound, beyond)) {
        from = at + 1;
        for (int64_t next; from < to; from = next + 1, width *= 2) {
            next = from + width < to ? from + width - 1 : to - 1;
            if (seqaug_has_come(base, step, next, bound, beyond)) {
                to = next;
                break;
            }
        }
    } else {
        to = at;
        for (int64_t next; from < to; to = next, width *= 2) {
            next = to - width > from ? to - width : from;
            if (!seqaug_has_come(base, step, next, bound, beyond)) {
                from = next + 1;
                break;
            }
        }
    }
    while (from < to) {
        int64_t middle = from + (to - from) / 2;
        if (seqaug_has_come(base, step, middle, bound, beyond))
            to = middle;
        else
            from = middle + 1;
    }
    return from;
}

/* Narrows the columns from .. to - 1 to those with low <= coordinate <= high. */
static inline void seqaug_clip(double base, double step, double low, double high, int64_t *from, int64_t *to)
{
    if (step == 0.0) {
        if (!(base >= low && base <= high))
            *to = *from;
        return;
    }
    int forward = step > 0.0;
    if (*from == *to || (seqaug_has_come(base, step, *from, forward ? low : high, 0) &&
                         !seqaug_has_come(base, step, *to - 1, forward ? high : low, 1)))
        return; /* all of them */
    *from = seqaug_first_column(base, step, *from, *to, forward ? low : high, 0);
    *to = seqaug_first_column(base, step, *from, *to, forward ? high : low, 1);
}

#endif
