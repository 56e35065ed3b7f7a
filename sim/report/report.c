/* report.c - see report.h: one instant after the other into the fold, the timeline and the figures.
 */
#include "sim/report/report.h"

#include <math.h>
#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/base/file.h"
#include "sim/base/mem.h"
#include "sim/report/causes.h"
#include "sim/report/decisions.h"
#include "sim/report/equity.h"
#include "sim/report/files.h"
#include "sim/report/finish_time.h"
#include "sim/report/fold.h"
#include "sim/report/fragment.h"
#include "sim/report/node_use.h"
#include "sim/report/numbers_from.h"
#include "sim/report/page.h"
#include "sim/report/pools.h"
#include "sim/report/shares.h"
#include "sim/report/timeline.h"

enum { BUCKETS = 1000, QUEUE_BUCKETS = 500, PAGE_QUEUES = 512 };

struct report {
    struct report_options options;
    struct fold fold;
    struct report_numbers numbers;
    bool closed;
    bool has_folder;
    struct out_folder folder;
    struct timeline timeline;
    struct out_file decisions;
    struct shares shares;
    struct fragment fragment; /* when fragmentation is wanted */
    struct causes causes;     /* when causes of waiting are */
    struct equity equity;     /* when fairness is */
    struct equity_numbers equity_numbers;
    struct finish_time finish_time; /* when times alone are known */
    struct err shares_err;          /* why shares.csv could not be opened; said at the end */
    int64_t instant_us;             /* of the last record; -1 before the first */
    struct profile cluster_profile; /* of enum page_series; for the page only */
    struct profile queue_profile;
    struct node_use node_use;
    struct pools pools; /* when hours by pool are wanted */
};

void report_options_init(struct report_options *options)
{
    *options = (struct report_options){.tau_us = 10000000};
}

static bool open_file(const struct report *report, struct out_file *out, const char *name,
                      struct err *err)
{
    char *path = out_folder_file(&report->folder, name);
    bool ok = out_file_open(out, path, err);
    free(path);
    return ok;
}

static bool wants_fragmentation(const struct report *report)
{
    return report->options.fragmentation_share > 0;
}

static bool open_timeline(struct report *report, struct err *err)
{
    char *path = out_folder_file(&report->folder, "timeline.csv");
    report->timeline = (struct timeline){
        .sample_us = report->options.sample_us,
        .total_milli = report->fold.cluster->gpu_milli,
        .has_fragmentation = wants_fragmentation(report),
    };
    bool ok = timeline_open(&report->timeline, path, err);
    free(path);
    return ok;
}

/* Opens the folder and the files that are written while the run goes on. */
static bool open_files(struct report *report, const char *folder, struct err *err)
{
    if (!out_folder_open(&report->folder, folder, err)) {
        return false;
    }
    bool has_timeline = open_timeline(report, err);
    bool ok = has_timeline && (!report->options.log_decisions ||
                               open_file(report, &report->decisions, "decisions.jsonl", err));
    if (!ok) {
        if (has_timeline) {
            out_file_abandon(&report->timeline.file);
        }
        out_folder_abandon(&report->folder);
    }
    report->has_folder = ok;
    return ok;
}

struct report *report_open(const struct report_options *options, const struct workload *workload,
                           const struct cluster *cluster, const char *folder, struct err *err)
{
    CHECK(options->tau_us > 0 && options->sample_us >= 0);
    CHECK(folder != NULL || (!options->html && !options->log_decisions));
    struct report *report = mem_alloc(1, sizeof(*report));
    report->options = *options;
    report->instant_us = -1;
    fold_init(&report->fold, workload, cluster, options->warmup_us);
    if (folder != NULL && !open_files(report, folder, err)) {
        fold_release(&report->fold);
        free(report);
        return NULL;
    }
    if (wants_fragmentation(report)) {
        fragment_init(&report->fragment, workload, cluster, options->fragmentation_share);
    }
    if (options->causes) {
        causes_init(&report->causes, workload, cluster->gpu_milli);
    }
    if (options->fairness) {
        equity_init(&report->equity, workload, cluster);
    }
    if (options->pools) {
        pools_init(&report->pools, cluster, workload->jobs.count);
    }
    if (options->html) {
        uint32_t queues = names_count(&workload->queues);
        profile_init(&report->cluster_profile, BUCKETS, PAGE_SERIES_COUNT);
        profile_init(&report->queue_profile, QUEUE_BUCKETS,
                     queues < PAGE_QUEUES ? queues : PAGE_QUEUES);
        node_use_init(&report->node_use, cluster, workload->jobs.count);
        report->fold.queue_profile = &report->queue_profile;
        report->shares.has_profiles = true;
    }
    return report;
}

