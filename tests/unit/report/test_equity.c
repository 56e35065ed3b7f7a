/* test_equity.c - fair shares filled by hand, and what a run of two queues owes and holds. */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "sim/report/equity.h"
#include "sim/report/finish_time.h"
#include "tests/lib/replay.h"
#include "tests/unit/report/story.h"

Test(equity, water_fills_by_weight_until_everybody_has_what_is_wanted)
{
    const struct equity_queue queues[] = {{.weight = 1, .pending = 2},
                                          {.weight = 1, .held = 4, .pending = 6},
                                          {.weight = 2, .pending = 10}};
    uint32_t order[3];
    double fair[3];
    equity_fill(queues, 3, 12, order, fair);
    cr_expect_float_eq(fair[0], 2, 1e-12);
    cr_expect_float_eq(fair[1], 10.0 / 3, 1e-12);
    cr_expect_float_eq(fair[2], 20.0 / 3, 1e-12);
    equity_fill(queues, 3, 100, order, fair);
    cr_expect_float_eq(fair[0] + fair[1] + fair[2], 22, 1e-12, "nobody gets more than wanted");
}

Test(equity, quotas_come_first)
{
    const struct equity_queue queues[] = {{.weight = 1, .quota = 6, .pending = 8},
                                          {.weight = 1, .pending = 10}};
    uint32_t order[2];
    double fair[2];
    equity_fill(queues, 2, 10, order, fair);
    cr_expect_float_eq(fair[0], 8, 1e-12, "six by quota, and half of the four that are left");
    cr_expect_float_eq(fair[1], 2, 1e-12);
}

static void record(void *self, const struct log_record *record)
{
    equity_add(self, record);
}

static void run(struct replay *replay, struct equity *equity)
{
    equity_init(equity, &replay->workload, &replay->cluster);
    replay->extra = (struct log_sink){equity, record};
    cr_assert(replay_run(replay), "%s", replay->err.msg);
    equity_end(equity, replay->result.end_us);
}

/* x has all four GPUs for 100 s, in which y waits for four; then y has them for 100 s. */
Test(equity, what_one_queue_holds_too_much_the_other_is_owed)
{
    struct replay replay;
    struct equity equity;
    replay_init(&replay, "1x4");
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,queue\n"
                         "a,0,100,4,x\n"
                         "b,0,100,4,y\n");
    run(&replay, &equity);
    cr_expect_float_eq(equity.queues[1].most_owed_gpu_us, 2 * 100e6, 1);
    cr_expect_float_eq(equity.queues[0].held_gpu_us, 400e6, 1);
    cr_expect_float_eq(equity.queues[0].fair_gpu_us, 200e6, 1);
    cr_expect_float_eq(equity.queues[1].fair_gpu_us, 200e6 + 400e6, 1);
    cr_expect_float_eq(equity.queues[1].backlog_us, 100e6, 1);
    struct equity_numbers numbers = equity_numbers(&equity);
    cr_expect_eq(numbers.tenants, 1, "x never waits");
    cr_expect_float_eq(numbers.drf_gap, 1, 1e-12, "1 against 0 while y waits");
    /* One window of 200 s: x 2 too many for 100 s, y 2 too few: means of 1 GPU each. */
    cr_expect_float_eq(numbers.error_gpus[0], 1, 1e-9);
    cr_expect_float_eq(numbers.most_owed_gpu_hours, 200.0 / 3600, 1e-12);
    cr_expect_eq(numbers.envious_pairs, 0, "both used as much in the hour");
    equity_release(&equity);
    replay_release(&replay);
}

Test(equity, a_queue_below_its_quota_that_waits_is_counted_from_when_it_began)
{
    struct replay replay;
    struct equity equity;
    struct err err = {0};
    const char json[] = "{\"pools\": [{\"name\": \"a\", \"nodes\": 1, \"gpus\": 4}], \"queues\": "
                        "[{\"name\": \"x\"}, {\"name\": \"y\", \"gpu\": {\"quota\": 2, "
                        "\"limit\": -1, \"weight\": 1}}]}";
    struct text bytes = {0};
    text_add(&bytes, json);
    struct file file = {.bytes = bytes.bytes, .length = bytes.length};
    replay_init(&replay, "1x4");
    cluster_release_all(&replay.cluster);
    cr_assert(cluster_from_json(&file, &replay.cluster, &err), "%s", err.msg);
    text_release(&bytes);
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,queue\n"
                         "a,0,100,4,x\n"
                         "b,30,10,2,y\n");
    run(&replay, &equity);
    struct equity_numbers numbers = equity_numbers(&equity);
    cr_expect_float_eq(numbers.longest_short_s, 70, 1e-9);
    equity_release(&equity);
    replay_release(&replay);
}

Test(equity, envy_is_what_a_queue_would_have_used_of_what_another_had)
{
    struct replay replay;
    struct equity equity;
    replay_init(&replay, "1x4");
    /* x has three GPUs and y one for an hour, and y wants two more all the time. */
    replay_read(&replay, "job_id,submit_s,duration_s,gpus,queue\n"
                         "a,0,3600,3,x\n"
                         "b,0,3600,1,y\n"
                         "c,0,1,2,y\n");
    run(&replay, &equity);
    struct equity_numbers numbers = equity_numbers(&equity);
    cr_expect_eq(numbers.envious_pairs, 1);
    /* Three GPU-hours of x against one of y, but for the second of c in the next hour. */
    cr_expect_float_eq(numbers.most_envy, 3 / (1 + 2.0 / 3600), 1e-9);
    cr_expect_float_eq(numbers.jain, 1, 1e-12);
    equity_release(&equity);
    replay_release(&replay);
}

Test(finish_time, rho_and_sharing_incentive_of_a_run_told_by_hand)
{
    static const int64_t alone_us[] = {10 * SECOND_US, 40 * SECOND_US, 20 * SECOND_US,
                                       TIME_UNKNOWN};
    struct story story;
    struct err err = {0};
    story_init(&story, "1x4");
    story.options.fairness = true;
    story.options.alone_us = alone_us;
    for (int i = 0; i < 4; i++) {
        char id[16];
        (void)snprintf(id, sizeof(id), "j%d", i);
        story_add_job(&story, id, i < 2 ? "x" : "y", 0, 10 * SECOND_US, 1);
    }
    story_open(&story, false);
    for (uint32_t i = 0; i < 4; i++) {
        story_tell(&story, 0, LOG_SUBMIT, i, 1);
    }
    for (uint32_t i = 0; i < 4; i++) {
        story_tell(&story, 0, LOG_START, i, 1);
    }
    for (uint32_t i = 0; i < 4; i++) {
        story_tell(&story, (i + 2) * 10 * SECOND_US, LOG_FINISH, i, 1); /* at 20, 30, 40, 50 s */
    }
    cr_assert(story_end(&story, 50 * SECOND_US, &err), "%s", err.msg);
    const struct finish_time *finish = report_finish_time(story.report);
    cr_expect_eq(finish->rho.count, 3);
    cr_expect_float_eq(finish->rho.mean, (2.0 + 0.75 + 2.0) / 3, 1e-12);
    cr_expect_float_eq(finish->rho.max, 2, 1e-12);
    cr_expect_float_eq(finish->unfair, 2.0 / 3, 1e-12);
    cr_expect_eq(finish->without, 1);
    /* x: 50 s alone over 50 s here; y: 20 over 40. */
    cr_expect_float_eq(finish->incentive, 0.5, 1e-12);
    cr_expect_eq(finish->incentive_queue, 1);
    story_release(&story);
}
