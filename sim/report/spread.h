/*
 * spread.h - means and percentiles of many values, by sorting them as 64-bit keys.
 *
 * Keys are microseconds, or ratios (doubles of at least 0, whose bits order as they do). Sums of
 * microseconds are exact. Sums of ratios are taken in ascending order: the same on any machine,
 * which the running means of GSL are not (they use long double, whose size differs).
 */
#ifndef REPORT_SPREAD_H
#define REPORT_SPREAD_H

#include <stddef.h>
#include <stdint.h>

#include "sim/report/numbers.h"

/* Sorts `count` keys ascending; `scratch` has room for as many. O(count). */
void spread_sort(uint64_t *keys, uint64_t *scratch, size_t count);

/* The nearest-rank percentile: the smallest of the sorted values such that at least `percent` of a
 * hundred are not above it. `count` and `percent` are more than 0. */
uint64_t spread_percentile(const uint64_t *sorted, size_t count, uint32_t percent);

/* The spread of sorted microseconds, in seconds. */
struct report_spread spread_of_us(const uint64_t *sorted, size_t count);

/* The spread of sorted ratios. */
struct report_spread spread_of_ratios(const uint64_t *sorted, size_t count);

uint64_t spread_ratio_key(double ratio);
double spread_key_ratio(uint64_t key);

#endif
