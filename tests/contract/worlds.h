/*
 * worlds.h - small worlds for the laws: jobs in whole seconds, drawn at random or counted out one
 * by one.
 */
#ifndef TESTS_CONTRACT_WORLDS_H
#define TESTS_CONTRACT_WORLDS_H

#include <gsl/gsl_rng.h>

#include "tests/lib/replay.h"

enum { WORLD_MOST_JOBS = 40 };

struct world_job {
    uint32_t submit_s; /* not less than that of the job before */
    uint32_t duration_s;
    uint32_t estimate_s; /* at least 1 */
    uint32_t gpus;       /* whole GPUs; 0 for CPU only */
    uint32_t tasks;      /* 0: a free shape; else a gang of so many tasks of gpus / tasks */
    bool preemptible;
};

struct world {
    uint32_t nodes;
    uint32_t gpus_a_node;
    uint32_t count;
    struct world_job jobs[WORLD_MOST_JOBS];
    bool reversed_names; /* ids in descending order, which nothing may depend on */
};

enum world_kind {
    WORLD_PLAIN, /* free shapes, estimates not below durations: what the slow policies know */
    WORLD_ANY,   /* gangs, jobs too large, estimates that are too short, CPU only */
};

void world_draw(struct world *world, gsl_rng *random, enum world_kind kind);

/* The world with this number among all of `count` jobs on 1 node of 3 GPUs, with 1 to 3 GPUs, 1 or
 * 2 seconds, submitted 0 or 1 second apart, estimated exactly or one second too long; false when
 * there are not so many. */
bool world_count_out(struct world *world, uint32_t count, uint64_t number);

/* Makes a replay of it, with default settings and `count` placement. */
void world_replay(const struct world *world, struct replay *replay);

/* Appends the world as text, for the message of a failing test. */
void world_describe(struct text *text, const struct world *world);

#endif
