/* test_files.c - the results folder of a run worked out by hand, byte by byte where that counts. */
#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/file.h"
#include "tests/unit/report/story.h"

enum { A, B, C, D, E, F };

static void close_well(struct story *story)
{
    struct err err = {0};
    cr_assert(story_end(story, 200 * SECOND_US, &err), "%s", err.msg);
}

static void told(struct story *story)
{
    story_init_all(story);
    story_open(story, true);
    story_tell_all(story);
    close_well(story);
}

Test(files, jobs_csv_has_a_row_for_every_job_that_was_submitted)
{
    struct story story;
    told(&story);
    story_expect(&story, "jobs.csv",
                 "job_id,user,queue,gpus,submit_s,start_s,end_s,wait_s,jct_s,run_s,preemptions,"
                 "state,lost_s,reason\n"
                 "A,u,one,4,0,0,155.25,0,155.25,105.25,1,completed,5,\n"
                 "B,u,two,8,10,60,110,50,100,50,0,completed,0,\n"
                 "\"say \"\"C\"\"\",u,\"q,1\",2,10.5,10.5,10.5,0,0,0,0,completed,0,\n"
                 "D,u,two,16,20,,,,,,0,rejected,0,\"16 GPUs, more than there are\"\n"
                 "E,u,one,1,30,110,,80,,90,0,running,0,\n"
                 "F,u,two,8,40,,,,,,0,pending,0,\n");
    story_release(&story);
}

Test(files, timeline_has_a_row_an_instant_that_changed_something)
{
    struct story story;
    told(&story);
    story_expect(&story, "timeline.csv",
                 "time_s,gpus_total,gpus_allocated,jobs_running,jobs_pending,gpus_pending\n"
                 "0,8,4,1,0,0\n"
                 "10,8,4,1,1,8\n"
                 "30,8,4,1,2,9\n"
                 "40,8,4,1,3,17\n"
                 "60,8,8,1,3,13\n"
                 "110,8,5,2,1,8\n"
                 "155.25,8,1,1,1,8\n"
                 "200,8,1,1,1,8\n");
    story_release(&story);
}

Test(files, a_sampled_timeline_shows_the_state_after_its_instant)
{
    struct story story;
    story_init_all(&story);
    story.options.sample_us = 55 * SECOND_US;
    story_open(&story, true);
    story_tell_all(&story);
    close_well(&story);
    story_expect(&story, "timeline.csv",
                 "time_s,gpus_total,gpus_allocated,jobs_running,jobs_pending,gpus_pending\n"
                 "0,8,4,1,0,0\n"
                 "55,8,4,1,3,17\n"
                 "110,8,5,2,1,8\n"
                 "165,8,1,1,1,8\n");
    story_release(&story);
}

/* A whole task takes one GPU, a half task lies on the other: half a GPU that whole tasks, one kind
 * of two, cannot use. */
