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

const char *seqaug_use_cpu(const char *wanted)
{
    static const char *const names[] = {"baseline", "avx2"};
    if (wanted == NULL || wanted[0] == '\0')
        seqaug_current_cpu = has_avx2() ? SEQAUG_CPU_AVX2 : SEQAUG_CPU_BASELINE;
    else if (strcmp(wanted, "baseline") == 0)
        seqaug_current_cpu = SEQAUG_CPU_BASELINE;
    else if (strcmp(wanted, "avx2") == 0 && has_avx2())
        seqaug_current_cpu = SEQAUG_CPU_AVX2;
    else
        return NULL;
    return names[seqaug_current_cpu];
}
