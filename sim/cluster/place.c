/*
 * place.c - choosing what a request gets on a node, taking it, and giving it back.
 *
 * Taking and giving back run through the same lines with opposite signs, in integers, so that one
 * is the exact inverse of the other. What a grant takes of one GPU is read off the grant alone:
 *
 *     whole GPUs    gpu_milli = 1000 a GPU and no GPU memory: the GPU with all it has
 *     shared GPUs   an equal part of gpu_milli and gpu_memory_mib for each GPU
 *     MIG           the memory slices named; milli and memory in proportion to the slices
 */
#include "sim/base/check.h"
#include "sim/cluster/cluster.h"
#include "sim/cluster/fit.h"
#include "sim/cluster/index.h"
#include "sim/cluster/mig.h"

/* -- choosing -------------------------------------------------------------------------------- */

/* The lowest `count` bits of `mask`, which has at least so many. */
static uint64_t lowest_bits(uint64_t mask, uint32_t count)
{
    uint64_t rest = mask;
    for (uint32_t i = 0; i < count; i++) {
        CHECK(rest != 0);
        rest &= rest - 1;
    }
    return mask & ~rest;
}

/* Of the GPUs of a node that have room and are not in `chosen`, the one with the least. */
static uint32_t tightest_gpu(const struct gpu *gpus, uint32_t count, struct gpu_need need,
                             uint64_t chosen)
{
    uint32_t best = count;
    for (uint32_t i = 0; i < count; i++) {
        if ((chosen >> i & 1) == 0 && gpus[i].free_milli >= need.milli &&
            gpus[i].free_memory_mib >= need.memory_mib &&
            (best == count || gpus[i].free_milli < gpus[best].free_milli)) {
            best = i;
        }
    }
    CHECK(best < count);
    return best;
}

static void choose_shared(const struct cluster *cluster, uint32_t node,
                          const struct request *request, struct grant *out)
{
    const struct pool *pool = cluster_pool(cluster, node);
    struct gpu_need need;
    bool possible = fit_gpu_need(pool, request, &need);
    CHECK(possible);
    out->gpu_milli = need.milli * request->gpu_count;
    out->gpu_memory_mib = need.memory_mib * request->gpu_count;
    if (pool->divisible) {
        return;
    }
    const struct gpu *gpus = cluster->gpus.items + cluster->nodes.items[node].first_gpu;
    for (uint32_t i = 0; i < request->gpu_count; i++) {
        out->gpus |= UINT64_C(1) << tightest_gpu(gpus, pool->gpu_count, need, out->gpus);
    }
}

void cluster_choose(const struct cluster *cluster, uint32_t node, const struct request *request,
                    struct grant *out)
{
    CHECK(node < cluster->nodes.count);
    *out = (struct grant){
        .node = node,
        .cpu_milli = request->cpu_milli,
        .memory_mib = request->memory_mib,
    };
    switch ((enum gpu_kind)request->kind) {
    case GPU_NONE:
        return;
    case GPU_WHOLE:
        out->gpu_milli = INT64_C(1000) * request->gpu_count;
        if (!cluster_pool(cluster, node)->divisible) {
            out->gpus = lowest_bits(cluster->nodes.items[node].idle_gpus, request->gpu_count);
        }
        return;
    case GPU_FRACTION:
    case GPU_MEMORY:
        choose_shared(cluster, node, request, out);
        return;
    case GPU_MIG: {
        bool fits = fit_choose_mig(cluster, node, request, out);
        CHECK(fits);
        return;
    }
    }
    CHECK_NEVER("a kind of GPU request");
}

bool cluster_choose_among(const struct cluster *cluster, uint32_t node,
                          const struct request *request, uint64_t gpus, struct grant *out)
{
    if (!cluster_fits(cluster, node, request)) {
        return false;
    }
    cluster_choose(cluster, node, request, out);
    bool shared = request->kind == GPU_FRACTION || request->kind == GPU_MEMORY;
    const struct pool *pool = cluster_pool(cluster, node);
    if (gpus == 0 || !shared || pool->divisible) {
        return true;
    }
    struct gpu_need need;
    bool possible = fit_gpu_need(pool, request, &need);
    CHECK(possible);
    const struct gpu *of_node = cluster->gpus.items + cluster->nodes.items[node].first_gpu;
    for (uint32_t i = 0; i < pool->gpu_count; i++) {
        if ((gpus >> i & 1) != 0 &&
            (of_node[i].free_milli < need.milli || of_node[i].free_memory_mib < need.memory_mib)) {
            return false;
        }
    }
    out->gpus = gpus;
    return (uint32_t)__builtin_popcountll(gpus) == request->gpu_count;
}

