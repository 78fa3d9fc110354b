/* affine_body.h: one variant of the exact affine pass (see cpu.h). An output row goes in chunks of columns: the taps
 * of both axes, the samples as doubles, then the store.
 */
#define SEQAUG_V(name) SEQAUG_JOIN(name, SEQAUG_VARIANT)
#define SEQAUG_T(name) SEQAUG_JOIN(SEQAUG_JOIN(name, SEQAUG_NAME), SEQAUG_VARIANT)

#include "taps_body.h"
#include "spline_body.h"

#define SEQAUG_NAME bool
#define SEQAUG_TYPE uint8_t
#include "type_body.h"
#define SEQAUG_NAME u8
#define SEQAUG_TYPE uint8_t
#ifdef SEQAUG_WIDEN4_BYTES
#define SEQAUG_WIDEN4 SEQAUG_WIDEN4_BYTES
#endif
#include "type_body.h"
#undef SEQAUG_WIDEN4
#define SEQAUG_NAME u16
#define SEQAUG_TYPE uint16_t
#include "type_body.h"
#define SEQAUG_NAME u32
#define SEQAUG_TYPE uint32_t
#include "type_body.h"
#define SEQAUG_NAME u64
#define SEQAUG_TYPE uint64_t
#include "type_body.h"
#define SEQAUG_NAME i8
#define SEQAUG_TYPE int8_t
#include "type_body.h"
#define SEQAUG_NAME i16
#define SEQAUG_TYPE int16_t
#include "type_body.h"
#define SEQAUG_NAME i32
#define SEQAUG_TYPE int32_t
#include "type_body.h"
#define SEQAUG_NAME i64
#define SEQAUG_TYPE int64_t
#include "type_body.h"
#define SEQAUG_NAME f32
#define SEQAUG_TYPE float
#include "type_body.h"
#define SEQAUG_NAME f64
#define SEQAUG_TYPE double
#include "type_body.h"

typedef void SEQAUG_V(finder)(const seqaug_axis *, double, int64_t, int, seqaug_taps *);
typedef void SEQAUG_V(sampler)(const char *, const seqaug_taps *, const seqaug_taps *, int, int, int, double *);
typedef void SEQAUG_V(storer)(char *, int64_t, const double *, int, int);

#define SEQAUG_ENTRY(name, type) SEQAUG_JOIN(SEQAUG_JOIN(sample, name), SEQAUG_VARIANT),
static SEQAUG_V(sampler) *const SEQAUG_V(samplers)[SEQAUG_DTYPES] = {SEQAUG_EACH_TYPE(SEQAUG_ENTRY)};
#undef SEQAUG_ENTRY
#define SEQAUG_ENTRY(name, type) SEQAUG_JOIN(SEQAUG_JOIN(store, name), SEQAUG_VARIANT),
static SEQAUG_V(storer) *const SEQAUG_V(storers)[SEQAUG_DTYPES] = {SEQAUG_EACH_TYPE(SEQAUG_ENTRY)};
#undef SEQAUG_ENTRY

/* Stores a chunk of `lanes` neighbouring channels at `to`, a pixel `lanes` doubles after the other. */
static void SEQAUG_V(put)(const seqaug_image *target, const double *chunk, int lanes, int count, char *to)
{
    SEQAUG_V(storer) *store = SEQAUG_V(storers)[target->dtype];
    int64_t item = seqaug_item_size[target->dtype];
    int packed = lanes == 1 || target->stride[2] == item;
    double forwards[SEQAUG_CHUNK * SEQAUG_MOST_LANES];
    if (target->stride[1] == lanes * item && packed) {
        store(to, item, chunk, 1, count * lanes);
    } else if (target->stride[1] == -lanes * item && packed) { /* a mirrored view */
        store((char *)forwards, item, chunk, 1, count * lanes);
        seqaug_reverse(to + (count - 1) * target->stride[1], (const char *)forwards, count, lanes * item);
    } else {
        for (int k = 0; k < lanes; k++)
            store(to + k * target->stride[2], target->stride[1], chunk + k, lanes, count);
    }
}

/* Writes the fill into `count` pixels from `to` on, `lanes` channels together. */
static void SEQAUG_V(fill)(const seqaug_image *target, const seqaug_affine *how, int lanes, int64_t count, char *to)
{
    double chunk[SEQAUG_CHUNK * SEQAUG_MOST_LANES];
    for (int channel = 0; channel < target->shape[2]; channel += lanes) {
        for (int i = 0; i < SEQAUG_CHUNK && i < count; i++)
            for (int k = 0; k < lanes; k++)
                chunk[i * lanes + k] = how->fill[channel + k];
        for (int64_t first = 0; first < count; first += SEQAUG_CHUNK) {
            int now = count - first < SEQAUG_CHUNK ? (int)(count - first) : SEQAUG_CHUNK;
            SEQAUG_V(put)(target, chunk, lanes, now, to + first * target->stride[1] + channel * target->stride[2]);
        }
    }
}

static void SEQAUG_V(affine)(const seqaug_image *source, const seqaug_image *target, const seqaug_affine *how)
{
    const double *m = how->matrix;
    seqaug_axis vertical = seqaug_make_axis(source, how, 0), horizontal = seqaug_make_axis(source, how, 1);
    int is_spline = how->order > 1; /* then the source is one of coefficients */
    SEQAUG_V(sampler) *sample = is_spline ? SEQAUG_V(sample_spline) : SEQAUG_V(samplers)[source->dtype];
    SEQAUG_V(finder) *find = is_spline ? SEQAUG_V(find_spline_taps) : SEQAUG_V(find_taps);
    int channels = (int)source->shape[2];
    int together = channels <= SEQAUG_MOST_LANES && source->stride[2] == seqaug_item_size[source->dtype];
    int lanes = together ? channels : 1;
    int packed = together && source->stride[1] == channels * source->stride[2] && source->shape[1] > 1;
    int64_t touched[2] = {0, 0};
    seqaug_taps y, x;
    double chunk[SEQAUG_CHUNK * SEQAUG_MOST_LANES + 1];

    for (int64_t row = 0; row < target->shape[0]; row++) {
        char *out = (char *)target->data + row * target->stride[0];
        if (packed && row % 8 == 0)
            seqaug_touch(source, m, target->shape[1], row, 8, 1, touched);
        int64_t step = target->stride[1], from = 0, width = target->shape[1], to = width;
        double y_base = m[2] + (double)row * m[0], x_base = m[5] + (double)row * m[3];
        if (how->border == SEQAUG_CONSTANT) {
            seqaug_clip(y_base, vertical.step, 0.0, vertical.n - 1.0, &from, &to);
            seqaug_clip(x_base, horizontal.step, 0.0, horizontal.n - 1.0, &from, &to);
            SEQAUG_V(fill)(target, how, lanes, from, out);
            SEQAUG_V(fill)(target, how, lanes, width - to, out + to * step);
        }
        for (int64_t first = from; first < to; first += SEQAUG_CHUNK) {
            int count = to - first < SEQAUG_CHUNK ? (int)(to - first) : SEQAUG_CHUNK;
            find(&vertical, y_base, first, count, &y);
            find(&horizontal, x_base, first, count, &x);
            for (int k = 0; k < channels; k += lanes) {
                sample((const char *)source->data + k * source->stride[2], &y, &x, count, lanes, how->order, chunk);
                SEQAUG_V(put)(target, chunk, lanes, count, out + first * step + k * target->stride[2]);
            }
        }
    }
}

#undef SEQAUG_V
#undef SEQAUG_T
#undef SEQAUG_VARIANT
