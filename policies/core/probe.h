/*
 * probe.h - decisions that need a cluster around them, one at a time.
 *
 * For records of single decisions and for tools that explain. core_open_bare makes a session out
 * of a snapshot without putting tasks on nodes and without dividing shares; core_put_* then writes
 * the state the record gives, and each function below answers with the code that the cycle runs.
 * core_close ends it.
 */
#ifndef CORE_PROBE_H
#define CORE_PROBE_H

#include "policies/core/rules.h"
#include "sim/base/vec.h"

/* A growing list of indices; all zeros is empty; vec_release frees it. */
struct core_list {
    uint32_t *items;
    size_t count, capacity;
};

bool core_open_bare(struct core *core, int64_t now_ns, struct err *err);

/* -- State given by a record -- */
struct core_group_ledger {
    const char *name;
    int64_t used_mib, allocated_mib, releasing_mib;
    bool has_allocated, has_releasing, marked; /* an entry of 0 is not the same as no entry */
};
struct core_ledger {
    const struct core_amount *idle, *used, *releasing; /* by component name; missing is 0 */
    size_t idle_count, used_count, releasing_count;
    const struct core_group_ledger *groups; /* in the order of first use */
    size_t group_count;
    size_t legacy_mig_tasks;
    bool has_dra;           /* it offers DRA devices, even none of them */
    int64_t gpu_memory_mib; /* as it is: 0 is nothing */
};
void core_put_ledger(struct core *core, uint32_t node, const struct core_ledger *ledger);
void core_put_shares(struct core *core, uint32_t queue, const struct core_queue_view *shares);
/* The task is on the node, whose ledger has been charged for it already. */
void core_put_copy(struct core *core, uint32_t task, uint32_t node);
size_t core_legacy_mig_tasks(struct core *core, uint32_t node);
/* The grace time of a stale gang, instead of the default. */
void core_put_grace(struct core *core, uint32_t job, int64_t grace_ns);
void core_put_total(struct core *core, const double total[3]);
/* 0: none, conversions are left out. */
void core_put_gpu_memory_range(struct core *core, int64_t min_mib, int64_t max_mib);
/* What a node gave; `received` CORE_GPU_UNTYPED: nothing yet. */
void core_put_accepted(struct core *core, uint32_t task, enum core_gpu_kind received,
                       const struct core_gpu_need *need);
void core_put_allocated(struct core *core, uint32_t job, const struct core_amount *items,
                        size_t count);

/* -- Fair share over the queues of the session -- */
void core_fair_share_tree(struct core *core, const double total[3]);

/* -- Orders -- */
struct core_order_side {
    uint32_t queue, job; /* job: CORE_NONE without one */
    const uint32_t *victims;
    size_t victim_count;
};
/* -1: left first, 1: right first. */
int core_queue_order(struct core *core, const struct core_order_side *l,
                     const struct core_order_side *r);
bool core_job_before(struct core *core, uint32_t l, uint32_t r);
int core_job_elastic_order(struct core *core, uint32_t l, uint32_t r);
enum core_task_rule { CORE_TASK_KUBEFLOW, CORE_TASK_RAY, CORE_TASK_PRIORITY };
int core_task_rule_order(struct core *core, enum core_task_rule rule, uint32_t l, uint32_t r);
bool core_task_before(struct core *core, uint32_t l, uint32_t r);
/* Pushes the jobs in the given order (nothing is filtered) and takes all out. depth 0: no limit. */
void core_jobs_order(struct core *core, const struct core_list *jobs, bool victim_mode,
                     int64_t depth, struct core_list *pops);

/* -- Chunks -- */
void core_chunk(struct core *core, uint32_t job, bool real, struct core_list *tasks);
/* The vector lives until the next call. */
const double *core_chunk_request(struct core *core, uint32_t job, bool real);
void core_chunk_gpus(struct core *core, uint32_t job, bool real, double *gpus, double *memory_mib);
bool core_job_has_eligible(struct core *core, uint32_t job, bool real);
bool core_evict_tasks(struct core *core, uint32_t job, struct core_list *tasks); /* more stay? */

