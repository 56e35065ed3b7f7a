/*
 * drf - dominant resource fairness.
 *
 * The next job is of the tenant with the least dominant share: the largest part it holds of GPUs,
 * CPUs or memory, divided by its weight. Resources without a limit do not count.
 *
 * Good: tenants that need different things, none of whom envies another's bundle, up to the size of
 * a job. Bad: shares of the moment, so who came first with long jobs keeps what it has; nobody is
 * stopped for fairness.
 */
#include "policies/lib/turns.h"
#include "sim/sched.h"

struct drf_params {
    struct turns_rules rules;
};

static const struct param_spec params[] = {
    TURNS_PARAMS(struct drf_params),
    {0},
};

struct drf {
    struct turns turns; /* first: turns_submit and turns_finish find it there */
    struct turns_amount capacity;
};

static double part(int64_t held, int64_t capacity)
{
    return capacity > 0 && capacity != UNLIMITED ? (double)held / (double)capacity : 0;
}

static uint32_t choose(void *owner, struct turns *turns, struct sched_ctx *ctx)
{
    (void)ctx; /* capacities do not change */
    const struct drf *drf = owner;
    uint32_t best = TURNS_NOBODY;
    double least = 0;
    for (uint32_t i = 0; i < turns->tenants.count; i++) {
        const struct turns_tenant *tenant = &turns->tenants.items[i];
        if (!turns_may(tenant)) {
            continue;
        }
        double share = part(tenant->held.gpu_milli, drf->capacity.gpu_milli);
        double cpus = part(tenant->held.cpu_milli, drf->capacity.cpu_milli);
        double memory = part(tenant->held.memory_mib, drf->capacity.memory_mib);
        share = cpus > share ? cpus : share;
        share = (memory > share ? memory : share) / tenant->weight;
        if (best == TURNS_NOBODY || share < least) {
            best = i;
            least = share;
        }
    }
    return best;
}

static int64_t add_capacity(int64_t sum, int64_t amount)
{
    return sum == UNLIMITED || amount == UNLIMITED ? UNLIMITED : sum + amount;
}

static void find_capacity(struct drf *drf, const struct cluster *cluster)
{
    drf->capacity.gpu_milli = cluster->gpu_milli;
    for (size_t i = 0; i < cluster->nodes.count; i++) {
        const struct pool *pool = cluster_pool(cluster, (uint32_t)i);
        drf->capacity.cpu_milli = add_capacity(drf->capacity.cpu_milli, pool->cpu_milli);
        drf->capacity.memory_mib = add_capacity(drf->capacity.memory_mib, pool->memory_mib);
    }
}

static bool init(void *state, const void *values, struct sched_ctx *ctx, struct err *err)
{
    (void)err; /* nothing can fail */
    const struct drf_params *wanted = values;
    struct drf *drf = state;
    turns_init(&drf->turns, ctx, &wanted->rules);
    find_capacity(drf, sched_cluster(ctx));
    return true;
}

static void release(void *state)
{
    struct drf *drf = state;
    turns_release(&drf->turns);
}

static void decide(void *state, struct sched_ctx *ctx)
{
    turns_decide(&((struct drf *)state)->turns, ctx, choose, state);
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_NO_IDLE, "strict=false"},
    {SCHED_LAW_TIME_SCALE, NULL},
    {SCHED_LAW_FAIR_TURNS, "strict=false"},
    {SCHED_LAW_SPARE_NODES, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_drf;
const struct sched_ops sched_policy_drf = {
    .name = "drf",
    .help = "next the tenant with the least dominant share of GPUs, CPUs, memory",
    .source = "Ghodsi et al., Dominant Resource Fairness, NSDI 2011",
    .state_size = sizeof(struct drf),
    .params_size = sizeof(struct drf_params),
    .params = params,
    .laws = laws,
    .init = init,
    .release = release,
    .submit = turns_submit,
    .finish = turns_finish,
    .decide = decide,
};
