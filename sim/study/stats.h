/*
 * stats.h - how sure a mean of independent replications is: intervals, tests, how many more to run.
 *
 * Values are one a replication. Replications are independent of each other; values of one
 * replication under two policies are not, which is why comparisons are made on their differences
 * (Law, "Simulation Modeling and Analysis", sections 9.4 and 10.2). Quantiles and distributions are
 * GSL's.
 */
#ifndef STUDY_STATS_H
#define STUDY_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum interval_method {
    INTERVAL_T,         /* Student's, for means */
    INTERVAL_BOOTSTRAP, /* bias-corrected and accelerated, for quantiles and ratios */
};

enum { STATS_RESAMPLES = 2000, STATS_MOST_NEEDED = 10000 };

/* A mean and what is known of it. */
struct stats_estimate {
    size_t count;
    double mean;
    double sd;  /* of one value; 0 for fewer than two */
    double low; /* the interval; both the mean for fewer than two values */
    double high;
    double p; /* how likely a mean so far from 0 would be if the truth were 0; 1 for fewer than two
                 values. Student's test, or two-sided from the resampled means. */
};

/* The interval that holds the truth with probability `level` (0.95). `key` is for the resampling
 * only: equal keys and values, equal intervals. O(count), or O(STATS_RESAMPLES * count). BCa: Efron
 * and Tibshirani, "An Introduction to the Bootstrap", chapter 14. */
void stats_estimate(const double *values, size_t count, double level, enum interval_method method,
                    uint64_t key, struct stats_estimate *out);

/* The probability of a split at least as uneven as this one when both sides are equally likely: the
 * sign test, ties left out; 1 when there is nothing to count. */
double stats_sign_test(size_t wins, size_t losses);

/* Holm's correction in place: each p becomes the least level at which its hypothesis would be
 * rejected when all `count` are tested together (Holm 1979). NaN stays and counts for nothing. */
void stats_holm(double *p, size_t count);

/* How many values in all would bring the half-width of Student's interval down to `half_width`, if
 * their spread stays `sd`; at most STATS_MOST_NEEDED, which stands for "or more". */
size_t stats_needed(double sd, double half_width, double level);

/* Is a mean above 0 by more than luck, one-sided at `level` (Student)? From the sum of the values
 * and of their squares; false for fewer than two. */
bool stats_mean_is_above_zero(double sum, double squares, size_t count, double level);

/* Pearson's correlation; 0 when one side does not vary. */
double stats_correlation(const double *a, const double *b, size_t count);

#endif
