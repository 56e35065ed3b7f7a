/* test_replayed.c - reports of runs of the engine: one worked out by hand, one counted again from
 * its own jobs.csv. */
#include <math.h>
#include <stdlib.h>

#include <criterion/criterion.h>

#include "sim/base/csv.h"
#include "sim/base/file.h"
#include "sim/base/parse.h"
#include "sim/base/rng.h"
#include "sim/report/report.h"
#include "tests/lib/replay.h"

#define HEADER "job_id,submit_s,duration_s,gpus,user,queue\n"

struct reported {
    struct replay replay;
    struct report_options options;
    struct report *report;
    char parent[40];
    struct text folder;
};

static void reported_init(struct reported *reported, const char *cluster, const char *jobs)
{
    *reported = (struct reported){.parent = "/tmp/berth-replayed-XXXXXX"};
    struct text csv = {0};
    replay_init(&reported->replay, cluster);
    text_add(&csv, HEADER);
    text_add(&csv, jobs);
    replay_read(&reported->replay, csv.bytes);
    text_release(&csv);
    report_options_init(&reported->options);
    cr_assert_not_null(mkdtemp(reported->parent));
    text_addf(&reported->folder, "%s/out", reported->parent);
}

static void reported_run(struct reported *reported)
{
    struct replay *replay = &reported->replay;
    struct err err = {0};
    reported->report = report_open(&reported->options, &replay->workload, &replay->cluster,
                                   reported->folder.bytes, &err);
    cr_assert_not_null(reported->report, "%s", err.msg);
    replay->extra = report_sink(reported->report);
    replay->settings.audit = true;
    cr_assert(replay_run(replay), "%s", replay->err.msg);
    json_t *settings = json_object();
    const struct report_run run = {.settings = settings, .policy = "P", .trace = "T"};
    cr_assert(report_close(reported->report, &run, &err), "%s", err.msg);
    json_decref(settings);
}

static void reported_read(const struct reported *reported, const char *name, struct text *out)
{
    struct text path = {0};
    struct file file = {0};
    struct err err = {0};
    text_addf(&path, "%s/%s", reported->folder.bytes, name);
    cr_assert(file_read(path.bytes, FILE_MOST_BYTES, &file, &err), "%s", err.msg);
    text_add_bytes(out, file.bytes, file.length);
    file_release(&file);
    text_release(&path);
}

static void expect_file(const struct reported *reported, const char *name, const char *bytes)
{
    struct text text = {0};
    reported_read(reported, name, &text);
    cr_assert_str_eq(text.bytes, bytes, "%s is\n%s\ninstead of\n%s", name, text.bytes, bytes);
    text_release(&text);
}

static void reported_release(struct reported *reported)
{
    static const char *const names[] = {"jobs.csv",    "timeline.csv", "queues.csv",
                                        "run.json",    "summary.json", "decisions.jsonl",
                                        "timing.json", "report.html",  "users.csv"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct text path = {0};
        text_addf(&path, "%s/%s", reported->folder.bytes, names[i]);
        (void)remove(path.bytes);
        text_release(&path);
    }
    cr_assert_eq(remove(reported->folder.bytes), 0, "the folder has no other file");
    cr_assert_eq(remove(reported->parent), 0);
    report_free(reported->report);
    replay_release(&reported->replay);
    text_release(&reported->folder);
}

/* -- by hand --------------------------------------------------------------------------------- */

/* Shortest remaining time on 4 GPUs, a checkpoint every 5 s, 1 s to restore, until 40 s:
 *
 *     0        a starts, 20 s of work
 *     7        b has 3 s left, a 13: a stops and keeps 5 of its 7 s
 *     8        big asks for 9 GPUs and is rejected
 *     9        d comes and has to wait
 *     10       b ends; a has 15 s left, d 100: a starts, restores for 1 s, ends at 26
 *     26       d starts on 2 GPUs
 *     30       e wants 4 GPUs and has more left than d: it waits beyond the end
 *     50       f is not reached
 */
static void run_by_hand(struct reported *reported)
{
    reported_init(reported, "1x4",
                  "a,0,20,4,x,one\n"
                  "b,7,3,4,y,two\n"
                  "big,8,5,9,x,two\n"
                  "d,9,100,2,\"the \"\"d\"\"\",\"q,1\"\n"
                  "e,30,200,4,x,one\n"
                  "f,50,1,1,x,one\n");
    reported->options.log_decisions = true;
    struct replay *replay = &reported->replay;
    replay->policy = "srtf";
    replay->place = "consolidate";
    replay->settings.checkpoint_us = 5 * SECOND_US;
    replay->settings.restore_us = 1 * SECOND_US;
    replay->settings.horizon_us = 40 * SECOND_US;
    reported_run(reported);
}

