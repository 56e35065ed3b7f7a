/*
 * running.h - the running jobs of a backfilling policy by the time at which each is expected to
 * end.
 *
 * A sorted array: the walk from the earliest end on is what backfilling does most. Adding and
 * removing cost a binary search and moving what lies behind.
 */
#ifndef POLICIES_LIB_RUNNING_H
#define POLICIES_LIB_RUNNING_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/vec.h"
#include "sim/sched.h"

struct running_job {
    int64_t end_us; /* as expected */
    int64_t gpu_milli;
    uint32_t job;
};

struct running {
    VEC(struct running_job) jobs; /* by (end_us, job) */
    int64_t *ends_us;             /* by job; RUNNING_NOT while it is not among them */
};

#define RUNNING_NOT INT64_MIN

/* An empty set for jobs with numbers below job_count; released with running_release. */
void running_init(struct running *running, uint32_t job_count);
void running_release(struct running *running);

void running_add(struct running *running, struct running_job job);

/* Takes a job out and returns what was known of it; *found is false when it is not there. */
struct running_job running_remove(struct running *running, uint32_t job, bool *found);

/* Starts the job and adds it, expected to end after its estimate, with what it got. False: there
 * was no room. */
bool running_start(struct running *running, struct sched_ctx *ctx, uint32_t job,
                   int64_t estimate_us);

/*
 * Deals with jobs whose expected end has come although nobody said that they finished. One that
 * ends at this very instant, its event waiting for its turn, gives back what it holds and leaves
 * the set. One that outlives its estimate is expected to run once more as long as it has run.
 * Returns how many were prolonged.
 */
uint32_t running_settle(struct running *running, struct sched_ctx *ctx);

#endif
