/*
 * actions.c - what policies may do (sched.h). Every action is checked; the first impossible one
 * ends the run, with the policy's name, the time and the job in the message.
 */
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/base/text.h"
#include "sim/engine/run.h"

void run_refuse(struct sched_ctx *ctx, uint32_t job, const char *action, const char *why)
{
    if (ctx->failed) {
        return;
    }
    ctx->failed = true;
    struct text now = {0};
    text_add_seconds(&now, ctx->now_us);
    const char *id = job < ctx->workload->jobs.count ? workload_job_id(ctx->workload, job) : "none";
    (void)err_set(ctx->err, ERR_POLICY, 0, "policy '%s' at %s s: %s job '%s': %s",
                  ctx->input->policy->name, now.bytes, action, id, why);
    text_release(&now);
}

bool run_allows(struct sched_ctx *ctx, uint32_t job, const char *action, enum sched_state state)
{
    if (ctx->failed) {
        return false;
    }
    if (!ctx->in_pass) {
        run_refuse(ctx, job, action, "asked outside a pass");
    } else if (job >= ctx->workload->jobs.count) {
        run_refuse(ctx, job, action, "there is no such job");
    } else if (ctx->jobs[job].state != state) {
        run_refuse(ctx, job, action,
                   state == SCHED_RUNNING ? "it is not running" : "it is not pending");
    }
    return !ctx->failed;
}

/* Stopping needs more: the policy has said that it preempts, the job allows it, and it has not
 * given back its GPUs already. */
bool run_allows_stop(struct sched_ctx *ctx, uint32_t job, const char *action)
{
    if (!run_allows(ctx, job, action, SCHED_RUNNING)) {
        return false;
    }
    if ((ctx->input->policy->flags & SCHED_PREEMPTS) == 0) {
        run_refuse(ctx, job, action, "the policy does not declare that it preempts");
    } else if (!ctx->workload->jobs.items[job].preemptible) {
        run_refuse(ctx, job, action, "the job is not preemptible");
    } else if (ctx->jobs[job].released_early) {
        run_refuse(ctx, job, action, "it ends at this instant");
    }
    return !ctx->failed;
}

/* A job that only waits to be preempted takes part in nothing else. */
static bool is_halted(struct sched_ctx *ctx, uint32_t job, const char *action)
{
    if (ctx->jobs[job].halted) {
        run_refuse(ctx, job, action, "it was halted");
    }
    return ctx->jobs[job].halted;
}

bool sched_start(struct sched_ctx *ctx, uint32_t job)
{
    return run_allows(ctx, job, "start", SCHED_PENDING) && run_start_job(ctx, job);
}

bool sched_start_on(struct sched_ctx *ctx, uint32_t job, uint64_t models)
{
    return run_allows(ctx, job, "start", SCHED_PENDING) && run_start_job_on(ctx, job, models);
}

void sched_preempt(struct sched_ctx *ctx, uint32_t job)
{
    if (run_allows_stop(ctx, job, "preempt")) {
        run_stop_job(ctx, job);
    }
}

bool sched_resize(struct sched_ctx *ctx, uint32_t job, uint32_t tasks)
{
    if (!run_allows(ctx, job, "resize", SCHED_RUNNING) || is_halted(ctx, job, "resize")) {
        return false;
    }
    const struct bound_shape *shape = &ctx->shapes[ctx->workload->jobs.items[job].shape];
    if (tasks < shape->min_tasks || tasks > shape->tasks || ctx->jobs[job].released_early) {
        run_refuse(ctx, job, "resize", "it cannot hold so many tasks");
        return false;
    }
    run_settle_work(ctx, job);
    grant_vec *grants = run_grants(ctx, job);
    size_t before = shape->is_free ? 1 : grants->count;
    int64_t milli_before = ctx->jobs[job].gpu_milli;
    bool room = true;
    while (!shape->is_free && room && grants->count < tasks) {
        room = run_place_one_more(ctx, shape, grants);
    }
    while (!room && grants->count > before) {
        struct grant grant = vec_pop(grants);
        cluster_undo(ctx->cluster, &grant);
    }
    while (room && !shape->is_free && grants->count > tasks) {
        run_release_one(ctx, shape, grants);
    }
    run_update_rate(ctx, job);
    run_schedule_finish(ctx, job);
    run_share_changes(ctx);
    if (room) {
        run_record_job(ctx, job, LOG_RESIZE, milli_before, 0);
    }
    return room;
}

