/*
 * state.h - what a core holds. Private to this folder.
 *
 * Facts are what the caller said (task.status, task.node ...). A session is derived from them at
 * core_open and thrown away at core_close: ledgers of nodes, counters of jobs, records of tasks.
 * Strings live in tables of names; lists that decide anything are kept in ascending name.
 */
#ifndef CORE_STATE_H
#define CORE_STATE_H

#include "policies/core/probe.h"
#include "sim/base/arena.h"
#include "sim/base/check.h"
#include "sim/base/names.h"
#include "sim/base/vec.h"

enum { CORE_PODS = 3, CORE_FIRST_OTHER = 4, CORE_LEVELS_MAX = 16 };

/* Ids of GPU groups made by the core: this bit and a counter. Given names are below. */
#define CORE_FRESH_BIT 0x80000000u

enum core_plugin {
    CORE_PLUGIN_PREDICATES,
    CORE_PLUGIN_PROPORTION,
    CORE_PLUGIN_PRIORITY,
    CORE_PLUGIN_ELASTIC,
    CORE_PLUGIN_KUBEFLOW,
    CORE_PLUGIN_RAY,
    CORE_PLUGIN_AVAILABILITY,
    CORE_PLUGIN_SHARING,
    CORE_PLUGIN_PACK,
    CORE_PLUGIN_SPREAD,
    CORE_PLUGIN_RESOURCE_TYPE,
    CORE_PLUGIN_SUBGROUP_ORDER,
    CORE_PLUGIN_TASK_ORDER,
    CORE_PLUGIN_NOMINATED,
    CORE_PLUGIN_DRA,
    CORE_PLUGIN_PLACEMENT,
    CORE_PLUGIN_MIN_RUNTIME,
    CORE_PLUGIN_TOPOLOGY,
    CORE_PLUGIN_NODE_LOCAL,
    CORE_PLUGIN_MULTI_NODE,
    CORE_PLUGIN_NUMA,
    CORE_PLUGIN_COUNT
};

/* A run of ids in core.group_pool; never changed once written, so it is copied by value. */
struct core_groups {
    uint32_t start, count;
};

struct core_amount_at {
    uint32_t component;
    double amount;
};
struct core_taint_at {
    uint32_t key, value, effect;
};
struct core_toleration_at {
    uint32_t key, value, effect; /* key, effect: CORE_NONE matches all */
    bool exists;
};

struct core_mig {
    uint32_t component;
    int64_t quantity, gpus, memory_gb;
};

/* What tasks with equal requests and constraints share. */
struct core_class {
    double *vector; /* by component */
    double cpu_milli, memory_bytes, pods, gpus;
    VEC(struct core_mig) migs;
    struct core_amount_at *others; /* MIG and extended resources */
    size_t other_count;
    int64_t count, memory_mib, dra;
    double portion;
    double need_gpus, quota_gpus; /* 1.2 */
    double quantity[3];           /* of the vector */
    double max_capacity[3]; /* 5.1, as a chunk counts it; depends on the session's GPU memory */
    enum core_gpu_kind kind;
    bool shared, needs_gpu, legacy_mig, reservation, guaranteed;
    bool exact; /* sums of these amounts do not round, in any order */
    uint32_t signature;
    struct core_constraints *constraints; /* NULL: none */
    struct core_node_index *index;        /* nodes with room for it; NULL: not asked for so far */
};

struct core_expression {
    uint32_t key;
    uint32_t *values; /* in the table of labels */
    size_t value_count;
    bool negate;
};
struct core_affinity_term {
    bool anti;
    uint32_t key;
    struct core_pair *labels;
    size_t label_count;
};
struct core_pair {
    uint32_t key, value;
};
struct core_constraints {
    struct core_expression *expressions;
    size_t expression_count;
    struct core_affinity_term *pod_terms;
    size_t pod_term_count;
    struct core_pair *labels; /* all of the task's, for other tasks' terms */
    size_t label_count;
    struct core_toleration_at *tolerations;
    size_t toleration_count;
    int *host_ports;
    size_t host_port_count;
    bool missing_volume;
    uint32_t namespace_name;
};

