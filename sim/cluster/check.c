/* check.c - cluster_check: every sum, mask and index of a cluster agrees with its GPUs. */
#include "sim/base/check.h"

#include "sim/cluster/cluster.h"
#include "sim/cluster/fit.h"
#include "sim/cluster/index.h"
#include "sim/cluster/mig.h"
#include "sim/cluster/topology.h"

static void check_gpu(const struct pool *pool, const struct gpu *gpu, bool idle)
{
    CHECK(gpu->free_milli >= 0 && gpu->free_milli <= 1000);
    CHECK(gpu->free_memory_mib >= 0 && gpu->free_memory_mib <= pool->gpu_memory_mib);
    CHECK(idle == (gpu->tasks == 0));
    if (idle) {
        CHECK(gpu->free_milli == 1000);
        CHECK(gpu->free_memory_mib == pool->gpu_memory_mib);
        CHECK(gpu->mig_slices == 0 && gpu->mig_compute == 0);
    }
    if (pool->mig_profile_count == 0) {
        CHECK(gpu->mig_slices == 0 && gpu->mig_compute == 0);
    } else {
        CHECK(gpu->mig_compute <= __builtin_popcount(gpu->mig_slices));
        CHECK(gpu->mig_compute <= MIG_COMPUTE_SLICES);
    }
}

static void check_node(const struct cluster *cluster, const struct pool *pool,
                       const struct node *node)
{
    if (node->free_cpu_milli == NODE_AWAY_CPU) {
        CHECK(node->free_gpu_milli == 0 && node->idle_gpus == 0 && node->broken_gpus == 0);
        return;
    }
    CHECK(node->broken_gpus <= pool->gpu_count);
    CHECK(node->free_gpu_milli >= 0 &&
          node->free_gpu_milli <= INT64_C(1000) * (pool->gpu_count - node->broken_gpus));
    CHECK(node->free_cpu_milli >= 0 && node->free_cpu_milli <= pool->cpu_milli);
    CHECK(node->free_memory_mib >= 0 && node->free_memory_mib <= pool->memory_mib);
    CHECK((pool->cpu_milli == UNLIMITED) == (node->free_cpu_milli == UNLIMITED));
    CHECK((pool->memory_mib == UNLIMITED) == (node->free_memory_mib == UNLIMITED));
    if (pool->divisible) {
        CHECK(node->idle_gpus == 0);
        return;
    }
    int64_t milli = 0;
    for (uint32_t i = 0; i < pool->gpu_count; i++) {
        const struct gpu *gpu = &cluster->gpus.items[node->first_gpu + i];
        check_gpu(pool, gpu, (node->idle_gpus >> i & 1) != 0);
        milli += gpu->free_milli;
    }
    CHECK(milli == node->free_gpu_milli);
    CHECK(pool->gpu_count == NODE_MOST_GPUS || node->idle_gpus >> pool->gpu_count == 0);
}

void cluster_check(const struct cluster *cluster)
{
    int64_t milli = 0;
    int64_t away_milli = 0;
    int64_t free_milli = 0;
    int64_t idle = 0;
    size_t nodes = 0;
    for (uint32_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        CHECK(pool->first_node == nodes);
        for (uint32_t n = 0; n < pool->node_count; n++) {
            const struct node *node = &cluster->nodes.items[nodes++];
            CHECK(node->pool == i);
            check_node(cluster, pool, node);
            bool is_away = node->free_cpu_milli == NODE_AWAY_CPU;
            milli += INT64_C(1000) * pool->gpu_count;
            away_milli += INT64_C(1000) * (is_away ? pool->gpu_count : node->broken_gpus);
            free_milli += node->free_gpu_milli;
            idle += fit_idle_gpus(pool, node);
        }
    }
    CHECK(nodes == cluster->nodes.count);
    CHECK(away_milli == cluster->away_gpu_milli);
    CHECK(milli == cluster->gpu_milli + away_milli);
    CHECK(free_milli == cluster->free_gpu_milli);
    CHECK(idle == cluster->idle_gpu_count);
    topology_check(cluster);
    index_check(cluster->index, cluster);
}
