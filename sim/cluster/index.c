/* index.c - builds and keeps up the index of nodes; see index.h. search.c asks it. */
#include "sim/cluster/index.h"

#include "sim/base/check.h"
#include "sim/base/mem.h"
#include "sim/cluster/fit.h"

/* What the index knows of one node. */
struct node_view {
    int64_t milli;
    uint32_t idle;
    uint32_t uneven;
};

/* The largest free part of a GPU that somebody is on; of a divisible node, all that is free. */
static int64_t largest_part(const struct cluster *cluster, const struct node *node,
                            const struct pool *pool)
{
    if (pool->divisible) {
        return node->free_gpu_milli;
    }
    int32_t largest = 0;
    const struct gpu *gpus = cluster->gpus.items + node->first_gpu;
    for (uint32_t i = 0; i < pool->gpu_count; i++) {
        bool is_larger = gpus[i].tasks > 0 && gpus[i].free_milli > largest;
        largest = is_larger ? gpus[i].free_milli : largest;
    }
    return largest;
}

static struct node_view view_node(const struct cluster *cluster, uint32_t node)
{
    const struct node *at = &cluster->nodes.items[node];
    const struct pool *pool = &cluster->pools.items[at->pool];
    if (at->is_closed) {
        return (struct node_view){0};
    }
    int64_t idle = fit_idle_gpus(pool, at);
    bool is_last_of_many = pool->divisible && idle >= INDEX_MOST_IDLE;
    bool uneven = is_last_of_many || at->free_gpu_milli != 1000 * idle;
    return (struct node_view){
        .milli = uneven || pool->divisible ? largest_part(cluster, at, pool) : 0,
        .idle = idle > INDEX_MOST_IDLE ? INDEX_MOST_IDLE : (uint32_t)idle,
        .uneven = uneven ? 1 : 0,
    };
}

/* -- keeping up ------------------------------------------------------------------------------ */

static void tree_set(int64_t *tree, uint32_t leaf, int64_t value)
{
    if (tree[leaf] == value) {
        return;
    }
    tree[leaf] = value;
    for (uint32_t i = leaf / 2; i > 0; i /= 2) {
        int64_t left = tree[(size_t)i * 2];
        int64_t right = tree[(size_t)i * 2 + 1];
        int64_t larger = left > right ? left : right;
        if (tree[i] == larger) {
            return;
        }
        tree[i] = larger;
    }
}

void index_update(struct node_index *index, const struct cluster *cluster, uint32_t node)
{
    struct index_place *place = &index->places[node];
    struct node_class *in = &index->classes.items[place->in_class];
    struct node_view view = view_node(cluster, node);
    const struct node *at = &cluster->nodes.items[node];
    uint32_t leaf = in->leaf_count + place->rank;
    count_tree_set(&in->idle, place->rank, view.idle);
    tree_set(in->milli, leaf, view.milli);
    if (in->cpu != NULL) {
        tree_set(in->cpu, leaf, at->free_cpu_milli);
    }
    if (in->memory != NULL) {
        tree_set(in->memory, leaf, at->free_memory_mib);
    }
    if (view.idle != place->idle || view.uneven != place->uneven) {
        bitset_remove(&in->buckets[place->uneven][place->idle], place->rank);
        bitset_add(&in->buckets[view.uneven][view.idle], place->rank);
        place->idle = view.idle;
        place->uneven = view.uneven;
    }
}

/* -- building -------------------------------------------------------------------------------- */

/* The class that nodes of this pool belong to, made if it is new. */
static uint32_t class_of(struct node_index *index, const struct pool *pool)
{
    bool mig = pool->mig_profile_count > 0;
    for (uint32_t i = 0; i < index->classes.count; i++) {
        const struct node_class *in = &index->classes.items[i];
        if (in->model == pool->model && in->divisible == pool->divisible && in->mig == mig &&
            in->gpu_memory_mib == pool->gpu_memory_mib) {
            return i;
        }
    }
    struct node_class fresh = {
        .model = pool->model,
        .divisible = pool->divisible,
        .mig = mig,
        .gpu_memory_mib = pool->gpu_memory_mib,
    };
    vec_push(&index->classes, fresh);
    return (uint32_t)index->classes.count - 1;
}

/* A tree in which nothing fits anywhere. */
static int64_t *tree_new(uint32_t leaf_count)
{
    size_t count = (size_t)leaf_count * 2;
    int64_t *tree = mem_alloc(count, sizeof(*tree));
    for (size_t i = 0; i < count; i++) {
        tree[i] = -1;
    }
    return tree;
}

static void init_trees(struct node_class *in, bool has_cpu, bool has_memory)
{
    in->leaf_count = 1;
    while (in->leaf_count < in->count) {
        in->leaf_count *= 2;
    }
    count_tree_init(&in->idle, in->count);
    in->milli = tree_new(in->leaf_count);
    in->cpu = has_cpu ? tree_new(in->leaf_count) : NULL;
    in->memory = has_memory ? tree_new(in->leaf_count) : NULL;
}

