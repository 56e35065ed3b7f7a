/*
 * stats.h - what a trace consists of: figures to check an importer by, and to choose a cluster by.
 *
 * Percentiles are nearest-rank, so each is a value that occurs. The size of a job is its milli-GPUs
 * (of formats that count something else, its units); resource time is size times duration over the
 * jobs that tell a duration.
 */
#ifndef WORKLOAD_STATS_H
#define WORKLOAD_STATS_H

#include <jansson.h>

#include "sim/workload/workload.h"

enum { STATS_OUTCOMES = OUTCOME_UNFINISHED + 1 };

/* Jobs of one size. */
struct stats_size {
    int64_t gpu_milli;
    uint32_t jobs;
};

/* What belongs to one queue or user. */
struct stats_part {
    const char *name; /* lives in the workload */
    uint32_t number;  /* in workload->queues or ->users */
    uint32_t jobs;
    double gpu_hours;
};

struct stats_durations {
    uint32_t jobs; /* that tell one; the others are 0 when this is */
    uint32_t zero;
    int64_t p50_us;
    int64_t p90_us;
    int64_t p99_us;
    int64_t max_us;
    double mean_s;
};

/* When jobs are submitted, on the trace's own clock, moved by clock_offset_us. Its zero is taken
 * for midnight, and for that of a Thursday (1970-01-01) when its times are dates. */
struct stats_arrivals {
    uint32_t by_hour[24];
    uint32_t by_weekday[7]; /* Monday first; days since the zero, by 7, when there are no dates */
    bool is_dated;          /* the first submit is after 1990 when read as a time since 1970 */
    uint32_t at_once;       /* jobs submitted at the same instant as the one before them */
    double mean_gap_s;      /* between submits; 0 with a single job */
    double gap_variation;   /* standard deviation / mean: 1 for a Poisson process */
    int64_t longest_gap_us;
};

/* One bar of a distribution. */
struct stats_bin {
    uint32_t jobs;
    double gpu_hours;
};

/* Bins of durations (their upper bounds in seconds) and of sizes; names for people. */
enum { STATS_DURATION_BINS = 9, STATS_SIZE_BINS = 10, STATS_ACCURACY_BINS = 10 };
const char *stats_duration_bin_name(int bin);
const char *stats_size_bin_name(int bin);

/* What a reader should look at twice before using the trace. */
enum stats_suspicion {
    SUSPECT_NO_DURATION,
    SUSPECT_ZERO_DURATION,
    SUSPECT_LONG,       /* more than 30 days */
    SUSPECT_EXCEEDED,   /* ran longer than estimated */
    SUSPECT_NO_REQUEST, /* asks for no GPU, no CPU and no memory */
    SUSPECT_TWIN,       /* same submit, user, shape and duration as another job */
    SUSPECT_AFTER_GAP,  /* comes after a week or more without a submit */
    SUSPICION_COUNT,
};
struct stats_suspect {
    uint32_t jobs;
    uint32_t first_job; /* number in workload->jobs */
};
const char *stats_suspicion_text(enum stats_suspicion suspicion);

/* How the users' estimates compare to the durations, over jobs that tell both. */
struct stats_estimates {
    uint32_t jobs; /* that tell an estimate */
    uint32_t compared;
    uint32_t exact;
    uint32_t exceeded;    /* ran longer than estimated */
    double mean_accuracy; /* duration / estimate, at most 1 */
    double p50_accuracy;
    uint32_t bins[STATS_ACCURACY_BINS]; /* by tenths of the accuracy */
};

/* Against a cluster; all 0 without one. */
struct stats_load {
    double gpus;
    double offered;      /* GPU time asked for / GPU time there is, first to last submit */
    uint32_t too_large;  /* jobs that want more GPUs than there are */
    uint32_t bad_models; /* jobs that accept only GPU models that are not there */
};

struct stats {
    uint32_t jobs;
    uint32_t without_gpu;
    uint32_t multi;    /* more than one GPU */
    uint32_t fraction; /* less than one, but some */
    uint32_t gangs;    /* more than one task */
    uint32_t outcomes[STATS_OUTCOMES];
    int64_t first_us; /* submit times in the trace's own base */
    int64_t last_us;
    bool was_sorted;
    double gpu_hours;
    double demand_gpus; /* sum of all sizes */
    struct stats_durations durations;
    struct stats_estimates estimates;
    struct stats_load load;
    struct stats_arrivals arrivals;
    struct stats_bin duration_bins[STATS_DURATION_BINS];
    struct stats_bin size_bins[STATS_SIZE_BINS];
    struct stats_suspect suspects[SUSPICION_COUNT];
    VEC(struct stats_size) sizes;  /* most jobs first, then the smaller size */
    VEC(struct stats_part) queues; /* most GPU time first, then most jobs, then by number */
    VEC(struct stats_part) users;
};

struct cluster;

/* Measures a finished workload, against `cluster` unless it is NULL; released by the caller.
 * O(jobs log jobs). */
void stats_measure(const struct workload *workload, const struct cluster *cluster,
                   struct stats *out);
void stats_release(struct stats *stats);

/* The parts of stats_measure that look at submits, bins and suspicions. */
void stats_measure_arrivals(const struct workload *workload, struct stats_arrivals *out);
void stats_measure_bins(const struct workload *workload, struct stats *out);
void stats_measure_suspects(const struct workload *workload, struct stats *out);

/* What the format's sizes count: "GPU", "processor". */
const char *stats_unit(const struct workload *workload);

/* Appends the figures for people, or makes them for tools (a new reference). */
void stats_add_text(struct text *text, const struct workload *workload, const struct stats *stats);
json_t *stats_json(const struct workload *workload, const struct stats *stats);

#endif
