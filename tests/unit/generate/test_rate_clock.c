/* test_rate_clock.c - the clock of a changing rate and its inverse. */
#include <criterion/criterion.h>

#include "sim/generate/rate_clock.h"

static struct model_profile profile_of(double period_s, const double *weights, size_t count)
{
    struct model_profile profile = {.period_s = period_s};
    for (size_t i = 0; i < count; i++) {
        vec_push(&profile.weights, weights[i]);
    }
    return profile;
}

Test(rate_clock, runs_three_times_as_fast_where_the_weight_is_three_times_the_mean)
{
    const double weights[] = {0, 3, 1, 0};
    struct model_profile profile = profile_of(400, weights, 4);
    struct rate_clock clock;
    rate_clock_init(&clock, &profile, 0);
    cr_assert_float_eq(rate_clock_op_of(&clock, 100), 0, 1e-9);
    cr_assert_float_eq(rate_clock_op_of(&clock, 150), 150, 1e-9);
    cr_assert_float_eq(rate_clock_op_of(&clock, 200), 300, 1e-9);
    cr_assert_float_eq(rate_clock_op_of(&clock, 300), 400, 1e-9);
    cr_assert_float_eq(rate_clock_op_of(&clock, 400), 400, 1e-9);
    cr_assert_float_eq(rate_clock_op_of(&clock, 1350), 1350, 1e-9);
    cr_assert_float_eq(rate_clock_time_of(&clock, 300), 200, 1e-9);
    cr_assert_float_eq(rate_clock_time_of(&clock, 350), 250, 1e-9);
    cr_assert_float_eq(rate_clock_time_of(&clock, 450), 400 + 100 + 50 / 3.0, 1e-9);
    rate_clock_release(&clock);
    vec_release(&profile.weights);
}

Test(rate_clock, its_inverse_brings_every_time_back)
{
    const double weights[] = {1, 5, 2, 7, 3};
    struct model_profile profile = profile_of(86400, weights, 5);
    for (double start_s = 0; start_s < 90000; start_s += 22222) {
        struct rate_clock clock;
        rate_clock_init(&clock, &profile, start_s);
        cr_assert_float_eq(rate_clock_op_of(&clock, 0), 0, 1e-9);
        double before = -1;
        for (double time_s = 0; time_s < 1e6; time_s += 777.7) {
            double op = rate_clock_op_of(&clock, time_s);
            cr_assert_gt(op, before);
            cr_assert_float_eq(rate_clock_time_of(&clock, op), time_s, 1e-6);
            before = op;
        }
        cr_assert_float_eq(rate_clock_op_of(&clock, 86400 * 3), 86400 * 3, 1e-6);
        rate_clock_release(&clock);
    }
    vec_release(&profile.weights);
}

Test(rate_clock, without_weights_it_is_the_real_clock)
{
    struct model_profile profile = {.period_s = 100};
    struct rate_clock clock;
    rate_clock_init(&clock, &profile, 33);
    cr_assert_float_eq(rate_clock_op_of(&clock, 12.5), 12.5, 0);
    cr_assert_float_eq(rate_clock_time_of(&clock, 12.5), 12.5, 0);
    rate_clock_release(&clock);
}
