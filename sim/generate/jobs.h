/*
 * jobs.h - what a job of a model is like: shape, duration, user, queue, estimate.
 */
#ifndef GENERATE_JOBS_H
#define GENERATE_JOBS_H

#include "sim/generate/arrivals.h"
#include "sim/generate/sizes.h"
#include "sim/workload/workload.h"

/* Names with shares. */
struct job_names {
    VEC(double) below; /* share of the names before it */
    VEC(char *) names;
};

struct jobs {
    const struct generate_model *model;
    struct draws draws;
    struct job_sizes sizes;
    VEC(struct sampler) samplers; /* of durations: of the whole model, then by class */
    VEC(uint32_t) sampler_of;     /* by size: in samplers */
    struct sampler factor;
    struct job_names users;
    struct job_names queues;
};

/* The model must live as long. Released by the caller, also after a failure. */
bool jobs_init(struct jobs *jobs, const struct generate_model *model, uint64_t seed,
               struct err *err);
void jobs_release(struct jobs *jobs);

/* How long the job runs and how large it is; all that the load depends on. */
struct job_work {
    uint32_t size; /* in jobs.sizes */
    int64_t duration_us;
};
struct job_work jobs_work(const struct jobs *jobs, const struct arrival *arrival);

/* Fills the draft but for the id. Its names live as long as *jobs. */
void jobs_describe(const struct jobs *jobs, const struct arrival *arrival, struct job_work work,
                   struct job_draft *draft);

/* Shape number `size` as jobs that are not elastic have it, with everything else that jobs of the
 * model can carry: for finding out which columns a table of them needs. */
void jobs_example(const struct jobs *jobs, uint32_t size, bool elastic, struct job_draft *draft);

#endif
