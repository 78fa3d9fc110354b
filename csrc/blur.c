/* blur.c: Gaussian blur, rows first and then columns, with one line between the two. */
#include "cpu.h"
#include "seqaug.h"

#include <math.h>
#include <string.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

enum { SEQAUG_PART = 1024 }; /* floats that are summed up before the next: they and their sums stay near */

/* Lines to be summed, a step of `step` floats after each other, and beyond the first and the last one zeros. */
typedef struct {
    const float *first, *zeros, *weight;
    int64_t step, count, reach;
} seqaug_lines;

static inline const float *line_at(const seqaug_lines *lines, int64_t at)
{
    return at >= 0 && at < lines->count ? lines->first + at * lines->step : lines->zeros;
}

#define SEQAUG_VARIANT baseline
#include "blur_body.h"
#if SEQAUG_HAVE_AVX2
SEQAUG_AVX2_BEGIN
#define SEQAUG_VARIANT avx2
#include "blur_body.h"
SEQAUG_END
#endif

/* How far an axis of n pixels is looked along: what is beyond all of them is zero. */
static int64_t reach_of(int64_t n, int64_t size)
{
    return size / 2 < n ? size / 2 : n - 1;
}

/* The weights of the middle and of those up to `reach` away, out of `size` whose sum is 1. */
static void find_weights(int64_t size, double sigma, int64_t reach, float *weight)
{
    double total = 1.0;
    for (int turn = 0; turn < 2; turn++)
        for (int64_t d = 0; d <= (turn == 0 ? size / 2 : reach); d++) {
            double ratio = (double)d / sigma, x = -0.5 * (ratio * ratio), value;
            seqaug_exp(&x, 1, &value);
            if (turn == 0)
                total += d > 0 ? 2.0 * value : 0.0;
            else
                weight[d] = (float)(value / total);
        }
}

int64_t seqaug_blur_space(const int64_t shape[3], const int64_t size[2])
{
    int64_t down = reach_of(shape[0], size[0]), across = reach_of(shape[1], size[1]);
    return (2 * shape[1] + 2 * across) * shape[2] + down + across + 2;
}

seqaug_status seqaug_blur(const float *from, const int64_t shape[3], const int64_t size[2], const double sigma[2],
                          const float range[2], float *space, float *to)
{
    for (int axis = 0; axis < 3; axis++)
        if (shape[axis] < 1 || shape[axis] > INT32_MAX)
            return SEQAUG_BAD_SHAPE;
    for (int axis = 0; axis < 2; axis++)
        if (size[axis] < 1 || size[axis] > UINT16_MAX || size[axis] % 2 == 0 || !(sigma[axis] > 0.0) ||
            !(sigma[axis] < INFINITY))
            return SEQAUG_BAD_NUMBER;
    seqaug_floats floats = seqaug_enter_floats();
    int64_t count = shape[1] * shape[2], wide = reach_of(shape[1], size[1]), tall = reach_of(shape[0], size[0]);
    float *line = space + wide * shape[2], *zeros = line + count + wide * shape[2];
    float *across = zeros + count, *down = across + wide + 1;
    memset(space, 0, (size_t)(wide * shape[2]) * sizeof *space);
    memset(line + count, 0, (size_t)(wide * shape[2] + count) * sizeof *space);
    find_weights(size[0], sigma[0], tall, down);
    find_weights(size[1], sigma[1], wide, across);
    seqaug_lines rows = {from, zeros, down, count, shape[0], tall};
    seqaug_lines columns = {space, zeros, across, shape[2], 2 * wide + 1, wide};
#if SEQAUG_HAVE_AVX2
    if (seqaug_uses_avx2())
        blur_avx2(&rows, &columns, line, count, range, to);
    else
#endif
        blur_baseline(&rows, &columns, line, count, range, to);
    seqaug_leave_floats(floats);
    return SEQAUG_OK;
}
