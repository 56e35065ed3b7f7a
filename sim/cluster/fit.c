/*
 * fit.c - does a request fit on a node, and how many whole GPUs can a node give.
 *
 * The rules of sharing: a fraction of f milli takes f milli of a GPU and floor(f x memory / 1000)
 * MiB of it; m MiB of GPU memory take m MiB and floor(1000 x m / memory) milli, at least 1. Both
 * sums are kept, so that neither compute nor memory of a GPU is ever promised twice.
 */
#include "sim/cluster/fit.h"

#include "sim/base/check.h"
#include "sim/cluster/mig.h"

enum { GRANT_MOST_MIG_GPUS = 8 };

bool fit_gpu_need(const struct pool *pool, const struct request *request, struct gpu_need *out)
{
    struct gpu_need need = {0};
    if (pool->mig_profile_count > 0) {
        return false;
    }
    if (request->kind == GPU_FRACTION) {
        need.milli = request->gpu_milli;
        if (need.milli == 0 || (need.milli > 1000 && !pool->divisible)) {
            return false;
        }
        need.memory_mib = pool->divisible ? 0 : need.milli * pool->gpu_memory_mib / 1000;
    } else {
        CHECK(request->kind == GPU_MEMORY);
        int64_t memory_mib = request->gpu_memory_mib;
        if (memory_mib <= 0 || memory_mib > pool->gpu_memory_mib) {
            return false;
        }
        need.milli = 1000 * memory_mib / pool->gpu_memory_mib;
        need.milli = need.milli > 0 ? need.milli : 1;
        need.memory_mib = pool->divisible ? 0 : memory_mib;
    }
    *out = need;
    return true;
}

static bool fits_shared(const struct cluster *cluster, const struct pool *pool,
                        const struct node *node, const struct request *request)
{
    struct gpu_need need;
    if (!fit_gpu_need(pool, request, &need)) {
        return false;
    }
    int64_t sum = need.milli * request->gpu_count;
    if (sum > node->free_gpu_milli || pool->divisible) {
        return sum <= node->free_gpu_milli;
    }
    const struct gpu *gpus = cluster->gpus.items + node->first_gpu;
    uint32_t found = 0;
    for (uint32_t i = 0; i < pool->gpu_count && found < request->gpu_count; i++) {
        if (gpus[i].free_milli >= need.milli && gpus[i].free_memory_mib >= need.memory_mib) {
            found++;
        }
    }
    return found == request->gpu_count;
}

static bool pool_offers(const struct pool *pool, struct mig_profile profile)
{
    for (uint32_t i = 0; i < pool->mig_profile_count; i++) {
        if (mig_profile_is(pool->mig_profiles[i], profile)) {
            return true;
        }
    }
    return false;
}

/* What is taken of the GPUs of a node while the instances of one request are dealt out. */
struct mig_deal {
    const struct gpu *gpus;
    uint32_t gpu_count;
    uint64_t used;                  /* GPUs that got an instance */
    uint8_t slices[NODE_MOST_GPUS]; /* given to this request, by GPU */
};

/* The GPU for the next instance, or gpu_count; *start is where on it. */
static uint32_t next_mig_gpu(const struct mig_deal *deal, uint32_t slices, uint32_t compute,
                             uint32_t *start)
{
    bool only_used = __builtin_popcountll(deal->used) == GRANT_MOST_MIG_GPUS;
    uint32_t best = deal->gpu_count;
    int most_taken = -1;
    for (uint32_t i = 0; i < deal->gpu_count; i++) {
        uint8_t taken = (uint8_t)(deal->gpus[i].mig_slices | deal->slices[i]);
        int taken_count = __builtin_popcount(taken);
        if (taken_count <= most_taken || (only_used && (deal->used >> i & 1) == 0)) {
            continue;
        }
        uint32_t place = mig_find_start(taken, slices, compute);
        if (place != MIG_NO_START) {
            best = i;
            most_taken = taken_count;
            *start = place;
        }
    }
    return best;
}

