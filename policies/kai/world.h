/*
 * world.h - the engine's cluster and jobs as the placement core knows them.
 *
 * Every job becomes a podgroup and every task a pod. Names are numbers of fixed width, so that the
 * core's order of names is submit order and the names of a trace decide nothing. A job of free
 * shape becomes a gang with one task for each node it would fill on the idle cluster.
 *
 * A shared GPU is one GPU of a node: its group is named after the node and the GPU, so the core
 * never sees more names of groups than there are GPUs.
 */
#ifndef KAI_WORLD_H
#define KAI_WORLD_H

#include "policies/kai/settings.h"
#include "sim/base/bitset.h"
#include "sim/base/vec.h"
#include "sim/sched.h"

enum kai_task_state { KAI_PENDING, KAI_RUNNING, KAI_RELEASING };

struct kai_task {
    uint32_t core_task;
    uint32_t job;
    uint32_t group;     /* task group of the job */
    uint32_t part_gpus; /* of a free shape */
    uint32_t node;      /* not pending */
    uint8_t state;      /* enum kai_task_state */
    bool chosen;        /* scratch of a cycle */
    uint64_t gpus;      /* not pending: its shared GPUs, by bit; else 0 */
};

struct kai_job {
    uint32_t core_job;
    uint32_t first_task; /* in world.tasks */
    uint32_t task_count;
    uint32_t running_place; /* 1 + its place in world.running; 0: not there */
    uint32_t pending_tasks;
    bool chosen;
    int64_t last_start_ns, last_eviction_ns; /* or CORE_UNSET */
};

/* A part of a free shape, or CPU only when `gpus` is 0. */
struct kai_part {
    uint32_t gpus;
};

struct kai_world {
    const struct kai_settings *settings;
    struct core *core;
    struct kai_job *jobs; /* by job */
    VEC(struct kai_task) tasks;
    VEC(uint32_t) task_of_core; /* by the core's index */
    VEC(uint32_t) job_of_core;
    VEC(uint32_t) running; /* jobs that hold tasks, in no order */
    struct bitset live;    /* jobs: submitted and not over */
    uint32_t live_count;
    uint64_t pending_tasks;
    VEC(struct queue_spec) queues; /* of the core, parents anywhere; names are not owned */
    bool flattened;                /* the last of them is the one parent of all that count */
    uint32_t *queue_of;            /* by queue of the workload: in `queues` */
    uint64_t presence_seen;        /* changes of the cluster that the core was told of */
    uint32_t *broken_told;         /* by node: how many of its GPUs the core knows to be broken */
    VEC(struct kai_part) parts;    /* scratch of one job */
    struct text name;              /* scratch */
};

/* The cluster and its queues, and no job. False: the cluster or workload cannot be told to it. */
bool kai_world_init(struct kai_world *world, const struct kai_settings *settings,
                    struct sched_ctx *ctx, struct err *err);
void kai_world_release(struct kai_world *world);

/* Drops the core and tells a new one everything: a check that nothing depends on its past. */
void kai_world_rebuild(struct kai_world *world, const struct sched_ctx *ctx);

/* Tells the core which nodes are there, if that changed. O(nodes) then; a core in whose nodes GPUs
 * broke or were mended is made anew, because the size of a node is for good there: true then. */
bool kai_world_tell_presence(struct kai_world *world, const struct sched_ctx *ctx);

void kai_world_add_job(struct kai_world *world, const struct sched_ctx *ctx, uint32_t job);
void kai_world_remove_job(struct kai_world *world, uint32_t job);

/* A task is there from now on, or releases what it holds, or waits again. */
void kai_world_place(struct kai_world *world, uint32_t task, uint32_t node, uint64_t gpus);
void kai_world_release_task(struct kai_world *world, uint32_t task);
void kai_world_wait(struct kai_world *world, uint32_t task);
void kai_world_set_times(struct kai_world *world, uint32_t job);

/* -- queues.c -- */
/* Fills world->queues and world->queue_of. */
bool kai_queues_init(struct kai_world *world, struct sched_ctx *ctx, struct err *err);
/* Tells the core of them. */
void kai_queues_add(const struct kai_world *world);

/* -- parts.c -- */
/* Fills world->parts with the tasks of a free shape: the fullest nodes first. */
void kai_parts_find(struct kai_world *world, const struct cluster *cluster,
                    const struct sched_shape *shape);

#endif
