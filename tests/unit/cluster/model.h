/*
 * model.h - a slow and obvious model of a cluster, to judge the real one by.
 *
 * It looks at every node and every GPU for every answer, keeps each memory slice as a bool, takes
 * the legal places of MIG instances from a table, and shares no code with sim/cluster.
 */
#ifndef UNIT_CLUSTER_MODEL_H
#define UNIT_CLUSTER_MODEL_H

#include <gsl/gsl_rng.h>

#include "sim/cluster/cluster.h"

struct slow_gpu {
    int64_t milli;
    int64_t memory_mib;
    bool slices[8];
    int tasks;
};

struct slow_node {
    const struct pool *pool;
    int64_t divisible_milli;
    int64_t cpu_milli;
    int64_t memory_mib;
    struct slow_gpu gpus[64];
};

struct slow_world {
    const struct cluster *cluster; /* for pools and labels only */
    struct slow_node *nodes;
};

/* What one request takes of one node. */
struct slow_hold {
    uint32_t node;
    bool used[64];
    int64_t milli[64];
    int64_t memory_mib[64];
    bool slices[64][8];
    int64_t divisible_milli;
    int64_t cpu_milli;
    int64_t request_memory_mib;
};

enum slow_rule { SLOW_FIRST, SLOW_BEST, SLOW_WORST };

void slow_init(struct slow_world *world, const struct cluster *cluster);
void slow_release(struct slow_world *world);

/* What the request gets on the node; false when it does not fit. */
bool slow_choose(const struct slow_world *world, uint32_t node, const struct request *request,
                 struct slow_hold *out);
/* Takes (sign 1) or gives back (sign -1). */
void slow_change(struct slow_world *world, const struct slow_hold *hold, int sign);

int64_t slow_idle(const struct slow_node *node);
int64_t slow_milli(const struct slow_node *node);

/* The node by a rule, at or after `from`, among those that have the labels of node `like` on all
 * levels up to `level`; like = NODE_NONE: among all. */
uint32_t slow_find(const struct slow_world *world, enum slow_rule rule,
                   const struct request *request, uint32_t level, uint32_t like, uint32_t from);

/* Does a grant say what a hold says? */
bool slow_agrees(const struct slow_world *world, const struct slow_hold *hold,
                 const struct grant *grant);

/* 0 .. below - 1. */
uint32_t draw(gsl_rng *stream, uint32_t below);

/* A cluster of everything there is: unequal pools, divisible nodes, MIG, limits, models, labels. */
void random_cluster(gsl_rng *stream, struct cluster *out);
struct request random_request(gsl_rng *stream, const struct cluster *cluster);

/* Plain pools for small tests: "4x8" style, without limits; finished. */
void plain_cluster(struct cluster *out, uint32_t nodes, uint32_t gpus);

#endif
