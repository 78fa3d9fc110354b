/* cpu.h: how one C source becomes a portable and an AVX2 variant, and which of them runs. Internal.
 *
 * A variant body is a header that is included once per variant with SEQAUG_VARIANT set; between SEQAUG_AVX2_BEGIN and
 * SEQAUG_AVX2_END the compiler may use AVX2 in every function. The target leaves FMA out, so that nothing can be
 * contracted even if the build flag that forbids it is lost. MSVC has no such switch within a file: it compiles the
 * portable variant only.
 */
#ifndef SEQAUG_CPU_H
#define SEQAUG_CPU_H

#if (defined(__x86_64__) || defined(__i386__)) && defined(__clang__)
#define SEQAUG_HAVE_AVX2 1
#define SEQAUG_AVX2_BEGIN _Pragma("clang attribute push(__attribute__((target(\"avx2\"))), apply_to = function)")
#define SEQAUG_AVX2_END _Pragma("clang attribute pop")
#elif (defined(__x86_64__) || defined(__i386__)) && defined(__GNUC__)
#define SEQAUG_HAVE_AVX2 1
#define SEQAUG_AVX2_BEGIN _Pragma("GCC push_options") _Pragma("GCC target(\"avx2\")")
#define SEQAUG_AVX2_END _Pragma("GCC pop_options")
#else
#define SEQAUG_HAVE_AVX2 0
#endif

#define SEQAUG_JOIN_(a, b) a##_##b
#define SEQAUG_JOIN(a, b) SEQAUG_JOIN_(a, b)

typedef enum { SEQAUG_CPU_BASELINE, SEQAUG_CPU_AVX2 } seqaug_cpu;

/* The variant in use; set by seqaug_use_cpu. */
extern seqaug_cpu seqaug_current_cpu;

#endif
