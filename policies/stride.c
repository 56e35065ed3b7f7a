/*
 * stride - stride scheduling: every tenant's count of turns keeps pace with its weight.
 *
 * A tenant has a pass, which goes up by 1 / weight at each turn, or by GPUs / weight (charge=gpus);
 * the next job is of the tenant with the lowest pass, the first of equals. The pass of the whole
 * goes up with every turn by 1 (or GPUs) over the weights of all who wait. Whoever comes back after
 * a time with no jobs waiting goes on from there, so that nobody saves up turns; its own pass
 * stands if that is higher. When nobody waits at all, passes begin at 0 again: what rounding left
 * of quiet times then decides nothing.
 *
 * Good: the proportions of a lottery without chance, never off by more than one turn. Bad: counts
 * starts, not time: a tenant with long jobs gets more than its weight (maxmin, drf look at what is
 * held).
 */
#include "policies/lib/turns.h"
#include "sim/sched.h"

enum stride_charge { CHARGE_TURN, CHARGE_GPUS };

struct stride_params {
    struct turns_rules rules;
    int charge; /* enum stride_charge */
};

static const struct param_spec params[] = {
    TURNS_PARAMS(struct stride_params),
    {.name = "charge",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct stride_params, charge),
     .dflt = "turn",
     .choices = "turn|gpus",
     .help = "what a started job costs its tenant: a turn, or its GPUs"},
    {.name = NULL},
};

struct tenant_pass {
    double base;   /* what it had been charged when passes began at 0 */
    double offset; /* by what its pass was moved on when it came back since */
};

struct stride {
    struct turns turns; /* first: turns_submit and turns_finish find it there */
    struct tenant_pass *passes;
    double whole;   /* the pass of the whole, */
    double settled; /* which has gone up for so much charged, */
    double weights; /* for the last turn over these weights */
    int charge;
};

static double charged(const struct stride *stride, uint32_t tenant)
{
    const struct turns_tenant *facts = &stride->turns.tenants.items[tenant];
    return stride->charge == CHARGE_TURN ? (double)facts->starts
                                         : (double)facts->granted_milli / 1000;
}

static double pass_of(const struct stride *stride, uint32_t tenant)
{
    const struct tenant_pass *pass = &stride->passes[tenant];
    double weight = stride->turns.tenants.items[tenant].weight;
    return pass->offset + (charged(stride, tenant) - pass->base) / weight;
}

/* Moves the pass of the whole on for the turn given since. */
static void settle(struct stride *stride)
{
    double sum = 0;
    for (uint32_t i = 0; i < stride->turns.tenants.count; i++) {
        sum += charged(stride, i);
    }
    if (sum > stride->settled) {
        stride->whole += (sum - stride->settled) / stride->weights;
        stride->settled = sum;
    }
}

static uint32_t choose(void *owner, struct turns *turns, struct sched_ctx *ctx)
{
    (void)ctx; /* what tenants were given says it all */
    struct stride *stride = owner;
    settle(stride);
    stride->weights = 0;
    uint32_t best = TURNS_NOBODY;
    for (uint32_t i = 0; i < turns->tenants.count; i++) {
        const struct turns_tenant *tenant = &turns->tenants.items[i];
        stride->weights += tenant->waiting.count > 0 ? tenant->weight : 0;
        bool better = best == TURNS_NOBODY || pass_of(stride, i) < pass_of(stride, best);
        best = turns_may(tenant) && better ? i : best;
    }
    return best;
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can fail */
    const struct stride_params *wanted = values;
    struct stride *stride = state;
    turns_init(&stride->turns, ctx, &wanted->rules);
    stride->passes = mem_alloc(stride->turns.tenants.count, sizeof(*stride->passes));
    stride->charge = wanted->charge;
    return true;
}

static void release(void *state)
{
    struct stride *stride = state;
    turns_release(&stride->turns);
    free(stride->passes);
}

static bool is_quiet(const struct stride *stride)
{
    size_t waiting = 0;
    for (size_t i = 0; i < stride->turns.tenants.count; i++) {
        waiting += stride->turns.tenants.items[i].waiting.count;
    }
    return waiting == 0;
}

static void submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct stride *stride = state;
    struct sched_job facts = sched_job(ctx, job);
    uint32_t tenant = stride->turns.rules.by == TURNS_BY_USER ? facts.user : facts.queue;
    settle(stride);
    if (is_quiet(stride)) {
        stride->whole = 0;
        for (uint32_t i = 0; i < stride->turns.tenants.count; i++) {
            stride->passes[i] = (struct tenant_pass){.base = charged(stride, i)};
        }
    }
    double behind = stride->whole - pass_of(stride, tenant);
    if (stride->turns.tenants.items[tenant].waiting.count == 0 && behind > 0) {
        stride->passes[tenant].offset += behind;
    }
    turns_submit(state, ctx, job);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    turns_decide(&((struct stride *)state)->turns, ctx, choose, state);
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, "strict=false"},
    {SCHED_LAW_TIME_SCALE, NULL},
    {SCHED_LAW_SPARE_NODES, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_stride;
const struct sched_ops sched_policy_stride = {
    .name = "stride",
    .help = "next the tenant that has had the fewest turns for its weight",
    .source = "Waldspurger and Weihl, Stride Scheduling, MIT/LCS/TM-528, 1995",
    .state_size = sizeof(struct stride),
    .params_size = sizeof(struct stride_params),
    .params = params,
    .laws = laws,
    .init = init,
    .release = release,
    .submit = submit,
    .finish = turns_finish,
    .decide = decide,
};
