/* test_grid.c - every run in its place, whoever made it. */
#include <math.h>

#include <criterion/criterion.h>

#include "world.h"

static void assert_equal_runs(const struct grid *a, const struct grid *b)
{
    cr_assert_eq(a->runs.count, b->runs.count);
    for (size_t i = 0; i < a->runs.count; i++) {
        const struct grid_run *one = &a->runs.items[i];
        const struct grid_run *other = &b->runs.items[i];
        size_t bytes = ((size_t)a->columns.count + GRID_SERIES) * sizeof(double);
        cr_assert_eq(one->fingerprint, other->fingerprint);
        cr_assert_eq(memcmp(one->values, other->values, bytes), 0);
    }
}

Test(grid, eight_threads_and_batches_make_what_one_thread_makes)
{
    struct study_world world;
    study_world_init(&world, "users", "4x8", 300);
    study_world_add(&world, "fifo");
    study_world_add(&world, "easy");
    study_world_add(&world, "lottery");
    struct err err = {0};
    struct grid alone;
    grid_init(&alone, &world.plan);
    cr_assert(grid_extend(&alone, 4, &err), "%s", err.msg);
    struct grid_plan many = world.plan;
    many.threads = 8;
    struct grid together;
    grid_init(&together, &many);
    cr_assert(grid_extend(&together, 1, &err) && grid_extend(&together, 3, &err), "%s", err.msg);
    assert_equal_runs(&alone, &together);
    grid_release(&alone);
    grid_release(&together);
    study_world_release(&world);
}

Test(grid, policies_of_a_replication_meet_the_same_jobs_and_replications_differ)
{
    struct study_world world;
    study_world_init(&world, "users", "4x8", 300);
    study_world_add(&world, "fifo");
    study_world_add(&world, "easy");
    struct err err = {0};
    struct grid grid;
    grid_init(&grid, &world.plan);
    cr_assert(grid_extend(&grid, 2, &err), "%s", err.msg);
    const struct grid_run *first = grid_at(&grid, 0, 0, 0);
    cr_assert_float_eq(first->offered_load, grid_at(&grid, 0, 0, 1)->offered_load, 0);
    cr_assert_neq(first->fingerprint, grid_at(&grid, 0, 0, 1)->fingerprint);
    cr_assert_neq(first->fingerprint, grid_at(&grid, 1, 0, 0)->fingerprint);
    /* The second load has the same jobs half as dense. */
    cr_assert_float_eq(grid_at(&grid, 0, 1, 0)->offered_load, first->offered_load / 2, 1e-4);
    grid_release(&grid);
    study_world_release(&world);
}

/* The numbers of a run are those of the columns: mean waits of size classes add up. */
Test(grid, groups_make_up_the_whole)
{
    struct study_world world;
    study_world_init(&world, "users", "4x8", 500);
    study_world_add(&world, "fifo");
    struct err err = {0};
    struct grid grid;
    grid_init(&grid, &world.plan);
    cr_assert(grid_extend(&grid, 1, &err), "%s", err.msg);
    const struct grid_run *run = grid_at(&grid, 0, 0, 0);
    double least = (double)INFINITY;
    double most = -(double)INFINITY;
    for (uint32_t i = 0; i < SIZE_CLASS_COUNT; i++) {
        double wait = run->values[grid.columns.metric_count + i];
        least = isnan(wait) ? least : fmin(least, wait);
        most = isnan(wait) ? most : fmax(most, wait);
    }
    double mean = run->values[metric_find("mean_wait_s")];
    cr_assert(least <= mean && mean <= most && mean > 0);
    double worst_queue = run->values[metric_find("worst_queue_wait_s")];
    double most_queue = -(double)INFINITY;
    for (uint32_t i = SIZE_CLASS_COUNT; i < grid.columns.group_count - WAIT_CAUSE_COUNT; i++) {
        most_queue = fmax(most_queue, run->values[grid.columns.metric_count + i]);
    }
    cr_assert_float_eq(worst_queue, most_queue, 0);
    /* Strict first in, first out preempts nobody: pending is waiting. */
    double pending = 0;
    for (uint32_t i = grid.columns.count - WAIT_CAUSE_COUNT; i < grid.columns.count; i++) {
        pending += run->values[i];
    }
    cr_assert_float_eq(pending, mean, 1e-9 * mean);
    grid_release(&grid);
    study_world_release(&world);
}

static bool after_three(void *self, size_t done, size_t total)
{
    (void)self;
    cr_assert_leq(done, total);
    return done < 3;
}

Test(grid, a_grid_that_is_told_to_stop_stops)
{
    struct study_world world;
    study_world_init(&world, "users", "4x8", 100);
    study_world_add(&world, "fifo");
    world.plan.progress = after_three;
    struct err err = {0};
    struct grid grid;
    grid_init(&grid, &world.plan);
    cr_assert_not(grid_extend(&grid, 100, &err));
    cr_assert_eq(err.code, ERR_IO);
    cr_assert_eq(grid.replications, 0);
    grid_release(&grid);
    study_world_release(&world);
}
