/*
 * speeds.c - speed by class of job and GPU model, bound to the cluster once a run; what policies
 * read of it; leases.
 *
 * A gang works at the speed of its slowest GPU. Rates are thousand-millionths of reference speed,
 * so that over a day of work the rounding of the rate stays below a tenth of a millisecond.
 */
#include <math.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/engine/run.h"

void run_bind_speeds(struct sched_ctx *run)
{
    const struct speeds *speeds = &run->workload->speeds;
    uint32_t models = names_count(&run->cluster->models);
    size_t classes = speeds->by_class.count;
    run->speeds_per_s = mem_alloc(classes * models + 1, sizeof(*run->speeds_per_s));
    for (uint32_t i = 0; i < classes; i++) {
        for (uint32_t model = 0; model < models; model++) {
            run->speeds_per_s[i * models + model] =
                speeds_on(speeds, i + 1, names_get(&run->cluster->models, model));
        }
    }
}

double sched_step_speed(const struct sched_ctx *ctx, uint32_t job, uint32_t model)
{
    CHECK(job < ctx->workload->jobs.count);
    const struct job_run *state = &ctx->jobs[job];
    uint16_t number = state->state == SCHED_WAITING ? ctx->workload->jobs.items[job].speed_class
                                                    : state->speed_class;
    if (number == SPEED_NO_CLASS) {
        return 1e6;
    }
    uint32_t models = names_count(&ctx->cluster->models);
    CHECK(model < models || model == NAMES_NONE);
    return model == NAMES_NONE ? speeds_reference(&ctx->workload->speeds, number)
                               : ctx->speeds_per_s[(size_t)(number - 1) * models + model];
}

int64_t run_grants_rate_ppb(const struct sched_ctx *run, uint32_t job, const grant_vec *grants)
{
    if (run->jobs[job].speed_class == SPEED_NO_CLASS) {
        return RATE_FULL_PPB;
    }
    double slowest = HUGE_VAL;
    for (size_t i = 0; i < grants->count; i++) {
        uint32_t model = cluster_pool(run->cluster, grants->items[i].node)->model;
        double per_s = sched_step_speed(run, job, model);
        slowest = per_s < slowest ? per_s : slowest;
    }
    double rate = slowest / sched_step_speed(run, job, NAMES_NONE) * RATE_FULL_PPB;
    CHECK(rate > 0 && rate < 1e18); /* shapes exclude models on which the class cannot work */
    return rate < 1 ? 1 : (int64_t)round(rate);
}

/* The engine's clock at the end of so many steps from now. */
static int64_t lease_end_us(const struct sched_ctx *ctx, uint32_t job, double working_us)
{
    const struct job_run *state = &ctx->jobs[job];
    if (ctx->settings->save_us > 0) {
        int64_t work_us = state->work_left_us - state->work_kept_us;
        int64_t saving_us = run_working_time_us(ctx, job, work_us) -
                            mul_div_ceil(work_us, RATE_FULL_PPB, state->rate_ppb);
        working_us += saving_us > 0 ? (double)saving_us : 0;
    }
    bool endless = working_us >= (double)WORKLOAD_MOST_US;
    int64_t lease_us = endless ? WORKLOAD_MOST_US : (int64_t)ceil(working_us);
    return time_add_us(ctx->now_us, time_add_us(state->latency_left_us, lease_us));
}

int64_t sched_lease_part(struct sched_ctx *ctx, uint32_t job, struct sched_lease_terms terms)
{
    if (!run_allows(ctx, job, "lease", SCHED_RUNNING)) {
        return ctx->now_us;
    }
    struct job_run *state = &ctx->jobs[job];
    if (terms.steps < 0 || terms.idle_us < 0 || state->halted || state->released_early) {
        run_refuse(ctx, job, "lease", "less than no steps, or the job ends or was halted");
        return ctx->now_us;
    }
    run_settle_work(ctx, job);
    /* Counted from the job's beginning, so that roundings to microseconds do not add up. */
    double per_us = sched_step_speed(ctx, job, NAMES_NONE) / 1e6;
    double speed_per_us = per_us * ((double)state->rate_ppb / RATE_FULL_PPB);
    int64_t total_us = state->work_total_us;
    double done_steps = round((double)(total_us - state->work_left_us) * per_us);
    double steps = (double)terms.steps;
    double working_us = steps / speed_per_us;
    if (terms.idle_us > 0) {
        double left_steps = round((double)total_us * per_us) - done_steps;
        double most_steps = left_steps < steps ? left_steps : steps;
        double most_us = most_steps / speed_per_us;
        if (most_us > (double)terms.idle_from_us) {
            working_us = most_us;
            steps = floor(most_steps * ((most_us - (double)terms.idle_us) / most_us));
        }
    }
    double until_us = ceil((done_steps + steps) / per_us);
    int64_t bound_us = until_us < (double)total_us ? (int64_t)until_us : total_us;
    state->work_kept_us = total_us - bound_us;
    if (state->work_kept_us > state->work_left_us || steps < 1) {
        state->work_kept_us = state->work_left_us;
    }
    run_schedule_finish(ctx, job);
    return lease_end_us(ctx, job, working_us);
}

int64_t sched_lease(struct sched_ctx *ctx, uint32_t job, int64_t steps)
{
    return sched_lease_part(ctx, job, (struct sched_lease_terms){.steps = steps});
}
