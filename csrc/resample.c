/* resample.c: the pass that the pipeline runs, one call an image: checks, what can be told of a map beforehand, and the
 * choice of a variant. The pass itself is in pass_body.h. */
#include "bytes.h"
#include "cpu.h"
#include "flip.h"
#include "keep.h"
#include "lines.h"
#include "normal.h"
#include "pass.h"
#include "seqaug.h"
#include "span.h"
#include "steps.h"
#include "store.h"
#include "touch.h"
#include "turn.h"

#include <math.h>
#include <string.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

/* Stores one element by SciPy's rules. */
static void put_element(int dtype, double value, char *to)
{
#define SEQAUG_PUT(name, type)                                                                                     \
    case SEQAUG_##name: {                                                                                          \
        type v = seqaug_store_##name(value);                                                                       \
        memcpy(to, &v, sizeof v);                                                                                  \
        return;                                                                                                    \
    }
    switch (dtype) {
        SEQAUG_EACH_TYPE(SEQAUG_PUT)
    }
#undef SEQAUG_PUT
}

static void touch(const seqaug_job *job, int64_t row, int64_t count, int64_t touched[2])
{
    if (!job->moves && !job->perspective && job->packed)
        seqaug_touch(&job->source, job->how->matrix, job->target.shape[1], row, count, 0, touched);
}

/* Output rows from `row` on, as many as are turned at once, of a map that moves columns into rows. */
static void turn_rows(const seqaug_job *job, int64_t row, char *to, int64_t to_row)
{
    const seqaug_image *source = &job->source;
    const double *m = job->how->matrix;
    int64_t size = job->lanes * seqaug_item_size[source->dtype], left = job->target.shape[0] - row;
    int64_t y = (int64_t)m[2], x = (int64_t)m[5] + row * (int64_t)m[3];
    int rows = left < SEQAUG_TURNED ? (int)left : SEQAUG_TURNED;
    int64_t rightmost = m[3] > 0.0 ? x + rows - 1 : x; /* behind which there is another pixel */
    seqaug_turn((const char *)source->data + y * source->stride[0] + x * size, (int64_t)m[3] * size,
                (int64_t)m[1] * source->stride[0], rows, job->target.shape[1], size,
                rightmost < (int64_t)job->extent[1] - 1, to, to_row);
}

#define SEQAUG_VARIANT baseline
#include "pass_body.h"

#define SEQAUG_NEAR 1
#if SEQAUG_HAVE_AVX2
SEQAUG_AVX2_BEGIN
#include "wide_avx2.h"

#include "look_avx2.h"
#include "noise_avx2.h"
#include "note_avx2.h"
#include "sample_avx2.h"
#define SEQAUG_LOOK look_avx2
#define SEQAUG_NORMALS noise_avx2
#define SEQAUG_VARIANT avx2
#include "pass_body.h"
SEQAUG_END
SEQAUG_AVX512_BEGIN
#include "wide_avx512.h"

#include "look_avx512.h"
#include "note_avx512.h"
#include "sample_avx512.h"
#undef SEQAUG_LOOK
#define SEQAUG_LOOK look_avx512
#define SEQAUG_LOOKS_ALL 1
#define SEQAUG_VARIANT avx512
#include "pass_body.h"
SEQAUG_END
#elif SEQAUG_HAVE_NEON
#include "sample_neon.h"
#define SEQAUG_VARIANT neon
#include "pass_body.h"
#endif

typedef struct {
    void (*run)(seqaug_job *, int, seqaug_measured *);
    void (*pick_all)(const seqaug_job *);
    void (*begin_ramp)(const seqaug_job *, float *);
    void (*step_ramp)(const seqaug_job *, int, float *);
    void (*measure_bytes)(const seqaug_job *, seqaug_measured *);
    void (*measure_ramp)(const seqaug_job *, const seqaug_bytes *, seqaug_measured *);
    void (*look_up_all)(const seqaug_job *, const float *);
    void (*erase)(const seqaug_job *);
} variant;

