/*
 * campaign.h - some replications of a candidate in a world, on all processors at once.
 *
 * Runs come from the store where they were made before. Threads that would have nothing to do begin
 * the runs that may be asked for next.
 */
#ifndef PLAN_CAMPAIGN_H
#define PLAN_CAMPAIGN_H

#include "sim/base/vec.h"
#include "sim/plan/run.h"
#include "sim/plan/store.h"

/* What all campaigns of a study share; the store and the demands are the owner's. */
struct plan_runner {
    struct plan_bench_input input;
    struct plan_store *store;
    struct plan_demands *demands;
    VEC(double) waits_s; /* by replication: the last mean wait seen, infinite for a stopped run */
    size_t runs;         /* made or recalled so far: replications times scenarios */
};

struct plan_campaign {
    const struct plan_candidate *candidate;
    const struct plan_world *world;
    const uint32_t *replications; /* `count` that are wanted, then `ahead` that may be next */
    size_t count;
    size_t ahead;  /* 0 unless may_stop */
    bool may_stop; /* where a level is broken by far */
};

/* Runs them; outcomes[r] is filled for each wanted replication r. False with *err filled when a run
 * failed or the progress gave up. Equal campaigns give equal outcomes, whatever was run ahead. */
bool plan_campaign(struct plan_runner *runner, const struct plan_campaign *asked,
                   struct plan_outcome *outcomes, struct err *err);

#endif
