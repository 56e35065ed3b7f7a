/* test_level.c - service levels measured in a run whose waits are known, and judged by hand. */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/base/text.h"
#include "sim/plan/level.h"
#include "sim/study/metric.h"
#include "tests/lib/replay.h"

/* Four jobs of 100 s, one after another on one GPU: waits of 0, 100, 200 and 300 s. */
static const char *const JOBS = "job_id,submit_s,duration_s,gpus,queue,user\n"
                                "a,0,100,1,left,ann\n"
                                "b,0,100,1,right,bob\n"
                                "c,0,100,1,left,bob\n"
                                "d,0,100,1,left,ann\n";

static void run(const struct plan_level *levels, uint32_t count, int64_t warmup_us,
                const atomic_size_t *asked_for, struct level_meter *meter, struct replay *replay)
{
    replay_init(replay, "1x1");
    replay_read(replay, JOBS);
    level_meter_init(meter, &replay->workload, levels, count, warmup_us);
    meter->asked_for = asked_for;
    replay->extra = level_meter_sink(meter);
    cr_assert(replay_run(replay), "%s", replay->err.msg);
}

static void measure(const struct plan_level *levels, uint32_t count, int64_t warmup_us,
                    struct level_sum *sums, struct level_meter *meter, struct replay *replay)
{
    run(levels, count, warmup_us, NULL, meter, replay);
    level_meter_take(meter, sums);
}

static void release(struct level_meter *meter, struct replay *replay)
{
    level_meter_release(meter);
    replay_release(replay);
}

static void expect_sum(const struct level_sum *sum, double top, double bottom)
{
    cr_expect_float_eq(sum->top, top, 1e-9);
    cr_expect_float_eq(sum->bottom, bottom, 1e-9);
}

Test(level, every_kind_is_measured)
{
    const struct plan_level levels[] = {
        {.kind = LEVEL_SHARE_WAIT, .share = 0.9, .bound = 150},
        {.kind = LEVEL_MEAN_WAIT, .bound = 100},
        {.kind = LEVEL_SHARE_SLOWDOWN, .share = 0.5, .bound = 3},
        {.kind = LEVEL_MEAN_SLOWDOWN, .bound = 2},
        {.kind = LEVEL_METRIC, .bound = 0.5, .at_least = true},
    };
    struct level_sum sums[5];
    struct level_meter meter;
    struct replay replay;
    measure(levels, 5, 0, sums, &meter, &replay);
    expect_sum(&sums[0], 2, 4);
    expect_sum(&sums[1], 600, 4);
    expect_sum(&sums[2], 3, 4);
    expect_sum(&sums[3], 10, 4);
    expect_sum(&sums[4], 0, 0);
    release(&meter, &replay);
}

Test(level, only_the_jobs_meant_count)
{
    const struct plan_level levels[] = {
        {.kind = LEVEL_MEAN_WAIT, .bound = 1000, .jobs = {.queue = "left"}},
        {.kind = LEVEL_MEAN_WAIT, .bound = 1000, .jobs = {.user = "bob"}},
        {.kind = LEVEL_MEAN_WAIT, .bound = 1000, .jobs = {.queue = "left", .user = "bob"}},
        {.kind = LEVEL_MEAN_WAIT, .bound = 1000, .jobs = {.gpus_at_least = 2}},
    };
    struct level_sum sums[4];
    struct level_meter meter;
    struct replay replay;
    measure(levels, 4, 0, sums, &meter, &replay);
    expect_sum(&sums[0], 500, 3);
    expect_sum(&sums[1], 300, 2);
    expect_sum(&sums[2], 200, 1);
    expect_sum(&sums[3], 0, 0);
    cr_expect_eq(meter.hopeless, 0);
    release(&meter, &replay);
    measure(levels, 4, 1, sums, &meter, &replay); /* all were submitted before the warm-up's end */
    expect_sum(&sums[0], 0, 0);
    release(&meter, &replay);
}

Test(level, a_run_that_breaks_a_level_by_far_is_hopeless)
{
    const struct plan_level levels[] = {
        {.kind = LEVEL_MEAN_WAIT, .bound = 1}, /* 3 * 4 s and a minute a job: 252 s */
        {.kind = LEVEL_SHARE_WAIT, .share = 0.99, .bound = 10},
    };
    for (uint32_t i = 0; i < 2; i++) {
        struct level_sum sums[1];
        struct level_meter meter;
        struct replay replay;
        measure(&levels[i], 1, 0, sums, &meter, &replay);
        cr_expect_eq(meter.hopeless, 1);
        level_meter_take_best(&meter, sums);
        expect_sum(&sums[0], i == 0 ? 600 : 1, 4);
        release(&meter, &replay);
    }
}

Test(level, a_run_that_nobody_waits_for_is_as_good_as_hopeless)
{
    const struct plan_level level = {.kind = LEVEL_MEAN_WAIT, .bound = 1000};
    for (size_t asked = 0; asked < 2; asked++) {
        atomic_size_t asked_for;
        atomic_init(&asked_for, asked);
        struct level_meter meter;
        struct replay replay;
        run(&level, 1, 0, &asked_for, &meter, &replay);
        cr_expect_eq(meter.hopeless, asked == 0 ? 1 : 0);
        release(&meter, &replay);
    }
}