/* A task's state in the session. Usually one per task; a second one (a shadow) exists where a
 * decision can tell copies apart (6.2 ALLOCATE entries, 8.6 double evictions). */
struct core_record {
    uint32_t task;
    uint32_t node;
    struct core_groups groups;
    double accepted_gpu; /* accepted gpus() + DRA devices */
    double accepted_portion;
    int64_t accepted_count, accepted_mib;
    double *zones;               /* NUMA: zone count x width amounts, or NULL */
    enum core_gpu_kind received; /* CORE_GPU_UNTYPED: not placed so far */
    uint8_t status;
    bool is_virtual;
};

/* What a task holds on a zone of its node. */
struct core_placed_zone {
    const char *id;
    struct core_amount_at *amounts;
    size_t count;
};

struct core_task {
    const char *name;
    uint32_t job, member; /* member: its pod set in job.members */
    uint32_t class_idx;
    uint32_t position; /* in job.order */
    int64_t created_ns;
    int64_t priority; /* label of the task order */
    /* Facts. */
    uint32_t node;
    struct core_groups groups;
    struct core_placed_zone *placed; /* observed NUMA placement */
    size_t placed_count;
    uint32_t *claims;      /* CORE_NONE: there is no such claim */
    uint32_t *claim_texts; /* their names */
    uint32_t claim_count, nominated;
    uint32_t holder_name; /* its name as a text, when it has claims */
    uint8_t status;
    bool is_virtual, removed, utility, foreign;
    bool master, head, prioritised, priority_parses;
    /* Session. */
    struct core_record *record; /* the registered one */
    uint32_t first_copy;        /* its copies on nodes */
    uint32_t first_evict;       /* index + 1 of its first EVICT entry in the statement */
    uint16_t index_mask;        /* statuses it is indexed under */
    bool listed, covered;       /* scratch of the solver */
    uint32_t group;             /* scratch of the solver: 1 + a group that holds it */
};

struct core_member_facts {
    const char *name;
    uint32_t parent;
    bool is_pod_set;
    int64_t min;                            /* of a set: -1 for all members */
    uint32_t topology, required, preferred; /* level indices of the topology; CORE_NONE */
    uint32_t topology_name, required_name, preferred_name; /* for the signature */
    uint32_t first_child, child_count;                     /* in job.children, ascending name */
    uint32_t first_task, task_count;                       /* of a pod set: in job.order */
};

/* The counters of one pod set or set in one view of a job. */
struct core_count {
    int64_t min;
    int32_t allocated, used, alive, gated, pipelined, total;
};

/* A job as somebody sees it: the session, a partial job, a victim clone. What searches compare for
 * thousands of jobs comes first, together: one line of the cache. */
struct core_view {
    struct core_job *job;
    /* What the order of jobs looks at, copied from the job. */
    int64_t created_ns;
    int priority;
    uint32_t rank;
    uint8_t elastic; /* 1 + the elastic state; 0: to be found again */
    bool frozen;     /* a partial job: counters and chunk never change */
    bool chunk_known, request_known;
    int32_t active_sets; /* pod sets with an active task */
    double request_quantity[3];
    struct core_count *counts; /* by member */
    double *allocated;         /* sum of requests in allocated statuses */
    uint64_t *holds;           /* by position in job.order: a clone's tasks; NULL: all */
    int64_t active_allocated;
    VEC(uint32_t) chunk; /* tasks */
    double *request;
    size_t request_width;
};