Test(files, fragmentation_is_two_more_columns_when_wanted)
{
    struct story story;
    story_init(&story, "1x2");
    story_add_job(&story, "a", "", 0, 10 * SECOND_US, 1);
    struct job_draft draft;
    job_draft_init(&draft);
    draft.id = view_of("b");
    draft.submit_us = 5 * SECOND_US;
    draft.duration_us = 10 * SECOND_US;
    draft.groups[0].request =
        (struct request){.kind = GPU_FRACTION, .gpu_count = 1, .gpu_milli = 500};
    struct err err = {0};
    cr_assert(workload_add(&story.workload, &draft, 3, &err), "%s", err.msg);
    story.options.fragmentation_share = 1;
    story_open(&story, true);
    struct grant grants[] = {{.gpus = 1, .gpu_milli = 1000}, {.gpus = 2, .gpu_milli = 500}};
    for (uint32_t job = 0; job < 2; job++) {
        struct log_record record = {.time_us = job * 5 * SECOND_US,
                                    .kind = LOG_SUBMIT,
                                    .job = job,
                                    .gpu_milli = grants[job].gpu_milli};
        story_tell_record(&story, record);
        record.kind = LOG_START;
        record.grants = &grants[job];
        record.grant_count = 1;
        story_tell_record(&story, record);
    }
    cr_assert(story_end(&story, 10 * SECOND_US, &err), "%s", err.msg);
    story_expect(&story, "timeline.csv",
                 "time_s,gpus_total,gpus_allocated,jobs_running,jobs_pending,gpus_pending,"
                 "gpus_fragmented,gpus_stranded\n"
                 "0,2,1,1,0,0,0,0\n"
                 "5,2,1.5,2,0,0,0.25,0\n"
                 "10,2,1.5,2,0,0,0.25,0\n");
    struct text table = {0};
    report_print(story.report, &story.run, &table);
    cr_assert_not_null(strstr(table.bytes, "fragmented        0.1 GPUs, 16.7 % of what is free"),
                       "%s", table.bytes);
    text_release(&table);
    story_release(&story);
}

Test(files, a_sample_at_the_end_of_the_run_is_taken)
{
    struct story story;
    story_init_all(&story);
    story.options.sample_us = 100 * SECOND_US;
    story_open(&story, true);
    story_tell_all(&story);
    close_well(&story);
    story_expect(&story, "timeline.csv",
                 "time_s,gpus_total,gpus_allocated,jobs_running,jobs_pending,gpus_pending\n"
                 "0,8,4,1,0,0\n"
                 "100,8,8,1,3,13\n"
                 "200,8,1,1,1,8\n");
    story_release(&story);
}

/* GPU time: one 4*60 + 4*45.25 + 90 = 511 GPU-s, two 8*50 = 400, in all 911 of 1,600. */
Test(files, queues_csv_has_jobs_waits_and_shares)
{
    struct story story;
    told(&story);
    struct text expected = {0};
    text_add(&expected, "queue,jobs,completed,running,pending,rejected,gpu_hours,share,wait_mean_s,"
                        "wait_p50_s,wait_p90_s,wait_p99_s,quota_gpus,limit_gpus,weight,parent\n");
    text_addf(&expected, "one,2,1,1,0,0,%.15g,%.15g,40,0,80,80,,,,\n", 511.0 / 3600, 511.0 / 911);
    text_addf(&expected, "two,3,1,0,1,1,%.15g,%.15g,50,50,50,50,,,,\n", 400.0 / 3600, 400.0 / 911);
    text_add(&expected, "\"q,1\",1,1,0,0,0,0,0,0,0,0,0,,,,\n");
    story_expect(&story, "queues.csv", expected.bytes);
    text_release(&expected);
    story_release(&story);
}

Test(files, queues_csv_adds_what_the_cluster_file_says)
{
    struct story story;
    story_init(&story, "2x4");
    struct queue_spec top = {.name = "top", .parent = QUEUE_NO_PARENT, .gpu = {6, -1, 1}};
    struct queue_spec leaf = {.name = "leaf", .parent = 0, .gpu = {2.5, 4, 3}};
    vec_push(&story.cluster.queues, top);
    vec_push(&story.cluster.queues, leaf);
    story_add_job(&story, "a", "leaf", 0, SECOND_US, 1);
    story_open(&story, true);
    story_tell(&story, 0, LOG_SUBMIT, 0, 1);
    close_well(&story);
    story_expect(&story, "queues.csv",
                 "queue,jobs,completed,running,pending,rejected,gpu_hours,share,wait_mean_s,"
                 "wait_p50_s,wait_p90_s,wait_p99_s,quota_gpus,limit_gpus,weight,parent\n"
                 "leaf,1,0,0,1,0,0,0,,,,,2.5,4,3,top\n"
                 "top,0,0,0,0,0,0,0,,,,,6,-1,1,\n");
    story_release(&story);
}

