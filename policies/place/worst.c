/*
 * worst - the emptiest node that fits: load is spread.
 *
 * A job of free shape takes the emptiest node, as much as it has room for, then the next.
 *
 * Good: neighbours disturb each other least, a node failure hurts fewest. Bad: breaks up whole
 * nodes, so gangs wait for room that exists in pieces.
 */
#include "policies/lib/parts.h"
#include "sim/place.h"

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    (void)state; /* worst fit remembers nothing */
    return cluster_worst_fit(cluster, request, filter);
}

static bool next_part(void *state, const struct cluster *cluster, const struct request *request,
                      struct node_filter filter, uint32_t placed, uint32_t *node, uint32_t *count)
{
    (void)state;
    struct request one = part_request(request, 1);
    *node = cluster_worst_fit(cluster, &one, filter);
    if (*node == NODE_NONE) {
        return false;
    }
    *count = part_of_node(cluster, *node, request, request->gpu_count - placed);
    return *count > 0;
}

extern const struct place_ops place_rule_worst;
const struct place_ops place_rule_worst = {
    .name = "worst",
    .help = "the emptiest node: load is spread",
    .source = "worst fit (classic)",
    .pick = pick,
    .next_part = next_part,
};
