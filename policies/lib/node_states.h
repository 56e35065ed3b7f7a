/*
 * node_states.h - nodes that are in the same state share one: what a placement rule works out about
 * a node is worked out once for all of them, and again only when a node comes into a new state.
 *
 * A state is all that a request could tell two nodes apart by: model, capacities, what is free, and
 * of every GPU what is free on it, in any order of the GPUs. The scores of the requests that came
 * last are kept by state, so that a choice costs a look at each state there is, and a score for
 * each state that is new to the request. Which nodes changed is read off the cluster.
 */
#ifndef LIB_NODE_STATES_H
#define LIB_NODE_STATES_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/vec.h"
#include "sim/cluster/cluster.h"

#define SCORE_NO_ROOM INT64_MIN /* the request does not fit */

/* One GPU of a state; of GPUs that are alike in everything the order does not matter. */
struct node_gpu {
    int32_t free_milli;
    uint16_t tasks; /* only whether it has any: 0 or 1 */
    uint8_t group;
    uint8_t mig_compute;
    uint8_t mig_slices;
    int64_t free_memory_mib;
};

/* What the nodes of a state have in common. */
struct node_look {
    const struct pool *pool; /* of one of them; model, GPUs, capacities are those of all */
    uint32_t kind;           /* a number for these */
    uint32_t gpu_count;      /* 0 when divisible */
    int64_t free_gpu_milli;
    int64_t free_cpu_milli;
    int64_t free_memory_mib;
    bool is_closed;                       /* nothing fits */
    struct node_gpu gpus[NODE_MOST_GPUS]; /* rising by free_milli */
};

/* The most that a node of the cluster has; 0 when no node has any, or nothing bounds it. */
struct node_most {
    int64_t cpu_milli;
    int64_t gpu_milli;
};

struct node_most node_most_of(const struct cluster *cluster);

/* How good it is to place the request, which fits, on a node that looks like this: more is better,
 * and of equally good nodes the first is taken. Never SCORE_NO_ROOM. */
typedef int64_t (*node_score)(void *rule, const struct node_look *look,
                              const struct request *request);

struct node_states;

/* For the nodes of an idle cluster, which has to outlive it. */
struct node_states *node_states_new(const struct cluster *cluster, node_score score, void *rule);
void node_states_free(struct node_states *states);

/* The best node that passes the filter and on which the request fits, or NODE_NONE. The cluster is
 * the one it was made for, or a copy of it, of which nothing is remembered: O(nodes) then. */
uint32_t node_states_best(struct node_states *states, const struct cluster *cluster,
                          const struct request *request, struct node_filter filter);

/* To be called when `score` would answer otherwise than before. */
void node_states_forget(struct node_states *states);

/* What a node looks like; the number of its kind is not filled in. */
void node_look_at(struct node_look *look, const struct cluster *cluster, uint32_t node);

#endif