static double real_at(const json_t *root, const char *object, const char *key)
{
    const json_t *inner = object[0] != '\0' ? json_object_get(root, object) : root;
    const json_t *value = json_object_get(inner, key);
    cr_assert(json_is_number(value), "%s.%s", object, key);
    return json_number_value(value);
}

static void expect_real(const json_t *root, const char *object, const char *key, double wanted)
{
    double got = real_at(root, object, key);
    cr_assert(fabs(got - wanted) <= 1e-14 * fabs(wanted), "%s.%s is %.17g, not %.17g", object, key,
              got, wanted);
}

static json_t *summary_of(const struct story *story)
{
    struct text text = {0};
    story_read(story, "summary.json", &text);
    json_t *root = json_loads(text.bytes, 0, NULL);
    cr_assert_not_null(root);
    text_release(&text);
    return root;
}

Test(files, summary_has_the_numbers_worked_out_by_hand)
{
    struct story story;
    told(&story);
    json_t *root = summary_of(&story);
    cr_assert_str_eq(json_string_value(json_object_get(root, "fingerprint")), "0000000000000abc");
    static const struct {
        const char *object, *key;
        double value;
    } facts[] = {
        {"jobs", "submitted", 6},
        {"jobs", "completed", 3},
        {"jobs", "running", 1},
        {"jobs", "pending", 1},
        {"jobs", "rejected", 1},
        {"jobs", "not_submitted", 1},
        {"jobs", "measured", 6},
        {"", "end_s", 200},
        {"", "makespan_s", 155.25},
        {"cluster", "gpus", 8},
        {"cluster", "capacity_gpu_hours", 1600.0 / 3600},
        {"cluster", "allocated_gpu_hours", 911.0 / 3600},
        {"cluster", "allocation_ratio", 911.0 / 1600},
        {"wait_s", "count", 4}, /* 0, 0, 50, 80 */
        {"wait_s", "mean", 32.5},
        {"wait_s", "p50", 0},
        {"wait_s", "p90", 80},
        {"wait_s", "max", 80},
        {"wait_s_weighted", "by_gpus", 32},                  /* 480 / 15 */
        {"wait_s_weighted", "by_gpu_time", 100000.0 / 1800}, /* GPU-s of work: 400, 400, 1,000 */
        {"queueing_s", "mean", 100.0 / 3},                   /* 50, 50, 0 */
        {"jct_s", "mean", 255.25 / 3},                       /* 155.25, 100, 0 */
        {"jct_s", "p50", 100},
        {"slowdown", "count", 2}, /* the job without work has none */
        {"slowdown", "mean", (1.5525 + 2) / 2},
        {"bounded_slowdown", "count", 3},
        {"bounded_slowdown", "mean", (1.5525 + 2 + 1) / 3},
        {"preemption", "preemptions", 1},
        {"preemption", "preempted_jobs", 1},
        {"preemption", "lost_gpu_hours", 20.0 / 3600},
        {"censored", "count", 2},
    };
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        expect_real(root, facts[i].object, facts[i].key, facts[i].value);
    }
    const json_t *censored = json_object_get(root, "censored");
    const json_t *names = json_object_get(censored, "first_jobs");
    cr_assert_eq(json_array_size(names), 2);
    cr_assert_str_eq(json_string_value(json_array_get(names, 0)), "E");
    cr_assert_str_eq(json_string_value(json_array_get(names, 1)), "F");
    expect_real(censored, "wait_s_until_end", "mean", 58); /* F has waited 160 s */
    const json_t *sizes = json_object_get(root, "wait_s_by_gpus");
    cr_assert_eq(json_object_size(sizes), 3);
    expect_real(sizes, "1", "mean", 80);
    expect_real(sizes, "2-4", "count", 2);
    expect_real(sizes, "5-8", "p99", 50);
    const json_t *reasons = json_object_get(json_object_get(root, "jobs"), "rejected_because");
    cr_assert_eq(json_array_size(reasons), 1);
    cr_assert_str_eq(json_string_value(json_object_get(json_array_get(reasons, 0), "reason")),
                     "16 GPUs, more than there are");
    json_decref(root);
    story_release(&story);
}