/* floor(amount x part / whole), for a part not larger than the whole. */
static int64_t share_of(int64_t amount, uint32_t part, uint32_t whole)
{
    int64_t each = amount / whole;
    int64_t rest = amount % whole; /* below 2^32, like the part */
    return each * part + (int64_t)((uint64_t)rest * part / whole);
}

void cluster_choose_part(const struct cluster *cluster, uint32_t node,
                         const struct request *request, uint32_t before, uint32_t count,
                         struct grant *out)
{
    CHECK(node < cluster->nodes.count);
    CHECK(request->kind == GPU_WHOLE);
    uint32_t all = request->gpu_count;
    CHECK(count > 0 && before <= all && count <= all - before);
    uint32_t after = before + count;
    *out = (struct grant){
        .node = node,
        .gpu_milli = INT64_C(1000) * count,
        .cpu_milli =
            share_of(request->cpu_milli, after, all) - share_of(request->cpu_milli, before, all),
        .memory_mib =
            share_of(request->memory_mib, after, all) - share_of(request->memory_mib, before, all),
    };
    if (!cluster_pool(cluster, node)->divisible) {
        out->gpus = lowest_bits(cluster->nodes.items[node].idle_gpus, count);
    }
}

/* -- taking and giving back ------------------------------------------------------------------ */

static void take_whole(struct gpu *gpus, uint64_t mask)
{
    uint8_t group = (uint8_t)__builtin_popcountll(mask);
    for (uint64_t rest = mask; rest != 0; rest &= rest - 1) {
        gpus[__builtin_ctzll(rest)] = (struct gpu){.tasks = 1, .group = group};
    }
}

static void give_whole(struct gpu *gpus, uint64_t mask, int64_t memory_mib)
{
    for (uint64_t rest = mask; rest != 0; rest &= rest - 1) {
        struct gpu *gpu = &gpus[__builtin_ctzll(rest)];
        CHECK(gpu->tasks == 1 && gpu->free_milli == 0);
        *gpu = (struct gpu){.free_milli = 1000, .free_memory_mib = memory_mib};
    }
}

struct gpu_change {
    int64_t milli;
    int64_t memory_mib;
    uint8_t mig_slices;
    uint8_t mig_compute;
};

/* Takes (sign 1) or gives back (sign -1) a part of one GPU. */
static void change_gpu(struct gpu *gpu, const struct pool *pool, struct gpu_change change,
                       int32_t sign)
{
    uint8_t taken = gpu->mig_slices & change.mig_slices;
    CHECK(taken == (sign > 0 ? 0 : change.mig_slices));
    gpu->mig_slices ^= change.mig_slices;
    gpu->mig_compute = (uint8_t)(gpu->mig_compute + sign * change.mig_compute);
    gpu->free_milli = (int16_t)(gpu->free_milli - sign * (int32_t)change.milli);
    gpu->free_memory_mib -= sign * change.memory_mib;
    gpu->tasks = (uint16_t)(gpu->tasks + sign);
    CHECK(gpu->free_milli >= 0 && gpu->free_milli <= 1000);
    CHECK(gpu->free_memory_mib >= 0 && gpu->free_memory_mib <= pool->gpu_memory_mib);
    CHECK(gpu->mig_compute <= MIG_COMPUTE_SLICES);
}

static void change_shared(struct gpu *gpus, const struct pool *pool, const struct grant *grant,
                          int32_t sign)
{
    int64_t parts = __builtin_popcountll(grant->gpus);
    CHECK(grant->gpu_milli % parts == 0 && grant->gpu_memory_mib % parts == 0);
    CHECK(grant->gpu_milli / parts <= 1000);
    struct gpu_change change = {
        .milli = grant->gpu_milli / parts,
        .memory_mib = grant->gpu_memory_mib / parts,
    };
    for (uint64_t rest = grant->gpus; rest != 0; rest &= rest - 1) {
        change_gpu(&gpus[__builtin_ctzll(rest)], pool, change, sign);
    }
}

static void change_mig(struct gpu *gpus, const struct pool *pool, const struct grant *grant,
                       int32_t sign)
{
    CHECK(__builtin_popcountll(grant->gpus) <= 8);
    int64_t all_compute = 0;
    for (uint32_t i = 0; i < 8; i++) {
        all_compute += grant->mig_compute[i];
    }
    CHECK(all_compute > 0);
    uint32_t position = 0;
    for (uint64_t rest = grant->gpus; rest != 0; rest &= rest - 1) {
        uint8_t slices = grant->mig_slices[position];
        struct gpu_change change = {
            .milli = grant->gpu_milli * grant->mig_compute[position] / all_compute,
            .memory_mib = __builtin_popcount(slices) * (pool->gpu_memory_mib / MIG_MEMORY_SLICES),
            .mig_slices = slices,
            .mig_compute = grant->mig_compute[position],
        };
        CHECK(slices != 0 && change.milli <= 1000);
        change_gpu(&gpus[__builtin_ctzll(rest)], pool, change, sign);
        position++;
    }
}

