/* windows.c: which part of a picture is seen, for a batch of pictures that are upright. */
#include "cpu.h"
#include "seqaug.h"

#include <math.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

static double between(double v, double low, double high)
{
    v = v > low ? v : low;
    return v < high ? v : high;
}

void seqaug_random_windows(const double *numbers, int64_t tries, const double *heights, const double *widths,
                           int64_t count, const double scale[2], const double ratio[2], double *windows)
{
    seqaug_floats floats = seqaug_enter_floats();
    double logs[2];
    seqaug_log(ratio, 2, logs);
    for (int64_t i = 0; i < count; i++, numbers += 2 + 2 * tries, windows += 4) {
        double height = heights[i], width = widths[i], down = numbers[0], right = numbers[1];
        double tall = 0.0, wide = 0.0;
        int fits = 0;
        for (int64_t k = 1; k <= tries && !fits; k++) {
            double area = height * width * (scale[0] + (scale[1] - scale[0]) * numbers[2 * k]);
            double by = logs[0] + (logs[1] - logs[0]) * numbers[2 * k + 1];
            seqaug_exp(&by, 1, &by);
            wide = rint(sqrt(area * by));
            tall = rint(sqrt(area / by));
            fits = wide > 0.0 && wide <= width && tall > 0.0 && tall <= height;
        }
        if (!fits) {
            tall = between(width / height < ratio[0] ? rint(width / ratio[0]) : height, 1.0, height);
            wide = between(width / height > ratio[1] ? rint(height * ratio[1]) : width, 1.0, width);
            down = right = 0x1.fffffffffffffp-2; /* the earlier of two middles */
        }
        windows[0] = floor(down * (height - tall + 1.0));
        windows[1] = floor(right * (width - wide + 1.0));
        windows[2] = tall;
        windows[3] = wide;
    }
    seqaug_leave_floats(floats);
}

void seqaug_narrow(double *maps, const double *heights, const double *widths, int64_t count, double *windows)
{
    seqaug_floats floats = seqaug_enter_floats();
    for (int64_t i = 0; i < count; i++, maps += 6, windows += 4) {
        int cut = (maps[1] == 0.0 && maps[3] == 0.0) || (maps[0] == 0.0 && maps[4] == 0.0);
        double low[2], high[2];
        for (int axis = 0; axis < 2; axis++) {
            const double *m = maps + 3 * axis;
            double first = ((m[2] + -0.5 * m[0]) + -0.5 * m[1]) + 0.5;
            double last = ((m[2] + (heights[i] - 0.5) * m[0]) + (widths[i] - 0.5) * m[1]) + 0.5;
            double ends[2] = {rint(first), rint(last)}; /* but for rounding, unless turned about a point between two */
            low[axis] = ends[0] < ends[1] ? ends[0] : ends[1];
            high[axis] = ends[0] < ends[1] ? ends[1] : ends[0];
            cut = cut && low[axis] >= 0.0 && high[axis] <= windows[2 + axis] && fabs(first - ends[0]) < 1e-6 &&
                  fabs(last - ends[1]) < 1e-6;
        }
        for (int axis = 0; cut && axis < 2; axis++) {
            windows[axis] += low[axis];
            windows[2 + axis] = high[axis] - low[axis];
            maps[2 + 3 * axis] -= low[axis];
        }
    }
    seqaug_leave_floats(floats);
}

int64_t seqaug_reduce(double *maps, const double *windows, int64_t count, double least, int64_t *sizes)
{
    seqaug_floats floats = seqaug_enter_floats();
    int64_t reduced = 0;
    for (int64_t i = 0; i < count; i++, maps += 6, windows += 4, sizes += 2) {
        double to_all[6] = {0}, map[6];
        int wanted = 0;
        for (int axis = 0; axis < 2; axis++) {
            double along = fabs(maps[4 * axis]) + fabs(maps[1 + 2 * axis]); /* one of them is 0 */
            double factor = along > 1.0 ? along : 1.0, exact = windows[2 + axis] / factor, whole = rint(exact);
            double size = fabs(exact - whole) < 1e-6 ? whole : ceil(exact), ratio = size / windows[2 + axis];
            wanted |= factor > least + 1e-9;
            sizes[axis] = (int64_t)size;
            to_all[4 * axis] = ratio;
            to_all[2 + 3 * axis] = 0.5 * ratio - 0.5;
        }
        if (!wanted) {
            sizes[0] = sizes[1] = 0;
            continue;
        }
        seqaug_compose(to_all, maps, 1, map);
        for (int k = 0; k < 6; k++) {
            double whole = rint(map[k]); /* which a plain resize gives, but for rounding */
            maps[k] = fabs(map[k] - whole) < 1e-9 ? whole : map[k];
        }
        reduced++;
    }
    seqaug_leave_floats(floats);
    return reduced;
}
