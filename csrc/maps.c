/* maps.c: arithmetic on the maps of a batch. */
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

void seqaug_compose_projective(const double *outer, const double *inner, int64_t count, double *out)
{
    seqaug_floats floats = seqaug_enter_floats();
    for (int64_t i = 0; i < count; i++, outer += 9, inner += 9, out += 9)
        for (int row = 0; row < 9; row += 3)
            for (int column = 0; column < 3; column++)
                out[row + column] = (outer[row] * inner[column] + outer[row + 1] * inner[3 + column]) +
                                    outer[row + 2] * inner[6 + column];
    seqaug_leave_floats(floats);
}
