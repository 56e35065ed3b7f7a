/*
 * work.c - how the work of a running job goes on: latency first, then work at the job's rate.
 *
 *     start |-- latency (start, restore) --|------ work at rate ------|-- finish cost --| finish
 *
 * Work is counted in microseconds at reference speed; the rate follows from the GPU model, for jobs
 * that have a speed class, an elastic job that holds h of n tasks works at h/n of it, and one that
 * is spread or has others on its GPUs works slower (spread.c, sharing.c). A job on
 * a lease stops working when the lease is used up, holds what it has, and has no finish event. The
 * finish is rounded up to the next whole microsecond, progress is rounded down, so at the finish no
 * work is left.
 */
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/engine/run.h"

int64_t run_work_left_us(const struct sched_ctx *run, uint32_t job)
{
    const struct job_run *state = &run->jobs[job];
    CHECK(state->state == SCHED_RUNNING);
    int64_t working_us = run->now_us - state->since_us - state->latency_left_us;
    if (working_us <= 0 || state->halted) {
        return state->work_left_us;
    }
    int64_t most_us = state->work_left_us - state->work_kept_us;
    return state->work_left_us - run_progress_in(run, job, working_us, most_us).work_us;
}

/* From when the figures were settled to the end, if nothing changes. */
static int64_t time_left_us(const struct sched_ctx *run, uint32_t job)
{
    const struct job_run *state = &run->jobs[job];
    int64_t working_us = run_working_time_us(run, job, state->work_left_us);
    return time_add_us(time_add_us(state->latency_left_us, working_us), state->finish_left_us);
}

bool run_is_ending(const struct sched_ctx *run, uint32_t job)
{
    const struct job_run *state = &run->jobs[job];
    return state->work_kept_us == 0 && run->now_us - state->since_us >= time_left_us(run, job);
}

/* Does the work of the time since the figures were settled. */
static void work_on(struct sched_ctx *run, uint32_t job)
{
    struct job_run *state = &run->jobs[job];
    int64_t working_us = run->now_us - state->since_us - state->latency_left_us;
    if (working_us > 0 && !state->halted) {
        int64_t most_us = state->work_left_us - state->work_kept_us;
        struct run_progress progress = run_progress_in(run, job, working_us, most_us);
        state->work_left_us -= progress.work_us;
        state->saved_us = progress.saved_us;
        state->save_left_us = progress.save_left_us;
        state->saving_us += progress.saving_us;
    }
}

void run_settle_work(struct sched_ctx *run, uint32_t job)
{
    struct job_run *state = &run->jobs[job];
    CHECK(state->state == SCHED_RUNNING && run->now_us >= state->since_us);
    int64_t passed_us = run->now_us - state->since_us;
    int64_t before_finish_us = time_left_us(run, job) - state->finish_left_us;
    if (passed_us > before_finish_us && !state->halted && state->work_kept_us == 0) {
        state->finish_left_us -= passed_us - before_finish_us;
    }
    work_on(run, job);
    state->since_us = run->now_us;
    state->ran_us += passed_us;
    int64_t attained = mul_div_floor(passed_us, state->gpu_milli, 1);
    state->attained_milli_us = time_add_us(state->attained_milli_us, attained);

    state->latency_left_us =
        passed_us < state->latency_left_us ? state->latency_left_us - passed_us : 0;
}

void run_schedule_finish(struct sched_ctx *run, uint32_t job)
{
    struct job_run *state = &run->jobs[job];
    CHECK(state->state == SCHED_RUNNING && state->since_us == run->now_us && !state->halted);
    int64_t end_us = time_add_us(run->now_us, time_left_us(run, job));
    state->epoch++;
    if (state->work_kept_us > 0) {
        return;
    }
    event_queue_push(&run->events, end_us, EVENT_FINISH, job, state->epoch);
}

int64_t run_rate_ppb(const struct sched_ctx *run, uint32_t job)
{
    const struct bound_shape *shape = &run->shapes[run->workload->jobs.items[job].shape];
    const grant_vec *grants = &run->placements.items[run->jobs[job].placement];
    bool whole = shape->is_free || grants->count == shape->tasks;
    int64_t part_ppm = whole ? 1000000 : (int64_t)(grants->count * 1000000 / shape->tasks);
    int64_t rate_ppb = mul_div_ceil(run_grants_rate_ppb(run, job, grants), part_ppm, 1000000);
    rate_ppb = mul_div_ceil(rate_ppb, run_spread_ppm(run, grants), SPREAD_FULL_PPM);
    return mul_div_ceil(rate_ppb, run_sharing_ppm(run, shape, grants), SPREAD_FULL_PPM);
}

void run_update_rate(struct sched_ctx *run, uint32_t job)
{
    struct job_run *state = &run->jobs[job];
    const grant_vec *grants = run_grants(run, job);
    int64_t milli = 0;
    for (size_t i = 0; i < grants->count; i++) {
        milli += grants->items[i].gpu_milli;
    }
    state->gpu_milli = milli;
    state->rate_ppb = run_rate_ppb(run, job);
    CHECK(state->rate_ppb > 0);
}

static int64_t stop_cost_us(const struct sched_ctx *run, uint32_t job)
{
    const struct engine_settings *settings = run->settings;
    int64_t gpu_milli = run->shapes[run->workload->jobs.items[job].shape].gpu_milli;
    for (uint32_t i = 0; i < settings->stop_cost_count; i++) {
        if (gpu_milli <= settings->stop_costs[i].most_gpu_milli) {
            return settings->stop_costs[i].work_us;
        }
    }
    return 0;
}

int64_t run_lose_work(struct sched_ctx *run, uint32_t job)
{
    struct job_run *state = &run->jobs[job];
    CHECK(state->since_us == run->now_us);
    int64_t lost_us = time_add_us(run_unsaved_us(run, job), stop_cost_us(run, job));
    state->work_left_us = time_add_us(state->work_left_us, lost_us);
    return lost_us;
}
