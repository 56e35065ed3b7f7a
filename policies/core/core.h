/*
 * core.h - the placement core: cluster state in, scheduling decisions out.
 *
 * A faithful reimplementation of the decisions of the KAI scheduler core v0.17. One `struct core`
 * holds a cluster and its jobs. Build it once (core_add_*), then for every cycle: core_open, one
 * core_run per action, read the results, core_close. Between cycles tell it what changed
 * (core_set_task, core_add_*, core_remove_*); a core that is told changes decides exactly as one
 * that is built anew from the same facts, because a cycle leaves nothing behind but its events.
 *
 * No clock, no files, no globals: `now` is an argument. Indices are given in the order of adding
 * and stay valid until the thing is removed; decisions never depend on them, only on names.
 * A fact that makes no sense is refused with an error that names it.
 */
#ifndef CORE_CORE_H
#define CORE_CORE_H

#include "policies/core/spec.h"
#include "sim/base/err.h"
#include "sim/base/text.h"

struct core;

enum core_action {
    CORE_ALLOCATE,
    CORE_CONSOLIDATE,
    CORE_RECLAIM,
    CORE_PREEMPT,
    CORE_EVICT_STALE,
    CORE_ACTION_COUNT
};

struct core_settings {
    /* Names of plugins in configuration order; NULL: the built-in order without "numa". */
    struct core_texts plugins;
    int64_t
        max_preemptees; /* moved jobs a consolidation may use; -1 unlimited, 0 switches it off */
    int64_t staleness_grace_ns;    /* negative: stale gangs stay */
    bool use_signatures;           /* skip jobs that are no easier than one that failed */
    bool no_consolidating_reclaim; /* reclaim counts moved victims as well */
    bool restrict_nodes;           /* tasks only on nodes marked as workers of their kind */
    bool binds_fail;               /* every bind is refused by the binder */
    /* Without a node of more than 100 MiB of GPU memory, convert memory to GPUs by 100 (the
     * records do) instead of not at all. */
    bool default_gpu_memory_is_100;
    int64_t depth[CORE_ACTION_COUNT]; /* jobs tried per leaf queue; 0 is unlimited */
};

struct core *core_new(const struct core_settings *settings);
void core_free(struct core *core);

/* Sets an argument of a plugin as its users write it: ("proportion", "kValue", "0.5"). What the
 * original ignores is ignored here. Durations are Go texts ("5m"). */
void core_set_argument(struct core *core, const char *plugin, const char *key, const char *value);

/* -- The snapshot -- */
bool core_add_node(struct core *core, const struct core_node_spec *spec, uint32_t *node,
                   struct err *err);
bool core_add_queue(struct core *core, const struct core_queue_spec *spec, uint32_t *queue,
                    struct err *err);
bool core_add_topology(struct core *core, const struct core_topology_spec *spec, struct err *err);
bool core_add_job(struct core *core, const struct core_job_spec *spec, uint32_t *job,
                  struct err *err);
/* A task that names an unknown pod set of its job is legal: it is left out (*task = CORE_NONE). */
bool core_add_task(struct core *core, const struct core_task_spec *spec, uint32_t *task,
                   struct err *err);
/* Claims come before the tasks that name them; a name that is unknown then stays unknown. */
bool core_add_claim(struct core *core, const struct core_claim_spec *spec, uint32_t *claim,
                    struct err *err);

/* -- What changed between cycles -- */
/* `node` may be NULL. `groups` are copied. Events and state of a cycle are applied by the caller:
 * the core forgets them at core_close. */
bool core_set_task(struct core *core, uint32_t task, enum core_status status, const char *node,
                   struct core_texts groups, struct err *err);
bool core_remove_task(struct core *core, uint32_t task, struct err *err);
bool core_remove_job(struct core *core, uint32_t job, struct err *err); /* its tasks go as well */
bool core_set_claim(struct core *core, uint32_t claim, const struct core_claim_state *state,
                    struct err *err);
bool core_set_node_ready(struct core *core, uint32_t node, bool ready, struct err *err);
bool core_set_queue_usage(struct core *core, uint32_t queue, const double usage[3],
                          struct err *err);
struct core_job_times {
    int64_t last_start_ns, last_eviction_ns, stale_since_ns;
};
bool core_set_job_times(struct core *core, uint32_t job, const struct core_job_times *times,
                        struct err *err);

