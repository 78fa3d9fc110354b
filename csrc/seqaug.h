/* seqaug.h: every contract of the native library. It knows nothing of Python.
 *
 * Memory. An image's elements are those at `data + y*stride[0] + x*stride[1] + c*stride[2]` with 0 <= y < shape[0] and
 * so on. A source is read between the lowest and the highest of them (an element between two of them may be read and
 * left unused); in a target nothing else is written. Strides are in bytes and may be negative or zero in a source;
 * elements must be aligned to their size. A target must not overlap a source.
 * Nothing is allocated, no state is kept and nothing is written on an error, so every function may run in any number
 * of threads at once.
 *
 * Numbers. Every operation rounds once, in the order written, and none is contracted into a fused multiply-add: every
 * compiled variant gives the same bits.
 */
#ifndef SEQAUG_H
#define SEQAUG_H

#include <stdint.h>

typedef enum {
    SEQAUG_OK = 0,
    SEQAUG_BAD_SHAPE,  /* an extent below 1 or above 2^31 - 1, channels that differ, or a hole beyond -2^31 .. 2^31 - 1 */
    SEQAUG_BAD_MATRIX, /* not finite, or it sends a pixel 2^52 pixels or further away */
    SEQAUG_BAD_TYPE,   /* an element type, border mode, order or step of colour that is unknown or not taken here */
    SEQAUG_BAD_NUMBER, /* a number of a filter's that is not finite or out of its range */
} seqaug_status;

/* One line per element type: its name here, its C type. The order is that of seqaug_dtype. */
#define SEQAUG_EACH_TYPE(X)                                                                                        \
    X(bool, uint8_t)                                                                                               \
    X(u8, uint8_t)                                                                                                 \
    X(u16, uint16_t)                                                                                               \
    X(u32, uint32_t)                                                                                               \
    X(u64, uint64_t)                                                                                               \
    X(i8, int8_t)                                                                                                  \
    X(i16, int16_t)                                                                                                \
    X(i32, int32_t)                                                                                                \
    X(i64, int64_t)                                                                                                \
    X(f32, float)                                                                                                  \
    X(f64, double)

#define SEQAUG_ENUMERATE(name, type) SEQAUG_##name,
typedef enum { SEQAUG_EACH_TYPE(SEQAUG_ENUMERATE) SEQAUG_DTYPES } seqaug_dtype;
#undef SEQAUG_ENUMERATE

/* What lies outside the image a b c d:
 *
 *   NEAREST    a a a a | a b c d | d d d d
 *   REFLECT    d c b a | a b c d | d c b a
 *   WRAP       a b c   | a b c d |   b c d    SciPy's "wrap": the period is n - 1, so that the first and the last
 *              pixel fall together
 *   CONSTANT   k k k k | a b c d | k k k k    and nothing is blended with k: a coordinate outside 0 .. n - 1 gives
 *              exactly k
 *   FRAME      k k k k | a b c d | k k k k    but the image reaches to the outer edges of its pixels, -0.5 .. n - 0.5,
 *              where a and d go on: what a picture padded to a shape looks like; not for the exact kernel
 */
typedef enum {
    SEQAUG_NEAREST,
    SEQAUG_REFLECT,
    SEQAUG_WRAP,
    SEQAUG_CONSTANT,
    SEQAUG_FRAME,
    SEQAUG_BORDERS
} seqaug_border;

typedef struct {
    void *data; /* element (0, 0, 0); a source is only read */
    int64_t shape[3];  /* height, width, channels */
    int64_t stride[3]; /* in bytes, along the same axes */
    int dtype;         /* seqaug_dtype */
} seqaug_image;

typedef struct {
    /* Row-major 2x3: output pixel (r, c) shows the source at y = (m[2] + r*m[0]) + c*m[1] and
     * x = (m[5] + r*m[3]) + c*m[4], evaluated as bracketed. Pixel centres are whole numbers. */
    double matrix[6];
    int order;          /* 0: the nearest pixel, halves up; 1: bilinear; 2 to 5: the spline through the pixels */
    int border;         /* seqaug_border, but FRAME */
    const double *fill; /* per channel, what a pixel outside shows under CONSTANT */
} seqaug_affine;