/* After 15 s: A 4*45 + 4*45.25, B 400, E 90, of 8*185; only E of D, E, F has started. */
Test(files, the_warm_up_leaves_out_jobs_and_gpu_time_before_it)
{
    struct story story;
    story_init_all(&story);
    story.options.warmup_us = 15 * SECOND_US;
    story_open(&story, true);
    story_tell_all(&story);
    close_well(&story);
    json_t *root = summary_of(&story);
    expect_real(root, "jobs", "submitted", 6);
    expect_real(root, "jobs", "measured", 3);
    expect_real(root, "wait_s", "count", 1);
    expect_real(root, "wait_s", "mean", 80);
    const json_t *sizes = json_object_get(root, "wait_s_by_gpus");
    cr_assert_eq(json_object_size(sizes), 1);
    expect_real(sizes, "1", "mean", 80);
    const struct report_numbers *numbers = report_numbers(story.report);
    cr_assert_eq(numbers->queues.items[0].wait.count, 1);
    cr_assert_eq(numbers->queues.items[1].wait.count, 0);
    cr_assert_eq(numbers->queues.items[0].counts.submitted, 2, "counts are over all jobs");
    expect_real(root, "cluster", "allocated_gpu_hours", 851.0 / 3600);
    expect_real(root, "cluster", "allocation_ratio", 851.0 / 1480);
    json_decref(root);
    story_release(&story);
}

/* 2 s of work done 20 s after the submit: 10 times as long, twice as long as tau, never below 1. */
Test(files, bounded_slowdown_counts_short_work_as_tau)
{
    static const struct {
        int64_t tau_us;
        double value;
    } facts[] = {{10 * SECOND_US, 2}, {5 * SECOND_US, 4}, {60 * SECOND_US, 1}, {1, 10}};
    for (size_t i = 0; i < sizeof(facts) / sizeof(facts[0]); i++) {
        struct story story;
        story_init(&story, "1x1");
        story.options.tau_us = facts[i].tau_us;
        story_add_job(&story, "a", "", 0, 2 * SECOND_US, 1);
        story_open(&story, false);
        story_tell(&story, 0, LOG_SUBMIT, 0, 1);
        story_tell(&story, 18 * SECOND_US, LOG_START, 0, 1);
        story_tell(&story, 20 * SECOND_US, LOG_FINISH, 0, 1);
        close_well(&story);
        const struct report_numbers *numbers = report_numbers(story.report);
        cr_assert(fabs(numbers->bounded_slowdown.mean - facts[i].value) < 1e-15);
        cr_assert(fabs(numbers->slowdown.mean - 10) < 1e-15);
        story_release(&story);
    }
}

Test(files, a_figure_without_meaning_is_null)
{
    struct story story;
    story_init(&story, "1x1");
    story.options.warmup_us = 300 * SECOND_US;
    story_add_job(&story, "a", "", 0, SECOND_US, 1);
    story_open(&story, true);
    story_tell(&story, 0, LOG_SUBMIT, 0, 1);
    close_well(&story);
    json_t *root = summary_of(&story);
    cr_assert(json_is_null(json_object_get(json_object_get(root, "wait_s"), "mean")));
    cr_assert(json_is_null(json_object_get(json_object_get(root, "cluster"), "allocation_ratio")));
    cr_assert(json_is_null(json_object_get(root, "makespan_s")));
    json_decref(root);
    story_release(&story);
}

