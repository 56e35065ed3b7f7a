/*
 * series.h - how a run went over time, in a fixed number of steps from the first to the last
 * submit: the GPUs that wait, and how long the jobs of each step waited.
 */
#ifndef STUDY_SERIES_H
#define STUDY_SERIES_H

#include "sim/base/bitset.h"
#include "sim/log.h"
#include "sim/workload/workload.h"

enum { SERIES_STEPS = 250 };

struct series {
    const struct workload *workload;
    int64_t step_us; /* length of a step */
    int64_t now_us;
    int64_t pending_milli; /* asked for by pending jobs; those that ask for none count as one */
    struct bitset started; /* by job: at least once */
    double backlog[SERIES_STEPS]; /* mean milli-GPUs pending */
    double wait_us[SERIES_STEPS]; /* sum over the jobs submitted in the step that started */
    uint32_t waits[SERIES_STEPS]; /* how many these are */
};

/* The workload must outlive the series. Released with series_release. */
void series_init(struct series *series, const struct workload *workload);
void series_release(struct series *series);

/* Where the records of the run go. O(1) a record, apart from steps gone by. */
struct log_sink series_sink(struct series *series);

#endif
