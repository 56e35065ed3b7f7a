/*
 * rig.h - small clusters for tests that look at one thing.
 */
#ifndef UNIT_CLUSTER_RIG_H
#define UNIT_CLUSTER_RIG_H

#include "sim/cluster/cluster.h"

/* A pool of this description without labels, unlimited CPU and memory where they are 0. */
void rig_add(struct cluster *cluster, struct pool pool);

/* A cluster of one such pool, without levels; finished. */
void rig_one_pool(struct cluster *cluster, struct pool pool);

/* Chooses and places. */
struct grant rig_place(struct cluster *cluster, uint32_t node, struct request request);

#endif
