/* store.h: the element types: their sizes, and the way from a double to each by SciPy's rules. Internal.
 *
 * Unsigned integers: half up, then saturated, NaN to 0. Signed ones: halves away from zero, then saturated. Where SciPy
 * leaves a conversion undefined (NaN to a signed integer, the two ends of the 64-bit types, anything but 0 and 1 to
 * bool), these give what its x86-64 build gives, without relying on undefined behaviour.
 */
#ifndef SEQAUG_STORE_H
#define SEQAUG_STORE_H

#include "seqaug.h"

static const int64_t seqaug_item_size[SEQAUG_DTYPES] = {
#define SEQAUG_SIZE(name, type) sizeof(type),
    SEQAUG_EACH_TYPE(SEQAUG_SIZE)
#undef SEQAUG_SIZE
};

static inline double seqaug_half_up(double t, double most)
{
    t = t > 0.0 ? t + 0.5 : 0.0;
    return t > most ? most : t;
}

static inline double seqaug_half_away(double t, double least, double most, double nan)
{
    t = t > 0.0 ? t + 0.5 : t - 0.5;
    t = t > most ? most : t;
    t = t < least ? least : t;
    return t == t ? t : nan;
}

static inline uint8_t seqaug_store_bool(double t)
{
    return t > -2147483649.0 && t < 2147483648.0 ? (uint8_t)(int32_t)t : 0;
}

static inline uint8_t seqaug_store_u8(double t) { return (uint8_t)(int32_t)seqaug_half_up(t, UINT8_MAX); }

static inline uint16_t seqaug_store_u16(double t) { return (uint16_t)(int32_t)seqaug_half_up(t, UINT16_MAX); }

static inline uint32_t seqaug_store_u32(double t) { return (uint32_t)seqaug_half_up(t, UINT32_MAX); }

static inline uint64_t seqaug_store_u64(double t)
{
    t = seqaug_half_up(t, 18446744073709551616.0);
    return t < 18446744073709551616.0 ? (uint64_t)t : 0;
}

static inline int8_t seqaug_store_i8(double t)
{
    return (int8_t)(int32_t)seqaug_half_away(t, INT8_MIN, INT8_MAX, 0.0);
}

static inline int16_t seqaug_store_i16(double t)
{
    return (int16_t)(int32_t)seqaug_half_away(t, INT16_MIN, INT16_MAX, 0.0);
}

static inline int32_t seqaug_store_i32(double t)
{
    return (int32_t)seqaug_half_away(t, INT32_MIN, INT32_MAX, INT32_MIN);
}

static inline int64_t seqaug_store_i64(double t)
{
    t = t > 0.0 ? t + 0.5 : t - 0.5;
    if (t > 9223372036854775808.0)
        return INT64_MAX;
    return t >= -9223372036854775808.0 && t < 9223372036854775808.0 ? (int64_t)t : INT64_MIN;
}

static inline float seqaug_store_f32(double t) { return (float)t; }

static inline double seqaug_store_f64(double t) { return t; }

#endif
