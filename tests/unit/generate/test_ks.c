/* test_ks.c - distances worked out by hand, and points of Kolmogorov's distribution from tables. */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/generate/ks.h"

Test(ks, the_distance_is_the_largest_gap_between_the_steps)
{
    const double a[] = {1, 2, 3, 4};
    const double b[] = {3, 4, 5, 6};
    const double c[] = {1, 1, 1, 9};
    cr_assert_float_eq(ks_distance(a, 4, b, 4), 0.5, 1e-15);
    cr_assert_float_eq(ks_distance(b, 4, a, 4), 0.5, 1e-15);
    cr_assert_float_eq(ks_distance(a, 4, a, 4), 0, 1e-15);
    cr_assert_float_eq(ks_distance(a, 4, c, 4), 0.5, 1e-15);
    cr_assert_float_eq(ks_distance(a, 2, b, 4), 1, 1e-15);
}

/* Values that are tied in both samples are no gap. */
Test(ks, ties_between_the_samples_count_together)
{
    const double a[] = {1, 1, 2, 2};
    const double b[] = {1, 2};
    cr_assert_float_eq(ks_distance(a, 4, b, 2), 0, 1e-15);
}

Test(ks, the_distance_to_a_distribution_looks_at_both_sides_of_each_step)
{
    struct distribution d = distribution_of(FAMILY_LOGUNIFORM, (const double[]){1, 16});
    const double values[] = {2, 4, 8};
    /* F is 1/4, 2/4, 3/4; the steps go 0, 1/3, 2/3, 1. */
    cr_assert_float_eq(ks_distance_to(values, 3, &d), 0.25, 1e-12);
}

/* Points of the limiting distribution (Smirnov 1948), and Stephens's for n = 20. */
Test(ks, probabilities_are_those_of_tables)
{
    double n = 1e8;
    cr_assert_float_eq(ks_probability(1.2238 / sqrt(n), n), 0.10, 2e-4);
    cr_assert_float_eq(ks_probability(1.3581 / sqrt(n), n), 0.05, 2e-4);
    cr_assert_float_eq(ks_probability(1.6276 / sqrt(n), n), 0.01, 1e-4);
    cr_assert_float_eq(ks_probability(0.294, 20), 0.05, 2e-3);
    cr_assert_float_eq(ks_probability(0.001, 10), 1, 1e-12);
    cr_assert_float_eq(ks_probability(0.9, 1000), 0, 1e-12);
}

Test(ks, a_distance_passes_up_to_the_size_at_which_it_is_critical)
{
    double n = ks_passes_up_to(0.01);
    cr_assert_float_eq(n, 18444, 1);
    cr_assert_gt(ks_probability(0.01, n * 0.97), 0.05);
    cr_assert_lt(ks_probability(0.01, n * 1.03), 0.05);
}
