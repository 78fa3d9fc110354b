/* affine_exact.c: scipy.ndimage.affine_transform bit for bit, all channels in one pass (splines: four). */
#include "cpu.h"
#include "flip.h"
#include "seqaug.h"
#include "span.h"
#include "spline.h"
#include "store.h"
#include "touch.h"

#include <math.h>
#include <string.h>
#if SEQAUG_HAVE_AVX2
#include <immintrin.h>
#endif

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

enum { SEQAUG_CHUNK = 64, SEQAUG_MOST_LANES = 16, SEQAUG_MOST_TAPS = 6 };

/* One axis of the source under a transform: coordinate = (base(row) + column * step) + margin. */
typedef struct {
    double n, step, margin;
    int64_t stride;
    int order, border, narrow; /* narrow: every byte offset along it fits 32 bits */
} seqaug_axis;

/* Where a chunk reads along one axis, and with which weights: order + 1 taps, but no weights for order 0. */
typedef struct {
    int64_t at[SEQAUG_MOST_TAPS][SEQAUG_CHUNK];
    double weight[SEQAUG_MOST_TAPS][SEQAUG_CHUNK];
    int may_touch_end; /* orders 0 and 1: a tap may be the element highest in memory along this axis */
} seqaug_taps;

/* sum[k] += value[k] * a * b for two doubles, or four: such a loop is not always found to be a few instructions. */
#if defined(__GNUC__)
typedef double seqaug_two __attribute__((vector_size(16), aligned(8), may_alias));
#define SEQAUG_ADD_TWO(sum, value, a, b) (*(seqaug_two *)(sum) += *(const seqaug_two *)(value) * (a) * (b))
#else
#define SEQAUG_ADD_TWO(sum, value, a, b)                                                                           \
    ((sum)[0] += (value)[0] * (a) * (b), (sum)[1] += (value)[1] * (a) * (b))
#endif
#define SEQAUG_ADD_FOUR(sum, value, a, b)                                                                          \
    (SEQAUG_ADD_TWO(sum, value, a, b), SEQAUG_ADD_TWO((sum) + 2, (value) + 2, a, b))

static seqaug_axis seqaug_make_axis(const seqaug_image *source, const seqaug_affine *how, int which)
{
    int64_t n = source->shape[which], stride = source->stride[which];
    int64_t reach = (stride < 0 ? -stride : stride) / 2;
    seqaug_axis axis = {
        .n = (double)n,
        .step = how->matrix[3 * which + 1],
        .margin = (double)seqaug_spline_margin(how->order, how->border),
        .stride = stride,
        .order = how->order,
        .border = how->border,
        .narrow = reach < INT32_MAX / 2 / n,
    };
    return axis;
}

#define SEQAUG_VARIANT baseline
#include "affine_body.h"

#if SEQAUG_HAVE_AVX2
SEQAUG_AVX2_BEGIN
#define SEQAUG_VARIANT avx2
/* Compilers do not find the instructions for four bytes by themselves. */
static inline void widen4_bytes(const char *from, double *to)
{
    int32_t four;
    memcpy(&four, from, 4);
    _mm256_storeu_pd(to, _mm256_cvtepi32_pd(_mm_cvtepu8_epi32(_mm_cvtsi32_si128(four))));
}
#define SEQAUG_WIDEN4_BYTES widen4_bytes
typedef double seqaug_four __attribute__((vector_size(32), aligned(8), may_alias));
#undef SEQAUG_ADD_FOUR
#define SEQAUG_ADD_FOUR(sum, value, a, b) (*(seqaug_four *)(sum) += *(const seqaug_four *)(value) * (a) * (b))
#include "affine_body.h"
SEQAUG_END
#endif

/* Coordinates are linear, so the corners of the output bound them all. From 2^52 on a double holds no fraction of a
 * pixel, and the whole numbers that SciPy's period rules go through stop being exact. NaN fails every comparison. */
static int in_reach(const double m[6], const seqaug_image *target)
{
    for (int axis = 0; axis < 2; axis++)
        for (int corner = 0; corner < 4; corner++) {
            double row = corner & 1 ? (double)(target->shape[0] - 1) : 0.0;
            double column = corner & 2 ? (double)(target->shape[1] - 1) : 0.0;
            double c = (m[3 * axis + 2] + row * m[3 * axis]) + column * m[3 * axis + 1];
            if (!(fabs(c) < 4503599627370496.0))
                return 0;
        }
    return 1;
}

static int bad_extent(int64_t n)
{
    return n < 1 || n > INT32_MAX;
}

int64_t seqaug_affine_space(const seqaug_image *source, const seqaug_affine *how)
{
    if (how->order < 2 || bad_extent(source->shape[0]) || bad_extent(source->shape[1]) || bad_extent(source->shape[2]))
        return 0;
    return seqaug_spline_space(source, how->order, how->border);
}

static void affine(const seqaug_image *source, const seqaug_image *target, const seqaug_affine *how)
{
#if SEQAUG_HAVE_AVX2
    if (seqaug_uses_avx2())
        affine_avx2(source, target, how);
    else
#endif
        affine_baseline(source, target, how);
}

static void affine_spline(const seqaug_image *source, const seqaug_image *target, const seqaug_affine *how,
                          double *space)
{
    seqaug_image from = *source, to = *target;
    seqaug_affine part = *how;
    for (int64_t k = 0; k < source->shape[2]; k += SEQAUG_SPLINE_CHANNELS) {
        int64_t left = source->shape[2] - k;
        from.shape[2] = to.shape[2] = left < SEQAUG_SPLINE_CHANNELS ? left : SEQAUG_SPLINE_CHANNELS;
        from.data = (char *)source->data + k * source->stride[2];
        to.data = (char *)target->data + k * target->stride[2];
        part.fill = how->border == SEQAUG_CONSTANT ? how->fill + k : NULL;
        seqaug_image coefficients = seqaug_spline(&from, how->order, how->border, space);
        affine(&coefficients, &to, &part);
    }
}

seqaug_status seqaug_affine_exact(const seqaug_image *source, const seqaug_image *target, const seqaug_affine *how,
                                  double *space)
{
    for (int axis = 0; axis < 3; axis++)
        if (bad_extent(source->shape[axis]) || bad_extent(target->shape[axis]))
            return SEQAUG_BAD_SHAPE;
    if (source->shape[2] != target->shape[2])
        return SEQAUG_BAD_SHAPE;
    if ((unsigned)source->dtype >= SEQAUG_DTYPES || (unsigned)target->dtype >= SEQAUG_DTYPES ||
        (unsigned)how->order > 5 || (unsigned)how->border >= SEQAUG_FRAME)
        return SEQAUG_BAD_TYPE;
    if (!in_reach(how->matrix, target))
        return SEQAUG_BAD_MATRIX;
    seqaug_floats floats = seqaug_enter_floats();
    if (how->order > 1)
        affine_spline(source, target, how, space);
    else
        affine(source, target, how);
    seqaug_leave_floats(floats);
    return SEQAUG_OK;
}
