/*
 * search.c - the first, the tightest and the emptiest node that fits, through the index.
 *
 * Every search goes class by class. Within a class the maximum trees say where a request may fit;
 * cluster_fits has the last word. Tightest and emptiest walk the buckets of idle GPUs from the end
 * where the answer must lie and stop when no later bucket can hold a better one.
 */
#include "sim/base/check.h"
#include "sim/cluster/cluster.h"
#include "sim/cluster/fit.h"
#include "sim/cluster/index.h"

enum { MOST_PROBES = 2 };

/* One search in one class. */
struct search {
    const struct cluster *cluster;
    const struct node_class *in;
    const struct request *request;
    const uint32_t *domain_of_node; /* NULL when any domain will do */
    uint32_t domain;
    uint32_t begin; /* ranks from here */
    uint32_t end;   /* to before here */
    /* A node that fits has so many idle GPUs (0: this is not asked), or so large a part of a GPU
     * in use (0: likewise). */
    uint32_t least_idle;
    int64_t least_milli;
    /* It also has at least so much in each of these trees, of CPU and memory. */
    uint32_t probe_count;
    struct {
        const int64_t *tree;
        int64_t least;
    } probes[MOST_PROBES];
    int64_t most_taken;  /* idle GPUs that placing the request uses up, at most */
    int64_t least_taken; /* and at least */
};

static void add_probe(struct search *search, const int64_t *tree, int64_t least)
{
    CHECK(search->probe_count < MOST_PROBES);
    search->probes[search->probe_count].tree = tree;
    search->probes[search->probe_count].least = least;
    search->probe_count++;
}

/* Sets what the trees are asked about GPUs; false when this class cannot serve the request. */
static bool probe_gpus(struct search *search)
{
    const struct node_class *in = search->in;
    const struct request *request = search->request;
    const struct pool *pool = cluster_pool(search->cluster, in->nodes[0]);
    uint32_t count = request->gpu_count;
    search->most_taken = count;
    switch ((enum gpu_kind)request->kind) {
    case GPU_NONE:
        search->most_taken = 0;
        return true;
    case GPU_WHOLE:
        search->least_taken = count;
        search->least_idle = count < INDEX_MOST_IDLE ? count : INDEX_MOST_IDLE;
        return !in->mig && (count <= in->most_idle || in->divisible);
    case GPU_FRACTION:
    case GPU_MEMORY: {
        /* What it takes depends on the memory of a GPU only, which the class has in common. */
        struct gpu_need need;
        if (!fit_gpu_need(pool, request, &need)) {
            return false;
        }
        search->least_idle = in->divisible ? 0 : 1;
        search->least_milli = in->divisible ? need.milli * count : need.milli;
        search->most_taken = in->divisible ? (need.milli * count + 999) / 1000 : count;
        return true;
    }
    case GPU_MIG:
        search->least_idle = 1;
        search->least_milli = 1;
        return in->mig;
    }
    CHECK_NEVER("a kind of GPU request");
}

