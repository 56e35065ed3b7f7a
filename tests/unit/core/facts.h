/*
 * facts.h - a small cluster with its queues and jobs as plain facts, for tests that tell them to a
 * core one by one or all at once.
 */
#ifndef TESTS_CORE_FACTS_H
#define TESTS_CORE_FACTS_H

#include "policies/core/core.h"
#include "sim/base/vec.h"

enum { FACT_NODES = 6, FACT_QUEUES = 6, FACT_MOST_TASKS = 6, FACT_MOST_GROUPS = 2 };
enum { FACT_CLAIMS = 8, FACT_MOST_HOLDERS = 64, FACT_MOST_DEVICES = 2 };

/* A claim of one leaf queue, which its tasks share. */
struct fact_claim {
    char holders[FACT_MOST_HOLDERS][48];
    size_t holder_count;
    char pools[FACT_MOST_DEVICES][16];
    char devices[FACT_MOST_DEVICES][16];
    size_t device_count;
};

struct fact_task {
    char name[48];
    bool runs, removed;
    char node[16]; /* while it runs */
    char groups[FACT_MOST_GROUPS][24];
    size_t group_count;
    uint32_t core; /* its number in the long-lived core */
};

struct fact_job {
    char name[24];
    uint32_t number; /* decides what it asks for */
    int queue, priority;
    bool preemptible, removed;
    bool whole;  /* its tasks ask for whole GPUs only */
    bool claims; /* its tasks ask for a claim of their queue instead of GPUs */
    int64_t created_ns;
    struct core_job_times times;
    struct fact_task tasks[FACT_MOST_TASKS];
    size_t task_count, min_tasks;
    uint32_t core;
};

struct facts {
    bool node_ready[FACT_NODES];
    double usage[FACT_QUEUES];
    bool whole_gpus; /* nobody asks for parts of GPUs, and some searches take shortcuts */
    bool has_claims; /* two nodes offer devices to claim, and some jobs do */
    struct fact_claim claims[FACT_CLAIMS];
    VEC(struct fact_job) jobs;
    uint32_t next_job, next_group;
    int64_t now_ns;
};

void facts_init(struct facts *facts);
void facts_release(struct facts *facts);

/* A core with the cluster and queues, but no jobs. */
struct core *facts_core(const struct facts *facts);

/* Tells a core about a job and its tasks; the numbers go to *job when `keep` is true. */
void facts_tell(struct core *core, struct fact_job *job, bool keep);

/* Adds a job whose wishes follow from its number and the draw; tells nobody. */
struct fact_job *facts_new_job(struct facts *facts, uint64_t draw);

/* The present state of a task as the core takes it. */
void facts_set_task(struct core *core, uint32_t number, const struct fact_task *task);

/* The present state of a claim, told to a core that has it as `number`. */
void facts_set_claim(struct core *core, uint32_t number, const struct fact_claim *claim);

/* A task is gone: it holds no claim, and a claim that nobody holds has no devices. */
void facts_let_go(struct fact_claim *claim, const char *task);

#endif