/* The exact kernel. Resamples `source` into `target`, which may differ in height, width and element type, by the rules
 * of scipy.ndimage.affine_transform (SciPy 1.17), bit for bit. Integer targets round halves away from zero and saturate.
 * `space` holds seqaug_affine_space(source, how) doubles: none for orders 0 and 1; INT64_MAX says that no machine has so
 * many. */
seqaug_status seqaug_affine_exact(const seqaug_image *source, const seqaug_image *target, const seqaug_affine *how,
                                  double *space);
int64_t seqaug_affine_space(const seqaug_image *source, const seqaug_affine *how);

/* The steps of colour that the fast pass takes between sampling and storing. A step has SEQAUG_STEP_ROWS rows of one
 * number per channel; those that a kind does not name are not read. A value v is cut to low .. high by every kind but
 * SATURATION, and a NaN passes. From POSTERIZE to EQUALIZE, low .. high is the range of values that the step is about: a
 * channel where it is not finite, or empty, stays as it is.
 *
 *   row          0        1        2      3      4            5
 *   LINEAR       scale    offset   low    high   mean's gain           v*scale + offset + gain*mean, where mean is that
 *                of the channel over the whole output as it comes to this step (another read, if a gain is not 0)
 *   MIX          red's    offset   low    high   green's      blue's   for 3 channels: each row has the weights with
 *                which the three channels make up one
 *   SATURATION   [factor, ...]     [low]  [high]               for 3 channels: with HSV's V the largest of the three
 *                values and S their range by V, S becomes S*factor, cut to low .. high; H and V stay
 *   HUE          [turns, ...]      low    high                 for 3 channels: HSV's H goes on by -1 .. 1 turns
 *   POSTERIZE    step              low    high   of v as a byte, from low = 0 to high = 255, the whole steps that are in
 *                it: (v - low) / (high - low) * 255, cut towards zero; 1, 2, 4 .. 128 keep 8, 7, 6 .. 1 bits
 *   SOLARIZE     bound    added    low    high   v + added, cut to low .. high; then low + high - that, unless it is
 *                below the bound
 *   POWER        exponent          low    high   low + (high - low)*((v - low) / (high - low))^exponent, within
 *                (high - low)*(4e-7 + exponent*1e-7) and exact at both ends; 1 leaves what lies inside as it is
 *   STRETCH                        low    high   a line that takes the channel's least value over the whole output to
 *                low and its largest to high (another read); none if the two are equal or not finite
 *   EQUALIZE     [bins, ...]       low    high   the level of v's bin: with b of all values in bins up to its own and a in
 *                the first that is not empty, (b - a) / (1 - a) from low to high in 255 steps (another read); bins, 1 ..
 *                SEQAUG_MOST_BINS, are (v - low) * (bins - 1) / (high - low), cut towards zero; one bin alone stays
 *   NOISE                 sigma    low    high   key's   key's    v + sigma*(a normal number, see normal.h, that
 *                belongs to the key of two words of 32 bits and to the place in the output), pixels outside included
 *
 * Hue and saturation are computed without conversion to HSV, from the differences between channels (see colour_body.h).
 */
typedef enum {
    SEQAUG_LINEAR,
    SEQAUG_MIX,
    SEQAUG_SATURATION,
    SEQAUG_HUE,
    SEQAUG_POSTERIZE,
    SEQAUG_SOLARIZE,
    SEQAUG_POWER,
    SEQAUG_STRETCH,
    SEQAUG_EQUALIZE,
    SEQAUG_NOISE,
    SEQAUG_COLOURS
} seqaug_colour;

enum { SEQAUG_STEP_ROWS = 6, SEQAUG_MOST_STEPS = 12, SEQAUG_MOST_BINS = 65536 };

/* Holes: rectangles of the target that are overwritten when the picture is stored, so that steps of colour that come
 * later in a list apply to them, too. Of `fill`'s four rows of one number per channel, the first is what a hole shows; to
 * each value a normal number of its own is added, multiplied by the second; this is cut to third .. fourth, and taken
 * through the steps from `step` on. A normal number depends on the key and on where in the target its value is. */
