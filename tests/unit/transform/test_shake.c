/* test_shake.c - noise within its bounds, none when none is asked for. */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/transform/shake.h"
#include "sim/transform/slice.h"
#include "world.h"

Test(shake, with_nothing_is_the_same_workload)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload whole;
        struct workload shaken;
        struct err err = {0};
        world_make(i, &whole);
        world_make(i, &shaken);
        cr_assert(shake_apply(&(struct shake){.seed = i}, &shaken, &err), "%s", err.msg);
        world_expect_equal(&whole, &shaken);
        workload_release(&whole);
        workload_release(&shaken);
    }
}

Test(shake, stays_within_its_bounds_and_within_estimates)
{
    struct shake shake = {.arrivals_us = 300000000, .durations = 0.2, .seed = 9};
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload whole;
        struct workload shaken;
        struct err err = {0};
        uint32_t moved = 0;
        world_make(i, &whole);
        world_make(i, &shaken);
        cr_assert(shake_apply(&shake, &shaken, &err), "%s", err.msg);
        cr_expect_eq(shaken.jobs.items[0].submit_us, 0);
        const struct job **by_id = mem_alloc(names_count(&whole.ids), sizeof(const struct job *));
        for (size_t j = 0; j < whole.jobs.count; j++) {
            by_id[whole.jobs.items[j].id] = &whole.jobs.items[j];
        }
        for (size_t j = 0; j < shaken.jobs.count; j++) {
            const struct job *job = &shaken.jobs.items[j];
            const struct job *old = by_id[job->id];
            int64_t by_us = shaken.epoch_us + job->submit_us - whole.epoch_us - old->submit_us;
            cr_expect_leq(llabs(by_us), shake.arrivals_us);
            moved += by_us != 0 ? 1 : 0;
            double off = fabs((double)(job->duration_us - old->duration_us));
            cr_expect_leq(off, 0.2 * (double)old->duration_us + 1);
            cr_expect(job->estimate_us == TIME_UNKNOWN || job->duration_us <= job->estimate_us);
            cr_expect_eq(job->duration_us == 0, old->duration_us == 0);
            cr_expect_eq(job->shape, old->shape);
        }
        cr_expect_gt(moved, whole.jobs.count / 2);
        free((void *)by_id);
        workload_release(&whole);
        workload_release(&shaken);
    }
}

/* A job's noise is its own: cutting first and shaking then gives what the other order gives. */
Test(shake, of_a_part_is_the_part_of_the_shaken)
{
    struct workload one;
    struct workload other;
    struct slice slice;
    struct err err = {0};
    struct shake shake = {.arrivals_us = 60000000, .durations = 0.1, .seed = 4};
    slice_init(&slice);
    vec_push(&slice.queues, "queue2");
    world_make(6, &one);
    world_make(6, &other);
    cr_assert(slice_apply(&slice, &one, &err) && shake_apply(&shake, &one, &err));
    cr_assert(shake_apply(&shake, &other, &err) && slice_apply(&slice, &other, &err));
    world_expect_equal(&one, &other);
    slice_release(&slice);
    workload_release(&one);
    workload_release(&other);
}
