/* fuzz.c: random jobs for the kernels, for builds with AddressSanitizer and UndefinedBehaviorSanitizer.
 *
 * Usage: fuzz [seconds] [first seed]. Job number n has the seed first + n, and a seed says all about its job: after a
 * failure, `fuzz 0 SEED` runs that job alone. Each job runs with the portable variant and with AVX2. Both must give
 * the same status and the same elements, bit for bit; only what bits a NaN has is left open.
 *
 * Every picture lies in a block of its own that begins with its lowest element and ends with its highest one, so that
 * AddressSanitizer sees each access past either. What lies between elements is checked here.
 */
#define _POSIX_C_SOURCE 200809L
#include "seqaug.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A sanitizer that finds something aborts, and so comes to `tell_seed`. */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
const char *__asan_default_options(void) { return "abort_on_error=1"; }
const char *__ubsan_default_options(void) { return "abort_on_error=1:print_stacktrace=1"; }

enum { RESAMPLE, COPY, AFFINE, SHRINK, FLIP, KERNELS };

typedef struct {
    seqaug_image image;
    unsigned char *block;
    int64_t size, item;
} picture;

typedef struct {
    int kernel, spoilt; /* spoilt: no kernel may take it */
    picture source, target;
    seqaug_pass pass;
    seqaug_affine affine;
    int *kinds;
    double *colour, *fill;
    float *space;
    int horizontal, vertical;
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
    static const double odd[] = {NAN,       INFINITY,  -INFINITY, -0.0,   1e300,        -1e300, 5e-324, 1e-40,     3e38,
                                 -3e38,     0.5,       -0.5,      254.5,  0x1p31,       -1.0,   0x1p52, -0x1p63,   255.5,
                                 0x1p64,    0.499999,  1e-300,    65535.5, 2147483647.5, -128.5, 1.0,    -0x1p-149, 0.0};
    return odd[below(sizeof odd / sizeof *odd)];
}

static void fail(const char *what)
{
    fprintf(stderr, "%s\n", what);
    abort();
}

