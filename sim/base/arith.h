/*
 * arith.h - integer arithmetic that does not overflow silently.
 */
#ifndef BASE_ARITH_H
#define BASE_ARITH_H

#include <stdint.h>

__extension__ typedef __int128 wide_int;

/* a + b for times: what would be later than everything stays at INT64_MAX. b is not negative. */
static inline int64_t time_add_us(int64_t a, int64_t b)
{
    return a > INT64_MAX - b ? INT64_MAX : a + b;
}

/* a * b / c rounded down, with the product in 128 bits; a and b are not negative, c is positive.
 * INT64_MAX when the result is larger. */
static inline int64_t mul_div_floor(int64_t a, int64_t b, int64_t c)
{
    wide_int result = (wide_int)a * b / c;
    return result > INT64_MAX ? INT64_MAX : (int64_t)result;
}

/* The same rounded up. */
static inline int64_t mul_div_ceil(int64_t a, int64_t b, int64_t c)
{
    wide_int result = ((wide_int)a * b + c - 1) / c;
    return result > INT64_MAX ? INT64_MAX : (int64_t)result;
}

#endif
