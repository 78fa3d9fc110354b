/* elementary.c: the elementary functions that turn draws into matrices and amounts.
 *
 * The same argument gives the same bits on every machine: there are only sums, differences, products and quotients of
 * doubles, each rounded once, conversions of small whole numbers, and integers; nothing of the C library's mathematics.
 * Subnormal numbers are taken apart and put together as integers, so that a thread told to flush them to zero
 * (TensorFlow's are) computes the same. There is one NaN.
 *
 * The constants are exact values, rounded; the series are those of Abramowitz and Stegun, "Handbook of mathematical
 * functions" (1964). Sums that must not lose their low part follow Dekker, "A floating-point technique for extending
 * the available precision", Numerische Mathematik 18 (1971): with |a| >= |b| and s = a + b rounded, the rounding error
 * is exactly (a - s) + b. */
#include "seqaug.h"

#include <string.h>

#if defined(_MSC_VER)
#pragma fp_contract(off)
#endif

#define SIGN 0x8000000000000000u
#define FRACTION 0x000FFFFFFFFFFFFFu
#define ONE 0x3FF0000000000000u      /* the bits of 1.0, */
#define TWO_53 0x4340000000000000u   /* of 2^53, */
#define INFINITE 0x7FF0000000000000u /* of infinity, */
#define NOT_A_NUMBER 0x7FF8000000000000u

/* log(2) = high + low; the product of `high`, 32 bits long, with any exponent is exact (Cody and Waite, "Software
 * manual for the elementary functions", 1980). */
static const double log2_high = 0x1.62e42feep-1, log2_low = 0x1.a39ef35793c76p-33;

static uint64_t bits_of(double a)
{
    uint64_t bits;
    memcpy(&bits, &a, sizeof bits);
    return bits;
}

static double of_bits(uint64_t bits)
{
    double a;
    memcpy(&a, &bits, sizeof a);
    return a;
}

/* `a`, finite and not 0, is the returned m times 2^exponent, with 1 <= |m| < 2. */
static double mantissa_of(double a, int *exponent)
{
    uint64_t bits = bits_of(a), fraction = bits & FRACTION;
    *exponent = (int)(bits >> 52 & 2047) - 1023;
    if (*exponent == -1023)
        for (*exponent = -1022; fraction >> 52 == 0; --*exponent)
            fraction <<= 1;
    return of_bits((bits & SIGN) | ONE | (fraction & FRACTION));
}

/* m times 2^exponent for a normal m: infinite where that is too large, rounded to the nearest, ties to even, where it
 * is subnormal. */
static double scaled(double m, int exponent)
{
    uint64_t bits = bits_of(m), sign = bits & SIGN, fraction = bits & FRACTION;
    exponent += (int)(bits >> 52 & 2047);
    if (exponent >= 2047)
        return of_bits(sign | INFINITE);
    if (exponent > 0)
        return of_bits(sign | (uint64_t)exponent << 52 | fraction);
    int shift = 1 - exponent;
    if (shift > 53)
        return of_bits(sign);
    fraction |= FRACTION + 1;
    uint64_t below_half = ((uint64_t)1 << (shift - 1)) - 1, odd = fraction >> shift & 1;
    return of_bits(sign | (fraction + below_half + odd) >> shift);
}

/* The largest whole number that is not above `a`, for the small ones met here. */
static double whole_below(double a)
{
    double cut = (double)(int64_t)a;
    return cut > a ? cut - 1.0 : cut;
}

/* a*b as a sum of its rounded value, returned, and its rounding error (Dekker; Veltkamp's constant 2^27 + 1). */
static double product(double a, double b, double *error)
{
    double rounded = a * b, s = 134217729.0 * a, t = 134217729.0 * b;
    double a_high = s - (s - a), a_low = a - a_high;
    double b_high = t - (t - b), b_low = b - b_high;
    *error = ((a_high * b_high - rounded) + a_high * b_low + a_low * b_high) + a_low * b_low;
    return rounded;
}

/* An angle in radians, as a sum of the returned value and `low` that keeps about 70 bits. */
static double radians(double turns, double *low)
{
    const double two_pi = 6.283185307179586, two_pi_low = 2.4492935982947064e-16; /* 2*pi - two_pi */
    double error, angle = product(turns, two_pi, &error);
    *low = error + turns * two_pi_low;
    return angle;
}

/* The series at 0 (4.3.65), good for |a| <= pi/4: the first term left out is below 2^-60 of the sum. `low` enters to
 * first order. */
static double sine_of(double a, double low)
{
    static const double inverse[] = {-1.0 / 6.0, 1.0 / 120.0, -1.0 / 5040.0, 1.0 / 362880.0, -1.0 / 39916800.0,
                                     1.0 / 6227020800.0, -1.0 / 1307674368000.0, 1.0 / 355687428096000.0};
    double square = a * a, sum = 0.0;
    for (int i = 7; i >= 0; i--)
        sum = sum * square + inverse[i];
    return a + (a * square * sum + low * (1.0 - 0.5 * square));
}

