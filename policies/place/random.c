/*
 * random - any node that fits, each with the same chance.
 *
 * Nodes are drawn until one fits, which gives every fitting node the same chance; when many draws
 * in a row have missed, the fitting nodes are counted and one of them is drawn. A job of free shape
 * goes to a random node among those that have room for all of it; when none has, a random node with
 * any room gives all it has, and what is left is placed the same way.
 *
 * Good: the honest lower bound for every rule that claims to be clever. Bad: everything else.
 */
#include "policies/lib/parts.h"
#include "sim/base/rng.h"
#include "sim/place.h"

struct random_state {
    gsl_rng *stream;
};

static bool init(void *state, const void *params, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)params; /* there are none */
    (void)cluster;
    (void)err; /* nothing can go wrong */
    struct random_state *random_state = state;
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
    .init = init,
    .release = release,
    .pick = pick,
    .next_part = next_part,
};
