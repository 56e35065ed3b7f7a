/*
 * saves.c - what writing checkpoints costs a running job, and how often it writes one.
 *
 *     |-- interval of work --|-- save --|-- interval of work --|-- save --|-- the rest --|
 *
 * A checkpoint counts from the end of its save; at the end of the work none is written. Without
 * --cost save nothing of this takes any time, and the rule of README.md holds as it is.
 *
 * The interval is the job's own, or that of the run, or it follows from the mean time between
 * failures M of what the job holds and the time to save S (first-order: Young, CACM 17, 1974;
 * higher-order: Daly, FGCS 22, 2006, equation 37):
 *
 *     Young   sqrt(2 S M)
 *     Daly    sqrt(2 S M) (1 + sqrt(S / 2M) / 3 + (S / 2M) / 9) - S when S < 2M, else M
 *
 * as time between saves, which its rate at the start turns into work.
 */
#include <math.h>

#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/engine/run.h"

static bool takes_time(const struct sched_ctx *run, const struct job_run *state)
{
    return run->settings->save_us > 0 && state->interval_us > 0 &&
           state->interval_us < PARAM_NEVER_US;
}

static int64_t time_of_work_us(const struct job_run *state, int64_t work_us)
{
    return mul_div_ceil(work_us, RATE_FULL_PPB, state->rate_ppb);
}

static int64_t work_of_time_us(const struct job_run *state, int64_t time_us)
{
    return mul_div_floor(time_us, state->rate_ppb, RATE_FULL_PPB);
}

/* Work until the next save begins, when none is going on. */
static int64_t work_before_save_us(const struct job_run *state, int64_t saved_us, int64_t done_us)
{
    int64_t next_us = time_add_us(saved_us, state->interval_us);
    CHECK(next_us > done_us);
    return next_us - done_us;
}

int64_t run_working_time_us(const struct sched_ctx *run, uint32_t job, int64_t work_us)
{
    const struct job_run *state = &run->jobs[job];
    if (!takes_time(run, state)) {
        return time_of_work_us(state, work_us);
    }
    if (work_us == 0) {
        return 0;
    }
    int64_t saved_us = state->saved_us + (state->save_left_us > 0 ? state->interval_us : 0);
    int64_t done_us = state->run_work_us - state->work_left_us;
    int64_t first_us = work_before_save_us(state, saved_us, done_us);
    if (work_us <= first_us) {
        return time_add_us(state->save_left_us, time_of_work_us(state, work_us));
    }
    int64_t cycles = (work_us - first_us - 1) / state->interval_us;
    int64_t rest_us = work_us - first_us - cycles * state->interval_us;
    int64_t cycle_us =
        time_add_us(run->settings->save_us, time_of_work_us(state, state->interval_us));
    int64_t whole_us =
        time_add_us(time_of_work_us(state, first_us), mul_div_floor(cycles, cycle_us, 1));
    int64_t last_us = time_add_us(run->settings->save_us, time_of_work_us(state, rest_us));
    return time_add_us(state->save_left_us, time_add_us(whole_us, last_us));
}

/* So far into a save, or past it. */
static struct run_progress begin_save(const struct sched_ctx *run, const struct job_run *state,
                                      struct run_progress at, int64_t passed_us)
{
    int64_t save_us = run->settings->save_us;
    if (passed_us < save_us) {
        at.save_left_us = save_us - passed_us;
        at.saving_us += passed_us;
        return at;
    }
    at.saving_us += save_us;
    at.saved_us += state->interval_us;
    at.work_us += work_of_time_us(state, passed_us - save_us);
    return at;
}

