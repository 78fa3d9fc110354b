/* sample_neon.h: bilinear samples, and bytes from floats, with NEON: the same bits as sample_body.h's and pass_body.h's.
 *
 * Four pixels at a time: each has a register for its three or four channels, or all share one for their only channel.
 * A multiplication takes its factor from any lane of a register, so that weights need not be spread.
 */
#include <arm_neon.h>

static inline float32x4_t near_shares(uint32x4_t fraction)
{
    return vcvtq_n_f32_u32(vshrq_n_u32(fraction, 1), 31); /* times 2^-31, which rounds nothing */
}

/* The weights of the second pixels, 0 .. 2^15; see `seqaug_weight`. */
static inline uint16x4_t near_weights(uint32x4_t fraction)
{
    return vmovn_u32(vrshrq_n_u32(fraction, 17));
}

/* What holds for all of a chunk, in registers: the coordinates of its first pixel if it is told by those, the strides
 * of the source, and what samples are multiplied with and moved by. */
typedef struct {
    int32x4_t pixel[2], stride[2], last[2]; /* last: pixel that has a next one */
    uint32x4_t fraction[2];
    float32x4_t scale[4], offset[4];
    seqaug_telling telling;
} near_frame;

static inline near_frame near_begin(const seqaug_job *job, const seqaug_places *places, int lanes, const float *scale,
                                    const float *offset)
{
    near_frame frame;
    frame.telling = places->telling;
    for (int axis = 0; axis < 2; axis++) {
        frame.pixel[axis] = vdupq_n_s32((int32_t)(places->start[axis] >> 32));
        frame.fraction[axis] = vdupq_n_u32((uint32_t)places->start[axis]);
        frame.stride[axis] = vdupq_n_s32((int32_t)job->source.stride[axis]);
        frame.last[axis] = vdupq_n_s32(job->last[axis] - 1);
    }
    for (int k = 0; k < lanes; k++) {
        frame.scale[k] = vld1q_f32(scale + 4 * k);
        frame.offset[k] = vld1q_f32(offset + 4 * k);
    }
    return frame;
}

/* One axis of four places: a coordinate and what the columns add to it, in fixed point. */
static inline int32x4_t near_ramp(const seqaug_job *job, const near_frame *frame, int axis, int first,
                                  uint32x4_t *fraction)
{
    *fraction = vaddq_u32(frame->fraction[axis], vld1q_u32(job->ramp_fraction[axis] + first));
    int32x4_t carried = vreinterpretq_s32_u32(vcltq_u32(*fraction, frame->fraction[axis])); /* -1 where it is */
    return vsubq_s32(vaddq_s32(frame->pixel[axis], vld1q_s32(job->ramp_pixel[axis] + first)), carried);
}

/* Both pixels shall exist; see `clamp`. */
static inline int32x4_t near_clamp(const near_frame *frame, int axis, int32x4_t pixel, uint32x4_t *fraction)
{
    uint32x4_t before = vcltzq_s32(pixel), behind = vcgtq_s32(pixel, frame->last[axis]);
    *fraction = vorrq_u32(vbicq_u32(*fraction, before), behind);
    return vminq_s32(vmaxq_s32(pixel, vdupq_n_s32(0)), frame->last[axis]);
}

/* Behind the last of `count` columns there are others, which are taken for that one. */
static SEQAUG_COLD int32x4_t near_repeated(int32x4_t at, int count)
{
    int32_t offset[4];
    vst1q_s32(offset, at);
    for (int i = count; i < 4; i++)
        offset[i] = offset[count - 1];
    return vld1q_s32(offset);
}

