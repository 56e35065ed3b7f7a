/*
 * typical.h - the typical tasks of a workload, and how much of what is free on a node they could
 * not use: fragmentation as FGD defines it (Weng et al., USENIX ATC 2023, section 3).
 *
 * Tasks are of one kind when they ask for the same CPU, the same of each GPU, as many GPUs and the
 * same models; memory of the node does not matter. The most frequent kinds that make up a wanted
 * part of all tasks seen are typical, each with its frequency. A kind cannot use
 *
 *     all free GPUs of a node   if it asks for no GPU, or if GPUs, CPU or model do not suffice, and
 *     else of every GPU         what is free, if that is less than it asks of one.
 *
 * The loss of a node is the mean of that over the typical kinds.
 */
#ifndef LIB_TYPICAL_H
#define LIB_TYPICAL_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/lookup.h"
#include "sim/base/vec.h"
#include "sim/cluster/cluster.h"

struct typical_kind {
    int64_t cpu_milli;
    int64_t gpu_memory_mib; /* of a GPU, asked for by memory; else 0 */
    uint64_t models;
    uint32_t gpu_milli; /* of a GPU; 0: no GPU, or by memory */
    uint32_t gpu_count;
    int64_t tasks; /* seen */
    double share;  /* of the typical ones, as the published simulator rounds it */
};

struct typical {
    VEC(struct typical_kind) seen;
    struct lookup lookup; /* into `seen` */
    uint32_t salt;
    int64_t tasks;                  /* of all that were seen */
    VEC(struct typical_kind) kinds; /* the typical ones, most frequent first */
};

void typical_release(struct typical *typical);

/* Counts tasks; those that ask for MIG instances are left out. */
void typical_see(struct typical *typical, const struct request *request, int64_t tasks);

/* From now on what was seen so far counts half (rounded down). */
void typical_halve(struct typical *typical);

/* Fills `kinds` anew: the most frequent ones, until they are at least so many per cent of all tasks
 * seen (of equally frequent kinds the one that asks for more). */
void typical_choose(struct typical *typical, int64_t percent);

/* A node as it is, or as it would be. */
struct typical_node {
    const struct pool *pool;
    int64_t free_gpu_milli;
    int64_t free_cpu_milli;
    uint32_t gpu_count;           /* 0 when divisible */
    int32_t free[NODE_MOST_GPUS]; /* of each GPU; rising */
};

/* The loss of a node in milli-GPUs, times the tasks of the typical kinds. Exact. */
int64_t typical_loss(const struct typical *typical, const struct typical_node *node);

/* The loss in milli-GPUs, with the roundings of FGD's simulator. */
double typical_loss_published(const struct typical *typical, const struct typical_node *node);

#endif
