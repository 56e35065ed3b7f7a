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

/* What a queue is entitled to, asks for and has at one moment, in GPUs, as a policy with fair
 * shares sees it. */
struct queue_standing {
    const char *name;
    double deserved; /* its quota; -1: unlimited */
    double fair_share;
    double allocated;
    double requested;
    double usage; /* share of the cluster's capacity in the past; 0 without history */
};

#endif