/* -- Job state -- */
struct core_job_facts {
    bool ready, elastic, gang_satisfied, stale, pipeline_all;
};
struct core_job_facts core_job_facts(struct core *core, uint32_t job);
struct core_stale_verdict {
    bool stale, evict, has_timestamp;
};
struct core_stale_verdict core_judge_stale(struct core *core, uint32_t job);
/* Returns whether now is inside the delay; *end_ns is CORE_UNSET without a delay. */
bool core_preemption_delay(struct core *core, uint32_t job, int64_t *end_ns);

/* -- Capacity -- */
enum core_refusal { CORE_FITS, CORE_OVER_LIMIT, CORE_NP_OVER_QUOTA };
enum core_refusal core_job_capacity(struct core *core, const struct core_list *tasks, uint32_t job,
                                    bool quota_only);
enum core_refusal core_task_capacity(struct core *core, uint32_t task, uint32_t node);

/* -- Nodes -- */
struct core_scores {
    double placement, resource_type, availability, gpu_sharing, nominated, extra, total;
};
/* Scores of `nodes` in their order and the order in which they are tried (as node indices). `extra`
 * may be NULL. total is added availability, gpu_sharing, resource_type, nominated, placement,
 * extra. */
void core_score_nodes(struct core *core, uint32_t task, const struct core_list *nodes,
                      const double *extra, struct core_scores *scores, struct core_list *order);
double core_score_placement(struct core *core, uint32_t task, uint32_t node, double min,
                            double max);
void core_placement_range(struct core *core, const struct core_list *nodes, size_t component,
                          double *min, double *max);
bool core_fits_idle(struct core *core, uint32_t task, uint32_t node);
bool core_fits_future(struct core *core, uint32_t task, uint32_t node);
bool core_node_type_allows(struct core *core, uint32_t task, uint32_t node);
/* The request as this node counts it (width doubles). */
void core_quota_on_node(struct core *core, uint32_t task, uint32_t node, double *vector);
/* What the task would hold; false: not in an active status, nothing changes. */
bool core_accept_on_node(struct core *core, uint32_t task, uint32_t node,
                         struct core_gpu_need *need, double *vector, enum core_gpu_kind *received);
struct core_gpu_sums {
    double idle_gpus, idle_mib, releasing_gpus, releasing_mib, shared_fractions;
};
struct core_gpu_sums core_gpu_sums(struct core *core, uint32_t node);
enum core_ledger_op { CORE_LEDGER_ADD, CORE_LEDGER_REMOVE, CORE_LEDGER_UPDATE };
/* False: already there, or not there. The status and groups are first set on the task. */
bool core_ledger_apply(struct core *core, enum core_ledger_op op, uint32_t node, uint32_t task,
                       enum core_status status, struct core_texts groups);
void core_ledger_groups(struct core *core, uint32_t node, struct core_list *groups);
struct core_group_ledger core_ledger_group(struct core *core, uint32_t node, uint32_t group);

/* -- GPU groups. CORE_WHOLE stands for a whole idle or releasing GPU -- */
#define CORE_WHOLE (UINT32_MAX - 1)
void core_gpu_candidates(struct core *core, uint32_t task, uint32_t node, struct core_list *groups);
/* Chooses from `groups` as listed. New groups come out as CORE_WHOLE. */
bool core_gpu_choose(struct core *core, uint32_t task, uint32_t node, bool pipeline_only,
                     const struct core_list *candidates, struct core_list *groups, bool *releasing);
/* The score of a group by the configured plugin; false below 100 MiB. */
bool core_gpu_score(struct core *core, uint32_t node, uint32_t group, bool spread, double *score);
bool core_group_fits(struct core *core, uint32_t task, uint32_t node, uint32_t group);
bool core_group_fits_idle(struct core *core, uint32_t task, uint32_t node, uint32_t group);
/* The group of this name, which need not be on any node. */
uint32_t core_name_group(struct core *core, const char *name);

