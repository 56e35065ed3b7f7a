/*
 * solver.h - the search for victims (specification 8): its parts and what they share.
 *
 * solver.c searches, generate.c proposes victims, filters.c drops hopeless proposals, reclaim.c and
 * runtime.c judge what was tried. Private to this folder.
 */
#ifndef CORE_SOLVER_H
#define CORE_SOLVER_H

#include "policies/core/modules.h"

/* Tasks of one job that were added together. */
struct core_group {
    uint32_t job, first, count; /* in scenario.tasks */
};
/* Groups recorded by earlier probes come first; the rest are potential victims, in order of adding,
 * their tasks in the order in which they are evicted. */
struct core_scenario {
    VEC(uint32_t) tasks;
    VEC(struct core_group) groups;
    size_t recorded; /* groups */
};

struct core_solver;
struct core_rules_of_action {
    bool (*accepts)(struct core_solver *solver); /* judges solver->victims */
    void (*candidates)(struct core_solver *solver, struct core_list *jobs);
    bool renew; /* candidates are listed anew for every run */
};

/* A copy of queue amounts at the start of a solution (9.3). */
struct core_amounts_at {
    double allocated[3], np[3];
};

struct core_filters {
    double *capacity; /* by node index */
    bool *counted;    /* by task index */
    double *demands;  /* of pending tasks, descending */
    double *top, *taken;
    size_t counted_tasks;        /* entries of the accumulated scenario looked at so far */
    bool selective;              /* some pending task asks for certain nodes */
    bool uniform;                /* all pending tasks demand the same, more than nothing */
    int64_t slots;               /* then: how often that is to be had, over all nodes */
    double free_sum, demand_sum; /* of capacities above zero; of the demands */
    struct core_topology_filter {
        uint32_t topology, level; /* texts */
        struct core_doubles demands;
        struct core_list values; /* texts */
        struct core_doubles capacity;
    } * topologies;
    size_t topology_count;
    bool duplicates; /* a recorded task is listed twice: the idle-GPU filter is off */
};

/* What nodes would have free for tasks that all want the same whole GPUs (room.c). */
struct core_room {
    bool open, usable;
    double demand;     /* of each task */
    double *free_gpus; /* by node index, with the recorded victims evicted */
    bool *listed;      /* by task index: recorded, or in the scenario being looked at */
    int64_t slots;     /* how often the demand is to be had, over all nodes */
    bool watched;      /* the present scenario is counted */
};

/* GPUs that a node gets, or loses, in the present scenario. */
struct core_given {
    uint32_t node;
    double gpus;
};

/* A potential victim at its node. */
struct core_victim_at {
    uint32_t job, older; /* older: 1 + the next one of the same node */
};

/* One draw of a victim: tasks of a job, and whether it has more of them. */
struct core_draw {
    struct core_view *view;
    uint32_t first, count; /* in core_draws.tasks */
    bool more;
};

/* What the tree of candidates gives, draw by draw, as long as no victim is a recorded one that
 * leaves some of its job behind: the same in every run of a solution, so it is drawn once. */
struct core_draws {
    bool known, usable;
    struct core_tree *tree; /* what is not drawn yet */
    VEC(struct core_draw) list;
    struct core_list tasks;
    struct arena clones;
};

struct core_generator {
    struct core_tree *tree; /* of its own; NULL: it takes the draws that runs share */
    size_t next_draw;
    struct core_scenario all; /* accumulated */
    bool *recorded;           /* by task index */
    uint32_t *first_group;    /* of `all`, by job: 1 + its first group */
    uint32_t *last_group;
    uint32_t *newest_at; /* by node: 1 + the last of `victims` there */
    VEC(struct core_victim_at) victims;
    size_t noted_groups;         /* of `all`, in `victims` */
    struct core_list next_group; /* by group: 1 + the next one of the same job */
    bool started;
    VEC(struct core_scenario) prepared;
    size_t next_prepared;
    /* Multi-node: nodes by capacity, and how many of them the next scenario takes. */
    bool emitting;
    struct core_list nodes;
    size_t length, step;
};

