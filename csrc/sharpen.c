/* sharpen.c: blends a picture with its smoothed self, or away from it. */
#include "cpu.h"
#include "seqaug.h"

#include <string.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

#define SEQAUG_VARIANT baseline
#include "sharpen_body.h"
#if SEQAUG_HAVE_AVX2
SEQAUG_AVX2_BEGIN
#define SEQAUG_VARIANT avx2
#include "sharpen_body.h"
SEQAUG_END
SEQAUG_AVX512_BEGIN
#define SEQAUG_VARIANT avx512
#include "sharpen_body.h"
SEQAUG_END
#endif

int64_t seqaug_sharpen_space(const int64_t shape[3])
{
    return 5 * (shape[1] + 1) * shape[2]; /* a line of zeros, one with a pixel of zeros at both ends, three of floats */
}

seqaug_status seqaug_sharpen(const void *from, int is_bytes, const int64_t shape[3], float strength,
                             const float range[2], float *space, float *to)
{
    for (int axis = 0; axis < 3; axis++)
        if (shape[axis] < 1 || shape[axis] > INT32_MAX)
            return SEQAUG_BAD_SHAPE;
    if (!(strength >= -1e6f && strength <= 1e6f))
        return SEQAUG_BAD_NUMBER;
    seqaug_floats floats = seqaug_enter_floats();
    float blend = 1.0f - strength, *line = space + (shape[1] + 1) * shape[2];
    float *lines = line + (shape[1] + 1) * shape[2];
    memset(space, 0, (size_t)(2 * (shape[1] + 1) * shape[2]) * sizeof *space);
#if SEQAUG_HAVE_AVX2
    if (seqaug_current_cpu == SEQAUG_CPU_AVX512)
        sharpen_avx512(from, is_bytes, shape, blend, range, space, line, lines, to);
    else if (seqaug_uses_avx2())
        sharpen_avx2(from, is_bytes, shape, blend, range, space, line, lines, to);
    else
#endif
        sharpen_baseline(from, is_bytes, shape, blend, range, space, line, lines, to);
    seqaug_leave_floats(floats);
    return SEQAUG_OK;
}
