/*
 * modules.h - what the files of this folder offer each other, by file. Private to this folder.
 */
#ifndef CORE_MODULES_H
#define CORE_MODULES_H

#include "policies/core/session.h"

/* -- log.c: lines for --explain; nothing is formatted when nobody listens -- */
#define CORE_LOG(core, ...)                                                                        \
    do {                                                                                           \
        if ((core)->log != NULL) {                                                                 \
            core_log_line((core), __VA_ARGS__);                                                    \
        }                                                                                          \
    } while (0)
void core_log_line(const struct core *core, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* -- texts.c -- */
/* A decimal integer with an optional sign and nothing else. */
bool core_parse_integer(const char *text, int64_t *value);
const char *core_text_get(const struct core *core, uint32_t text);
/* The value of a label, or CORE_NONE. */
uint32_t core_node_label(const struct core_node *node, uint32_t key);

/* -- class.c -- */
/* GPUs with the slices of MIG profiles (1.1). */
double core_total_gpus(const struct core *core, const double *vector);

/* -- ledger.c: node accounting (1.8, 1.9) -- */
/* Resets a node to empty, with vectors of the session's width. */
void core_ledger_reset(struct core *core, struct core_node *node);
/* False when the task is on the node already (add) or is not (remove, update, replace). */
bool core_ledger_add(struct core *core, struct core_node *node, struct core_record *record);
/* Only notes the copy that core_ledger_add makes, without charging anything. */
struct core_copy *core_ledger_note(struct core *core, struct core_node *node,
                                   const struct core_record *record);
bool core_ledger_remove(struct core *core, struct core_node *node, uint32_t task);
bool core_ledger_update(struct core *core, struct core_node *node, struct core_record *record);
/* Forgets the copy without undoing what it was charged, then adds. */
bool core_ledger_replace(struct core *core, struct core_node *node, struct core_record *record);
const struct core_copy *core_ledger_copy(const struct core *core, const struct core_node *node,
                                         uint32_t task);
void core_touch_node(struct core *core, struct core_node *node);
struct core_gpu *core_ledger_gpu(struct core *core, struct core_node *node, uint32_t group);
int core_group_compare(const struct core *core, uint32_t l, uint32_t r);
void core_accept(const struct core *core, const struct core_node *node, struct core_record *record);
/* GPUs of the record's accepted vector, MIG slices included. */
double core_accepted_total(const struct core *core, const struct core_record *record);
/* MIG slices + DRA devices + GPUs of what was accepted (1.2 quotaGpus). */
double core_accepted_quota(const struct core *core, const struct core_record *record);

/* -- gpus.c: fit on a node, shared GPUs, their choice (1.10, 1.11, 5.8) -- */
int64_t core_memory_on(const struct core_node *node, const struct core_class *class);
double core_fraction_of(const struct core_node *node, int64_t mib);
double core_portion_on(const struct core_node *node, const struct core_class *class);
bool core_task_fits(const struct core *core, const struct core_node *node, uint32_t task,
                    bool future);
/* The same by class; `discount` is what its DRA claims count on the node already. */
bool core_class_fits(const struct core *core, const struct core_node *node,
                     const struct core_class *class, double discount, bool future);
bool core_gpu_fits(const struct core_node *node, const struct core_class *class,
                   const struct core_gpu *gpu);
bool core_gpu_fits_idle(const struct core_node *node, const struct core_class *class,
                        const struct core_gpu *gpu);
bool core_any_gpu_fits(const struct core_node *node, const struct core_class *class);
void core_sum_gpus(const struct core *core, struct core_node *node);
double core_future_gpus(const struct core *core, struct core_node *node);
struct core_choice {
    bool found, releasing, has_new; /* has_new: a group whose id is no decimal integer [Q12] */
};
/* Fills core->chosen with groups; whole GPUs appear as CORE_WHOLE. */
struct core_choice core_choose(struct core *core, const struct core_node *node, uint32_t task,
                               bool pipeline_only);
void core_list_candidates(struct core *core, const struct core_node *node,
                          const struct core_class *class);
struct core_choice core_choose_from(struct core *core, const struct core_node *node, uint32_t task,
                                    bool pipeline_only);
/* Writes core->chosen to the pool, fresh ids for whole GPUs. */
struct core_groups core_chosen_groups(struct core *core);

/* -- view.c: counters and chunks of jobs (1.4, 1.5, 4.7 to 4.9) -- */
int64_t core_have(const struct core_view *view, uint32_t member);
int64_t core_need(const struct core_view *view, uint32_t member);
bool core_satisfied(const struct core_view *view, uint32_t member);
bool core_view_holds(const struct core_view *view, uint32_t position);
/* Adds (by = 1) or takes away a task in a status. */
void core_count_status(struct core_view *view, uint32_t member, unsigned status, int by);
/* Children of a set in member order, appended to core->scratch; returns where they start. */
size_t core_order_members(struct core *core, const struct core_view *view, uint32_t set);
bool core_eligible(const struct core_record *record, bool real);
void core_view_chunk(struct core *core, struct core_view *view, bool real);
void core_view_request(struct core *core, struct core_view *view, bool real);
void core_view_forget(struct core_view *view);
/* Next tasks to evict, appended to *tasks; returns whether active tasks stay. */
bool core_view_evict(struct core *core, const struct core_view *view, struct core_list *tasks);
/* A copy of `from` restricted to the tasks it holds, for a clone or a partial job. */
void core_set_status(struct core *core, struct core_record *record, enum core_status status);
bool core_job_ready(const struct core_view *view);
bool core_job_elastic(const struct core_job *job);
bool core_gang_satisfied(const struct core_job *job);
bool core_job_is_stale(const struct core_job *job);
bool core_pipeline_all(const struct core_job *job);
int64_t core_delay_end(const struct core_job *job); /* CORE_UNSET: no delay */
bool core_in_delay(const struct core_job *job, int64_t now_ns);
static inline bool core_any_allocated(const struct core_view *view)
{
    return view->active_sets > 0; /* some pod set has an active task */
}
/* Keeps the sets of running and waiting jobs right after its counters changed. */
void core_enrol_job(struct core *core, struct core_job *job);
/* Its session state is to be derived again. */
void core_mark_job(struct core *core, struct core_job *job);
bool core_any_eligible(const struct core *core, const struct core_job *job, bool real);
int64_t core_used_count(const struct core_job *job);
/* 0 below, 1 exact, 2 above the minimum (4.3). */
int core_elastic_find(struct core_view *view);
static inline int core_elastic_state(struct core_view *view)
{
    return view->elastic != 0 ? view->elastic - 1 : core_elastic_find(view);
}
/* A view of the job that holds nothing so far. */
struct core_view core_view_of(struct core_job *job);
void core_touch_job(struct core *core, struct core_job *job);

/* -- order.c (4.3 to 4.5) -- */
bool core_job_first(const struct core *core, struct core_view *l, struct core_view *r);
int core_task_compare(const struct core *core, uint32_t l, uint32_t r);
int core_task_rule_compare(enum core_task_rule rule, const struct core_task *l,
                           const struct core_task *r);
struct core_side {
    const struct core_queue *queue;
    const double *job;     /* quantified request, or NULL */
    const double *victims; /* triples to be subtracted one after another */
    size_t victim_count;
    const double *last_victim; /* one more triple, or NULL */
};
bool core_queue_first(const struct core *core, const struct core_side *l,
                      const struct core_side *r);

/* -- tree.c: the tree of heaps (4.1, 4.2) -- */
struct core_tree;
struct core_tree *core_tree_new(struct core *core, bool victim_mode, int64_t depth);
/* For a tree in which the order of the jobs of a queue does not change while they are inside. */
struct core_tree *core_tree_new_settled(struct core *core, bool victim_mode);
void core_tree_free(struct core_tree *tree);
void core_tree_push(struct core_tree *tree, struct core_view *view);
/* The same for a caller who waits for some jobs only: pop gives the next of those, or NULL. What is
 * passed over still decides whose turn it is. Only for trees that are not in victim mode. */
/* Waiting jobs of one queue of which none is wanted; one stands for all while nobody can tell. */
struct core_crowd {
    const struct core_list *waiting; /* holds them, among others */
    const struct core_job *except;
    uint32_t queue, first_rank;
    size_t count;
    struct core_view *best; /* the first of them in job order */
    bool alike;             /* all are known to ask for the same */
    bool together;          /* in this tree one stands for all */
};
/* Are two jobs known to ask for the same? Asking now could give another answer than asking later
 * would [Q3]. */
bool core_ask_alike(const struct core_view *l, const struct core_view *r);
/* To be pushed at the place of the first by name, like all of them. */
void core_tree_push_crowd(struct core_tree *tree, const struct core_crowd *crowd);
void core_tree_push_wanted(struct core_tree *tree, struct core_view *view, bool wanted);
struct core_view *core_tree_pop_wanted(struct core_tree *tree,
                                       bool (*is_wanted)(const void *arg, struct core_view *view),
                                       const void *arg);
bool core_tree_is_empty(const struct core_tree *tree);
struct core_view *core_tree_pop(struct core_tree *tree);

/* -- share.c (3) -- */
void core_sum_queues(struct core *core);
void core_divide_all(struct core *core);
void core_queue_cache(struct core *core);
/* Allocate (1) and deallocate (-1) events (3.5). */
void core_charge_queues(struct core *core, const struct core_record *record, int sign);
double core_memory_as_gpus(const struct core_class *class, int64_t device_mib);

/* -- fit.c: capacity and predicates (5.1 to 5.4) -- */
struct core_verdict {
    enum core_refusal refusal;
    uint32_t queue;
    enum core_resource resource;
    double asked;
};
struct core_verdict core_check_capacity(const struct core *core, const struct core_job *job,
                                        const double asked[3], bool quota_only);
void core_chunk_amounts(const struct core *core, const uint32_t *tasks, size_t count, double x[3]);
struct core_verdict core_check_on_node(const struct core *core, uint32_t task,
                                       const struct core_node *node);
/* The part no eviction can cure; CORE_NONE or the component (volumes: UINT32_MAX - 1). */
uint32_t core_invariant_failure(const struct core *core, uint32_t task);
bool core_type_allows(const struct core_node *node, const struct core_class *class);
/* The predicates that depend on the class and the node only. */
bool core_class_allowed(const struct core *core, const struct core_class *class,
                        const struct core_node *node);
bool core_predicates(struct core *core, uint32_t task, struct core_node *node);
bool core_matches_node(const struct core_class *class, const struct core_node *node);
/* Which of them refuses a node that core_predicates refuses, in words. */
const char *core_refusing_rule(struct core *core, uint32_t task, struct core_node *node);
/* Nodes on which the job's tasks could run (5.4), appended in ascending name. */
void core_feasible_nodes(struct core *core, const struct core_job *job, struct core_list *nodes);

/* -- affinity.c: inter-pod terms (5.3, 6) -- */
bool core_pod_affinity_allows(const struct core *core, uint32_t task, const struct core_node *node);

/* Is the node marked as a worker of this kind? */
bool core_is_worker(const struct core *core, const struct core_node *node, bool gpu);

/* -- score.c (5.5, 5.6) -- */
struct core_range { /* of free amounts over the nodes offered */
    double min, max;
};
void core_range_begin(struct core_range *range);
void core_range_add(struct core_range *range, const struct core_node *node, size_t component);
double core_placement_score(const struct core *core, const struct core_node *node,
                            const struct core_class *class, const struct core_range *range);
/* Starts the order of nodes for a task; only nodes with idle or releasing room are in it. */
void core_order_begin(struct core *core, const struct core_record *record, struct core_nodes nodes);
/* The next best node, or CORE_NONE. */
uint32_t core_order_next(struct core *core);

/* The sum of the scores but that of placement and those that depend on the task; and a key that
 * orders nodes like the placement score, lower first. */
double core_bucket_score(const struct core *core, const struct core_node *node,
                         const struct core_class *class);
double core_placement_key(const struct core *core, const struct core_node *node,
                          const struct core_class *class);

/* -- node_index.c -- */
/* Starts a walk over the nodes with room for a task of this class, best first; false when they have
 * to be scored one by one. */
bool core_index_begin(struct core *core, uint32_t task);
/* The next best, or CORE_NONE. Nodes must not change between the steps of a walk. */
uint32_t core_index_next(struct core *core);
/* To be told of every change of a node. */
void core_index_note(struct core *core, struct core_node *node);
void core_index_forget_all(struct core *core);
void core_index_free(struct core_node_index *index);

/* -- topology.c (5.7) -- */
/* Do all tasks ask for the same kinds of resources? */
bool core_homogeneous(const struct core *core, struct core_record *const *tasks, size_t count);
/* How many tasks of the largest request a node has room for. */
int64_t core_room(const struct core *core, const struct core_node *node, const double *largest,
                  int64_t tasks);
void core_topology_build(struct core *core, struct core_topology *topology);
void core_topology_release(struct core_topology *topology);
/* Does the member have a topology constraint that this session honours? */
bool core_is_constrained(const struct core *core, const struct core_view *view, uint32_t member);
struct core_subsets {
    const struct core_view *view;
    uint32_t member;
    struct core_record *const *tasks;
    size_t task_count;
    const uint32_t *pod_sets;
    size_t pod_set_count;
    struct core_nodes nodes;
};
/* Appends node sets to *nodes and their lengths to *lengths. False: the whole placement fails. */
bool core_subsets(struct core *core, const struct core_subsets *query, struct core_list *nodes,
                  struct core_list *lengths);

/* -- statement.c (6.2 to 6.5) -- */
bool core_evict(struct core *core, struct core_record *record);
bool core_allocate(struct core *core, struct core_record *record, struct core_node *node);
bool core_pipeline(struct core *core, struct core_record *record, struct core_node *node,
                   bool update_if_there);
size_t core_checkpoint(const struct core *core);
void core_rollback(struct core *core, size_t checkpoint);
bool core_commit(struct core *core);
void core_convert_to_pipelined(struct core *core, const struct core_job *job);
/* Evicts outside a statement. */
void core_evict_for_good(struct core *core, struct core_record *record);
/* A second record of a task, for the length of a statement. */
struct core_record *core_shadow(struct core *core, const struct core_record *record);
void core_add_event(struct core *core, enum core_event_kind kind, const struct core_record *record,
                    uint32_t node, struct core_groups groups);

/* -- place.c (6.6) -- */
struct core_task_run {
    struct core_record **items;
    size_t count;
};
bool core_place_job(struct core *core, struct core_view *view, struct core_nodes nodes,
                    bool pipeline_only);

/* -- actions -- */
/* GPUs and MiB of a chunk, MIG slices included (7.3). */
void core_chunk_gpu_sums(const struct core *core, const struct core_view *view, double *gpus,
                         double *mib);
bool core_stale_now(struct core *core, struct core_job *job);
void core_act_allocate(struct core *core);
void core_act_consolidate(struct core *core);
void core_act_reclaim(struct core *core);
void core_act_preempt(struct core *core);
void core_act_stale(struct core *core);

/* -- zones.c (annex B.1) -- */
void core_numa_read(struct core *core, struct core_node *node, const struct core_numa_spec *spec);
void core_numa_read_task(struct core *core, struct core_task *task,
                         const struct core_task_spec *spec);
void core_numa_open(struct core *core);
bool core_numa_allows(const struct core *core, uint32_t task, const struct core_node *node);
double core_numa_score(const struct core *core, uint32_t task, const struct core_node *node);

/* Zones for the task on a node, before it is placed; amounts charged and given back. */
void core_numa_place(struct core *core, struct core_record *record, const struct core_node *node);
bool core_numa_moves(struct core *core, const struct core_record *record,
                     const struct core_node *node);
void core_numa_charge(struct core *core, const struct core_record *record, int sign);

/* -- open.c -- */
void core_sort(uint32_t *items, size_t count, int (*compare)(const void *, const void *, void *),
               void *arg);
void core_job_resolve_levels(const struct core *core, struct core_job *job);

#endif