Test(files, equal_runs_give_equal_files)
{
    struct story first;
    struct story second;
    told(&first);
    told(&second);
    static const char *const names[] = {"jobs.csv",     "timeline.csv", "queues.csv",
                                        "summary.json", "run.json",     "timing.json"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct text text = {0};
        story_read(&first, names[i], &text);
        story_expect(&second, names[i], text.bytes);
        text_release(&text);
    }
    cr_assert_eq(story_count_entries(&first), 1);
    story_release(&first);
    story_release(&second);
}

Test(files, resizes_and_moves_are_accounted_for)
{
    struct story story;
    story_init(&story, "2x4");
    story_add_job(&story, "a", "", 0, 100 * SECOND_US, 4);
    story_open(&story, true);
    story_tell(&story, 0, LOG_SUBMIT, 0, 4);
    story_tell(&story, 0, LOG_START, 0, 2);
    story_tell_record(&story, (struct log_record){.time_us = 10 * SECOND_US,
                                                  .kind = LOG_RESIZE,
                                                  .gpu_milli = 4000,
                                                  .gpu_milli_before = 2000});
    story_tell_record(&story, (struct log_record){.time_us = 20 * SECOND_US,
                                                  .kind = LOG_MIGRATE,
                                                  .gpu_milli = 4000,
                                                  .lost_us = 3 * SECOND_US});
    story_tell(&story, 30 * SECOND_US, LOG_FINISH, 0, 4);
    struct err err = {0};
    cr_assert(story_end(&story, 30 * SECOND_US, &err), "%s", err.msg);
    const struct report_numbers *numbers = report_numbers(story.report);
    cr_assert_eq(numbers->resizes, 1);
    cr_assert_eq(numbers->migrations, 1);
    cr_assert_eq(numbers->preempted_jobs, 0);
    cr_assert(fabs(numbers->allocated_gpu_hours * 3600 - 100) < 1e-9, "2*10 + 4*20 GPU-s");
    cr_assert(fabs(numbers->lost_gpu_hours * 3600 - 12) < 1e-9, "3 s on 4 GPUs");
    story_expect(&story, "timeline.csv",
                 "time_s,gpus_total,gpus_allocated,jobs_running,jobs_pending,gpus_pending\n"
                 "0,8,2,1,0,0\n10,8,4,1,0,0\n30,8,0,0,0,0\n");
    story_release(&story);
}

Test(files, decisions_and_page_are_written_when_asked_for_only)
{
    for (int asked = 0; asked < 2; asked++) {
        struct story story;
        story_init_all(&story);
        story.options.log_decisions = asked == 1;
        story.options.html = asked == 1;
        story_open(&story, true);
        story_tell_all(&story);
        close_well(&story);
        static const char *const names[] = {"decisions.jsonl", "report.html"};
        for (size_t i = 0; i < 2; i++) {
            struct text path = {0};
            text_addf(&path, "%s/%s", story.folder, names[i]);
            cr_assert_eq(access(path.bytes, F_OK) == 0, asked == 1, "%s", names[i]);
            text_release(&path);
        }
        if (asked == 1) {
            struct text lines = {0};
            story_read(&story, "decisions.jsonl", &lines);
            int count = 0;
            for (const char *c = lines.bytes; *c != '\0'; c++) {
                count += *c == '\n';
            }
            cr_assert_eq(count, 7, "five starts, a preemption, a rejection");
            text_release(&lines);
        }
        story_release(&story);
    }
}

/* -- all or nothing -------------------------------------------------------------------------- */

Test(files, a_report_that_is_not_closed_leaves_nothing_behind)
{
    struct story story;
    story_init_all(&story);
    story.options.log_decisions = true;
    story.options.html = true;
    story_open(&story, true);
    cr_assert_eq(story_count_entries(&story), 1, "the unfinished folder");
    cr_assert_neq(access(story.folder, F_OK), 0, "nothing has the name before the end");
    story_tell_all(&story);
    report_free(story.report);
    story.report = NULL;
    cr_assert_eq(story_count_entries(&story), 0);
    story_release(&story);
}