/* Four places from column `first` on: the byte offsets of their first pixels, in pairs, and their fractions. */
static inline void near_places(const seqaug_job *job, const seqaug_places *places, const near_frame *frame, int first,
                               int count, int64_t two[2], uint32x4_t *x_fraction, uint32x4_t *y_fraction)
{
    int32x4_t y, x;
    if (frame->telling != SEQAUG_TOLD) {
        y = near_ramp(job, frame, 0, first, y_fraction);
        x = near_ramp(job, frame, 1, first, x_fraction);
        if (frame->telling == SEQAUG_CLAMPED) {
            y = near_clamp(frame, 0, y, y_fraction);
            x = near_clamp(frame, 1, x, x_fraction);
        }
    } else {
        y = vld1q_s32(places->y + first);
        x = vld1q_s32(places->x + first);
        *y_fraction = vld1q_u32(places->y_fraction + first);
        *x_fraction = vld1q_u32(places->x_fraction + first);
    }
    int32x4_t at = vmlaq_s32(vmulq_s32(y, frame->stride[0]), x, frame->stride[1]);
    if (count - first < 4)
        at = near_repeated(at, count - first);
    two[0] = vgetq_lane_s64(vreinterpretq_s64_s32(at), 0);
    two[1] = vgetq_lane_s64(vreinterpretq_s64_s32(at), 1);
}

/* Number k of four offsets that lie in pairs: moves out of the vector registers cost more than shifts. */
#define SEQAUG_OFFSET(two, k) ((k) % 2 ? two[(k) / 2] >> 32 : (int64_t)(int32_t)two[(k) / 2])

static inline float32x4_t near_line(float32x4_t first, float32x4_t second, float32x4_t share)
{
    return vaddq_f32(first, vmulq_f32(vsubq_f32(second, first), share));
}

/* Four pixels into registers without gaps: abc. becomes rgbr gbrg brgb. */
static inline void near_pack(float32x4_t four[4], int lanes)
{
    float32x4_t a = four[0], b = four[1], c = four[2], d = four[3];
    if (lanes == 4)
        return;
    four[0] = vcopyq_laneq_f32(a, 3, b, 0);
    four[1] = vcombine_f32(vget_low_f32(vextq_f32(b, b, 1)), vget_low_f32(c));
    four[2] = vcopyq_laneq_f32(vextq_f32(d, d, 3), 0, c, 2);
}

static SEQAUG_COLD void near_put_some(const float *four, int floats, float *out)
{
    for (int k = 0; k < floats; k++)
        out[k] = four[k];
}

/* Stores four pixels, or as many as are left of them, after a step of scales and offsets. */
static inline void near_put(const near_frame *frame, const float32x4_t *packed, int left, int lanes, float *out)
{
    float four[16], *to = left < 4 ? four : out;
    for (int k = 0; k < lanes; k++)
        vst1q_f32(to + 4 * k, vaddq_f32(vmulq_f32(packed[k], frame->scale[k]), frame->offset[k]));
    if (left < 4)
        near_put_some(four, left * lanes, out);
}

/* A pixel and the next one, and two bytes of no use if they have three each. */
static inline uint16x8_t near_eight(const char *at)
{
    return vmovl_u8(vld1_u8((const uint8_t *)at));
}

static inline uint16x4_t near_second(uint16x8_t taps, int lanes)
{
    return lanes == 3 ? vget_low_u16(vextq_u16(taps, taps, 3)) : vget_high_u16(taps);
}

/* The sums of a row, 2^15 times the values. */
static inline float32x4_t near_sums(uint16x4_t first, uint16x4_t second, uint16x4_t left, uint16x4_t right)
{
    return vcvtq_f32_u32(vmlal_u16(vmull_u16(first, left), second, right));
}

static inline void near_bytes(const seqaug_job *job, const char *data, const seqaug_places *places, int count,
                              const float *scale, const float *offset, float *out, int lanes)
{
    const char *next = data + job->source.stride[0];
    near_frame frame = near_begin(job, places, lanes, scale, offset);
#define SEQAUG_PIXEL(k)                                                                                            \
    do {                                                                                                           \
        uint16x8_t upper = near_eight(data + SEQAUG_OFFSET(at, k));                                                \
        uint16x8_t lower = near_eight(next + SEQAUG_OFFSET(at, k));                                                \
        uint16x4_t left = vdup_lane_u16(lefts, k), right = vdup_lane_u16(rights, k);                               \
        float32x4_t above = near_sums(vget_low_u16(upper), near_second(upper, lanes), left, right);                \
        float32x4_t below = near_sums(vget_low_u16(lower), near_second(lower, lanes), left, right);                \
        four[k] = near_line(above, below, vdupq_laneq_f32(downs, k));                                              \
    } while (0)
    for (int first = 0; first < count; first += 4) {
        int64_t at[2];
        uint32x4_t x_fraction, y_fraction;
        near_places(job, places, &frame, first, count, at, &x_fraction, &y_fraction);
        uint16x4_t rights = near_weights(x_fraction), lefts = vsub_u16(vdup_n_u16(32768), rights);
        float32x4_t four[4], downs = near_shares(y_fraction);
        SEQAUG_PIXEL(0);
        SEQAUG_PIXEL(1);
        SEQAUG_PIXEL(2);
        SEQAUG_PIXEL(3);
        near_pack(four, lanes);
        near_put(&frame, four, count - first, lanes, out + first * lanes);
    }
#undef SEQAUG_PIXEL
}

