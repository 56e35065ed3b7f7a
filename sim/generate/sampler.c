/* sampler.c - see sampler.h. */
#include "sim/generate/sampler.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"

enum { INNER_STEPS = 64 };

/* A rise of the logarithm from one point to the next above which there are inner points. */
static const double steep = 0.1;

static double score_of(double point)
{
    return (point - SAMPLER_REACH * SAMPLER_STEPS) / SAMPLER_STEPS;
}

/* The logarithm of the quantile at a point, no less than `least`: numerical inverses may step back
 * by their last digits. */
static bool log_quantile(const struct distribution *distribution, double point, double least,
                         double *out, struct err *err)
{
    double z = score_of(point);
    double x = distribution_quantile(distribution, gsl_cdf_ugaussian_P(z), gsl_cdf_ugaussian_Q(z));
    if (!isfinite(x)) {
        return err_set(err, ERR_FORMAT, 0,
                       "the %s distribution has no quantile at %.3g standard deviations",
                       distribution_family_name(distribution->family), z);
    }
    *out = fmax(log(x), least);
    return true;
}

static bool fill_inner(struct quantile_table *table, const struct distribution *distribution,
                       uint32_t interval, struct err *err)
{
    double at = table->log_x[interval];
    table->inner_at[interval] = (uint32_t)table->inner.count + 1;
    for (int i = 0; i < INNER_STEPS; i++) {
        if (i > 0 &&
            !log_quantile(distribution, interval + (double)i / INNER_STEPS, at, &at, err)) {
            return false;
        }
        vec_push(&table->inner, fmin(at, table->log_x[interval + 1]));
    }
    vec_push(&table->inner, table->log_x[interval + 1]);
    return true;
}

static bool fill(struct quantile_table *table, const struct distribution *distribution,
                 struct err *err)
{
    table->log_x = mem_alloc(SAMPLER_POINTS, sizeof(*table->log_x));
    table->inner_at = mem_alloc(SAMPLER_POINTS, sizeof(*table->inner_at));
    double least = -HUGE_VAL;
    for (uint32_t i = 0; i < SAMPLER_POINTS; i++) {
        if (!log_quantile(distribution, i, least, &table->log_x[i], err)) {
            return false;
        }
        least = table->log_x[i];
    }
    for (uint32_t i = 0; i < SAMPLER_POINTS - 1; i++) {
        bool is_far_out = fabs(score_of(i)) > 6;
        if (!is_far_out && table->log_x[i + 1] - table->log_x[i] > steep &&
            !fill_inner(table, distribution, i, err)) {
            return false;
        }
    }
    return true;
}

static void table_release(struct quantile_table *table)
{
    free(table->log_x);
    free(table->inner_at);
    vec_release(&table->inner);
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
    bool ok = true;
    if (!distribution_needs_size(distribution)) {
        ok = fill(&sampler->table, distribution, err);
    } else {
        struct distribution first = component_of(distribution, HYPER_SHAPE1);
        struct distribution second = component_of(distribution, HYPER_SHAPE2);
        sampler->p = distribution->parameter[HYPER_P];
        sampler->p_per_gpu = distribution->parameter[HYPER_P_PER_GPU];
        sampler->has_second = true;
        ok = fill(&sampler->table, &first, err) && fill(&sampler->second, &second, err);
    }
    if (!ok) {
        sampler_release(sampler);
    }
    return ok;
}

void sampler_release(struct sampler *sampler)
{
    table_release(&sampler->table);
    table_release(&sampler->second);
    *sampler = (struct sampler){0};
}

/* A cubic through the neighbours' slopes, kept between the two points so that it never falls; a
 * line between inner points. */
static double read_table(const struct quantile_table *table, double z)
{
    const double *log_x = table->log_x;
    CHECK(log_x != NULL);
    double at = (fmin(fmax(z, -SAMPLER_REACH), SAMPLER_REACH) + SAMPLER_REACH) * SAMPLER_STEPS;
    uint32_t point = (uint32_t)at;
    point = point < 1 ? 1 : point < SAMPLER_POINTS - 2 ? point : SAMPLER_POINTS - 3;
    double t = at - point;
    if (table->inner_at[point] > 0) {
        const double *inner = &table->inner.items[table->inner_at[point] - 1];
        uint32_t step = (uint32_t)(t * INNER_STEPS);
        double share = t * INNER_STEPS - step;
        return exp(inner[step] + (inner[step + 1] - inner[step]) * share);
    }
    double low = log_x[point];
    double high = log_x[point + 1];
    double slope_low = (high - log_x[point - 1]) / 2;
    double slope_high = (log_x[point + 2] - low) / 2;
    double rise = high - low;
    double curve = slope_low - rise + (2 * rise - slope_low - slope_high) * t;
    double value = low + t * (rise + (1 - t) * curve);
    return exp(fmin(fmax(value, low), high));
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
    bool is_second = sampler->has_second && u >= sampler->p + sampler->p_per_gpu * gpus;
    return read_table(is_second ? &sampler->second : &sampler->table, z);
}

/* The rule of midpoints over the shares between the points of the table. */
static double mean_of(const struct sampler *sampler, const struct quantile_table *table)
{
    double sum = 0;
    double below = 0;
    for (uint32_t i = 0; i < SAMPLER_POINTS - 1; i++) {
        double share = i + 2 < SAMPLER_POINTS ? gsl_cdf_ugaussian_P(score_of(i + 1)) : 1;
        double middle = score_of(i + 0.5);
        sum += (share - below) *
               (table->log_x != NULL ? read_table(table, middle) : sampler_at(sampler, middle));
        below = share;
    }
    return sum;
}

double sampler_mean(const struct sampler *sampler)
{
    double first = mean_of(sampler, &sampler->table);
    if (!sampler->has_second) {
        return first;
    }
    double p = fmin(fmax(sampler->p, 0), 1);
    return p * first + (1 - p) * mean_of(sampler, &sampler->second);
}
