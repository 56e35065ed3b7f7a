/*
 * index.h - inside sim/cluster: how a node that fits is found without looking at every node.
 *
 * Nodes are put into *classes* of equal GPUs: same model, same memory, all divisible or none, all
 * offered as MIG instances or none. A search passes over the classes that cannot serve its request.
 * Within a class a node has a *rank*: its place among the nodes of the class, in ascending number.
 * Each class keeps
 *
 *   - trees of maxima over its ranks: idle GPUs (count_tree.h), the largest free part of a GPU in
 *     use, free CPU, free memory. A subtree whose maximum is too small is passed over whole; what
 *     is left is tested exactly. CPU and memory have a tree only when something in the class bounds
 *     them. As long as no GPU is shared, only the first of these trees ever changes.
 *   - buckets: for each number of idle GPUs the set of ranks that have so many, the *even* ones (no
 *     free milli besides the idle GPUs, so all of them are equally full) apart from the *uneven*
 *     ones (which have to be compared one by one).
 *
 * A node counts as having at most INDEX_MOST_IDLE idle GPUs here; those of larger divisible nodes
 * share the last bucket, as uneven ones.
 */
#ifndef CLUSTER_INDEX_H
#define CLUSTER_INDEX_H

#include "sim/cluster/cluster.h"
#include "sim/cluster/count_tree.h"

enum { INDEX_MOST_IDLE = 64 };

struct node_class {
    /* What its nodes have in common. */
    uint32_t model;
    bool divisible;
    bool mig;
    int64_t gpu_memory_mib;

    uint32_t count;
    uint32_t *nodes; /* by rank, ascending */
    struct count_tree idle;
    /* Trees: item 1 is the root, the children of i are 2i and 2i + 1, rank r is leaf_count + r. */
    uint32_t leaf_count;       /* of each tree: a power of two */
    int64_t *milli;            /* of a GPU in use; on divisible nodes, of all GPUs together */
    int64_t *cpu;              /* NULL when every node is UNLIMITED */
    int64_t *memory;           /* likewise */
    uint32_t most_idle;        /* number of the last bucket */
    struct bitset *buckets[2]; /* even ones, uneven ones; by idle GPUs, 0 .. most_idle */
};

struct index_place {
    uint32_t in_class;
    uint32_t rank;
    uint32_t idle;   /* bucket it is in */
    uint32_t uneven; /* 0 or 1 */
};

struct node_index {
    VEC(struct node_class) classes;
    struct index_place *places; /* by node */
};

struct node_index *index_new(const struct cluster *cluster);
void index_free(struct node_index *index);

/* To be called after any change of a node. O(log nodes), and O(GPUs of the node) when some of them
 * are shared. */
void index_update(struct node_index *index, const struct cluster *cluster, uint32_t node);

/* The index says what the nodes say. O(nodes and GPUs). */
void index_check(const struct node_index *index, const struct cluster *cluster);

#endif
