/* slurm_priority.c - see slurm_priority.h. */
#include "policies/lib/slurm_priority.h"

#include <math.h>

#include "sim/base/arith.h"

/* The priority of each queue in the cluster file over the greatest of them. */
static void find_queue_factors(struct slurm_priority *priority, const struct sched_ctx *ctx)
{
    const struct cluster *cluster = sched_cluster(ctx);
    int64_t most = 0;
    for (size_t i = 0; i < cluster->queues.count; i++) {
        int64_t of_queue = cluster->queues.items[i].priority;
        most = of_queue > most ? of_queue : most;
    }
    for (uint32_t queue = 0; queue < sched_queue_count(ctx); queue++) {
        for (size_t i = 0; i < cluster->queues.count && most > 0; i++) {
            const struct queue_spec *spec = &cluster->queues.items[i];
            if (strcmp(spec->name, sched_queue_name(ctx, queue)) == 0 && spec->priority > 0) {
                priority->queue_factors[queue] = (double)spec->priority / (double)most;
            }
        }
    }
}

void slurm_priority_init(struct slurm_priority *priority, const struct sched_ctx *ctx,
                         const struct slurm_weights *weights, const struct slurm_limits *limits)
{
    priority->weights = *weights;
    priority->computed_us = -1;
    priority->wake_us = -1;
    slurm_passes_init(&priority->passes, ctx, limits);
    fair_usage_init(&priority->usage, ctx, weights->half_life_us);
    priority->queue_factors = mem_alloc(sched_queue_count(ctx), sizeof(*priority->queue_factors));
    find_queue_factors(priority, ctx);
    priority->most_priority = 1;
    for (uint32_t job = 0; job < sched_job_count(ctx); job++) {
        int32_t of_job = sched_job(ctx, job).priority;
        priority->most_priority =
            of_job > priority->most_priority ? of_job : priority->most_priority;
    }
}

void slurm_priority_release(void *state)
{
    struct slurm_priority *priority = state;
    slurm_passes_release(&priority->passes);
    fair_usage_release(&priority->usage);
    free(priority->queue_factors);
}

static int64_t urgency_of(const struct slurm_priority *priority, const struct sched_ctx *ctx,
                          uint32_t job)
{
    const struct slurm_weights *weights = &priority->weights;
    struct sched_job facts = sched_job(ctx, job);
    double waited_us = (double)(sched_now_us(ctx) - facts.submit_us);
    double age = fmin(1, waited_us / (double)weights->max_age_us);
    int64_t total_milli = sched_cluster(ctx)->gpu_milli;
    double part = total_milli > 0 ? (double)facts.gpu_milli / (double)total_milli : 0;
    double size = weights->favor == SLURM_FAVOR_SMALL ? 1 - part : part;
    double of_trace = facts.priority;
    if (weights->use == SLURM_USE_CLASS) {
        double class = facts.priority > 0 ? of_trace / priority->most_priority : 0;
        of_trace = weights->priority * class;
    }
    double sum = weights->age * age + weights->size * size + of_trace;
    sum += weights->fairshare * fair_usage_factor(&priority->usage, job);
    sum += weights->queue * priority->queue_factors[facts.queue];
    return (int64_t)floor(sum);
}

/* For all who wait. */
static void compute(struct slurm_priority *priority, const struct sched_ctx *ctx)
{
    priority->computed_us = sched_now_us(ctx);
    priority->share(priority, priority->computed_us);
    for (size_t i = 0; i < priority->passes.waiting.count; i++) {
        struct slurm_waiter *waiter = &priority->passes.waiting.items[i];
        waiter->urgency = urgency_of(priority, ctx, waiter->job);
    }
    slurm_passes_sort(&priority->passes);
}

void slurm_priority_submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct slurm_priority *priority = state;
    if (priority->computed_us < 0) {
        priority->computed_us = sched_now_us(ctx);
        priority->share(priority, priority->computed_us);
    }
    slurm_passes_submit(&priority->passes, ctx, job, urgency_of(priority, ctx, job));
}

void slurm_priority_finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct slurm_priority *priority = state;
    fair_usage_finish(&priority->usage, ctx, job);
    slurm_passes_finish(&priority->passes, job);
}

void slurm_priority_decide(void *state, struct sched_ctx *ctx)
{
    struct slurm_priority *priority = state;
    int64_t period_us = priority->weights.period_us;
    if (priority->passes.waiting.count > 0 &&
        sched_now_us(ctx) >= time_add_us(priority->computed_us, period_us)) {
        compute(priority, ctx);
    }
    slurm_passes_decide(&priority->passes, ctx);
    for (size_t i = 0; i < priority->passes.started.count; i++) {
        fair_usage_start(&priority->usage, ctx, priority->passes.started.items[i]);
    }
    if (priority->passes.waiting.count == 0) {
        priority->computed_us = -1;
    } else if (priority->passes.running.jobs.count > 0) {
        int64_t next_us = time_add_us(priority->computed_us, period_us);
        if (next_us != priority->wake_us) {
            priority->wake_us = next_us;
            sched_wake_at(ctx, next_us);
        }
    }
}
