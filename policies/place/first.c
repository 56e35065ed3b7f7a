/*
 * first - the node with the smallest number that fits.
 *
 * A job of free shape takes what each node has room for, from the smallest number on.
 *
 * Good: fast, easy to follow, keeps the end of the cluster empty. Bad: blind to what it leaves
 * behind; the first nodes fragment.
 */
#include "policies/lib/parts.h"
#include "sim/place.h"

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    (void)state; /* first fit remembers nothing */
    return cluster_first_fit(cluster, request, filter, 0);
}

static bool next_part(void *state, const struct cluster *cluster, const struct request *request,
                      struct node_filter filter, uint32_t placed, uint32_t *node, uint32_t *count)
{
    (void)state;
    struct request one = part_request(request, 1);
    *node = cluster_first_fit(cluster, &one, filter, 0);
    if (*node == NODE_NONE) {
        return false;
    }
    *count = part_of_node(cluster, *node, request, request->gpu_count - placed);
    return *count > 0;
}

extern const struct place_ops place_rule_first;
const struct place_ops place_rule_first = {
    .name = "first",
    .help = "the node with the smallest number that fits",
    .source = "first fit (classic)",
    .pick = pick,
    .next_part = next_part,
};
