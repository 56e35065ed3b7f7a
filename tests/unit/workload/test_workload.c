/* test_workload.c - jobs and shapes in memory: interning, order, what cannot be. */
#include <criterion/criterion.h>

#include "sim/workload/workload.h"

#define SECOND_US INT64_C(1000000)

static struct job_draft draft_of(const char *id, int64_t submit_s, uint32_t gpus)
{
    struct job_draft draft;
    job_draft_init(&draft);
    job_draft_set_gpus(&draft, gpus);
    draft.id = view_of(id);
    draft.submit_us = submit_s * SECOND_US;
    draft.duration_us = SECOND_US;
    return draft;
}

static void add(struct workload *workload, const struct job_draft *draft)
{
    struct err err = {0};
    cr_assert(workload_add(workload, draft, 1, &err), "%s", err.msg);
}

static void finish(struct workload *workload)
{
    struct err err = {0};
    cr_assert(workload_finish(workload, &err), "%s", err.msg);
}

static void expect_order(const struct workload *workload, const char *ids)
{
    struct text found = {0};
    for (uint32_t i = 0; i < workload->jobs.count; i++) {
        text_addf(&found, "%s", workload_job_id(workload, i));
    }
    cr_expect_str_eq(found.bytes, ids);
    text_release(&found);
}

Test(workload, equal_shapes_are_stored_once)
{
    struct workload workload;
    workload_init(&workload);
    struct job_draft draft = draft_of("a", 0, 8);
    add(&workload, &draft);
    draft.id = view_of("b");
    draft.user = view_of("someone");
    draft.submit_us = 5;
    add(&workload, &draft);
    cr_expect_eq(workload.shapes.count, 1);
    draft.id = view_of("c");
    draft.is_free = false;
    add(&workload, &draft);
    draft.id = view_of("d");
    draft.models = view_of("A100");
    add(&workload, &draft);
    draft.id = view_of("e");
    draft.required_level = view_of("rack");
    add(&workload, &draft);
    draft.id = view_of("f");
    draft.groups[0].request.cpu_milli = 1;
    add(&workload, &draft);
    cr_expect_eq(workload.shapes.count, 5);
    cr_expect_eq(workload.groups.count, 5);
    workload_release(&workload);
}

/* More shapes than the first table of slots holds. */
Test(workload, many_shapes_are_found_again)
{
    struct workload workload;
    workload_init(&workload);
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < 500; i++) {
            char id[16];
            (void)snprintf(id, sizeof(id), "%u-%u", round, i);
            struct job_draft draft = draft_of(id, 0, i);
            add(&workload, &draft);
            cr_assert_eq(workload.jobs.items[workload.jobs.count - 1].shape, i);
        }
    }
    cr_expect_eq(workload.shapes.count, 500);
    workload_release(&workload);
}

Test(workload, jobs_come_by_submit_time_and_then_by_row)
{
    struct workload workload;
    workload_init(&workload);
    static const struct {
        const char *id;
        int64_t submit_s;
    } rows[] = {{"a", 30}, {"b", -70000}, {"c", 30}, {"d", 5}, {"e", -70000}, {"f", 5}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct job_draft draft = draft_of(rows[i].id, rows[i].submit_s, 1);
        add(&workload, &draft);
    }
    finish(&workload);
    expect_order(&workload, "bedfac");
    cr_expect_not(workload.was_sorted);
    cr_expect_eq(workload.epoch_us, -70000 * SECOND_US);
    cr_expect_eq(workload.jobs.items[0].submit_us, 0);
    cr_expect_eq(workload.jobs.items[5].submit_us, 70030 * SECOND_US);
    workload_release(&workload);
}

Test(workload, keys_order_jobs_of_one_submit_time)
{
    struct workload workload;
    workload_init(&workload);
    static const int64_t keys[] = {9, -2, 9, 3};
    static const char *const ids[] = {"a", "b", "c", "d"};
    for (size_t i = 0; i < 4; i++) {
        struct job_draft draft = draft_of(ids[i], i == 3 ? 0 : 7, 1);
        add(&workload, &draft);
    }
    workload_order(&workload, keys);
    finish(&workload);
    expect_order(&workload, "dbac");
    workload_release(&workload);
}

static void expect_impossible(const struct job_draft *draft, const char *message)
{
    struct workload workload;
    struct err err = {0};
    workload_init(&workload);
    struct job_draft first = draft_of("first", 0, 1);
    add(&workload, &first);
    cr_expect_not(workload_add(&workload, draft, 17, &err));
    cr_expect_eq(err.line, 17);
    cr_expect_str_eq(err.msg, message);
    workload_release(&workload);
}

Test(workload, impossible_jobs_are_refused_with_their_line)
{
    struct job_draft draft = draft_of("first", 0, 1);
    expect_impossible(&draft, "job id 'first' was there before, expected another");
    draft = draft_of("x", 0, 1);
    draft.submit_us = TIME_UNKNOWN;
    expect_impossible(&draft, "the job has no submit time");
    draft.submit_us = WORKLOAD_MOST_US + 1;
    expect_impossible(&draft, "the submit time is beyond 36,000 years");
    draft = draft_of("x", 0, 1);
    draft.duration_us = -1;
    expect_impossible(&draft, "the duration is negative, expected 0 or more");
    draft = draft_of("x", 0, 1);
    draft.estimate_us = WORKLOAD_MOST_US + 1;
    expect_impossible(&draft, "the estimate is beyond 36,000 years, expected 0 or more");
    draft = draft_of("x", 0, 1);
    draft.priority = (int64_t)INT32_MAX + 1;
    expect_impossible(&draft, "the priority does not fit 32 bits");
}

Test(workload, no_jobs_are_no_workload)
{
    struct workload workload;
    struct err err = {0};
    workload_init(&workload);
    cr_expect_not(workload_finish(&workload, &err));
    cr_expect_eq(err.code, ERR_FORMAT);
    workload_release(&workload);
}

Test(workload, cpu_tasks_are_dealt_only_when_they_come_out_even)
{
    struct job_draft draft = draft_of("a", 0, 0);
    draft.groups[0].request.cpu_milli = 9000;
    draft.groups[0].request.memory_mib = 30;
    job_draft_split(&draft, 2);
    cr_expect_eq(draft.groups[0].count, 2);
    cr_expect_eq(draft.groups[0].min_count, 2);
    cr_expect_eq(draft.groups[0].request.cpu_milli, 4500);
    cr_expect_eq(draft.groups[0].request.memory_mib, 15);
    draft = draft_of("a", 0, 0);
    draft.groups[0].request.cpu_milli = 9000;
    job_draft_split(&draft, 7);
    job_draft_split(&draft, 0);
    job_draft_split(&draft, (int64_t)WORKLOAD_MOST_TASKS + 1);
    cr_expect_eq(draft.groups[0].count, 1);
    cr_expect_eq(draft.groups[0].request.cpu_milli, 9000);
}

Test(workload, equal_notes_are_kept_once)
{
    struct workload workload;
    workload_init(&workload);
    workload_note(&workload, "%d rows", 3);
    workload_note(&workload, "3 rows");
    cr_expect_eq(names_count(&workload.notes), 1);
    workload_release(&workload);
}