static bool same_grants(const grant_vec *a, const grant_vec *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (size_t i = 0; i < a->count; i++) {
        if (a->items[i].node != b->items[i].node || a->items[i].gpus != b->items[i].gpus ||
            a->items[i].gpu_milli != b->items[i].gpu_milli) {
            return false;
        }
    }
    return true;
}

bool sched_migrate(struct sched_ctx *ctx, uint32_t job)
{
    if (!run_allows_stop(ctx, job, "migrate") || is_halted(ctx, job, "migrate")) {
        return false;
    }
    struct job_run *state = &ctx->jobs[job];
    const struct bound_shape *shape = &ctx->shapes[ctx->workload->jobs.items[job].shape];
    grant_vec *old = run_grants(ctx, job);
    grant_vec grants = {0};
    for (size_t i = 0; i < old->count; i++) {
        cluster_undo(ctx->cluster, &old->items[i]);
    }
    bool moves = run_place_job(ctx, ctx->cluster, shape, &grants) && !same_grants(&grants, old);
    if (!moves) {
        for (size_t i = grants.count; i > 0; i--) {
            cluster_undo(ctx->cluster, &grants.items[i - 1]);
        }
        for (size_t i = 0; i < old->count; i++) {
            cluster_place(ctx->cluster, &old->items[i]);
        }
        vec_release(&grants);
        return false;
    }
    run_settle_work(ctx, job);
    int64_t milli_before = state->gpu_milli;
    int64_t overhead_us = state->run_latency_us - state->latency_left_us + state->saving_us;
    int64_t lost_us = run_lose_work(ctx, job);
    vec_release(old);
    *old = grants;
    ctx->cluster->releases++; /* what it left is free for others now */
    state->was_preempted = true;
    state->start_us = ctx->now_us;
    state->run_work_us = state->work_left_us;
    state->finish_left_us = ctx->settings->finish_us;
    state->latency_left_us = time_add_us(ctx->settings->start_us, ctx->settings->restore_us);
    run_update_rate(ctx, job);
    run_begin_saves(ctx, job);
    run_schedule_finish(ctx, job);
    state->run_latency_us = state->latency_left_us + overhead_us; /* for the record */
    run_record_job(ctx, job, LOG_MIGRATE, milli_before, lost_us);
    run_share_changes(ctx);
    state->run_latency_us = state->latency_left_us;
    return true;
}

bool sched_recall(struct sched_ctx *ctx, const int64_t **values, size_t *count)
{
    const struct engine_journal *journal = ctx->input->journal;
    return journal != NULL && journal->recall(journal->self, values, count);
}

void sched_remember(struct sched_ctx *ctx, const int64_t *values, size_t count)
{
    const struct engine_journal *journal = ctx->input->journal;
    if (journal != NULL) {
        journal->remember(journal->self, values, count);
    }
}

void sched_wake_at(struct sched_ctx *ctx, int64_t time_us)
{
    if (time_us < ctx->now_us) {
        run_refuse(ctx, UINT32_MAX, "wake", "the time has passed already");
        return;
    }
    event_queue_push(&ctx->events, time_us, EVENT_TIMER, UINT32_MAX, 0);
}

bool sched_release_ending(struct sched_ctx *ctx, uint32_t job)
{
    if (!run_allows(ctx, job, "release", SCHED_RUNNING)) {
        return false;
    }
    struct job_run *state = &ctx->jobs[job];
    if (state->released_early || !run_is_ending(ctx, job)) {
        return false;
    }
    const grant_vec *grants = run_grants(ctx, job);
    for (size_t i = 0; i < grants->count; i++) {
        cluster_release(ctx->cluster, &grants->items[i]);
    }
    state->released_early = true;
    return true;
}

void sched_because(struct sched_ctx *ctx, const char *reason)
{
    sched_because_of(ctx, reason, SCHED_NO_JOB);
}

void sched_because_of(struct sched_ctx *ctx, const char *reason, uint32_t job)
{
    ctx->reason = reason;
    ctx->reason_for = job == SCHED_NO_JOB ? 0 : job + 1;
}

void sched_tell_share(struct sched_ctx *ctx, const struct queue_standing *standing)
{
    run_record(ctx, &(struct log_record){.time_us = ctx->now_us,
                                         .kind = LOG_SHARE,
                                         .job = LOG_NO_JOB,
                                         .standing = standing});
}

void sched_tell_step(struct sched_ctx *ctx, const char *step)
{
    run_record(ctx, &(struct log_record){
                        .time_us = ctx->now_us, .kind = LOG_STEP, .job = LOG_NO_JOB, .step = step});
}
