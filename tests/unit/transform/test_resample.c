/* test_resample.c - sessions and days come whole. */
#include <criterion/criterion.h>

#include "sim/transform/resample.h"
#include "world.h"

static const int64_t gap_us = (int64_t)1200 * 1000000;
static const int64_t day_us = (int64_t)86400 * 1000000;

/* The job of `whole` that a drawn job is a copy of. */
static size_t original_of(const struct workload *whole, const struct workload *drawn, size_t job)
{
    struct view rest = {0};
    struct view id = view_cut(view_of(workload_job_id(drawn, (uint32_t)job)), '~', &rest);
    uint32_t number = names_find(&whole->ids, id);
    size_t found = 0;
    while (found < whole->jobs.count && whole->jobs.items[found].id != number) {
        found++;
    }
    cr_assert_lt(found, whole->jobs.count);
    return found;
}

/* The next job of the same user, or 0. */
static size_t next_of_user(const struct workload *workload, size_t job)
{
    for (size_t i = job + 1; i < workload->jobs.count; i++) {
        if (workload->jobs.items[i].user == workload->jobs.items[job].user) {
            return i;
        }
    }
    return 0;
}

/* Is there a copy of job `wanted`, of the same user, at this time? */
static bool has_copy(const struct workload *whole, const struct workload *drawn, size_t wanted,
                     int64_t submit_us)
{
    for (size_t i = 0; i < drawn->jobs.count; i++) {
        if (drawn->jobs.items[i].submit_us == submit_us && original_of(whole, drawn, i) == wanted) {
            return true;
        }
    }
    return false;
}

/* Wherever a job was drawn, the jobs that followed it in its session follow it as they did. */
Test(resample, keeps_sessions_whole)
{
    for (uint64_t i = 0; i < WORLD_COUNT / 5; i++) {
        struct workload whole;
        struct workload drawn;
        struct err err = {0};
        world_make(i, &whole);
        cr_assert(resample_sessions(&whole, gap_us, i, &drawn, &err), "%s", err.msg);
        cr_expect_eq(drawn.epoch_us, whole.epoch_us, "sessions start when they did");
        for (size_t j = 0; j < drawn.jobs.count; j++) {
            size_t original = original_of(&whole, &drawn, j);
            const struct job *job = &whole.jobs.items[original];
            cr_expect_eq(world_job_kind(&whole, job), world_job_kind(&drawn, &drawn.jobs.items[j]));
            cr_expect_str_eq(names_get(&whole.users, job->user),
                             names_get(&drawn.users, drawn.jobs.items[j].user));
            size_t next = next_of_user(&whole, original);
            int64_t after_us = whole.jobs.items[next].submit_us - job->submit_us;
            if (next > 0 && after_us < gap_us) {
                cr_expect(has_copy(&whole, &drawn, next, drawn.jobs.items[j].submit_us + after_us));
            }
        }
        workload_release(&whole);
        workload_release(&drawn);
    }
}

Test(resample, with_one_session_a_user_is_the_same_workload)
{
    struct workload whole;
    struct workload drawn;
    struct err err = {0};
    world_make(5, &whole);
    cr_assert(resample_sessions(&whole, INT64_MAX, 1, &drawn, &err), "%s", err.msg);
    cr_expect_eq(drawn.jobs.count, whole.jobs.count);
    for (size_t j = 0; j < drawn.jobs.count; j++) {
        size_t original = original_of(&whole, &drawn, j);
        cr_expect_eq(whole.jobs.items[original].submit_us, drawn.jobs.items[j].submit_us);
    }
    workload_release(&whole);
    workload_release(&drawn);
}

Test(resample, of_days_keeps_hour_and_weekday)
{
    for (uint64_t i = 0; i < WORLD_COUNT / 5; i++) {
        struct workload whole;
        struct workload drawn;
        struct err err = {0};
        struct resample_days days = {.days = 1, .keeps_weekday = true, .seed = i};
        world_make(i, &whole);
        cr_assert(resample_by_days(&days, &whole, &drawn, &err), "%s", err.msg);
        bool moved = false;
        for (size_t j = 0; j < drawn.jobs.count; j++) {
            const struct job *job = &whole.jobs.items[original_of(&whole, &drawn, j)];
            int64_t by_us =
                drawn.epoch_us + drawn.jobs.items[j].submit_us - whole.epoch_us - job->submit_us;
            cr_expect_eq(by_us % (7 * day_us), 0);
            moved = moved || by_us != 0;
        }
        cr_expect(moved || whole.jobs.items[whole.jobs.count - 1].submit_us < 7 * day_us);
        days.keeps_weekday = false;
        days.days = 2;
        workload_release(&drawn);
        cr_assert(resample_by_days(&days, &whole, &drawn, &err), "%s", err.msg);
        for (size_t j = 0; j < drawn.jobs.count; j++) {
            const struct job *job = &whole.jobs.items[original_of(&whole, &drawn, j)];
            cr_expect_eq(
                (drawn.epoch_us + drawn.jobs.items[j].submit_us - whole.epoch_us - job->submit_us) %
                    (2 * day_us),
                0);
        }
        workload_release(&whole);
        workload_release(&drawn);
    }
}

Test(resample, of_equal_seeds_is_equal_and_of_others_is_not)
{
    struct workload whole;
    struct workload drawn[3];
    struct err err = {0};
    world_make(2, &whole);
    for (int i = 0; i < 3; i++) {
        cr_assert(resample_sessions(&whole, gap_us, i == 2 ? 8 : 7, &drawn[i], &err));
    }
    world_expect_equal(&drawn[0], &drawn[1]);
    char *one = world_text(&drawn[0]);
    char *other = world_text(&drawn[2]);
    cr_expect_str_neq(one, other);
    free(one);
    free(other);
    for (int i = 0; i < 3; i++) {
        workload_release(&drawn[i]);
    }
    workload_release(&whole);
}
