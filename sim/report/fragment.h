/*
 * fragment.h - how much of what is free no task of a typical workload could use (fragmentation as
 * defined by FGD, Weng et al., USENIX ATC 2023).
 *
 * The typical workload is declared from the trace itself: its most frequent kinds of tasks, until
 * they make up a wanted share of all tasks; each kind weighs as many as there are. The amount that
 * a kind cannot use on a node is
 *
 *     all free GPUs of the node   when the kind asks for no GPU, or has no room there (GPUs, CPU,
 *                                 memory, model), and otherwise
 *     the sum over its GPUs of what is free, where that is less than the kind asks of one GPU.
 *
 * The node's fragmentation is the mean over the kinds, the cluster's the sum over the nodes. What
 * no kind with GPUs could use is *stranded*. Nodes are looked at again when they changed: an
 * instant costs (nodes changed) x (kinds), whatever the size of the cluster.
 */
#ifndef REPORT_FRAGMENT_H
#define REPORT_FRAGMENT_H

#include "sim/base/bitset.h"
#include "sim/cluster/cluster.h"
#include "sim/log.h"
#include "sim/report/numbers.h"
#include "sim/report/wide.h"
#include "sim/workload/workload.h"

/* A kind of tasks. */
struct fragment_kind {
    struct request request;
    uint32_t first; /* place among the kinds of the trace: ties are in this order */
    int64_t tasks;
};

struct fragment_held { /* a grant of a job, and the next one */
    struct grant grant;
    uint32_t next; /* 1 + place in `held`; 0: none */
};

struct fragment {
    struct cluster cluster; /* a copy, with what jobs hold now */
    VEC(struct fragment_kind) kinds;
    int64_t tasks;     /* of these kinds */
    int64_t all_tasks; /* of the trace */
    VEC(struct fragment_held) held;
    uint32_t unused;  /* 1 + the first unused place in `held`; 0: none */
    uint32_t *of_job; /* 1 + the first place in `held`; 0: it holds nothing */
    VEC(uint32_t) changed;
    struct bitset is_changed; /* the same nodes */
    wide *of_node;            /* milli-GPUs times tasks */
    int64_t *stranded_of_node;
    wide sum; /* of `of_node` */
    int64_t stranded_milli;
    /* Over time, from the warm-up on: milli-GPUs times microseconds. */
    double fragmented_us;
    double stranded_us;
    double free_us;
    double time_us;
};

/* With the kinds that make up `share` (0 to 1) of the trace's tasks; at least one. The cluster is
 * idle; only the workload has to outlive the fragment. */
void fragment_init(struct fragment *fragment, const struct workload *workload,
                   const struct cluster *cluster, double share);
void fragment_release(struct fragment *fragment);

/* Takes the next record. */
void fragment_add(struct fragment *fragment, const struct log_record *record);

/* Milli-GPUs after the records so far; each call looks at the nodes that changed since the last. */
double fragment_milli(struct fragment *fragment);
int64_t fragment_stranded_milli(struct fragment *fragment);

/* The state after the records so far held for so long. */
void fragment_add_time(struct fragment *fragment, int64_t length_us);

/* The means over the time added so far. */
struct report_fragmentation fragment_numbers(const struct fragment *fragment);

/* The same as fragment_milli from nothing but the cluster: a check. O(nodes x kinds). */
double fragment_recompute_milli(const struct fragment *fragment);

#endif
