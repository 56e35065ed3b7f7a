/*
 * world.h - what a run looked like at one moment, put together from its decisions so far.
 *
 * A decision log tells who started where and who was stopped, not who ended: that is known from
 * jobs.csv. Without it jobs that have ended count as running still, and nobody is known to wait.
 */
#ifndef DIFF_WORLD_H
#define DIFF_WORLD_H

#include "sim/base/names.h"
#include "sim/diff/outcomes.h"

struct world {
    struct names jobs;   /* every job that was decided on */
    VEC(json_t *) holds; /* by job: the decision by which it runs; NULL when it does not */
    const struct outcomes *outcomes; /* the caller's; NULL: unknown */
};

void world_init(struct world *world, const struct outcomes *outcomes);
void world_release(struct world *world);

/* What a decision (of decision_parse) changes. Keeps a reference to it while the job runs. */
void world_apply(struct world *world, json_t *decision);

/* Who runs and waits at `time_s`, queue by queue, and who holds the nodes that `a` or `b` (each may
 * be NULL) name. */
void world_print(const struct world *world, double time_s, const json_t *a, const json_t *b,
                 struct text *out);

/* What is known of a job: since when it waits, how much it asks for, where it runs. A line. */
void world_print_job(const struct world *world, double time_s, const char *job, struct text *out);

#endif
