/*
 * jobs.c - the states of a job and the changes between them.
 *
 *     waiting --submit--> pending --start--> running --finish--> done
 *                |           ^                  |
 *                v           +-preempt,interrupt+
 *            rejected
 */
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/engine/run.h"

grant_vec *run_grants(struct sched_ctx *run, uint32_t job)
{
    CHECK(run->jobs[job].state == SCHED_RUNNING);
    return &run->placements.items[run->jobs[job].placement];
}

/* An empty list of grants, used again when a job that had one has ended. */
uint32_t run_take_placement(struct sched_ctx *run)
{
    if (run->free_placements.count > 0) {
        return vec_pop(&run->free_placements);
    }
    grant_vec none = {0};
    vec_push(&run->placements, none);
    return (uint32_t)run->placements.count - 1;
}

static void give_back(struct sched_ctx *run, uint32_t job)
{
    struct job_run *state = &run->jobs[job];
    grant_vec *grants = &run->placements.items[state->placement];
    if (!state->released_early) {
        for (size_t i = 0; i < grants->count; i++) {
            cluster_release(run->cluster, &grants->items[i]);
        }
    }
    vec_clear(grants);
    vec_push(&run->free_placements, state->placement);
    state->gpu_milli = 0;
    run_share_ends(run, job);
}

/* Why the job cannot run in this replay at all, or NULL. */
static const char *rejection_of(struct sched_ctx *run, const struct job *job)
{
    if (job->duration_us == TIME_UNKNOWN) {
        return "the trace does not tell how long it runs";
    }
    return run_never_fits(run, job->shape);
}

void run_submit_job(struct sched_ctx *run, uint32_t job)
{
    const struct job *facts = &run->workload->jobs.items[job];
    struct job_run *state = &run->jobs[job];
    CHECK(state->state == SCHED_WAITING);
    run_show_job(run, job, false);
    const char *rejection = rejection_of(run, facts);
    struct log_record record = {
        .time_us = run->now_us,
        .kind = rejection == NULL ? LOG_SUBMIT : LOG_REJECT,
        .job = job,
        .gpu_milli = run->shapes[facts->shape].gpu_milli,
        .reason = rejection,
    };
    run->progress.jobs_submitted++;
    run_record(run, &record);
    if (rejection != NULL) {
        state->state = SCHED_REJECTED;
        run->progress.jobs_ended++;
        return;
    }
    state->state = SCHED_PENDING;
    state->work_left_us = facts->duration_us;
    run_begin_plan(run, job);
    if (run->input->policy->submit != NULL) {
        run->input->policy->submit(run->policy_state, run, job);
    }
}

void run_begin_job(struct sched_ctx *run, uint32_t job, uint32_t placement, int64_t latency_us)
{
    struct job_run *state = &run->jobs[job];
    CHECK(state->state == SCHED_PENDING);
    state->state = SCHED_RUNNING;
    state->placement = placement;
    state->released_early = false;
    state->halted = false;
    state->start_us = run->now_us;
    state->since_us = run->now_us;
    state->run_work_us = state->work_left_us;
    state->work_kept_us = 0;
    state->finish_left_us = run->settings->finish_us;
    state->latency_left_us = time_add_us(run->settings->start_us, latency_us);
    if (state->was_preempted) {
        state->latency_left_us = time_add_us(state->latency_left_us, run->settings->restore_us);
    }
    state->run_latency_us = state->latency_left_us;
    run_update_rate(run, job);
    run_begin_saves(run, job);
    run_schedule_finish(run, job);
    run_record_job(run, job, LOG_START, 0, 0);
    run_share_begins(run, job);
}

bool run_start_job_on(struct sched_ctx *run, uint32_t job, uint64_t models)
{
    const struct bound_shape *shape = &run->shapes[run->workload->jobs.items[job].shape];
    struct bound_shape narrowed = *shape;
    narrowed.groups = mem_alloc(shape->group_count, sizeof(*narrowed.groups));
    for (uint32_t i = 0; i < shape->group_count; i++) {
        narrowed.groups[i] = shape->groups[i];
        uint64_t wanted = shape->groups[i].request.models;
        narrowed.groups[i].request.models = wanted == 0 ? models : wanted & models;
    }
    uint32_t placement = run_take_placement(run);
    bool placed = narrowed.groups[0].request.models != 0 &&
                  run_place_job(run, run->cluster, &narrowed, &run->placements.items[placement]);
    free(narrowed.groups);
    if (!placed) {
        vec_push(&run->free_placements, placement);
        return false;
    }
    run_begin_job(run, job, placement, 0);
    return true;
}

bool run_start_job(struct sched_ctx *run, uint32_t job)
{
    struct job_run *state = &run->jobs[job];
    CHECK(state->state == SCHED_PENDING);
    struct bound_shape *shape = &run->shapes[run->workload->jobs.items[job].shape];
    if (shape->failed_at == run->cluster->releases + 1) {
        return false;
    }
    uint32_t placement = run_take_placement(run);
    if (!run_place_job(run, run->cluster, shape, &run->placements.items[placement])) {
        vec_push(&run->free_placements, placement);
        shape->failed_at = run->cluster->releases + 1;
        return false;
    }
    run_begin_job(run, job, placement, 0);
    return true;
}

void run_finish_job(struct sched_ctx *run, uint32_t job)
{
    struct job_run *state = &run->jobs[job];
    run_settle_work(run, job);
    CHECK(state->work_left_us == 0 && state->latency_left_us == 0 && state->finish_left_us == 0);
    run_record_job(run, job, LOG_FINISH, 0, 0);
    give_back(run, job);
    state->state = SCHED_DONE;
    state->epoch++;
    run->progress.jobs_ended++;
    estimator_learn(run->estimator, job);
    if (run->input->policy->finish != NULL) {
        run->input->policy->finish(run->policy_state, run, job);
    }
}

static void stop(struct sched_ctx *run, uint32_t job, enum log_kind kind)
{
    struct job_run *state = &run->jobs[job];
    run_settle_work(run, job);
    int64_t lost_us = run_lose_work(run, job);
    run_record_job(run, job, kind, 0, lost_us);
    give_back(run, job);
    state->state = SCHED_PENDING;
    state->was_preempted = true;
    state->epoch++;
}

void run_stop_job(struct sched_ctx *run, uint32_t job)
{
    stop(run, job, LOG_PREEMPT);
}

void run_interrupt_job(struct sched_ctx *run, uint32_t job)
{
    const struct sched_ops *policy = run->input->policy;
    CHECK(!run->jobs[job].released_early); /* ends come before failures */
    stop(run, job, LOG_INTERRUPT);
    if (policy->interrupt != NULL) {
        policy->interrupt(run->policy_state, run, job);
        return;
    }
    if (policy->finish != NULL) {
        policy->finish(run->policy_state, run, job);
    }
    if (policy->submit != NULL) {
        policy->submit(run->policy_state, run, job);
    }
}
