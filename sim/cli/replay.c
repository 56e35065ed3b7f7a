/* replay.c - see replay.h. */
#include "sim/cli/replay.h"

#include <sys/resource.h>

#include "sim/base/check.h"
#include "sim/cli/alone.h"
#include "sim/cli/counterfactual.h"
#include "sim/cli/interrupt.h"
#include "sim/cli/journal.h"
#include "sim/cli/progress.h"
#include "sim/cli/settings.h"
#include "sim/cli/trace_input.h"
#include "sim/workload/trace_format.h"

static bool need(const struct cli_args *args, const char *name, const char **out, struct err *err)
{
    *out = cli_value(args, name);
    return *out != NULL || err_set(err, ERR_USAGE, 0,
                                   "%s is missing; 'berth help run' shows what a run takes", name);
}

bool replay_prepare(const struct cli_args *args, const struct replay_choice *choice,
                    struct replay *replay, struct err *err)
{
    *replay = (struct replay){.started_us = progress_clock_us(), .choice = *choice};
    (void)interrupt_catch(); /* from here on: reading a large trace takes a while, too */
    if (!need(args, "--trace", &replay->trace, err) ||
        !need(args, "--cluster", &replay->cluster_source, err) ||
        !settings_read(args, &replay->settings, err)) {
        return false;
    }
    replay->trace_settings = trace_input_settings(args);
    if (!chosen_policy_read(replay->choice.policy, &replay->policy, err)) {
        settings_release(&replay->settings);
        return false;
    }
    bool ok = chosen_place_read(replay->choice.place, &replay->place, err);
    replay->settings.causes = replay->choice.report.causes;
    bool has_cluster =
        ok && trace_read_cluster(replay->cluster_source, NULL, &replay->cluster, err);
    replay->choice.report.pools =
        has_cluster && (replay->settings.supply != NULL || cluster_has_supply(&replay->cluster));
    ok = has_cluster && trace_input_read(args, replay->trace, &replay->workload, err);
    if (!ok) {
        if (has_cluster) {
            cluster_release_all(&replay->cluster);
        }
        settings_release(&replay->settings);
        free(replay->place.params);
        free(replay->policy.params);
    }
    return ok;
}

void replay_release(struct replay *replay)
{
    workload_release(&replay->workload);
    cluster_release_all(&replay->cluster);
    settings_release(&replay->settings);
    free(replay->place.params);
    free(replay->policy.params);
}