/* The unfinished folder loses a file under the report's hands, as when a disk fails. */
static void sabotage(const struct story *story, const char *name)
{
    DIR *parent = opendir(story->parent);
    cr_assert_not_null(parent);
    int removed = 0;
    for (struct dirent *entry = readdir(parent); entry != NULL; entry = readdir(parent)) {
        if (strncmp(entry->d_name, "out", 3) == 0) {
            struct text path = {0};
            text_addf(&path, "%s/%s/%s", story->parent, entry->d_name, name);
            removed += unlink(path.bytes) == 0;
            text_release(&path);
        }
    }
    (void)closedir(parent);
    cr_assert_eq(removed, 1, "%s", name);
}

Test(files, a_file_that_cannot_be_written_takes_the_folder_with_it)
{
    static const char *const names[] = {"timeline.csv.tmp", "decisions.jsonl.tmp"};
    for (size_t i = 0; i < 2; i++) {
        struct story story;
        story_init_all(&story);
        story.options.log_decisions = true;
        story_open(&story, true);
        story_tell_all(&story);
        sabotage(&story, names[i]);
        struct err err = {0};
        cr_assert(!story_end(&story, 200 * SECOND_US, &err));
        cr_assert_eq(err.code, ERR_IO);
        cr_assert_eq(story_count_entries(&story), 0);
        cr_assert_eq(report_numbers(story.report)->counts.submitted, 6, "the numbers are there");
        story_release(&story);
    }
}

Test(files, a_folder_that_is_no_results_folder_is_refused_and_an_older_one_replaced)
{
    struct story story;
    struct err err = {0};
    story_init_all(&story);
    cr_assert(workload_finish(&story.workload, &err));
    cr_assert_eq(mkdir(story.folder, 0777), 0);
    struct report *refused =
        report_open(&story.options, &story.workload, &story.cluster, story.folder, &err);
    cr_assert_null(refused);
    cr_assert_eq(err.code, ERR_USAGE);
    cr_assert_eq(story_count_entries(&story), 1);
    struct text marker = {0};
    text_addf(&marker, "%s/run.json", story.folder);
    cr_assert(file_write(marker.bytes, view_of("{}"), &err));
    text_release(&marker);
    story.report = report_open(&story.options, &story.workload, &story.cluster, story.folder, &err);
    cr_assert_not_null(story.report, "%s", err.msg);
    story_tell_all(&story);
    close_well(&story);
    story_expect(&story, "run.json", "{\n  \"policy\": \"fifo <&>\"\n}\n");
    cr_assert_eq(story_count_entries(&story), 1);
    story_release(&story);
}

/* -- records that cannot be ------------------------------------------------------------------ */

/* An abort releases nothing, so the folder goes while it is empty. */
static void open_doomed(struct story *story)
{
    story_init_all(story);
    cr_assert_eq(rmdir(story->parent), 0);
    story_open(story, false);
}

Test(records, a_finish_of_a_job_that_does_not_run_is_a_bug, .signal = SIGABRT)
{
    struct story story;
    open_doomed(&story);
    story_tell(&story, 0, LOG_SUBMIT, A, 4);
    story_tell(&story, 1, LOG_FINISH, A, 4);
}

Test(records, a_start_of_a_job_that_runs_is_a_bug, .signal = SIGABRT)
{
    struct story story;
    open_doomed(&story);
    story_tell(&story, 0, LOG_SUBMIT, A, 4);
    story_tell(&story, 0, LOG_START, A, 4);
    story_tell(&story, 0, LOG_START, A, 4);
}

Test(records, time_that_goes_back_is_a_bug, .signal = SIGABRT)
{
    struct story story;
    open_doomed(&story);
    story_tell(&story, 5, LOG_SUBMIT, A, 4);
    story_tell(&story, 4, LOG_SUBMIT, B, 8);
}