typedef struct {
    int64_t count;
    const int64_t *holes; /* count x 4: top, left, height and width; what lies off the picture is left out */
    const double *fill;   /* 4 x channels */
    uint32_t key[2];
    int step;
} seqaug_erasing;

typedef struct {
    /* Row-major 3x3: output pixel (r, c) shows the source at y = ((m[2] + r*m[0]) + c*m[1]) / w and
     * x = ((m[5] + r*m[3]) + c*m[4]) / w with w = (m[8] + r*m[6]) + c*m[7]. The last row 0 0 1 is an affine map. */
    double matrix[9];
    int order;              /* 0: the nearest pixel, halves up; 1: bilinear; 3: bicubic (Keys, a = -0.5) */
    int border;             /* seqaug_border */
    int steps;              /* of colour, at most SEQAUG_MOST_STEPS */
    const int *kinds;       /* seqaug_colour, one per step */
    const double *colour;   /* steps x SEQAUG_STEP_ROWS x channels */
    const double *fill;     /* per channel, what a pixel outside shows under CONSTANT and FRAME, ... */
    int fill_step;          /* ... before this step: the steps from there on apply to it */
    int64_t *space;         /* seqaug_resample_space(how, channels) whole numbers: tables of EQUALIZE */
    const seqaug_erasing *erasing; /* or NULL */
    /* Two planes as large as the target, which are added to its pixels' y and x; NULL for none. A pixel whose
     * coordinate is not finite is outside. */
    const float *field;
} seqaug_pass;

/* The fast pass: samples, colours and stores an image of u8, u16, i16, i32, f32 or f64 as f32 or u8 (rounded half up,
 * saturated, NaN to 0). Where the exact kernel's borders and ties are decided (order 0, and the edges of CONSTANT, FRAME
 * and WRAP) coordinates are doubles evaluated as above; between, they have 32 binary places, and sums are floats, or
 * whole numbers with weights of 15 bits for u8. A map of pixels onto pixels moves them and blends nothing. With order
 * 0, no colour and equal types, elements of any type are copied.
 *
 * Bytes that are only moved (mirrored, or a part shown) take each step that looks at single values on all 256 of them at
 * once, and are looked up; a mean is then that of the exact sum.
 *
 * A target bit is the same for every variant and however a batch is cut up. A pixel whose neighbourhood has a NaN or an
 * infinity may be NaN. In a perspective map a pixel that is sent 2^52 pixels away, to infinity or to nowhere (0 / 0) is
 * outside. */
seqaug_status seqaug_resample(const seqaug_image *source, const seqaug_image *target, const seqaug_pass *how);
int64_t seqaug_resample_space(const seqaug_pass *how, int64_t channels);

/* Brings `source` to the size of `target`, packed floats, by the antialiasing triangle of Pillow and of tf.image.resize:
 * each output pixel is the mean of the pixels within n/m of its centre (n to m pixels along an axis, n > m), weighted by
 * 1 - distance / (n/m); bilinear along an axis that does not shrink. Types as above. `space` holds
 * seqaug_shrink_space(source, target) floats. */
seqaug_status seqaug_shrink(const seqaug_image *source, const seqaug_image *target, float *space);
int64_t seqaug_shrink_space(const seqaug_image *source, const seqaug_image *target);

/* Filters: from one packed picture of floats to another of the same `shape` (height, width, channels), which must not
 * overlap. What they need of memory is handed in as `space`, of so many floats as the function of that name says. Values
 * are cut to range[0] .. range[1] at last, and a NaN passes; where a NaN or an infinity is near, there may be a NaN. */

/* Blurs by a Gaussian of `sigma` pixels along rows' and columns' index (y, x), above 0 and finite, whose weights are those
 * of size[0] x size[1] pixels, odd numbers below 2^16, and sum to 1. Beyond the picture there are zeros, as in Keras. */
seqaug_status seqaug_blur(const float *from, const int64_t shape[3], const int64_t size[2], const double sigma[2],
                          const float range[2], float *space, float *to);
int64_t seqaug_blur_space(const int64_t shape[3], const int64_t size[2]);

/* v + (1 - strength)*(smooth - v), where `smooth` is the mean of 3x3 pixels, the middle one counting five times. Beyond
 * the picture there are zeros, as in Keras. A strength of 0 smooths, 1 changes nothing, 2 sharpens. `from` holds floats, or
 * bytes. */