static const char *file_name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* run.json: everything the results depend on, and nothing that may differ between equal runs. */
static json_t *describe(const struct replay *replay)
{
    json_t *settings = settings_json(&replay->settings);
    struct text warmup = {0};
    text_add_seconds(&warmup, replay->choice.report.warmup_us);
    struct text tau = {0};
    text_add_seconds(&tau, replay->choice.report.tau_us);
    json_object_set_new(settings, "warmup_s", json_string(warmup.bytes));
    json_object_set_new(settings, "tau_s", json_string(tau.bytes));
    if (replay->choice.report.fragmentation_share > 0) {
        json_object_set_new(settings, "fragmentation_percent",
                            json_real(replay->choice.report.fragmentation_share * 100));
    }
    text_release(&warmup);
    text_release(&tau);
    json_t *all = json_pack(
        "{s:s, s:{s:s, s:s, s:s, s:I}, s:{s:s, s:s, s:I, s:f}, s:o, s:o, s:o}", "program",
        cli_version(), "trace", "name", file_name_of(replay->trace), "format",
        replay->workload.format, "digest", replay->workload.digest, "jobs",
        (json_int_t)replay->workload.jobs.count, "cluster", "name",
        file_name_of(replay->cluster_source), "digest", replay->cluster.digest, "nodes",
        (json_int_t)replay->cluster.nodes.count, "gpus", (double)replay->cluster.gpu_milli / 1000,
        "policy",
        chosen_json(replay->policy.ops->name, replay->policy.ops->params, replay->policy.params),
        "place",
        chosen_json(replay->place.ops->name, replay->place.ops->params, replay->place.params),
        "settings", settings);
    if (replay->trace_settings != NULL) {
        json_object_set_new(json_object_get(all, "trace"), "settings",
                            json_string(replay->trace_settings));
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
static json_t *describe_timing(const struct replay *replay, const struct engine_result *result,
                               double engine_s)
{
    struct rusage usage = {0};
    (void)getrusage(RUSAGE_SELF, &usage);
    int64_t wall_us = progress_clock_us() - replay->started_us;
    return json_pack("{s:f, s:f, s:f, s:I, s:I, s:f, s:I}", "wall_s", (double)wall_us / 1e6,
                     "user_s", user_seconds(), "engine_user_s", engine_s, "events",
                     (json_int_t)result->events, "passes", (json_int_t)result->passes,
                     "jobs_per_engine_s",
                     engine_s > 0 ? (double)replay->workload.jobs.count / engine_s : 0.0,
                     "peak_memory_kib", (json_int_t)usage.ru_maxrss);
}

static bool run_engine(struct replay *replay, struct report *report, bool quiet,
                       struct engine_result *result, struct err *err)
{
    struct journal *journal = replay->journal;
    struct progress progress;
    progress_init(&progress, quiet);
    struct log_sink sink = report_sink(report);
    struct engine_input input = {
        .settings = &replay->settings,
        .workload = &replay->workload,
        .cluster = &replay->cluster,
        .policy = replay->policy.ops,
        .policy_params = replay->policy.params,
        .place = replay->place.ops,
        .place_params = replay->place.params,
        .sinks = &sink,
        .sink_count = 1,
        .progress = progress_show,
        .progress_self = &progress,
        .stop = interrupt_catch(),
        .journal = journal == NULL ? NULL : journal_for_engine(journal),
    };
    bool ok = engine_run(&input, result, err);
    progress_end(&progress);
    return ok;
}

struct report *replay_run_quietly(struct replay *replay, bool quiet, struct err *err)
{
    struct report *report =
        report_open(&replay->choice.report, &replay->workload, &replay->cluster, NULL, err);
    struct engine_result result = {0};
    struct report_run nothing = {0};
    if (!run_engine(replay, report, quiet, &result, err) || !report_close(report, &nothing, err)) {
        report_free(report);
        return NULL;
    }
    return report;
}

static bool run_and_report(struct replay *replay, bool quiet, struct text *table, struct err *err)
{
    struct report *report = report_open(&replay->choice.report, &replay->workload, &replay->cluster,
                                        replay->choice.out, err);
    if (report == NULL) {
        return false;
    }
    double engine_start_s = user_seconds();
    struct engine_result result = {0};
    bool ok = run_engine(replay, report, quiet, &result, err);
    if (ok) {
        json_t *settings = describe(replay);
        json_t *timing = describe_timing(replay, &result, user_seconds() - engine_start_s);
        CHECK(settings != NULL && timing != NULL);
        struct report_run run = {
            .settings = settings,
            .timing = timing,
            .fingerprint = result.fingerprint,
            .trace = replay->trace,
            .cluster = replay->cluster_source,
            .policy = replay->choice.policy,
            .place = replay->choice.place,
            .is_partial = result.stopped,
        };
        replay->is_partial = result.stopped;
        ok = report_close(report, &run, err);
        if (ok && table != NULL) {
            report_print(report, &run, table);
        }
        if (ok && table != NULL && replay->choice.counterfactual) {
            ok = counterfactual_add(replay, report, quiet, table, err);
        }
        json_decref(settings);
        json_decref(timing);
    }
    report_free(report);
    return ok;
}

/* The run with its folder, going on from a checkpoint if there is one. The file stays when the run
 * fails or is interrupted. */
static bool run_with_journal(struct replay *replay, bool quiet, struct text *table, struct err *err)
{
    const struct replay_choice *choice = &replay->choice;
    if (choice->checkpoint_us == 0) {
        return run_and_report(replay, quiet, table, err);
    }
    json_t *run = describe(replay);
    struct journal_terms terms = {choice->out, run, choice->checkpoint_us, choice->resume};
    replay->journal = journal_open(&terms, err);
    json_decref(run);
    if (replay->journal == NULL) {
        return false;
    }
    if (choice->resume && !quiet && !journal_resumes(replay->journal)) {
        (void)fprintf(stderr, "berth: there is no checkpoint to resume; beginning anew\n");
    }
    bool ok = run_and_report(replay, quiet, table, err);
    journal_close(replay->journal, ok && !replay->is_partial);
    replay->journal = NULL;
    return ok;
}

bool replay_run(struct replay *replay, bool quiet, struct text *table, struct err *err)
{
    if (!replay->choice.report.fairness) {
        return run_with_journal(replay, quiet, table, err);
    }
    int64_t *alone_us = mem_alloc(replay->workload.jobs.count, sizeof(*alone_us));
    bool ok = alone_run(replay, alone_us, err);
    replay->choice.report.alone_us = alone_us;
    ok = ok && run_with_journal(replay, quiet, table, err);
    replay->choice.report.alone_us = NULL;
    free(alone_us);
    return ok;
}
