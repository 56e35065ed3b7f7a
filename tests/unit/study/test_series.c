/* test_series.c - what waits, step by step. */
#include <criterion/criterion.h>

#include "sim/study/series.h"
#include "tests/lib/replay.h"

/* 250 steps of one second (and a bit): the last submit is at 249.9 s. Job b waits from 0 to 100. */
Test(series, a_job_that_waits_is_backlog_until_it_starts)
{
    struct replay replay;
    replay_init(&replay, "1x2");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus\n"
                         "a,0,100,2\n"
                         "b,0,10,2\n"
                         "c,249.9,10,1\n");
    struct series series;
    const struct series_options options = {.warmup_us = 0, .tau_us = 20 * SECOND_US};
    series_init(&series, &replay.workload, &options);
    replay.extra = series_sink(&series);
    cr_assert(replay_run(&replay), "%s", replay.err.msg);
    cr_assert_float_eq(series.backlog[0], 2000, 1e-6);
    cr_assert_float_eq(series.backlog[50], 2000, 1e-6);
    cr_assert_float_eq(series.backlog[120], 0, 1e-6);
    double sum = 0;
    for (size_t i = 0; i < SERIES_STEPS; i++) {
        sum += series.backlog[i] * (double)series.step_us;
    }
    cr_assert_float_eq(sum, 2000 * 100e6, 1, "milli-GPUs times microseconds");
    cr_assert_eq(series.waits[0], 2);
    cr_assert_float_eq(series.wait_us[0], 100e6, 1e-6);
    cr_assert_eq(series.waits[SERIES_STEPS - 1], 1);
    double waits[SERIES_BINS];
    double slowdowns[SERIES_BINS];
    series_cumulate(series.wait_bins, waits);
    series_cumulate(series.slowdown_bins, slowdowns);
    cr_assert_float_eq(waits[0], 2.0 / 3, 1e-12, "a and c do not wait");
    cr_assert_float_eq(series_wait_bound_s(17), 100, 1e-9);
    cr_assert_float_eq(waits[16], 2.0 / 3, 1e-12);
    cr_assert_float_eq(waits[17], 1, 1e-12, "b waits 100 s");
    /* b: 110 s over max(10, 20) s is 5.5; the bounds are 5.01 and 6.31. */
    cr_assert_float_eq(slowdowns[0], 2.0 / 3, 1e-12);
    cr_assert_float_eq(slowdowns[7], 2.0 / 3, 1e-12);
    cr_assert_float_eq(slowdowns[8], 1, 1e-12);
    series_release(&series);
    replay_release(&replay);
}
