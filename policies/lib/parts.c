/* parts.c - see parts.h. */
#include "policies/lib/parts.h"

#include "sim/base/arith.h"
#include "sim/base/check.h"

/* A division of 128 bits takes longer than all the rest of a placement, so it is avoided where its
 * result is known. */
static int64_t share_of(int64_t amount, uint32_t count, uint32_t all)
{
    return amount == 0 || count == all ? amount : mul_div_ceil(amount, count, all);
}

struct request part_request(const struct request *request, uint32_t count)
{
    CHECK(request->kind == GPU_WHOLE && count >= 1 && count <= request->gpu_count);
    struct request part = *request;
    part.gpu_count = count;
    part.cpu_milli = share_of(request->cpu_milli, count, request->gpu_count);
    part.memory_mib = share_of(request->memory_mib, count, request->gpu_count);
    return part;
}

uint32_t part_of_node(const struct cluster *cluster, uint32_t node, const struct request *request,
                      uint32_t left)
{
    uint32_t room = cluster_whole_room(cluster, node, request);
    return room < left ? room : left;
}

struct part part_next(part_pick pick, void *state, const struct cluster *cluster,
                      const struct request *request, struct node_filter filter, uint32_t left)
{
    struct request rest = part_request(request, left);
    uint32_t node = pick(state, cluster, &rest, filter);
    if (node != NODE_NONE) {
        return (struct part){node, left};
    }
    struct request one = part_request(request, 1);
    node = left == 1 ? NODE_NONE : pick(state, cluster, &one, filter);
    if (node == NODE_NONE) {
        return (struct part){NODE_NONE, 0};
    }
    return (struct part){node, part_of_node(cluster, node, request, left)};
}
