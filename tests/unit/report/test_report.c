/*
 * test_report.c - a run told by hand, record by record, and every number worked out beside it.
 *
 * Two nodes of 4 GPUs; times in seconds:
 *
 *     a  (2 GPUs, queue x)  submit 0, start 0, finish 10                      wait 0
 *     b  (8 GPUs, queue y)  submit 0, start 10, preempt 14 (1 s lost), start 20, finish 30   wait
 * 10 c  (16 GPUs)          submit 5: rejected d  (4 GPUs, queue x)  submit 6, never starts e  (1
 * GPU, queue y)   submit 14, start 14, still runs at the end, 40    wait 0
 */
#include <unistd.h>

#include <criterion/criterion.h>

#include "sim/base/file.h"
#include "sim/cluster/cluster_file.h"
#include "sim/report/report.h"
#include "sim/workload/trace_format.h"

#define SECOND_US INT64_C(1000000)

struct story {
    struct workload workload;
    struct cluster cluster;
    struct report *report;
    struct log_sink sink;
    struct err err;
};

static void story_init(struct story *story, const struct report_options *options,
                       const char *folder)
{
    *story = (struct story){0};
    struct text csv = {0};
    text_add(&csv, "job_id,submit_s,duration_s,gpus,queue\n"
                   "a,0,10,2,x\nb,0,13,8,y\n\"c,1\",5,1,16,x\nd,6,1,4,x\ne,14,100,1,y\n");
    struct file file = {.bytes = csv.bytes, .length = csv.length};
    cr_assert(trace_read_text(&file, "native", &story->workload, &story->err), "%s",
              story->err.msg);
    text_release(&csv);
    cr_assert(cluster_from_short_form("2x4", &story->cluster, &story->err));
    story->report = report_open(options, &story->workload, &story->cluster, folder, &story->err);
    cr_assert_not_null(story->report, "%s", story->err.msg);
    story->sink = report_sink(story->report);
}

static void story_release(struct story *story)
{
    report_free(story->report);
    workload_release(&story->workload);
    cluster_release_all(&story->cluster);
}

static void tell(struct story *story, int64_t time_s, enum log_kind kind, uint32_t job,
                 int64_t gpus)
{
    struct grant grant = {.node = 0, .gpus = 1, .gpu_milli = gpus * 1000};
    bool placed = kind == LOG_START || kind == LOG_FINISH || kind == LOG_PREEMPT;
    struct log_record record = {
        .time_us = time_s * SECOND_US,
        .kind = kind,
        .job = job,
        .gpu_milli = gpus * 1000,
        .grants = placed ? &grant : NULL,
        .grant_count = placed ? 1 : 0,
        .lost_us = kind == LOG_PREEMPT ? SECOND_US : 0,
        .reason = kind == LOG_REJECT ? "too large" : NULL,
    };
    story->sink.record(story->sink.self, &record);
}

static void tell_all(struct story *story)
{
    enum { A, B, C, D, E };
    tell(story, 0, LOG_SUBMIT, A, 2);
    tell(story, 0, LOG_SUBMIT, B, 8);
    tell(story, 0, LOG_START, A, 2);
    tell(story, 5, LOG_REJECT, C, 16);
    tell(story, 6, LOG_SUBMIT, D, 4);
    tell(story, 10, LOG_FINISH, A, 2);
    tell(story, 10, LOG_START, B, 8);
    tell(story, 14, LOG_SUBMIT, E, 1);
    tell(story, 14, LOG_PREEMPT, B, 8);
    tell(story, 14, LOG_START, E, 1);
    tell(story, 20, LOG_START, B, 7);
    tell(story, 30, LOG_FINISH, B, 7);
    tell(story, 40, LOG_END, LOG_NO_JOB, 0);
}

static void close_story(struct story *story)
{
    json_t *settings = json_object();
    struct report_run run = {.settings = settings, .fingerprint = 0xabc};
    cr_assert(report_close(story->report, &run, &story->err), "%s", story->err.msg);
    json_decref(settings);
}

static bool near(double a, double b)
{
    return a - b < 1e-9 && b - a < 1e-9;
}

