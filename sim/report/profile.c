/* profile.c - see profile.h. */
#include "sim/report/profile.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

void profile_init(struct profile *profile, uint32_t bucket_count, uint32_t series_count)
{
    CHECK(bucket_count >= 2 && bucket_count % 2 == 0);
    size_t cells = (size_t)bucket_count * series_count;
    *profile = (struct profile){
        .bucket_count = bucket_count,
        .series_count = series_count,
        .width_us = 1,
        .sums = mem_alloc(cells, sizeof(double)),
        .peaks = mem_alloc(cells, sizeof(double)),
    };
}

void profile_release(struct profile *profile)
{
    free(profile->sums);
    free(profile->peaks);
    *profile = (struct profile){0};
}

static double larger(double a, double b)
{
    return a > b ? a : b;
}

static void double_width(struct profile *profile)
{
    size_t series_count = profile->series_count;
    size_t half = profile->bucket_count / 2;
    for (size_t bucket = 0; bucket < half; bucket++) {
        for (size_t series = 0; series < series_count; series++) {
            size_t to = bucket * series_count + series;
            size_t left = 2 * bucket * series_count + series;
            size_t right = left + series_count;
            profile->sums[to] = profile->sums[left] + profile->sums[right];
            profile->peaks[to] = larger(profile->peaks[left], profile->peaks[right]);
        }
    }
    size_t kept = half * series_count;
    memset(profile->sums + kept, 0, kept * sizeof(double));
    memset(profile->peaks + kept, 0, kept * sizeof(double));
    CHECK(profile->width_us <= INT64_MAX / 2 / profile->bucket_count);
    profile->width_us *= 2;
}

void profile_add(struct profile *profile, uint32_t series, int64_t from_us, int64_t until_us,
                 double value)
{
    CHECK(series < profile->series_count && from_us >= 0 && from_us < until_us);
    while (until_us > profile->width_us * profile->bucket_count) {
        double_width(profile);
    }
    int64_t bucket = from_us / profile->width_us;
    for (int64_t at_us = from_us; at_us < until_us; bucket++) {
        int64_t border_us = (bucket + 1) * profile->width_us;
        int64_t stop_us = border_us < until_us ? border_us : until_us;
        size_t cell = (size_t)bucket * profile->series_count + series;
        profile->sums[cell] += value * (double)(stop_us - at_us);
        profile->peaks[cell] = larger(profile->peaks[cell], value);
        at_us = stop_us;
    }
    if (until_us > profile->end_us) {
        profile->end_us = until_us;
    }
}

uint32_t profile_used(const struct profile *profile)
{
    return (uint32_t)((profile->end_us + profile->width_us - 1) / profile->width_us);
}

double profile_mean(const struct profile *profile, uint32_t series, uint32_t bucket)
{
    CHECK(series < profile->series_count && bucket < profile_used(profile));
    int64_t start_us = bucket * profile->width_us;
    int64_t left_us = profile->end_us - start_us;
    int64_t length_us = left_us < profile->width_us ? left_us : profile->width_us;
    return profile->sums[(size_t)bucket * profile->series_count + series] / (double)length_us;
}

double profile_peak(const struct profile *profile, uint32_t series, uint32_t bucket)
{
    CHECK(series < profile->series_count && bucket < profile_used(profile));
    return profile->peaks[(size_t)bucket * profile->series_count + series];
}
