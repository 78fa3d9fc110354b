/* elastic.c: displacements that change smoothly from pixel to pixel, and where they take points. The pass takes pictures
 * through them (see `field` in seqaug.h). */
#include "cpu.h"
#include "seqaug.h"

#include <math.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

enum { SEQAUG_TRIES = 200 };

/* Keras's square around a pixel: 6*(whole part of sigma) + 1. */
static void square_of(double sigma, int64_t size[2])
{
    size[0] = size[1] = sigma >= 0.0 && sigma < 10000.0 ? 6 * (int64_t)sigma + 1 : 1;
}

int64_t seqaug_elastic_space(const int64_t shape[2], double sigma)
{
    int64_t plane[3] = {shape[0], shape[1], 1}, size[2];
    square_of(sigma, size);
    return 2 * shape[0] * shape[1] + seqaug_blur_space(plane, size);
}

seqaug_status seqaug_elastic(const uint32_t key[2], const int64_t shape[2], double alpha, double sigma, float *space,
                             float *field)
{
    int64_t plane[3] = {shape[0], shape[1], 1}, size[2];
    double sigmas[2] = {sigma, sigma};
    const float everything[2] = {-INFINITY, INFINITY};
    for (int axis = 0; axis < 2; axis++)
        if (shape[axis] < 1 || shape[axis] > INT32_MAX)
            return SEQAUG_BAD_SHAPE;
    if (!(sigma >= 0.0 && sigma < 10000.0) || !(alpha > -1e9 && alpha < 1e9))
        return SEQAUG_BAD_NUMBER;
    int64_t count = shape[0] * shape[1];
    float scale = (float)(alpha * sigma);
    if (scale == 0.0f) {
        for (int64_t i = 0; i < 2 * count; i++)
            field[i] = 0.0f;
        return SEQAUG_OK;
    }
    square_of(sigma, size);
    for (int64_t axis = 0; axis < 2; axis++) {
        seqaug_noise(key, (uint32_t)axis, count, space + axis * count);
        seqaug_blur(space + axis * count, plane, size, sigmas, everything, space + 2 * count, field + axis * count);
    }
    for (int64_t i = 0; i < 2 * count; i++)
        field[i] *= scale;
    return SEQAUG_OK;
}

/* The pixel before a coordinate that has been brought inside, and by how much the coordinate is past it. */
static int64_t split(double c, int64_t n, double *part)
{
    c = c > 0.0 ? c : 0.0;
    c = c < (double)(n - 1) ? c : (double)(n - 1);
    int64_t whole = (int64_t)c;
    whole = whole > n - 2 ? n - 2 : whole;
    whole = whole < 0 ? 0 : whole;
    *part = c - (double)whole;
    return whole;
}

static double blend(double a, double b, double part)
{
    return a * (1.0 - part) + b * part;
}

/* By how much p and its displacement miss a point. */
static void miss(const float *field, const int64_t shape[2], const double point[2], const double p[2], double off[2])
{
    double down, right;
    int64_t y = split(p[0], shape[0], &down), x = split(p[1], shape[1], &right);
    int64_t next_row = shape[0] > 1 ? shape[1] : 0, next = shape[1] > 1;
    for (int axis = 0; axis < 2; axis++) {
        const float *at = field + axis * shape[0] * shape[1] + y * shape[1] + x;
        double above = blend(at[0], at[next], right), below = blend(at[next_row], at[next_row + next], right);
        off[axis] = point[axis] - (p[axis] + blend(above, below, down));
    }
}

/* p goes by half of what it misses the point by, each time: this comes to the point where the field stretches the picture
 * to less than four times its size, and where it presses it together, however hard. */
static void displace(const float *field, const int64_t shape[2], const double point[2], double best[2])
{
    double p[2] = {point[0], point[1]}, least = INFINITY;
    for (int attempt = 0; attempt < SEQAUG_TRIES; attempt++) {
        double off[2];
        miss(field, shape, point, p, off);
        double far = off[0] * off[0] + off[1] * off[1];
        if (far < least) {
            least = far;
            best[0] = p[0];
            best[1] = p[1];
        }
        if (!(far > 1e-18))
            return;
        p[0] += 0.5 * off[0];
        p[1] += 0.5 * off[1];
    }
}

void seqaug_displace(const float *field, const int64_t shape[2], const double *from, int64_t count, double *to)
{
    for (int64_t i = 0; i < count; i++, from += 2, to += 2) {
        double point[2] = {from[0], from[1]}, found[2] = {from[0], from[1]};
        if (fabs(point[0]) < 1e9 && fabs(point[1]) < 1e9)
            displace(field, shape, point, found);
        to[0] = found[0];
        to[1] = found[1];
    }
}
