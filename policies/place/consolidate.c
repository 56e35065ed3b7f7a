/* first - the lowest node that fits; placeholder of the real file to come. */
#include "sim/place.h"

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    (void)state;
    return cluster_first_fit(cluster, request, filter, 0);
}

static bool next_part(void *state, const struct cluster *cluster, const struct request *request,
                      struct node_filter filter, uint32_t placed, uint32_t *node, uint32_t *count)
{
    (void)state;
    struct request one = *request;
    one.gpu_count = 1;
    one.cpu_milli = 0;
    one.memory_mib = 0;
    *node = cluster_first_fit(cluster, &one, filter, 0);
    if (*node == NODE_NONE) {
        return false;
    }
    uint32_t room = cluster_whole_room(cluster, *node, request);
    uint32_t left = request->gpu_count - placed;
    *count = room < left ? room : left;
    return *count > 0;
}

extern const struct place_ops place_rule_consolidate;
const struct place_ops place_rule_consolidate = {
    .name = "consolidate",
    .help = "the lowest node that fits",
    .source = "classic",
    .pick = pick,
    .next_part = next_part,
};
