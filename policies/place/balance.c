/*
 * balance - the node whose GPUs and CPUs together are used least.
 *
 * A node's use is the mean of the share of its milli-GPUs and of its CPUs that is taken; of one
 * without GPUs the share of CPUs, of one with unlimited CPUs that of GPUs. Of nodes on which the
 * task fits the least used one gets it, of equal ones the first. round=percent compares whole per
 * cent, halves to the even one, as the PAI simulator does. A job stays on one node.
 *
 * Good: spreads load over unequal nodes by both resources. Bad: breaks up whole nodes as worst
 * does; looks at every node for every task.
 */
#include <math.h>

#include "sim/place.h"

enum balance_round { ROUND_PERCENT, ROUND_NONE };

struct balance_params {
    int round; /* enum balance_round */
};

static const struct param_spec params[] = {
    {.name = "round",
     .type = PARAM_CHOICE,
     .offset = offsetof(struct balance_params, round),
     .dflt = "percent",
     .choices = "percent|none",
     .help = "compare whole per cent, or exactly"},
    {.name = NULL},
};

struct balance {
    struct balance_params params;
};

static bool init(void *state, const void *values, const struct cluster *cluster, uint64_t seed,
                 struct err *err)
{
    (void)cluster; /* nodes are looked at when a task comes */
    (void)seed;    /* nothing is drawn */
    (void)err;     /* nothing can go wrong */
    ((struct balance *)state)->params = *(const struct balance_params *)values;
    return true;
}

static double taken(int64_t free, int64_t all)
{
    return 1.0 - (double)free / (double)all;
}

/* In per cent. The order of operations is that of the PAI simulator, which decides ties. */
static double use_of(const struct cluster *cluster, uint32_t node, enum balance_round rounding)
{
    const struct pool *pool = cluster_pool(cluster, node);
    const struct node *at = &cluster->nodes.items[node];
    bool has_gpus = pool->gpu_count > 0;
    bool has_cpus = pool->cpu_milli > 0;
    double gpus = has_gpus ? taken(at->free_gpu_milli, (int64_t)pool->gpu_count * 1000) : 0;
    double cpus = has_cpus ? taken(at->free_cpu_milli, pool->cpu_milli) : 0;
    double use = has_gpus && has_cpus ? 100 * (gpus + cpus) / 2 : 100 * (gpus + cpus);
    return rounding == ROUND_PERCENT ? nearbyint(use) : use;
}

static bool passes(const struct cluster *cluster, uint32_t node, struct node_filter filter)
{
    return filter.domain == DOMAIN_ANY ||
           cluster->levels[filter.level].domain_of_node[node] == filter.domain;
}

static uint32_t pick(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter)
{
    const struct balance *balance = state;
    enum balance_round rounding = (enum balance_round)balance->params.round;
    uint32_t best = NODE_NONE;
    double least = 0;
    for (uint32_t node = 0; node < cluster->nodes.count; node++) {
        if (!passes(cluster, node, filter) || !cluster_fits(cluster, node, request)) {
            continue;
        }
        double use = use_of(cluster, node, rounding);
        if (best == NODE_NONE || use < least) {
            best = node;
            least = use;
        }
    }
    return best;
}

extern const struct place_ops place_rule_balance;
const struct place_ops place_rule_balance = {
    .name = "balance",
    .help = "the node whose GPUs and CPUs together are used least",
    .source = "PAI simulator (sort_node_policy 3)",
    .state_size = sizeof(struct balance),
    .params_size = sizeof(struct balance_params),
    .params = params,
    .validated = "PAI FIFO on 380 unequal nodes: results/schedules",
    .init = init,
    .pick = pick,
};
