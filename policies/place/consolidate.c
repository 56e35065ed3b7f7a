/*
 * consolidate - the fewest nodes.
 *
 * A job that fits on one node goes to the tightest one. A larger one takes the emptiest nodes whole
 * and the rest goes to the tightest node that holds it. With strict=true a job of free shape waits
 * until it can have as few nodes as on an empty cluster of its largest nodes; otherwise it takes
 * more nodes rather than wait.
 *
 * Good: communication stays on the node, which is what training wants. Bad (strict): large jobs
 * wait longer, and GPUs idle while they do.
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
    (void)state;
    return cluster_best_fit(cluster, request, filter);
}

static bool next_part(void *state, const struct cluster *cluster, const struct request *request,
                      struct node_filter filter, uint32_t placed, uint32_t *node, uint32_t *count)
{
    const struct consolidate *consolidate = state;
    uint32_t left = request->gpu_count - placed;
    struct request rest = part_request(request, left);
    *node = cluster_best_fit(cluster, &rest, filter);
    if (*node == NODE_NONE) {
        uint32_t least = !consolidate->strict               ? 1
                         : left < consolidate->largest_gpus ? left
                                                            : consolidate->largest_gpus;
        struct request part = part_request(request, least);
        *node = cluster_worst_fit(cluster, &part, filter);
    }
    if (*node == NODE_NONE) {
        return false;
    }
    *count = part_of_node(cluster, *node, request, left);
    return *count > 0;
}

extern const struct place_ops place_rule_consolidate;
const struct place_ops place_rule_consolidate = {
    .name = "consolidate",
    .help = "the fewest nodes: one if it fits, else the emptiest ones whole",
    .source = "Tiresias, HeliosArtifact (without their switches)",
    .state_size = sizeof(struct consolidate),
    .params_size = sizeof(struct consolidate_params),
    .params = params,
    .init = init,
    .pick = pick,
    .next_part = next_part,
};
