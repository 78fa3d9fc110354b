/* fuzz.c: random jobs for the kernels, for builds with AddressSanitizer and UndefinedBehaviorSanitizer.
 *
 * Usage: fuzz [seconds] [first seed]. Job number n has the seed first + n, and a seed says all about its job: after a
 * failure, `fuzz 0 SEED` runs that job alone. Each job runs with the portable variant and with the machine's best. Both
 * must give the same status and the same elements, bit for bit; only what bits a NaN has is left open.
 *
 * Every picture lies in a block of its own that begins with its lowest element and ends with its highest one, so that
 * AddressSanitizer sees each access past either. For builds without it, SEQAUG_GUARDED puts blocks against pages that may
 * not be touched: behind them, or for every second job before them. What lies between elements is checked here.
 */
#define _DEFAULT_SOURCE
#include "seqaug.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#ifdef SEQAUG_GUARDED
#include <sys/mman.h>
#include <unistd.h>
#endif

/* A sanitizer that finds something aborts, and so comes to `tell_seed`. */
const char *__asan_default_options(void) { return "abort_on_error=1"; }
const char *__ubsan_default_options(void) { return "abort_on_error=1:print_stacktrace=1"; }

enum { RESAMPLE, COPY, AFFINE, SHRINK, FLIP, MIX, BLUR, SHARPEN, CLAHE, ELASTIC, DISPLACE, KERNELS };

typedef struct {
    seqaug_image image;
    unsigned char *block;
    int64_t size, item;
} picture;

typedef struct {
    int64_t size[2], grid[2];
    double sigma[2], limit, alpha, deviation, *points;
    float strength, range[2];
    uint32_t key[2];
} filter_numbers;

typedef struct {
    int kernel, spoilt; /* spoilt: to be refused */
    picture source, partner, target; /* a partner for MIX */
    seqaug_pass pass;
    seqaug_affine affine;
    seqaug_erasing erasing;
    int64_t box[4];
    double weight;
    int *kinds;
    double *colour, *fill, *hole_fill;
    int64_t *holes;
    float *field;
    void *space; /* doubles for AFFINE, floats for the others */
    filter_numbers numbers;
} job;

#define SIZE(name, type) sizeof(type),
static const int64_t item_sizes[SEQAUG_DTYPES] = {SEQAUG_EACH_TYPE(SIZE)};

static uint64_t seed, state;
static const uint8_t *choices; /* those a fuzzing engine makes; when they are used up, chance goes on */
static size_t choices_left;

static uint64_t chance(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state * 0x2545F4914F6CDD1Du >> 16;
}

static int below(int n)
{
    if (choices_left < 2)
        return (int)(chance() % (uint64_t)n);
    int drawn = choices[0] | choices[1] << 8;
    choices += 2;
    choices_left -= 2;
    return drawn % n;
}

static int once_in(int n) { return below(n) == 0; }

static double between(double low, double high) { return low + (high - low) * (double)(chance() >> 8) * 0x1p-40; }

static double odd_number(void)
{
    static const double odd[] = {NAN,    INFINITY, -INFINITY, -0.0,   0.0,    1e300,  -1e300,  5e-324,  1e-300, 1e-40,
                                 3e38,   -3e38,    -0x1p-149, 0.5,    -0.5,   -1.0,   1.0,     254.5,   255.5,  -128.5,
                                 0x1p31, 0x1p52,   0x1p64,    -0x1p63, 65535.5, 0.499999, 2147483647.5};
    return odd[below(sizeof odd / sizeof *odd)];
}

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    abort();
}

#ifdef SEQAUG_GUARDED
static struct {
    unsigned char *begin;
    size_t size;
} mapped[20]; /* those of one job */
static int mappings;

