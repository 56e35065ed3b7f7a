/*
 * topology.h - inside sim/cluster: levels and domains from the labels of nodes.
 */
#ifndef CLUSTER_TOPOLOGY_H
#define CLUSTER_TOPOLOGY_H

#include "sim/cluster/cluster.h"

/* Finds the domains of every level, with their sums. To be called once, all nodes being there. */
void topology_build(struct cluster *cluster);
void topology_release(struct cluster *cluster);

/* The sums of every domain are those of its nodes. O(levels x nodes). */
void topology_check(const struct cluster *cluster);

#endif
