/*
 * trial.h - the runs of candidates: what each says of every level, in one world or another.
 *
 * A run is (world, candidate, replication, scenario). All candidates of a world meet the same
 * replications, so their differences are not luck of the draw (common random numbers). Runs come
 * from the store where they were made before, else from all processors.
 */
#ifndef PLAN_TRIAL_H
#define PLAN_TRIAL_H

#include "sim/plan/campaign.h"
#include "sim/plan/candidate.h"

/* A candidate in a world and its runs so far. */
struct plan_tried {
    struct plan_candidate candidate;
    struct plan_world world;
    VEC(struct plan_outcome) outcomes; /* by replication */
};

struct plan_bench;

/* The store and all that the input names must outlive the bench. Freed with plan_bench_free. */
struct plan_bench *plan_bench_new(const struct plan_bench_input *input, struct plan_store *store);
void plan_bench_free(struct plan_bench *bench);
const struct plan_bench_input *plan_bench_input(const struct plan_bench *bench);

/* The candidate in that world, with at least so many replications; runs in which it breaks a level
 * by far may be stopped. What was tried stays where it is until the bench is freed. NULL with *err
 * filled when a run failed. */
const struct plan_tried *plan_try(struct plan_bench *bench, const struct plan_candidate *candidate,
                                  const struct plan_world *world, uint32_t replications,
                                  struct err *err);

/* The same, with no run stopped before its end. */
const struct plan_tried *plan_try_whole(struct plan_bench *bench,
                                        const struct plan_candidate *candidate,
                                        const struct plan_world *world, uint32_t replications,
                                        struct err *err);

/* Everything that was tried, in the order of first trying. */
size_t plan_tried_count(const struct plan_bench *bench);
const struct plan_tried *plan_tried_at(const struct plan_bench *bench, size_t i);

/* Runs made or recalled so far: replications times scenarios. */
size_t plan_run_count(const struct plan_bench *bench);

/* How a level does, from the runs so far. */
struct level_estimate plan_level_of(const struct plan_bench *bench, const struct plan_tried *tried,
                                    uint32_t level, double confidence);

/* The mean of a number over the replications. */
double plan_number_of(const struct plan_tried *tried, enum plan_number number);

/* The mean number of nodes that were there, of every metered pool. */
void plan_there(const struct plan_tried *tried, double there[PLAN_MOST_METERED]);

/* The first workload as the demand is, kept until the next try; NULL with *err filled. */
const struct workload *plan_workload(struct plan_bench *bench, struct err *err);

/* One more run, with causes, of replication 0 and the first scenario. */
bool plan_look_at(struct plan_bench *bench, const struct plan_candidate *candidate,
                  const struct plan_world *world, struct plan_look *out, struct err *err);

#endif
