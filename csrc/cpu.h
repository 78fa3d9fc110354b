/* cpu.h: how one C source becomes a portable variant and some for AVX2, AVX-512 or NEON, and which of them runs.
 * Internal.
 *
 * A variant body is a header that is included once per variant with SEQAUG_VARIANT set; between SEQAUG_AVX2_BEGIN and
 * SEQAUG_END the compiler may use AVX2 in every function, and after SEQAUG_AVX512_BEGIN what AVX-512 had from Ice Lake
 * and Zen 4 on: byte permutations are among it, which processors that slow down for wide registers have not. AVX2's
 * target leaves FMA out, so that nothing can be contracted even if the build flag that forbids it is lost; AVX-512 has it
 * and relies on the flag. MSVC has no such switch within a file: it compiles the portable variant only. NEON needs no
 * switch, being part of every AArch64. The variants of AVX-512 and NEON are where they were found to pay: elsewhere the former
 * takes AVX2's, the latter the portable one.
 */
#ifndef SEQAUG_CPU_H
#define SEQAUG_CPU_H

#include <stdint.h>

#define SEQAUG_PRAGMA(text) _Pragma(#text)
#if (defined(__x86_64__) || defined(__i386__)) && defined(__clang__)
#define SEQAUG_HAVE_AVX2 1
#define SEQAUG_BEGIN(set) SEQAUG_PRAGMA(clang attribute push(__attribute__((target(set))), apply_to = function))
#define SEQAUG_WHOLE_REGISTERS
#define SEQAUG_END _Pragma("clang attribute pop")
#elif (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define SEQAUG_HAVE_AVX2 1
#define SEQAUG_BEGIN(set) _Pragma("GCC push_options") SEQAUG_PRAGMA(GCC target(set))
#define SEQAUG_WHOLE_REGISTERS ",prefer-vector-width=512" /* else it takes halves of them */
#define SEQAUG_END _Pragma("GCC pop_options")
#else
#define SEQAUG_HAVE_AVX2 0
#endif
#define SEQAUG_AVX2_BEGIN SEQAUG_BEGIN("avx2")
#define SEQAUG_AVX512_BEGIN SEQAUG_BEGIN("avx2,avx512f,avx512bw,avx512dq,avx512vl,avx512vbmi" SEQAUG_WHOLE_REGISTERS)

/* As GCC and Clang say it: AArch64, and bytes in the order that the samplers take them in. */
#if defined(__AARCH64EL__)
#define SEQAUG_HAVE_NEON 1
#else
#define SEQAUG_HAVE_NEON 0
#endif

#if defined(__GNUC__)
#define SEQAUG_COLD __attribute__((noinline, cold))
#define SEQAUG_NOINLINE __attribute__((noinline))
#else
#define SEQAUG_COLD
#define SEQAUG_NOINLINE
#endif

#define SEQAUG_JOIN_(a, b) a##_##b
#define SEQAUG_JOIN(a, b) SEQAUG_JOIN_(a, b)

typedef enum { SEQAUG_CPU_BASELINE, SEQAUG_CPU_AVX2, SEQAUG_CPU_AVX512, SEQAUG_CPU_NEON, SEQAUG_CPUS } seqaug_cpu;

/* The variant in use; set by seqaug_use_cpu. */
extern seqaug_cpu seqaug_current_cpu;

static inline int seqaug_uses_avx2(void)
{
    return seqaug_current_cpu == SEQAUG_CPU_AVX2 || seqaug_current_cpu == SEQAUG_CPU_AVX512;
}

/* Callers may have told their thread to take subnormal numbers for zero, as TensorFlow's threads do. Kernels must not:
 * the same batch would have other bits on another thread. Returns what to hand to seqaug_leave_floats. */
#if defined(__SSE2__) || defined(_M_X64)
#include <xmmintrin.h>
typedef unsigned int seqaug_floats;
static inline seqaug_floats seqaug_enter_floats(void)
{
    seqaug_floats before = _mm_getcsr();
    _mm_setcsr(before & ~0x8040u); /* flush to zero, denormals are zero */
    return before;
}
static inline void seqaug_leave_floats(seqaug_floats before)
{
    _mm_setcsr(before);
}
#elif defined(__aarch64__)
typedef uint64_t seqaug_floats;
static inline seqaug_floats seqaug_enter_floats(void)
{
    seqaug_floats before;
    __asm__ volatile("mrs %0, fpcr" : "=r"(before));
    __asm__ volatile("msr fpcr, %0" : : "r"(before & ~((uint64_t)1 << 24))); /* flush to zero */
    return before;
}
static inline void seqaug_leave_floats(seqaug_floats before)
{
    __asm__ volatile("msr fpcr, %0" : : "r"(before));
}
#else
typedef int seqaug_floats;
static inline seqaug_floats seqaug_enter_floats(void)
{
    return 0;
}
static inline void seqaug_leave_floats(seqaug_floats before)
{
    (void)before;
}
#endif

#endif
