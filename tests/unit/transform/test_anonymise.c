/* test_anonymise.c - no name is left, equal keys agree, everything else stays. */
#include <criterion/criterion.h>

#include "sim/transform/anonymise.h"
#include "sim/transform/slice.h"
#include "world.h"

static const int64_t week_us = (int64_t)7 * 86400 * 1000000;

static void anonymise(uint64_t world, const char *key, struct workload *out)
{
    struct err err = {0};
    struct anonymise settings = {.key = siphash_key_of(view_of(key))};
    world_make(world, out);
    cr_assert(anonymise_apply(&settings, out, &err), "%s", err.msg);
}

/* What became of a name. */
static const char *became(const struct names *before, const struct names *after, const char *name)
{
    uint32_t number = names_find(before, view_of(name));
    cr_assert_neq(number, NAMES_NONE);
    return names_get(after, number);
}

Test(anonymise, leaves_no_name_and_changes_no_job)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload whole;
        struct workload hidden;
        world_make(i, &whole);
        anonymise(i, "a key of ours", &hidden);
        char *text = world_text(&hidden);
        char *rows = strchr(text, '\n');
        cr_expect_null(strstr(rows, "job"));
        cr_expect_null(strstr(rows, "user"));
        cr_expect_null(strstr(rows, "queue"));
        free(text);
        cr_assert_eq(hidden.jobs.count, whole.jobs.count);
        for (size_t j = 0; j < whole.jobs.count; j++) {
            const struct job *old = &whole.jobs.items[j];
            const struct job *job = &hidden.jobs.items[j];
            cr_expect_eq(world_job_kind(&whole, old), world_job_kind(&hidden, job));
            cr_expect_eq(job->submit_us, old->submit_us);
            cr_expect_eq(job->user, old->user, "jobs of one user stay together");
        }
        int64_t back_us = whole.epoch_us - hidden.epoch_us;
        cr_expect_geq(back_us, week_us);
        cr_expect_eq(back_us % week_us, 0);
        workload_release(&whole);
        workload_release(&hidden);
    }
}

Test(anonymise, agrees_between_traces_of_one_key_only)
{
    struct workload plain[2];
    struct workload hidden[2];
    struct workload other;
    for (int i = 0; i < 2; i++) {
        world_make((uint64_t)i + 1, &plain[i]);
        anonymise((uint64_t)i + 1, "one key", &hidden[i]);
    }
    anonymise(1, "another key", &other);
    const char *one = became(&plain[0].users, &hidden[0].users, "user3");
    cr_expect_str_eq(one, became(&plain[1].users, &hidden[1].users, "user3"));
    cr_expect_str_neq(one, became(&plain[0].users, &other.users, "user3"));
    cr_expect_str_eq(became(&plain[0].ids, &hidden[0].ids, "job7"),
                     became(&plain[1].ids, &hidden[1].ids, "job7"));
    cr_expect_eq(plain[0].epoch_us - hidden[0].epoch_us, plain[1].epoch_us - hidden[1].epoch_us);
    cr_expect_neq(hidden[0].epoch_us, other.epoch_us);
    for (int i = 0; i < 2; i++) {
        workload_release(&plain[i]);
        workload_release(&hidden[i]);
    }
    workload_release(&other);
}

Test(anonymise, keeps_what_it_is_told_to_keep)
{
    struct workload workload;
    struct err err = {0};
    struct anonymise settings = {.when = ANONYMISE_ZERO, .keeps_queues = true};
    world_make(1, &workload);
    cr_assert(anonymise_apply(&settings, &workload, &err), "%s", err.msg);
    cr_expect_neq(names_find(&workload.queues, view_of("queue1")), NAMES_NONE);
    cr_expect_eq(workload.epoch_us, 0);
    workload_release(&workload);
}
