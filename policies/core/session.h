/*
 * session.h - the core itself and what its modules offer each other. Private to this folder.
 */
#ifndef CORE_SESSION_H
#define CORE_SESSION_H

#include "policies/core/blobs.h"
#include "policies/core/state.h"
#include "sim/base/bitset.h"

struct core_topology {
    uint32_t name;
    uint32_t levels[CORE_LEVELS_MAX]; /* label keys, coarsest first */
    uint32_t level_count;
    struct core_domain *domains; /* 0 is the root; parents before children */
    uint32_t domain_count;
    uint32_t *children; /* of all domains, each domain's together */
    uint32_t *nodes;    /* of all domains of the finest level, together */
    uint32_t *leaf_of;  /* by node index: its finest domain, or CORE_NONE */
};

typedef VEC(uint32_t) core_texts_vec; /* numbers of texts */

/* Holders are names of tasks, devices pairs of pool and name. */
struct core_claim {
    const char *name;
    uint32_t queue_label; /* CORE_NONE: none */
    int64_t count;
    bool gpu_class, unknown_class;
    core_texts_vec base_holders, base_devices; /* as the facts say */
    core_texts_vec holders, devices;           /* in the session */
    core_texts_vec last_devices;               /* before its last holder left in this session */
};

/* Why something was refused; chained per job. The texts are made when somebody asks. */
enum core_reason_kind {
    CORE_WHY_NO_QUEUE,
    CORE_WHY_OVER_LIMIT,
    CORE_WHY_NP_OVER_QUOTA,
    CORE_WHY_TASK_FAILED,
    CORE_WHY_LARGEST_NODE,
    CORE_WHY_VOLUME,
    CORE_WHY_TOPOLOGY,
    CORE_WHY_DOMAIN_FULL,
    CORE_WHY_DELAY,
    CORE_WHY_NODES, /* how many nodes lack something: component or rule in `what` */
};
struct core_reason {
    enum core_reason_kind kind;
    uint32_t task, what, count;
    uint32_t next; /* index + 1 */
    double numbers[3];
};

struct core_ranked {
    uint32_t node;
    double score;
};
struct core_candidate {
    uint32_t group;
    double score;
};

struct core_stored_event {
    struct core_event event;
    struct core_groups groups;
};

/* A set of nodes in ascending name: the items, or those of them that `contains` holds. */
struct core_nodes {
    const uint32_t *items;
    size_t count;
    const bool *contains; /* by number; NULL: all items */
};
static inline bool core_nodes_has(const struct core_nodes *nodes, uint32_t node)
{
    return nodes->contains == NULL || nodes->contains[node];
}

enum core_entry_kind {
    CORE_ENTRY_EVICT,
    CORE_ENTRY_ALLOCATE,
    CORE_ENTRY_PIPELINE,
    CORE_ENTRY_UNDO
};
struct core_entry {
    struct core_record *record;
    struct core_groups groups;
    double *zones;
    uint32_t node, undoes; /* undoes: of UNDO, the EVICT entry */
    uint8_t kind, status;
    bool was_virtual, undone;
};
struct core_statement {
    VEC(struct core_entry) entries;
    uint32_t preemptor;
};

/* The best level scores of the job being placed, by member (5.7). */
struct core_level_scores {
    double *by_node; /* by node index; NAN: not listed */
    bool present;
};

struct core {
    struct core_settings settings;
    enum core_plugin plugins[CORE_PLUGIN_COUNT];
    size_t plugin_count;
    bool on[CORE_PLUGIN_COUNT];
    bool gpu_spread, cpu_spread, reclaim_by_queue;
    double k, multiplier;
    int64_t preempt_min_ns, reclaim_min_ns;
    int64_t depth[CORE_ACTION_COUNT];

    struct arena facts; /* lives as long as the core */
    struct names texts, components;
    struct core_blobs class_keys, signatures;
    struct names node_names, queue_names, job_names, task_names;
    VEC(uint32_t) group_pool;
    size_t group_pool_facts; /* how much of it belongs to facts */
    uint32_t fresh_count;
    VEC(struct core_class *) classes;
    size_t width;       /* components of a vector in this session */
    size_t class_width; /* that the classes were laid out for */
    size_t classes_laid_out;
    bool odd_amounts;      /* some class asks for parts of something, or for MIG instances */
    struct core_mig *migs; /* MIG components with a weight: component, gpus */
    size_t mig_count;