Test(report, counts_and_waits_are_those_worked_out_by_hand)
{
    struct report_options options;
    struct story story;
    report_options_init(&options);
    story_init(&story, &options, NULL);
    tell_all(&story);
    close_story(&story);
    const struct report_numbers *n = report_numbers(story.report);
    cr_assert_eq(n->counts.submitted, 5);
    cr_assert_eq(n->counts.completed, 2);
    cr_assert_eq(n->counts.running, 1);
    cr_assert_eq(n->counts.pending, 1);
    cr_assert_eq(n->counts.rejected, 1);
    /* Waits 0, 10, 0 of those that started. */
    cr_assert_eq(n->wait.count, 3);
    cr_assert(near(n->wait.mean, 10.0 / 3));
    cr_assert(near(n->wait.p50, 0) && near(n->wait.p90, 10) && near(n->wait.max, 10));
    /* b: 30 s in all, 14 s running: 16 s queueing. Mean of 0 and 16. */
    cr_assert(near(n->queueing.mean, 8));
    cr_assert(near(n->completion.mean, 20));
    /* Bounded by 10 s: a 10/10, b 30/13. */
    cr_assert(near(n->bounded_slowdown.mean, (1 + 30.0 / 13) / 2));
    /* By GPUs: (2*0 + 8*10 + 1*0) / 11. */
    cr_assert(near(n->wait_by_gpus_s, 80.0 / 11));
    /* GPU seconds: a 20, b 4*8 + 10*7, e 26; of 8 GPUs for 40 s. */
    cr_assert(near(n->allocation_ratio, (20 + 32 + 70 + 26) / 320.0));
    cr_assert_eq(n->preemptions, 1);
    cr_assert_eq(n->preempted_jobs, 1);
    cr_assert(near(n->lost_gpu_hours, 8 / 3600.0));
    cr_assert_str_eq(n->reasons.items[0].text, "too large");
    story_release(&story);
}

Test(report, a_warm_up_leaves_out_jobs_and_time_before_it)
{
    struct report_options options;
    struct story story;
    report_options_init(&options);
    options.warmup_us = 10 * SECOND_US;
    story_init(&story, &options, NULL);
    tell_all(&story);
    close_story(&story);
    const struct report_numbers *n = report_numbers(story.report);
    cr_assert_eq(n->wait.count, 1, "only e was submitted after 10 s");
    cr_assert(near(n->allocation_ratio, (32 + 70 + 26) / 240.0));
    cr_assert_eq(n->counts.submitted, 5, "counts are over all jobs");
    story_release(&story);
}

static void expect_file(const char *folder, const char *name, const char *content)
{
    struct text path = {0};
    text_addf(&path, "%s/%s", folder, name);
    struct file file = {0};
    struct err err = {0};
    cr_assert(file_read(path.bytes, FILE_MOST_BYTES, &file, &err), "%s", err.msg);
    cr_assert_str_eq(file.bytes, content, "%s:\n%s", name, file.bytes);
    file_release(&file);
    text_release(&path);
}

Test(report, files_are_written_as_their_formats_say)
{
    char base[] = "/tmp/berth-report-XXXXXX";
    cr_assert_not_null(mkdtemp(base));
    struct text folder = {0};
    text_addf(&folder, "%s/out", base);
    struct report_options options;
    struct story story;
    report_options_init(&options);
    story_init(&story, &options, folder.bytes);
    tell_all(&story);
    cr_assert_neq(access(folder.bytes, F_OK), 0, "nothing has the name before the end");
    close_story(&story);
    expect_file(
        folder.bytes, "jobs.csv",
        "job_id,user,queue,gpus,submit_s,start_s,end_s,wait_s,jct_s,run_s,preemptions,state,"
        "lost_s,reason\n"
        "a,,x,2,0,0,10,0,10,10,0,completed,0,\n"
        "b,,y,8,0,10,30,10,30,14,1,completed,1,\n"
        "\"c,1\",,x,16,5,,,,,,0,rejected,0,too large\n"
        "d,,x,4,6,,,,,,0,pending,0,\n"
        "e,,y,1,14,14,,0,,26,0,running,0,\n");
    expect_file(folder.bytes, "timeline.csv",
                "time_s,gpus_total,gpus_allocated,jobs_running,jobs_pending,gpus_pending\n"
                "0,8,2,1,1,8\n6,8,2,1,2,12\n10,8,8,1,1,4\n14,8,1,1,2,12\n20,8,8,2,1,4\n"
                "30,8,1,1,1,4\n40,8,1,1,1,4\n");
    story_release(&story);
    struct text command = {0};
    text_addf(&command, "rm -r %s", base);
    cr_assert_eq(system(command.bytes), 0);
    text_release(&command);
    text_release(&folder);
}

Test(report, a_report_that_is_not_closed_leaves_nothing_behind)
{
    char base[] = "/tmp/berth-report-XXXXXX";
    cr_assert_not_null(mkdtemp(base));
    struct text folder = {0};
    text_addf(&folder, "%s/out", base);
    struct report_options options;
    struct story story;
    report_options_init(&options);
    story_init(&story, &options, folder.bytes);
    tell(&story, 0, LOG_SUBMIT, 0, 2);
    story_release(&story);
    cr_assert_eq(rmdir(base), 0, "the folder above it is empty");
    text_release(&folder);
}
