/*
 * worst - the emptiest node that fits: load is spread.
 *
 * A job of free shape goes to the emptiest node that has room for all of it; when none has, the
 * emptiest node gives all it has, and what is left is placed the same way.
 *
 * Good: neighbours disturb each other least, a failing node hurts fewest. Bad: breaks up whole
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

static bool next_part(void *state, const struct cluster *cluster, const struct place_split *split,
                      uint32_t *node, uint32_t *count)
{
    struct part part = part_next(pick, state, cluster, split->request, split->filter,
                                 split->request->gpu_count - split->placed);
    *node = part.node;
    *count = part.count;
    return part.count > 0;
}

extern const struct place_ops place_rule_worst;
const struct place_ops place_rule_worst = {
    .name = "worst",
    .help = "the emptiest node: load is spread",
    .source = "worst fit (classic)",
    .pick = pick,
    .next_part = next_part,
};