static void *new_block(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), inner = (size + page - 1) / page * page;
    unsigned char *begin = mmap(NULL, inner + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mappings == 20 || begin == MAP_FAILED)
        return NULL;
    mapped[mappings].begin = begin;
    mapped[mappings++].size = inner + 2 * page;
    if (mprotect(begin + page, inner, PROT_READ | PROT_WRITE) != 0)
        return NULL;
    return begin + page + (seed % 2 ? 0 : inner - size);
}

static void free_blocks(void)
{
    for (; mappings > 0; mappings--)
        munmap(mapped[mappings - 1].begin, mapped[mappings - 1].size);
}
#else
static void *blocks[20]; /* those of one job */
static int block_count;

static void *new_block(size_t size) { return block_count == 20 ? NULL : (blocks[block_count++] = malloc(size)); }

static void free_blocks(void)
{
    while (block_count > 0)
        free(blocks[--block_count]);
}
#endif

static void *block_of(int64_t count, int64_t size)
{
    void *block = new_block((size_t)(count * size)); /* never more, or reads past the end would go unseen */
    if (!block && count > 0)
        fail("no memory");
    return block;
}

/* Values that are ordinary, or any bits at all, or ordinary with odd ones strewn in. */
static void fill_source(picture *p)
{
    int how = below(4), dtype = p->image.dtype, floats = dtype == SEQAUG_f32 || dtype == SEQAUG_f64;
    for (int64_t i = 0; i < p->size; i++)
        p->block[i] = (unsigned char)((how == 3 ? (chance() & 1) * 255 : chance()) & (dtype == SEQAUG_bool ? 1 : 255));
    for (int64_t i = 0; floats && how != 3 && i < p->size / p->item; i++) {
        double wide = how == 1 ? between(-2.0, 2.0) : how == 2 && !(chance() & 31) ? odd_number() : between(0.0, 255.0);
        float narrow = (float)wide;
        memcpy(p->block + i * p->item, dtype == SEQAUG_f32 ? (void *)&narrow : &wide, (size_t)p->item);
    }
}

/* Lays a picture out: its axes in any order, with gaps, and if it is a source backwards or standing still. An element
 * has `item` bytes, or if that is 0 those of its type. */
static void lay_out(picture *p, const int64_t shape[3], int dtype, int64_t item, int is_source, int is_packed)
{
    static const int orders[6][3] = {{0, 1, 2}, {2, 0, 1}, {1, 0, 2}, {2, 1, 0}, {0, 2, 1}, {1, 2, 0}};
    const int *order = orders[is_packed || below(3) ? 0 : once_in(2) ? 1 : below(6)];
    int gaps = is_packed ? 0 : below(4), turned = is_source && once_in(4), still = is_source && once_in(8);
    p->item = item = item ? item : item_sizes[dtype];
    p->image.dtype = dtype;
    memcpy(p->image.shape, shape, sizeof p->image.shape);
    int64_t step = item, low = 0, high = 0;
    for (int level = 2; level >= 0; level--) {
        int64_t n = shape[order[level]], stride = step + (gaps > 1 && once_in(gaps) ? (1 + below(9)) * item : 0);
        step = stride * n;
        stride *= still && once_in(2) ? 0 : turned && once_in(2) ? -1 : 1;
        low += stride < 0 ? (n - 1) * stride : 0;
        high += stride > 0 ? (n - 1) * stride : 0;
        if (n == 1 && !is_packed && once_in(4)) /* the stride of one element means nothing */
            stride = (is_source && once_in(2) ? -item : item) * (1 + below(1000)) * ((int64_t)1 << below(30));
        p->image.stride[order[level]] = stride;
    }
    p->size = high - low + item;
    p->block = block_of(p->size, 1);
    p->image.data = p->block - low;
}

static int extent(int is_width)
{
    int kind = below(8);
    return kind > 2 ? 1 + below(24) : kind == 2 && is_width ? 120 + below(160) : 1 + below(kind ? 150 : 3);
}

