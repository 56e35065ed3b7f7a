/*
 * generate.h - synthetic workloads: a model and a seed in, jobs out.
 *
 *     struct generate_model model;
 *     struct workload workload;
 *     struct generate_options options = {.jobs = 1000, .load = 0.9, .gpu_milli = 512000};
 *     generate_model_read(view_of(text), &model, &err);
 *     generate_workload(&model, 7, &options, &workload, &err);
 *
 * Replications of a comparison are the same model under several seeds. What a job draws is keyed by
 * (seed, what for, which job), so after changing one parameter the same seed gives the same jobs in
 * everything that the parameter does not touch: with twice the rate, the same jobs come twice as
 * fast; with more users, the same sizes and durations belong to others.
 */
#ifndef GENERATE_GENERATE_H
#define GENERATE_GENERATE_H

#include "sim/generate/model.h"
#include "sim/workload/workload.h"

struct generate_options {
    uint64_t jobs;     /* that many; 0: those of span_us */
    int64_t span_us;   /* those submitted before it; 0: that many jobs; one of the two is given */
    double load;       /* change the rate of arrivals until the jobs ask for this share of gpu_milli
                          between the first and the last submit (of span_us when that is given), to
                          a ten-thousandth, or to the nearest side of a jump where one large job
                          makes the difference; 0: the model's own rate */
    int64_t gpu_milli; /* what the load is measured against */
};

/* Makes the jobs in memory; ids "1", "2", ... in the order of submit times. On success *out is
 * finished and the caller releases it. It fails when there is no rate with such a load, when
 * arrivals go beyond what a workload holds, when no job arrives at all. About 1 us a job; a load is
 * found by trying rates, a pass over the jobs each. */
bool generate_workload(const struct generate_model *model, uint64_t seed,
                       const struct generate_options *options, struct workload *out,
                       struct err *err);

/* The same job by job, for workloads that need not be in memory: open, next until it returns false
 * (err->code is ERR_NONE at the end), close. Names in the drafts live as long as the generator. */
struct generator;
struct generator *generator_open(const struct generate_model *model, uint64_t seed,
                                 const struct generate_options *options, struct err *err);
bool generator_next(struct generator *generator, struct job_draft *draft, struct err *err);
void generator_close(struct generator *generator);

/* The factor on the model's rate that gives the load. */
double generator_rate(const struct generator *generator);

/* Jobs of every shape that the generator can make, with every field that its jobs can have: the
 * columns that a table of its jobs needs. The caller releases *out. */
bool generator_examples(const struct generator *generator, struct workload *out, struct err *err);

#endif
