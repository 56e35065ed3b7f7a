/*
 * place.h - what a placement rule is: one file in policies/place/, one entry in the generated
 * table.
 *
 * An ordering policy says *which job next*; a placement rule says *where*. Any order goes with any
 * placement. The engine walks the tasks of a gang, asks the rule for each, and takes everything
 * back when one of them finds no place, so a rule never sees half a gang left behind.
 */
#ifndef SIM_PLACE_H
#define SIM_PLACE_H

#include "sim/base/param.h"
#include "sim/cluster/cluster.h"

/* A job of free shape that is being placed part by part. */
struct place_split {
    const struct request *request;
    struct node_filter filter;
    uint32_t placed; /* GPUs that have a place already, and are taken in the cluster */
};

/* Tasks of a job that was submitted, or will be. */
struct place_demand {
    const struct request *request; /* of one task, with masks of the cluster's models */
    uint32_t tasks;
    bool is_free; /* one task whose whole GPUs may be split over nodes */
};

/* What has to be placed together. */
struct place_gang {
    const struct place_demand *demands; /* the tasks that it cannot do without */
    uint32_t demand_count;
    struct node_filter filter;
    uint32_t near; /* a node where the job has a task already, or NODE_NONE */
};

struct place_ops {
    const char *name;   /* also the file's name: policies/place/<name>.c */
    const char *help;   /* one line: what it is, when it is good */
    const char *source; /* where the rule is defined: a paper, a simulator */
    size_t state_size;  /* zeroed memory that the engine gives to every function */
    size_t params_size;
    const struct param_spec *params; /* may be NULL */
    const char *validated;           /* whose placements it gives, node by node; NULL: nobody's */

    /* Called once before anything is placed, with the whole cluster idle; the cluster outlives the
     * state, which may keep the pointer. Missing: nothing to prepare. Whatever it takes, `release`
     * gives back. */
    bool (*init)(void *state, const void *params, const struct cluster *cluster, uint64_t seed,
                 struct err *err);
    void (*release)(void *state);

    /* For rules that learn what tasks ask for: called for every task group of a job when the job is
     * submitted, before anybody places it. Missing: the rule goes by the task in hand alone. */
    void (*learn)(void *state, const struct place_demand *demand);

    /* Whether, with these parameters, the rule looks into the future: `learn` is then called for
     * all jobs of the trace, in submit order, before the first is submitted. Missing: it does not.
     */
    bool (*foresees)(const void *params);

    /* For rules that choose for the tasks of a job together: called before they are picked one by
     * one, with the filter of those picks. What it knows of a job holds until the next call.
     * Missing: every task is chosen by itself. */
    void (*begin)(void *state, const struct cluster *cluster, const struct place_gang *gang);

    /* The node for one task, among those that pass the filter, or NODE_NONE when none fits. Called
     * between place and release of other tasks. The cluster is that of `init`, or a copy of it in
     * which the engine tries whether a job can ever run; of a copy nothing may be kept. Required.
     */
    uint32_t (*pick)(void *state, const struct cluster *cluster, const struct request *request,
                     struct node_filter filter);

    /* Which GPUs of the chosen node; missing: cluster_choose. */
    void (*choose)(void *state, const struct cluster *cluster, uint32_t node,
                   const struct request *request, struct grant *out);

    /* The next part of a job of free shape: a node and how many of its GPUs. Returns false when
     * nothing more can be had; the engine then takes the others back. Missing: the job goes to one
     * node as a single task, through `pick`. */
    bool (*next_part)(void *state, const struct cluster *cluster, const struct place_split *split,
                      uint32_t *node, uint32_t *count);
};

/* The sorted table of every placement rule; ends with NULL. */
extern const struct place_ops *const place_rules[];

const struct place_ops *place_find(const char *name);

#endif
