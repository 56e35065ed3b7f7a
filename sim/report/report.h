/*
 * report.h - from what happened in a run to numbers, tables and files.
 *
 * A report is a log sink: it folds the records of one run as they come, keeps a few words a job,
 * and never sees the engine. At the end it computes the numbers (formulas: README.md beside this
 * file) and writes the results folder, whole or not at all:
 *
 *     report_open -> records through report_sink, the last one LOG_END -> report_close
 *                 -> report_numbers, report_print as often as wanted -> report_free
 *
 * The timeline and the decision log are written while the run goes on; everything else at the end.
 */
#ifndef REPORT_REPORT_H
#define REPORT_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "sim/base/err.h"
#include "sim/base/text.h"
#include "sim/cluster/cluster.h"
#include "sim/log.h"
#include "sim/report/numbers.h"
#include "sim/workload/workload.h"

struct report_options {
    int64_t warmup_us; /* jobs submitted before, and GPU time before, count in no statistic */
    int64_t sample_us; /* a row of the timeline every so often; 0: at every change */
    int64_t tau_us;    /* of the bounded slowdown; more than 0 */
    double fragmentation_share; /* kinds of tasks that make up so much of the trace are typical, and
                                   fragmentation is measured for them; 0: it is not */
    bool causes;                /* why jobs wait; the engine has to be told, too */
    bool pools;                 /* what was there and used, pool by pool: pools.csv */
    bool fairness;              /* was the cluster shared fairly among the queues? */
    const int64_t *alone_us; /* completion time of each job had its queue been alone on its share,
                                or TIME_UNKNOWN, for finish-time fairness; NULL: not known */
    bool log_decisions;      /* write decisions.jsonl */
    bool html;               /* write report.html, and the scripts of its figures */
    unsigned figure_formats; /* of the page: files to draw, of enum figure_format */
};

/* No warm-up, a row at every change, tau of 10 s, no decisions, no page. */
void report_options_init(struct report_options *options);

/* What the report cannot know from the records. Texts may be NULL: nothing is said then. */
struct report_run {
    const json_t *settings; /* becomes run.json, and the last part of the page */
    const json_t *timing;   /* becomes timing.json; NULL: an empty object */
    uint64_t fingerprint;
    const char *trace;   /* how the user named the trace */
    const char *cluster; /* and the cluster */
    const char *policy;  /* and the policy with its parameters */
    const char *place;   /* and the placement rule */
    bool is_partial;     /* the run was interrupted: what follows is what was known then */
};

struct causes;
struct equity_numbers;
struct finish_time;
struct pools;
struct report;

/* Starts a report on a run of `workload` on `cluster` (idle; both must outlive the report). With a
 * folder, opens it beside its final name: NULL and *err filled when that cannot be. `folder` NULL:
 * numbers only, which cannot fail. O(jobs) memory: less than 80 bytes each. */
struct report *report_open(const struct report_options *options, const struct workload *workload,
                           const struct cluster *cluster, const char *folder, struct err *err);

/* Where the records of the run go. The report must outlive the run. */
struct log_sink report_sink(struct report *report);

/* To be called once, after LOG_END: computes the numbers, writes the rest of the files and gives
 * the folder its name. On failure nothing is left of the folder; the numbers are there all the
 * same. O(jobs). */
bool report_close(struct report *report, const struct report_run *run, struct err *err);

/* The numbers of a closed report; they live as long as it. */
const struct report_numbers *report_numbers(const struct report *report);

/* Why jobs waited, after report_close; NULL when it was not wanted. */
const struct causes *report_causes(const struct report *report);

/* How fairly queues were served, after report_close; NULL when it was not wanted. */
const struct equity_numbers *report_equity(const struct report *report);

/* What every pool had there and what was used, after report_close; NULL when it was not wanted. */
const struct pools *report_pools(const struct report *report);

/* How much later jobs ended than alone; NULL when that is not known. */
const struct finish_time *report_finish_time(const struct report *report);

/* Appends the table for the terminal: plain ASCII apart from names, at most 100 columns. */
void report_print(const struct report *report, const struct report_run *run, struct text *out);

/* Appends what queues were owed and held, when the policy told; nothing else. */
void report_print_shares(const struct report *report, struct text *out);

/* Frees the report; one that was not closed leaves nothing behind. NULL is fine. */
void report_free(struct report *report);

#endif
