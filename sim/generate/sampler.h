/*
 * sampler.h - a distribution ready to be drawn from: its quantiles over normal scores.
 */
#ifndef GENERATE_SAMPLER_H
#define GENERATE_SAMPLER_H

#include "sim/generate/distribution.h"

/* Scores are cut to -SAMPLER_REACH .. SAMPLER_REACH (one value in 10^19 lies beyond). */
enum {
    SAMPLER_REACH = 9,
    SAMPLER_STEPS = 64,
    SAMPLER_POINTS = 2 * SAMPLER_REACH * SAMPLER_STEPS + 1
};

struct sampler {
    const struct distribution *empirical; /* read itself: its steps are sharper than the table */
    double *log_x;  /* SAMPLER_POINTS natural logarithms of quantiles, ascending */
    double *log_x2; /* the same of the second component, or NULL: the distribution needs no size */
    double p;
    double p_per_gpu;
};

/* Makes the table; false when a quantile cannot be computed. About 20 ms for a hyper-gamma, less
 * for the others. The distribution must live as long as the sampler. */
bool sampler_init(struct sampler *sampler, const struct distribution *distribution,
                  struct err *err);
void sampler_release(struct sampler *sampler);

/* The value at normal score z. Linear in the logarithm between the points of the table, which is
 * exact for the lognormal and off by less than a ten-thousandth for the others. */
double sampler_at(const struct sampler *sampler, double z);

/* The value for a job of `gpus`: `u` from 0 to 1 chooses the component where the chance of it
 * depends on the size, else it has no influence. */
double sampler_at_size(const struct sampler *sampler, double z, double u, double gpus);

/* The mean, by the table. */
double sampler_mean(const struct sampler *sampler);

#endif
