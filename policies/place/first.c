/*
 * first - the node with the smallest number that fits.
 *
 * A job of free shape goes to the first node that has room for all of it; when none has, the first
 * node with any room gives all it has, and what is left is placed the same way.
 *
 * Good: fast, easy to follow, the plain baseline; keeps the end of the cluster empty. Bad: blind to
 * what it leaves behind: small tasks that outlive their neighbours leave holes on the first nodes.
 */
#include "policies/lib/parts.h"
#include "sim/place.h"

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    (void)state; /* first fit remembers nothing */
    return cluster_first_fit(cluster, request, filter, 0);
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

extern const struct place_ops place_rule_first;
const struct place_ops place_rule_first = {
    .name = "first",
    .help = "the node with the smallest number that fits; fast, the plain baseline",
    .source = "first fit (classic)",
    .pick = pick,
    .next_part = next_part,
};
