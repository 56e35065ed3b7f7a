/*
 * cluster_file.h - a cluster from JSON (DESIGN 5.2) or from its short form "64x8".
 *
 *     {"topology": ["block", "rack"],
 *      "pools": [
 *        {"name": "a", "nodes": 16, "gpus": 8, "gpu_model": "H100", "gpu_memory_mib": 81920,
 *         "cpus": 192, "memory_mib": 2097152, "labels": {"block": "b1", "rack": "r1"},
 *         "price_per_hour": 80},
 *        {"name": "b", "gpus": 4, "gpu_memory_mib": 81920, "mig": ["3g.40gb", "1g.10gb"],
 *         "nodes": [{"name": "b-left", "labels": {"rack": "r2"}}, {"name": "b-right"}]}],
 *      "queues": [...]}
 *
 * A pool says how many nodes it has, named a-0, a-1, ... (a pool of one: like the pool), or lists
 * them with their names and what labels they have besides those of the pool. Amounts are those of
 * one node. `name`, `nodes` and `gpus` must be there; without `cpus` or `memory_mib`, or with -1,
 * nothing bounds them. `"divisible": true` makes the GPUs of a node one quantity (cluster.h); more
 * than 64 always are. `topology` names the labels that make levels, coarsest first. Nodes are
 * numbered in the order of the file. When the nodes of a pool are there (`arrives_s`, `leaves_s`,
 * `maintenance`, `spot`, `elastic`) is in pool_supply.h. queue_file.h describes the queues,
 * node_type.h pools that name a node type of the catalogue.
 */
#ifndef CLUSTER_CLUSTER_FILE_H
#define CLUSTER_CLUSTER_FILE_H

#include "sim/base/file.h"
#include "sim/cluster/cluster.h"

/* "NxG": N nodes of G GPUs without CPU or memory limits, N and G in digits. False without an error
 * (err->code is ERR_NONE) when `text` does not look like that at all. */
bool cluster_from_short_form(const char *text, struct cluster *out, struct err *err);

/* The JSON text of a cluster. Errors name the JSON path, what was found and what was expected; the
 * caller adds the file. */
bool cluster_from_json(const struct file *file, struct cluster *out, struct err *err);

/* Appends the JSON of a cluster, such that reading it gives an equal one, idle. Bytes of names that
 * are not UTF-8 become '?'. */
void cluster_add_json(struct text *text, const struct cluster *cluster);

#endif
