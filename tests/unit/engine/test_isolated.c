/* test_isolated.c - every queue alone on its own nodes. */
#include <criterion/criterion.h>

#include "sim/cluster/cluster_file.h"
#include "tests/lib/replay.h"

/* Nodes a (1 GPU) and b (2 GPUs) by label vc; node c belongs to nobody. */
#define CLUSTER                                                                                    \
    "{\"pools\": [{\"name\": \"a\", \"nodes\": 1, \"gpus\": 1, \"labels\": {\"vc\": \"a\"}},"      \
    "{\"name\": \"c\", \"nodes\": 1, \"gpus\": 8},"                                                \
    "{\"name\": \"b\", \"nodes\": 1, \"gpus\": 2, \"labels\": {\"vc\": \"b\"}}]}"

#define HEADER "job_id,submit_s,duration_s,gpus,queue\n"

static void open_replay(struct replay *replay, const char *jobs)
{
    replay_init(replay, "1x1");
    cluster_release_all(&replay->cluster);
    struct text json = {0};
    text_add(&json, CLUSTER);
    struct file file = {.bytes = json.bytes, .length = json.length};
    cr_assert(cluster_from_json(&file, &replay->cluster, &replay->err), "%s", replay->err.msg);
    text_release(&json);
    replay_read(replay, jobs);
    replay->settings.isolate = "vc";
    replay->settings.audit = true;
}

static void expect(struct replay *replay, const char *expected)
{
    cr_assert(replay_run(replay), "%s", replay->err.msg);
    struct text schedule = {0};
    replay_add_schedule(&schedule, replay);
    cr_assert_str_eq(schedule.bytes, expected);
    text_release(&schedule);
    replay_release(replay);
}

/* Strict FIFO in each queue: 1, which waits for node a, holds nobody of b back. */
Test(isolated, a_queue_waits_for_its_own_nodes_only)
{
    struct replay replay;
    open_replay(&replay, HEADER "0,0,10,1,a\n1,1,5,1,a\n2,2,4,2,b\n3,3,3,1,b\n");
    expect(&replay, "0 0-10, 1 10-15, 2 2-6, 3 6-9");
}

/* 3 GPUs are there, but not on the nodes of b. */
Test(isolated, what_is_too_large_for_the_part_is_rejected)
{
    struct replay replay;
    open_replay(&replay, HEADER "0,0,10,1,a\n1,0,5,3,b\n2,1,4,2,b\n");
    expect(&replay, "0 0-10, 1 rejected, 2 1-5");
}

static void note_node(void *self, const struct log_record *record)
{
    struct text *text = self;
    if (record->kind == LOG_START || record->kind == LOG_END) {
        text_add_seconds(text, record->time_us);
        if (record->kind == LOG_START) {
            text_addf(text, ":%u on %u, ", record->job, record->grants[0].node);
        } else {
            text_add(text, " end");
        }
    }
}

Test(isolated, records_come_in_time_order_with_numbers_of_the_whole)
{
    struct replay replay;
    struct text text = {0};
    open_replay(&replay, HEADER "0,0,10,1,b\n1,1,5,1,a\n2,2,4,1,b\n3,3,3,1,a\n");
    replay.extra = (struct log_sink){&text, note_node};
    cr_assert(replay_run(&replay), "%s", replay.err.msg);
    cr_assert_str_eq(text.bytes, "0:0 on 2, 1:1 on 0, 2:2 on 2, 6:3 on 0, 10 end");
    cr_assert_eq(replay.result.events, 8);
    text_release(&text);
    replay_release(&replay);
}

Test(isolated, a_horizon_ends_the_whole)
{
    struct replay replay;
    open_replay(&replay, HEADER "0,0,10,1,a\n1,1,2,1,b\n");
    replay.settings.horizon_us = 5 * SECOND_US;
    cr_assert(replay_run(&replay));
    cr_assert_eq(replay.result.end_us, 5 * SECOND_US);
    cr_assert_eq(replay.jobs.items[0].end_us, REPLAY_NEVER);
    cr_assert_eq(replay.jobs.items[1].end_us, 3 * SECOND_US);
    replay_release(&replay);
}

Test(isolated, a_queue_without_nodes_is_refused)
{
    struct replay replay;
    open_replay(&replay, HEADER "0,0,10,1,a\n1,0,5,1,z\n");
    cr_assert_not(replay_run(&replay));
    cr_assert_str_eq(replay.err.msg,
                     "queue 'z' has 1 jobs and no node has the label 'vc' with its name");
    replay_release(&replay);
}

static void preempt_nobody(void *state, struct sched_ctx *ctx)
{
    (void)state;
    sched_preempt(ctx, 0);
}

/* The other part is closed, too: nothing leaks. */
Test(isolated, a_policy_that_asks_for_the_impossible_ends_the_whole)
{
    static const struct sched_ops policy = {.name = "wrong", .decide = preempt_nobody};
    struct replay replay;
    open_replay(&replay, HEADER "0,0,10,1,a\n1,0,5,1,b\n");
    struct engine_input input = {
        .settings = &replay.settings,
        .workload = &replay.workload,
        .cluster = &replay.cluster,
        .policy = &policy,
        .place = place_find("count"),
    };
    cr_assert_not(engine_run(&input, &replay.result, &replay.err));
    cr_assert_eq(replay.err.code, ERR_POLICY);
    replay_release(&replay);
}