static void draw_shape(int64_t shape[3], int channels)
{
    shape[0] = extent(0);
    shape[1] = extent(1);
    shape[2] = channels;
    shape[0] = shape[0] * shape[1] * channels > 30000 ? 1 + shape[0] % 8 : shape[0];
}

/* The rows of y and x: output coordinates of `target` to those of an image of `n` pixels along each axis. */
static void draw_map(double m[9], const int64_t target[3], const int64_t n[3])
{
    static const double tiny[] = {0.0, 1e-300, 1e-12, -1e-9, 1e-5, 0x1p-32, -0x1p-33};
    static const double huge[] = {1e3, -1e5, 1e9, -1e15, 1e18, 0x1p20, 0x1p28, 0x1p52, 1e300};
    int kind = below(10), cross = once_in(4);
    double turn = between(-7.0, 7.0), zoom = exp2(between(-3.0, 3.0)) * (once_in(2) ? -1.0 : 1.0);
    for (int i = 0; i < 6; i++) { /* 2: whole numbers or halves, which end in ties */
        m[i] = kind == 2 ? (double)(below(9) - 4) * (once_in(2) ? 0.5 : 1.0) : between(-2.0, 2.0);
        m[i] = kind == 7 ? tiny[below(7)] : kind == 8 && once_in(2) ? huge[below(9)] * between(-1.0, 1.0) : m[i];
    }
    for (int axis = 0; axis < 2 && kind < 2; axis++) { /* pixels onto pixels: kept, mirrored, moved; or turned */
        int back = once_in(2), along = axis ^ cross;
        m[3 * axis + 1 - along] = 0.0;
        m[3 * axis + along] = back ? -1.0 : 1.0;
        m[3 * axis + 2] = (back ? (double)target[along] - 1.0 : 0.0) + (once_in(2) ? (double)(below(7) - 3) : 0.0);
    }
    if (kind == 9) /* resized, which lines are made for */
        m[1] = m[3] = 0.0;
    if (kind > 2 && kind < 7) { /* rotated and zoomed, to lie about the image */
        m[0] = m[4] = zoom * cos(turn);
        m[1] = zoom * sin(turn);
        m[3] = (once_in(4) ? 1.7 : -1.0) * m[1];
    }
    for (int axis = 0; axis < 2 && kind > 2 && kind != 8; axis++) {
        double there = once_in(3) ? (double)(n[axis] + below(9) - 4) : between(-0.2, 1.2) * (double)n[axis];
        double middle = m[3 * axis] * (double)target[0] / 2.0 + m[3 * axis + 1] * (double)target[1] / 2.0;
        m[3 * axis + 2] = once_in(3) ? there : (double)n[axis] / 2.0 - middle;
    }
    if (kind == 9 && once_in(4))
        m[below(6)] = odd_number();
    m[6] = m[7] = 0.0;
    m[8] = 1.0;
}

static void draw_perspective(double m[9])
{
    m[6] = between(-0.01, 0.01);
    m[7] = once_in(2) ? between(-0.01, 0.01) : 1.0 / (double)(1 + below(40));
    m[8] = once_in(3) ? (double)(below(5) - 2) : between(0.5, 1.5);
    if (once_in(8))
        m[6 + below(3)] = once_in(2) ? odd_number() : 0.0;
}

/* One number of a step's row. */
static double draw_colour(int kind, int row)
{
    if (once_in(300))
        return odd_number();
    if ((row == 2 || row == 3) && once_in(2))
        return row == 2 ? -INFINITY : INFINITY;
    if (row == 2 || row == 3)
        return row == 2 ? (double)below(3) * 0.1 : once_in(2) ? 255.0 : 1.0;
    if (row == 4 && kind == SEQAUG_LINEAR)
        return once_in(8) ? between(-1.0, 1.0) : 0.0;
    if (row == 0 && kind < SEQAUG_POSTERIZE && once_in(3))
        return once_in(2) ? 1.0 : 0.0;
    if (row == 1)
        return once_in(2) ? 0.0 : between(-10.0, 300.0);
    if (kind == SEQAUG_NOISE && row > 3)
        return (double)(chance() & 0xFFFFFFFF);
    if (kind == SEQAUG_EQUALIZE)
        return once_in(2) ? 256.0 : once_in(2) ? (double)(1 + below(5000)) : (double)(65535 + below(3));
    if (kind == SEQAUG_POSTERIZE)
        return (double)(1 << below(8));
    return kind == SEQAUG_SATURATION || kind == SEQAUG_POWER ? between(0.0, 3.0) : between(-1.0, 1.0);
}