static void tell_seed(int signal_number)
{
    char text[80];
    int size = snprintf(text, sizeof text, "The job's seed is %llu.\n", (unsigned long long)seed);
    if (write(STDERR_FILENO, text, (size_t)size) < 0)
        _exit(1);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

static void *block_of(int64_t count, int64_t size)
{
    void *block = malloc((size_t)(count * size)); /* never more, or reads past the end would go unseen */
    if (!block && count > 0)
        fail("no memory");
    return block;
}

/* Values that are ordinary, or any bits at all, or ordinary with odd ones strewn in. */
static void fill_source(picture *p)
{
    int how = below(4), dtype = p->image.dtype, floats = dtype == SEQAUG_f32 || dtype == SEQAUG_f64;
    double low = how == 1 ? -2.0 : 0.0, high = how == 1 ? 2.0 : 255.0;
    for (int64_t i = 0; i < p->size; i++)
        p->block[i] = (unsigned char)(how == 3 ? (chance() & 1) * 255 : chance());
    for (int64_t i = 0; dtype == SEQAUG_bool && i < p->size; i++)
        p->block[i] &= 1;
    for (int64_t i = 0; floats && how != 3 && i < p->size / p->item; i++) {
        double v = how == 2 && chance() % 32 == 0 ? odd_number() : between(low, high);
        float narrow = (float)v;
        if (dtype == SEQAUG_f32)
            memcpy(p->block + i * 4, &narrow, 4);
        else
            memcpy(p->block + i * 8, &v, 8);
    }
}

/* Lays a picture out: its axes in any order, with gaps, and if it is a source backwards or standing still. */
static void lay_out(picture *p, const int64_t shape[3], int dtype, int64_t item, int is_source, int is_packed)
{
    static const int orders[6][3] = {{0, 1, 2}, {2, 0, 1}, {1, 0, 2}, {2, 1, 0}, {0, 2, 1}, {1, 2, 0}};
    const int *order = orders[is_packed || below(3) ? 0 : (once_in(2) ? 1 : below(6))];
    int gaps = is_packed ? 0 : below(4), turned = is_source && once_in(4), still = is_source && once_in(8);
    int64_t step = item, low = 0, high = 0;
    p->image.dtype = dtype;
    p->item = item;
    memcpy(p->image.shape, shape, sizeof p->image.shape);
    for (int level = 2; level >= 0; level--) {
        int axis = order[level];
        int64_t n = shape[axis], stride = step + (gaps > 1 && once_in(gaps) ? (1 + below(9)) * item : 0);
        step = stride * n;
        if (turned && once_in(2))
            stride = -stride;
        if (still && once_in(2))
            stride = 0;
        low += stride < 0 ? (n - 1) * stride : 0;
        high += stride > 0 ? (n - 1) * stride : 0;
        if (n == 1 && !is_packed && once_in(4)) /* the stride of one element means nothing */
            stride = item * (once_in(2) ? 1 + below(1000) : (int64_t)1 << (20 + below(30))) * (is_source && once_in(2) ? -1 : 1);
        p->image.stride[axis] = stride;
        step = step < item ? item : step;
    }
    p->size = high - low + item;
    p->block = block_of(p->size, 1);
    p->image.data = p->block - low;
}

static int extent(int is_width)
{
    switch (below(8)) {
        case 0: return 1 + below(3);
        case 1: return 1 + below(150);
        case 2: return is_width ? 120 + below(160) : 1 + below(24);
        default: return 1 + below(24);
    }
}

static void draw_shapes(int64_t source[3], int64_t target[3])
{
    int channels = once_in(2) ? 3 : (once_in(2) ? 1 : 1 + below(20));
    int64_t *both[2] = {source, target};
    for (int k = 0; k < 2; k++) {
        int64_t *shape = both[k];
        shape[0] = extent(0);
        shape[1] = extent(1);
        shape[2] = channels;
        if (shape[0] * shape[1] * channels > 30000)
            shape[0] = 1 + shape[0] % 8;
    }
}

static int64_t whole_about(double n) { return (int64_t)(n > 1e9 ? 1e9 : n) + below(9) - 4; }

/* The rows of y and x: output coordinates of `target` to those of an image of `n` pixels along each axis. */
static void draw_map(double m[9], const int64_t target[3], const int64_t n[3])
{
    static const double tiny[] = {0.0, 1e-300, 1e-12, -1e-9, 1e-5, 0x1p-32, -0x1p-33};
    static const double huge[] = {1e3, -1e5, 1e9, -1e15, 1e18, 0x1p20, 0x1p28, 0x1p52, 1e300};
    int kind = below(10);
    double turn = between(-7.0, 7.0), zoom = exp2(between(-3.0, 3.0)) * (once_in(2) ? -1.0 : 1.0);
    for (int i = 0; i < 6; i++)
        m[i] = between(-2.0, 2.0);
    if (kind < 2) { /* pixels onto pixels: kept, mirrored, moved; now and then turned */
        m[0] = m[1] = m[3] = m[4] = 0.0;
        int cross = once_in(4);
        for (int axis = 0; axis < 2; axis++) {
            int back = once_in(2), along = axis ^ cross;
            m[3 * axis + along] = back ? -1.0 : 1.0;
            m[3 * axis + 2] = back ? (double)target[along] - 1.0 : 0.0;
            m[3 * axis + 2] += once_in(2) ? (double)(below(7) - 3) : 0.0;
        }
    } else if (kind == 2) { /* whole numbers or halves, which end in ties */
        for (int i = 0; i < 6; i++)
            m[i] = (double)(below(9) - 4) * (once_in(2) ? 0.5 : 1.0);
    } else if (kind < 7) { /* rotated and zoomed, to lie about the image */
        m[0] = zoom * cos(turn);
        m[1] = zoom * sin(turn);
        m[3] = (once_in(4) ? 1.7 : -1.0) * m[1];
        m[4] = m[0];
    } else if (kind == 7) {
        for (int i = 0; i < 6; i++)
            m[i] = tiny[below(7)];
    } else if (kind == 8) {
        for (int i = 0; i < 6; i++)
            m[i] = once_in(2) ? huge[below(9)] * (once_in(2) ? 1.0 : between(-1.0, 1.0)) : m[i];
    } else if (once_in(4)) {
        m[below(6)] = odd_number();
    }
    for (int axis = 0; axis < 2 && kind > 2 && kind != 8; axis++) {
        double there = once_in(3) ? (double)whole_about((double)n[axis]) : between(-0.2, 1.2) * (double)n[axis];
        double middle = m[3 * axis] * (double)target[0] / 2.0 + m[3 * axis + 1] * (double)target[1] / 2.0;
        m[3 * axis + 2] = once_in(3) ? there : (double)n[axis] / 2.0 - middle;
    }
    m[6] = m[7] = 0.0;
    m[8] = 1.0;
}

static void draw_perspective(double m[9])
{
    m[6] = between(-0.01, 0.01);
    m[7] = once_in(2) ? between(-0.01, 0.01) : 1.0 / (double)(1 + below(40));
    m[8] = once_in(3) ? (double)(below(5) - 2) : between(0.5, 1.5);
    if (once_in(8))
        m[6 + below(3)] = odd_number();
    if (once_in(16))
        m[6] = m[7] = m[8] = 0.0;
}

/* One number of a step's row. */
static double draw_colour(int kind, int row)
{
    if (once_in(300))
        return odd_number();
    if (row == 2)
        return once_in(2) ? -INFINITY : (double)below(3) * 0.1;
    if (row == 3)
        return once_in(2) ? INFINITY : (once_in(2) ? 255.0 : 1.0);
    if (row == 4 && kind == SEQAUG_LINEAR)
        return once_in(8) ? between(-1.0, 1.0) : 0.0;
    if (row == 0 && once_in(3))
        return once_in(2) ? 1.0 : 0.0;
    if (row == 1)
        return once_in(2) ? 0.0 : between(-10.0, 300.0);
    return kind == SEQAUG_SATURATION ? between(0.0, 3.0) : between(-1.0, 1.0);
}

static void draw_steps(job *j, int steps, int channels)
{
    j->kinds = block_of(steps, sizeof *j->kinds);
    j->colour = block_of(steps * SEQAUG_STEP_ROWS * channels, sizeof *j->colour);
    for (int s = 0; s < steps; s++) {
        int kind = channels == 3 && once_in(2) ? below(SEQAUG_COLOURS) : SEQAUG_LINEAR, has_gains = once_in(6);
        j->kinds[s] = kind;
        for (int k = 0; k < SEQAUG_STEP_ROWS * channels; k++) {
            int row = k / channels, muted = row == 4 && kind == SEQAUG_LINEAR && !has_gains;
            j->colour[s * SEQAUG_STEP_ROWS * channels + k] = muted ? 0.0 : draw_colour(kind, row);
        }
    }
}

/* Makes the job one that is refused, whatever else it says. */
static void spoil(job *j)
{
    seqaug_image *image = once_in(2) ? &j->source.image : &j->target.image;
    int resample = j->kernel == RESAMPLE || j->kernel == COPY;
    j->spoilt = 1;
    switch (j->kernel == FLIP ? 0 : below(resample ? 7 : 4)) {
        case 0: image->shape[2]++; return;
        case 1: image->shape[below(3)] = once_in(2) ? -below(2) : (int64_t)INT32_MAX + 1 + below(3); return;
        case 2: image->dtype = once_in(2) ? -1 : SEQAUG_DTYPES; return;
        case 3:
            if (j->kernel == SHRINK)
                j->target.image.stride[1] += 4;
            j->affine.border = once_in(2) ? SEQAUG_FRAME : -1;
            j->pass.border = once_in(2) ? SEQAUG_BORDERS : -1;
            return;
        case 4: j->pass.order = once_in(2) ? 2 : -1; return;
        case 5: j->pass.steps = once_in(2) ? -1 : SEQAUG_MOST_STEPS + 1; return;
        default: j->pass.fill_step = once_in(2) ? -1 : j->pass.steps + 1;
    }
}

static void draw_types(job *j, int *from, int *to, int64_t *from_item, int64_t *to_item)
{
    static const int taken[] = {SEQAUG_u8, SEQAUG_f32, SEQAUG_u16, SEQAUG_i16, SEQAUG_i32, SEQAUG_f64};
    *from = j->kernel == SHRINK || j->kernel == RESAMPLE ? taken[below(once_in(2) ? 2 : 6)] : below(SEQAUG_DTYPES);
    *to = j->kernel == SHRINK || (j->kernel == RESAMPLE && once_in(2)) ? SEQAUG_f32 : SEQAUG_u8;
    if (j->kernel == AFFINE)
        *to = once_in(2) ? *from : below(SEQAUG_DTYPES);
    if (j->kernel == COPY || j->kernel == FLIP)
        *to = *from;
    *from_item = item_sizes[*from];
    *to_item = item_sizes[*to];
    if (j->kernel == FLIP && once_in(3)) {
        *from = *to = SEQAUG_u8;
        *from_item = *to_item = 1 + below(17);
    }
}

static void draw_job(job *j)
{
    int64_t from[3], to[3], from_item, to_item;
    int from_type, to_type, kernel = below(2 * KERNELS);
    memset(j, 0, sizeof *j);
    j->kernel = kernel < KERNELS ? kernel : RESAMPLE;
    draw_shapes(from, to);
    if (j->kernel == FLIP || once_in(3))
        memcpy(to, from, sizeof to);
    draw_types(j, &from_type, &to_type, &from_item, &to_item);
    lay_out(&j->source, from, from_type, from_item, 1, once_in(2));
    lay_out(&j->target, to, to_type, to_item, 0, j->kernel == SHRINK || once_in(2));
    fill_source(&j->source);
    for (int axis = 0; axis < 2 && j->kernel < SHRINK; axis++) /* a still axis may be as long as any */
        if (j->source.image.stride[axis] == 0 && once_in(3))
            j->source.image.shape[axis] = once_in(2) ? INT32_MAX - below(3) : (1 << 28) + below(3) - 1;
    int channels = (int)from[2], steps = j->kernel != RESAMPLE ? 0 : once_in(16) ? below(13) : below(4);
    draw_steps(j, steps, channels);
    j->fill = block_of(channels, sizeof *j->fill);
    for (int k = 0; k < channels; k++)
        j->fill[k] = once_in(4) ? odd_number() : between(-10.0, 300.0);
    double *m = j->pass.matrix;
    draw_map(m, to, j->source.image.shape);
    memcpy(j->affine.matrix, m, sizeof j->affine.matrix);
    if (once_in(4))
        draw_perspective(m);
    j->affine.order = below(2);
    j->pass.order = j->kernel == COPY ? 0 : once_in(4) ? 3 : once_in(4) ? 0 : 1;
    j->affine.border = below(SEQAUG_FRAME);
    j->pass.border = below(SEQAUG_BORDERS);
    j->pass.steps = steps;
    j->pass.fill_step = below(steps + 1);
    j->pass.kinds = j->kinds;
    j->pass.colour = j->colour;
    j->pass.fill = j->affine.fill = j->fill;
    j->horizontal = below(2);
    j->vertical = below(2);
    if (j->kernel == SHRINK)
        j->space = block_of(seqaug_shrink_space(&j->source.image, &j->target.image), sizeof *j->space);
    if (once_in(24))
        spoil(j);
}

static seqaug_status run_job(const job *j)
{
    const seqaug_image *source = &j->source.image, *target = &j->target.image;
    switch (j->kernel) {
        case AFFINE: return seqaug_affine_exact(source, target, &j->affine);
        case SHRINK: return seqaug_shrink(source, target, j->space);
        case FLIP: return seqaug_flip(source, target, j->source.item, j->horizontal, j->vertical);
        default: return seqaug_resample(source, target, &j->pass);
    }
}

static int is_same(const job *j, const unsigned char *a, const unsigned char *b)
{
    float f[2];
    double d[2];
    if (memcmp(a, b, (size_t)j->target.item) == 0)
        return 1;
    if (j->kernel == FLIP || j->target.image.dtype < SEQAUG_f32)
        return 0;
    memcpy(f, a, 4);
    memcpy(f + 1, b, 4);
    if (j->target.image.dtype == SEQAUG_f32)
        return f[0] != f[0] && f[1] != f[1];
    memcpy(d, a, 8);
    memcpy(d + 1, b, 8);
    return d[0] != d[0] && d[1] != d[1];
}

/* Compares the elements of the target with those of `other`, then all bytes between them with what they were before.
 * The two began with different bytes, so that an element that nobody has written differs. */
static void compare(job *j, unsigned char *other, int before, int other_before)
{
    const picture *p = &j->target;
    for (int64_t y = 0; y < p->image.shape[0]; y++)
        for (int64_t x = 0; x < p->image.shape[1]; x++)
            for (int64_t c = 0; c < p->image.shape[2]; c++) {
                int64_t at = y * p->image.stride[0] + x * p->image.stride[1] + c * p->image.stride[2];
                if (!is_same(j, p->block + at, other + at)) {
                    fprintf(stderr, "kernel %d, row %d, column %d, channel %d: ", j->kernel, (int)y, (int)x, (int)c);
                    fail("the variants differ");
                }
                memset(p->block + at, before, (size_t)p->item);
                memset(other + at, other_before, (size_t)p->item);
            }
}

static void check_untouched(const unsigned char *block, int64_t size, int before)
{
    for (int64_t i = 0; i < size; i++)
        if (block[i] != before)
            fail("bytes that are not the target's, or of a target that was refused, were written");
}

/* Runs one job with both variants; returns whether it was taken. */
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
    seqaug_use_cpu("avx2"); /* without AVX2 the portable variant runs again */
    if (run_job(&j) != status)
        fail("the variants differ in their status");
    if (j.spoilt && status == SEQAUG_OK)
        fail("a job that is to be refused was taken");
    if (status == SEQAUG_OK)
        compare(&j, first, 0x5A, 0xA5);
    check_untouched(p->block, p->size, 0x5A);
    check_untouched(first, p->size, 0xA5);
    if (memcmp(kept, j.source.block, (size_t)j.source.size) != 0)
        fail("the source was written to");
    void *blocks[] = {first, kept, p->block, j.source.block, j.kinds, j.colour, j.fill, j.space};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        free(blocks[i]);
    return status == SEQAUG_OK;
}

static int try_seed(uint64_t value)
{
    seed = value;
    state = (value + 1) * 0x9E3779B97F4A7C15u | 1; /* neighbouring seeds shall begin far apart */
    for (int i = 0; i < 4; i++)
        chance();
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
int main(int argc, char **argv)
{
    long seconds = argc > 1 ? atol(argv[1]) : 60;
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;
    unsigned long long jobs = 0, taken = 0;
    time_t begun = time(NULL), told = begun;
    signal(SIGABRT, tell_seed);
    do {
        taken += (unsigned long long)try_seed(first + jobs++);
        if (time(NULL) >= told + 5) {
            told = time(NULL);
            printf("%llu jobs so far, %llu of them taken\n", jobs, taken);
            fflush(stdout);
        }
    } while (time(NULL) < begun + seconds);
    printf("%llu passed, 0 failed\n", jobs); /* the first that fails ends the program */
    return 0;
}
#endif
