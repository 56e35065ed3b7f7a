/*
 * queue_spec.h - what the cluster file says of a queue: its place in the tree and its entitlements.
 */
#ifndef CLUSTER_QUEUE_SPEC_H
#define CLUSTER_QUEUE_SPEC_H

#include <stdint.h>

#define QUEUE_NO_PARENT UINT32_MAX

/* In GPUs, CPUs or MiB, as in the file; -1 means unlimited. */
struct queue_share {
    double quota;
    double limit;
    double weight;
};

struct queue_spec {
    const char *name;
    uint32_t parent; /* index among the queues of the cluster, or QUEUE_NO_PARENT */
    int64_t priority;
    struct queue_share gpu;
    struct queue_share cpu;
    struct queue_share memory;
};

#endif
