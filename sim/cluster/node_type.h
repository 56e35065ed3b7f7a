/*
 * node_type.h - pools of a cluster file that name a node type of the catalogue.
 *
 *     {"catalogue": {"prices": [...]},
 *      "pools": [{"name": "a", "node_type": "dgx-h100", "nodes": 4, "pool_kind": "on_premises"},
 *                {"name": "b", "node_type": "mi300x-8", "nodes": 2, "partition": "CPX"},
 *                {"name": "c", "node_type": "hgx-h200", "nodes": 1, "mig": true, "cpus": 96}]}
 *
 * The node type gives gpus, gpu_model, gpu_memory_mib, cpus and memory_mib where the pool does not
 * say them itself. `pool_kind` gives price_per_hour: what a node of that kind costs in an hour in
 * which all its GPUs are busy, by the price of the catalogue or by `price` (asked as the kind's
 * billing says). It also gives `spot`, where nodes of the kind are taken away, and what an
 * `elastic` pool does not say of start_s, least_s and most_nodes (pool_supply.h). `partition`
 * splits every GPU into equal ones, of a model "MI300X/CPX"; `"mig": true` offers all instances of
 * the GPU. The pool's labels say where it is from: "node_type" and "pool_kind", unless it has
 * labels of these names. `catalogue` is a document (catalogue.h) on top of what comes with the
 * program.
 */
#ifndef CLUSTER_NODE_TYPE_H
#define CLUSTER_NODE_TYPE_H

#include <stdbool.h>

#include <jansson.h>

#include "sim/base/err.h"

/* Does a cluster file have any key of this header? */
bool node_types_are_used(const json_t *top);

/* Rewrites the pools of a cluster file so that they say all that a cluster needs, and takes the
 * keys of this header away. Errors name the JSON path; `top` is then of no further use. */
bool node_types_expand(json_t *top, struct err *err);

#endif
