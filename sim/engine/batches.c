/*
 * batches.c - jobs that change their batch size at checkpoints.
 *
 * Work stays in microseconds at reference speed, but of the class the job is in: a change of class
 * gives the job a new total and a new rest, computed from its whole steps.
 */
#include <math.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/engine/run.h"

void run_begin_plan(struct sched_ctx *run, uint32_t job)
{
    const struct job *facts = &run->workload->jobs.items[job];
    struct job_run *state = &run->jobs[job];
    state->work_total_us = facts->duration_us;
    state->speed_class = facts->speed_class;
}

/* Rounded as importers do, so that a lease over all steps, which is rounded up, covers the total.
 */
static int64_t work_us(int64_t steps, double per_s)
{
    double work_us = round((double)steps / per_s * 1e6);
    return work_us < (double)WORKLOAD_MOST_US ? (int64_t)work_us : WORKLOAD_MOST_US;
}

/* The job goes on in the class of its new level; false: no step of it is left. */
static bool take_level(struct sched_ctx *run, uint32_t job, const struct batch_plan *plan,
                       const struct batch_state *batch)
{
    struct job_run *state = &run->jobs[job];
    state->speed_class = (uint16_t)plan->levels[batch->level].speed_class;
    double per_s = sched_step_speed(run, job, NAMES_NONE);
    bool is_left = batch->done_steps < batch->total_steps;
    int64_t total_us = work_us(batch->total_steps, per_s);
    int64_t done_us = is_left ? work_us(batch->done_steps, per_s) : total_us;
    state->work_total_us = total_us > 0 ? total_us : 1;
    state->work_left_us = done_us < total_us ? total_us - done_us : 1;
    state->run_work_us = state->work_left_us;
    state->saved_us = 0;
    state->save_left_us = 0;
    state->work_kept_us = state->work_left_us;
    run_update_rate(run, job);
    return is_left;
}

bool sched_checkpoint(struct sched_ctx *ctx, uint32_t job, int64_t *past_steps)
{
    *past_steps = 0;
    if (!run_allows(ctx, job, "checkpoint", SCHED_RUNNING)) {
        return true;
    }
    struct job_run *state = &ctx->jobs[job];
    uint16_t first = ctx->workload->jobs.items[job].speed_class;
    const struct batch_plan *plan =
        first == SPEED_NO_CLASS ? NULL : speeds_plan_of(&ctx->workload->speeds, first);
    if (plan == NULL) {
        return true;
    }
    run_settle_work(ctx, job);
    double per_us = sched_step_speed(ctx, job, NAMES_NONE) / 1e6;
    /* Less than half a step is the rounding of the lease to microseconds. */
    if (state->work_kept_us == 0 ||
        round((double)(state->work_left_us - state->work_kept_us) * per_us) > 0) {
        run_refuse(ctx, job, "checkpoint", "it is not at the end of a lease");
        return true;
    }
    struct batch_state batch = {
        .level = state->batch_level,
        .next_level = state->batch_next,
        .total_steps = (int64_t)round((double)state->work_total_us * per_us),
    };
    batch.done_steps =
        (int64_t)round((double)(state->work_total_us - state->work_left_us) * per_us);
    batch_plan_checkpoint(plan, &batch);
    bool changed = batch.level != state->batch_level;
    bool is_past = changed && batch.done_steps > batch.total_steps;
    *past_steps = is_past ? batch.done_steps - batch.total_steps : 0;
    state->batch_level = (uint8_t)batch.level;
    state->batch_next = (uint8_t)batch.next_level;
    return changed ? take_level(ctx, job, plan, &batch) : true;
}
