/*
 * gpu_clustering - tasks that ask for as many GPUs go to the same nodes.
 *
 * Tasks are of one class when they ask for the same number of whole GPUs, or all for a part of one.
 * Nodes on which only the task's class is come first, then those where it is among others, then
 * empty nodes, then nodes of other classes; among these, the fewer free GPUs the better, in whole
 * 25ths of the largest node. Of equally good nodes the first is taken; that is all there is for
 * tasks without GPUs.
 *
 * Good: nodes stay free of crumbs as long as every class has nodes of its own. Bad: classes that
 * are rare keep nodes half empty, and when there are no nodes left, order is lost.
 */
#include "policies/lib/node_states.h"
#include "policies/lib/parts.h"
#include "sim/place.h"

struct gpu_clustering {
    struct node_states *states;
    int64_t most_gpu_milli; /* of a node */
};

enum { BAND = 25 }; /* of 100, four of them */

/* Does the GPU belong to a task of the class: so many whole GPUs, or (0) a part? */
static bool is_of_class(const struct node_gpu *gpu, uint32_t class)
{
    return gpu->group == class;
}

static int64_t band_of(const struct node_look *look, uint32_t class)
{
    bool own = false;
    bool other = look->pool->divisible && /* what is on it cannot be told */
                 look->free_gpu_milli < INT64_C(1000) * look->pool->gpu_count;
    for (uint32_t i = 0; i < look->gpu_count; i++) {
        if (look->gpus[i].tasks > 0) {
            own = own || is_of_class(&look->gpus[i], class);
            other = other || !is_of_class(&look->gpus[i], class);
        }
    }
    if (own) {
        return other ? 2 : 3;
    }
    return other ? 0 : 1;
}

static int64_t score(void *rule, const struct node_look *look, const struct request *request)
{
    const struct gpu_clustering *clustering = rule;
    if (request->kind == GPU_NONE || request->gpu_count == 0) {
        return 0;
    }
    int64_t used = clustering->most_gpu_milli - look->free_gpu_milli;
    uint32_t class = request->kind == GPU_WHOLE ? request->gpu_count : 0;
    return BAND * used / clustering->most_gpu_milli + BAND * band_of(look, class);
}

static bool init(void *state, const void *values, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)values; /* there are none */
    (void)seed;   /* nothing is drawn */
    (void)err;    /* nothing can go wrong */
    struct gpu_clustering *clustering = state;
    clustering->most_gpu_milli = node_most_of(cluster).gpu_milli;
    clustering->states = node_states_new(cluster, score, clustering);
    return true;
}

static void release(void *state)
{
    node_states_free(((struct gpu_clustering *)state)->states);
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    return node_states_best(((struct gpu_clustering *)state)->states, cluster, request, filter);
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

extern const struct place_ops place_rule_gpu_clustering;
const struct place_ops place_rule_gpu_clustering = {
    .name = "gpu_clustering",
    .help = "tasks that ask for as many GPUs go to the same nodes",
    .source = "FGD's simulator (GpuClusteringScore), Weng et al., USENIX ATC 2023",
    .state_size = sizeof(struct gpu_clustering),
    .validated = "FGD's simulator, GpuClustering, by its figures: results/fgd",
    .init = init,
    .release = release,
    .pick = pick,
    .next_part = next_part,
};
