/* usage.c - see usage.h. */
#include "policies/kai/usage.h"

#include <math.h>

#include "sim/base/check.h"

enum { MOST_SAMPLES = 10000000 /* of a window, each 24 bytes a queue */ };

bool kai_usage_init(struct kai_usage *usage, const struct kai_world *world,
                    const struct sched_ctx *ctx, struct err *err)
{
    const struct kai_settings *settings = world->settings;
    *usage = (struct kai_usage){.settings = settings, .world = world};
    if (!settings->usage) {
        return true;
    }
    if (settings->window_us / settings->resolution_us > MOST_SAMPLES) {
        return err_set(err, ERR_USAGE, 0,
                       "policy 'kai': windowSize is more than %d times queryResolution",
                       MOST_SAMPLES);
    }
    const struct cluster *cluster = sched_cluster(ctx);
    for (uint32_t i = 0; i < cluster->nodes.count; i++) {
        const struct pool *pool = cluster_pool(cluster, i);
        const int64_t of_node[] = {pool->cpu_milli, pool->memory_mib,
                                   pool->mig_profile_count == 0 ? INT64_C(1000) * pool->gpu_count
                                                                : 0};
        for (int r = 0; r < CORE_RESOURCE_COUNT; r++) {
            bool unlimited = of_node[r] == UNLIMITED || usage->capacity[r] == UNLIMITED;
            usage->capacity[r] = unlimited ? UNLIMITED : usage->capacity[r] + of_node[r];
        }
    }
    usage->ring_length = (size_t)(settings->window_us / settings->resolution_us);
    usage->ring_length = usage->ring_length > 0 ? usage->ring_length : 1;
    usage->pasts = mem_alloc(world->queues.count, sizeof(*usage->pasts));
    usage->jobs = mem_alloc(sched_job_count(ctx), sizeof(*usage->jobs));
    usage->ring = mem_alloc(usage->ring_length * world->queues.count, sizeof(*usage->ring));
    double half_lives = settings->half_life_us > 0
                            ? (double)settings->resolution_us / (double)settings->half_life_us
                            : 0;
    usage->decay = pow(0.5, half_lives);
    usage->window_decay = pow(0.5, half_lives * (double)usage->ring_length);
    return true;
}

void kai_usage_release(struct kai_usage *usage)
{
    free(usage->pasts);
    free(usage->jobs);
    free(usage->ring);
    *usage = (struct kai_usage){0};
}

static void add_sample(struct kai_usage *usage)
{
    size_t queues = usage->world->queues.count;
    struct kai_held *slot = usage->ring + usage->sample_count % usage->ring_length * queues;
    bool full = usage->sample_count >= usage->ring_length;
    usage->weight = usage->weight * usage->decay + 1 - (full ? usage->window_decay : 0);
    for (size_t q = 0; q < queues; q++) {
        struct kai_past *past = &usage->pasts[q];
        for (int r = 0; r < CORE_RESOURCE_COUNT; r++) {
            double leaves = full ? (double)slot[q].amounts[r] * usage->window_decay : 0;
            double sum = past->sums[r] * usage->decay + (double)past->held.amounts[r] - leaves;
            past->sums[r] = sum > 0 ? sum : 0;
        }
        slot[q] = past->held;
    }
    usage->sample_count++;
}

static void forget_window(struct kai_usage *usage)
{
    usage->sample_count = 0;
    usage->weight = 0;
    for (size_t q = 0; q < usage->world->queues.count; q++) {
        memset(usage->pasts[q].sums, 0, sizeof(usage->pasts[q].sums));
    }
}

static void fetch(struct kai_usage *usage)
{
    for (size_t q = 0; q < usage->world->queues.count; q++) {
        struct kai_past *past = &usage->pasts[q];
        for (int r = 0; r < CORE_RESOURCE_COUNT; r++) {
            bool counts = usage->capacity[r] != UNLIMITED && usage->capacity[r] > 0;
            past->fetched[r] =
                counts ? past->sums[r] / ((double)usage->capacity[r] * usage->weight) : 0;
        }
    }
    usage->fetches++;
}

void kai_usage_advance(struct kai_usage *usage, int64_t now_us)
{
    const struct kai_settings *settings = usage->settings;
    for (; settings->usage && usage->next_sample_us <= now_us;
         usage->next_sample_us += settings->resolution_us) {
        int64_t t_us = usage->next_sample_us;
        if (settings->window == KAI_TUMBLING && t_us % settings->window_us == 0) {
            forget_window(usage);
        }
        add_sample(usage);
        if (t_us / settings->fetch_us > usage->last_fetch) {
            usage->last_fetch = t_us / settings->fetch_us;
            fetch(usage);
        }
    }
}

void kai_usage_hold(struct kai_usage *usage, const struct sched_ctx *ctx, uint32_t job,
                    const struct grant *grants, uint32_t count)
{
    if (!usage->settings->usage) {
        return;
    }
    struct kai_held held = {{0}};
    for (uint32_t i = 0; i < count; i++) {
        held.amounts[CORE_CPU] += grants[i].cpu_milli;
        held.amounts[CORE_MEM] += grants[i].memory_mib;
        held.amounts[CORE_GPU] += grants[i].gpu_milli;
    }
    uint32_t queue = usage->world->queue_of[sched_job(ctx, job).queue];
    while (queue != QUEUE_NO_PARENT) {
        for (int r = 0; r < CORE_RESOURCE_COUNT; r++) {
            usage->pasts[queue].held.amounts[r] += held.amounts[r] - usage->jobs[job].amounts[r];
        }
        queue = usage->world->queues.items[queue].parent;
    }
    usage->jobs[job] = held;
}

void kai_usage_tell(const struct kai_usage *usage, struct core *core)
{
    for (size_t q = 0; usage->settings->usage && q < usage->world->queues.count; q++) {
        uint32_t number = core_find_queue(core, usage->world->queues.items[q].name);
        struct err err = {0};
        bool ok = number == CORE_NONE ||
                  core_set_queue_usage(core, number, usage->pasts[q].fetched, &err);
        CHECK(ok);
    }
}
