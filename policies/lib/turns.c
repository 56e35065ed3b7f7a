/* turns.c - see turns.h. */
#include "policies/lib/turns.h"

#include "sim/base/check.h"

static double weight_of(const struct sched_ctx *ctx, enum turns_by by, uint32_t tenant)
{
    const struct cluster *cluster = sched_cluster(ctx);
    for (size_t i = 0; by == TURNS_BY_QUEUE && i < cluster->queues.count; i++) {
        const struct queue_spec *queue = &cluster->queues.items[i];
        if (strcmp(queue->name, sched_queue_name(ctx, tenant)) == 0 && queue->gpu.weight > 0) {
            return queue->gpu.weight;
        }
    }
    return 1;
}

void turns_init(struct turns *turns, struct sched_ctx *ctx, const struct turns_rules *rules)
{
    turns->rules = *rules;
    enum turns_by by = (enum turns_by)rules->by;
    uint32_t count = by == TURNS_BY_USER ? sched_user_count(ctx) : sched_queue_count(ctx);
    for (uint32_t i = 0; i < count; i++) {
        struct turns_tenant tenant = {.weight = weight_of(ctx, by, i)};
        vec_push(&turns->tenants, tenant);
    }
    turns->held = mem_alloc(sched_job_count(ctx), sizeof(*turns->held));
}

void turns_release(struct turns *turns)
{
    for (size_t i = 0; i < turns->tenants.count; i++) {
        vec_release(&turns->tenants.items[i].waiting);
    }
    vec_release(&turns->tenants);
    free(turns->held);
}

static struct turns_tenant *tenant_of(struct turns *turns, const struct sched_ctx *ctx,
                                      uint32_t job)
{
    struct sched_job facts = sched_job(ctx, job);
    return &turns->tenants.items[turns->rules.by == TURNS_BY_USER ? facts.user : facts.queue];
}

void turns_submit(void *state, struct sched_ctx *ctx, uint32_t job)
{
    vec_push(&tenant_of(state, ctx, job)->waiting, job);
}

void turns_finish(void *state, struct sched_ctx *ctx, uint32_t job)
{
    struct turns *turns = state;
    struct turns_amount *held = &tenant_of(turns, ctx, job)->held;
    held->gpu_milli -= turns->held[job].gpu_milli;
    held->cpu_milli -= turns->held[job].cpu_milli;
    held->memory_mib -= turns->held[job].memory_mib;
    CHECK(held->gpu_milli >= 0 && held->cpu_milli >= 0 && held->memory_mib >= 0);
}

static void take(struct turns *turns, const struct sched_ctx *ctx, uint32_t job)
{
    struct turns_amount amount = {0};
    uint32_t count = 0;
    const struct grant *grants = sched_grants(ctx, job, &count);
    for (uint32_t i = 0; i < count; i++) {
        amount.gpu_milli += grants[i].gpu_milli;
        amount.cpu_milli += grants[i].cpu_milli;
        amount.memory_mib += grants[i].memory_mib;
    }
    turns->held[job] = amount;
    struct turns_tenant *tenant = tenant_of(turns, ctx, job);
    tenant->starts++;
    tenant->granted_milli += amount.gpu_milli;
    tenant->held.gpu_milli += amount.gpu_milli;
    tenant->held.cpu_milli += amount.cpu_milli;
    tenant->held.memory_mib += amount.memory_mib;
}

/* Starts the tenant's first job that finds room; false: none does. */
static bool start_one(struct turns *turns, struct sched_ctx *ctx, struct turns_tenant *tenant)
{
    size_t most = turns->rules.strict ? 1 : tenant->waiting.count;
    for (size_t i = 0; i < most; i++) {
        uint32_t job = tenant->waiting.items[i];
        if (sched_start(ctx, job)) {
            take(turns, ctx, job);
            uint32_t *at = &tenant->waiting.items[i];
            memmove(at, at + 1, (tenant->waiting.count - i - 1) * sizeof(*at));
            tenant->waiting.count--;
            return true;
        }
    }
    return false;
}

void turns_decide(struct turns *turns, struct sched_ctx *ctx, turns_choose *choose, void *owner)
{
    uint32_t left = 0;
    for (size_t i = 0; i < turns->tenants.count; i++) {
        turns->tenants.items[i].blocked = false;
        left += turns->tenants.items[i].waiting.count > 0 ? 1 : 0;
    }
    while (left > 0) {
        uint32_t chosen = choose(owner, turns, ctx);
        CHECK(chosen < turns->tenants.count && turns_may(&turns->tenants.items[chosen]));
        struct turns_tenant *tenant = &turns->tenants.items[chosen];
        tenant->blocked = !start_one(turns, ctx, tenant);
        left -= turns_may(tenant) ? 0 : 1;
    }
}

uint32_t turns_least(const struct turns *turns, double (*value)(const struct turns_tenant *))
{
    uint32_t best = TURNS_NOBODY;
    double least = 0;
    for (uint32_t i = 0; i < turns->tenants.count; i++) {
        const struct turns_tenant *tenant = &turns->tenants.items[i];
        if (!turns_may(tenant)) {
            continue;
        }
        double mine = value(tenant);
        if (best == TURNS_NOBODY || mine < least) {
            best = i;
            least = mine;
        }
    }
    return best;
}