static void draw_steps(job *j, int steps, int channels)
{
    j->kinds = block_of(steps, sizeof *j->kinds);
    j->colour = block_of(steps * SEQAUG_STEP_ROWS * channels, sizeof *j->colour);
    for (int s = 0; s < steps; s++) {
        int kind = once_in(2) ? below(SEQAUG_COLOURS) : SEQAUG_LINEAR, has_gains = once_in(6);
        kind = channels != 3 && kind < SEQAUG_POSTERIZE ? SEQAUG_LINEAR : kind; /* which mix three channels */
        j->kinds[s] = kind;
        for (int k = 0; k < SEQAUG_STEP_ROWS * channels; k++) {
            int row = k / channels, muted = row == 4 && kind == SEQAUG_LINEAR && !has_gains;
            j->colour[s * SEQAUG_STEP_ROWS * channels + k] = muted ? 0.0 : draw_colour(kind, row);
        }
    }
}

/* Holes on and off the picture, overlapping, empty and turned inside out, with noise or without. */
static void draw_holes(job *j, const int64_t shape[3])
{
    static const int64_t ends[] = {0, -1, 1, INT32_MAX, INT32_MIN, INT32_MAX - 1};
    int count = below(6), noisy = once_in(2), channels = (int)shape[2];
    j->holes = block_of(4 * count, sizeof *j->holes);
    j->hole_fill = block_of(4 * channels, sizeof *j->hole_fill);
    for (int k = 0; k < 4 * count; k++) {
        int64_t extent = shape[k & 1];
        j->holes[k] = once_in(8) ? ends[below(6)] : below((int)extent + 4) - (k & 2 ? 0 : 2);
    }
    for (int k = 0; k < 4 * channels; k++) {
        static const double plain[] = {7.0, 0.0, -INFINITY, INFINITY}, noise[] = {0.0, 255.0, 0.0, 255.0};
        j->hole_fill[k] = once_in(30) ? odd_number() : noisy ? noise[k / channels] : plain[k / channels];
    }
    j->erasing.count = count;
    j->erasing.holes = j->holes;
    j->erasing.fill = j->hole_fill;
    j->erasing.key[0] = (uint32_t)chance();
    j->erasing.key[1] = (uint32_t)chance();
    j->erasing.step = below(j->pass.steps + 1);
    j->pass.erasing = &j->erasing;
}

#include "filter_jobs.h"

/* Displacements for a pass, now and then odd ones. */
static void draw_field(job *j)
{
    int64_t count = 2 * j->target.image.shape[0] * j->target.image.shape[1];
    double most = exp2(between(-3.0, 10.0));
    j->field = block_of(count, sizeof *j->field);
    for (int64_t i = 0; i < count; i++)
        j->field[i] = chance() & 63 ? (float)between(-most, most) : (float)odd_number();
    j->pass.field = j->field;
}

