/*
 * measure.h - the values of one metric over the measured jobs of a run, in groups, sorted.
 */
#ifndef REPORT_MEASURE_H
#define REPORT_MEASURE_H

#include "sim/report/fold.h"
#include "sim/report/numbers.h"

/* README.md has the formulas. */
enum measure {
    MEASURE_WAIT,
    MEASURE_WAIT_CENSORED,
    MEASURE_QUEUEING,
    MEASURE_COMPLETION,
    MEASURE_SLOWDOWN,
    MEASURE_BOUNDED_SLOWDOWN,
    MEASURE_GPU_SLOWDOWN, /* the bounded one for each GPU, not below 1 */
};

enum grouping { GROUP_ALL, GROUP_SIZE, GROUP_QUEUE, GROUP_USER };

struct measured {
    uint32_t group_count;
    size_t *starts; /* by group: index of its first key; one more entry than groups */
    uint64_t *keys; /* ascending within a group; see spread.h */
};

/* Takes the values of every measured job that has the metric. `tau_us` is for the bounded slowdown.
 * Released with measured_release. O(jobs), 16 bytes a job while at it, 8 afterwards. */
void measured_init(struct measured *measured, const struct fold *fold, enum measure measure,
                   enum grouping grouping, int64_t tau_us);
void measured_release(struct measured *measured);

static inline const uint64_t *measured_group(const struct measured *measured, uint32_t group,
                                             size_t *count)
{
    *count = measured->starts[group + 1] - measured->starts[group];
    return measured->keys + measured->starts[group];
}

#endif