/* Works out the fragmentation of an instant that is over and lasted until `until_us`. */
static void measure_fragmentation(struct report *report, int64_t until_us)
{
    if (!wants_fragmentation(report)) {
        return;
    }
    struct fold_state *state = &report->fold.state;
    state->fragmented_milli = llround(fragment_milli(&report->fragment));
    state->stranded_milli = fragment_stranded_milli(&report->fragment);
    int64_t warmup_us = report->options.warmup_us;
    int64_t from_us = report->instant_us > warmup_us ? report->instant_us : warmup_us;
    if (until_us > from_us) {
        fragment_add_time(&report->fragment, until_us - from_us);
    }
}

/* The state after the last record held until `until_us`. */
static void close_instant(struct report *report, int64_t until_us)
{
    int64_t from_us = report->instant_us;
    const struct fold_state *state = &report->fold.state;
    if (from_us < 0 || from_us == until_us) {
        return;
    }
    measure_fragmentation(report, until_us);
    if (report->has_folder) {
        timeline_add(&report->timeline, from_us, until_us, state);
    }
    shares_add_time(&report->shares, &report->fold, from_us, until_us);
    if (report->options.html) {
        const int64_t milli[PAGE_SERIES_COUNT] = {
            [PAGE_ALLOCATED] = state->allocated_milli,
            [PAGE_PENDING] = state->pending_milli,
            [PAGE_FRAGMENTED] = state->fragmented_milli,
            [PAGE_STRANDED] = state->stranded_milli,
        };
        for (uint32_t i = 0; i < PAGE_SERIES_COUNT; i++) {
            profile_add(&report->cluster_profile, i, from_us, until_us, (double)milli[i] / 1000);
        }
    }
}

static void note_shares(struct report *report, const struct log_record *record)
{
    bool opens = report->has_folder && !report->shares.has_file && record->kind == LOG_SHARE &&
                 report->shares_err.code == ERR_NONE;
    char *path = opens ? out_folder_file(&report->folder, "shares.csv") : NULL;
    struct err err = {0};
    const char *to = report->shares.has_file ? "" : path;
    if (!shares_add(&report->shares, &report->fold, record, to, &err)) {
        report->shares_err = err;
    }
    free(path);
}

static void record(void *self, const struct log_record *record)
{
    struct report *report = self;
    close_instant(report, record->time_us);
    report->instant_us = record->time_us;
    note_shares(report, record);
    fold_add(&report->fold, record);
    if (wants_fragmentation(report)) {
        fragment_add(&report->fragment, record);
    }
    if (report->options.causes) {
        causes_add(&report->causes, record);
    }
    if (report->options.fairness) {
        equity_add(&report->equity, record);
    }
    if (report->options.pools) {
        pools_add(&report->pools, record);
    }
    if (report->options.html) {
        node_use_add(&report->node_use, record);
    }
    if (report->options.log_decisions) {
        decisions_add(&report->decisions, report->fold.workload, report->fold.cluster, record);
    }
}

struct log_sink report_sink(struct report *report)
{
    return (struct log_sink){report, record};
}

/* -- the end --------------------------------------------------------------------------------- */

