/*
 * study.h - a question of capacity, as its file asks it: what is fixed, what is to be found, which
 * service levels hold, what is to be least. README.md describes the file.
 *
 * The demand and the policies are named here and read by the command line, which knows traces and
 * policies.
 */
#ifndef PLAN_STUDY_H
#define PLAN_STUDY_H

#include <jansson.h>

#include "sim/base/err.h"
#include "sim/base/vec.h"
#include "sim/cluster/queue_spec.h"
#include "sim/plan/level.h"

enum { PLAN_MOST_POOLS = 8, PLAN_MOST_CANDIDATES = 200000, PLAN_MOST_METERED = 8 };

/* A pool of the cluster of which the number of nodes is to be found. */
struct plan_pool {
    const char *name;
    size_t at;     /* in "pools" of the cluster */
    int64_t least; /* nodes; 0: the pool may be left out */
    int64_t most;
    int64_t step;
};

/* What a node of a pool of the cluster costs, by place in "pools". */
struct plan_price {
    const char *name;       /* of the pool */
    int64_t micro_per_hour; /* millionths of the currency */
    double gpus;
    bool is_metered; /* paid for while it is there only: elastic, spot, or for a part of the time */
    double idle_w;   /* that a node draws with all its GPUs idle, with the building; 0: not known */
    double busy_w;   /* that it draws more when all are busy */
};

/* A future, and how much it counts. */
struct plan_scenario {
    const char *name;
    double weight;
    double factor;    /* of the density of submits */
    double durations; /* of the durations of jobs */
};

#define PLAN_ANY_SCENARIO UINT32_MAX

/* How some of the jobs grow. */
struct plan_rule {
    struct level_jobs jobs;
    uint32_t scenario; /* or PLAN_ANY_SCENARIO */
    double growth;     /* a year: 0.5 is half as much again, -1 none */
};

/* Jobs that a model makes, beside the others. */
struct plan_project {
    const char *name;
    const char *queue; /* of all its jobs; NULL: those of the model */
    double factor;     /* of the model's rate */
    const char *model; /* a preset, or a file: read by the command line */
    const json_t *set; /* parameters of the model, a list of KEY=VALUE; or NULL */
};

/* What a queue of the cluster is entitled to, in GPUs. */
struct plan_share {
    const char *name;
    uint32_t parent; /* QUEUE_NO_PARENT */
    struct queue_share gpu;
};

/* What of the queues may change, and what is to be least: of a study of quotas. */
struct plan_quotas {
    bool quota;
    bool limit;
    bool weight;
    bool of_all; /* the mean loss of the queues is to be least, not that of the worst off */
    enum level_kind kind; /* of loss: mean wait, mean bounded slowdown, share that waits longer */
    double bound_s;       /* than this */
    double step_gpus;     /* the smallest move */
    uint32_t first_level; /* of as many levels as there are queues: their losses */
    VEC(uint32_t) queues; /* of the cluster, whose entitlements may change; by number */
};

enum plan_kind { PLAN_OF_NODES, PLAN_OF_QUOTAS };

enum plan_least { LEAST_COST, LEAST_GPUS, LEAST_ENERGY, LEAST_METRIC };

struct plan_study {
    json_t *json; /* the whole file; texts of the study are in it */
    const json_t *cluster;
    const json_t *demand;   /* options of the command line: trace, format, model, ... */
    const json_t *settings; /* likewise: pass, cost, ...; NULL: none */
    const char *name;
    const char *currency;
    VEC(struct plan_pool) pools;
    VEC(struct plan_price) prices;
    VEC(const char *) policies; /* NAME[:...][@PLACE[:...]] */
    VEC(struct plan_level) levels;
    VEC(struct plan_scenario) scenarios; /* at least one */
    VEC(struct plan_rule) rules;         /* the first that means a job; else `growth` */
    VEC(struct plan_project) projects;
    struct plan_quotas quotas;     /* of PLAN_OF_QUOTAS */
    VEC(struct plan_share) shares; /* of the queues of the cluster, as they are now */
    enum plan_least least;
    uint32_t metric;        /* of LEAST_METRIC */
    double budget_per_hour; /* of LEAST_METRIC; else no bound: INFINITY */
    double confidence;      /* of every level */
    uint32_t replications;  /* of what is reported */
    double growth;          /* a year: 0.5 is half as much again */
    double years;
    double hours; /* for which money is told */
    double warmup_s;
};

/* Reads the text of a study. Errors name the path in it. On success released with
 * plan_study_release. */
bool plan_study_read(const char *text, size_t length, enum plan_kind kind, struct plan_study *out,
                     struct err *err);
void plan_study_release(struct plan_study *study);

#endif