seqaug_status seqaug_sharpen(const void *from, int is_bytes, const int64_t shape[3], float strength,
                             const float range[2], float *space, float *to);
int64_t seqaug_sharpen_space(const int64_t shape[3]);

/* Contrast limited adaptive histogram equalization (K. Zuiderveld, in "Graphics Gems IV", 1994), as Keras does it, each
 * channel by itself. Values are bytes, range[0] .. range[1] being 0 .. 255, cut to that and towards zero, a NaN 0. The
 * picture is mirrored beyond its last row and column until it divides into tiles, grid[0] x grid[1] of them. A tile's
 * histogram is cut to `limit` times the mean of its 256 counts (0: not at all), what is cut off is added to all alike, and
 * its sums make a table from 0 to 255. Pixels are looked up in the tables of the four tiles whose centres are nearest,
 * which are blended. */
seqaug_status seqaug_clahe(const float *from, const int64_t shape[3], const int64_t grid[2], double limit,
                           const float range[2], float *space, float *to);
int64_t seqaug_clahe_space(const int64_t shape[3], const int64_t grid[2]);

/* Normal numbers, each of a key, a part of what there is of it, and its place: from 16 bits of Philox by the inverse of the
 * normal distribution, within 4.5e-5 of it, none above 4.33. */
void seqaug_noise(const uint32_t key[2], uint32_t part, int64_t count, float *out);

/* An elastic displacement, as Keras makes it: two planes of `shape`, for a pass's `field`, which are normal noise times
 * `sigma`, blurred by a Gaussian of as many pixels out of a square of 6*(whole part of sigma) + 1, or 1, times `alpha`.
 * `sigma` is from 0 (no displacement) to below 10000. */
seqaug_status seqaug_elastic(const uint32_t key[2], const int64_t shape[2], double alpha, double sigma, float *space,
                             float *field);
int64_t seqaug_elastic_space(const int64_t shape[2], double sigma);

/* Where points (y, x) come to lie when the picture is taken through a displacement: p with p + field(p) = point, between
 * pixels blended and beyond them that of the edge. Where a field folds there is more than one, and any is found, or the
 * nearest to one. A point that is not finite stays. `to` may be `from`. */
void seqaug_displace(const float *field, const int64_t shape[2], const double *from, int64_t count, double *to);

/* Copies `own` into `target`; in the box (top, left, height, width), which may be empty, each element becomes
 * own*weight + partner*(1 - weight), in floats, the weight rounded to one: `own` as it is for 1, and `partner` for 0. All of
 * one shape and of u8 or f32; u8 is stored as by the fast pass. The two sources may be one. */
seqaug_status seqaug_mix(const seqaug_image *own, const seqaug_image *partner, const seqaug_image *target,
                         const int64_t box[4], double weight);

/* Copies `source`, mirrored left to right if `horizontal` and top to bottom if `vertical`, into `target` of the same
 * shape. `dtype` is ignored: `item` is the size in bytes of an element, of any type. */
seqaug_status seqaug_flip(const seqaug_image *source, const seqaug_image *target, int64_t item, int horizontal,
                          int vertical);

/* to[i] = from[i] + shift, cut to low .. high (low first); a NaN stays. `to` may be `from`. */
void seqaug_shift(const float *from, int64_t count, float shift, float low, float high, float *to);

/* to[i] = tables[256*(i % channels) + byte], at most 256 channels, where `byte` has the last eight bits of from[i] as a
 * whole number, cut towards zero; 0 for NaN and beyond 32 bits. With `range` (NULL for none), (v - range[0]) / range[1] *
 * 255 is looked up instead (undivided if range[1] is 0), each operation rounded to float. `to` may be `from`. */
void seqaug_look_up(const float *from, int64_t count, const float range[2], const float *tables, int64_t channels,
                    float *to);

/* Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC 2011): the block of
 * four words that belongs to a counter and a key. */
void seqaug_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);

/* Fills words[i*4*blocks + 4*b .. + 3] with the block of counter (first + b, slot, ids[i], epoch) under `key` (low
 * word first). */
