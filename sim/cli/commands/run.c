/* run.c - berth run: one replay, its results folder and its table. */
#include <stdio.h>
#include <sys/resource.h>

#include "sim/base/check.h"
#include "sim/cli/chosen.h"
#include "sim/cli/cli.h"
#include "sim/cli/progress.h"
#include "sim/cli/settings.h"
#include "sim/cli/trace_input.h"
#include "sim/engine/engine.h"
#include "sim/report/report.h"
#include "sim/workload/trace_format.h"

static const struct cli_option run_options[] = {
    {"--trace", "FILE", NULL, "the workload; '-' reads stdin; .gz and .zst as they are", false},
    TRACE_INPUT_OPTIONS,
    {"--cluster", "CLUSTER", NULL, "a JSON file, a node list, or NxG: N nodes of G GPUs", false},
    {"--policy", "NAME", "fifo", "which job next: NAME[:key=value,...]", false},
    {"--place", "NAME", "consolidate", "where: NAME[:key=value,...]", false},
    {"--out", "FOLDER", NULL, "write the results there; an older results folder is replaced",
     false},
    {"--report", NULL, NULL, "also write report.html, a page with figures", false},
    {"--log", "WHAT", NULL, "'decisions': also write decisions.jsonl", false},
    {"--sample", "SECONDS", "0", "time between rows of timeline.csv; 0: a row at every change",
     false},
    {"--warmup", "SECONDS", "0", "jobs submitted earlier count in no statistic", false},
    {"--tau", "SECONDS", "10", "least duration in the bounded slowdown", false},
    SETTINGS_OPTIONS,
    {"--quiet", NULL, NULL, "no progress on standard error; the answer stays", false},
    {.name = NULL},
};

/* Everything a run is made of; released as a whole. */
struct run_job {
    const char *trace;
    const char *trace_settings; /* of its format; may be NULL */
    const char *cluster_source;
    const char *out;
    struct engine_settings settings;
    struct report_options report;
    struct chosen_policy policy;
    struct chosen_place place;
    struct workload workload;
    struct cluster cluster;
    int64_t started_us;
};

static bool need(const struct cli_args *args, const char *name, const char **out, struct err *err)
{
    *out = cli_value(args, name);
    return *out != NULL ||
           err_set(err, ERR_USAGE, 0, "%s is missing; 'berth help run' shows what run takes", name);
}

static bool read_report_options(const struct cli_args *args, struct run_job *job, struct err *err)
{
    report_options_init(&job->report);
    job->out = cli_value(args, "--out");
    job->report.html = cli_flag(args, "--report");
    const char *log = cli_value(args, "--log");
    job->report.log_decisions = log != NULL;
    if (log != NULL && strcmp(log, "decisions") != 0) {
        return err_set(err, ERR_USAGE, 0, "--log is '%.60s', expected decisions", log);
    }
    if (job->out == NULL && (job->report.html || log != NULL)) {
        return err_set(err, ERR_USAGE, 0, "--report and --log need --out FOLDER");
    }
    if (!cli_seconds_us(args, "--sample", &job->report.sample_us, err) ||
        !cli_seconds_us(args, "--warmup", &job->report.warmup_us, err) ||
        !cli_seconds_us(args, "--tau", &job->report.tau_us, err)) {
        return false;
    }
    return job->report.tau_us > 0 ||
           err_set(err, ERR_USAGE, 0, "--tau is 0, expected more than 0 seconds");
}

/* Fills what has to be released by release_job, in this order; false leaves nothing behind. */
static bool prepare(const struct cli_args *args, struct run_job *job, struct err *err)
{
    *job = (struct run_job){.started_us = progress_clock_us()};
    if (args->words.count > 0) {
        return err_set(err, ERR_USAGE, 0, "unexpected word '%.60s'; a trace is named by --trace",
                       args->words.items[0]);
    }
    if (!need(args, "--trace", &job->trace, err) ||
        !need(args, "--cluster", &job->cluster_source, err) ||
        !settings_read(args, &job->settings, err) || !read_report_options(args, job, err)) {
        return false;
    }
    job->trace_settings = trace_input_settings(args);
    if (!chosen_policy_read(cli_value(args, "--policy"), &job->policy, err)) {
        return false;
    }
    bool ok = chosen_place_read(cli_value(args, "--place"), &job->place, err);
    bool has_cluster = ok && trace_read_cluster(job->cluster_source, NULL, &job->cluster, err);
    ok = has_cluster && trace_input_read(args, job->trace, &job->workload, err);
    if (!ok) {
        if (has_cluster) {
            cluster_release_all(&job->cluster);
        }
        free(job->place.params);
        free(job->policy.params);
    }
    return ok;
}

static void release_job(struct run_job *job)
{
    workload_release(&job->workload);
    cluster_release_all(&job->cluster);
    free(job->place.params);
    free(job->policy.params);
}

