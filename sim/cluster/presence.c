/*
 * presence.c - nodes that go away and come back, GPUs that break and are mended; see cluster.h.
 *
 * What is away looks used up: a node that is away has no idle GPU, every GPU of it is taken, and
 * less than no CPU is left, so that not even a task that asks for nothing fits. Searches, indices
 * and placement rules need not know more. A node that is closed keeps its state, because its tasks
 * still give back what they hold; nothing fits on it, and the index shows it with nothing free.
 */
#include "sim/base/check.h"
#include "sim/cluster/cluster.h"
#include "sim/cluster/fit.h"
#include "sim/cluster/mig.h"

enum { ALL_MIG_SLICES = (1 << MIG_MEMORY_SLICES) - 1 };

static struct gpu lost_gpu(const struct pool *pool)
{
    bool mig = pool->mig_profile_count > 0;
    return (struct gpu){
        .tasks = 1,
        .group = mig ? 0 : 1,
        .mig_slices = mig ? ALL_MIG_SLICES : 0,
        .mig_compute = mig ? MIG_COMPUTE_SLICES : 0,
    };
}

static struct gpu idle_gpu(const struct pool *pool)
{
    return (struct gpu){.free_milli = 1000, .free_memory_mib = pool->gpu_memory_mib};
}

static uint64_t all_gpus(const struct pool *pool)
{
    bool none = pool->divisible || pool->gpu_count == 0;
    return none ? 0 : UINT64_MAX >> (64 - pool->gpu_count);
}

static void set_gpus(struct cluster *cluster, const struct node *node, struct gpu to)
{
    const struct pool *pool = &cluster->pools.items[node->pool];
    for (uint32_t i = 0; i < pool->gpu_count && !pool->divisible; i++) {
        cluster->gpus.items[node->first_gpu + i] = to;
    }
}

/* So many milli-GPUs are there no more (negative: again). */
static void shift(struct cluster *cluster, uint32_t node, int64_t milli)
{
    cluster->gpu_milli -= milli;
    cluster->away_gpu_milli += milli;
    cluster->idle_gpu_count -= milli / 1000;
    cluster->presence_changes++;
    place_note_change(cluster, node, milli);
}

void cluster_take_away(struct cluster *cluster, uint32_t number)
{
    CHECK(number < cluster->nodes.count && !cluster_is_away(cluster, number));
    struct node *node = &cluster->nodes.items[number];
    const struct pool *pool = &cluster->pools.items[node->pool];
    int64_t milli = INT64_C(1000) * pool->gpu_count;
    CHECK(node->free_gpu_milli == milli && node->idle_gpus == all_gpus(pool));
    CHECK(node->free_cpu_milli == pool->cpu_milli && node->free_memory_mib == pool->memory_mib);
    set_gpus(cluster, node, lost_gpu(pool));
    node->idle_gpus = 0;
    node->free_gpu_milli = 0;
    node->free_cpu_milli = NODE_AWAY_CPU;
    node->free_memory_mib = pool->memory_mib == UNLIMITED ? UNLIMITED : 0;
    shift(cluster, number, milli);
}

void cluster_bring_back(struct cluster *cluster, uint32_t number)
{
    CHECK(number < cluster->nodes.count && cluster_is_away(cluster, number));
    struct node *node = &cluster->nodes.items[number];
    const struct pool *pool = &cluster->pools.items[node->pool];
    set_gpus(cluster, node, idle_gpu(pool));
    node->idle_gpus = all_gpus(pool);
    node->free_gpu_milli = INT64_C(1000) * pool->gpu_count;
    node->free_cpu_milli = pool->cpu_milli;
    node->free_memory_mib = pool->memory_mib;
    shift(cluster, number, -node->free_gpu_milli);
    cluster->releases++;
}

void cluster_break_gpu(struct cluster *cluster, uint32_t number, uint32_t gpu)
{
    CHECK(number < cluster->nodes.count && !cluster_is_away(cluster, number));
    struct node *node = &cluster->nodes.items[number];
    const struct pool *pool = &cluster->pools.items[node->pool];
    CHECK(node->free_gpu_milli >= 1000);
    if (!pool->divisible) {
        CHECK(gpu < pool->gpu_count && (node->idle_gpus >> gpu & 1) != 0);
        cluster->gpus.items[node->first_gpu + gpu] = lost_gpu(pool);
        node->idle_gpus &= ~(UINT64_C(1) << gpu);
    }
    node->free_gpu_milli -= 1000;
    node->broken_gpus++;
    shift(cluster, number, 1000);
}

void cluster_mend_gpu(struct cluster *cluster, uint32_t number, uint32_t gpu)
{
    CHECK(number < cluster->nodes.count && !cluster_is_away(cluster, number));
    struct node *node = &cluster->nodes.items[number];
    const struct pool *pool = &cluster->pools.items[node->pool];
    CHECK(node->broken_gpus > 0);
    if (!pool->divisible) {
        CHECK(gpu < pool->gpu_count && (node->idle_gpus >> gpu & 1) == 0);
        cluster->gpus.items[node->first_gpu + gpu] = idle_gpu(pool);
        node->idle_gpus |= UINT64_C(1) << gpu;
    }
    node->free_gpu_milli += 1000;
    node->broken_gpus--;
    shift(cluster, number, -1000);
    cluster->releases++;
}

static void set_closed(struct cluster *cluster, uint32_t node, bool is_closed)
{
    CHECK(node < cluster->nodes.count && cluster->nodes.items[node].is_closed != is_closed);
    cluster->nodes.items[node].is_closed = is_closed;
    cluster->presence_changes++;
    place_note_change(cluster, node, 0);
}

void cluster_close_node(struct cluster *cluster, uint32_t node)
{
    set_closed(cluster, node, true);
}

void cluster_open_node(struct cluster *cluster, uint32_t node)
{
    set_closed(cluster, node, false);
    cluster->releases++;
}

bool cluster_has_supply(const struct cluster *cluster)
{
    for (size_t i = 0; i < cluster->pools.count; i++) {
        if (cluster->pools.items[i].supply != NULL) {
            return true;
        }
    }
    return false;
}
