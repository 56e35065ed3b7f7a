/* test_merge.c - all jobs are there, under names that tell them apart. */
#include <criterion/criterion.h>

#include "sim/transform/merge.h"
#include "world.h"

static bool merge_two(uint64_t first, uint64_t second, struct merge_settings settings,
                      struct workload *out, struct err *err)
{
    struct merge merge;
    struct workload parts[2];
    bool ok = true;
    world_make(first, &parts[0]);
    world_make(second, &parts[1]);
    merge_begin(&merge, &settings, out);
    for (int i = 0; ok && i < 2; i++) {
        ok = merge_add(&merge, &parts[i], i == 0 ? "a" : "b", err);
    }
    if (ok) {
        ok = merge_finish(&merge, err);
    } else {
        merge_abandon(&merge);
    }
    workload_release(&parts[0]);
    workload_release(&parts[1]);
    return ok;
}

Test(merge, keeps_every_job_of_every_trace)
{
    for (uint64_t i = 0; i < WORLD_COUNT; i++) {
        struct workload merged;
        struct err err = {0};
        cr_assert(merge_two(i, i + 100, (struct merge_settings){0}, &merged, &err), "%s", err.msg);
        uint64_t sum = 0;
        size_t count = 0;
        for (uint64_t k = i; k <= i + 100; k += 100) {
            struct workload part;
            world_make(k, &part);
            count += part.jobs.count;
            for (size_t j = 0; j < part.jobs.count; j++) {
                sum += world_job_kind(&part, &part.jobs.items[j]);
            }
            workload_release(&part);
        }
        cr_expect_eq(merged.jobs.count, count);
        cr_expect_eq(names_count(&merged.ids), count);
        for (size_t j = 0; j < count; j++) {
            sum -= world_job_kind(&merged, &merged.jobs.items[j]);
        }
        cr_expect_eq(sum, 0);
        cr_expect_eq(names_count(&merged.queues), 3);
        workload_release(&merged);
    }
}

Test(merge, aligns_traces_or_keeps_their_times)
{
    struct workload a;
    struct workload b;
    struct workload merged;
    struct err err = {0};
    world_make(1, &a);
    world_make(2, &b);
    cr_assert(merge_two(1, 2, (struct merge_settings){0}, &merged, &err));
    cr_expect_eq(merged.epoch_us, a.epoch_us);
    cr_expect_eq(merged.jobs.items[1].submit_us, 0, "both start at once");
    workload_release(&merged);
    cr_assert(merge_two(1, 2, (struct merge_settings){.is_absolute = true}, &merged, &err));
    cr_expect_eq(merged.epoch_us, a.epoch_us < b.epoch_us ? a.epoch_us : b.epoch_us);
    workload_release(&merged);
    workload_release(&a);
    workload_release(&b);
}

Test(merge, tells_names_apart_as_asked)
{
    struct workload merged;
    struct err err = {0};
    struct merge_settings apart = {.queues_apart = true, .users_apart = true};
    cr_assert(merge_two(1, 2, apart, &merged, &err), "%s", err.msg);
    cr_expect_neq(names_find(&merged.ids, view_of("job0")), NAMES_NONE);
    cr_expect_neq(names_find(&merged.ids, view_of("b/job0")), NAMES_NONE);
    cr_expect_eq(names_count(&merged.queues), 6);
    cr_expect_neq(names_find(&merged.queues, view_of("b/queue1")), NAMES_NONE);
    cr_expect_neq(names_find(&merged.users, view_of("b/user3")), NAMES_NONE);
    workload_release(&merged);
    cr_assert(merge_two(1, 2, (struct merge_settings){.ids = MERGE_IDS_ALL}, &merged, &err));
    cr_expect_eq(names_find(&merged.ids, view_of("job0")), NAMES_NONE);
    cr_expect_neq(names_find(&merged.ids, view_of("a/job0")), NAMES_NONE);
    workload_release(&merged);
    cr_assert_not(merge_two(1, 2, (struct merge_settings){.ids = MERGE_IDS_NONE}, &merged, &err));
    cr_expect_not_null(strstr(err.msg, "was there before"));
}
