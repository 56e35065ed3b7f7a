/*
 * parts.h - what placement rules share when they split a job of free shape over nodes.
 *
 * The common way: as long as one node has room for everything that is left, all of it goes to one
 * node, the one the rule picks; otherwise the rule picks among all nodes with any room, and the
 * part is whatever that node has.
 */
#ifndef LIB_PARTS_H
#define LIB_PARTS_H

#include "sim/cluster/cluster.h"

/* The request for `count` of the GPUs of a free-shape request, with its share of CPU and memory,
 * rounded up: a node on which it fits can be given that part, whichever GPUs of the job it is. */
struct request part_request(const struct request *request, uint32_t count);

/* How many of the `left` GPUs the node can give: what it has room for, at most all. */
uint32_t part_of_node(const struct cluster *cluster, uint32_t node, const struct request *request,
                      uint32_t left);

typedef uint32_t (*part_pick)(void *state, const struct cluster *cluster,
                              const struct request *request, struct node_filter filter);

/* A node and how many of its GPUs. */
struct part {
    uint32_t node;
    uint32_t count;
};

/* The next part in the common way, `left` GPUs being left to place; count 0 when there is none. */
struct part part_next(part_pick pick, void *state, const struct cluster *cluster,
                      const struct request *request, struct node_filter filter, uint32_t left);

#endif
