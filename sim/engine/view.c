/* view.c - what policies may read (sched.h). Nothing here changes anything but the shape memo. */
#include "sim/base/arith.h"
#include "sim/base/check.h"
#include "sim/engine/run.h"

int64_t sched_now_us(const struct sched_ctx *ctx)
{
    return ctx->now_us;
}

uint32_t sched_job_count(const struct sched_ctx *ctx)
{
    return (uint32_t)ctx->workload->jobs.count;
}

uint32_t sched_shape_count(const struct sched_ctx *ctx)
{
    return (uint32_t)ctx->workload->shapes.count;
}

uint32_t sched_user_count(const struct sched_ctx *ctx)
{
    return names_count(&ctx->workload->users);
}

uint32_t sched_queue_count(const struct sched_ctx *ctx)
{
    return names_count(&ctx->workload->queues);
}

struct sched_job sched_job(const struct sched_ctx *ctx, uint32_t job)
{
    CHECK(job < ctx->workload->jobs.count);
    const struct job *facts = &ctx->workload->jobs.items[job];
    const struct bound_shape *shape = &ctx->shapes[facts->shape];
    return (struct sched_job){
        .submit_us = facts->submit_us,
        .estimate_us = estimator_estimate_us(ctx->estimator, job),
        .gpu_milli = shape->gpu_milli,
        .tasks = shape->tasks,
        .min_tasks = shape->min_tasks,
        .shape = facts->shape,
        .user = facts->user,
        .queue = facts->queue,
        .priority = facts->priority,
        .preemptible = facts->preemptible,
    };
}

struct sched_shape sched_shape(const struct sched_ctx *ctx, uint32_t job)
{
    CHECK(job < ctx->workload->jobs.count);
    const struct bound_shape *shape = &ctx->shapes[ctx->workload->jobs.items[job].shape];
    return (struct sched_shape){
        .groups = shape->groups,
        .group_count = shape->group_count,
        .required_level = shape->required_level,
        .preferred_level = shape->preferred_level,
        .is_free = shape->is_free,
    };
}

const char *sched_queue_name(const struct sched_ctx *ctx, uint32_t queue)
{
    return names_get(&ctx->workload->queues, queue);
}

enum sched_state sched_job_state(const struct sched_ctx *ctx, uint32_t job)
{
    CHECK(job < ctx->workload->jobs.count);
    return (enum sched_state)ctx->jobs[job].state;
}

const struct cluster *sched_cluster(const struct sched_ctx *ctx)
{
    return ctx->cluster;
}

int64_t sched_start_us(const struct sched_ctx *ctx, uint32_t job)
{
    CHECK(sched_job_state(ctx, job) == SCHED_RUNNING);
    return ctx->jobs[job].start_us;
}

const struct grant *sched_grants(const struct sched_ctx *ctx, uint32_t job, uint32_t *count)
{
    CHECK(sched_job_state(ctx, job) == SCHED_RUNNING);
    const grant_vec *grants = &ctx->placements.items[ctx->jobs[job].placement];
    *count = (uint32_t)grants->count;
    return grants->items;
}

/* Time since the figures of a running job were settled. */
static int64_t unsettled_us(const struct sched_ctx *ctx, const struct job_run *state)
{
    return state->state == SCHED_RUNNING ? ctx->now_us - state->since_us : 0;
}

int64_t sched_ran_us(const struct sched_ctx *ctx, uint32_t job)
{
    const struct job_run *state = &ctx->jobs[job];
    return state->ran_us + unsettled_us(ctx, state);
}

int64_t sched_attained_milli_us(const struct sched_ctx *ctx, uint32_t job)
{
    const struct job_run *state = &ctx->jobs[job];
    int64_t more = mul_div_floor(unsettled_us(ctx, state), state->gpu_milli, 1);
    return time_add_us(state->attained_milli_us, more);
}

static void fail_not_oracle(struct sched_ctx *ctx)
{
    if (!ctx->failed) {
        ctx->failed = true;
        (void)err_set(ctx->err, ERR_POLICY, 0,
                      "policy '%s' reads true durations but does not declare itself an oracle",
                      ctx->input->policy->name);
    }
}

int64_t sched_duration_us(struct sched_ctx *ctx, uint32_t job)
{
    if ((ctx->input->policy->flags & SCHED_ORACLE) == 0) {
        fail_not_oracle(ctx);
        return 0;
    }
    const struct job_run *state = &ctx->jobs[job];
    return state->state == SCHED_WAITING ? ctx->workload->jobs.items[job].duration_us
                                         : state->work_total_us;
}

int64_t sched_remaining_us(struct sched_ctx *ctx, uint32_t job)
{
    if ((ctx->input->policy->flags & SCHED_ORACLE) == 0) {
        fail_not_oracle(ctx);
        return 0;
    }
    const struct job_run *state = &ctx->jobs[job];
    return state->state == SCHED_RUNNING ? run_work_left_us(ctx, job) : state->work_left_us;
}

bool sched_fits(struct sched_ctx *ctx, uint32_t job)
{
    CHECK(job < ctx->workload->jobs.count);
    struct bound_shape *shape = &ctx->shapes[ctx->workload->jobs.items[job].shape];
    if (shape->failed_at == ctx->cluster->releases + 1) {
        return false;
    }
    grant_vec grants = {0};
    bool fits = run_place_job(ctx, ctx->cluster, shape, &grants);
    while (grants.count > 0) {
        struct grant grant = vec_pop(&grants);
        cluster_undo(ctx->cluster, &grant);
    }
    vec_release(&grants);
    if (!fits) {
        shape->failed_at = ctx->cluster->releases + 1;
    }
    return fits;
}
