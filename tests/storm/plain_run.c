/* plain_run.c - instant by instant: ends, submissions, passes. See plain.h. */
#include <stdlib.h>

#include "plain.h"
#include "sim/base/mem.h"

enum { MOST_INSTANTS = 4096 };

#define NEVER INT64_MAX
#define FULL  INT64_C(1000000000) /* speed */

/* -- jobs ------------------------------------------------------------------------------------ */

static void note(struct plain *plain, enum log_kind kind, uint32_t job, int64_t lost_us)
{
    struct plain_event event = {
        .time_us = plain->now_us,
        .kind = kind,
        .job = job,
        .first_grant = (uint32_t)plain->grants.count,
        .grant_count = (uint32_t)plain->jobs[job].held.count,
        .lost_us = lost_us,
    };
    for (size_t i = 0; i < plain->jobs[job].held.count; i++) {
        vec_push(&plain->grants, plain->jobs[job].held.items[i]);
    }
    vec_push(&plain->events, event);
}

/* An elastic job works at the part of its tasks that it holds, in millionths, rounded down. */
static int64_t rate_ppb(const struct plain *plain, uint32_t job)
{
    const struct workload *workload = plain->input.workload;
    uint32_t shape = workload->jobs.items[job].shape;
    if (workload->shapes.items[shape].is_free) {
        return FULL;
    }
    int64_t held = (int64_t)plain->jobs[job].held.count;
    return held * 1000000 / workload_shape_tasks(workload, shape) * 1000;
}

bool plain_start(struct plain *plain, uint32_t job)
{
    struct plain_job *state = &plain->jobs[job];
    const struct engine_settings *settings = plain->input.settings;
    grant_vec grants = {0};
    if (!plain_place(plain, job, false, &grants)) {
        vec_release(&grants);
        return false;
    }
    state->held = grants;
    state->state = PLAIN_RUNNING;
    state->start_us = plain->now_us;
    state->latency_us = settings->start_us + (state->stopped_before ? settings->restore_us : 0);
    state->rate_ppb = rate_ppb(plain, job);
    state->sequence = plain->starts++;
    note(plain, LOG_START, job, 0);
    return true;
}

/* Work is done down to the microsecond below, an end comes at the microsecond above. A world lasts
 * minutes, so nothing here comes near the end of its type. */
int64_t plain_left_us(const struct plain *plain, uint32_t job)
{
    const struct plain_job *state = &plain->jobs[job];
    int64_t worked_us = plain->now_us - state->start_us - state->latency_us;
    if (state->state != PLAIN_RUNNING || worked_us <= 0) {
        return state->left_us;
    }
    int64_t done_us = worked_us * state->rate_ppb / FULL;
    return done_us < state->left_us ? state->left_us - done_us : 0;
}

int64_t plain_end_us(const struct plain *plain, uint32_t job)
{
    const struct plain_job *state = &plain->jobs[job];
    int64_t work_us = (state->left_us * FULL + state->rate_ppb - 1) / state->rate_ppb;
    return state->start_us + state->latency_us + work_us + plain->input.settings->finish_us;
}

static void leave(struct plain *plain, uint32_t job, enum plain_state state)
{
    vec_release(&plain->jobs[job].held);
    plain->jobs[job].held = (grant_vec){0};
    plain->jobs[job].gave_back = false;
    plain->jobs[job].state = state;
}

void plain_stop(struct plain *plain, uint32_t job)
{
    struct plain_job *state = &plain->jobs[job];
    int64_t interval_us = plain->input.workload->jobs.items[job].checkpoint_us;
    interval_us = interval_us == TIME_UNKNOWN ? plain->input.settings->checkpoint_us : interval_us;
    int64_t left_us = plain_left_us(plain, job);
    int64_t done_us = state->left_us - left_us;
    int64_t lost_us = interval_us == 0                ? 0
                      : interval_us == PARAM_NEVER_US ? done_us
                                                      : done_us % interval_us;
    note(plain, LOG_PREEMPT, job, lost_us);
    leave(plain, job, PLAIN_PENDING);
    state->left_us = left_us + lost_us;
    state->stopped_before = true;
}

/* The mean of the last few jobs of its user that have ended; what the user says without any. */
static int64_t remembered_us(const struct plain *plain, uint32_t job)
{
    const struct job *jobs = plain->input.workload->jobs.items;
    int64_t sum_us = 0;
    int64_t count = 0;
    for (size_t i = plain->finished.count; i > 0 && count < plain->input.settings->last_k; i--) {
        uint32_t other = plain->finished.items[i - 1];
        if (jobs[other].user == jobs[job].user) {
            sum_us += jobs[other].duration_us;
            count++;
        }
    }
    return count > 0 ? sum_us / count : jobs[job].estimate_us;
}

static void submit(struct plain *plain, uint32_t job)
{
    struct plain_job *state = &plain->jobs[job];
    const struct job *facts = &plain->input.workload->jobs.items[job];
    int64_t estimate_us = plain->input.settings->estimates == ESTIMATES_USER ? facts->estimate_us
                          : plain->input.settings->estimates == ESTIMATES_LASTK
                              ? remembered_us(plain, job)
                              : facts->duration_us;
    state->left_us = facts->duration_us;
    state->estimate_us = estimate_us < 1 ? 1 : estimate_us;
    bool fits = plain_ever_fits(plain, job);
    state->state = fits ? PLAIN_PENDING : PLAIN_REJECTED;
    note(plain, fits ? LOG_SUBMIT : LOG_REJECT, job, 0);
}

