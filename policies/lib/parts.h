/*
 * parts.h - what placement rules share when they split a job of free shape over nodes.
 */
#ifndef LIB_PARTS_H
#define LIB_PARTS_H

#include "sim/cluster/cluster.h"

/* The request for `count` of the GPUs of a free-shape request, with its share of CPU and memory,
 * rounded up: a node on which it fits can be given that part. */
struct request part_request(const struct request *request, uint32_t count);

/* How many of the `left` GPUs the node can give: what it has room for, at most all. */
uint32_t part_of_node(const struct cluster *cluster, uint32_t node, const struct request *request,
                      uint32_t left);

#endif
