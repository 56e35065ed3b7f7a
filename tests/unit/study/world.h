/*
 * world.h - a small comparison for tests: generated jobs on a small cluster.
 */
#ifndef TESTS_STUDY_WORLD_H
#define TESTS_STUDY_WORLD_H

#include "sim/study/compare.h"

enum { STUDY_MOST = 8 };

struct study_world {
    struct generate_model model;
    struct workload base;
    struct cluster cluster;
    struct engine_settings settings;
    struct report_options report;
    struct replicate replicate;
    struct grid_policy policies[STUDY_MOST];
    void *params[2 * STUDY_MOST];
    double factors[STUDY_MOST];
    int64_t warmup_us[STUDY_MOST];
    struct grid_plan plan;
};

/* `jobs` of a model that comes with the program a replication, on a cluster in its short form, at the factors 1 and
 * half of it; no policies yet. */
void study_world_init(struct study_world *world, const char *preset, const char *cluster,
                      uint64_t jobs);
void study_world_release(struct study_world *world);

/* Adds a policy by name, placed by `consolidate`. */
void study_world_add(struct study_world *world, const char *policy);

#endif
