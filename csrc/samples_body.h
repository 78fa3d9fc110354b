/* samples_body.h: the samples of a chunk, for all element types. Part of a variant (see cpu.h). */

/* Keys' cubic convolution with a = -0.5 (R. G. Keys, "Cubic convolution interpolation for digital image processing",
 * 1981): the weights of the four pixels around a coordinate. */
static inline void SEQAUG_V(keys)(uint32_t fraction, float weight[4])
{
    float t = seqaug_share(fraction), u = 1.0f - t;
    weight[0] = -0.5f * t * u * u;
    weight[1] = 1.0f + t * t * (1.5f * t - 2.5f);
    weight[2] = 1.0f + u * u * (1.5f * u - 2.5f);
    weight[3] = -0.5f * u * t * t;
}

/* A tap off the image is mirrored about the edge pixel under CONSTANT and WRAP, as SciPy does, else clamped. */
static inline int64_t SEQAUG_V(tap)(const seqaug_job *job, int axis, int64_t at)
{
    int64_t last = (int64_t)job->extent[axis] - 1;
    if (job->how->border == SEQAUG_CONSTANT || job->how->border == SEQAUG_WRAP)
        at = at < 0 ? -at : (at > last ? 2 * last - at : at);
    return at < 0 ? 0 : (at > last ? last : at);
}

#define SEQAUG_NAME u8
#define SEQAUG_TYPE uint8_t
#define SEQAUG_BYTES 1
#ifdef SEQAUG_NEAR
#define SEQAUG_NEAR_PLANE near_plane_u8
#endif
#include "sample_body.h"
#define SEQAUG_NAME u16
#define SEQAUG_TYPE uint16_t
#include "sample_body.h"
#define SEQAUG_NAME i16
#define SEQAUG_TYPE int16_t
#include "sample_body.h"
#define SEQAUG_NAME i32
#define SEQAUG_TYPE int32_t
#include "sample_body.h"
#define SEQAUG_NAME f32
#define SEQAUG_TYPE float
#ifdef SEQAUG_NEAR
#define SEQAUG_NEAR_PLANE near_plane_f32
#endif
#include "sample_body.h"
#define SEQAUG_NAME f64
#define SEQAUG_TYPE double
#include "sample_body.h"

typedef void SEQAUG_V(sampler)(const seqaug_job *, const char *, const seqaug_places *, int, int, int,
                              float *);
typedef void SEQAUG_V(widener)(const char *, int, float *);

static SEQAUG_V(sampler) *const SEQAUG_V(samplers)[SEQAUG_DTYPES] = {
    [SEQAUG_u8] = SEQAUG_JOIN(sample_u8, SEQAUG_VARIANT),   [SEQAUG_u16] = SEQAUG_JOIN(sample_u16, SEQAUG_VARIANT),
    [SEQAUG_i16] = SEQAUG_JOIN(sample_i16, SEQAUG_VARIANT), [SEQAUG_i32] = SEQAUG_JOIN(sample_i32, SEQAUG_VARIANT),
    [SEQAUG_f32] = SEQAUG_JOIN(sample_f32, SEQAUG_VARIANT), [SEQAUG_f64] = SEQAUG_JOIN(sample_f64, SEQAUG_VARIANT),
};
static SEQAUG_V(widener) *const SEQAUG_V(wideners)[SEQAUG_DTYPES] = {
    [SEQAUG_u8] = SEQAUG_JOIN(widen_u8, SEQAUG_VARIANT),   [SEQAUG_u16] = SEQAUG_JOIN(widen_u16, SEQAUG_VARIANT),
    [SEQAUG_i16] = SEQAUG_JOIN(widen_i16, SEQAUG_VARIANT), [SEQAUG_i32] = SEQAUG_JOIN(widen_i32, SEQAUG_VARIANT),
    [SEQAUG_f32] = SEQAUG_JOIN(widen_f32, SEQAUG_VARIANT), [SEQAUG_f64] = SEQAUG_JOIN(widen_f64, SEQAUG_VARIANT),
};

/* What comes of sampling a chunk: samples, those after the job's opening step, or the result. */
typedef enum { SEQAUG_V(sampled), SEQAUG_V(opened), SEQAUG_V(finished) } SEQAUG_V(outcome);

/* A run of whole pixels, forwards or backwards, where no coordinate is needed. */
static SEQAUG_V(outcome) SEQAUG_V(move)(const seqaug_job *job, int64_t row, int64_t first, int count, float *chunk)
{
    const double *m = job->how->matrix;
    const seqaug_image *source = &job->source;
    int64_t y = (int64_t)m[2] + row * (int64_t)m[0], x = (int64_t)m[5] + first * (int64_t)m[4];
    int64_t size = job->lanes * seqaug_item_size[source->dtype];
    const char *at = (const char *)source->data + y * source->stride[0] + x * size;
    char reversed[SEQAUG_COLUMNS * SEQAUG_GROUP * sizeof(double)];
    if (m[4] < 0.0) {
        seqaug_reverse(reversed, at - (count - 1) * size, count, size);
        at = reversed;
    }
#ifdef SEQAUG_WIDE
    if (job->opening && source->dtype == SEQAUG_u8) {
        SEQAUG_V(open_bytes)(job->opening, job->lanes, count * job->lanes, (const uint8_t *)at, chunk);
        return SEQAUG_V(opened);
    }
#endif
    SEQAUG_V(wideners)[source->dtype](at, count * job->lanes, chunk);
    return SEQAUG_V(sampled);
}

#include "across_body.h"

#ifdef SEQAUG_WIDE
#include "lines_body.h"
#endif

/* The samples of columns first .. first + count - 1; says in `places` which of them are outside. They are put into
 * `chunk`, or, if they have become the result, into `to`. */
static inline SEQAUG_V(outcome) SEQAUG_V(samples)(const seqaug_job *job, int64_t row, int64_t first, int count,
                                                  int inside, seqaug_places *places, float *chunk, float *to)
{
    const seqaug_image *source = &job->source;
    if (job->moves)
        return SEQAUG_V(move)(job, row, first, count, chunk);
    if (job->across) {
        SEQAUG_V(move_across)(job, row, first, count, chunk);
        return SEQAUG_V(sampled);
    }
#ifdef SEQAUG_WIDE
    if (job->lines)
        return SEQAUG_V(blend)(job, first, count, NULL, chunk);
#endif
    SEQAUG_V(place)(job, row, first, count, inside, places);
    SEQAUG_V(sampler) *sample = SEQAUG_V(samplers)[source->dtype];
    if (job->together) {
        int direct = job->direct && job->near && !places->any_outside && (job->lanes == 1 || !places->at_end);
        sample(job, source->data, places, count, job->lanes, direct, direct ? to : chunk);
        return direct ? SEQAUG_V(finished) : SEQAUG_V(sampled);
    }
    float plane[SEQAUG_COLUMNS + 8];
    for (int k = 0; k < job->lanes; k++) {
        sample(job, (const char *)source->data + k * source->stride[2], places, count, 1, 0, plane);
        for (int i = 0; i < count; i++)
            chunk[i * job->lanes + k] = plane[i];
    }
    return SEQAUG_V(sampled);
}
