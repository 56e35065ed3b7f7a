/*
 * wide.h - sums of products that 64 bits cannot hold: GPU time of a large cluster over a year is
 * more than 2^63 milli-GPU microseconds.
 */
#ifndef REPORT_WIDE_H
#define REPORT_WIDE_H

#include <stdint.h>

__extension__ typedef unsigned __int128 wide;

/* The product of two amounts, neither of them negative. */
static inline wide wide_product(int64_t a, int64_t b)
{
    return (wide)(uint64_t)a * (wide)(uint64_t)b;
}

/* Milli-GPU microseconds in GPU-hours. */
static inline double wide_gpu_hours(wide milli_us)
{
    return (double)milli_us / 3.6e12;
}

#endif
