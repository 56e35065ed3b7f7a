/*
 * audit.c - the invariants of a run, over the whole state.
 *
 * What running jobs hold is what the cluster misses; a job has a place exactly when it runs; no
 * progress is negative; submitted jobs are pending, running, done or rejected and nothing else.
 */
#include "sim/base/check.h"
#include "sim/engine/run.h"

static int64_t held_milli(const struct sched_ctx *run, const struct job_run *state)
{
    const grant_vec *grants = &run->placements.items[state->placement];
    int64_t milli = 0;
    for (size_t i = 0; i < grants->count; i++) {
        milli += grants->items[i].gpu_milli;
    }
    return milli;
}

void run_audit(const struct sched_ctx *run)
{
    cluster_check(run->cluster);
    int64_t held = 0;
    uint32_t submitted = 0;
    uint32_t ended = 0;
    size_t running = 0;
    for (uint32_t i = 0; i < run->workload->jobs.count; i++) {
        const struct job_run *state = &run->jobs[i];
        submitted += state->state != SCHED_WAITING ? 1 : 0;
        ended += state->state == SCHED_DONE || state->state == SCHED_REJECTED ? 1 : 0;
        CHECK(state->work_left_us >= 0 && state->latency_left_us >= 0 &&
              state->finish_left_us >= 0);
        if (state->state == SCHED_RUNNING) {
            running++;
            CHECK(held_milli(run, state) == state->gpu_milli);
            held += state->released_early ? 0 : state->gpu_milli;
        } else {
            CHECK(state->gpu_milli == 0);
        }
    }
    CHECK(submitted == run->progress.jobs_submitted && ended == run->progress.jobs_ended);
    CHECK(run->placements.count == running + run->free_placements.count);
    CHECK(held == run->cluster->gpu_milli - run->cluster->free_gpu_milli);
}
