/*
 * world.h - small worlds for the tests of the engine: a workload in a line, a policy that follows a
 * script, and everything that happened as text.
 */
#ifndef TESTS_ENGINE_WORLD_H
#define TESTS_ENGINE_WORLD_H

#include "sim/base/text.h"
#include "sim/engine/engine.h"

#define SECOND_US INT64_C(1000000)

struct world {
    struct workload workload;
    struct cluster cluster;
    struct engine_settings settings;
    const struct sched_ops *policy;
    struct text log; /* "12 start b 0:8\n": time, what, job, node:GPUs ... */
    struct engine_result result;
    struct err err;
};

/* `jobs` is native CSV without its header line: job_id,submit_s,duration_s,gpus,tasks,min_tasks. */
void world_init(struct world *world, const char *cluster, const char *jobs);
/* The same with a cluster from JSON. */
void world_init_json(struct world *world, const char *cluster, const char *jobs);
void world_release(struct world *world);

/* Runs to the end; true when the engine accepted. May be called once. */
bool world_run(struct world *world);

/* A policy that starts every pending job it can, in index order, skipping what does not fit. */
extern const struct sched_ops greedy_policy;

#endif
