/* test_speeds.c - speed by GPU model, leases of whole steps, starting on wanted models. */
#include <criterion/criterion.h>

#include "sim/workload/speeds.h"
#include "world.h"

Test(speeds, adopts_a_class_of_another_table_once)
{
    struct speeds from = {0};
    struct speeds to = {0};
    uint32_t number = speeds_add(&from, view_of("resnet x4"), 8);
    speeds_tell(&from, view_of("v100"), 8);
    speeds_tell(&from, view_of("k80"), 0);
    cr_assert_eq(speeds_add(&to, view_of("lm x1"), 1), 1);
    uint32_t adopted = speeds_adopt(&to, &from, number);
    cr_assert_eq(adopted, 2);
    cr_assert_eq(speeds_adopt(&to, &from, number), 2);
    cr_assert_float_eq(speeds_reference(&to, adopted), 8, 1e-12);
    cr_assert_float_eq(speeds_on(&to, adopted, "k80"), 0, 1e-12);
    cr_assert_float_eq(speeds_on(&to, adopted, "a100"), 8, 1e-12, "untold: the reference speed");
    speeds_release(&from);
    speeds_release(&to);
}

/* Starts job 0, lets it make three steps of a microsecond times a million, and ten seconds later
 * all that is left. */
static void lease_in_two(void *state, struct sched_ctx *ctx)
{
    (void)state;
    if (sched_job_state(ctx, 0) == SCHED_PENDING && sched_start(ctx, 0)) {
        int64_t end_us = sched_lease(ctx, 0, 3 * SECOND_US);
        cr_assert_eq(end_us, 3 * SECOND_US);
        sched_wake_at(ctx, 10 * SECOND_US);
    } else if (sched_now_us(ctx) == 10 * SECOND_US) {
        cr_assert_eq(sched_lease(ctx, 0, 100 * SECOND_US), 110 * SECOND_US);
    }
}

static const struct sched_ops lease_policy = {.name = "lease", .decide = lease_in_two};

Test(lease, holds_without_working_when_it_is_used_up)
{
    struct world world;
    world_init(&world, "1x1", "a,0,5,1,,\n");
    world.policy = &lease_policy;
    world.settings.audit = true;
    cr_assert(world_run(&world), "%s", world.err.msg);
    cr_assert_eq(world.result.end_us, 12 * SECOND_US, "%s", world.log.bytes);
    world_release(&world);
}
