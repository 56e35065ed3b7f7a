/*
 * grid.h - many runs: every policy at every load on every replication, on all processors.
 *
 * A run is one cell of the grid, and its result goes to the place of that cell, so the results do
 * not depend on how many threads there are or on who was faster. Runs of one replication and load
 * share one workload, which is made by whoever needs it first.
 */
#ifndef STUDY_GRID_H
#define STUDY_GRID_H

#include "sim/engine/engine.h"
#include "sim/report/report.h"
#include "sim/study/metric.h"
#include "sim/study/replicate.h"
#include "sim/study/series.h"

/* What is otherwise about the jobs of a run; all zeros and a factor of 1: nothing. */
struct grid_change {
    double factor;            /* of the density of submits, besides that of the load */
    double durations;         /* of durations and estimates */
    VEC(const char *) queues; /* whose jobs are left out */
    VEC(const char *) users;
};

/* A policy with its placement rule. */
struct grid_policy {
    const char *label; /* as the user wrote it */
    const struct sched_ops *ops;
    const void *params;
    const struct place_ops *place;
    const void *place_params;
    const struct engine_settings *settings; /* of its own; NULL: those of the plan */
    bool is_variant;                        /* the first policy under other settings */
    const struct cluster *cluster;          /* of its own; NULL: that of the plan */
    const struct grid_change *change;       /* NULL: the jobs are those of the replication */
};

struct grid_plan {
    const struct engine_settings *settings; /* the seed is replaced by that of the replication */
    const struct report_options *report;
    const struct cluster *cluster;
    const struct replicate *replicate;
    const struct grid_policy *policies;
    uint32_t policy_count;
    const double *factors;    /* of the density of submits, one a load */
    const int64_t *warmup_us; /* one a load */
    uint32_t load_count;
    unsigned threads; /* 0: one a processor */
    /* Called after every run, never by two threads at once; false gives up. NULL for nobody. */
    bool (*progress)(void *self, size_t done, size_t total);
    void *progress_self;
};

/* What is kept of a run. */
struct grid_run {
    uint64_t fingerprint;
    uint64_t events;
    uint32_t jobs;     /* of the workload */
    int64_t span_us;   /* from its first to its last submit */
    uint32_t censored; /* running or pending at the end */
    uint32_t rejected;
    double offered_load;
    double *values;  /* by column */
    double *backlog; /* by step of a series: mean GPUs pending */
    double *waits;   /* by step: mean wait in seconds of the jobs submitted in it; NAN for none */
    double *wait_shares;     /* by bin of a series: share of measured jobs that waited so long */
    double *slowdown_shares; /* the same of bounded slowdowns */
};

/* The grid so far. Runs are found by grid_at. */
struct grid {
    const struct grid_plan *plan;
    struct metric_columns columns;
    uint32_t replications; /* done */
    VEC(struct grid_run)
    runs; /* replication by replication, in it load by load, policy by policy */
};

/* An empty grid; the plan and all it names must outlive it. Released with grid_release. */
void grid_init(struct grid *grid, const struct grid_plan *plan);
void grid_release(struct grid *grid);

/* Runs `more` more replications. False with *err filled when a run failed: the one that comes first
 * in the grid. Memory: a workload a thread or so, and six kilobytes or so for every run. */
bool grid_extend(struct grid *grid, uint32_t more, struct err *err);

const struct grid_run *grid_at(const struct grid *grid, uint32_t replication, uint32_t load,
                               uint32_t policy);

/* Fills values[grid->replications] with one column of one policy at one load. */
void grid_column(const struct grid *grid, uint32_t load, uint32_t policy, uint32_t column,
                 double *values);

/* How many numbers a run has besides its columns. */
enum { GRID_SERIES = 2 * SERIES_STEPS + 2 * SERIES_BINS };

#endif
