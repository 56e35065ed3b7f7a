/*
 * count - any GPUs anywhere: only the number of free GPUs matters.
 *
 * A job of free shape starts exactly when the cluster has as many idle GPUs as it asks for; they
 * are taken from the smallest node number on. Gangs of tasks and shared GPUs go to the first node
 * that fits, task by task.
 *
 * Good: reproduces simulators that know one pool of processors (the "count" scheme of Tiresias,
 * pyss). Bad: a job may be strewn over the whole cluster, which no real one would bear.
 */
#include "policies/lib/parts.h"
#include "sim/place.h"

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    (void)state; /* counting remembers nothing */
    return cluster_first_fit(cluster, request, filter, 0);
}

static bool next_part(void *state, const struct cluster *cluster, const struct place_split *split,
                      uint32_t *node, uint32_t *count)
{
    const struct request *request = split->request;
    (void)state;
    /* CPU and memory are dealt with the GPUs, so a node counts while it can give one more. */
    struct request one = part_request(request, 1);
    *node = cluster_first_fit(cluster, &one, split->filter, 0);
    if (*node == NODE_NONE) {
        return false;
    }
    *count = part_of_node(cluster, *node, request, request->gpu_count - split->placed);
    return *count > 0;
}

extern const struct place_ops place_rule_count;
const struct place_ops place_rule_count = {
    .name = "count",
    .help = "any GPUs anywhere: only how many are idle matters",
    .source = "Tiresias simulator, scheme \"count\"; pyss",
    .pick = pick,
    .next_part = next_part,
};