static bool write_text(const struct report *report, const char *name, struct text *content,
                       struct err *err)
{
    char *path = out_folder_file(&report->folder, name);
    bool ok = file_write(path, (struct view){content->bytes, content->length}, err);
    free(path);
    text_release(content);
    return ok;
}

static bool write_json(const struct report *report, const char *name, const json_t *value,
                       struct err *err)
{
    struct text text = {0};
    files_add_json(&text, value);
    return write_text(report, name, &text, err);
}

static bool write_causes(struct report *report, struct err *err)
{
    struct out_file jobs;
    if (!open_file(report, &jobs, "causes.csv", err)) {
        return false;
    }
    causes_write_jobs(&jobs, &report->causes);
    if (!out_file_close(&jobs, err)) {
        return false;
    }
    struct text sums = {0};
    causes_add_sums(&sums, &report->causes);
    return write_text(report, "causes_by.csv", &sums, err);
}

static bool write_tables(struct report *report, const struct report_run *run, struct err *err)
{
    struct out_file jobs;
    if (!open_file(report, &jobs, "jobs.csv", err)) {
        return false;
    }
    files_write_jobs(&jobs, &report->fold);
    if (!out_file_close(&jobs, err)) {
        return false;
    }
    struct text queues = {0};
    files_add_queues(&queues, &report->numbers, report->fold.cluster);
    if (!write_text(report, "queues.csv", &queues, err)) {
        return false;
    }
    struct out_file groups;
    if (!open_file(report, &groups, "groups.csv", err)) {
        return false;
    }
    files_write_groups(&groups, &report->fold, report->options.tau_us);
    if (!out_file_close(&groups, err)) {
        return false;
    }
    if (report->shares.queues.count > 0) {
        struct text fairness = {0};
        shares_add_sums(&fairness, &report->shares);
        if (!write_text(report, "fairness.csv", &fairness, err)) {
            return false;
        }
    }
    if (report->options.causes && !write_causes(report, err)) {
        return false;
    }
    if (report->options.fairness) {
        struct text equity = {0};
        equity_add_rows(&equity, &report->equity);
        if (!write_text(report, "equity.csv", &equity, err)) {
            return false;
        }
    }
    if (report->options.pools) {
        struct text pools = {0};
        pools_add_rows(&pools, &report->pools);
        if (!write_text(report, "pools.csv", &pools, err)) {
            return false;
        }
    }
    struct text summary = {0};
    const struct files_extra extra = {report_causes(report), report_equity(report),
                                      report_finish_time(report), report_pools(report),
                                      run->is_partial};
    files_add_summary(&summary, &report->numbers, &report->fold, &extra, run->fingerprint);
    return write_text(report, "summary.json", &summary, err);
}

static bool write_page(struct report *report, const struct report_run *run, struct err *err)
{
    struct page page = {
        .numbers = &report->numbers,
        .fold = &report->fold,
        .cluster_profile = &report->cluster_profile,
        .queue_profile = &report->queue_profile,
        .node_use = &report->node_use,
        .shares = &report->shares,
        .causes = report_causes(report),
        .equity = report->options.fairness ? &report->equity : NULL,
        .equity_numbers = report_equity(report),
        .finish_time = report_finish_time(report),
        .run = run,
        .files = {&report->folder, true, report->options.figure_formats},
    };
    struct text text = {0};
    page_add(&text, &page);
    return write_text(report, "report.html", &text, err);
}

/* run.json comes last: a folder that has it is complete. */
static bool write_all(struct report *report, const struct report_run *run, struct err *err)
{
    json_t *nothing = json_object();
    bool ok = write_tables(report, run, err) &&
              write_json(report, "timing.json", run->timing != NULL ? run->timing : nothing, err) &&
              (!report->options.html || write_page(report, run, err)) &&
              write_json(report, "run.json", run->settings, err);
    json_decref(nothing);
    return ok;
}

