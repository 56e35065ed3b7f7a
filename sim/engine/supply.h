/*
 * supply.h - nodes and GPUs that fail and are repaired: what a run is told of it.
 *
 * Nodes, GPUs and the domains of a topology level fail and are repaired, each on its own: an
 * alternating renewal process, new at time 0, with Weibull times up (shape 1: exponential) and
 * exponential times down. Its random stream belongs to (seed, purpose, entity). Clocks go on while
 * something else keeps a node away; a node is away from the first of its causes to the end of the
 * last. Or outages are replayed from a log.
 */
#ifndef ENGINE_SUPPLY_H
#define ENGINE_SUPPLY_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/vec.h"
#include "sim/cluster/cluster.h"

struct supply_law {
    double mean_up_us;   /* 0: never away */
    double mean_down_us; /* 0: back at once */
    double shape;        /* of the Weibull distribution of times up */
};

enum supply_unit { SUPPLY_NODES, SUPPLY_GPUS, SUPPLY_DOMAINS };

/* Everything of one kind in the cluster fails by this law. */
struct supply_failures {
    enum supply_unit unit;
    uint32_t level; /* of SUPPLY_DOMAINS: in cluster->levels */
    struct supply_law law;
};

/* One line of a failure log. */
struct supply_outage {
    int64_t from_us;
    int64_t until_us; /* PARAM_NEVER_US: it does not come back */
    uint32_t node;
    uint32_t gpu; /* or LOG_WHOLE_NODE */
};

enum { SUPPLY_MOST_FAILURES = CLUSTER_MOST_LEVELS + 2 };

struct supply_spec {
    uint32_t failure_count;
    struct supply_failures failures[SUPPLY_MOST_FAILURES];
    VEC(struct supply_outage) outages;
};

#endif
