/*
 * run.h - one run of a candidate: what it says of every level, and of the bill.
 */
#ifndef PLAN_RUN_H
#define PLAN_RUN_H

#include "sim/plan/candidate.h"
#include "sim/plan/demands.h"
#include "sim/study/grid.h"

/* What a run tells besides its levels. */
enum plan_number {
    PLAN_MEAN_WAIT_S,
    PLAN_P95_WAIT_S,
    PLAN_ALLOCATION,
    PLAN_OFFERED,
    PLAN_CENSORED,
    PLAN_REJECTED,
    PLAN_POWER_W, /* of pools whose power is known */
    PLAN_METRIC,  /* of the objective, if it is one */
    PLAN_NUMBERS
};

/* One replication: over its scenarios, by their weights. */
struct plan_outcome {
    struct level_sum sums[LEVEL_MOST];
    double numbers[PLAN_NUMBERS];
    double there[PLAN_MOST_METERED]; /* mean nodes of every metered pool */
    bool would_stop;                 /* of one run: some level was broken by far before its end */
    bool is_best; /* the run was stopped because some level was broken by far: sums are what the
                     levels could have become at best, numbers are NAN */
};

struct plan_bench_input {
    struct plan_demands_input demand;       /* and the study */
    const struct grid_policy *policies;     /* by number in the study */
    const struct engine_settings *settings; /* the seed is that of the replication */
    const char *identity; /* of demand, settings, program: what runs depend on besides */
    unsigned threads;
    /* After every run; false gives up. `planned` is what is asked for now. NULL for nobody. */
    bool (*progress)(void *self, size_t done, size_t planned);
    void *progress_self;
};

struct plan_choice {
    const struct plan_candidate *candidate;
    const struct plan_world *world;
    uint32_t replication;
    bool may_stop; /* when a level is broken by far */
    /* The run is stopped when this becomes 0, and what it says is worth nothing; NULL: never. */
    const atomic_size_t *asked_for;
};

/* A look at one run: the misses of every level by hour of day, and how much of the pending time had
 * each cause. */
struct plan_look {
    double hours[LEVEL_MOST][LEVEL_HOURS];
    double causes[WAIT_CAUSE_COUNT]; /* shares */
};

/* `workload` is that of the choice; `look` NULL: nobody looks. Runs of one input may be made at the
 * same time. */
bool plan_run(const struct plan_bench_input *input, const struct plan_choice *choice,
              const struct workload *workload, struct plan_outcome *out, struct plan_look *look,
              struct err *err);

#endif
