/*
 * kai - the decisions of the KAI scheduler: queues with quotas and fair shares, gangs, shared GPUs,
 * consolidation, reclaim and preemption, by the placement core itself (policies/core).
 *
 * A cycle takes place at multiples of schedule-period, when something happened since the last one
 * or a rule over time may have changed its mind: a minimum runtime that ends, usage that is looked
 * at anew. A cycle in between would decide nothing, since the core remembers nothing; with
 * skip-idle-cycles=false they all take place, which gives the same schedule.
 *
 * Evicted tasks hold their GPUs for grace-period and their job is pending again afterwards, with
 * the work lost that the run's costs say. The core chooses nodes and GPUs itself: `--place` only
 * judges whether a job can run at all.
 *
 * Good: for what a KAI cluster would do. Bad: a cycle costs more than any pass of the others.
 */
#include "policies/kai/cycle.h"
#include "sim/base/check.h"

struct kai {
    struct kai_settings settings;
    struct kai_cycle cycle;
    bool dirty;         /* something happened since the last cycle */
    int64_t last_us;    /* of the last cycle; -1 before it */
    int64_t rule_us;    /* when a rule over time wants a cycle */
    int64_t waiting_us; /* a wake-up is asked for at this time; -1: none */
};

static bool init(void *state, const void *params, struct sched_ctx *ctx, struct err *err)
{
    struct kai *kai = state;
    kai->settings = *(const struct kai_settings *)params;
    kai->last_us = -1;
    kai->waiting_us = -1;
    kai->rule_us = PARAM_NEVER_US;
    return kai_cycle_init(&kai->cycle, &kai->settings, ctx, err);
}

static void release(void *state)
{
    struct kai *kai = state;
    kai_cycle_release(&kai->cycle);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct kai *kai = state;
    kai_cycle_submit(&kai->cycle, ctx, job);
    kai->dirty = true;
}

static void interrupt(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct kai *kai = state;
    kai_cycle_interrupt(&kai->cycle, ctx, job);
    kai->dirty = true;
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct kai *kai = state;
    kai_cycle_finish(&kai->cycle, ctx, job);
    kai->dirty = true;
}

static void wake_at(struct kai *kai, struct sched_ctx *ctx, int64_t time_us)
{
    if (time_us == PARAM_NEVER_US) {
        return;
    }
    if (kai->waiting_us <= sched_now_us(ctx) || time_us < kai->waiting_us) {
        kai->waiting_us = time_us;
        sched_wake_at(ctx, time_us);
    }
}

/* The first time a cycle may take place: a multiple of the period, after the last one. */
static int64_t cycle_time_us(const struct kai *kai, int64_t from_us)
{
    int64_t period_us = kai->settings.period_us;
    int64_t time_us = (from_us + period_us - 1) / period_us * period_us;
    return time_us > kai->last_us ? time_us : kai->last_us + period_us;
}

/* Could a cycle decide anything that the last one did not? */
static bool is_wanted(const struct kai *kai, int64_t now_us)
{
    if (!kai->settings.skip_idle) {
        return kai->cycle.world.live_count > 0;
    }
    return kai->cycle.world.pending_tasks > 0 && (kai->dirty || now_us >= kai->rule_us);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    struct kai *kai = state;
    int64_t now_us = sched_now_us(ctx);
    kai->dirty = kai_cycle_end_grace(&kai->cycle, ctx) || kai->dirty ||
                 kai->cycle.world.presence_seen != sched_cluster(ctx)->presence_changes;
    if (is_wanted(kai, now_us) && cycle_time_us(kai, now_us) == now_us) {
        kai->last_us = now_us;
        kai->dirty = kai_cycle_run(&kai->cycle, ctx);
        kai->rule_us = kai_cycle_next_rule_us(&kai->cycle, now_us);
    }
    const struct kai_world *world = &kai->cycle.world;
    if (is_wanted(kai, now_us) && (kai->dirty || world->running.count > 0)) {
        wake_at(kai, ctx, cycle_time_us(kai, now_us));
    } else if (world->pending_tasks > 0 && world->running.count > 0 &&
               kai->rule_us != PARAM_NEVER_US) {
        wake_at(kai, ctx, cycle_time_us(kai, kai->rule_us));
    }
}

/* What is being evicted holds its GPUs without counting any more. */
static const struct sched_promise laws[] = {
    {SCHED_LAW_QUEUE_LIMITS, "grace-period=0"},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_kai;
const struct sched_ops sched_policy_kai = {
    .name = "kai",
    .help = "the KAI scheduler: queues with quotas and fair shares, gangs, reclaim, consolidation",
    .source = "KAI scheduler v0.17 (policies/core)",
    .flags = SCHED_PREEMPTS | SCHED_QUOTAS,
    .state_size = sizeof(struct kai),
    .params_size = sizeof(struct kai_settings),
    .params = kai_params,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .interrupt = interrupt,
    .laws = laws,
    .decide = decide,
};
