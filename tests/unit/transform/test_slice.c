/* test_slice.c - cutting: everything is everything, and nothing else stays. */
#include <criterion/criterion.h>

#include "sim/transform/slice.h"
#include "world.h"

Test(slice, of_everything_is_the_same_workload)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload whole;
        struct workload sliced;
        struct slice slice;
        struct err err = {0};
        world_make(i, &whole);
        world_make(i, &sliced);
        slice_init(&slice);
        cr_assert(slice_apply(&slice, &sliced, &err), "%s", err.msg);
        world_expect_equal(&whole, &sliced);
        slice_release(&slice);
        workload_release(&whole);
        workload_release(&sliced);
    }
}

/* Two windows that touch hold every job once, at the time it had. */
Test(slice, windows_that_touch_hold_every_job_once)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload parts[2];
        struct workload whole;
        struct err err = {0};
        world_make(i, &whole);
        size_t half = whole.jobs.count / 2;
        int64_t border_us = whole.epoch_us + whole.jobs.items[half].submit_us;
        for (int k = 0; k < 2; k++) {
            struct slice slice;
            slice_init(&slice);
            slice.to_us = k == 0 ? border_us : slice.to_us;
            slice.from_us = k == 1 ? border_us : slice.from_us;
            world_make(i, &parts[k]);
            cr_assert(slice_apply(&slice, &parts[k], &err), "%s", err.msg);
            slice_release(&slice);
        }
        size_t first = parts[0].jobs.count;
        cr_assert_eq(first + parts[1].jobs.count, whole.jobs.count);
        for (size_t j = 0; j < whole.jobs.count; j++) {
            const struct workload *part = &parts[j < first ? 0 : 1];
            uint32_t number = (uint32_t)(j < first ? j : j - first);
            cr_expect_str_eq(workload_job_id(part, number), workload_job_id(&whole, (uint32_t)j));
            cr_expect_eq(part->epoch_us + part->jobs.items[number].submit_us,
                         whole.epoch_us + whole.jobs.items[j].submit_us);
        }
        cr_expect_eq(parts[1].jobs.items[0].submit_us, 0);
        workload_release(&parts[0]);
        workload_release(&parts[1]);
        workload_release(&whole);
    }
}

Test(slice, keeps_users_queues_and_sizes_that_are_asked_for)
{
    struct workload workload;
    struct slice slice;
    struct err err = {0};
    world_make(3, &workload);
    size_t expected = 0;
    uint32_t user = names_find(&workload.users, view_of("user4"));
    uint32_t other = names_find(&workload.users, view_of("user5"));
    uint32_t queue = names_find(&workload.queues, view_of("queue1"));
    for (size_t i = 0; i < workload.jobs.count; i++) {
        const struct job *job = &workload.jobs.items[i];
        int64_t milli = workload_shape_gpu_milli(&workload, job->shape);
        expected += (job->user == user || job->user == other) && job->queue == queue &&
                            milli >= 500 && milli <= 8000
                        ? 1
                        : 0;
    }
    slice_init(&slice);
    vec_push(&slice.users, "user4");
    vec_push(&slice.users, "user5");
    vec_push(&slice.queues, "queue1");
    slice.least_gpu_milli = 500;
    slice.most_gpu_milli = 8000;
    cr_assert(slice_apply(&slice, &workload, &err), "%s", err.msg);
    cr_expect_gt(expected, 1);
    cr_expect_eq(workload.jobs.count, expected);
    slice.first = 1;
    cr_assert(slice_apply(&slice, &workload, &err), "%s", err.msg);
    cr_expect_eq(workload.jobs.count, 1);
    slice_release(&slice);
    workload_release(&workload);
}

Test(slice, refuses_names_that_are_not_there_and_slices_without_jobs)
{
    struct workload workload;
    struct slice slice;
    struct err err = {0};
    world_make(1, &workload);
    slice_init(&slice);
    vec_push(&slice.queues, "queu1");
    cr_assert_not(slice_apply(&slice, &workload, &err));
    cr_expect_str_eq(err.msg, "the trace has no queue 'queu1'; did you mean 'queue1'?");
    slice_release(&slice);
    slice_init(&slice);
    slice.least_gpu_milli = 1 << 30;
    cr_assert_not(slice_apply(&slice, &workload, &err));
    cr_expect_str_eq(err.msg, "no job is left, expected at least one");
    slice_release(&slice);
    workload_release(&workload);
}
