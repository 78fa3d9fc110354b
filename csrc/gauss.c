/* gauss.c: keyed normal noise, as many numbers as a picture has pixels. */
#include "cpu.h"
#include "normal.h"
#include "seqaug.h"

#include <string.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

#define SEQAUG_V(name) SEQAUG_JOIN(name, SEQAUG_VARIANT)
#define SEQAUG_VARIANT baseline
#include "normals_body.h"
#undef SEQAUG_VARIANT
#if SEQAUG_HAVE_AVX2
SEQAUG_AVX2_BEGIN
#include "noise_avx2.h"
#define SEQAUG_NORMALS noise_avx2
#define SEQAUG_VARIANT avx2
#include "normals_body.h"
SEQAUG_END
#endif

void seqaug_noise(const uint32_t key[2], uint32_t part, int64_t count, float *out)
{
    void (*make)(const uint32_t *, uint64_t, uint32_t, float *) = normals_of_baseline;
#if SEQAUG_HAVE_AVX2
    if (seqaug_uses_avx2())
        make = normals_of_avx2;
#endif
    seqaug_floats floats = seqaug_enter_floats();
    for (int64_t done = 0; done < count; done += 64) {
        float rest[64];
        int whole = count - done >= 64;
        make(key, (uint64_t)done / 8, part, whole ? out + done : rest);
        if (!whole)
            memcpy(out + done, rest, (size_t)(count - done) * sizeof *out);
    }
    seqaug_leave_floats(floats);
}
