/* running.c - see running.h. */
#include "policies/lib/running.h"

#include <string.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"

void running_init(struct running *running, uint32_t job_count)
{
    *running = (struct running){0};
    running->ends_us = mem_alloc(job_count, sizeof(*running->ends_us));
    for (uint32_t i = 0; i < job_count; i++) {
        running->ends_us[i] = RUNNING_NOT;
    }
}

void running_release(struct running *running)
{
    vec_release(&running->jobs);
    free(running->ends_us);
}

/* Where a job with this end stands, or would stand. */
static size_t place_of(const struct running *running, int64_t end_us, uint32_t job)
{
    size_t low = 0;
    size_t high = running->jobs.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct running_job *other = &running->jobs.items[middle];
        if (other->end_us < end_us || (other->end_us == end_us && other->job < job)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

void running_add(struct running *running, struct running_job job)
{
    CHECK(running->ends_us[job.job] == RUNNING_NOT);
    size_t at = place_of(running, job.end_us, job.job);
    vec_push(&running->jobs, job);
    struct running_job *items = running->jobs.items;
    memmove(&items[at + 1], &items[at], (running->jobs.count - 1 - at) * sizeof(*items));
    items[at] = job;
    running->ends_us[job.job] = job.end_us;
}

struct running_job running_remove(struct running *running, uint32_t job, bool *found)
{
    *found = running->ends_us[job] != RUNNING_NOT;
    if (!*found) {
        return (struct running_job){0};
    }
    size_t at = place_of(running, running->ends_us[job], job);
    struct running_job *items = running->jobs.items;
    struct running_job removed = items[at];
    CHECK(removed.job == job);
    running->jobs.count--;
    memmove(&items[at], &items[at + 1], (running->jobs.count - at) * sizeof(*items));
    running->ends_us[job] = RUNNING_NOT;
    return removed;
}

bool running_start(struct running *running, struct sched_ctx *ctx, uint32_t job,
                   int64_t estimate_us)
{
    /* What it got can differ from what it asked for: elastic jobs, shares by GPU memory. */
    int64_t free_before_milli = sched_cluster(ctx)->free_gpu_milli;
    if (!sched_start(ctx, job)) {
        return false;
    }
    running_add(running, (struct running_job){
                             .end_us = time_add_us(sched_now_us(ctx), estimate_us),
                             .gpu_milli = free_before_milli - sched_cluster(ctx)->free_gpu_milli,
                             .job = job,
                         });
    return true;
}

uint32_t running_settle(struct running *running, struct sched_ctx *ctx)
{
    uint32_t prolonged = 0;
    int64_t now_us = sched_now_us(ctx);
    while (running->jobs.count > 0 && running->jobs.items[0].end_us <= now_us) {
        bool found = false;
        struct running_job job = running_remove(running, running->jobs.items[0].job, &found);
        if (!sched_release_ending(ctx, job.job)) {
            /* It started before now, else its expected end would lie ahead: estimates are at
             * least 1. */
            job.end_us = time_add_us(now_us, now_us - sched_start_us(ctx, job.job));
            running_add(running, job);
            prolonged++;
        }
    }
    return prolonged;
}
