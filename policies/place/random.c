/*
 * random - any node that fits, each with the same chance.
 *
 * Good: the honest lower bound for every rule that claims to be clever. Bad: everything else; it
 * also looks at every node that fits, so it is slow on large clusters.
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

/* Counts the nodes that fit, draws one, and goes there. */
static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    struct random_state *random_state = state;
    uint32_t fitting = 0;
    uint32_t node = cluster_first_fit(cluster, request, filter, 0);
    for (; node != NODE_NONE; node = cluster_first_fit(cluster, request, filter, node + 1)) {
        fitting++;
    }
    if (fitting == 0) {
        return NODE_NONE;
    }
    unsigned long chosen = gsl_rng_uniform_int(random_state->stream, fitting);
    node = cluster_first_fit(cluster, request, filter, 0);
    for (unsigned long i = 0; i < chosen; i++) {
        node = cluster_first_fit(cluster, request, filter, node + 1);
    }
    return node;
}

static bool next_part(void *state, const struct cluster *cluster, const struct request *request,
                      struct node_filter filter, uint32_t placed, uint32_t *node, uint32_t *count)
{
    struct request one = part_request(request, 1);
    *node = pick(state, cluster, &one, filter);
    if (*node == NODE_NONE) {
        return false;
    }
    *count = part_of_node(cluster, *node, request, request->gpu_count - placed);
    return *count > 0;
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