/* -- A cycle -- */
/* Checks the snapshot as a whole (cyclic parents, ...), loads tasks onto nodes, divides shares. */
bool core_open(struct core *core, int64_t now_ns, struct err *err);
void core_run(struct core *core, enum core_action action);
void core_close(struct core *core);

/* -- Results, valid from core_open to core_close -- */
enum core_event_kind { CORE_BIND, CORE_EVICT, CORE_PIPELINE };
struct core_event {
    uint32_t batch; /* events of one commit share it; from 1 in each cycle */
    enum core_action action;
    enum core_event_kind kind;
    uint32_t task;
    uint32_t node;          /* of an eviction: where the task was, or CORE_NONE */
    const uint32_t *groups; /* GPU groups of a shared task: core_group_name */
    uint32_t group_count;
    uint32_t preemptor; /* of an eviction or a move for someone: that job, else CORE_NONE */
    bool failed;        /* the binder refused */
};
/* In the order they were decided. */
size_t core_event_count(const struct core *core);
struct core_event core_event_get(const struct core *core, size_t i);

struct core_task_view {
    enum core_status status;
    bool is_virtual;
    uint32_t node;         /* CORE_NONE: none, or one outside the snapshot: see node_name */
    const char *node_name; /* NULL: none */
    const uint32_t *groups;
    uint32_t group_count;
};
struct core_task_view core_task_get(const struct core *core, uint32_t task);

struct core_job_view {
    int64_t last_start_ns, last_eviction_ns, stale_since_ns;
    bool stale;
};
struct core_job_view core_job_get(const struct core *core, uint32_t job);

/* Components of a vector: 0 "cpu", 1 "memory", 2 "gpu", 3 "pods", then the others. */
size_t core_component_count(const struct core *core);
const char *core_component_name(const struct core *core, size_t component);
struct core_node_view {
    const double *allocatable, *idle, *used, *releasing;
};
struct core_node_view core_node_get(const struct core *core, uint32_t node);
/* Zone `zone` of a node, by its place in zone order: NULL past the last. `component` as above. */
size_t core_node_zone_count(const struct core *core, uint32_t node);
double core_node_zone_available(const struct core *core, uint32_t node, size_t zone,
                                size_t component);
double core_task_zone_amount(const struct core *core, uint32_t task, size_t zone, size_t component);

struct core_queue_view {
    double deserved[3], limit[3], weight[3];
    double fair_share[3], allocated[3], allocated_np[3], requested[3], usage[3];
    bool dropped; /* orphaned: not part of the session */
};
struct core_queue_view core_queue_get(const struct core *core, uint32_t queue);
/* The cluster total that was divided. */
void core_total_get(const struct core *core, double total[3]);

/* DRA claims after the actions: devices as "pool/name", holders as task names, with commas between
 * them. */
void core_claim_describe(const struct core *core, uint32_t claim, struct text *devices,
                         struct text *holders);

/* Why a job, or a task (CORE_NONE: the job itself), is left pending; empty when nothing is known.
 */
void core_explain(const struct core *core, uint32_t job, uint32_t task, struct text *out);
/* Every step of the cycle as a line of text, from core_open on; NULL switches it off. */
void core_set_log(struct core *core, void (*line)(void *arg, const char *text), void *arg);

/* Frees a text that core_explain, core_claim_describe or core_group_name filled. */
void core_text_free(struct text *text);

/* -- Names; "" for CORE_NONE as a node -- */
const char *core_node_name(const struct core *core, uint32_t node);
const char *core_queue_name(const struct core *core, uint32_t queue);
const char *core_job_name(const struct core *core, uint32_t job);
const char *core_task_name(const struct core *core, uint32_t task);
uint32_t core_task_job(const struct core *core, uint32_t task);
/* Appends the id of a GPU group; groups made by the core are "fresh-<number>". */
void core_group_name(const struct core *core, uint32_t group, struct text *out);
bool core_group_is_fresh(uint32_t group);
/* CORE_NONE: nothing of this name was added, or it was removed. */
uint32_t core_find_node(const struct core *core, const char *name);
uint32_t core_find_queue(const struct core *core, const char *name);
uint32_t core_find_job(const struct core *core, const char *name);
uint32_t core_find_task(const struct core *core, const char *name);

#endif
