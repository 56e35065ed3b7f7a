/*
 * consolidate - the fewest nodes.
 *
 * A task, or a job of free shape that fits on one node, goes to the tightest node that holds it. A
 * larger job of free shape takes the nodes with the most room first, whole, and its rest goes to
 * the tightest node that holds it: no way to split it over the nodes as they are needs fewer of
 * them. With strict=true such a job waits until it can have as few nodes as on the same cluster
 * when that is empty; otherwise it takes more nodes rather than wait.
 *
 * Good: communication stays on the node, which is what training wants. Bad (strict): large jobs
 * wait longer, and GPUs idle while they do.
 *
 * Room is what idle GPUs, CPU, memory and the models asked for leave, so the rule also holds on
 * clusters of unequal nodes.
 */
#include "policies/lib/parts.h"
#include "sim/place.h"

struct consolidate_params {
    bool strict;
};

static const struct param_spec params[] = {
    {.name = "strict",
     .type = PARAM_BOOL,
     .offset = offsetof(struct consolidate_params, strict),
     .dflt = "false",
     .help = "wait rather than take more nodes than necessary"},
    {.name = NULL},
};

struct consolidate {
    bool strict;
    uint32_t largest_gpus; /* of any node */
    uint32_t nodes_left;   /* strict: how many more the job in hand may have */
};

static bool init(void *state, const void *values, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)seed; /* nothing is drawn */
    (void)err;  /* nothing can go wrong */
    struct consolidate *consolidate = state;
    consolidate->strict = ((const struct consolidate_params *)values)->strict;
    for (size_t i = 0; i < cluster->pools.count; i++) {
        uint32_t gpus = cluster->pools.items[i].gpu_count;
        consolidate->largest_gpus =
            gpus > consolidate->largest_gpus ? gpus : consolidate->largest_gpus;
    }
    return true;
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    (void)state; /* a task goes to the tightest node, whatever came before */
    return cluster_best_fit(cluster, request, filter);
}

/* All nodes of a pool have the same labels, so the first stands for them. */
static bool is_in(const struct cluster *cluster, const struct pool *pool, struct node_filter filter)
{
    return filter.domain == DOMAIN_ANY ||
           cluster->levels[filter.level].domain_of_node[pool->first_node] == filter.domain;
}

/* The most room below `bound` that an idle node has, and how many nodes have it. */
static uint32_t next_room(const struct cluster *cluster, const struct request *request,
                          struct node_filter filter, uint32_t bound, uint32_t *nodes)
{
    uint32_t most = 0;
    for (size_t i = 0; i < cluster->pools.count; i++) {
        const struct pool *pool = &cluster->pools.items[i];
        uint32_t room = is_in(cluster, pool, filter) ? cluster_idle_room(pool, request) : 0;
        if (room >= bound || room < most || room == 0) {
            continue;
        }
        *nodes = room > most ? pool->node_count : *nodes + pool->node_count;
        most = room;
    }
    return most;
}

/* How many nodes the job would have if nobody else were there; 0 when it would not fit. The nodes
 * with the most room are counted first, one pass over the pools for each room there is. */
static uint32_t fewest_nodes(const struct cluster *cluster, const struct request *request,
                             struct node_filter filter)
{
    uint32_t fewest = 0;
    uint32_t left = request->gpu_count;
    uint32_t bound = UINT32_MAX;
    while (left > 0) {
        uint32_t nodes = 0;
        bound = next_room(cluster, request, filter, bound, &nodes);
        if (bound == 0) {
            return 0;
        }
        uint32_t wanted = (left - 1) / bound + 1;
        uint32_t taken = wanted < nodes ? wanted : nodes;
        uint64_t held = (uint64_t)taken * bound;
        fewest += taken;
        left = held < left ? left - (uint32_t)held : 0;
    }
    return fewest;
}

/* The largest part, of at most `most` GPUs, for which any node has room, and the tightest such
 * node. If k GPUs fit somewhere, fewer do too, so the largest is found by halving. */
static struct part largest_part(const struct cluster *cluster, const struct request *request,
                                struct node_filter filter, uint32_t most)
{
    struct part best = {NODE_NONE, 0};
    uint32_t low = 1;
    uint32_t high = most;
    while (low <= high) {
        uint32_t middle = low + (high - low) / 2;
        struct request part = part_request(request, middle);
        uint32_t node = cluster_best_fit(cluster, &part, filter);
        if (node == NODE_NONE) {
            high = middle - 1;
        } else {
            best = (struct part){node, middle};
            low = middle + 1;
        }
    }
    return best;
}

static bool next_part(void *state, const struct cluster *cluster, const struct place_split *split,
                      uint32_t *node, uint32_t *count)
{
    const struct request *request = split->request;
    struct consolidate *consolidate = state;
    uint32_t left = request->gpu_count - split->placed;
    uint32_t most = left < consolidate->largest_gpus ? left : consolidate->largest_gpus;
    struct request rest = part_request(request, left);
    struct part part = {cluster_best_fit(cluster, &rest, split->filter), left};
    if (part.node == NODE_NONE) {
        part = largest_part(cluster, request, split->filter, most);
    }
    if (part.node == NODE_NONE) {
        return false;
    }
    if (consolidate->strict && (split->placed > 0 || part.count < left)) {
        if (split->placed == 0) {
            consolidate->nodes_left = fewest_nodes(cluster, request, split->filter);
        }
        /* No later part will be larger than this one. */
        if ((uint64_t)consolidate->nodes_left * part.count < left) {
            return false;
        }
        consolidate->nodes_left--;
    }
    *node = part.node;
    *count = part.count;
    return true;
}

extern const struct place_ops place_rule_consolidate;
const struct place_ops place_rule_consolidate = {
    .name = "consolidate",
    .help = "the fewest nodes: one if it fits, else the emptiest ones whole; good for training",
    .source = "Tiresias, HeliosArtifact (without their switches)",
    .state_size = sizeof(struct consolidate),
    .params_size = sizeof(struct consolidate_params),
    .params = params,
    .init = init,
    .pick = pick,
    .next_part = next_part,
};
