/* causes.c - see causes.h. */
#include "policies/kai/causes.h"

/* What one more job of so many GPUs would bring its queue, and those above it, beyond. */
static enum wait_cause cause_of(const struct kai_cycle *cycle, uint32_t queue, double gpus,
                                bool preemptible)
{
    const struct kai_world *world = &cycle->world;
    enum wait_cause cause = WAIT_PROTECTED;
    while (queue != QUEUE_NO_PARENT) {
        const struct queue_spec *spec = &world->queues.items[queue];
        const struct queue_standing *standing = &cycle->told[queue];
        double then = standing->allocated + gpus;
        bool over_limit = spec->gpu.limit >= 0 && then > spec->gpu.limit;
        bool over_quota = !preemptible && spec->gpu.quota >= 0 && then > spec->gpu.quota;
        if (over_limit || over_quota) {
            return WAIT_LIMIT;
        }
        if (then > standing->fair_share) {
            cause = WAIT_SHARE;
        }
        queue = spec->parent;
    }
    return cause;
}

void kai_tell_causes(const struct kai_cycle *cycle, struct sched_ctx *ctx)
{
    const struct kai_world *world = &cycle->world;
    if (!sched_wants_causes(ctx)) {
        return;
    }
    for (uint32_t job = bitset_next(&world->live, 0); job != BITSET_END;
         job = bitset_next(&world->live, job + 1)) {
        if (sched_job_state(ctx, job) != SCHED_PENDING) {
            continue;
        }
        struct sched_job facts = sched_job(ctx, job);
        if (facts.gpu_milli > 0) {
            uint32_t queue = world->queue_of[facts.queue];
            double gpus = (double)facts.gpu_milli / 1000 * facts.min_tasks / facts.tasks;
            sched_tell_cause(ctx, job, cause_of(cycle, queue, gpus, facts.preemptible));
        }
    }
}
