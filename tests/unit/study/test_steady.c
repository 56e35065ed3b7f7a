/* test_steady.c - warm-ups that are there are found; growth is told from noise. */
#include <criterion/criterion.h>
#include <gsl/gsl_randist.h>

#include "sim/base/rng.h"
#include "sim/study/steady.h"

enum { COUNT = 500 };

/* A level of 10 with noise of 1, and `extra` on top that dies out over `length` values. */
static void settle(double extra, double length, double *values)
{
    gsl_rng *stream = rng_new(9, "test_steady", 0);
    for (size_t i = 0; i < COUNT; i++) {
        double left = (double)i < length ? 1 - (double)i / length : 0;
        values[i] = 10 + gsl_ran_gaussian(stream, 1) + extra * left;
    }
    gsl_rng_free(stream);
}

Test(steady, mser5_cuts_where_the_start_has_died_out)
{
    double values[COUNT];
    size_t cut = 0;
    settle(-10, 100, values);
    cr_assert(steady_mser5(values, COUNT, &cut));
    cr_assert(cut >= 60 && cut <= 150, "%zu", cut);
    cr_assert_eq(cut % 5, 0, "batches of five");
}

Test(steady, mser5_cuts_little_where_nothing_is_to_be_cut)
{
    double values[COUNT];
    size_t cut = COUNT;
    settle(0, 1, values);
    cr_assert(steady_mser5(values, COUNT, &cut));
    cr_assert_lt(cut, COUNT / 4);
}

Test(steady, mser5_finds_nothing_in_a_run_that_never_settles)
{
    double values[COUNT];
    size_t cut = 0;
    for (size_t i = 0; i < COUNT; i++) {
        values[i] = (double)i;
    }
    cr_assert_not(steady_mser5(values, COUNT, &cut));
    cr_assert_eq(cut, COUNT / 2);
    cr_assert_not(steady_mser5(values, 49, &cut), "too few to tell");
}

static bool grows(double slope, double noise)
{
    enum { REPLICATIONS = 5, STEPS = 100 };
    static const double level = 20;
    double values[REPLICATIONS * STEPS];
    for (size_t r = 0; r < REPLICATIONS; r++) {
        gsl_rng *stream = rng_new(4, "test_growth", r);
        for (size_t i = 0; i < STEPS; i++) {
            values[r * STEPS + i] = level + slope * (double)i + gsl_ran_gaussian(stream, noise);
        }
        gsl_rng_free(stream);
    }
    struct steady_growth growth;
    steady_growth(values, REPLICATIONS, STEPS, &growth);
    return steady_is_growing(&growth);
}

Test(steady, a_backlog_that_doubles_is_growth_and_noise_is_not)
{
    cr_expect(grows(1, 5), "20 to 120");
    cr_expect_not(grows(0, 5));
    cr_expect_not(grows(0.05, 1), "sure, but a tenth: no overload");
    cr_expect_not(grows(-0.1, 1));
}

Test(steady, the_line_is_that_of_the_second_half)
{
    double values[20];
    for (size_t i = 0; i < 20; i++) {
        values[i] = i < 10 ? 1000 : 3 * (double)i;
    }
    struct steady_growth growth;
    steady_growth(values, 1, 20, &growth);
    cr_assert_float_eq(growth.slope, 3, 1e-9);
    cr_assert_float_eq(growth.start, 30, 1e-9);
    cr_assert_float_eq(growth.end, 57, 1e-9);
}
