/* elementary.c: the elementary functions that turn draws into matrices. Nothing here calls the C library's mathematics:
 * the same argument gives the same bits on every machine. */
#include "seqaug.h"

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

/* An angle of at most an eighth of a turn in radians, as a sum high + low that keeps about 70 bits: the product by 2*pi
 * is split exactly (Dekker 1971; Veltkamp's constant 2^27 + 1). */
static double radians(double turns, double *low)
{
    const double two_pi = 6.283185307179586, two_pi_low = 2.4492935982947064e-16; /* 2*pi - two_pi */
    double product = turns * two_pi;
    double t = 134217729.0 * turns, p = 134217729.0 * two_pi;
    double t_high = t - (t - turns), t_low = turns - t_high;
    double p_high = p - (p - two_pi), p_low = two_pi - p_high;
    double error = ((t_high * p_high - product) + t_high * p_low + t_low * p_high) + t_low * p_low;
    *low = error + turns * two_pi_low;
    return product;
}

/* Taylor's series at 0, good for |a| <= pi/4: the first term left out is below 2^-60 of the sum. `low` enters to first
 * order. */
static double sine_of(double a, double low)
{
    static const double inverse[] = {-1.0 / 6.0, 1.0 / 120.0, -1.0 / 5040.0, 1.0 / 362880.0, -1.0 / 39916800.0,
                                     1.0 / 6227020800.0, -1.0 / 1307674368000.0, 1.0 / 355687428096000.0};
    double square = a * a, sum = 0.0;
    for (int i = 7; i >= 0; i--)
        sum = sum * square + inverse[i];
    return a + (a * square * sum + low * (1.0 - 0.5 * square));
}

static double cosine_of(double a, double low)
{
    static const double inverse[] = {1.0 / 24.0, -1.0 / 720.0, 1.0 / 40320.0, -1.0 / 3628800.0, 1.0 / 479001600.0,
                                     -1.0 / 87178291200.0, 1.0 / 20922789888000.0, -1.0 / 6402373705728000.0};
    double square = a * a, sum = 0.0;
    for (int i = 7; i >= 0; i--)
        sum = sum * square + inverse[i];
    double half = 0.5 * square, head = 1.0 - half;
    return head + (((1.0 - head) - half) + (square * square * sum - a * low));
}

/* floor() by conversion, for the small numbers it meets here. */
static double whole_below(double a)
{
    double cut = (double)(int64_t)a;
    return cut > a ? cut - 1.0 : cut;
}

void seqaug_sincos_turns(const double *turns, int64_t count, double *sine, double *cosine)
{
    for (int64_t i = 0; i < count; i++) {
        if (!(turns[i] > -1e15 && turns[i] < 1e15)) { /* no fraction left to turn by, or not a number */
            sine[i] = cosine[i] = turns[i] - turns[i];
            continue;
        }
        double quarters = whole_below(4.0 * turns[i] + 0.5), low;
        double a = radians(turns[i] - 0.25 * quarters, &low);
        double s = sine_of(a, low), c = cosine_of(a, low);
        switch ((int64_t)quarters & 3) {
        case 0: sine[i] = s; cosine[i] = c; break;
        case 1: sine[i] = c; cosine[i] = 0.0 - s; break;
        case 2: sine[i] = 0.0 - s; cosine[i] = -c; break;
        default: sine[i] = -c; cosine[i] = s; break;
        }
    }
}
