/* test_grow.c - some jobs become more, others stay, none changes. */
#include <criterion/criterion.h>

#include "sim/base/check.h"
#include "sim/transform/grow.h"
#include "world.h"

static double *factors_of(const struct workload *workload, double even, double odd)
{
    double *factors = mem_alloc(workload->jobs.count, sizeof(*factors));
    for (size_t i = 0; i < workload->jobs.count; i++) {
        factors[i] = workload->jobs.items[i].user % 2 == 0 ? even : odd;
    }
    return factors;
}

static void grow(const struct workload *from, double even, double odd, struct workload *out)
{
    struct err err = {0};
    double *factors = factors_of(from, even, odd);
    cr_assert(grow_workload(from, factors, 3, out, &err), "%s", err.msg);
    free(factors);
}

Test(grow, by_one_is_the_same_workload)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload whole;
        struct workload grown;
        world_make(i, &whole);
        grow(&whole, 1, 1, &grown);
        world_expect_equal(&whole, &grown);
        workload_release(&whole);
        workload_release(&grown);
    }
}

Test(grow, whole_factors_give_every_job_so_often)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload whole;
        struct workload grown;
        size_t expected = 0;
        uint64_t kinds = 0;
        world_make(i, &whole);
        grow(&whole, 1, 3, &grown);
        for (size_t j = 0; j < whole.jobs.count; j++) {
            const struct job *job = &whole.jobs.items[j];
            size_t times = job->user % 2 == 0 ? 1 : 3;
            expected += times;
            kinds += times * world_job_kind(&whole, job);
        }
        cr_expect_eq(grown.jobs.count, expected);
        for (size_t j = 0; j < grown.jobs.count; j++) {
            kinds -= world_job_kind(&grown, &grown.jobs.items[j]);
        }
        cr_expect_eq(kinds, 0);
        workload_release(&whole);
        workload_release(&grown);
    }
}

Test(grow, parts_are_right_in_the_mean_and_larger_factors_only_add)
{
    double jobs = 0;
    double half = 0;
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload whole;
        struct workload less;
        struct workload more;
        world_make(i, &whole);
        grow(&whole, 0.5, 0.5, &less);
        grow(&whole, 0.7, 0.7, &more);
        jobs += (double)whole.jobs.count;
        half += (double)less.jobs.count;
        for (size_t j = 0; j < less.jobs.count; j++) {
            const char *id = names_get(&less.ids, less.jobs.items[j].id);
            cr_expect_neq(names_find(&more.ids, view_of(id)), NAMES_NONE, "%s", id);
        }
        workload_release(&whole);
        workload_release(&less);
        workload_release(&more);
    }
    cr_expect_gt(half / jobs, 0.47);
    cr_expect_lt(half / jobs, 0.53);
}

Test(grow, to_nothing_is_an_error)
{
    struct workload whole;
    struct workload grown;
    struct err err = {0};
    world_make(1, &whole);
    double *factors = factors_of(&whole, 0, 0);
    cr_expect_not(grow_workload(&whole, factors, 3, &grown, &err));
    cr_expect_neq(err.code, ERR_NONE);
    free(factors);
    workload_release(&whole);
}
