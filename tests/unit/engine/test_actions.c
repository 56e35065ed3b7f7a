/* test_actions.c - what a policy may ask for, what it costs, and what is refused. */
#include <criterion/criterion.h>

#include "world.h"

/* A policy that does what the test says at every pass; jobs are known by index. */
static void run_script(struct world *world, struct sched_ops *policy,
                       void (*decide)(void *state, struct sched_ctx *ctx), unsigned flags)
{
    *policy = (struct sched_ops){.name = "script", .flags = flags, .decide = decide};
    world->policy = policy;
}

static void expect_run(struct world *world, const char *log)
{
    cr_assert(world_run(world), "%s", world->err.msg);
    cr_assert_str_eq(world->log.bytes, log);
    world_release(world);
}

static void expect_refused(struct world *world, const char *message)
{
    cr_assert_not(world_run(world));
    cr_assert_eq(world->err.code, ERR_POLICY);
    cr_assert_str_eq(world->err.msg, message);
    world_release(world);
}

/* Job 0 is stopped when job 1 comes, and goes on when job 1 has ended. */
static void decide_swap(void *state, struct sched_ctx *ctx)
{
    (void)state;
    if (sched_job_state(ctx, 1) == SCHED_PENDING) {
        if (sched_job_state(ctx, 0) == SCHED_RUNNING) {
            sched_preempt(ctx, 0);
        }
        cr_assert(sched_start(ctx, 1));
    }
    if (sched_job_state(ctx, 1) != SCHED_RUNNING && sched_job_state(ctx, 0) == SCHED_PENDING) {
        (void)sched_start(ctx, 0);
    }
}

Test(actions, preempting_loses_work_since_the_last_checkpoint)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x1", "a,0,20,1,,\nb,7,3,1,,\n");
    run_script(&world, &policy, decide_swap, SCHED_PREEMPTS);
    world.settings.checkpoint_us = 5 * SECOND_US;
    world.settings.restore_us = 1 * SECOND_US;
    /* 5 of 7 seconds are kept; 15 are left after 1 s of restoring: 10 + 1 + 15. */
    expect_run(&world, "0 submit a\n0 start a 0:1\n7 submit b\n7 preempt a 0:1 lost 2\n"
                       "7 start b 0:1\n10 finish b 0:1\n10 start a 0:1\n26 finish a 0:1\n26 end\n");
}

/* a has done its 6 s of work when b stops it at 7, and holds its GPU again for 2 s at the end of
 * the 4 s that the preemption added. */
Test(actions, preempting_may_add_work_and_the_end_may_take_time)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x2", "a,0,6,2,,\nb,7,3,1,,\n");
    run_script(&world, &policy, decide_swap, SCHED_PREEMPTS);
    world.settings.finish_us = 2 * SECOND_US;
    world.settings.stop_cost_count = 2;
    world.settings.stop_costs[0] = (struct stop_cost){1000, 9 * SECOND_US};
    world.settings.stop_costs[1] = (struct stop_cost){INT64_MAX, 4 * SECOND_US};
    expect_run(&world, "0 submit a\n0 start a 0:2\n7 submit b\n7 preempt a 0:2 lost 4\n"
                       "7 start b 0:1\n12 finish b 0:1\n12 start a 0:2\n18 finish a 0:2\n18 end\n");
}

/* When b comes at 6, a, whose work was done at 4, has 2 s of the end behind it and 2 s to go. */
static void decide_start_or_shrink(void *state, struct sched_ctx *ctx)
{
    (void)state;
    if (sched_now_us(ctx) == 0) {
        cr_assert(sched_start(ctx, 0));
    } else if (sched_now_us(ctx) == 6 * SECOND_US) {
        cr_assert(sched_resize(ctx, 0, 1));
        cr_assert(sched_start(ctx, 1));
    }
}

Test(actions, what_has_passed_of_the_end_is_not_asked_again)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x2", "a,0,4,2,2,1\nb,6,3,1,,\n");
    run_script(&world, &policy, decide_start_or_shrink, 0);
    world.settings.finish_us = 4 * SECOND_US;
    expect_run(&world, "0 submit a\n0 start a 0:1 0:1\n6 submit b\n6 resize a 0:1\n6 start b 0:1\n"
                       "8 finish a 0:1\n13 finish b 0:1\n13 end\n");
}

