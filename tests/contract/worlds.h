/*
 * worlds.h - small worlds for the laws: jobs in whole seconds, drawn at random or counted out one
 * by one.
 */
#ifndef TESTS_CONTRACT_WORLDS_H
#define TESTS_CONTRACT_WORLDS_H

#include <gsl/gsl_rng.h>

#include "tests/lib/replay.h"

enum { WORLD_MOST_JOBS = 40, WORLD_TENANTS = 3 };

struct world_job {
    uint32_t submit_s; /* not less than that of the job before */
    uint32_t duration_s;
    uint32_t estimate_s; /* at least 1 */
    uint32_t gpus;       /* whole GPUs; 0 for CPU only */
    uint32_t tasks;      /* 0: a free shape; else a gang of so many tasks of gpus / tasks */
    uint32_t min_tasks;  /* of a gang: 0, or with how many of them it can work: it is elastic */
    uint32_t tenant;     /* below WORLD_TENANTS: its user and its queue */
    bool preemptible;
    bool is_half; /* a task that shares one GPU; gpus is 1 */
};

struct world {
    uint32_t nodes;
    uint32_t gpus_a_node;
    uint32_t count;
    struct world_job jobs[WORLD_MOST_JOBS];
    bool reversed_names; /* of jobs, users and queues: others, in another order */
    /* Not 0: as many more nodes of a GPU model that no job may use. Worlds to be compared need the
     * models in both: `names_models`. */
    uint32_t spare_nodes;
    bool names_models;
    /* The cluster file names the queues, with a quota of an even share and these limits in GPUs. */
    bool has_queues;
    uint32_t limits[WORLD_TENANTS];
};

enum world_kind {
    WORLD_PLAIN, /* free shapes, estimates not below durations: what the slow policies know */
    WORLD_ANY,   /* gangs, jobs too large, estimates that are too short, CPU only */
};

void world_draw(struct world *world, gsl_rng *random, enum world_kind kind);

/* The same in slow motion: seconds become so many. */
void world_stretch(struct world *world, uint32_t factor);

/* The world with this number among all of `count` jobs on 1 node of 3 GPUs, with 1 to 3 GPUs, 1 or
 * 2 seconds, submitted 0 or 1 second apart, estimated exactly or one second too long; false when
 * there are not so many. */
bool world_count_out(struct world *world, uint32_t count, uint64_t number);

/* The same on any cluster, for laws: GPUs of 1, half a node, a node and the whole cluster, 1 or 3
 * seconds estimated truly, submitted 0 or 1 second apart by two tenants in turn, all of free shape
 * or all gangs of single GPUs. Worlds that are another one with other words are left out: equal
 * sizes count once, and on one node a gang of single GPUs is a free shape. */
bool world_count_out_on(struct world *world, uint32_t count, uint64_t number);

/* Only free shapes of whole GPUs, all preemptible: what laws about amounts are judged on. */
bool world_is_plain(const struct world *world);

/* Makes a replay of it, with default settings and `count` placement. */
void world_replay(const struct world *world, struct replay *replay);

/* Appends the world as text, for the message of a failing test. */
void world_describe(struct text *text, const struct world *world);

#endif
