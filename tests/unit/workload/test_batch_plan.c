/* test_batch_plan.c - when jobs change their batch size, and what a change makes of their steps. */
#include <criterion/criterion.h>

#include "sim/workload/shockwave_batches.h"
#include "sim/workload/speeds.h"

/* 100 samples an epoch, in batches of 10 and 20. */
static const struct batch_plan doubling = {
    .rule = BATCH_GNS,
    .level_count = 2,
    .epoch_count = 1,
    .levels = {{1, 10, 10}, {2, 20, 5}},
    .epochs = {3},
};

/* Two epochs are done, the third is begun: it is decided now and done at the next checkpoint, where
 * the epoch that was begun counts as done. */
Test(batch_plan, doubles_a_checkpoint_after_the_epoch_is_near)
{
    struct batch_state state = {.total_steps = 100, .done_steps = 10};
    batch_plan_checkpoint(&doubling, &state);
    cr_assert_eq(state.next_level, 0, "one epoch done, the second to come");
    state.done_steps = 15;
    batch_plan_checkpoint(&doubling, &state);
    cr_assert_eq(state.level, 0);
    cr_assert_eq(state.next_level, 1);
    state.done_steps = 22;
    batch_plan_checkpoint(&doubling, &state);
    cr_assert_eq(state.level, 1);
    cr_assert_eq(state.total_steps, 50);
    cr_assert_eq(state.done_steps, 15);
    cr_assert_eq(state.next_level, 1, "there is no third size");
}

/* 10 samples an epoch: 3 steps of 4 or 2 of 8. Half of 15 steps would be 8, which are 4 epochs. */
Test(batch_plan, keeps_the_number_of_epochs)
{
    static const struct batch_plan plan = {
        .rule = BATCH_GNS,
        .level_count = 2,
        .epoch_count = 1,
        .levels = {{1, 4, 3}, {2, 8, 2}},
        .epochs = {1},
    };
    struct batch_state state = {.next_level = 1, .total_steps = 15, .done_steps = 3};
    batch_plan_checkpoint(&plan, &state);
    cr_assert_eq(state.total_steps, 10);
    cr_assert_eq(state.done_steps, 2);
}

/* Epochs 0 and 1 of every 4 are critical. */
Test(batch_plan, accordion_goes_back_in_critical_epochs)
{
    static const struct batch_plan plan = {
        .rule = BATCH_ACCORDION,
        .level_count = 2,
        .epoch_count = 2,
        .period = 4,
        .levels = {{1, 10, 10}, {2, 20, 5}},
        .epochs = {0, 2},
    };
    static const struct {
        uint32_t level;
        int64_t done;
        uint32_t next;
    } cases[] = {{0, 0, 0}, {0, 10, 0}, {0, 11, 1}, {1, 15, 1}, {1, 20, 0}, {1, 26, 1}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct batch_state state = {cases[i].level, cases[i].level, 100, cases[i].done};
        batch_plan_checkpoint(&plan, &state);
        cr_assert_eq(state.next_level, cases[i].next, "%zu", i);
    }
}

static struct shockwave_job job_of(const char *model, const char *mode, uint32_t gpus)
{
    return (struct shockwave_job){view_of(model), view_of(mode), gpus};
}

Test(shockwave_batches, knows_the_epochs_of_gns)
{
    struct shockwave_job job = job_of("LM (batch size 10)", "gns", 1);
    struct batch_plan plan;
    cr_assert(shockwave_batches(&job, &plan));
    cr_assert_eq(plan.level_count, 4);
    cr_assert_eq(plan.levels[0].epoch_steps, 5968);
    cr_assert_eq(plan.levels[3].batch, 80);
    cr_assert_eq(plan.levels[3].epoch_steps, 746);
    cr_assert_eq(plan.epoch_count, 3);
    cr_assert_eq(plan.epochs[2], 41);
}

Test(shockwave_batches, knows_the_critical_epochs_of_accordion)
{
    struct shockwave_job job = job_of("ResNet-50 (batch size 32)", "accordion", 2);
    struct batch_plan plan;
    cr_assert(shockwave_batches(&job, &plan));
    cr_assert_eq(plan.level_count, 2);
    cr_assert_eq(plan.levels[1].batch, 128);
    cr_assert_eq(plan.period, 30);
    cr_assert_eq(plan.epochs[1], 10);
    job = job_of("Recommendation (batch size 2048)", "accordion", 1);
    cr_assert(shockwave_batches(&job, &plan));
    cr_assert_eq(plan.epochs[1], 40);
    cr_assert_eq(plan.period, 0);
}

Test(shockwave_batches, leaves_alone_what_cannot_change)
{
    static const char *const none[][2] = {
        {"LM (batch size 10)", "static"},
        {"LM (batch size 80)", "gns"},
        {"Transformer (batch size 16)", "accordion"},
        {"ResNet-50 (batch size 16)", "gns"},
        {"LM batch 10", "gns"},
    };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        struct shockwave_job job = job_of(none[i][0], none[i][1], 1);
        struct batch_plan plan;
        cr_assert_not(shockwave_batches(&job, &plan), "%s %s", none[i][0], none[i][1]);
    }
}

Test(speeds, adopts_a_class_with_its_plan)
{
    struct speeds from = {0};
    struct speeds to = {0};
    struct batch_plan plan = doubling;
    plan.levels[0].speed_class = speeds_add(&from, view_of("small gns"), 8);
    plan.levels[1].speed_class = speeds_add(&from, view_of("large"), 6);
    speeds_plan(&from, plan.levels[0].speed_class, &plan);
    (void)speeds_add(&to, view_of("other"), 1);
    uint32_t adopted = speeds_adopt(&to, &from, 1);
    const struct batch_plan *told = speeds_plan_of(&to, adopted);
    cr_assert_not_null(told);
    cr_assert_eq(told->levels[0].speed_class, adopted);
    cr_assert_float_eq(speeds_reference(&to, told->levels[1].speed_class), 6, 1e-12);
    cr_assert_null(speeds_plan_of(&to, told->levels[1].speed_class));
    speeds_release(&from);
    speeds_release(&to);
}