Test(actions, preempting_is_free_by_default)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x1", "a,0,20,1,,\nb,7,3,1,,\n");
    run_script(&world, &policy, decide_swap, SCHED_PREEMPTS);
    expect_run(&world, "0 submit a\n0 start a 0:1\n7 submit b\n7 preempt a 0:1\n7 start b 0:1\n"
                       "10 finish b 0:1\n10 start a 0:1\n23 finish a 0:1\n23 end\n");
}

Test(actions, preempting_without_checkpoints_loses_everything)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x1", "a,0,20,1,,\nb,7,3,1,,\n");
    run_script(&world, &policy, decide_swap, SCHED_PREEMPTS);
    world.settings.checkpoint_us = PARAM_NEVER_US;
    expect_run(&world, "0 submit a\n0 start a 0:1\n7 submit b\n7 preempt a 0:1 lost 7\n"
                       "7 start b 0:1\n10 finish b 0:1\n10 start a 0:1\n30 finish a 0:1\n30 end\n");
}

static void decide_elastic(void *state, struct sched_ctx *ctx)
{
    (void)state;
    if (sched_job_state(ctx, 0) == SCHED_PENDING) {
        cr_assert(sched_start(ctx, 0));
        sched_wake_at(ctx, 2 * SECOND_US);
        sched_wake_at(ctx, 6 * SECOND_US);
    } else if (sched_now_us(ctx) == 2 * SECOND_US) {
        cr_assert(sched_resize(ctx, 0, 2));
    } else if (sched_now_us(ctx) == 6 * SECOND_US) {
        cr_assert(sched_resize(ctx, 0, 4));
    }
}

Test(actions, an_elastic_job_works_in_proportion_to_its_tasks)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "2x2", "a,0,10,4,4,1\n");
    run_script(&world, &policy, decide_elastic, 0);
    /* 2 s at full rate, 4 s at half rate, then 6 s of work are left. */
    expect_run(&world, "0 submit a\n0 start a 0:1 0:1 1:1 1:1\n2 resize a 0:1 0:1\n"
                       "6 resize a 0:1 0:1 1:1 1:1\n12 finish a 0:1 0:1 1:1 1:1\n12 end\n");
}

static void decide_start_running(void *state, struct sched_ctx *ctx)
{
    (void)state;
    cr_assert(sched_start(ctx, 0));
    cr_assert_not(sched_start(ctx, 0));
    sched_preempt(ctx, 0);
}

Test(actions, starting_a_running_job_ends_the_run)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x1", "a,5,20,1,,\n");
    run_script(&world, &policy, decide_start_running, SCHED_PREEMPTS);
    expect_refused(&world, "policy 'script' at 0 s: start job 'a': it is not pending");
}

static void decide_preempt(void *state, struct sched_ctx *ctx)
{
    (void)state;
    cr_assert(sched_start(ctx, 0));
    sched_preempt(ctx, 0);
}

Test(actions, preempting_without_saying_so_ends_the_run)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x1", "a,5,20,1,,\n");
    run_script(&world, &policy, decide_preempt, 0);
    expect_refused(&world, "policy 'script' at 0 s: preempt job 'a': "
                           "the policy does not declare that it preempts");
}

static void decide_peek(void *state, struct sched_ctx *ctx)
{
    (void)state;
    (void)sched_duration_us(ctx, 0);
}

Test(actions, reading_durations_without_being_an_oracle_ends_the_run)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x1", "a,5,20,1,,\n");
    run_script(&world, &policy, decide_peek, 0);
    expect_refused(&world,
                   "policy 'script' reads true durations but does not declare itself an oracle");
}

static void decide_wake_in_the_past(void *state, struct sched_ctx *ctx)
{
    (void)state;
    sched_wake_at(ctx, sched_now_us(ctx) - 1);
}

Test(actions, waking_in_the_past_ends_the_run)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x1", "a,5,20,1,,\n");
    run_script(&world, &policy, decide_wake_in_the_past, 0);
    expect_refused(&world, "policy 'script' at 0 s: wake job 'none': the time has passed already");
}