/* Makes the job one that is refused, whatever else it says. */
static void spoil(job *j)
{
    seqaug_image *image = once_in(2) ? &j->source.image : &j->target.image;
    if (is_filter(j->kernel)) {
        spoil_filter(j);
        return;
    }
    j->spoilt = 1;
    switch (j->kernel == FLIP ? 0 : below(j->kernel == MIX ? 3 : j->kernel <= COPY ? 9 : 4)) {
        case 0: image->shape[2]++; return;
        case 1: image->shape[below(3)] = once_in(2) ? -below(2) : (int64_t)INT32_MAX + 1 + below(3); return;
        case 2: image->dtype = once_in(2) ? -1 : SEQAUG_DTYPES; return;
        case 3: /* for one kernel each */
            j->target.image.stride[1] += j->kernel == SHRINK ? 4 : 0;
            if (once_in(2))
                j->affine.border = once_in(2) ? SEQAUG_FRAME : -1;
            else
                j->affine.order = once_in(2) ? 6 : -1;
            j->pass.border = once_in(2) ? SEQAUG_BORDERS : -1;
            return;
        case 4: j->pass.order = once_in(2) ? 2 : -1; return;
        case 5: j->pass.steps = once_in(2) ? -1 : SEQAUG_MOST_STEPS + 1; return;
        case 6: j->pass.fill_step = once_in(2) ? -1 : j->pass.steps + 1; return;
        default: /* holes, which it may not have */
            if (j->pass.erasing && j->erasing.count > 0 && once_in(2))
                j->holes[below(4 * (int)j->erasing.count)] = once_in(2) ? (int64_t)INT32_MAX + 1 : INT64_MIN;
            else if (j->pass.erasing)
                j->erasing.step = once_in(2) ? -1 : j->pass.steps + 1;
            else
                j->pass.steps = -1;
    }
}

/* A box within the picture, seldom not quite, and a weight. */
static void draw_mixture(job *j, const int64_t shape[3])
{
    for (int axis = 0; axis < 2; axis++) {
        j->box[axis] = once_in(3) ? 0 : below((int)shape[axis] + 1);
        int64_t most = shape[axis] - j->box[axis];
        j->box[axis + 2] = once_in(3) ? most : below((int)most + 1);
    }
    if (once_in(24))
        j->box[below(4)] = once_in(2) ? -1 - below(3) : once_in(2) ? INT64_MAX : shape[0] + shape[1];
    j->weight = once_in(3) ? (double)below(2) : once_in(9) ? odd_number() : between(0.0, 1.0);
}

static void draw_types(const job *j, int *from, int *to)
{
    static const int taken[] = {SEQAUG_u8, SEQAUG_f32, SEQAUG_u16, SEQAUG_i16, SEQAUG_i32, SEQAUG_f64};
    int fast = j->kernel == SHRINK || j->kernel == RESAMPLE || j->kernel == MIX;
    *from = fast ? taken[below(once_in(2) || j->kernel == MIX ? 2 : 6)] : below(SEQAUG_DTYPES);
    *to = j->kernel == SHRINK || once_in(2) ? SEQAUG_f32 : SEQAUG_u8;
    if (!fast)
        *to = j->kernel == AFFINE && once_in(2) ? below(SEQAUG_DTYPES) : *from;
    if (is_filter(j->kernel)) {
        *from = j->kernel == SHARPEN && once_in(2) ? SEQAUG_u8 : SEQAUG_f32;
        *to = j->kernel == DISPLACE ? SEQAUG_f64 : SEQAUG_f32;
    }
}

