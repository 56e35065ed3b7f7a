/*
 * random - any node that fits, each with the same chance.
 *
 * Nodes are drawn until one fits, which gives every fitting node the same chance; when many draws
 * in a row have missed, the fitting nodes are counted and one of them is drawn. A job of free shape
 * goes to a random node among those that have room for all of it; when none has, a random node with
 * any room gives all it has, and what is left is placed the same way. gpus=any draws the GPU of a
 * task that asks for a part of one, too.
 *
 * Good: the honest lower bound for every rule that claims to be clever. Bad: everything else.
 */
#include "policies/lib/parts.h"
#include "sim/base/check.h"
#include "sim/base/rng.h"
#include "sim/cluster/fit.h"
#include "sim/place.h"

enum random_gpus { GPUS_TIGHTEST, GPUS_ANY };

struct random_params {
    int gpus; /* enum random_gpus */
};

static const struct param_spec params[] = {
    {.name = "gpus",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct random_params, gpus),
     .dflt = "tightest",
     .choices = "tightest|any",
     .help = "the GPU of a task that asks for a part of one"},
    {.name = NULL},
};

struct random_state {
    gsl_rng *stream;
    enum random_gpus gpus;
};

static bool init(void *state, const void *values, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)cluster;
    (void)err; /* nothing can go wrong */
    struct random_state *random_state = state;
    random_state->gpus = (enum random_gpus)((const struct random_params *)values)->gpus;
    random_state->stream = rng_new(seed, "place.random", 0);
    return true;
}

static void release(void *state)
{
    struct random_state *random_state = state;
    gsl_rng_free(random_state->stream);
}

/* How many draws may miss: a matter of speed, as both ways draw evenly. */
enum { MOST_DRAWS = 24 };

/* The numbers among which every node of the filter is; false when there is no such node. */
static bool find_range(const struct cluster *cluster, struct node_filter filter, uint32_t *first,
                       uint32_t *count)
{
    *first = 0;
    *count = (uint32_t)cluster->nodes.count;
    if (filter.domain == DOMAIN_ANY) {
        return true;
    }
    const struct level *level = &cluster->levels[filter.level];
    if (filter.domain >= level->domains.count) {
        return false;
    }
    *first = level->domains.items[filter.domain].first_node;
    *count = level->domains.items[filter.domain].last_node - *first + 1;
    return true;
}

static bool is_in(const struct cluster *cluster, uint32_t node, struct node_filter filter)
{
    return filter.domain == DOMAIN_ANY ||
           cluster->levels[filter.level].domain_of_node[node] == filter.domain;
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    gsl_rng *stream = ((struct random_state *)state)->stream;
    uint32_t first = 0;
    uint32_t count = 0;
    uint32_t lowest = cluster_first_fit(cluster, request, filter, 0);
    if (lowest == NODE_NONE || !find_range(cluster, filter, &first, &count)) {
        return NODE_NONE;
    }
    for (uint32_t i = 0; i < MOST_DRAWS; i++) {
        uint32_t node = first + (uint32_t)gsl_rng_uniform_int(stream, count);
        if (is_in(cluster, node, filter) && cluster_fits(cluster, node, request)) {
            return node;
        }
    }
    uint32_t fitting = 0;
    for (uint32_t node = lowest; node != NODE_NONE; fitting++) {
        node = cluster_first_fit(cluster, request, filter, node + 1);
    }
    unsigned long chosen = gsl_rng_uniform_int(stream, fitting);
    uint32_t node = lowest;
    for (unsigned long i = 0; i < chosen; i++) {
        node = cluster_first_fit(cluster, request, filter, node + 1);
    }
    return node;
}

/* Of GPUs of the node with room for it, any. */
static uint32_t any_gpu(gsl_rng *stream, const struct cluster *cluster, uint32_t node,
                        const struct gpu_need *need)
{
    const struct gpu *gpus = &cluster->gpus.items[cluster->nodes.items[node].first_gpu];
    uint32_t count = 0;
    uint32_t fitting[NODE_MOST_GPUS] = {0};
    for (uint32_t i = 0; i < cluster_pool(cluster, node)->gpu_count; i++) {
        if (gpus[i].free_milli >= need->milli && gpus[i].free_memory_mib >= need->memory_mib) {
            fitting[count++] = i;
        }
    }
    CHECK(count > 0);
    return fitting[gsl_rng_uniform_int(stream, count)];
}

static void choose(void *state, const struct cluster *cluster, uint32_t node,
                   const struct request *request, struct grant *out)
{
    const struct random_state *random_state = state;
    const struct pool *pool = cluster_pool(cluster, node);
    bool shared = request->kind == GPU_FRACTION || request->kind == GPU_MEMORY;
    cluster_choose(cluster, node, request, out);
    if (random_state->gpus == GPUS_ANY && shared && request->gpu_count == 1 && !pool->divisible) {
        struct gpu_need need;
        bool possible = fit_gpu_need(pool, request, &need);
        CHECK(possible);
        out->gpus = UINT64_C(1) << any_gpu(random_state->stream, cluster, node, &need);
    }
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

extern const struct place_ops place_rule_random;
const struct place_ops place_rule_random = {
    .name = "random",
    .help = "any node that fits, each with the same chance",
    .source = "random fit (the lower bound of the FGD study)",
    .state_size = sizeof(struct random_state),
    .params_size = sizeof(struct random_params),
    .params = params,
    .init = init,
    .release = release,
    .pick = pick,
    .choose = choose,
    .next_part = next_part,
};
