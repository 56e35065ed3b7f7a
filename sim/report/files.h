/*
 * files.h - the files of a results folder that are written at the end of a run (DESIGN 5.3).
 *
 * Each function appends the whole text of one file, or writes it row by row.
 */
#ifndef REPORT_FILES_H
#define REPORT_FILES_H

#include <jansson.h>

#include "sim/base/file.h"
#include "sim/report/fold.h"
#include "sim/report/numbers.h"

/* How JSON is printed everywhere here: indented, objects in the order of their making, and numbers
 * with 15 digits. That shows every decimal number of up to 15 digits as it was written (17 would
 * print 0.1 as 0.10000000000000001), times in microseconds up to 31 years among them. */
#define FILES_JSON_FLAGS (JSON_INDENT(2) | JSON_REAL_PRECISION(15))

/* Any JSON value, with a newline behind it. */
void files_add_json(struct text *out, const json_t *value);

/* summary.json; what of `extra` is NULL was not measured */
struct causes;
struct equity_numbers;
struct finish_time;
struct pools;
struct files_extra {
    const struct causes *causes;
    const struct equity_numbers *equity;
    const struct finish_time *finish_time;
    const struct pools *pools;
    bool is_partial; /* the run was interrupted */
};
void files_add_summary(struct text *out, const struct report_numbers *numbers,
                       const struct fold *fold, const struct files_extra *extra,
                       uint64_t fingerprint);

/* queues.csv */
void files_add_queues(struct text *out, const struct report_numbers *numbers,
                      const struct cluster *cluster);

/* groups.csv: every metric of jobs by queue, user, size, priority, and queue and size; unweighted,
 * and its mean weighted with GPUs. O(jobs) a metric and grouping. */
void files_write_groups(struct out_file *out, const struct fold *fold, int64_t tau_us);

/* jobs.csv, row by row */
void files_write_jobs(struct out_file *out, const struct fold *fold);

#endif