Test(replayed, tables_of_a_run_worked_out_by_hand)
{
    struct reported reported;
    run_by_hand(&reported);
    expect_file(&reported, "jobs.csv",
                "job_id,user,queue,gpus,submit_s,start_s,end_s,wait_s,jct_s,run_s,preemptions,"
                "state,lost_s,reason\n"
                "a,x,one,4,0,0,26,0,26,23,1,completed,2,\n"
                "b,y,two,4,7,7,10,0,3,3,0,completed,0,\n"
                "big,x,two,9,8,,,,,,0,rejected,0,it asks for more GPUs than the cluster has\n"
                "d,\"the \"\"d\"\"\",\"q,1\",2,9,26,,17,,14,0,running,0,\n"
                "e,x,one,4,30,,,,,,0,pending,0,\n");
    expect_file(&reported, "timeline.csv",
                "time_s,gpus_total,gpus_allocated,jobs_running,jobs_pending,gpus_pending\n"
                "0,4,4,1,0,0\n"
                "7,4,4,1,1,4\n"
                "9,4,4,1,2,6\n"
                "10,4,4,1,1,2\n"
                "26,4,2,1,0,0\n"
                "30,4,2,1,1,4\n"
                "40,4,2,1,1,4\n");
    /* GPU-s: one 4*7 + 4*16 = 92, two 4*3 = 12, "q,1" 2*14 = 28, in all 132. */
    struct text queues = {0};
    text_add(&queues, "queue,jobs,completed,running,pending,rejected,gpu_hours,share,wait_mean_s,"
                      "wait_p50_s,wait_p90_s,wait_p99_s,quota_gpus,limit_gpus,weight,parent\n");
    text_addf(&queues, "one,2,1,0,1,0,%.15g,%.15g,0,0,0,0,,,,\n", 92.0 / 3600, 92.0 / 132);
    text_addf(&queues, "two,2,1,0,0,1,%.15g,%.15g,0,0,0,0,,,,\n", 12.0 / 3600, 12.0 / 132);
    text_addf(&queues, "\"q,1\",1,0,1,0,0,%.15g,%.15g,17,17,17,17,,,,\n", 28.0 / 3600, 28.0 / 132);
    expect_file(&reported, "queues.csv", queues.bytes);
    text_release(&queues);
    reported_release(&reported);
}

#define ALL_FOUR     "\"nodes\":[{\"node\":\"node\",\"gpus\":4,\"devices\":[0,1,2,3]}]"
#define LEAST        ",\"reason\":\"among those with the least work left\"}\n"
#define START(t)     "{\"time_s\":" t ",\"decision\":\"start\",\"job\":"
#define START_A(t)   START(t) "\"a\",\"queue\":\"one\",\"gpus\":4," ALL_FOUR LEAST
#define TOO_MANY     "\"reason\":\"it asks for more GPUs than the cluster has\"}\n"
#define PREEMPT_HEAD "{\"time_s\":7,\"decision\":\"preempt\",\"job\":\"a\",\"queue\":\"one\","

Test(replayed, decisions_of_a_run_worked_out_by_hand)
{
    struct reported reported;
    run_by_hand(&reported);
    expect_file(
        &reported, "decisions.jsonl",
        START_A("0") PREEMPT_HEAD
        "\"gpus\":4," ALL_FOUR ",\"lost_s\":2,\"reason\":\"others have less work left\"}\n" START(
            "7") "\"b\",\"queue\":\"two\",\"gpus\":4," ALL_FOUR LEAST
                 "{\"time_s\":8,\"decision\":\"reject\",\"job\":\"big\",\"queue\":\"two\","
                 "\"gpus\":9," TOO_MANY START_A("10") START(
                     "26") "\"d\",\"queue\":\"q,1\",\"gpus\":2,"
                           "\"nodes\":[{\"node\":\"node\",\"gpus\":2,\"devices\":[0,1]}]" LEAST);
    reported_release(&reported);
}

static void expect_near(const char *what, double got, double wanted)
{
    cr_assert(fabs(got - wanted) <= 1e-12 * fabs(wanted), "%s is %.17g, not %.17g", what, got,
              wanted);
}

Test(replayed, numbers_of_a_run_worked_out_by_hand)
{
    struct reported reported;
    run_by_hand(&reported);
    const struct report_numbers *numbers = report_numbers(reported.report);
    cr_assert_eq(numbers->counts.submitted, 5);
    cr_assert_eq(numbers->counts.completed, 2);
    cr_assert_eq(numbers->counts.running, 1);
    cr_assert_eq(numbers->counts.pending, 1);
    cr_assert_eq(numbers->counts.rejected, 1);
    cr_assert_eq(numbers->not_submitted, 1);
    cr_assert_eq(numbers->preemptions, 1);
    cr_assert_eq(numbers->wait.count, 3); /* 0, 0, 17 */
    expect_near("mean wait", numbers->wait.mean, 17.0 / 3);
    expect_near("p50 wait", numbers->wait.p50, 0);
    expect_near("p90 wait", numbers->wait.p90, 17);
    expect_near("p99 wait", numbers->wait.p99, 17);
    cr_assert_eq(numbers->wait_censored.count, 4); /* e has waited 10 s */
    expect_near("wait so far", numbers->wait_censored.mean, 27.0 / 4);
    expect_near("by GPUs", numbers->wait_by_gpus_s, 2.0 * 17 / 10); /* 4 + 4 + 2 GPUs */
    /* GPU-s of work: 80, 12, 200. */
    expect_near("by GPU time", numbers->wait_by_gpu_time_s, 200.0 * 17 / 292);
    expect_near("queueing", numbers->queueing.mean, (3 + 0) / 2.0); /* a: 26 less 23 */
    expect_near("completion", numbers->completion.mean, (26 + 3) / 2.0);
    expect_near("slowdown", numbers->slowdown.mean, (26.0 / 20 + 1) / 2);
    expect_near("bounded", numbers->bounded_slowdown.mean, (26.0 / 20 + 1) / 2); /* b: 3 of 10 s */
    expect_near("makespan", numbers->makespan_s, 26);
    expect_near("ratio", numbers->allocation_ratio, 132.0 / (4 * 40));
    expect_near("lost", numbers->lost_gpu_hours, 4 * 2.0 / 3600);
    reported_release(&reported);
}