static const char *file_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* run.json: everything the results depend on, and nothing that may differ between equal runs. */
static json_t *describe(const struct run_job *job)
{
    json_t *settings = settings_json(&job->settings);
    struct text warmup = {0};
    text_add_seconds(&warmup, job->report.warmup_us);
    struct text tau = {0};
    text_add_seconds(&tau, job->report.tau_us);
    json_object_set_new(settings, "warmup_s", json_string(warmup.bytes));
    json_object_set_new(settings, "tau_s", json_string(tau.bytes));
    text_release(&warmup);
    text_release(&tau);
    json_t *all = json_pack(
        "{s:s, s:{s:s, s:s, s:s, s:I}, s:{s:s, s:s, s:I, s:f}, s:o, s:o, s:o}", "program",
        cli_version(), "trace", "name", file_name_of(job->trace), "format", job->workload.format,
        "digest", job->workload.digest, "jobs", (json_int_t)job->workload.jobs.count, "cluster",
        "name", file_name_of(job->cluster_source), "digest", job->cluster.digest, "nodes",
        (json_int_t)job->cluster.nodes.count, "gpus", (double)job->cluster.gpu_milli / 1000,
        "policy", chosen_json(job->policy.ops->name, job->policy.ops->params, job->policy.params),
        "place", chosen_json(job->place.ops->name, job->place.ops->params, job->place.params),
        "settings", settings);
    if (job->trace_settings != NULL) {
        json_object_set_new(json_object_get(all, "trace"), "settings",
                            json_string(job->trace_settings));
    }
    return all;
}

/* User time of the process so far. */
static double user_seconds(void)
{
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec / 1e6;
}

/* timing.json: what may differ between equal runs. `engine_s` is user time, which other programs on
 * the machine disturb least. */
static json_t *describe_timing(const struct run_job *job, const struct engine_result *result,
                               double engine_s)
{
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage);
    int64_t wall_us = progress_clock_us() - job->started_us;
    return json_pack("{s:f, s:f, s:f, s:I, s:I, s:f, s:I}", "wall_s", (double)wall_us / 1e6,
                     "user_s", user_seconds(), "engine_user_s", engine_s, "events",
                     (json_int_t)result->events, "passes", (json_int_t)result->passes,
                     "jobs_per_engine_s",
                     engine_s > 0 ? (double)job->workload.jobs.count / engine_s : 0.0,
                     "peak_memory_kib", (json_int_t)usage.ru_maxrss);
}

static bool replay(struct run_job *job, struct report *report, bool quiet,
                   struct engine_result *result, struct err *err)
{
    struct progress progress;
    progress_init(&progress, quiet);
    struct log_sink sink = report_sink(report);
    struct engine_input input = {
        .settings = &job->settings,
        .workload = &job->workload,
        .cluster = &job->cluster,
        .policy = job->policy.ops,
        .policy_params = job->policy.params,
        .place = job->place.ops,
        .place_params = job->place.params,
        .sinks = &sink,
        .sink_count = 1,
        .progress = progress_show,
        .progress_self = &progress,
    };
    bool ok = engine_run(&input, result, err);
    progress_end(&progress);
    return ok;
}

static bool run_and_report(struct run_job *job, const struct cli_args *args, struct err *err)
{
    struct report *report = report_open(&job->report, &job->workload, &job->cluster, job->out, err);
    if (report == NULL) {
        return false;
    }
    double engine_start_s = user_seconds();
    struct engine_result result = {0};
    bool ok = replay(job, report, cli_flag(args, "--quiet"), &result, err);
    if (ok) {
        json_t *settings = describe(job);
        json_t *timing = describe_timing(job, &result, user_seconds() - engine_start_s);
        CHECK(settings != NULL && timing != NULL);
        struct report_run run = {
            .settings = settings,
            .timing = timing,
            .fingerprint = result.fingerprint,
            .trace = job->trace,
            .cluster = job->cluster_source,
            .policy = cli_value(args, "--policy"),
            .place = cli_value(args, "--place"),
        };
        ok = report_close(report, &run, err);
        struct text table = {0};
        if (ok) {
            report_print(report, &run, &table);
            ok = cli_print(&table, err);
        }
        text_release(&table);
        json_decref(settings);
        json_decref(timing);
    }
    report_free(report);
    return ok;
}

static bool run_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct run_job job;
    if (!prepare(args, &job, err)) {
        return false;
    }
    bool ok = run_and_report(&job, args, err);
    release_job(&job);
    *exit_status = EXIT_DONE;
    return ok;
}

extern const struct cli_command cli_command_run;
const struct cli_command cli_command_run = {
    .name = "run",
    .usage = "--trace FILE --cluster CLUSTER [--policy NAME] [--out FOLDER] [options]",
    .help = "replays a workload on a cluster and reports waits and use",
    .details = "The table goes to standard output; with --out the folder gets run.json, "
               "summary.json,\njobs.csv, timeline.csv, queues.csv and timing.json. 'berth list' "
               "shows policies,\nplacement rules and formats with their parameters.",
    .options = run_options,
    .run = run_run,
};