Test(level, misses_are_told_by_the_hour)
{
    const struct plan_level levels[] = {
        {.kind = LEVEL_SHARE_WAIT, .share = 0.9, .bound = 150},
        {.kind = LEVEL_MEAN_WAIT, .bound = 1000},
    };
    struct level_sum sums[2];
    struct level_meter meter;
    struct replay replay;
    double missed[LEVEL_HOURS] = {0};
    double waited[LEVEL_HOURS] = {0};
    measure(levels, 2, 0, sums, &meter, &replay);
    level_meter_hours(&meter, 0, missed);
    level_meter_hours(&meter, 1, waited);
    double other = 0;
    for (int hour = 1; hour < LEVEL_HOURS; hour++) {
        other += missed[hour] + waited[hour];
    }
    cr_expect_float_eq(missed[0], 2, 0);
    cr_expect_float_eq(waited[0], 600, 1e-9);
    cr_expect_float_eq(other, 0, 0);
    release(&meter, &replay);
}

static void expect_words(const struct plan_level *level, const char *words)
{
    struct text text = {0};
    level_add_words(&text, level);
    cr_expect_str_eq(text.bytes, words);
    text_release(&text);
}

Test(level, it_says_what_it_asks_for)
{
    uint32_t jain = 0;
    while (strcmp(metrics[jain].name, "share_jain") != 0) {
        jain++;
    }
    expect_words(&(struct plan_level){.kind = LEVEL_MEAN_WAIT, .bound = 600},
                 "jobs wait at most 10.0 min in the mean");
    expect_words(&(struct plan_level){.kind = LEVEL_SHARE_SLOWDOWN,
                                      .share = 0.9,
                                      .bound = 5,
                                      .jobs = {.user = "ann", .gpus_at_least = 2}},
                 "90 % of jobs of user ann from 2 GPUs on are slowed down at most 5 times");
    expect_words(
        &(struct plan_level){
            .kind = LEVEL_MEAN_SLOWDOWN,
            .bound = 1.5,
            .jobs = {.queue = "q", .gpus_at_least = 2, .gpus_at_most = 4},
        },
        "jobs of queue q with 2 to 4 GPUs are slowed down at most 1.5 times in the mean");
    expect_words(
        &(struct plan_level){.kind = LEVEL_METRIC, .metric = jain, .bound = 0.8, .at_least = true},
        "share_jain at least 0.8");
}

static enum level_verdict verdict_of(const struct plan_level *level, const struct level_sum *sums,
                                     size_t count)
{
    return level_judge(level, sums, count, 0.95).verdict;
}

/* Ratios 0.90, 0.92, 0.94: mean 0.92, residuals -2, 0, 2 of 100, standard error 2 / 100 / sqrt(3) =
 * 0.011547, t(2, 0.95) = 2.919986: 0.92 +- 0.033717. */
Test(level, it_is_kept_or_broken_beyond_doubt_or_unclear)
{
    const struct level_sum sums[] = {{90, 100}, {92, 100}, {94, 100}};
    struct plan_level level = {.kind = LEVEL_SHARE_WAIT, .share = 0.88, .bound = 1};
    struct level_estimate estimate = level_judge(&level, sums, 3, 0.95);
    cr_expect_float_eq(estimate.value, 0.92, 1e-12);
    cr_expect_float_eq(estimate.low, 0.886283, 1e-6);
    cr_expect_float_eq(estimate.high, 0.953717, 1e-6);
    cr_expect_eq(estimate.verdict, LEVEL_KEPT);
    level.share = 0.9;
    cr_expect_eq(verdict_of(&level, sums, 3), LEVEL_UNCLEAR);
    level.share = 0.96;
    cr_expect_eq(verdict_of(&level, sums, 3), LEVEL_BROKEN);
    cr_expect_eq(verdict_of(&level, NULL, 0), LEVEL_KEPT, "nobody is meant");
}

Test(level, less_is_better_where_it_is_about_waits)
{
    const struct level_sum sums[] = {{900, 10}, {1100, 10}};
    struct plan_level level = {.kind = LEVEL_MEAN_WAIT, .bound = 1000};
    cr_expect_eq(verdict_of(&level, sums, 2), LEVEL_KEPT);
    level.bound = 10;
    cr_expect_eq(verdict_of(&level, sums, 2), LEVEL_BROKEN);
    cr_expect_eq(verdict_of(&level, sums, 1), LEVEL_BROKEN);
    level.bound = 90;
    cr_expect_eq(verdict_of(&level, sums, 1), LEVEL_KEPT, "one run is taken as it is");
    const struct level_sum never[] = {{(double)INFINITY, 10}, {1, 10}};
    cr_expect_eq(verdict_of(&level, never, 2), LEVEL_BROKEN, "a job that never runs");
}
