/*
 * catalogue_cost.h - what a pool of nodes costs, given how long its nodes were there and how busy.
 *
 * Money is in millionths of the catalogue's currency, time in microseconds, power in milliwatts.
 * Each part of a cost is computed in one integer division, rounded to the nearest (halves up), so
 * that anyone with the same figures gets the same money; what does not fit 64 bits stays at
 * INT64_MAX. A year has 365 days of 24 hours, a month a twelfth of it (730 hours).
 */
#ifndef CLUSTER_CATALOGUE_COST_H
#define CLUSTER_CATALOGUE_COST_H

#include "sim/cluster/catalogue.h"

#define CATALOGUE_HOUR_US  INT64_C(3600000000)
#define CATALOGUE_MONTH_US (730 * CATALOGUE_HOUR_US)

/* All that decides the cost of nodes of one type in one kind of pool. */
struct pool_terms {
    enum pool_billing billing;
    int64_t price_micro;         /* bought: a node; blocks: a node-month; else a node-hour */
    int64_t owned_us;            /* bought: over which the price is spread */
    int64_t block_nodes;         /* blocks: nodes of one */
    int64_t power_micro_per_kwh; /* 0: energy is in the price */
    int64_t pue_ppm;
    uint32_t gpu_count; /* of a node */
    int64_t idle_mw;    /* a node that is up, all GPUs idle */
    int64_t busy_mw;    /* what one busy GPU draws more than an idle one */
};

/* What was used of a pool. */
struct billed_use {
    int64_t nodes;       /* owned or rented as a whole; bought, held, blocks */
    int64_t held_us;     /* from the first hour to the last that they were; bought, held, blocks */
    int64_t node_up_us;  /* sum over the nodes of the time up; the caller raises every hold to the
                            minimum of the pool kind */
    int64_t gpu_busy_us; /* sum over the GPUs of the time with work on them */
};

struct pool_cost {
    int64_t capital_micro; /* bought: the part of the price */
    int64_t rent_micro;    /* held, up, blocks */
    int64_t energy_micro;
    int64_t energy_wh; /* of nodes and building, also where energy is in the price */
};

/* The terms of a node type in a kind of pool at this price (one of the catalogue's, or the user's
 * own). */
struct pool_terms catalogue_terms(const struct catalogue *catalogue,
                                  const struct catalogue_node *node,
                                  const struct catalogue_pool *pool, int64_t price_micro);

/* No figure of `use` is negative. */
struct pool_cost catalogue_cost(const struct pool_terms *terms, const struct billed_use *use);

/* All of it. */
int64_t pool_cost_total_micro(const struct pool_cost *cost);

/* One node for one hour, up all the time, its GPUs busy for `busy_ppm` millionths of it. Blocks:
 * one node of a full block in a full month. */
int64_t catalogue_hour_micro(const struct pool_terms *terms, int64_t busy_ppm);

#endif