struct core_job {
    /* Session; what searches look at, like in a view. */
    struct core_view view;
    struct core_job_view times;
    uint32_t index, queue;
    uint32_t rank; /* place in ascending name */
    int priority;
    bool preemptible, removed, queue_known;
    bool touched, dirty, listed;             /* listed: scratch of the solver */
    bool enrolled_running, enrolled_waiting; /* in core.running, core.waiting */
    bool is_victim; /* scratch of the solver: it has tasks in the scenario being tried */
    int32_t status_count[CORE_STATUS_COUNT];
    double sum_request[3], sum_allocated[3]; /* what it adds to its queues */
    bool inexact;                            /* those sums round */
    bool sum_np;                             /* they count as not preemptible */
    size_t vector_width;
    uint32_t signature;
    uint32_t error_first; /* chain of reasons in core.reasons, + 1 */
    /* Facts. */
    const char *name;
    uint32_t namespace_name, queue_name;
    int64_t created_ns, delay_ns, grace_ns;
    struct core_job_view facts; /* times the caller knows */
    struct core_member_facts *members;
    uint32_t member_count;
    uint32_t *children;
    uint32_t *pod_sets; /* members that are pod sets, ascending name */
    uint32_t pod_set_count;
    VEC(uint32_t) tasks; /* ascending name */
    VEC(uint32_t) order; /* by pod set, then task order */
    bool unsorted;
};

struct core_share {
    double deserved[3], limit[3], weight[3], fair[3], allocated[3], np[3], request[3], usage[3];
};

struct core_queue {
    const char *name;
    uint32_t index, rank;
    uint32_t parent_name, parent; /* index or CORE_NONE */
    int priority;
    int64_t created_ns, preempt_min_ns, reclaim_min_ns;
    struct core_share share;
    double usage[3];
    double base_request[3], base_allocated[3], base_np[3]; /* sums of jobs at opening */
    uint32_t first_child, child_count;                     /* in core.queue_children */
    uint32_t depth;                                        /* 0: top level */
    bool dropped;
    /* Session caches: shares that do not change while it is open. */
    double allocatable[3];
};

/* One shared GPU of a node (1.9). */
struct core_gpu {
    uint32_t group;
    int64_t used, allocated, releasing;
    bool has_allocated, has_releasing, marked;
};

/* A node's private copy of a task. */
struct core_copy {
    uint32_t task, node;
    uint32_t next_of_task;               /* index + 1 */
    uint32_t prev_on_node, next_on_node; /* index + 1 */
    struct core_groups groups;
    double gpu; /* the GPU component charged */
    int64_t mib;
    uint8_t status;
    bool shared;
};

enum core_mig_strategy { CORE_MIG_NONE, CORE_MIG_SINGLE, CORE_MIG_MIXED };

struct core_zone {
    const char *id;
    struct core_amount_at *given; /* allocatable amounts */
    size_t given_count;
    double *allocatable, *available; /* session, by component */
};

struct core_node {
    const char *name;
    uint32_t index, rank;
    bool exists, ready, synced, mig_enabled, cpu_only, has_dra;
    enum core_mig_strategy mig_strategy;
    int64_t gpu_memory_mib;
    int64_t gpu_count;
    struct core_amount_at *amounts; /* allocatable as given */
    size_t amount_count;
    double dra_gpus;
    struct core_pair *labels; /* ascending key */
    size_t label_count;
    struct core_taint_at *taints;
    size_t taint_count;
    enum core_numa_policy numa_policy;
    struct core_zone *zones;
    size_t zone_count;
    VEC(uint32_t) residents; /* tasks whose facts place them here, unordered */
    /* Session. */
    double *allocatable, *idle, *used, *releasing;
    VEC(struct core_gpu) gpus; /* in order of first use */
    VEC(uint32_t) by_group;    /* indices in gpus, ascending group name */
    int64_t gpus_in_use;       /* shared ones with used > 0 */
    uint32_t first_copy;       /* index + 1 */
    uint32_t legacy_mig_count;
    uint64_t version; /* changes with every accounting step */
    uint64_t sums_version;
    uint64_t logged; /* where the log of changes names it last */
    double idle_gpus, idle_mib, releasing_gpus, releasing_mib, shared_fractions;
    size_t vector_width;
    int32_t *claim_users; /* DRA: tasks here by claim, the first claim_user_count */
    uint32_t claim_user_count;
    int32_t *device_users; /* DRA: claims by device of its slices; NULL: no slices, or no claims */
    uint32_t device_count;
    bool touched, dirty, listed; /* listed: scratch of the solver */
    bool unsorted;               /* residents are not in the order of names */
};

#endif
