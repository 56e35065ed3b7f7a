/*
 * gpu_packing - GPUs in use before idle ones, used nodes before empty ones.
 *
 * A task goes, if it can, to shared GPUs, those with the least room first; else to idle GPUs of a
 * node that is in use, as few as possible; else to an empty node, a small one first. The score is a
 * whole number: 100 less a tenth of the per cent free on the GPUs taken, at least 50; 50 less the
 * idle GPUs taken, at least 33; 33 less the GPUs of the empty node. Of equally good nodes the first
 * is taken; that is all there is for tasks without GPUs.
 *
 * Good: keeps nodes empty for large tasks. Bad: packs by GPU alone, so CPUs run out on full nodes.
 */
#include "policies/lib/node_states.h"
#include "policies/lib/parts.h"
#include "sim/base/check.h"
#include "sim/cluster/fit.h"
#include "sim/place.h"

struct gpu_packing {
    struct node_states *states;
};

enum { MOST_SCORE = 100, USED_NODE = MOST_SCORE / 2, EMPTY_NODE = MOST_SCORE / 3 };

static int64_t at_least(int64_t score, int64_t least)
{
    return score > least ? score : least;
}

/* On a divisible node what is not a whole idle GPU counts as one GPU that is shared. */
static int64_t score_divisible(const struct node_look *look, int64_t milli, uint32_t count)
{
    int64_t shared_milli = look->free_gpu_milli % 1000;
    if (milli * count <= shared_milli) {
        return at_least(MOST_SCORE - shared_milli / 10 / 10, USED_NODE);
    }
    return at_least(USED_NODE - (milli * count + 999) / 1000, EMPTY_NODE);
}

/* On a node that is in use; the GPUs with the least room that suffices are taken. */
static int64_t score_used(const struct node_look *look, const struct gpu_need *need, uint32_t count)
{
    uint32_t left = count;
    int64_t idle = 0;
    int64_t free_percent = 0;
    for (uint32_t i = 0; left > 0 && i < look->gpu_count; i++) {
        const struct node_gpu *gpu = &look->gpus[i];
        if (gpu->free_milli >= need->milli && gpu->free_memory_mib >= need->memory_mib) {
            left--;
            idle += gpu->free_milli == 1000 ? 1 : 0;
            free_percent += gpu->free_milli / 10;
        }
    }
    CHECK(left == 0);
    return idle > 0 ? at_least(USED_NODE - idle, EMPTY_NODE)
                    : at_least(MOST_SCORE - free_percent / 10, USED_NODE);
}

static int64_t score(void *rule, const struct node_look *look, const struct request *request)
{
    (void)rule; /* there is nothing to go by but node and task */
    int64_t gpus = look->pool->gpu_count;
    if (request->kind == GPU_NONE || request->kind == GPU_MIG) {
        return 0;
    }
    if (look->free_gpu_milli == gpus * 1000) {
        return at_least(EMPTY_NODE - gpus, gpus < EMPTY_NODE ? gpus : 0);
    }
    struct gpu_need need = {.milli = 1000};
    if (request->kind != GPU_WHOLE) {
        bool possible = fit_gpu_need(look->pool, request, &need);
        CHECK(possible);
    }
    return look->pool->divisible ? score_divisible(look, need.milli, request->gpu_count)
                                 : score_used(look, &need, request->gpu_count);
}

static bool init(void *state, const void *values, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)values; /* there are none */
    (void)seed;   /* nothing is drawn */
    (void)err;    /* nothing can go wrong */
    struct gpu_packing *packing = state;
    packing->states = node_states_new(cluster, score, packing);
    return true;
}

static void release(void *state)
{
    node_states_free(((struct gpu_packing *)state)->states);
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    return node_states_best(((struct gpu_packing *)state)->states, cluster, request, filter);
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

extern const struct place_ops place_rule_gpu_packing;
const struct place_ops place_rule_gpu_packing = {
    .name = "gpu_packing",
    .help = "GPUs in use before idle ones, used nodes before empty ones",
    .source = "FGD's simulator (GpuPackingScore), Weng et al., USENIX ATC 2023",
    .state_size = sizeof(struct gpu_packing),
    .validated = "FGD's simulator, GpuPacking, by its figures: results/fgd",
    .init = init,
    .release = release,
    .pick = pick,
    .next_part = next_part,
};