bool fit_choose_mig(const struct cluster *cluster, uint32_t node, const struct request *request,
                    struct grant *out)
{
    const struct pool *pool = cluster_pool(cluster, node);
    if (!pool_offers(pool, request->mig_profile)) {
        return false;
    }
    uint32_t compute = request->mig_profile.compute_slices;
    uint32_t slices = mig_memory_slices(request->mig_profile, pool->gpu_memory_mib);
    CHECK(slices > 0);
    if (request->gpu_count > pool->gpu_count * (MIG_COMPUTE_SLICES / compute)) {
        return false;
    }
    struct mig_deal deal = {
        .gpus = cluster->gpus.items + cluster->nodes.items[node].first_gpu,
        .gpu_count = pool->gpu_count,
    };
    for (uint32_t i = 0; i < request->gpu_count; i++) {
        uint32_t start = 0;
        uint32_t gpu = next_mig_gpu(&deal, slices, compute, &start);
        if (gpu == pool->gpu_count) {
            return false;
        }
        deal.used |= UINT64_C(1) << gpu;
        deal.slices[gpu] |= mig_slice_mask(slices, start);
    }
    out->gpus = deal.used;
    out->gpu_milli = mig_gpu_milli(request->mig_profile) * request->gpu_count;
    int64_t slice_mib = pool->gpu_memory_mib / MIG_MEMORY_SLICES;
    out->gpu_memory_mib = slice_mib * slices * request->gpu_count;
    uint32_t position = 0;
    for (uint64_t rest = deal.used; rest != 0; rest &= rest - 1) {
        uint8_t given = deal.slices[__builtin_ctzll(rest)];
        uint32_t instances = (uint32_t)__builtin_popcount(given) / slices;
        out->mig_slices[position] = given;
        out->mig_compute[position] = (uint8_t)(instances * compute);
        position++;
    }
    return true;
}

bool cluster_fits(const struct cluster *cluster, uint32_t node, const struct request *request)
{
    CHECK(node < cluster->nodes.count);
    const struct node *at = &cluster->nodes.items[node];
    const struct pool *pool = &cluster->pools.items[at->pool];
    if (request->cpu_milli > at->free_cpu_milli || request->memory_mib > at->free_memory_mib ||
        at->is_closed || !fit_models(pool, request)) {
        return false;
    }
    switch ((enum gpu_kind)request->kind) {
    case GPU_NONE:
        return true;
    case GPU_WHOLE:
        return pool->mig_profile_count == 0 && request->gpu_count <= fit_idle_gpus(pool, at);
    case GPU_FRACTION:
    case GPU_MEMORY:
        return fits_shared(cluster, pool, at, request);
    case GPU_MIG: {
        struct grant ignored;
        return fit_choose_mig(cluster, node, request, &ignored);
    }
    }
    CHECK_NEVER("a kind of GPU request");
}

/* The most GPUs, up to `room`, whose even share of `asked` (of `of` GPUs together, rounded up) is
 * at most `left`. */
static uint32_t room_for(uint32_t room, int64_t asked, uint32_t of, int64_t left)
{
    __extension__ typedef unsigned __int128 wide;
    if (asked <= 0 || left == UNLIMITED) {
        return room;
    }
    CHECK(left >= 0 && of > 0);
    wide have = (wide)(uint64_t)left * of;
    if ((wide)(uint64_t)asked * room <= have) {
        return room;
    }
    return (uint32_t)(have / (uint64_t)asked);
}

/* What part of `room` idle GPUs the CPU and memory that are left allow. */
static uint32_t bounded_room(uint32_t room, const struct request *request, int64_t cpu_milli,
                             int64_t memory_mib)
{
    CHECK(request->kind == GPU_WHOLE && request->gpu_count > 0);
    uint32_t served = room_for(room, request->cpu_milli, request->gpu_count, cpu_milli);
    return room_for(served, request->memory_mib, request->gpu_count, memory_mib);
}

uint32_t cluster_whole_room(const struct cluster *cluster, uint32_t node,
                            const struct request *request)
{
    CHECK(node < cluster->nodes.count);
    const struct node *at = &cluster->nodes.items[node];
    const struct pool *pool = &cluster->pools.items[at->pool];
    if (pool->mig_profile_count > 0 || at->is_closed || !fit_models(pool, request)) {
        return 0;
    }
    uint32_t idle = (uint32_t)fit_idle_gpus(pool, at);
    if (idle == 0) {
        return 0; /* what is left beside them does not matter; away, it is less than nothing */
    }
    return bounded_room(idle, request, at->free_cpu_milli, at->free_memory_mib);
}

uint32_t cluster_idle_room(const struct pool *pool, const struct request *request)
{
    if (pool->mig_profile_count > 0 || !fit_models(pool, request)) {
        return 0;
    }
    return bounded_room(pool->gpu_count, request, pool->cpu_milli, pool->memory_mib);
}