    VEC(struct core_node *) nodes; /* also nodes only named by a task */
    VEC(struct core_queue *) queues;
    VEC(struct core_job *) jobs;
    VEC(struct core_task *) tasks;
    VEC(struct core_topology *) topologies;
    VEC(struct core_claim *) claims;
    struct names claim_names; /* core_claim_find */
    bool lists_stale, nodes_stale, queues_stale;

    /* -- Session -- */
    bool open, bare;
    int64_t now_ns;
    VEC(uint32_t) node_list;  /* existing nodes, ascending name */
    VEC(uint32_t) queue_list; /* kept queues, ascending name */
    VEC(uint32_t) job_list;   /* ascending name */
    VEC(uint32_t)
    added_jobs; /* since that list was made; a removed one comes back under its index */
    struct core_list dirty_jobs;   /* whose session state is to be derived again */
    struct core_list changed_jobs; /* whose state was derived again at the last opening */
    struct core_list asked_jobs;   /* whose next tasks were asked for in this session */
    bool all_jobs_dirty;
    bool sums_known;       /* the sums of queues are those of the session before */
    size_t inexact_jobs;   /* whose sums round, so that the order of adding counts */
    struct bitset running; /* jobs with an active task, by rank */
    struct bitset waiting; /* jobs with a pending task, by rank */
    VEC(uint32_t) queue_children;
    VEC(uint32_t) root_queues;
    struct core_record *records; /* by task */
    size_t record_capacity;
    VEC(struct core_copy) copies;
    uint32_t free_copy; /* index + 1 */
    struct arena session;
    double total[3];
    int64_t min_gpu_mib, max_gpu_mib; /* 0: none */
    double *largest;                  /* by component */
    bool *numa_aware;                 /* by component: some zone reports it */
    size_t most_zones;                /* of any node */
    bool any_pod_terms;
    VEC(struct core_stored_event) events;
    uint32_t batch;
    enum core_action action;
    struct core_statement statement;
    struct arena placement; /* lives while one job is placed */
    struct arena search;    /* of the solver, which takes it and brings it back empty */
    struct core_blobs tried;
    uint32_t preemptor; /* job whose statement is being committed */
    const struct core_view *placing;
    struct core_level_scores *level_scores; /* by member of the job being placed */
    size_t level_scores_count;
    VEC(uint32_t) touched_nodes, touched_jobs;
    VEC(struct core_reason) reasons;
    VEC(struct core_candidate) candidates; /* GPU groups of the last look at a node */
    VEC(uint32_t) chosen;
    VEC(uint32_t) scratch;          /* a stack of small lists */
    VEC(struct core_ranked) ranked; /* nodes for a task, a heap with the best on top */
    /* Which nodes changed, for the orders of nodes kept by class (node_index.c). */
    struct core_list changes;
    uint64_t changes_dropped, changes_read, index_epoch;
    bool index_stale;  /* settings changed: all orders are made anew */
    bool index_usable; /* no score of this session depends on the task or on odd amounts */
    struct core_node_index *walked;
    struct core_list frontier;
    const bool *offered; /* the nodes of the walk, by number; NULL: all */
    bool walks_index;    /* where core_order_next takes nodes from */
    bool any_foreign;
    bool all_candidates; /* list every whole GPU, not only as many as are wanted */
    void (*log)(void *arg, const char *text);
    void *log_arg;
};

static inline struct core_node *core_node_at(const struct core *core, uint32_t node)
{
    return core->nodes.items[node];
}
static inline struct core_job *core_job_at(const struct core *core, uint32_t job)
{
    return core->jobs.items[job];
}
static inline struct core_task *core_task_at(const struct core *core, uint32_t task)
{
    return core->tasks.items[task];
}
static inline struct core_queue *core_queue_at(const struct core *core, uint32_t queue)
{
    return core->queues.items[queue];
}
static inline const struct core_class *core_class_of(const struct core *core, uint32_t task)
{
    return core->classes.items[core->tasks.items[task]->class_idx];
}
static inline bool core_status_in(unsigned status, unsigned set)
{
    return (set >> status & 1) != 0;
}

/* Sets of statuses (1.3). */
#define CORE_SET_ALLOCATED                                                                         \
    (1u << CORE_ALLOCATED | 1u << CORE_BINDING | 1u << CORE_BOUND | 1u << CORE_RUNNING)
#define CORE_SET_ACTIVE (CORE_SET_ALLOCATED | 1u << CORE_PIPELINED)
#define CORE_SET_USED   (CORE_SET_ACTIVE | 1u << CORE_RELEASING | 1u << CORE_STUCK)
#define CORE_SET_ALIVE  (CORE_SET_ACTIVE | 1u << CORE_PENDING | 1u << CORE_GATED)

#endif
