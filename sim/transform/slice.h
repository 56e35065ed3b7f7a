/*
 * slice.h - some of the jobs of a trace: a window of time, users, queues, sizes, the first so many.
 */
#ifndef TRANSFORM_SLICE_H
#define TRANSFORM_SLICE_H

#include "sim/workload/workload.h"

/* What a job must be to stay; all of it. Start from slice_init. */
struct slice {
    int64_t from_us; /* submitted then or later, in the trace's own time */
    int64_t to_us;   /* and before this */
    int64_t least_gpu_milli;
    int64_t most_gpu_milli;
    int64_t first;            /* so many of those that are left, in order of submit time */
    VEC(const char *) users;  /* any of these; none: any at all */
    VEC(const char *) queues; /* likewise */
};

void slice_init(struct slice *slice);
void slice_release(struct slice *slice);

/* Takes out the jobs that do not belong, in place: no memory besides a byte a user and queue. A
 * name that the trace does not have is an error, as is a slice without jobs. O(jobs). */
bool slice_apply(const struct slice *slice, struct workload *workload, struct err *err);

#endif
