/*
 * synergy - GPUs packed, CPUs and memory kept in proportion to them.
 *
 * A GPU's share of its node is the node's CPUs and memory over its GPUs. Of the nodes on which a
 * task fits, those come first where the GPUs that stay free keep their shares; where none does, the
 * one where least of the shares is missing, as a part of the node, CPUs and memory added up. Of
 * equally good nodes the one with the fewest free GPUs is taken, then the first.
 *
 * This is the placement of Synergy for what tasks ask for. Its other half, giving a task less than
 * it asks for (never less than its GPUs' share) and taking back what others have beyond theirs,
 * needs to know how fast a task is with how many CPUs; traces do not tell, and a task here gets
 * what it asks for or waits.
 *
 * Good: tasks that are hungry for CPUs and frugal ones come together, so that neither CPUs nor GPUs
 * are left alone. Bad: of no use where CPUs do not run out, and then packs like `best`.
 */
#include "policies/lib/node_states.h"
#include "policies/lib/parts.h"
#include "sim/base/arith.h"
#include "sim/place.h"

enum { PPM = 1000000 };

struct synergy {
    struct node_states *states;
    int64_t most_gpu_milli; /* of a node */
};

/* What free GPUs lack of their shares of a resource, in millionths of what the node has of it. */
static int64_t missing_ppm(int64_t left, int64_t all, int64_t free_milli, int64_t gpu_milli)
{
    if (all == UNLIMITED || all <= 0 || gpu_milli == 0) {
        return 0;
    }
    int64_t share_ppm = mul_div_ceil(free_milli, PPM, gpu_milli);
    int64_t left_ppm = mul_div_floor(left, PPM, all);
    return left_ppm < share_ppm ? share_ppm - left_ppm : 0;
}

static int64_t score(void *rule, const struct node_look *look, const struct request *request)
{
    const struct synergy *synergy = rule;
    const struct pool *pool = look->pool;
    int64_t gpu_milli = INT64_C(1000) * pool->gpu_count;
    int64_t free_milli = look->free_gpu_milli - request_gpu_milli(request);
    free_milli = free_milli > 0 ? free_milli : 0; /* a request by GPU memory counts 0 */
    int64_t missing = missing_ppm(look->free_cpu_milli - request->cpu_milli, pool->cpu_milli,
                                  free_milli, gpu_milli) +
                      missing_ppm(look->free_memory_mib - request->memory_mib, pool->memory_mib,
                                  free_milli, gpu_milli);
    return -(missing * (synergy->most_gpu_milli + 1) + free_milli);
}

static bool init(void *state, const void *values, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)values; /* there are none */
    (void)seed;   /* nothing is drawn */
    (void)err;    /* nothing can go wrong */
    struct synergy *synergy = state;
    synergy->most_gpu_milli = node_most_of(cluster).gpu_milli;
    synergy->states = node_states_new(cluster, score, synergy);
    return true;
}

static void release(void *state)
{
    node_states_free(((struct synergy *)state)->states);
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    return node_states_best(((struct synergy *)state)->states, cluster, request, filter);
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

extern const struct place_ops place_rule_synergy;
const struct place_ops place_rule_synergy = {
    .name = "synergy",
    .help = "GPUs packed, CPUs and memory kept in proportion to them",
    .source = "Synergy, Mohan et al., OSDI 2022 (its placement, not its tuning of demands)",
    .state_size = sizeof(struct synergy),
    .init = init,
    .release = release,
    .pick = pick,
    .next_part = next_part,
};
