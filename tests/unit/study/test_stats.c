/* test_stats.c - intervals and tests against values worked out by hand or from tables. */
#include <math.h>

#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>

#include "sim/base/rng.h"
#include "sim/study/stats.h"

Test(stats, a_student_interval_is_that_of_the_tables)
{
    const double values[] = {1, 2, 3, 4, 5};
    struct stats_estimate estimate;
    stats_estimate(values, 5, 0.95, INTERVAL_T, 0, &estimate);
    /* sd sqrt(2.5), t(4, 0.975) = 2.776445 */
    cr_assert_float_eq(estimate.mean, 3, 1e-12);
    cr_assert_float_eq(estimate.sd, sqrt(2.5), 1e-12);
    cr_assert_float_eq(estimate.high - 3, 2.776445 * sqrt(0.5), 1e-5);
    cr_assert_float_eq(3 - estimate.low, 2.776445 * sqrt(0.5), 1e-5);
    /* t = 3 / sqrt(0.5) = 4.2426 with 4 degrees of freedom: p = 0.013236 */
    cr_assert_float_eq(estimate.p, 0.0132356, 1e-6);
}

Test(stats, fewer_than_two_values_tell_nothing)
{
    const double one[] = {7};
    struct stats_estimate estimate;
    stats_estimate(one, 1, 0.95, INTERVAL_T, 0, &estimate);
    cr_assert_float_eq(estimate.low, 7, 0);
    cr_assert_float_eq(estimate.high, 7, 0);
    cr_assert_float_eq(estimate.p, 1, 0);
    stats_estimate(one, 0, 0.95, INTERVAL_BOOTSTRAP, 0, &estimate);
    cr_assert_eq(estimate.count, 0);
}

Test(stats, equal_values_are_certain)
{
    const double zeros[] = {0, 0, 0};
    const double twos[] = {2, 2, 2};
    struct stats_estimate estimate;
    stats_estimate(zeros, 3, 0.95, INTERVAL_BOOTSTRAP, 0, &estimate);
    cr_assert_float_eq(estimate.p, 1, 0);
    stats_estimate(twos, 3, 0.95, INTERVAL_T, 0, &estimate);
    cr_assert_float_eq(estimate.p, 0, 0);
    cr_assert_float_eq(estimate.low, 2, 0);
}

/* Means of exponential values: skewed, so that the interval is longer above than below. */
static uint32_t covered(enum interval_method method, uint32_t experiments, double *above)
{
    uint32_t hits = 0;
    *above = 0;
    for (uint32_t i = 0; i < experiments; i++) {
        gsl_rng *stream = rng_new(5, "test_stats", i);
        double values[30];
        for (size_t k = 0; k < 30; k++) {
            values[k] = gsl_ran_exponential(stream, 1);
        }
        gsl_rng_free(stream);
        struct stats_estimate estimate;
        stats_estimate(values, 30, 0.9, method, i, &estimate);
        hits += estimate.low <= 1 && 1 <= estimate.high;
        *above += (estimate.high - estimate.mean) / (estimate.mean - estimate.low) / experiments;
    }
    return hits;
}

Test(stats, ninety_percent_intervals_hold_the_truth_nine_times_in_ten)
{
    double student_above = 0;
    double bootstrap_above = 0;
    uint32_t student = covered(INTERVAL_T, 400, &student_above);
    uint32_t bootstrap = covered(INTERVAL_BOOTSTRAP, 400, &bootstrap_above);
    /* 360 +- 3 sd of 6; both cover a little less with skewed values */
    cr_expect(student >= 335 && student <= 378, "%u", student);
    cr_expect(bootstrap >= 335 && bootstrap <= 378, "%u", bootstrap);
    cr_expect_float_eq(student_above, 1, 1e-9);
    cr_expect_gt(bootstrap_above, 1.15, "BCa follows the skew: %g", bootstrap_above);
}

Test(stats, equal_keys_give_equal_bootstraps)
{
    const double values[] = {1, 5, 2, 8, 13, 1, 0.5};
    struct stats_estimate a;
    struct stats_estimate b;
    stats_estimate(values, 7, 0.95, INTERVAL_BOOTSTRAP, 3, &a);
    stats_estimate(values, 7, 0.95, INTERVAL_BOOTSTRAP, 3, &b);
    cr_assert_float_eq(a.low, b.low, 0);
    cr_assert_float_eq(a.high, b.high, 0);
    cr_assert(a.low < a.mean && a.mean < a.high);
}

Test(stats, the_sign_test_counts_both_tails)
{
    /* P(at most 1 of 10) twice: 2 * 11 / 1024 */
    cr_assert_float_eq(stats_sign_test(9, 1), 22.0 / 1024, 1e-12);
    cr_assert_float_eq(stats_sign_test(1, 9), 22.0 / 1024, 1e-12);
    cr_assert_float_eq(stats_sign_test(5, 5), 1, 0);
    cr_assert_float_eq(stats_sign_test(0, 0), 1, 0);
}

Test(stats, holm_multiplies_by_what_is_left_and_never_falls)
{
    double p[] = {0.04, 0.01, (double)NAN, 0.03, 0.5};
    stats_holm(p, 5);
    cr_assert_float_eq(p[1], 0.04, 1e-12); /* 4 * 0.01 */
    cr_assert_float_eq(p[3], 0.09, 1e-12); /* 3 * 0.03 */
    cr_assert_float_eq(p[0], 0.09, 1e-12); /* 2 * 0.04 = 0.08 is less than the one before */
    cr_assert_float_eq(p[4], 0.5, 1e-12);
    cr_assert(isnan(p[2]));
}

Test(stats, needed_is_the_least_that_is_enough)
{
    /* z = 1.96: 96.04; Student's t takes two more. */
    cr_assert_eq(stats_needed(10, 2, 0.95), 99);
    cr_assert_eq(stats_needed(0, 1, 0.95), 2);
    cr_assert_eq(stats_needed(1000, 0.001, 0.95), STATS_MOST_NEEDED);
}

Test(stats, correlation_is_pearsons)
{
    const double a[] = {1, 2, 3, 4};
    const double b[] = {2, 4, 6, 8};
    const double c[] = {1, 3, 2, 4};
    const double same[] = {5, 5, 5, 5};
    cr_assert_float_eq(stats_correlation(a, b, 4), 1, 1e-12);
    cr_assert_float_eq(stats_correlation(a, c, 4), 0.8, 1e-12);
    cr_assert_float_eq(stats_correlation(a, same, 4), 0, 0);
}

Test(stats, a_mean_is_above_zero_when_it_is_beyond_students_bound)
{
    /* 1, 2, 3: mean 2, error 1 / sqrt(3), so t is 3.46; of two degrees of freedom the bound is 2.92
     * at 95 % and 6.96 at 99 %. */
    cr_expect(stats_mean_is_above_zero(6, 14, 3, 0.95));
    cr_expect_not(stats_mean_is_above_zero(6, 14, 3, 0.99));
    cr_expect_not(stats_mean_is_above_zero(-6, 14, 3, 0.95));
    cr_expect_not(stats_mean_is_above_zero(6, 36, 1, 0.95));
}