static struct run_progress progress_in(const struct sched_ctx *run, const struct job_run *state,
                                       int64_t time_us)
{
    struct run_progress at = {.saved_us = state->saved_us};
    int64_t left_us = time_us;
    if (state->save_left_us > left_us) {
        at.save_left_us = state->save_left_us - left_us;
        at.saving_us = left_us;
        return at;
    }
    left_us -= state->save_left_us;
    at.saving_us = state->save_left_us;
    at.saved_us += state->save_left_us > 0 ? state->interval_us : 0;
    int64_t done_us = state->run_work_us - state->work_left_us;
    int64_t first_us = work_before_save_us(state, at.saved_us, done_us);
    int64_t until_save_us = time_of_work_us(state, first_us);
    if (left_us < until_save_us) {
        at.work_us = work_of_time_us(state, left_us);
        return at;
    }
    left_us -= until_save_us;
    int64_t save_us = run->settings->save_us;
    int64_t cycle_us = time_add_us(save_us, time_of_work_us(state, state->interval_us));
    int64_t cycles = left_us / cycle_us;
    at.work_us = first_us + cycles * state->interval_us;
    at.saved_us += cycles * state->interval_us;
    at.saving_us += cycles * save_us;
    return begin_save(run, state, at, left_us % cycle_us);
}

struct run_progress run_progress_in(const struct sched_ctx *run, uint32_t job, int64_t time_us,
                                    int64_t most_us)
{
    const struct job_run *state = &run->jobs[job];
    if (!takes_time(run, state)) {
        int64_t work_us = work_of_time_us(state, time_us);
        return (struct run_progress){.work_us = work_us < most_us ? work_us : most_us};
    }
    int64_t whole_us = run_working_time_us(run, job, most_us);
    if (time_us < whole_us) {
        return progress_in(run, state, time_us);
    }
    /* All there is to do is done: what was saved, was saved before. */
    struct run_progress at = {.work_us = most_us};
    at.saving_us = whole_us - time_of_work_us(state, most_us);
    at.saving_us = at.saving_us > 0 ? at.saving_us : 0;
    int64_t done_us = state->run_work_us - state->work_left_us + most_us;
    at.saved_us = done_us > 0 ? (done_us - 1) / state->interval_us * state->interval_us : 0;
    if (state->work_kept_us > 0 && done_us == at.saved_us + state->interval_us) {
        /* Its lease ends where a save is due. */
        int64_t save_us = run->settings->save_us;
        int64_t passed_us = time_us - whole_us < save_us ? time_us - whole_us : save_us;
        at.saving_us += passed_us;
        at.save_left_us = save_us - passed_us;
        at.saved_us += passed_us == save_us ? state->interval_us : 0;
    }
    return at;
}

int64_t run_unsaved_us(const struct sched_ctx *run, uint32_t job)
{
    const struct job_run *state = &run->jobs[job];
    int64_t done_us = state->run_work_us - state->work_left_us;
    if (takes_time(run, state)) {
        return done_us - state->saved_us;
    }
    return state->interval_us == 0                ? 0
           : state->interval_us == PARAM_NEVER_US ? done_us
                                                  : done_us % state->interval_us;
}

static int64_t rule_interval_us(const struct sched_ctx *run, const struct job_run *state,
                                const grant_vec *grants)
{
    double rate = run_supply_failure_rate(run, grants);
    double save_us = (double)run->settings->save_us;
    if (!(rate > 0)) {
        return PARAM_NEVER_US;
    }
    double mtbf_us = 1 / rate;
    double young_us = sqrt(2 * save_us * mtbf_us);
    double interval_us = young_us;
    if (run->settings->checkpoint_rule == CHECKPOINT_DALY) {
        double part = save_us / (2 * mtbf_us);
        interval_us = part < 1 ? young_us * (1 + sqrt(part) / 3 + part / 9) - save_us : mtbf_us;
    }
    double work_us = round(interval_us * ((double)state->rate_ppb / RATE_FULL_PPB));
    return work_us < 1                          ? save_us > 0 ? 1 : 0
           : work_us < (double)WORKLOAD_MOST_US ? (int64_t)work_us
                                                : PARAM_NEVER_US;
}

void run_begin_saves(struct sched_ctx *run, uint32_t job)
{
    struct job_run *state = &run->jobs[job];
    int64_t own_us = run->workload->jobs.items[job].checkpoint_us;
    state->saved_us = 0;
    state->save_left_us = 0;
    state->saving_us = 0;
    if (own_us != TIME_UNKNOWN) {
        state->interval_us = own_us;
    } else if (run->settings->checkpoint_rule == CHECKPOINT_FIXED) {
        state->interval_us = run->settings->checkpoint_us;
    } else {
        state->interval_us = rule_interval_us(run, state, &run->placements.items[state->placement]);
    }
}
