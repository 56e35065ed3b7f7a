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

/* Taking a slice piece by piece. */
struct slice_progress {
    const struct slice *slice;
    int64_t taken;
    VEC(bool) seen; /* the users that are wanted, then the queues: did the name occur? */
};
void slice_begin(struct slice_progress *progress, const struct slice *slice);
void slice_end(struct slice_progress *progress);

/* Takes out the jobs of one piece that do not belong, in place, its epoch being that of the whole.
 * O(jobs). */
void slice_take(struct slice_progress *progress, struct workload *piece);

/* Did all the names occur so far? */
bool slice_saw_all(const struct slice_progress *progress);

/* Takes out the jobs that do not belong, in place: no memory besides a byte a user and queue. A
 * name that the trace does not have is an error, as is a slice without jobs. O(jobs). */
bool slice_apply(const struct slice *slice, struct workload *workload, struct err *err);

#endif