static void near_pixels_u8(const seqaug_job *job, const char *data, const seqaug_places *places, int count, int lanes,
                           const float *scale, const float *offset, float *out)
{
    if (lanes == 3)
        near_bytes(job, data, places, count, scale, offset, out, 3);
    else
        near_bytes(job, data, places, count, scale, offset, out, 4);
}

/* Two neighbouring bytes of each of four pixels. */
static inline uint16x4_t near_pairs(const char *data, const int64_t at[2])
{
    uint16_t v[4];
    for (int k = 0; k < 4; k++)
        memcpy(&v[k], data + SEQAUG_OFFSET(at, k), 2);
    uint16x4_t pairs = vdup_n_u16(v[0]);
    pairs = vset_lane_u16(v[1], pairs, 1);
    pairs = vset_lane_u16(v[2], pairs, 2);
    return vset_lane_u16(v[3], pairs, 3);
}

static void near_plane_u8(const seqaug_job *job, const char *data, const seqaug_places *places, int count,
                          const float *scale, const float *offset, float *out)
{
    near_frame frame = near_begin(job, places, 1, scale, offset);
    for (int first = 0; first < count; first += 4) {
        int64_t at[2];
        uint32x4_t x_fraction, y_fraction;
        near_places(job, places, &frame, first, count, at, &x_fraction, &y_fraction);
        uint16x4_t right = near_weights(x_fraction), left = vsub_u16(vdup_n_u16(32768), right);
        uint16x4_t upper = near_pairs(data, at), lower = near_pairs(data + job->source.stride[0], at);
        uint16x4_t low = vdup_n_u16(255);
        float32x4_t above = near_sums(vand_u16(upper, low), vshr_n_u16(upper, 8), left, right);
        float32x4_t below = near_sums(vand_u16(lower, low), vshr_n_u16(lower, 8), left, right);
        float32x4_t sum = near_line(above, below, near_shares(y_fraction));
        near_put(&frame, &sum, count - first, 1, out + first);
    }
}

/* The first and the second floats of four pairs. */
static inline void near_float_pairs(const char *data, const int64_t at[2], float32x4_t *first, float32x4_t *second)
{
#define SEQAUG_TWO(k) vld1_f32((const float *)(data + SEQAUG_OFFSET(at, k)))
    float32x4_t low = vcombine_f32(SEQAUG_TWO(0), SEQAUG_TWO(1)), high = vcombine_f32(SEQAUG_TWO(2), SEQAUG_TWO(3));
#undef SEQAUG_TWO
    *first = vuzp1q_f32(low, high);
    *second = vuzp2q_f32(low, high);
}

static void near_plane_f32(const seqaug_job *job, const char *data, const seqaug_places *places, int count,
                           const float *scale, const float *offset, float *out)
{
    near_frame frame = near_begin(job, places, 1, scale, offset);
    for (int first = 0; first < count; first += 4) {
        int64_t at[2];
        uint32x4_t x_fraction, y_fraction;
        near_places(job, places, &frame, first, count, at, &x_fraction, &y_fraction);
        float32x4_t a, b, c, d, right = near_shares(x_fraction);
        near_float_pairs(data, at, &a, &b);
        near_float_pairs(data + job->source.stride[0], at, &c, &d);
        float32x4_t sum = near_line(near_line(a, b, right), near_line(c, d, right), near_shares(y_fraction));
        near_put(&frame, &sum, count - first, 1, out + first);
    }
}

/* Four neighbouring elements as floats. */
static inline float32x4_t near_four_u16(const char *at)
{
    return vcvtq_f32_u32(vmovl_u16(vld1_u16((const uint16_t *)at)));
}