#define SEQAUG_PARTS(name)                                                                                         \
    {run_##name,           pick_all_##name,     begin_ramp_##name,  step_ramp_##name,                              \
     measure_bytes_##name, measure_ramp_##name, look_up_all_##name, erase_##name}

static const variant variants[SEQAUG_CPUS] = {
    [SEQAUG_CPU_BASELINE] = SEQAUG_PARTS(baseline),
#if SEQAUG_HAVE_AVX2
    [SEQAUG_CPU_AVX2] = SEQAUG_PARTS(avx2),
    [SEQAUG_CPU_AVX512] = SEQAUG_PARTS(avx512),
#elif SEQAUG_HAVE_NEON
    [SEQAUG_CPU_NEON] = SEQAUG_PARTS(neon),
#endif
};

static int bad_extent(int64_t n)
{
    return n < 1 || n > INT32_MAX;
}

/* The largest coordinate that the four corners of the output have, along the axis that these three numbers belong to:
 * the map is linear, so none is larger. NaN if any is. */
static double reach(const double m[3], const seqaug_image *target)
{
    double most = 0.0;
    for (int corner = 0; corner < 4; corner++) {
        double row = corner & 1 ? (double)(target->shape[0] - 1) : 0.0;
        double column = corner & 2 ? (double)(target->shape[1] - 1) : 0.0;
        double c = fabs((m[2] + row * m[0]) + column * m[1]);
        most = c <= most ? most : c;
    }
    return most;
}

static int is_whole(double v)
{
    return v > -4503599627370496.0 && v < 4503599627370496.0 && v == (double)(int64_t)v;
}

static int samples_type(int dtype)
{
    return dtype == SEQAUG_u8 || dtype == SEQAUG_u16 || dtype == SEQAUG_i16 || dtype == SEQAUG_i32 ||
           dtype == SEQAUG_f32 || dtype == SEQAUG_f64;
}

static seqaug_status check_erasing(const seqaug_erasing *erasing, int steps)
{
    if (erasing->step < 0 || erasing->step > steps)
        return SEQAUG_BAD_TYPE;
    for (int64_t k = 0; k < 4 * erasing->count; k++)
        if (erasing->holes[k] < INT32_MIN || erasing->holes[k] > INT32_MAX)
            return SEQAUG_BAD_SHAPE;
    return SEQAUG_OK;
}

static seqaug_status check(const seqaug_image *source, const seqaug_image *target, const seqaug_pass *how)
{
    for (int axis = 0; axis < 3; axis++)
        if (bad_extent(source->shape[axis]) || bad_extent(target->shape[axis]))
            return SEQAUG_BAD_SHAPE;
    if (source->shape[2] != target->shape[2])
        return SEQAUG_BAD_SHAPE;
    if ((unsigned)source->dtype >= SEQAUG_DTYPES || (unsigned)target->dtype >= SEQAUG_DTYPES ||
        (how->order != 0 && how->order != 1 && how->order != 3) || (unsigned)how->border >= SEQAUG_BORDERS ||
        how->steps < 0 || how->steps > SEQAUG_MOST_STEPS || how->fill_step < 0 || how->fill_step > how->steps)
        return SEQAUG_BAD_TYPE;
    for (int s = 0; s < how->steps; s++) {
        int kind = how->kinds[s], mixes = kind == SEQAUG_MIX || kind == SEQAUG_SATURATION || kind == SEQAUG_HUE;
        if ((unsigned)kind >= SEQAUG_COLOURS || (mixes && source->shape[2] != 3))
            return SEQAUG_BAD_TYPE;
        if (kind == SEQAUG_EQUALIZE &&
            (!how->space || seqaug_bins(how->colour + s * SEQAUG_STEP_ROWS * source->shape[2]) == 0))
            return SEQAUG_BAD_TYPE;
    }
    for (int axis = 0; axis < 3; axis++)
        if (!(reach(how->matrix + 3 * axis, target) < 4503599627370496.0))
            return SEQAUG_BAD_MATRIX;
    return how->erasing ? check_erasing(how->erasing, how->steps) : SEQAUG_OK;
}

/* Whether each output pixel is a source pixel, in their order, forwards or backwards along each axis. */
static int only_moves(const seqaug_job *job)
{
    const double *m = job->how->matrix;
    if (job->perspective || m[1] != 0.0 || m[3] != 0.0 || fabs(m[0]) != 1.0 || fabs(m[4]) != 1.0)
        return 0;
    for (int axis = 0; axis < 2; axis++) {
        double first = m[3 * axis + 2], last = first + (double)(job->target.shape[axis] - 1) * m[4 * axis];
        if (!is_whole(first) || first < 0.0 || last < 0.0 || first >= job->extent[axis] || last >= job->extent[axis])
            return 0;
    }
    return 1;
}

/* Whether each output pixel is a source pixel, and each row a column, forwards or backwards. */
static int moves_across(const seqaug_job *job)
{
    const double *m = job->how->matrix;
    if (job->perspective || !job->packed || m[0] != 0.0 || m[4] != 0.0 || fabs(m[1]) != 1.0 || fabs(m[3]) != 1.0)
        return 0;
    for (int axis = 0; axis < 2; axis++) {
        double first = m[3 * axis + 2], last = first + (double)(job->target.shape[1 - axis] - 1) * m[2 * axis + 1];
        if (!is_whole(first) || first < 0.0 || last < 0.0 || first >= job->extent[axis] || last >= job->extent[axis])
            return 0;
    }
    return 1;
}

/* Turns a picture without a look at its values, if its target is packed as well. */
static int turned(seqaug_job *job)
{
    const seqaug_image *target = &job->target;
    int64_t item = seqaug_item_size[target->dtype], touched[2] = {0, 0};
    job->lanes = (int)job->total;
    if (!job->across || (target->shape[2] > 1 && target->stride[2] != item) || target->stride[1] != job->total * item)
        return 0;
    for (int64_t row = 0; row < target->shape[0]; row += SEQAUG_TURNED) {
        touch(job, row, SEQAUG_TURNED, touched);
        turn_rows(job, row, (char *)target->data + row * target->stride[0], target->stride[0]);
    }
    return 1;
}

/* What holds for a whole image, whatever its channels. An axis of one pixel gets a second one, which is the first. */
static void prepare(seqaug_job *job, const seqaug_image *source, const seqaug_image *target, const seqaug_pass *how)
{
    int64_t item = seqaug_item_size[source->dtype], far = 0;
    const double *m = how->matrix;
    job->source = *source;
    job->target = *target;
    job->how = how;
    job->total = source->shape[2];
    job->together = source->shape[2] == 1 || source->stride[2] == item;
    job->packed = job->together && source->stride[1] == source->shape[2] * item;
    job->perspective = how->field || !(m[6] == 0.0 && m[7] == 0.0 && m[8] == 1.0);
    job->fixed = !job->perspective;
    for (int axis = 0; axis < 2; axis++) {
        int64_t n = source->shape[axis], stride = source->stride[axis];
        double along = m[3 * axis + 1];
        job->extent[axis] = (double)n;
        job->last[axis] = (int32_t)(n > 1 ? n - 1 : 1);
        job->source.stride[axis] = n > 1 ? stride : 0;
        far += stride < INT32_MAX && stride > -INT32_MAX ? (stride < 0 ? -stride : stride) * n : INT32_MAX;
        job->fixed &= n < 1 << 28 && reach(m + 3 * axis, target) < 268435456.0 && fabs(along) < 1048576.0;
        int columns = target->shape[1] < SEQAUG_COLUMNS ? ((int)target->shape[1] + 15) & ~15 : SEQAUG_COLUMNS;
        for (int i = 0; job->fixed && i < columns; i++) {
            static const unsigned char place[8] = {0, 1, 4, 5, 2, 3, 6, 7};
            int64_t ahead = seqaug_fixed((double)i * along);
            job->ramp_pixel[axis][i] = (int32_t)(ahead >> 32);
            job->ramp_fraction[axis][i] = (uint32_t)ahead;
            job->ramp[axis][(i & ~7) + place[i & 7]] = ahead;
        }
    }
    job->narrow = far < INT32_MAX;
    job->straight = only_moves(job);
    job->moves = job->straight && job->packed;
    job->across = moves_across(job);
    job->packed = job->packed && source->shape[1] > 1;
}

/* Whether a chunk of order 1 goes to samplers of neighbours, which all variants but the portable one have: packed pixels
 * of three or four values, or single values that are neighbours, of the types that are there. */
static int samples_near(const seqaug_job *job)
{
    if (seqaug_current_cpu == SEQAUG_CPU_BASELINE || !job->narrow || job->how->order != 1)
        return 0;
    if (job->packed && (job->lanes == 3 || job->lanes == 4))
        return 1;
    return (!job->together || job->lanes == 1) && job->source.stride[1] == seqaug_item_size[job->source.dtype] &&
           (job->source.dtype == SEQAUG_u8 || job->source.dtype == SEQAUG_f32);
}

/* Whether all there is to know of the steps is what they make of single values, and there is more to them than a line. */
static int is_table(const seqaug_job *job)
{
    int bends = job->target.dtype == SEQAUG_u8;
    for (int s = 0; s < job->how->steps; s++) {
        int kind = job->how->kinds[s];
        if (kind != SEQAUG_LINEAR && !seqaug_is_curve(kind))
            return 0;
        bends |= kind != SEQAUG_LINEAR && kind != SEQAUG_STRETCH;
    }
    return bends;
}

/* All steps, then the picture. */
static void run_steps(seqaug_job *job)
{
    seqaug_pass rest;
    const variant *cpu = &variants[seqaug_current_cpu];
    double pixels = (double)job->target.shape[0] * (double)job->target.shape[1];
    int64_t *space = job->how->space;
    seqaug_bytes bytes;
    seqaug_measured found;
    int by_bytes = seqaug_takes_bytes(job), counted = 0, changed = 0;
    if (by_bytes)
        cpu->begin_ramp(job, bytes.ramp);
    for (int s = 0; s < job->how->steps; s++) {
        int kind = job->how->kinds[s];
        seqaug_prepare_step(job, s, space);
        space += kind == SEQAUG_EQUALIZE ? job->lanes * job->step[s].bins : 0;
        if (seqaug_measures(job, s)) {
            seqaug_begin_measuring(job, s, &found);
            int counts = by_bytes && (changed || kind == SEQAUG_EQUALIZE);
            job->keeps = !by_bytes && seqaug_keeps_measured(job, s);
            if (counts && !counted)
                seqaug_count_bytes(job, &bytes);
            counted |= counts;
            if (counts)
                cpu->measure_ramp(job, &bytes, &found);
            else if (by_bytes)
                cpu->measure_bytes(job, &found);
            else
                cpu->run(job, s, &found);
            seqaug_finish_step(job, s, pixels, &found);
            if (job->keeps)
                seqaug_go_on_from_target(job, s, &rest);
            job->keeps = 0;
        }
        changed |= !job->step[s].idle;
        by_bytes = by_bytes && (kind == SEQAUG_LINEAR || seqaug_is_curve(kind));
        if (by_bytes)
            cpu->step_ramp(job, s, bytes.ramp);
    }
    if (by_bytes && is_table(job))
        cpu->look_up_all(job, bytes.ramp);
    else
        cpu->run(job, job->how->steps, NULL);
    if (job->how->erasing)
        cpu->erase(job);
}

/* The channels first .. first + lanes - 1 of an image. */
static void run_group(seqaug_job *job, int64_t first, int lanes)
{
    seqaug_image source = job->source, target = job->target;
    int64_t item = seqaug_item_size[source.dtype];
    job->packed &= lanes == job->total; /* else pixels of other channels lie between */
    job->moves &= lanes == job->total;
    job->across &= lanes == job->total && SEQAUG_TURNED * target.shape[1] * lanes * item <= SEQAUG_TILE;
    job->source.data = (char *)source.data + first * source.stride[2];
    job->target.data = (char *)target.data + first * target.stride[2];
    job->first = first;
    job->lanes = lanes;
    job->near = samples_near(job);
    job->done = job->keeps = job->kept = 0;
    run_steps(job);
    job->source.data = source.data;
    job->target.data = target.data;
}

int64_t seqaug_resample_space(const seqaug_pass *how, int64_t channels)
{
    int64_t lanes = channels < SEQAUG_GROUP ? channels : SEQAUG_GROUP, numbers = 0;
    for (int s = 0; s < how->steps && s < SEQAUG_MOST_STEPS; s++)
        if (how->kinds[s] == SEQAUG_EQUALIZE)
            numbers += lanes * seqaug_bins(how->colour + s * SEQAUG_STEP_ROWS * channels);
    return numbers;
}

seqaug_status seqaug_resample(const seqaug_image *source, const seqaug_image *target, const seqaug_pass *how)
{
    seqaug_status status = check(source, target, how);
    if (status != SEQAUG_OK)
        return status;
    seqaug_job job;
    seqaug_pass cheaper = *how;
    prepare(&job, source, target, &cheaper);
    int whole = !job.perspective;
    for (int i = 0; i < 6; i++)
        whole &= is_whole(how->matrix[i]);
    if (whole)
        cheaper.order = 0; /* every coordinate is a pixel: nothing to blend, and no neighbour's NaN to catch */
    if (source->dtype == target->dtype && how->steps == 0 && cheaper.order == 0 && !how->erasing) {
        if (job.moves && memcmp(source->shape, target->shape, sizeof source->shape) == 0)
            return seqaug_flip(source, target, seqaug_item_size[target->dtype], how->matrix[4] < 0.0,
                               how->matrix[0] < 0.0);
        if (!turned(&job))
            variants[seqaug_current_cpu].pick_all(&job);
        return SEQAUG_OK;
    }
    if (!samples_type(source->dtype) || (target->dtype != SEQAUG_f32 && target->dtype != SEQAUG_u8))
        return SEQAUG_BAD_TYPE;
    seqaug_floats floats = seqaug_enter_floats();
    for (int64_t first = 0; first < source->shape[2]; first += SEQAUG_GROUP) {
        int64_t left = source->shape[2] - first;
        run_group(&job, first, left < SEQAUG_GROUP ? (int)left : SEQAUG_GROUP);
    }
    seqaug_leave_floats(floats);
    return SEQAUG_OK;
}
