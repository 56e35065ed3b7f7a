/* measure.c - see measure.h. */
#include "sim/report/measure.h"

#include <stdlib.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"
#include "sim/report/spread.h"

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static bool wait_us(const struct fold *fold, uint32_t number, bool censored, uint64_t *key)
{
    const struct fold_job *job = &fold->jobs[number];
    bool started = job->start_us != TIME_UNKNOWN;
    if (!started && !(censored && job->phase == PHASE_PENDING)) {
        return false;
    }
    int64_t until_us = started ? job->start_us : fold->now_us;
    *key = (uint64_t)(until_us - fold->workload->jobs.items[number].submit_us);
    return true;
}

/* False when the job does not have the metric. */
static bool value_of(const struct fold *fold, uint32_t number, enum measure measure, int64_t tau_us,
                     uint64_t *key)
{
    const struct fold_job *job = &fold->jobs[number];
    if (measure == MEASURE_WAIT || measure == MEASURE_WAIT_CENSORED) {
        return wait_us(fold, number, measure == MEASURE_WAIT_CENSORED, key);
    }
    if (job->phase != PHASE_COMPLETED) {
        return false;
    }
    const struct job *told = &fold->workload->jobs.items[number];
    int64_t completion_us = job->since_us - told->submit_us;
    if (measure == MEASURE_COMPLETION) {
        *key = (uint64_t)completion_us;
        return true;
    }
    if (measure == MEASURE_QUEUEING) {
        *key = (uint64_t)(completion_us - job->ran_us);
        return true;
    }
    bool bounded = measure != MEASURE_SLOWDOWN;
    int64_t work_us = bounded ? larger(told->duration_us, tau_us) : told->duration_us;
    if (work_us <= 0) {
        return false;
    }
    double ratio = (double)completion_us / (double)work_us;
    if (measure == MEASURE_GPU_SLOWDOWN) {
        if (job->asked_milli == 0) {
            return false;
        }
        ratio /= (double)job->asked_milli / 1000;
    }
    *key = spread_ratio_key(bounded && ratio < 1 ? 1 : ratio);
    return true;
}

static uint32_t group_of(const struct fold *fold, uint32_t number, enum grouping grouping)
{
    switch (grouping) {
    case GROUP_ALL:
        return 0;
    case GROUP_SIZE:
        return (uint32_t)size_class_of(fold->jobs[number].asked_milli);
    case GROUP_QUEUE:
        return fold->workload->jobs.items[number].queue;
    case GROUP_USER:
        return fold->workload->jobs.items[number].user;
    }
    CHECK_NEVER("a grouping");
}

static uint32_t count_groups(const struct fold *fold, enum grouping grouping)
{
    switch (grouping) {
    case GROUP_ALL:
        return 1;
    case GROUP_SIZE:
        return SIZE_CLASS_COUNT;
    case GROUP_QUEUE:
        return names_count(&fold->workload->queues);
    case GROUP_USER:
        return names_count(&fold->workload->users);
    }
    CHECK_NEVER("a grouping");
}

void measured_init(struct measured *measured, const struct fold *fold, enum measure measure,
                   enum grouping grouping, int64_t tau_us)
{
    uint32_t group_count = count_groups(fold, grouping);
    uint32_t job_count = (uint32_t)fold->workload->jobs.count;
    size_t *starts = mem_alloc((size_t)group_count + 2, sizeof(*starts));
    uint64_t key = 0;
    for (uint32_t i = 0; i < job_count; i++) {
        if (fold_is_measured(fold, i) && value_of(fold, i, measure, tau_us, &key)) {
            starts[group_of(fold, i, grouping) + 2]++;
        }
    }
    for (uint32_t group = 0; group < group_count; group++) {
        starts[group + 2] += starts[group + 1];
    }
    size_t count = starts[group_count + 1];
    uint64_t *keys = mem_alloc(count, sizeof(*keys));
    /* starts[group + 1] walks from the first to one past the last key of the group. */
    for (uint32_t i = 0; i < job_count; i++) {
        if (fold_is_measured(fold, i) && value_of(fold, i, measure, tau_us, &key)) {
            keys[starts[group_of(fold, i, grouping) + 1]++] = key;
        }
    }
    uint64_t *scratch = mem_alloc(count, sizeof(*scratch));
    for (uint32_t group = 0; group < group_count; group++) {
        spread_sort(keys + starts[group], scratch, starts[group + 1] - starts[group]);
    }
    free(scratch);
    *measured = (struct measured){group_count, starts, keys};
}

void measured_release(struct measured *measured)
{
    free(measured->starts);
    free(measured->keys);
    *measured = (struct measured){0};
}