/* In the same way (4.3.66). */
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

static void sincos_of(double turns, double *sine, double *cosine)
{
    uint64_t size = bits_of(turns) & ~SIGN;
    double low;
    if (size >= INFINITE) {
        *sine = *cosine = of_bits(NOT_A_NUMBER);
        return;
    }
    if (size != 0 && turns > -1e-270 && turns < 1e-270) { /* the low parts of products might be subnormal */
        int exponent;
        double a = radians(mantissa_of(turns, &exponent), &low);
        *sine = scaled(a + low, exponent);
        *cosine = 1.0;
        return;
    }
    turns = size < TWO_53 ? turns - (double)(int64_t)turns : 0.0; /* without the whole turns, exactly */
    double quarters = whole_below(4.0 * turns + 0.5);
    double a = radians(turns - 0.25 * quarters, &low);
    double s = sine_of(a, low), c = cosine_of(a, low);
    switch ((int)quarters & 3) {
    case 0: *sine = s; *cosine = c; break;
    case 1: *sine = c; *cosine = 0.0 - s; break;
    case 2: *sine = 0.0 - s; *cosine = -c; break;
    default: *sine = -c; *cosine = s; break;
    }
}

/* e^x = 2^k e^r with |r| <= log(2)/2, where r has a low part too and e^r is the series (4.2.1) up to r^14: the next
 * term is below 2^-62. 1 + r is kept with its rounding error, so that only the terms from r^2/2 <= 0.061 on are rounded
 * more than once. */
static double exp_of(double x)
{
    static const double inverse[] = {
        1.0 / 2.0, 1.0 / 6.0, 1.0 / 24.0, 1.0 / 120.0, 1.0 / 720.0, 1.0 / 5040.0, 1.0 / 40320.0, 1.0 / 362880.0,
        1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0, 1.0 / 87178291200.0};
    if (x != x)
        return of_bits(NOT_A_NUMBER);
    x = x < -800.0 ? -800.0 : x > 800.0 ? 800.0 : x; /* far enough for 0 and for infinity */
    double k = whole_below(x * 1.4426950408889634 + 0.5);
    double high = x - k * log2_high, low = k * log2_low;
    double r = high - low, rest = (high - r) - low;
    double sum = 0.0;
    for (int i = 12; i >= 0; i--)
        sum = sum * r + inverse[i];
    double head = 1.0 + r;
    return scaled(head + (((1.0 - head) + r) + (rest * head + r * r * sum)), (int)k);
}

/* log(x) = k log(2) + 2 artanh(s) with x = 2^k m, m between sqrt(1/2) and sqrt(2), and s = (m - 1)/(m + 1), so that
 * |s| < 0.172. The series of artanh (4.1.27) runs up to s^23: the next term is below 2^-65 of the sum. k log(2) and s
 * are kept with their low parts, so that only the terms from s^3 on are rounded more than once. */
static double log_of(double x)
{
    static const double inverse[] = {1.0 / 3.0, 1.0 / 5.0, 1.0 / 7.0, 1.0 / 9.0, 1.0 / 11.0, 1.0 / 13.0,
                                     1.0 / 15.0, 1.0 / 17.0, 1.0 / 19.0, 1.0 / 21.0, 1.0 / 23.0};
    uint64_t bits = bits_of(x);
    if ((bits & ~SIGN) == 0)
        return of_bits(SIGN | INFINITE);
    if (bits > INFINITE) /* negative or not a number */
        return of_bits(NOT_A_NUMBER);
    if (bits == INFINITE)
        return x;
    int exponent;
    double m = mantissa_of(x, &exponent);
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent++;
    }
    double k = exponent, f = m - 1.0, divisor = m + 1.0, divisor_low = m - (divisor - 1.0), error;
    double s = f / divisor, back = product(s, divisor, &error);
    double s_low = (((f - back) - error) - s * divisor_low) / divisor;
    double square = s * s, sum = 0.0;
    for (int i = 10; i >= 0; i--)
        sum = sum * square + inverse[i];
    double high = k * log2_high, head = high + 2.0 * s;
    double tail = (high - head) + 2.0 * s;
    return head + (tail + (k * log2_low + 2.0 * (s_low + square * (s_low + s * sum))));
}

void seqaug_sincos_turns(const double *turns, int64_t count, double *sine, double *cosine)
{
    for (int64_t i = 0; i < count; i++)
        sincos_of(turns[i], &sine[i], &cosine[i]);
}

void seqaug_exp(const double *x, int64_t count, double *out)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = exp_of(x[i]);
}

void seqaug_log(const double *x, int64_t count, double *out)
{
    for (int64_t i = 0; i < count; i++)
        out[i] = log_of(x[i]);
}
