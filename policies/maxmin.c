/*
 * maxmin - weighted max-min fairness over GPUs.
 *
 * The next job is of the tenant that holds least GPUs for its weight, so that what everybody holds
 * is filled up from below like water.
 *
 * Good: one scarce resource, tenants with weights. Bad: shares of the moment, whole jobs: who came
 * first with long jobs keeps what it has.
 */
#include "policies/lib/turns.h"
#include "sim/sched.h"

struct maxmin_params {
    struct turns_rules rules;
};

static const struct param_spec params[] = {
    TURNS_PARAMS(struct maxmin_params),
    {0},
};

struct maxmin {
    struct turns turns; /* first: turns_submit and turns_finish find it there */
};

static double level(const struct turns_tenant *tenant)
{
    return (double)tenant->held.gpu_milli / tenant->weight;
}

static uint32_t choose(void *owner, struct turns *turns, struct sched_ctx *ctx)
{
    (void)owner; /* what tenants hold says it all */
    (void)ctx;
    return turns_least(turns, level);
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can fail */
    const struct maxmin_params *wanted = values;
    struct maxmin *maxmin = state;
    turns_init(&maxmin->turns, ctx, &wanted->rules);
    return true;
}

static void release(void *state)
{
    struct maxmin *maxmin = state;
    turns_release(&maxmin->turns);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    turns_decide(&((struct maxmin *)state)->turns, ctx, choose, state);
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, "strict=false"},
    {SCHED_LAW_TIME_SCALE, NULL},
    {SCHED_LAW_FAIR_TURNS, "strict=false"},
    {SCHED_LAW_SPARE_NODES, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_maxmin;
const struct sched_ops sched_policy_maxmin = {
    .name = "maxmin",
    .help = "next the tenant that holds the least GPUs for its weight",
    .source = "Bertsekas and Gallager, Data Networks, 1992, section 6.5.2",
    .state_size = sizeof(struct maxmin),
    .params_size = sizeof(struct maxmin_params),
    .params = params,
    .laws = laws,
    .init = init,
    .release = release,
    .submit = turns_submit,
    .finish = turns_finish,
    .decide = decide,
};
