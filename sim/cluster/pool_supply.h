/*
 * pool_supply.h - when the nodes of a pool are there: arrivals, maintenance, spot, elastic pools.
 *
 * Times are counted from the beginning of a run, which is the first submit of the trace.
 */
#ifndef CLUSTER_POOL_SUPPLY_H
#define CLUSTER_POOL_SUPPLY_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "sim/base/arena.h"
#include "sim/base/err.h"

/* All nodes of the pool are away; drain_us before, nothing new starts on them any more, and what
 * still runs at the beginning is stopped. */
struct pool_window {
    int64_t from_us;
    int64_t to_us;
    int64_t drain_us;
};

/* Every node is taken after an exponential time of its own, and comes back after another one. */
struct pool_spot {
    double mean_up_us; /* 0: the pool is no spot pool */
    double mean_away_us;
};

/* Nodes are off until they are wanted. The pool orders as many as all that is pending (of the
 * queue, for its GPU models) asks for, when that is more than demand_milli or somebody has been
 * pending for wait_us. */
struct pool_elastic {
    bool given;
    const char *queue;    /* whose jobs count; NULL: everybody's */
    int64_t demand_milli; /* INT64_MAX: demand alone orders nothing */
    int64_t wait_us;      /* INT64_MAX: waiting alone orders nothing */
    int64_t start_us;     /* from the order to the node */
    int64_t idle_us;      /* a node that nobody is on for so long is given back, */
    int64_t least_us;     /* but not sooner than this after it came, nor while more are wanted */
    uint32_t most_nodes;  /* there or ordered at once */
};

struct pool_supply {
    int64_t arrives_us; /* 0: there from the beginning */
    int64_t leaves_us;  /* INT64_MAX: never */
    uint32_t window_count;
    const struct pool_window *windows;
    struct pool_spot spot;
    struct pool_elastic elastic;
};

/* The keys of a pool in the cluster file that this is read from, ended by NULL. */
#define POOL_SUPPLY_KEYS "arrives_s", "leaves_s", "maintenance", "spot", "elastic"

/* Reads them from the object of a pool of `node_count` nodes; *out stays NULL when none is there.
 * Texts and lists live in the arena. */
bool pool_supply_from_json(const json_t *object, const char *path, uint32_t node_count,
                           struct arena *arena, const struct pool_supply **out, struct err *err);

/* Adds them to the object of a pool. */
void pool_supply_add_json(json_t *object, const struct pool_supply *supply);

const struct pool_supply *pool_supply_copy(const struct pool_supply *supply, struct arena *arena);

#endif