struct core_solver {
    struct core *core;
    struct core_job *job;
    const struct core_rules_of_action *rules;
    struct core_list tasks; /* the chunk to be placed */
    struct core_list feasible;
    struct core_list waiting;  /* other jobs with pending tasks that may be scheduled, by name */
    struct core_crowd *crowds; /* the same by queue */
    struct core_list crowded;  /* queues that have some */
    struct core_list candidates;
    bool candidates_known;
    struct core_draws draws;
    struct core_list key; /* of the scenario being tried */
    struct core_blobs failed;
    struct core_scenario recorded; /* recorded groups of the present generator */
    struct core_amounts_at *start; /* by queue */
    /* One run. */
    struct core_view partial;
    struct arena run;
    bool *offered; /* nodes P may use, by index */
    struct core_generator generator;
    struct core_filters filters;
    struct core_room room;
    VEC(struct core_given) room_given;
    /* One try. */
    struct core_record **victims;
    size_t victim_count;
    struct core_list victim_tasks;
};

bool core_solve(struct core *core, struct core_job *job, const struct core_rules_of_action *rules);

/* -- simulate.c -- */
void core_simulation_open(struct core_solver *solver);
void core_simulation_close(struct core_solver *solver);
/* Places the partial job and the victims again; false when the partial job found no place. */
bool core_simulate(struct core_solver *solver, struct core_nodes nodes);

/* -- generate.c -- */
void core_scenario_release(struct core_scenario *scenario);
void core_scenario_copy_recorded(const struct core_scenario *from, struct core_scenario *to);
void core_scenario_add(struct core_scenario *scenario, uint32_t job, const uint32_t *tasks,
                       size_t count);
void core_generator_open(struct core_solver *solver);
void core_generator_close(struct core_solver *solver);
void core_draws_release(struct core_draws *draws);
/* The next scenario to try, which lives until the next call; NULL when there is none. */
struct core_scenario *core_generator_next(struct core_solver *solver, bool multi_node);
/* The scenarios of what is accumulated, without adding victims; for single decisions. */
struct core_scenario *core_generator_step(struct core_solver *solver, bool multi_node);
void core_sort_by_name(const struct core *core, uint32_t *tasks, size_t count);

/* -- filters.c -- */
void core_filters_open(struct core_solver *solver);
void core_filters_close(struct core_solver *solver);
bool core_filters_pass(struct core_solver *solver);
bool core_topology_filter_passes(struct core_solver *solver);
bool core_idle_filter_passes(struct core_solver *solver);

/* -- room.c -- */
/* Counts what is free; nothing the second time in a run. O(nodes + recorded victims). */
void core_room_open(struct core_solver *solver);
/* Counts what the scenario frees, until core_room_leave. True: that is not enough whole GPUs, so a
 * try would fail, and what it would have left behind has been done. O(its potential victims). */
bool core_room_enter(struct core_solver *solver, const struct core_scenario *scenario);
/* In a try: what was placed since entry `since` of the statement, and before, leaves no room for
 * the job, which so cannot be placed any more. O(new entries). */
bool core_room_is_taken(struct core_solver *solver, size_t since);
/* A try failed: it leaves behind the same wherever it ended. Nothing where nobody counts. */
void core_room_forget(struct core_solver *solver, const struct core_scenario *scenario);
void core_room_leave(struct core_solver *solver);

/* -- reclaim.c (9.1 to 9.3) -- */
bool core_may_reclaim(struct core *core, struct core_job *job);
bool core_reclaim_filter(const struct core *core, uint32_t mine, uint32_t theirs,
                         const double request[3]);
bool core_reclaim_accepts(struct core_solver *solver);
/* -- runtime.c (9.4) -- */
int64_t core_runtime_of(const struct core *core, uint32_t mine, uint32_t theirs, bool reclaim);
/* A job of the queue that started later than this is protected, unless it is elastic. CORE_UNSET as
 * a start is earlier than any. */
int64_t core_protected_since(const struct core *core, const struct core_job *job,
                             uint32_t victim_queue, bool reclaim);
bool core_runtime_allows(const struct core *core, const struct core_job *job,
                         const struct core_job *victim, bool reclaim);
bool core_runtime_accepts(struct core_solver *solver, bool reclaim);
/* -- skip.c (9.6) -- */
struct core_failed {
    VEC(uint32_t) jobs; /* representative by signature, CORE_NONE: none */
};
bool core_skip(struct core *core, struct core_failed *table, struct core_job *job);
void core_failed_enter(struct core *core, struct core_failed *table, struct core_job *job);

#endif
