/*
 * profile.h - how amounts went over time, in a fixed number of steps whatever the run's length.
 *
 * Time is cut into buckets of equal width, which doubles (neighbours are merged) when a run grows
 * past the last one. A bucket keeps, of each series, the integral and the largest value, so a mean
 * is exact and a peak is never lost. For figures: doubles, added in the order of the run.
 */
#ifndef REPORT_PROFILE_H
#define REPORT_PROFILE_H

#include <stdint.h>

struct profile {
    uint32_t bucket_count; /* at most; even */
    uint32_t series_count;
    int64_t width_us;
    int64_t end_us; /* of the last stretch */
    double *sums;   /* [bucket][series]: value times microseconds */
    double *peaks;  /* [bucket][series] */
};

void profile_init(struct profile *profile, uint32_t bucket_count, uint32_t series_count);
void profile_release(struct profile *profile);

/* The series had this value (at least 0) over [from_us, until_us), which is not empty. Amortised
 * O(buckets touched). */
void profile_add(struct profile *profile, uint32_t series, int64_t from_us, int64_t until_us,
                 double value);

/* How many buckets the run so far reaches into. */
uint32_t profile_used(const struct profile *profile);

/* Of one bucket: the mean over the part of it that the run reaches, and the peak. */
double profile_mean(const struct profile *profile, uint32_t series, uint32_t bucket);
double profile_peak(const struct profile *profile, uint32_t series, uint32_t bucket);

#endif
