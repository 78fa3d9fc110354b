/* maps.c: arithmetic on the affine maps of a batch. */
#include "cpu.h"
#include "seqaug.h"

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

void seqaug_compose(const double *outer, const double *inner, int64_t count, double *out)
{
    seqaug_floats floats = seqaug_enter_floats();
    for (int64_t i = 0; i < count; i++, outer += 6, inner += 6, out += 6)
        for (int row = 0; row < 6; row += 3) {
            double a = outer[row], b = outer[row + 1], c = outer[row + 2];
            out[row] = a * inner[0] + b * inner[3];
            out[row + 1] = a * inner[1] + b * inner[4];
            out[row + 2] = (a * inner[2] + b * inner[5]) + c;
        }
    seqaug_leave_floats(floats);
}