/* -- Topology -- */
struct core_subsets_query {
    uint32_t job;
    const char *sub_group; /* its constraint is the one of the job's tree */
    const struct core_list *tasks, *nodes;
    const struct core_texts *pod_sets;
};
/* Whether the job has a set or pod set of this name; "" is the root. */
bool core_has_group(const struct core *core, uint32_t job, const char *name);
/* Node sets are appended to `nodes`, their lengths to `lengths`. scores: by node index, NAN where
 * there is none. False: the placement fails. */
bool core_topology_subsets(struct core *core, const struct core_subsets_query *query,
                           struct core_list *nodes, struct core_list *lengths, double *scores);
int64_t core_node_room(struct core *core, uint32_t node, const double *largest, int64_t tasks);
double core_domain_ratio(const double *request, const double *free, size_t width);
bool core_tasks_homogeneous(struct core *core, const struct core_list *tasks);

/* -- Reclaim, min runtime -- */
bool core_can_reclaim(struct core *core, uint32_t queue, const double request[3], bool preemptible);
bool core_victim_filter(struct core *core, uint32_t reclaimer_queue, uint32_t victim_queue,
                        const double request[3]);
struct core_bundle {
    uint32_t queue;
    double amounts[3]; /* quantified */
    double gpu;        /* the plain GPU component, without MIG */
};
struct core_reclaim_query {
    uint32_t queue;
    bool preemptible;
    double request[3], request_gpu;
    const struct core_bundle *bundles; /* those of a queue in order */
    size_t count;
};
bool core_reclaimable(struct core *core, const struct core_reclaim_query *query);
/* Vectors of width doubles are appended to `vectors`; returns how many. */
struct core_doubles {
    double *items;
    size_t count, capacity;
};
size_t core_victim_bundles(struct core *core, uint32_t job, const struct core_list *tasks,
                           struct core_doubles *vectors);
int64_t core_min_runtime_preempt(struct core *core, uint32_t victim_queue);
int64_t core_min_runtime_reclaim(struct core *core, uint32_t reclaimer_queue,
                                 uint32_t victim_queue);
bool core_runtime_candidate(struct core *core, uint32_t pending, uint32_t victim, bool reclaim);
bool core_runtime_scenario(struct core *core, uint32_t pending, uint32_t victim,
                           const struct core_list *tasks, bool reclaim);
bool core_runtime_keeps_min(struct core *core, uint32_t victim, const struct core_list *tasks);

/* -- Scenarios -- */
struct core_batch {
    uint32_t job;
    struct core_list tasks;
};
struct core_scenario_query {
    uint32_t pending;
    const struct core_batch *recorded, *potential;
    size_t recorded_count, potential_count;
    const struct core_list *feasible; /* multi-node only */
};
/* Victim sets as task indices, each ended by CORE_NONE. */
void core_node_local_scenarios(struct core *core, const struct core_scenario_query *query,
                               struct core_list *sets);
void core_multi_node_scenarios(struct core *core, const struct core_scenario_query *query,
                               struct core_list *sets);
/* accepted[0] without potential victims, accepted[i] with the first i batches. */
void core_idle_gpu_filter(struct core *core, const struct core_scenario_query *query,
                          bool *accepted);
/* False: no group of the job has a required level. */
bool core_topology_gpu_filter(struct core *core, const struct core_scenario_query *query,
                              bool *accepted);
bool core_scenario_same(struct core *core, const struct core_scenario_query *a,
                        const struct core_scenario_query *b);

/* -- Failed jobs (9.6) -- */
bool core_job_skips(struct core *core, uint32_t job, uint32_t representative);
bool core_job_replaces(struct core *core, uint32_t job, uint32_t representative);
uint32_t core_job_signature(struct core *core, uint32_t job); /* equal numbers, equal class */

#endif