static inline float32x4_t near_four_i16(const char *at)
{
    return vcvtq_f32_s32(vmovl_s16(vld1_s16((const int16_t *)at)));
}

static inline float32x4_t near_four_i32(const char *at)
{
    return vcvtq_f32_s32(vld1q_s32((const int32_t *)at));
}

static inline float32x4_t near_four_f32(const char *at)
{
    return vld1q_f32((const float *)at);
}

static inline float32x4_t near_four_f64(const char *at)
{
    const double *from = (const double *)at;
    return vcvt_high_f32_f64(vcvt_f32_f64(vld1q_f64(from)), vld1q_f64(from + 2));
}

/* Three or four channels, for the types above. */
#define SEQAUG_NEAR_PIXELS(name)                                                                                   \
    static inline void near_##name(const seqaug_job *job, const char *data, const seqaug_places *places, int count,\
                                   const float *scale, const float *offset, float *out, int lanes)                 \
    {                                                                                                              \
        int64_t row = job->source.stride[0], next = job->source.stride[1];                                         \
        near_frame frame = near_begin(job, places, lanes, scale, offset);                                          \
        for (int first = 0; first < count; first += 4) {                                                           \
            int64_t at[2];                                                                                         \
            uint32x4_t x_fraction, y_fraction;                                                                     \
            near_places(job, places, &frame, first, count, at, &x_fraction, &y_fraction);                          \
            float32x4_t four[4], rights = near_shares(x_fraction), downs = near_shares(y_fraction);                \
            SEQAUG_PIXEL(name, 0);                                                                                 \
            SEQAUG_PIXEL(name, 1);                                                                                 \
            SEQAUG_PIXEL(name, 2);                                                                                 \
            SEQAUG_PIXEL(name, 3);                                                                                 \
            near_pack(four, lanes);                                                                                \
            near_put(&frame, four, count - first, lanes, out + first * lanes);                                     \
        }                                                                                                          \
    }                                                                                                              \
    static void near_pixels_##name(const seqaug_job *job, const char *data, const seqaug_places *places, int count,\
                                   int lanes, const float *scale, const float *offset, float *out)                 \
    {                                                                                                              \
        if (lanes == 3)                                                                                            \
            near_##name(job, data, places, count, scale, offset, out, 3);                                          \
        else                                                                                                       \
            near_##name(job, data, places, count, scale, offset, out, 4);                                          \
    }
#define SEQAUG_PIXEL(name, k)                                                                                      \
    do {                                                                                                           \
        const char *p = data + SEQAUG_OFFSET(at, k), *q = p + row;                                                 \
        float32x4_t right = vdupq_laneq_f32(rights, k);                                                            \
        float32x4_t above = near_line(near_four_##name(p), near_four_##name(p + next), right);                     \
        float32x4_t below = near_line(near_four_##name(q), near_four_##name(q + next), right);                     \
        four[k] = near_line(above, below, vdupq_laneq_f32(downs, k));                                              \
    } while (0)
SEQAUG_NEAR_PIXELS(u16)
SEQAUG_NEAR_PIXELS(i16)
SEQAUG_NEAR_PIXELS(i32)
SEQAUG_NEAR_PIXELS(f32)
SEQAUG_NEAR_PIXELS(f64)
#undef SEQAUG_PIXEL
#undef SEQAUG_NEAR_PIXELS

/* Eight floats to whole numbers, rounded half up: a conversion takes what is below 0, and a NaN, to 0, and what is too
 * large to the largest number. */
static inline uint16x8_t near_whole(const float *from)
{
    float32x4_t half = vdupq_n_f32(0.5f);
    uint32x4_t low = vcvtq_u32_f32(vaddq_f32(vld1q_f32(from), half));
    uint32x4_t high = vcvtq_u32_f32(vaddq_f32(vld1q_f32(from + 4), half));
    return vqmovn_high_u32(vqmovn_u32(low), high);
}

/* Thirty-two floats to bytes, saturated. */
static inline void near_round(const float *from, uint8_t *to)
{
    for (int i = 0; i < 32; i += 16)
        vst1q_u8(to + i, vqmovn_high_u16(vqmovn_u16(near_whole(from + i)), near_whole(from + i + 8)));
}
