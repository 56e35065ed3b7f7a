/*
 * queue_file.h - the queue tree of a cluster file.
 *
 *     "queues": [{"name", "parent", "priority",
 *                 "gpu": {"quota", "limit", "weight"}, "cpu": {...}, "memory": {...}}]
 *
 * In GPUs, CPUs and MiB; -1 means unlimited. What is not told: quota 0, limit -1, weight 1 of GPUs,
 * quota -1, limit -1, weight 1 of CPU and memory, priority 100, no parent.
 */
#ifndef CLUSTER_QUEUE_FILE_H
#define CLUSTER_QUEUE_FILE_H

#include <jansson.h>

#include "sim/cluster/cluster.h"

/* Reads "queues" of the object, if it is there, into out->queues. Refused: two queues of one name,
 * a parent that does not exist, a cycle, amounts below 0 other than -1. */
bool queues_from_json(const json_t *top, struct cluster *out, struct err *err);

/* The same as JSON; the caller owns it. */
json_t *queues_json(const struct cluster *cluster);

#endif
