/* gauss.c: keyed normal noise, as many numbers as a picture has pixels. */
#include "cpu.h"
#include "seqaug.h"

#include <math.h>
#include <string.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

enum { SEQAUG_BLOCKS = 64 };

#define SEQAUG_VARIANT baseline
#include "gauss_body.h"
#if SEQAUG_HAVE_AVX2
SEQAUG_AVX2_BEGIN
#define SEQAUG_VARIANT avx2
#include "gauss_body.h"
SEQAUG_AVX2_END
#endif

void seqaug_noise(const uint32_t key[2], int64_t count, float *first, float *second)
{
    void (*make)(const uint32_t *, uint32_t, float *, float *) = noise_baseline;
#if SEQAUG_HAVE_AVX2
    if (seqaug_current_cpu == SEQAUG_CPU_AVX2)
        make = noise_avx2;
#endif
    seqaug_floats floats = seqaug_enter_floats();
    for (int64_t done = 0; done < count; done += 2 * SEQAUG_BLOCKS) {
        float rest[2][2 * SEQAUG_BLOCKS];
        int whole = count - done >= 2 * SEQAUG_BLOCKS;
        make(key, (uint32_t)(done / 2), whole ? first + done : rest[0], whole ? second + done : rest[1]);
        if (!whole) {
            memcpy(first + done, rest[0], (size_t)(count - done) * sizeof *first);
            memcpy(second + done, rest[1], (size_t)(count - done) * sizeof *second);
        }
    }
    seqaug_leave_floats(floats);
}
