/*
 * sampler.h - a distribution ready to be drawn from: its quantiles over normal scores.
 */
#ifndef GENERATE_SAMPLER_H
#define GENERATE_SAMPLER_H

#include <stdint.h>

#include "sim/generate/distribution.h"

/* Scores are cut to -SAMPLER_REACH .. SAMPLER_REACH (one value in 10^19 lies beyond). */
enum {
    SAMPLER_REACH = 9,
    SAMPLER_STEPS = 64,
    SAMPLER_POINTS = 2 * SAMPLER_REACH * SAMPLER_STEPS + 1
};

/* Natural logarithms of quantiles, ascending. Between two points where they rise steeply (a mixture
 * whose components hardly overlap has hardly any values there) are more of them. */
struct quantile_table {
    double *log_x; /* SAMPLER_POINTS */
    /* By interval between two points: 0, or one more than where its inner points start in `inner`.
     */
    uint32_t *inner_at;
    VEC(double) inner;
};

struct sampler {
    const struct distribution *empirical; /* read itself: its steps are sharper than a table */
    struct quantile_table table;
    struct quantile_table second; /* of the second component where its chance depends on the size */
    bool has_second;
    double p;
    double p_per_gpu;
};

/* Makes the table; false when a quantile cannot be computed. About 20 ms for a hyper-gamma, less
 * for the others. The distribution must live as long as the sampler. */
bool sampler_init(struct sampler *sampler, const struct distribution *distribution,
                  struct err *err);
void sampler_release(struct sampler *sampler);

/* The value at normal score z, off by less than a millionth within four standard deviations; by
 * up to a fiftieth where a mixture rises steeply. */
double sampler_at(const struct sampler *sampler, double z);

/* The value for a job of `gpus`: `u` from 0 to 1 chooses the component where the chance of it
 * depends on the size, else it has no influence. */
double sampler_at_size(const struct sampler *sampler, double z, double u, double gpus);

/* The mean, by the table. */
double sampler_mean(const struct sampler *sampler);

#endif