static void finish(struct plain *plain, uint32_t job)
{
    note(plain, LOG_FINISH, job, 0);
    leave(plain, job, PLAIN_DONE);
    vec_push(&plain->finished, job);
}

/* -- the time line --------------------------------------------------------------------------- */

/* The job that ends next, of those at one time who started first; UINT32_MAX: none. */
static uint32_t next_end(const struct plain *plain)
{
    uint32_t next = UINT32_MAX;
    for (uint32_t job = 0; job < plain->input.workload->jobs.count; job++) {
        if (plain->jobs[job].state != PLAIN_RUNNING) {
            continue;
        }
        int64_t end_us = plain_end_us(plain, job);
        int64_t next_us = next == UINT32_MAX ? NEVER : plain_end_us(plain, next);
        if (end_us < next_us ||
            (end_us == next_us && plain->jobs[job].sequence < plain->jobs[next].sequence)) {
            next = job;
        }
    }
    return next;
}

static uint32_t next_submit(const struct plain *plain)
{
    for (uint32_t job = 0; job < plain->input.workload->jobs.count; job++) {
        if (plain->jobs[job].state == PLAIN_AWAITED) {
            return job;
        }
    }
    return UINT32_MAX;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Lets one thing of this instant happen; false: there is nothing more but a pass. */
static bool happen(struct plain *plain)
{
    uint32_t end = next_end(plain);
    uint32_t job = next_submit(plain);
    bool ends = end != UINT32_MAX && plain_end_us(plain, end) == plain->now_us;
    bool comes =
        job != UINT32_MAX && plain->input.workload->jobs.items[job].submit_us == plain->now_us;
    if (comes && (!ends || plain->input.settings->tie == TIE_SUBMIT)) {
        submit(plain, job);
    } else if (ends) {
        finish(plain, end);
    }
    return comes || ends;
}

static bool more_now(const struct plain *plain)
{
    uint32_t end = next_end(plain);
    uint32_t job = next_submit(plain);
    return (end != UINT32_MAX && plain_end_us(plain, end) == plain->now_us) ||
           (job != UINT32_MAX && plain->input.workload->jobs.items[job].submit_us == plain->now_us);
}

/* *pass_us: when a periodic pass is due; NEVER: when something happens. */
static void live_instant(struct plain *plain, int64_t *pass_us)
{
    const struct engine_settings *settings = plain->input.settings;
    for (;;) {
        if (happen(plain)) {
            int64_t period_us = settings->pass_period_us;
            if (settings->pass == PASS_EVENT ||
                (settings->pass == PASS_INSTANT && !more_now(plain))) {
                plain_decide(plain);
            } else if (settings->pass == PASS_PERIOD && *pass_us == NEVER) {
                *pass_us = (plain->now_us + period_us - 1) / period_us * period_us;
            }
        } else if (*pass_us == plain->now_us) {
            *pass_us = NEVER;
            plain_decide(plain);
        } else {
            return;
        }
    }
}

void plain_run(struct plain *plain, const struct plain_input *input)
{
    *plain = (struct plain){.input = *input};
    plain->jobs = mem_alloc(input->workload->jobs.count, sizeof(*plain->jobs));
    int64_t pass_us = NEVER;
    for (uint32_t instants = 0;; instants++) {
        uint32_t end = next_end(plain);
        uint32_t job = next_submit(plain);
        int64_t next_us = pass_us;
        next_us = end == UINT32_MAX ? next_us : least(next_us, plain_end_us(plain, end));
        next_us = job == UINT32_MAX ? next_us
                                    : least(next_us, input->workload->jobs.items[job].submit_us);
        if (next_us == NEVER || next_us > input->settings->horizon_us) {
            return;
        }
        if (instants == MOST_INSTANTS) {
            plain->too_long = true;
            return;
        }
        plain->now_us = next_us;
        live_instant(plain, &pass_us);
    }
}

void plain_release(struct plain *plain)
{
    for (uint32_t job = 0; plain->jobs != NULL && job < plain->input.workload->jobs.count; job++) {
        vec_release(&plain->jobs[job].held);
    }
    free(plain->jobs);
    vec_release(&plain->finished);
    vec_release(&plain->events);
    vec_release(&plain->grants);
    *plain = (struct plain){0};
}

bool plain_is_for(const struct plain_input *input)
{
    const struct engine_settings *settings = input->settings;
    const struct workload *workload = input->workload;
    bool is_for = settings->isolate == NULL && settings->oversize == OVERSIZE_REJECT &&
                  settings->over_nodes_ppm == 0 && settings->over_domains_ppm == 0 &&
                  settings->sharing_ppm == 0 && settings->save_us == 0;
    for (uint32_t i = 0; i < settings->stop_cost_count; i++) {
        is_for &= settings->stop_costs[i].work_us == 0;
    }
    bool guesses = settings->estimates == ESTIMATES_NOISY;
    is_for &= !guesses || input->policy == PLAIN_FIFO || input->policy == PLAIN_SRTF;
    for (size_t i = 0; i < workload->groups.count; i++) {
        uint32_t kind = workload->groups.items[i].request.kind;
        is_for &= kind == GPU_WHOLE || kind == GPU_NONE;
    }
    for (size_t i = 0; i < workload->shapes.count; i++) {
        is_for &= workload->shapes.items[i].required_level == NAMES_NONE &&
                  workload->shapes.items[i].preferred_level == NAMES_NONE;
    }
    return is_for;
}
