/* spread.c - see spread.h. */
#include "sim/report/spread.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/check.h"
#include "sim/report/wide.h"

enum {
    DIGIT_BITS = 11,
    DIGIT_VALUES = 1 << DIGIT_BITS,
    FEW_KEYS = 512, /* below this a comparison sort is faster than clearing the histogram */
};

static int compare_keys(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a;
    uint64_t y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* One pass of a radix sort, least significant digit first. */
static void distribute(const uint64_t *from, uint64_t *to, size_t count, unsigned shift)
{
    size_t starts[DIGIT_VALUES] = {0};
    for (size_t i = 0; i < count; i++) {
        starts[from[i] >> shift & (DIGIT_VALUES - 1)]++;
    }
    size_t sum = 0;
    for (size_t digit = 0; digit < DIGIT_VALUES; digit++) {
        size_t digits = starts[digit];
        starts[digit] = sum;
        sum += digits;
    }
    for (size_t i = 0; i < count; i++) {
        to[starts[from[i] >> shift & (DIGIT_VALUES - 1)]++] = from[i];
    }
}

void spread_sort(uint64_t *keys, uint64_t *scratch, size_t count)
{
    if (count < FEW_KEYS) {
        qsort(keys, count, sizeof(*keys), compare_keys);
        return;
    }
    uint64_t bits = 0; /* that differ between keys: passes over others change nothing */
    for (size_t i = 1; i < count; i++) {
        bits |= keys[i] ^ keys[0];
    }
    uint64_t *from = keys;
    uint64_t *to = scratch;
    for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
        if ((bits >> shift & (DIGIT_VALUES - 1)) == 0) {
            continue;
        }
        distribute(from, to, count, shift);
        uint64_t *swap = from;
        from = to;
        to = swap;
    }
    if (from != keys) {
        memcpy(keys, from, count * sizeof(*keys));
    }
}

uint64_t spread_percentile(const uint64_t *sorted, size_t count, uint32_t percent)
{
    CHECK(count > 0 && percent > 0 && percent <= 100);
    size_t rank = (count * percent + 99) / 100;
    return sorted[rank - 1];
}

uint64_t spread_ratio_key(double ratio)
{
    CHECK(ratio >= 0);
    uint64_t key;
    memcpy(&key, &ratio, sizeof(key));
    return key;
}

double spread_key_ratio(uint64_t key)
{
    double ratio;
    memcpy(&ratio, &key, sizeof(ratio));
    return ratio;
}

static double seconds(uint64_t us)
{
    return (double)us / 1e6;
}

static struct report_spread spread_of(const uint64_t *sorted, size_t count, double mean,
                                      double (*value)(uint64_t key))
{
    return (struct report_spread){
        .count = (uint32_t)count,
        .mean = mean,
        .p50 = value(spread_percentile(sorted, count, 50)),
        .p90 = value(spread_percentile(sorted, count, 90)),
        .p95 = value(spread_percentile(sorted, count, 95)),
        .p99 = value(spread_percentile(sorted, count, 99)),
        .max = value(sorted[count - 1]),
    };
}

struct report_spread spread_of_us(const uint64_t *sorted, size_t count)
{
    if (count == 0) {
        return (struct report_spread){0};
    }
    wide sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += sorted[i];
    }
    return spread_of(sorted, count, (double)sum / (double)count / 1e6, seconds);
}

struct report_spread spread_of_ratios(const uint64_t *sorted, size_t count)
{
    if (count == 0) {
        return (struct report_spread){0};
    }
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += spread_key_ratio(sorted[i]);
    }
    return spread_of(sorted, count, sum / (double)count, spread_key_ratio);
}