static void draw_job(job *j)
{
    int64_t from[3], to[3];
    int from_type, to_type, kernel = below(2 * KERNELS);
    memset(j, 0, sizeof *j);
    j->kernel = kernel < KERNELS ? kernel : RESAMPLE;
    int channels = once_in(2) ? 3 : once_in(2) ? 1 : 1 + below(20);
    draw_shape(from, channels);
    draw_shape(to, channels);
    if (j->kernel == FLIP || j->kernel == MIX || once_in(3))
        memcpy(to, from, sizeof to);
    if (is_filter(j->kernel))
        shape_filter(j, from, to);
    draw_types(j, &from_type, &to_type);
    int odd_item = j->kernel == FLIP && once_in(2) ? 1 + below(17) : 0; /* a mirror takes elements of any size */
    lay_out(&j->source, from, odd_item ? SEQAUG_u8 : from_type, odd_item, !is_filter(j->kernel),
           is_filter(j->kernel) || once_in(2));
    lay_out(&j->target, to, odd_item ? SEQAUG_u8 : to_type, odd_item, 0,
           j->kernel == SHRINK || is_filter(j->kernel) || once_in(2));
    fill_source(&j->source);
    if (is_filter(j->kernel)) {
        draw_filter(j);
        if (once_in(24))
            spoil(j);
        return;
    }
    if (j->kernel == MIX) {
        int same = once_in(2) ? from_type : once_in(2) ? SEQAUG_u8 : SEQAUG_f32;
        lay_out(&j->partner, from, same, 0, 1, once_in(2));
        fill_source(&j->partner);
        draw_mixture(j, from);
    }
    for (int axis = 0; axis < 2 && j->kernel < SHRINK; axis++) /* a still axis may be as long as any */
        if (j->source.image.stride[axis] == 0 && once_in(3))
            j->source.image.shape[axis] = once_in(2) ? INT32_MAX - below(3) : (1 << 28) + below(3) - 1;
    int steps = j->kernel != RESAMPLE ? 0 : once_in(16) ? below(13) : below(4);
    draw_steps(j, steps, channels);
    j->fill = block_of(channels, sizeof *j->fill);
    for (int k = 0; k < channels; k++)
        j->fill[k] = once_in(4) ? odd_number() : between(-10.0, 300.0);
    double *m = j->pass.matrix;
    draw_map(m, to, j->source.image.shape);
    memcpy(j->affine.matrix, m, sizeof j->affine.matrix);
    if (once_in(4))
        draw_perspective(m);
    int long_axis = j->source.image.shape[0] != from[0] || j->source.image.shape[1] != from[1];
    j->affine.order = below(long_axis || once_in(2) ? 2 : 6); /* coefficients are as many as pixels */
    j->pass.order = j->kernel == COPY ? 0 : once_in(4) ? 3 : once_in(4) ? 0 : 1;
    j->affine.border = below(SEQAUG_FRAME);
    j->pass.border = below(SEQAUG_BORDERS);
    j->pass.steps = steps;
    j->pass.fill_step = below(steps + 1);
    j->pass.kinds = j->kinds;
    j->pass.colour = j->colour;
    j->pass.fill = j->affine.fill = j->fill;
    j->pass.space = block_of(seqaug_resample_space(&j->pass, channels), sizeof *j->pass.space);
    if (j->kernel == RESAMPLE && once_in(3))
        draw_holes(j, to);
    if (j->kernel <= COPY && once_in(6))
        draw_field(j);
    if (j->kernel == SHRINK)
        j->space = block_of(seqaug_shrink_space(&j->source.image, &j->target.image), sizeof(float));
    if (j->kernel == AFFINE && j->affine.order > 1)
        j->space = block_of(seqaug_affine_space(&j->source.image, &j->affine), sizeof(double));
    if (once_in(24))
        spoil(j);
}

static seqaug_status run_job(const job *j)
{
    const seqaug_image *source = &j->source.image, *target = &j->target.image;
    if (is_filter(j->kernel))
        return run_filter(j);
    switch (j->kernel) {
        case AFFINE: return seqaug_affine_exact(source, target, &j->affine, j->space);
        case SHRINK: return seqaug_shrink(source, target, j->space);
        case MIX: return seqaug_mix(source, &j->partner.image, target, j->box, j->weight);
        case FLIP: return seqaug_flip(source, target, j->source.item, j->pass.border & 1, j->pass.border & 2);
        default: return seqaug_resample(source, target, &j->pass);
    }
}

static int is_nan(int dtype, const unsigned char *at)
{
    float f = 0.0f;
    double d = 0.0;
    if (dtype == SEQAUG_f32)
        memcpy(&f, at, sizeof f);
    if (dtype == SEQAUG_f64)
        memcpy(&d, at, sizeof d);
    return f != f || d != d;
}