/* The rank of the first node of the class with a number of at least `node`. */
static uint32_t rank_from(const struct node_class *in, uint32_t node)
{
    uint32_t low = 0;
    uint32_t high = in->count;
    if (in->count > 0 && in->nodes[in->count - 1] == in->count - 1) {
        return node < high ? node : high; /* the class is all nodes up to its last */
    }
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (in->nodes[middle] < node) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* Prepares a search among the nodes from `from` on; false when the class holds none that fits. */
static bool search_begin(struct search *search, const struct cluster *cluster, uint32_t number,
                         const struct request *request, struct node_filter filter)
{
    const struct node_class *in = &cluster->index->classes.items[number];
    *search = (struct search){
        .cluster = cluster,
        .in = in,
        .request = request,
        .end = in->count,
    };
    if (request->models != 0 &&
        (in->model == NAMES_NONE || (request->models >> in->model & 1) == 0)) {
        return false;
    }
    if (!probe_gpus(search)) {
        return false;
    }
    if (in->cpu != NULL && request->cpu_milli > 0) {
        add_probe(search, in->cpu, request->cpu_milli);
    }
    if (in->memory != NULL && request->memory_mib > 0) {
        add_probe(search, in->memory, request->memory_mib);
    }
    for (uint32_t i = 0; i < search->probe_count; i++) {
        if (search->probes[i].tree[1] < search->probes[i].least) {
            return false;
        }
    }
    if (filter.domain != DOMAIN_ANY) {
        CHECK(filter.level < cluster->level_count);
        const struct level *level = &cluster->levels[filter.level];
        if (filter.domain >= level->domains.count) {
            return false;
        }
        const struct domain *domain = &level->domains.items[filter.domain];
        search->domain_of_node = level->domain_of_node;
        search->domain = filter.domain;
        search->begin = rank_from(in, domain->first_node);
        search->end = rank_from(in, domain->last_node + 1);
    }
    return search->begin < search->end;
}

/* The first leaf of a tree at or after rank `from` with at least so much, or UINT32_MAX. */
static uint32_t next_leaf(const int64_t *tree, uint32_t leaf_count, uint32_t from, int64_t least)
{
    if (from >= leaf_count) {
        return UINT32_MAX;
    }
    /* Up while the subtree begins at `from`, then down to its first leaf that has enough. */
    uint32_t place = (leaf_count + from) >> (uint32_t)__builtin_ctz(from == 0 ? leaf_count : from);
    for (;;) {
        if (tree[place] >= least) {
            if (place >= leaf_count) {
                return place - leaf_count;
            }
            place *= 2;
            continue;
        }
        while ((place & 1) == 1) {
            place /= 2;
        }
        if (place == 0) {
            return UINT32_MAX;
        }
        place++;
    }
}

static uint32_t next_by_gpus(const struct search *search, uint32_t from)
{
    const struct node_class *in = search->in;
    if (search->least_milli == 0) {
        return search->least_idle == 0 ? from
                                       : count_tree_next(&in->idle, from, search->least_idle);
    }
    uint32_t part = next_leaf(in->milli, in->leaf_count, from, search->least_milli);
    uint32_t idle =
        search->least_idle == 0 ? UINT32_MAX : count_tree_next(&in->idle, from, search->least_idle);
    return part < idle ? part : idle;
}

/* The first rank at or after `from` that every tree asked lets pass, or one at or after
 * search->end. The trees take turns in moving on until they agree. */
static uint32_t next_likely(const struct search *search, uint32_t from)
{
    uint32_t rank = next_by_gpus(search, from);
    for (uint32_t i = 0; i < search->probe_count && rank < search->end;) {
        uint32_t likely = next_leaf(search->probes[i].tree, search->in->leaf_count, rank,
                                    search->probes[i].least);
        if (likely == rank) {
            i++;
        } else {
            rank = next_by_gpus(search, likely);
            i = 0;
        }
    }
    return rank;
}

static bool fits_exactly(const struct search *search, uint32_t rank)
{
    uint32_t node = search->in->nodes[rank];
    return (search->domain_of_node == NULL || search->domain_of_node[node] == search->domain) &&
           cluster_fits(search->cluster, node, search->request);
}

uint32_t cluster_first_fit(const struct cluster *cluster, const struct request *request,
                           struct node_filter filter, uint32_t from)
{
    uint32_t best = NODE_NONE;
    uint32_t class_count = (uint32_t)cluster->index->classes.count;
    for (uint32_t i = 0; i < class_count; i++) {
        struct search search;
        if (!search_begin(&search, cluster, i, request, filter)) {
            continue;
        }
        uint32_t start = from == 0 ? 0 : rank_from(search.in, from);
        uint32_t rank = next_likely(&search, start > search.begin ? start : search.begin);
        while (rank < search.end && search.in->nodes[rank] < best) {
            if (fits_exactly(&search, rank)) {
                best = search.in->nodes[rank];
                break;
            }
            rank = next_likely(&search, rank + 1);
        }
    }
    return best;
}

/* A node that fits, and what it keeps when the request is placed. */
struct candidate {
    uint32_t node; /* NODE_NONE: none yet */
    int64_t idle;
    int64_t milli;
};

static struct candidate judge(const struct search *search, uint32_t rank)
{
    const struct cluster *cluster = search->cluster;
    const struct request *request = search->request;
    uint32_t node = search->in->nodes[rank];
    const struct node *at = &cluster->nodes.items[node];
    const struct pool *pool = &cluster->pools.items[at->pool];
    int64_t idle = fit_idle_gpus(pool, at);
    if (request->kind == GPU_NONE) {
        return (struct candidate){node, idle, at->free_gpu_milli};
    }
    if (request->kind == GPU_WHOLE) {
        int64_t milli = at->free_gpu_milli - INT64_C(1000) * request->gpu_count;
        return (struct candidate){node, idle - request->gpu_count, milli};
    }
    struct grant grant;
    cluster_choose(cluster, node, request, &grant);
    int64_t milli = at->free_gpu_milli - grant.gpu_milli;
    int64_t kept = __builtin_popcountll(at->idle_gpus & ~grant.gpus);
    return (struct candidate){node, pool->divisible ? milli / 1000 : kept, milli};
}

/* Does `a` keep less than `b`? Of equals the smaller number wins, whatever is looked for. */
static bool keeps_less(struct candidate a, struct candidate b)
{
    if (a.idle != b.idle) {
        return a.idle < b.idle;
    }
    return a.milli < b.milli;
}

static bool keeps_the_same(struct candidate a, struct candidate b)
{
    return a.idle == b.idle && a.milli == b.milli;
}

static void consider(struct candidate *best, struct candidate other, bool tightest)
{
    if (best->node == NODE_NONE ||
        (keeps_the_same(*best, other) ? other.node < best->node
                                      : keeps_less(other, *best) == tightest)) {
        *best = other;
    }
}

/* The next member of a bucket that fits: bucket and trees take turns in moving on. */
static uint32_t next_in_bucket(const struct search *search, const struct bitset *bucket,
                               uint32_t from)
{
    uint32_t rank = from;
    for (;;) {
        rank = bitset_next(bucket, rank);
        if (rank >= search->end) {
            return search->end;
        }
        uint32_t likely = next_likely(search, rank);
        if (likely != rank) {
            rank = likely;
        } else if (fits_exactly(search, rank)) {
            return rank;
        } else {
            rank++;
        }
    }
}

static void consider_bucket(const struct search *search, uint32_t idle, bool tightest,
                            struct candidate *best)
{
    /* Of the even ones all keep the same, so the first that fits stands for them. */
    uint32_t rank = next_in_bucket(search, &search->in->buckets[0][idle], search->begin);
    if (rank < search->end) {
        consider(best, judge(search, rank), tightest);
    }
    const struct bitset *uneven = &search->in->buckets[1][idle];
    rank = uneven->count == 0 ? search->end : next_in_bucket(search, uneven, search->begin);
    while (rank < search->end) {
        consider(best, judge(search, rank), tightest);
        rank = next_in_bucket(search, uneven, rank + 1);
    }
}

uint32_t cluster_best_fit(const struct cluster *cluster, const struct request *request,
                          struct node_filter filter)
{
    struct candidate best = {NODE_NONE, 0, 0};
    uint32_t class_count = (uint32_t)cluster->index->classes.count;
    for (uint32_t i = 0; i < class_count; i++) {
        struct search search;
        if (!search_begin(&search, cluster, i, request, filter)) {
            continue;
        }
        uint32_t most = search.in->most_idle;
        uint32_t idle = search.least_taken < most ? (uint32_t)search.least_taken : most;
        while (idle <= most && (best.node == NODE_NONE || idle - search.most_taken <= best.idle)) {
            consider_bucket(&search, idle, true, &best);
            idle++;
        }
    }
    return best.node;
}

uint32_t cluster_worst_fit(const struct cluster *cluster, const struct request *request,
                           struct node_filter filter)
{
    struct candidate best = {NODE_NONE, 0, 0};
    uint32_t class_count = (uint32_t)cluster->index->classes.count;
    for (uint32_t i = 0; i < class_count; i++) {
        struct search search;
        if (!search_begin(&search, cluster, i, request, filter)) {
            continue;
        }
        uint32_t most = search.in->most_idle;
        uint32_t least = search.least_taken < most ? (uint32_t)search.least_taken : most;
        /* Nothing is known of how many more idle GPUs the nodes of the last bucket have. */
        for (uint32_t left = most + 1; left > least; left--) {
            uint32_t idle = left - 1;
            if (best.node != NODE_NONE && idle != most && idle - search.least_taken < best.idle) {
                break;
            }
            consider_bucket(&search, idle, false, &best);
        }
    }
    return best.node;
}