void seqaug_bits(uint64_t key, uint32_t slot, uint32_t epoch, const uint32_t *ids, int64_t count, uint32_t first,
                 uint32_t blocks, uint32_t *words);

/* Fills out[i*numbers + j] with number first + j of the stream of ids[i]: words 2n and 2n + 1 of the bits above, from
 * block 0 on, make number n, the upper 27 bits of the one and the upper 26 of the other a double in [0, 1). */
void seqaug_uniforms(uint64_t key, uint32_t slot, uint32_t epoch, const uint32_t *ids, int64_t count, uint32_t first,
                     uint32_t numbers, double *out);

/* Elementary functions of `count` doubles. An output may be an input; two outputs must not overlap. Each bit of a
 * result is the same on every machine, whatever its compiler and C library and whether or not it flushes subnormal
 * numbers. Errors are in units in the last place of the exact result; the bounds hold for every double. A result of 0
 * is positive; NaN is the one with the bits 0x7FF8000000000000. */

/* Sine and cosine of an angle given in whole turns, within 0.85 units; exact at every quarter turn, however large. Of
 * an infinity or NaN: NaN. */
void seqaug_sincos_turns(const double *turns, int64_t count, double *sine, double *cosine);

/* e^x, within 0.65 units, or 0.85 where the result is subnormal. It never falls as x rises. NaN: NaN. */
void seqaug_exp(const double *x, int64_t count, double *out);

/* The natural logarithm, within 0.55 units, next to 1 as well. It never falls as x rises. 0 and -0: minus infinity;
 * below 0 or NaN: NaN. */
void seqaug_log(const double *x, int64_t count, double *out);

/* Fills the six numbers out[6*i ..] with the affine map p -> outer(inner(p)) of the same i, where a map m takes (y, x) to
 * (m2 + y*m0 + x*m1, m5 + y*m3 + x*m4): row by row a0*b0 + a1*b3, a0*b1 + a1*b4 and (a0*b2 + a1*b5) + a2, in this order.
 * `out` must overlap neither. */
void seqaug_compose(const double *outer, const double *inner, int64_t count, double *out);

/* The same for 3x3 matrices, nine numbers each, as in seqaug_pass: out[3*r + c] = (a[3*r]*b[c] + a[3*r + 1]*b[3 + c]) +
 * a[3*r + 2]*b[6 + c]. */
void seqaug_compose_projective(const double *outer, const double *inner, int64_t count, double *out);

/* What is seen of a picture is its window: top, left, height and width, whole numbers, four doubles a picture. Pictures'
 * heights and widths are below 2^31. */

/* Draws windows[4*i ..] for pictures of heights[i] x widths[i], by 2 + 2*tries numbers in [0, 1) for each: where it is,
 * down and to the right, among the places that it can be at, and for each try how much it has of the area, from scale[0]
 * to scale[1], and its width by its height, from ratio[0] to ratio[1], evenly in the logarithm. The first try that fits
 * is taken, or the largest window in the middle whose ratio is allowed. */
void seqaug_random_windows(const double *numbers, int64_t tries, const double *heights, const double *widths,
                           int64_t count, const double scale[2], const double ratio[2], double *windows);

/* Where an affine map (six numbers, as in seqaug_compose) of an output of heights[i] x widths[i] shows, upright, a part of
 * windows[4*i ..] from whole pixel to whole pixel, that part becomes the window, and the map is from there. Others stay. */
void seqaug_narrow(double *maps, const double *heights, const double *widths, int64_t count, double *windows);

/* Where an upright affine map shrinks its window by more than `least` along an axis, the window is to be brought to a
 * smaller size first (see seqaug_shrink), of so many whole pixels that the map, which is from there then, shrinks no more.
 * Fills sizes[2*i ..] with that height and width, or 0 and 0; returns how many pictures those are. */
int64_t seqaug_reduce(double *maps, const double *windows, int64_t count, double least, int64_t *sizes);

/* The instruction set that the kernels use from now on: "baseline", or "avx2", "avx512" or "neon" where the machine has it.
 * `wanted` NULL or "" asks for the best. Returns the name in use, or NULL for a name that this machine or build does not have
 * (the choice then stays as it was). Not to be called while a kernel runs. */
const char *seqaug_use_cpu(const char *wanted);

#endif
