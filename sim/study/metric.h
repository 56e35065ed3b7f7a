/*
 * metric.h - the metrics of a run that a study compares: one number each.
 *
 * Formulas are those of sim/report/README.md. A run has the metrics of the table, then the mean
 * wait of every size class, then that of every queue, then the mean time that jobs were pending for
 * each cause: the columns of a study.
 */
#ifndef STUDY_METRIC_H
#define STUDY_METRIC_H

#include <stdint.h>

#include "sim/report/equity.h"
#include "sim/report/numbers.h"
#include "sim/workload/workload.h"

enum metric_better { METRIC_LOWER, METRIC_HIGHER, METRIC_NEITHER };

/* What a closed report has to tell; fairness and causes were asked for. */
struct metric_source {
    const struct report_numbers *numbers;
    const struct equity_numbers *equity;
    const struct causes *causes;
};

struct metric {
    const char *name; /* "mean_wait_s": with its unit */
    const char *help; /* what it is, for people */
    enum metric_better better;
    bool is_mean;          /* Student's interval suits it; else the bootstrap */
    bool wants_completion; /* says something only when every job completed */
    /* NAN when the run has none. */
    double (*of)(const struct metric_source *from);
};

/* Ends with a NULL name; the first is the default of a comparison. */
extern const struct metric metrics[];

/* The number of a metric by name, or the number of metrics. */
uint32_t metric_find(const char *name);
uint32_t metric_count(void);

/* The columns of one study. */
struct metric_columns {
    uint32_t metric_count;
    uint32_t group_count; /* size classes, then queues, all of them mean waits, then causes */
    uint32_t count;       /* of both together */
    VEC(const char *) queues;
};

enum { METRIC_MOST_QUEUES = 64 };

/* The queues are those of `workload` in the order of their numbers, at most METRIC_MOST_QUEUES; a
 * single one is none. Their names have to outlive the columns. Released with
 * metric_columns_release. */
void metric_columns_init(struct metric_columns *columns, const struct workload *workload);
void metric_columns_release(struct metric_columns *columns);

/* The metric of a column: that of its own; for a group the mean wait, for a cause
 * metric_of_causes. */
extern const struct metric metric_of_causes;
const struct metric *metric_of_column(const struct metric_columns *columns, uint32_t column);

/* "", "gpus 2-4", "queue NAME" or "cause room", appended to *out. */
void metric_add_group(struct text *out, const struct metric_columns *columns, uint32_t column);

/* Fills values[columns->count]; NAN where a run has none. */
void metric_take(const struct metric_columns *columns, const struct metric_source *from,
                 double *values);

#endif
