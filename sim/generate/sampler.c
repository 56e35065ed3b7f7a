/* sampler.c - see sampler.h. */
#include "sim/generate/sampler.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

static double score_of(unsigned point)
{
    return ((double)point - SAMPLER_REACH * SAMPLER_STEPS) / SAMPLER_STEPS;
}

static bool fill(double *log_x, const struct distribution *distribution, struct err *err)
{
    for (unsigned i = 0; i < SAMPLER_POINTS; i++) {
        double z = score_of(i);
        double x =
            distribution_quantile(distribution, gsl_cdf_ugaussian_P(z), gsl_cdf_ugaussian_Q(z));
        if (!isfinite(x)) {
            return err_set(err, ERR_FORMAT, 0,
                           "the %s distribution has no quantile at %.3g standard deviations",
                           distribution_family_name(distribution->family), z);
        }
        log_x[i] = log(x);
        /* Numerical inverses may step back by their last digits. */
        if (i > 0 && log_x[i] < log_x[i - 1]) {
            log_x[i] = log_x[i - 1];
        }
    }
    return true;
}

/* The first or second component of a hyper-gamma, as a distribution of its own. */
static struct distribution component_of(const struct distribution *whole, unsigned shape)
{
    struct distribution component =
        distribution_of(whole->family == FAMILY_HYPERGAMMA ? FAMILY_GAMMA : FAMILY_LOGGAMMA,
                        whole->parameter + shape);
    component.at_least = whole->at_least;
    component.at_most = whole->at_most;
    return component;
}

bool sampler_init(struct sampler *sampler, const struct distribution *distribution, struct err *err)
{
    *sampler = (struct sampler){0};
    if (distribution->family == FAMILY_EMPIRICAL) {
        sampler->empirical = distribution;
        return true;
    }
    sampler->log_x = mem_alloc(SAMPLER_POINTS, sizeof(*sampler->log_x));
    bool ok = true;
    if (!distribution_needs_size(distribution)) {
        ok = fill(sampler->log_x, distribution, err);
    } else {
        struct distribution first = component_of(distribution, HYPER_SHAPE1);
        struct distribution second = component_of(distribution, HYPER_SHAPE2);
        sampler->p = distribution->parameter[HYPER_P];
        sampler->p_per_gpu = distribution->parameter[HYPER_P_PER_GPU];
        sampler->log_x2 = mem_alloc(SAMPLER_POINTS, sizeof(*sampler->log_x2));
        ok = fill(sampler->log_x, &first, err) && fill(sampler->log_x2, &second, err);
    }
    if (!ok) {
        sampler_release(sampler);
    }
    return ok;
}

void sampler_release(struct sampler *sampler)
{
    free(sampler->log_x);
    free(sampler->log_x2);
    *sampler = (struct sampler){0};
}

static double read_table(const double *log_x, double z)
{
    double at = (fmin(fmax(z, -SAMPLER_REACH), SAMPLER_REACH) + SAMPLER_REACH) * SAMPLER_STEPS;
    unsigned point = (unsigned)at;
    point = point < SAMPLER_POINTS - 1 ? point : SAMPLER_POINTS - 2;
    double share = at - point;
    return exp(log_x[point] + (log_x[point + 1] - log_x[point]) * share);
}

double sampler_at(const struct sampler *sampler, double z)
{
    return sampler_at_size(sampler, z, 0.5, 0);
}

double sampler_at_size(const struct sampler *sampler, double z, double u, double gpus)
{
    if (sampler->empirical != NULL) {
        return distribution_quantile(sampler->empirical, gsl_cdf_ugaussian_P(z),
                                     gsl_cdf_ugaussian_Q(z));
    }
    bool is_second = sampler->log_x2 != NULL && u >= sampler->p + sampler->p_per_gpu * gpus;
    return read_table(is_second ? sampler->log_x2 : sampler->log_x, z);
}

/* The rule of midpoints over the shares between the points of the table. */
static double table_mean(const struct sampler *sampler, const double *log_x)
{
    double sum = 0;
    double below = 0;
    for (unsigned i = 0; i < SAMPLER_POINTS - 1; i++) {
        double share = i + 2 < SAMPLER_POINTS ? gsl_cdf_ugaussian_P(score_of(i + 1)) : 1;
        double middle = score_of(i) + 0.5 / SAMPLER_STEPS;
        sum += (share - below) *
               (log_x != NULL ? read_table(log_x, middle) : sampler_at(sampler, middle));
        below = share;
    }
    return sum;
}

double sampler_mean(const struct sampler *sampler)
{
    double first = table_mean(sampler, sampler->log_x);
    if (sampler->log_x2 == NULL) {
        return first;
    }
    double p = fmin(fmax(sampler->p, 0), 1);
    return p * first + (1 - p) * table_mean(sampler, sampler->log_x2);
}
