/* test_scale.c - load as asked, jobs as they were. */
#include <math.h>

#include <criterion/criterion.h>

#include "sim/base/arith.h"
#include "sim/transform/scale.h"
#include "world.h"

static double gpu_time(const struct workload *workload)
{
    double sum = 0;
    for (size_t i = 0; i < workload->jobs.count; i++) {
        const struct job *job = &workload->jobs.items[i];
        sum += (double)workload_shape_gpu_milli(workload, job->shape) * (double)job->duration_us;
    }
    return sum;
}

Test(scale, by_one_is_the_same_workload)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload whole;
        struct workload scaled;
        struct workload copied;
        struct err err = {0};
        struct scale_users users = {.factor = 1, .tolerance = 0, .seed = i};
        world_make(i, &whole);
        world_make(i, &scaled);
        cr_assert(scale_arrivals(&scaled, 1, &err), "%s", err.msg);
        world_expect_equal(&whole, &scaled);
        cr_assert(scale_by_users(&users, &whole, &copied, &err), "%s", err.msg);
        world_expect_equal(&whole, &copied);
        workload_release(&whole);
        workload_release(&scaled);
        workload_release(&copied);
    }
}

Test(scale, of_arrivals_gives_the_load_and_keeps_the_jobs)
{
    const double factors[] = {0.3, 0.9, 1.7, 10};
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload whole;
        struct workload scaled;
        struct err err = {0};
        double factor = factors[i % 4];
        world_make(i, &whole);
        world_make(i, &scaled);
        cr_assert(scale_arrivals(&scaled, factor, &err), "%s", err.msg);
        double before = scale_offered_load(&whole, 64);
        double after = scale_offered_load(&scaled, 64);
        cr_expect_lt(fabs(after / before / factor - 1), 1e-6);
        for (size_t j = 0; j < whole.jobs.count; j++) {
            cr_expect_eq(world_job_kind(&whole, &whole.jobs.items[j]),
                         world_job_kind(&scaled, &scaled.jobs.items[j]));
            cr_expect_eq(whole.jobs.items[j].id, scaled.jobs.items[j].id);
        }
        workload_release(&whole);
        workload_release(&scaled);
    }
}

/* A copy is its job at the same hour, some whole weeks away, with the same user but for the sign.
 */
static void expect_copies(const struct workload *whole, const struct workload *scaled)
{
    for (size_t j = 0; j < scaled->jobs.count; j++) {
        const struct job *job = &scaled->jobs.items[j];
        struct view rest = {0};
        struct view id = view_cut(view_of(workload_job_id(scaled, (uint32_t)j)), '~', &rest);
        uint32_t number = names_find(&whole->ids, id);
        cr_assert_neq(number, NAMES_NONE);
        const struct job *original = NULL;
        for (size_t k = 0; k < whole->jobs.count && original == NULL; k++) {
            original = whole->jobs.items[k].id == number ? &whole->jobs.items[k] : NULL;
        }
        cr_assert_not_null(original);
        cr_expect_eq(world_job_kind(whole, original), world_job_kind(scaled, job));
        int64_t moved_us =
            scaled->epoch_us + job->submit_us - whole->epoch_us - original->submit_us;
        cr_expect_eq(moved_us % ((int64_t)86400 * 1000000), 0);
        struct view user = view_cut(view_of(names_get(&scaled->users, job->user)), '+', &rest);
        cr_expect(view_is(user, names_get(&whole->users, original->user)));
        cr_expect_eq(rest.at == NULL, moved_us == 0);
    }
    int64_t last_us = whole->jobs.items[whole->jobs.count - 1].submit_us;
    cr_expect_lt(scaled->jobs.items[scaled->jobs.count - 1].submit_us,
                 last_us + (int64_t)7 * 86400 * 1000000, "the end goes round to the beginning");
}

Test(scale, of_users_gives_the_gpu_time_within_the_tolerance)
{
    const double factors[] = {0.4, 0.8, 1.5, 3.25};
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload whole;
        struct workload scaled;
        struct err err = {0};
        double factor = factors[i % 4];
        struct scale_users users = {.factor = factor, .tolerance = 0.05, .seed = i};
        world_make(i, &whole);
        cr_assert(scale_by_users(&users, &whole, &scaled, &err), "%s", err.msg);
        cr_expect_lt(fabs(gpu_time(&scaled) / gpu_time(&whole) / factor - 1), 0.05);
        expect_copies(&whole, &scaled);
        workload_release(&scaled);
        workload_release(&whole);
    }
}

Test(scale, of_users_says_when_they_come_in_lumps)
{
    struct workload whole;
    struct workload scaled;
    struct err err = {0};
    struct scale_users users = {.factor = 0.001, .tolerance = 0.05, .seed = 1};
    world_make(1, &whole);
    cr_assert_not(scale_by_users(&users, &whole, &scaled, &err));
    cr_expect_not_null(strstr(err.msg, "whole users of this seed give a factor of"));
    workload_release(&whole);
}

Test(scale, of_arrivals_refuses_times_beyond_all_bounds)
{
    struct workload whole;
    struct err err = {0};
    world_make(1, &whole);
    cr_assert_not(scale_arrivals(&whole, 1e-9, &err));
    workload_release(&whole);
}
