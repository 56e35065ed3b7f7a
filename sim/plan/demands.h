/*
 * demands.h - the jobs that runs replay: of a world, a scenario and a replication.
 *
 * All candidates of a world meet the same jobs. They are kept as long as there is room for them,
 * and made again after that.
 */
#ifndef PLAN_DEMANDS_H
#define PLAN_DEMANDS_H

#include "sim/plan/study.h"
#include "sim/study/replicate.h"

enum world_estimates {
    WORLD_ESTIMATES_AS_TOLD,
    WORLD_ESTIMATES_EXACT,
    WORLD_ESTIMATES_ROUGH, /* off by a factor of two or more in every third job */
};

/* What is otherwise than in the study: for "what would change the answer". */
struct plan_world {
    const char *name;
    double factor;    /* of the density of submits */
    double durations; /* of the durations of jobs */
    double years;     /* of growth, more than in the study */
    double failures;  /* of the rate at which what fails by laws does */
    enum world_estimates estimates;
};

extern const struct plan_world plan_as_it_is;

/* Equal in all but the name? */
bool plan_world_same(const struct plan_world *a, const struct plan_world *b);

struct plan_demands_input {
    const struct plan_study *study;
    const struct replicate *replicate;
    const struct generate_model *projects; /* by number in the study */
    bool grows_by_users; /* growth makes more users; else the same ones submit more often */
};

/* The jobs of a run, which may still have to be made. */
struct plan_demand {
    struct plan_world world;
    uint32_t scenario;
    uint32_t replication;
    bool made;
    struct workload workload;
    struct err err; /* when it could not be made */
};

struct plan_demands;

/* What the input names must outlive it. Freed with plan_demands_free. */
struct plan_demands *plan_demands_new(const struct plan_demands_input *input);
void plan_demands_free(struct plan_demands *demands);

/* It stays where it is until plan_demands_drop. */
struct plan_demand *plan_demands_get(struct plan_demands *demands, const struct plan_world *world,
                                     uint32_t scenario, uint32_t replication);

/* Makes its jobs; different ones may be made at the same time. False with demand->err filled. */
bool plan_demand_make(const struct plan_demands *demands, struct plan_demand *demand);

/* Lets the oldest go, until the rest are few enough. */
void plan_demands_drop(struct plan_demands *demands);

#endif