static void init_buckets(struct node_class *in)
{
    for (uint32_t uneven = 0; uneven < 2; uneven++) {
        in->buckets[uneven] = mem_alloc(in->most_idle + 1, sizeof(struct bitset));
        for (uint32_t idle = 0; idle <= in->most_idle; idle++) {
            bitset_init(&in->buckets[uneven][idle], in->count);
        }
    }
}

/* The nodes of one class, once they are counted: ranks, trees, buckets. */
static void fill_class(struct node_index *index, const struct cluster *cluster, uint32_t number)
{
    struct node_class *in = &index->classes.items[number];
    in->nodes = mem_alloc(in->count, sizeof(*in->nodes));
    uint32_t rank = 0;
    bool has_cpu = false;
    bool has_memory = false;
    for (uint32_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        if (index->places[pool->first_node].in_class != number) {
            continue;
        }
        has_cpu = has_cpu || pool->cpu_milli != UNLIMITED;
        has_memory = has_memory || pool->memory_mib != UNLIMITED;
        uint32_t gpus = pool->gpu_count < INDEX_MOST_IDLE ? pool->gpu_count : INDEX_MOST_IDLE;
        in->most_idle = gpus > in->most_idle ? gpus : in->most_idle;
        for (uint32_t n = 0; n < pool->node_count; n++) {
            index->places[pool->first_node + n].rank = rank;
            in->nodes[rank++] = pool->first_node + n;
        }
    }
    CHECK(rank == in->count);
    init_trees(in, has_cpu, has_memory);
    init_buckets(in);
    for (uint32_t i = 0; i < in->count; i++) {
        uint32_t node = in->nodes[i];
        struct index_place *place = &index->places[node];
        struct node_view view = view_node(cluster, node);
        place->idle = view.idle;
        place->uneven = view.uneven;
        bitset_add(&in->buckets[view.uneven][view.idle], i);
        index_update(index, cluster, node);
    }
}

struct node_index *index_new(const struct cluster *cluster)
{
    struct node_index *index = mem_alloc(1, sizeof(*index));
    index->places = mem_alloc(cluster->nodes.count, sizeof(*index->places));
    for (uint32_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        uint32_t in_class = class_of(index, pool);
        index->classes.items[in_class].count += pool->node_count;
        for (uint32_t n = 0; n < pool->node_count; n++) {
            index->places[pool->first_node + n].in_class = in_class;
        }
    }
    for (uint32_t i = 0; i < index->classes.count; i++) {
        fill_class(index, cluster, i);
    }
    return index;
}

void index_free(struct node_index *index)
{
    if (index == NULL) {
        return;
    }
    for (uint32_t i = 0; i < index->classes.count; i++) {
        struct node_class *in = &index->classes.items[i];
        for (uint32_t uneven = 0; uneven < 2; uneven++) {
            for (uint32_t idle = 0; idle <= in->most_idle; idle++) {
                bitset_release(&in->buckets[uneven][idle]);
            }
            free(in->buckets[uneven]);
        }
        free(in->nodes);
        count_tree_release(&in->idle);
        free(in->milli);
        free(in->cpu);
        free(in->memory);
    }
    vec_release(&index->classes);
    free(index->places);
    free(index);
}

/* -- checking -------------------------------------------------------------------------------- */

static void check_tree(const int64_t *tree, uint32_t leaf_count)
{
    for (uint32_t i = 1; i < leaf_count; i++) {
        int64_t left = tree[(size_t)i * 2];
        int64_t right = tree[(size_t)i * 2 + 1];
        CHECK(tree[i] == (left > right ? left : right));
    }
}

static void check_node(const struct node_index *index, const struct cluster *cluster, uint32_t node)
{
    const struct index_place *place = &index->places[node];
    const struct node_class *in = &index->classes.items[place->in_class];
    struct node_view view = view_node(cluster, node);
    uint32_t leaf = in->leaf_count + place->rank;
    CHECK(in->nodes[place->rank] == node);
    CHECK(count_tree_get(&in->idle, place->rank) == view.idle);
    CHECK(in->milli[leaf] == view.milli);
    CHECK(in->cpu == NULL || in->cpu[leaf] == cluster->nodes.items[node].free_cpu_milli);
    CHECK(in->memory == NULL || in->memory[leaf] == cluster->nodes.items[node].free_memory_mib);
    CHECK(place->idle == view.idle);
    CHECK(place->uneven == view.uneven);
    CHECK(bitset_has(&in->buckets[view.uneven][view.idle], place->rank));
}

void index_check(const struct node_index *index, const struct cluster *cluster)
{
    for (uint32_t i = 0; i < cluster->nodes.count; i++) {
        check_node(index, cluster, i);
    }
    for (uint32_t i = 0; i < index->classes.count; i++) {
        const struct node_class *in = &index->classes.items[i];
        count_tree_check(&in->idle, in->count);
        check_tree(in->milli, in->leaf_count);
        if (in->cpu != NULL) {
            check_tree(in->cpu, in->leaf_count);
        }
        if (in->memory != NULL) {
            check_tree(in->memory, in->leaf_count);
        }
        uint32_t members = 0;
        for (uint32_t idle = 0; idle <= in->most_idle; idle++) {
            members += in->buckets[0][idle].count + in->buckets[1][idle].count;
        }
        CHECK(members == in->count);
    }
}