/* Compares the elements of the two targets, then all bytes between them with what they were before. The two began with
 * different bytes, so that an element that nobody has written differs. */
static void compare(const job *j, seqaug_status status, unsigned char *a, unsigned char *b, int a_before, int b_before)
{
    const seqaug_image *image = &j->target.image;
    size_t item = (size_t)j->target.item;
    int64_t taken = status == SEQAUG_OK; /* a target that was refused is all between */
    for (int64_t y = 0; y < image->shape[0] * taken; y++)
        for (int64_t k = 0; k < image->shape[1] * image->shape[2]; k++) {
            int64_t x = k / image->shape[2], c = k % image->shape[2];
            int64_t at = y * image->stride[0] + x * image->stride[1] + c * image->stride[2];
            if (memcmp(a + at, b + at, item) != 0 && !(is_nan(image->dtype, a + at) && is_nan(image->dtype, b + at)))
                fail("the variants differ");
            memset(a + at, a_before, item);
            memset(b + at, b_before, item);
        }
    for (int64_t i = 0; i < j->target.size; i++)
        if (a[i] != a_before || b[i] != b_before)
            fail("bytes between elements, or of a target that was refused, were written");
}

/* Runs one job with the portable variant and another one; returns whether it was taken. */
static int try_job(void)
{
    job j;
    draw_job(&j);
    picture *p = &j.target;
    unsigned char *first = block_of(p->size, 1), *kept = block_of(j.source.size, 1);
    memcpy(kept, j.source.block, (size_t)j.source.size);
    memset(p->block, 0xA5, (size_t)p->size);
    seqaug_use_cpu("baseline");
    seqaug_status status = run_job(&j);
    memcpy(first, p->block, (size_t)p->size);
    memset(p->block, 0x5A, (size_t)p->size);
    if (once_in(2) || !seqaug_use_cpu("avx2"))
        seqaug_use_cpu(NULL); /* the best here; where that is the portable variant, it runs again */
    if (run_job(&j) != status || (j.spoilt && status == SEQAUG_OK))
        fail("the variants differ in their status, or what is to be refused was taken");
    compare(&j, status, first, p->block, 0xA5, 0x5A);
    if (memcmp(kept, j.source.block, (size_t)j.source.size) != 0)
        fail("the source was written to");
    free_blocks();
    return status == SEQAUG_OK;
}

static int try_seed(uint64_t value)
{
    seed = value;
    state = (value + 1) * 0x9E3779B97F4A7C15u | 1; /* neighbouring seeds shall begin far apart */
    return try_job();
}

#ifdef SEQAUG_LIBFUZZER
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    choices = bytes;
    choices_left = size;
    try_seed(size);
    return 0;
}
#else
static void tell_seed(int signal_number)
{
    fprintf(stderr, "Signal %d. The job's seed is %llu.\n", signal_number, (unsigned long long)seed);
    signal(signal_number, SIG_DFL); /* which is to end the program */
}

int main(int argc, char **argv)
{
    long seconds = argc > 1 ? atol(argv[1]) : 60;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    unsigned long long jobs = 0, taken = 0;
    time_t begun = time(NULL), told = begun;
    signal(SIGABRT, tell_seed);
#ifdef SEQAUG_GUARDED
    signal(SIGSEGV, tell_seed);
#endif
    fprintf(stderr, "baseline against %s%s\n", seqaug_use_cpu("avx2") ? "avx2 and " : "", seqaug_use_cpu(NULL));
    do {
        taken += (unsigned long long)try_seed(first + jobs++);
        if (time(NULL) >= told + 5) {
            told = time(NULL);
            fprintf(stderr, "%llu jobs so far, %llu of them taken\n", jobs, taken);
        }
    } while (time(NULL) < begun + seconds);
    printf("%llu passed, 0 failed\n", jobs); /* the first that fails ends the program */
    return 0;
}
#endif