/* The devices of a grant that has any. */
static void change_gpus(struct cluster *cluster, struct node *node, const struct grant *grant,
                        int32_t sign)
{
    const struct pool *pool = &cluster->pools.items[node->pool];
    CHECK(!pool->divisible);
    CHECK(pool->gpu_count == NODE_MOST_GPUS || grant->gpus >> pool->gpu_count == 0);
    struct gpu *gpus = cluster->gpus.items + node->first_gpu;
    uint64_t was_idle = node->idle_gpus;
    int64_t whole_milli = INT64_C(1000) * __builtin_popcountll(grant->gpus);
    if (pool->mig_profile_count == 0 && grant->gpu_memory_mib == 0 &&
        grant->gpu_milli == whole_milli) {
        if (sign > 0) {
            CHECK((grant->gpus & ~was_idle) == 0);
            take_whole(gpus, grant->gpus);
        } else {
            give_whole(gpus, grant->gpus, pool->gpu_memory_mib);
        }
        node->idle_gpus ^= grant->gpus;
        cluster->idle_gpu_count -= sign * whole_milli / 1000;
        return;
    }
    if (pool->mig_profile_count > 0) {
        change_mig(gpus, pool, grant, sign);
    } else {
        change_shared(gpus, pool, grant, sign);
    }
    for (uint64_t rest = grant->gpus; rest != 0; rest &= rest - 1) {
        uint32_t gpu = (uint32_t)__builtin_ctzll(rest);
        uint64_t bit = UINT64_C(1) << gpu;
        node->idle_gpus = gpus[gpu].tasks == 0 ? node->idle_gpus | bit : node->idle_gpus & ~bit;
    }
    cluster->idle_gpu_count +=
        __builtin_popcountll(node->idle_gpus) - __builtin_popcountll(was_idle);
}

/* CPU and memory: an amount that nothing bounds stays as it is. */
static void change_amount(int64_t *left, int64_t amount, int64_t capacity, int32_t sign)
{
    CHECK(amount >= 0);
    if (capacity != UNLIMITED) {
        CHECK(amount <= capacity);
        *left -= sign * amount;
        CHECK(*left >= 0 && *left <= capacity);
    }
}

void place_note_change(struct cluster *cluster, uint32_t node, int64_t taken_milli)
{
    cluster->free_gpu_milli -= taken_milli;
    for (uint32_t i = 0; i < cluster->level_count; i++) {
        struct level *level = &cluster->levels[i];
        uint32_t domain = level->domain_of_node[node];
        if (domain != DOMAIN_NONE) {
            level->domains.items[domain].free_gpu_milli -= taken_milli;
        }
    }
    index_update(cluster->index, cluster, node);
    cluster->recent_changes[cluster->change_count % CLUSTER_RECENT_CHANGES] = node;
    cluster->change_count++;
}

/* Takes (sign 1) or gives back (sign -1). */
static void change(struct cluster *cluster, const struct grant *grant, int32_t sign)
{
    CHECK(grant->node < cluster->nodes.count);
    struct node *node = &cluster->nodes.items[grant->node];
    const struct pool *pool = &cluster->pools.items[node->pool];
    int64_t milli = grant->gpu_milli;
    CHECK(milli >= 0 && milli <= INT64_C(1000) * pool->gpu_count);
    if (grant->gpus != 0) {
        change_gpus(cluster, node, grant, sign);
        node->free_gpu_milli -= sign * milli;
    } else if (milli > 0) {
        CHECK(pool->divisible);
        int64_t idle_before = node->free_gpu_milli / 1000;
        node->free_gpu_milli -= sign * milli;
        CHECK(node->free_gpu_milli >= 0);
        cluster->idle_gpu_count += node->free_gpu_milli / 1000 - idle_before;
    }
    CHECK(node->free_gpu_milli <= INT64_C(1000) * pool->gpu_count);
    change_amount(&node->free_cpu_milli, grant->cpu_milli, pool->cpu_milli, sign);
    change_amount(&node->free_memory_mib, grant->memory_mib, pool->memory_mib, sign);
    place_note_change(cluster, grant->node, sign * milli);
}

void cluster_place(struct cluster *cluster, const struct grant *grant)
{
    change(cluster, grant, 1);
}

void cluster_undo(struct cluster *cluster, const struct grant *grant)
{
    change(cluster, grant, -1);
}

void cluster_release(struct cluster *cluster, const struct grant *grant)
{
    change(cluster, grant, -1);
    cluster->releases++;
}
