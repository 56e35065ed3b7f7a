/* parts.c - see parts.h. */
#include "policies/lib/parts.h"

#include "sim/base/arith.h"
#include "sim/base/check.h"

struct request part_request(const struct request *request, uint32_t count)
{
    CHECK(request->kind == GPU_WHOLE && count >= 1 && count <= request->gpu_count);
    struct request part = *request;
    part.gpu_count = count;
    part.cpu_milli = mul_div_ceil(request->cpu_milli, count, request->gpu_count);
    part.memory_mib = mul_div_ceil(request->memory_mib, count, request->gpu_count);
    return part;
}

uint32_t part_of_node(const struct cluster *cluster, uint32_t node, const struct request *request,
                      uint32_t left)
{
    uint32_t room = cluster_whole_room(cluster, node, request);
    return room < left ? room : left;
}