static void decide_with_ending(void *state, struct sched_ctx *ctx)
{
    (void)state;
    if (sched_job_state(ctx, 0) == SCHED_PENDING) {
        cr_assert(sched_start(ctx, 0));
        cr_assert_not(sched_release_ending(ctx, 0), "it does not end now");
    } else if (sched_job_state(ctx, 1) == SCHED_PENDING) {
        cr_assert_not(sched_start(ctx, 1));
        cr_assert(sched_release_ending(ctx, 0));
        cr_assert_not(sched_release_ending(ctx, 0), "it was released already");
        cr_assert(sched_start(ctx, 1));
    }
}

Test(actions, a_job_that_ends_now_can_be_released_before_its_turn)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x1", "a,0,5,1,,\nb,5,5,1,,\n");
    run_script(&world, &policy, decide_with_ending, 0);
    world.settings.pass = PASS_EVENT;
    world.settings.tie = TIE_SUBMIT;
    expect_run(&world, "0 submit a\n0 start a 0:1\n5 submit b\n5 start b 0:1\n5 finish a 0:1\n"
                       "10 finish b 0:1\n10 end\n");
}

static void decide_migrate(void *state, struct sched_ctx *ctx)
{
    (void)state;
    if (sched_now_us(ctx) == 0) {
        cr_assert(sched_start(ctx, 0));
        cr_assert(sched_start(ctx, 1));
        cr_assert_not(sched_migrate(ctx, 1), "it would go where it is");
    } else if (sched_job_state(ctx, 0) == SCHED_DONE && sched_now_us(ctx) == 4 * SECOND_US) {
        cr_assert(sched_migrate(ctx, 1));
    }
}

Test(actions, migrating_costs_a_restart)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "2x1", "a,0,4,1,,\nb,0,10,1,,\n");
    run_script(&world, &policy, decide_migrate, SCHED_PREEMPTS);
    world.settings.checkpoint_us = 3 * SECOND_US;
    world.settings.restore_us = 2 * SECOND_US;
    expect_run(&world, "0 submit a\n0 submit b\n0 start a 0:1\n0 start b 1:1\n4 finish a 0:1\n"
                       "4 migrate b 0:1 lost 1\n13 finish b 0:1\n13 end\n");
}

static void decide_shrink_to_nothing(void *state, struct sched_ctx *ctx)
{
    (void)state;
    if (sched_start(ctx, 0)) {
        struct sched_spot spots[] = {{.group = 0, .node = 0}, {.group = 0, .node = 0}};
        sched_shrink_at(ctx, 0, spots, 2);
    }
}

/* With the audit on, which has nothing to say of a run that has failed. */
Test(actions, taking_all_tasks_of_a_job_ends_the_run)
{
    struct world world;
    struct sched_ops policy;
    world_init(&world, "1x2", "a,0,20,2,2,1\n");
    run_script(&world, &policy, decide_shrink_to_nothing, SCHED_PREEMPTS);
    world.settings.audit = true;
    expect_refused(&world, "policy 'script' at 0 s: resize job 'a': it cannot hold so many tasks");
}

static void start_on_spot(struct sched_ctx *ctx, struct sched_spot spot)
{
    cr_assert_not(sched_start_at(ctx, 0, &spot, 1, 0));
}

static void decide_no_part(void *state, struct sched_ctx *ctx)
{
    (void)state;
    start_on_spot(ctx, (struct sched_spot){.part_gpus = 0});
}

static void decide_no_group(void *state, struct sched_ctx *ctx)
{
    (void)state;
    start_on_spot(ctx, (struct sched_spot){.group = 1, .part_gpus = 2});
}

static void decide_no_node(void *state, struct sched_ctx *ctx)
{
    (void)state;
    start_on_spot(ctx, (struct sched_spot){.node = 1, .part_gpus = 2});
}

Test(actions, spots_that_do_not_exist_end_the_run)
{
    static const struct {
        void (*decide)(void *state, struct sched_ctx *ctx);
        const char *message;
    } cases[] = {
        {decide_no_part, "policy 'script' at 0 s: start job 'a': the parts are not its GPUs"},
        {decide_no_group, "policy 'script' at 0 s: start job 'a': it has no such task group"},
        {decide_no_node, "policy 'script' at 0 s: start job 'a': there is no such node"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct world world;
        struct sched_ops policy;
        world_init(&world, "1x2", "a,0,20,2,,\n");
        run_script(&world, &policy, cases[i].decide, 0);
        expect_refused(&world, cases[i].message);
    }
}
