/*
 * best - the node that fits most tightly: the fewest idle GPUs left behind.
 *
 * A job of free shape goes to one node if one has room for all of it, the tightest; else it takes
 * the emptiest node whole and the rest is placed the same way.
 *
 * Good: keeps large holes for large jobs. Bad: fills shared nodes to the brim, so CPU or memory
 * may run out there first.
 */
#include "policies/lib/parts.h"
#include "sim/place.h"

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    (void)state; /* best fit remembers nothing */
    return cluster_best_fit(cluster, request, filter);
}

static bool next_part(void *state, const struct cluster *cluster, const struct place_split *split,
                      uint32_t *node, uint32_t *count)
{
    const struct request *request = split->request;
    (void)state;
    uint32_t left = request->gpu_count - split->placed;
    struct request rest = part_request(request, left);
    *node = cluster_best_fit(cluster, &rest, split->filter);
    if (*node == NODE_NONE) {
        struct request one = part_request(request, 1);
        *node = cluster_worst_fit(cluster, &one, split->filter);
    }
    if (*node == NODE_NONE) {
        return false;
    }
    *count = part_of_node(cluster, *node, request, left);
    return *count > 0;
}

extern const struct place_ops place_rule_best;
const struct place_ops place_rule_best = {
    .name = "best",
    .help = "the tightest node: the fewest idle GPUs left behind",
    .source = "best fit (classic)",
    .pick = pick,
    .next_part = next_part,
};
