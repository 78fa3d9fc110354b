/* cpu.c: which instruction set this machine has, and the choice among the compiled variants. */
#include "cpu.h"
#include "seqaug.h"

#include <stddef.h>
#include <string.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

seqaug_cpu seqaug_current_cpu = SEQAUG_CPU_BASELINE;

static int has_avx2(void)
{
#if SEQAUG_HAVE_AVX2
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx2"); /* asks the operating system too */
#else
    return 0;
#endif
}

static int has_avx512(void)
{
#if SEQAUG_HAVE_AVX2
    return has_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512vbmi");
#else
    return 0;
#endif
}

const char *seqaug_use_cpu(const char *wanted)
{
    static const char *const names[SEQAUG_CPUS] = {"baseline", "avx2", "avx512", "neon"};
    const int has[SEQAUG_CPUS] = {1, has_avx2(), has_avx512(), SEQAUG_HAVE_NEON};
    int any = wanted == NULL || wanted[0] == '\0';
    for (int cpu = SEQAUG_CPUS - 1; cpu >= 0; cpu--) /* the best first */
        if (has[cpu] && (any || strcmp(wanted, names[cpu]) == 0)) {
            seqaug_current_cpu = (seqaug_cpu)cpu;
            return names[cpu];
        }
    return NULL;
}
