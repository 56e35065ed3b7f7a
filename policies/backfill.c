/*
 * backfill - priority order with Slurm's two passes and its limits.
 *
 * Waiting jobs are ordered by the trace's priority, highest first, and submit order, or by submit
 * order alone; lib/slurm_passes.h says what the passes do.
 *
 * Good: what most clusters run; plans for many jobs, not one as EASY. Bad: what is not tested is
 * neither planned for nor backfilled, so results depend on the limits; plans are forgotten after
 * each pass and a reservation can be put off by jobs of higher priority that come later.
 */
#include "policies/lib/slurm_passes.h"
#include "sim/sched.h"

enum backfill_order { ORDER_PRIORITY, ORDER_SUBMIT };

struct backfill_params {
    int order; /* enum backfill_order */
    struct slurm_limits limits;
};

static const struct param_spec params[] = {
    {.name = "order",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct backfill_params, order),
     .dflt = "priority",
     .choices = "priority|submit",
     .help = "who comes first: the highest priority and then by submit order, or that alone"},
    SLURM_PARAMS(struct backfill_params),
    {.name = NULL},
};

struct backfill {
    struct slurm_passes passes;
    int order;
};

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can go wrong */
    const struct backfill_params *wanted = values;
    struct backfill *backfill = state;
    backfill->order = wanted->order;
    slurm_passes_init(&backfill->passes, ctx, &wanted->limits);
    return true;
}

static void release(void *state)
{
    slurm_passes_release(&((struct backfill *)state)->passes);
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct backfill *backfill = state;
    int64_t urgency = backfill->order == ORDER_PRIORITY ? sched_job(ctx, job).priority : 0;
    slurm_passes_submit(&backfill->passes, ctx, job, urgency);
}

static void finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    (void)ctx; /* everything needed is known here */
    slurm_passes_finish(&((struct backfill *)state)->passes, job);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    slurm_passes_decide(&((struct backfill *)state)->passes, ctx);
}

extern const struct sched_ops sched_policy_backfill;
const struct sched_ops sched_policy_backfill = {
    .name = "backfill",
    .help = "priority order with Slurm's main and backfill passes, limited in counts",
    .source = "Slurm (sched/backfill, SchedulerParameters)",
    .flags = SCHED_NEEDS_ESTIMATES,
    .state_size = sizeof(struct backfill),
    .params_size = sizeof(struct backfill_params),
    .params = params,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = finish,
    .decide = decide,
};
