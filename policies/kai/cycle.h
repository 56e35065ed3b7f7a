/*
 * cycle.h - one scheduling cycle: the core decides, the engine does it.
 *
 * Binds are applied first, job by job, then evictions: a cycle binds only to what was idle before
 * it, so neither needs the other. Tasks that the core pipelined wait in the cluster and win their
 * place in a later cycle, when what was evicted for them is gone.
 */
#ifndef KAI_CYCLE_H
#define KAI_CYCLE_H

#include "policies/kai/usage.h"
#include "policies/kai/world.h"
#include "sim/base/heap.h"

/* An event of the core, in the terms of the world. */
struct kai_event {
    enum core_action action;
    enum core_event_kind kind;
    uint32_t task;
    uint32_t node;
    uint32_t for_job; /* SCHED_NO_JOB: none */
    uint32_t first_group, group_count;
};

/* A GPU group of an event: a GPU of the node, or one that the core took afresh. */
struct kai_group {
    bool fresh;
    uint32_t number; /* of a fresh one the core's, else the GPU */
};

struct kai_fresh { /* what a fresh group became */
    uint32_t number;
    uint32_t node;
    uint32_t gpu;
};

struct kai_share { /* what a queue of the world is entitled to and has, when it changed */
    uint32_t queue;
    struct queue_standing standing;
};

struct kai_cycle {
    const struct kai_settings *settings;
    struct kai_world world;
    struct kai_usage usage;
    struct heap releasing; /* jobs whose grace period runs, by its end */
    VEC(struct kai_event) events;
    VEC(struct kai_group) groups;
    VEC(struct kai_share) shares;
    VEC(struct kai_fresh) fresh;
    VEC(int64_t) memory; /* scratch */
    VEC(uint32_t) jobs;  /* with binds, or with evictions, in order of their first */
    VEC(struct sched_spot) spots;
    VEC(uint32_t) spot_tasks;
    struct queue_standing *told; /* by queue of the world */
    uint64_t told_fetches;
    uint64_t refused; /* binds for which the engine had no room */
};

bool kai_cycle_init(struct kai_cycle *cycle, const struct kai_settings *settings,
                    struct sched_ctx *ctx, struct err *err);
void kai_cycle_release(struct kai_cycle *cycle);

/* True: something changed, so the next cycle may decide more. */
bool kai_cycle_run(struct kai_cycle *cycle, struct sched_ctx *ctx);

/* Ends the grace periods that are over; true: there were some. */
bool kai_cycle_end_grace(struct kai_cycle *cycle, struct sched_ctx *ctx);

void kai_cycle_submit(struct kai_cycle *cycle, struct sched_ctx *ctx, uint32_t job);
/* A running job lost what it held: all its tasks wait again. */
void kai_cycle_interrupt(struct kai_cycle *cycle, struct sched_ctx *ctx, uint32_t job);
void kai_cycle_finish(struct kai_cycle *cycle, struct sched_ctx *ctx, uint32_t job);

/* When minimum runtimes or usage next change what may be decided, after now; PARAM_NEVER_US. */
int64_t kai_cycle_next_rule_us(const struct kai_cycle *cycle, int64_t now_us);

#endif