/* Closes the files that were open during the run; both, whatever happens to the first. */
static bool close_streams(struct report *report, struct err *err)
{
    bool ok = out_file_close(&report->timeline.file, err);
    if (report->options.log_decisions) {
        ok = out_file_close(&report->decisions, err) && ok;
    }
    if (report->shares.has_file) {
        report->shares.has_file = false;
        ok = out_file_close(&report->shares.file, err) && ok;
    }
    if (ok && report->shares_err.code != ERR_NONE) {
        *err = report->shares_err;
        ok = false;
    }
    return ok;
}

/* What a job waited for is all that it waited: pending time is what it neither ran nor lay after
 * its end. */
static void end_causes(struct report *report)
{
    const struct fold *fold = &report->fold;
    causes_end(&report->causes);
    for (uint32_t i = 0; i < fold->workload->jobs.count; i++) {
        const struct fold_job *job = &fold->jobs[i];
        if (job->phase == PHASE_ABSENT || job->phase == PHASE_REJECTED) {
            continue;
        }
        int64_t end_us = job->phase == PHASE_COMPLETED ? job->since_us : fold->now_us;
        int64_t pending_us =
            end_us - fold->workload->jobs.items[i].submit_us - fold_ran_us(fold, i);
        CHECK(causes_of_job_us(&report->causes, i) == pending_us);
    }
}

bool report_close(struct report *report, const struct report_run *run, struct err *err)
{
    CHECK(!report->closed && report->fold.ended);
    report->closed = true;
    numbers_init(&report->numbers, &report->fold, report->options.tau_us);
    shares_end(&report->shares, report->instant_us);
    if (report->options.causes) {
        end_causes(report);
    }
    if (report->options.fairness) {
        equity_end(&report->equity, report->instant_us);
        report->equity_numbers = equity_numbers(&report->equity);
    }
    if (report->options.pools) {
        pools_end(&report->pools, report->instant_us);
    }
    if (report->options.html) {
        node_use_end(&report->node_use, report->instant_us);
    }
    if (report->options.alone_us != NULL) {
        finish_time_measure(&report->fold, report->options.alone_us, &report->finish_time);
    }
    if (wants_fragmentation(report)) {
        measure_fragmentation(report, report->instant_us);
        report->numbers.fragmentation = fragment_numbers(&report->fragment);
    }
    if (!report->has_folder) {
        return true;
    }
    timeline_end(&report->timeline, report->instant_us, &report->fold.state);
    report->has_folder = false;
    if (!close_streams(report, err) || !write_all(report, run, err)) {
        out_folder_abandon(&report->folder);
        return false;
    }
    return out_folder_close(&report->folder, err);
}

void report_print_shares(const struct report *report, struct text *out)
{
    shares_print(out, &report->shares, 15);
}

const struct causes *report_causes(const struct report *report)
{
    return report->options.causes ? &report->causes : NULL;
}

const struct equity_numbers *report_equity(const struct report *report)
{
    return report->options.fairness ? &report->equity_numbers : NULL;
}

const struct pools *report_pools(const struct report *report)
{
    return report->options.pools ? &report->pools : NULL;
}

const struct finish_time *report_finish_time(const struct report *report)
{
    return report->options.alone_us != NULL ? &report->finish_time : NULL;
}

const struct report_numbers *report_numbers(const struct report *report)
{
    CHECK(report->closed);
    return &report->numbers;
}

void report_free(struct report *report)
{
    if (report == NULL) {
        return;
    }
    if (report->has_folder) {
        out_file_abandon(&report->timeline.file);
        if (report->options.log_decisions) {
            out_file_abandon(&report->decisions);
        }
        if (report->shares.has_file) {
            out_file_abandon(&report->shares.file);
        }
        out_folder_abandon(&report->folder);
    }
    shares_release(&report->shares);
    fragment_release(&report->fragment);
    causes_release(&report->causes);
    equity_release(&report->equity);
    pools_release(&report->pools);
    if (report->options.html) {
        profile_release(&report->cluster_profile);
        profile_release(&report->queue_profile);
        node_use_release(&report->node_use);
    }
    if (report->closed) {
        numbers_release(&report->numbers);
    }
    fold_release(&report->fold);
    free(report);
}