/* -- counted again --------------------------------------------------------------------------- */

enum { JOBS = 300, GPUS = 32 };

/* Sums over the rows of jobs.csv, in microseconds and milli-GPU microseconds: whole numbers. */
struct sums {
    int64_t count;
    int64_t wait_us;
    int64_t milli_us;
    int64_t last_us;
};

static int64_t scaled(const struct csv *csv, const char *const columns[], int column, int64_t scale)
{
    int64_t value = -1;
    cr_assert_eq(parse_scaled(csv->fields[column], scale, &value), PARSE_OK, "%s", columns[column]);
    return value;
}

static struct sums sum_rows(const struct reported *reported)
{
    static const char *const columns[] = {"job_id",  "user",  "queue",  "gpus",  "submit_s",
                                          "start_s", "end_s", "wait_s", "jct_s", "run_s"};
    enum { GPUS_FIELD = 3, SUBMIT, START_FIELD, END, WAIT, JCT, RUN };
    struct sums sums = {0};
    struct text text = {0};
    struct csv csv;
    struct err err = {0};
    reported_read(reported, "jobs.csv", &text);
    csv_init(&csv, text.bytes, text.length, ',');
    cr_assert(csv_next(&csv, &err));
    for (int i = 0; i < 10; i++) {
        cr_assert_eq(csv_column(&csv, columns[i]), i, "%s", columns[i]);
    }
    while (csv_next(&csv, &err)) {
        int64_t submit_us = scaled(&csv, columns, SUBMIT, SECOND_US);
        int64_t start_us = scaled(&csv, columns, START_FIELD, SECOND_US);
        int64_t end_us = scaled(&csv, columns, END, SECOND_US);
        cr_assert_eq(scaled(&csv, columns, WAIT, SECOND_US), start_us - submit_us);
        cr_assert_eq(scaled(&csv, columns, JCT, SECOND_US), end_us - submit_us);
        cr_assert_eq(scaled(&csv, columns, RUN, SECOND_US), end_us - start_us);
        sums.count++;
        sums.wait_us += start_us - submit_us;
        sums.milli_us += scaled(&csv, columns, GPUS_FIELD, 1000) * (end_us - start_us);
        sums.last_us = end_us > sums.last_us ? end_us : sums.last_us;
    }
    cr_assert_eq(err.code, ERR_NONE, "%s", err.msg);
    text_release(&text);
    return sums;
}

Test(replayed, jobs_csv_alone_gives_the_mean_wait_and_the_utilisation)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        gsl_rng *rng = rng_new(seed, "test", 0);
        struct text jobs = {0};
        double submit_s = 0;
        for (int i = 0; i < JOBS; i++) {
            double duration_s = (double)gsl_rng_uniform_int(rng, 400000) / 1000;
            unsigned long gpus = 1 + gsl_rng_uniform_int(rng, 8);
            text_addf(&jobs, "j%d,%.3f,%.3f,%lu,u%d,q%d\n", i, submit_s, duration_s, gpus, i % 7,
                      i % 3);
            submit_s += (double)gsl_rng_uniform_int(rng, 50000) / 1000;
        }
        struct reported reported;
        reported_init(&reported, "4x8", jobs.bytes);
        reported.replay.place = "consolidate";
        reported_run(&reported);
        struct sums sums = sum_rows(&reported);
        const struct report_numbers *numbers = report_numbers(reported.report);
        cr_assert_eq(sums.count, JOBS);
        cr_assert_eq(numbers->counts.completed, JOBS);
        cr_assert_gt(sums.wait_us, 0, "somebody waits, or nothing is tested");
        expect_near("mean wait", numbers->wait.mean, (double)sums.wait_us / JOBS / 1e6);
        expect_near("ratio", numbers->allocation_ratio,
                    (double)sums.milli_us / 1000 / GPUS / (double)sums.last_us);
        reported_release(&reported);
        text_release(&jobs);
        gsl_rng_free(rng);
    }
}
