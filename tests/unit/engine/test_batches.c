/* test_batches.c - leases of which a part passes idly; checkpoints that change the batch size. */
#include <criterion/criterion.h>

#include "world.h"

/* Four seconds of which one is lost, then all that is left. */
static void lose_a_second(void *state, struct sched_ctx *ctx)
{
    (void)state;
    struct sched_lease_terms terms = {4 * SECOND_US, SECOND_US, 2 * SECOND_US};
    if (sched_job_state(ctx, 0) == SCHED_PENDING && sched_start(ctx, 0)) {
        cr_assert_eq(sched_lease_part(ctx, 0, terms), 4 * SECOND_US);
        sched_wake_at(ctx, 4 * SECOND_US);
    } else if (sched_now_us(ctx) == 4 * SECOND_US && sched_job_state(ctx, 0) == SCHED_RUNNING) {
        (void)sched_lease(ctx, 0, 100 * SECOND_US);
    }
}

static const struct sched_ops losing_policy = {.name = "losing", .decide = lose_a_second};

Test(lease, makes_fewer_steps_when_a_part_is_idle)
{
    struct world world;
    world_init(&world, "1x1", "a,0,10,1,,\n");
    world.policy = &losing_policy;
    world.settings.audit = true;
    cr_assert(world_run(&world), "%s", world.err.msg);
    cr_assert_eq(world.result.end_us, 11 * SECOND_US, "%s", world.log.bytes);
    world_release(&world);
}

/* Two seconds are left, which is not more than idle_from_us: nothing is lost, the job has ended
 * when its lease would be over. */
Test(lease, loses_nothing_when_it_is_short)
{
    struct world world;
    world_init(&world, "1x1", "a,0,2,1,,\n");
    world.policy = &losing_policy;
    cr_assert(world_run(&world), "%s", world.err.msg);
    cr_assert_neq(strstr(world.log.bytes, "2 finish a"), NULL, "%s", world.log.bytes);
    world_release(&world);
}

/* 20 steps, a checkpoint, 5 steps, a checkpoint, and all that is left. */
static void change_after_two(void *state, struct sched_ctx *ctx)
{
    (void)state;
    int64_t now_us = sched_now_us(ctx);
    int64_t past_steps = 0;
    if (now_us == 0 && sched_start(ctx, 0)) {
        sched_wake_at(ctx, sched_lease(ctx, 0, 20));
    } else if (now_us == 2 * SECOND_US) {
        cr_assert(sched_checkpoint(ctx, 0, &past_steps));
        sched_wake_at(ctx, sched_lease(ctx, 0, 5));
    } else if (now_us == 2 * SECOND_US + SECOND_US / 2) {
        cr_assert(sched_checkpoint(ctx, 0, &past_steps));
        cr_assert_float_eq(sched_step_speed(ctx, 0, NAMES_NONE), 7, 1e-12);
        (void)sched_lease(ctx, 0, 1000);
    }
}

static const struct sched_ops changing_policy = {.name = "changing", .decide = change_after_two};

/* 100 steps of 10 a second are 10 epochs. 25 steps are two and a half of them, which count as
 * three: 35 of 50 steps are left, at 7 a second. */
Test(checkpoint, changes_batch_size_speed_and_steps)
{
    struct world world;
    world_init(&world, "1x1", "a,0,10,1,,\n");
    struct speeds *speeds = &world.workload.speeds;
    struct batch_plan plan = {
        .rule = BATCH_GNS,
        .level_count = 2,
        .epoch_count = 1,
        .levels = {{speeds_add(speeds, view_of("small"), 10), 10, 10}, {0, 20, 5}},
        .epochs = {1},
    };
    plan.levels[1].speed_class = speeds_add(speeds, view_of("large"), 7);
    speeds_plan(speeds, plan.levels[0].speed_class, &plan);
    world.workload.jobs.items[0].speed_class = (uint16_t)plan.levels[0].speed_class;
    world.policy = &changing_policy;
    world.settings.audit = true;
    cr_assert(world_run(&world), "%s", world.err.msg);
    cr_assert_eq(world.result.end_us, 7 * SECOND_US + SECOND_US / 2, "%s", world.log.bytes);
    world_release(&world);
}

/* 90 steps, a checkpoint, 6 steps, a checkpoint, a lease of nothing, and one step. */
static void change_at_the_end(void *state, struct sched_ctx *ctx)
{
    (void)state;
    int64_t past_steps = 0;
    if (sched_now_us(ctx) == 0 && sched_start(ctx, 0)) {
        sched_wake_at(ctx, sched_lease(ctx, 0, 90));
    } else if (sched_now_us(ctx) == 9 * SECOND_US) {
        cr_assert(sched_checkpoint(ctx, 0, &past_steps));
        sched_wake_at(ctx, sched_lease(ctx, 0, 6));
    } else if (sched_now_us(ctx) == 9600000) {
        cr_assert_not(sched_checkpoint(ctx, 0, &past_steps));
        cr_assert_eq(past_steps, 1);
        (void)sched_lease(ctx, 0, 0);
        sched_wake_at(ctx, 12 * SECOND_US);
    } else if (sched_now_us(ctx) == 12 * SECOND_US) {
        (void)sched_lease(ctx, 0, 1);
    }
}

static const struct sched_ops ending_policy = {.name = "ending", .decide = change_at_the_end};

static void checkpoint_at_once(void *state, struct sched_ctx *ctx)
{
    (void)state;
    if (sched_job_state(ctx, 0) == SCHED_PENDING && sched_start(ctx, 0)) {
        int64_t past_steps = 0;
        (void)sched_checkpoint(ctx, 0, &past_steps);
    }
}

static const struct sched_ops early_policy = {.name = "early", .decide = checkpoint_at_once};

/* 97 steps in all: half of them are 49, ten epochs as before, and ten epochs count as done. */
Test(checkpoint, may_leave_no_step)
{
    struct world world;
    world_init(&world, "1x1", "a,0,9.7,1,,\n");
    struct speeds *speeds = &world.workload.speeds;
    struct batch_plan plan = {
        .rule = BATCH_GNS,
        .level_count = 2,
        .epoch_count = 1,
        .levels = {{speeds_add(speeds, view_of("small"), 10), 10, 10}, {0, 20, 5}},
        .epochs = {1},
    };
    plan.levels[1].speed_class = speeds_add(speeds, view_of("large"), 10);
    speeds_plan(speeds, plan.levels[0].speed_class, &plan);
    world.workload.jobs.items[0].speed_class = (uint16_t)plan.levels[0].speed_class;
    world.policy = &ending_policy;
    world.settings.audit = true;
    cr_assert(world_run(&world), "%s", world.err.msg);
    cr_assert_eq(world.result.end_us, 12 * SECOND_US + 1, "%s", world.log.bytes);
    world_release(&world);
}

Test(checkpoint, is_refused_while_the_job_works)
{
    struct world world;
    world_init(&world, "1x1", "a,0,10,1,,\n");
    struct speeds *speeds = &world.workload.speeds;
    struct batch_plan plan = {.level_count = 1, .levels = {{1, 1, 1}}};
    speeds_plan(speeds, speeds_add(speeds, view_of("only"), 10), &plan);
    world.workload.jobs.items[0].speed_class = 1;
    world.policy = &early_policy;
    cr_assert_not(world_run(&world));
    cr_assert_neq(strstr(world.err.msg, "not at the end of a lease"), NULL, "%s", world.err.msg);
    world_release(&world);
}
