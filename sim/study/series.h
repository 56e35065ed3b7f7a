/*
 * series.h - how a run went over time, in a fixed number of steps from the first to the last
 * submit: the GPUs that wait, and how long the jobs of each step waited; and how waits and
 * slowdowns are distributed.
 */
#ifndef STUDY_SERIES_H
#define STUDY_SERIES_H

#include "sim/base/bitset.h"
#include "sim/log.h"
#include "sim/workload/workload.h"

enum { SERIES_STEPS = 250, SERIES_BINS = 64 };

/* The upper bound of a bin: waits in seconds (0, then eight a decade from 1 s on), bounded
 * slowdowns (1, then ten a decade). The last bin takes the rest. */
double series_wait_bound_s(uint32_t bin);
double series_slowdown_bound(uint32_t bin);

struct series_options {
    int64_t warmup_us; /* jobs submitted before are in no distribution */
    int64_t tau_us;    /* of the bounded slowdown */
};

struct series {
    const struct workload *workload;
    struct series_options options;
    int64_t step_us; /* length of a step */
    int64_t now_us;
    int64_t pending_milli; /* asked for by pending jobs; those that ask for none count as one */
    struct bitset started; /* by job: at least once */
    double backlog[SERIES_STEPS];        /* mean milli-GPUs pending */
    double wait_us[SERIES_STEPS];        /* sum over the jobs submitted in the step that started */
    uint32_t waits[SERIES_STEPS];        /* how many these are */
    uint32_t wait_bins[SERIES_BINS];     /* jobs by their wait until the first start */
    uint32_t slowdown_bins[SERIES_BINS]; /* completed jobs by their bounded slowdown */
};

/* The workload must outlive the series. Released with series_release. */
void series_init(struct series *series, const struct workload *workload,
                 const struct series_options *options);
void series_release(struct series *series);

/* Fills shares[SERIES_BINS] with the share of values up to each bound; NAN when there are none. */
void series_cumulate(const uint32_t *bins, double *shares);

/* Where the records of the run go. O(1) a record, apart from steps gone by. */
struct log_sink series_sink(struct series *series);

#endif
