/*
 * distribution.c - see distribution.h.
 *
 * A family is a row of a table: its distribution function and its inverse, each told for both
 * tails, because a quantile far out in the upper one is lost when only p is known.
 */
#include "sim/generate/distribution.h"

#include <float.h>
#include <math.h>
#include <stddef.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_roots.h>

#include "sim/base/check.h"

/* A probability and its complement. */
struct tails {
    double lower;
    double upper;
};

struct family_row {
    const char *name;
    const char *parameters[DISTRIBUTION_MOST_PARAMETERS + 1]; /* NULL-ended */
    struct tails (*cdf)(const struct distribution *d, double x);
    double (*quantile)(const struct distribution *d, struct tails at);
};

static double cut(double x)
{
    return x > DISTRIBUTION_LEAST ? fmin(x, DISTRIBUTION_MOST) : DISTRIBUTION_LEAST;
}

static bool is_same(double a, double b)
{
    return !(a < b) && !(a > b);
}

/* -- gamma, which has no closed inverse -------------------------------------------------------- */

/* A distribution function to be inverted, over the logarithm of the value. */
struct inversion {
    struct tails (*cdf)(const double *parameter, double x);
    const double *parameter;
    struct tails wanted;
};

/* Rising; relative to the smaller tail, so that far tails come out as exact as the middle. */
static double inversion_off(double log_x, void *self)
{
    const struct inversion *inversion = self;
    struct tails got = inversion->cdf(inversion->parameter, exp(log_x));
    double off = inversion->wanted.lower < inversion->wanted.upper
                     ? got.lower / inversion->wanted.lower - 1
                     : 1 - got.upper / inversion->wanted.upper;
    /* A tail near the smallest double makes the ratio infinite, which the solver does not take. */
    return fmax(-DBL_MAX, fmin(off, DBL_MAX));
}

/* The value between `least` and `most` at which the function is what is wanted; that end of the
 * bracket beyond which it lies, when it lies outside. */
static double invert(struct inversion *inversion, double least, double most)
{
    enum { MOST_ITERATIONS = 100 };
    double low = log(least);
    double high = log(most);
    if (!(inversion_off(low, inversion) < 0)) {
        return least;
    }
    if (!(inversion_off(high, inversion) > 0)) {
        return most;
    }
    gsl_function function = {inversion_off, inversion};
    gsl_root_fsolver *solver = gsl_root_fsolver_alloc(gsl_root_fsolver_brent);
    CHECK(solver != NULL);
    (void)gsl_root_fsolver_set(solver, &function, low, high);
    for (int i = 0; i < MOST_ITERATIONS && high - low > 1e-10; i++) {
        (void)gsl_root_fsolver_iterate(solver);
        low = gsl_root_fsolver_x_lower(solver);
        high = gsl_root_fsolver_x_upper(solver);
        if (fabs(inversion_off(gsl_root_fsolver_root(solver), inversion)) < 1e-12) {
            break;
        }
    }
    double root = gsl_root_fsolver_root(solver);
    gsl_root_fsolver_free(solver);
    return exp(root);
}

/* `parameter`: shape, scale. */
static struct tails gamma_tails(const double *parameter, double x)
{
    return (struct tails){gsl_cdf_gamma_P(x, parameter[0], parameter[1]),
                          gsl_cdf_gamma_Q(x, parameter[0], parameter[1])};
}

static double gamma_inverse(const double *parameter, struct tails at)
{
    struct inversion inversion = {gamma_tails, parameter, at};
    return invert(&inversion, DISTRIBUTION_LEAST, DISTRIBUTION_MOST);
}

/* `parameter`: p, shape1, scale1, shape2, scale2. */
static struct tails hypergamma_tails(const double *parameter, double x)
{
    struct tails first = gamma_tails(parameter + HYPER_SHAPE1, x);
    struct tails second = gamma_tails(parameter + HYPER_SHAPE2, x);
    double p = parameter[HYPER_P];
    return (struct tails){p * first.lower + (1 - p) * second.lower,
                          p * first.upper + (1 - p) * second.upper};
}

/* The quantile of a mixture lies between those of its components. */
static double hypergamma_inverse(const double *parameter, struct tails at)
{
    double first = gamma_inverse(parameter + HYPER_SHAPE1, at);
    double second = gamma_inverse(parameter + HYPER_SHAPE2, at);
    struct inversion inversion = {hypergamma_tails, parameter, at};
    return invert(&inversion, fmin(first, second), fmax(first, second));
}

/* -- the families ------------------------------------------------------------------------------ */

static struct tails constant_cdf(const struct distribution *d, double x)
{
    return x < d->parameter[0] ? (struct tails){0, 1} : (struct tails){1, 0};
}

static double constant_quantile(const struct distribution *d, struct tails at)
{
    (void)at; /* every quantile is the one value */
    return d->parameter[0];
}

static struct tails exponential_tails(double mean, double x)
{
    return x > 0 ? (struct tails){-expm1(-x / mean), exp(-x / mean)} : (struct tails){0, 1};
}

static double exponential_inverse(double mean, struct tails at)
{
    return mean * (at.lower < at.upper ? -log1p(-at.lower) : -log(at.upper));
}

static struct tails exponential_cdf(const struct distribution *d, double x)
{
    return exponential_tails(d->parameter[0], x);
}

static double exponential_quantile(const struct distribution *d, struct tails at)
{
    return exponential_inverse(d->parameter[0], at);
}

/* `parameter`: p, mean1, mean2. */
static struct tails hyperexponential_tails(const double *parameter, double x)
{
    struct tails first = exponential_tails(parameter[1], x);
    struct tails second = exponential_tails(parameter[2], x);
    double p = parameter[0];
    return (struct tails){p * first.lower + (1 - p) * second.lower,
                          p * first.upper + (1 - p) * second.upper};
}

static struct tails hyperexponential_cdf(const struct distribution *d, double x)
{
    return hyperexponential_tails(d->parameter, x);
}

static double hyperexponential_quantile(const struct distribution *d, struct tails at)
{
    double first = cut(exponential_inverse(d->parameter[1], at));
    double second = cut(exponential_inverse(d->parameter[2], at));
    struct inversion inversion = {hyperexponential_tails, d->parameter, at};
    return invert(&inversion, fmin(first, second), fmax(first, second));
}

static struct tails gamma_cdf(const struct distribution *d, double x)
{
    return gamma_tails(d->parameter, x);
}

static double gamma_quantile(const struct distribution *d, struct tails at)
{
    return gamma_inverse(d->parameter, at);
}

static struct tails hypergamma_cdf(const struct distribution *d, double x)
{
    return hypergamma_tails(d->parameter, x);
}

static double hypergamma_quantile(const struct distribution *d, struct tails at)
{
    return hypergamma_inverse(d->parameter, at);
}

static struct tails loggamma_cdf(const struct distribution *d, double x)
{
    return x > 1 ? gamma_tails(d->parameter, log(x)) : (struct tails){0, 1};
}

static double loggamma_quantile(const struct distribution *d, struct tails at)
{
    return exp(fmin(gamma_inverse(d->parameter, at), log(DISTRIBUTION_MOST)));
}

static struct tails loghypergamma_cdf(const struct distribution *d, double x)
{
    return x > 1 ? hypergamma_tails(d->parameter, log(x)) : (struct tails){0, 1};
}

static double loghypergamma_quantile(const struct distribution *d, struct tails at)
{
    return exp(fmin(hypergamma_inverse(d->parameter, at), log(DISTRIBUTION_MOST)));
}

static struct tails lognormal_cdf(const struct distribution *d, double x)
{
    double z = x > 0 ? (log(x) - d->parameter[0]) / d->parameter[1] : -HUGE_VAL;
    return (struct tails){gsl_cdf_ugaussian_P(z), gsl_cdf_ugaussian_Q(z)};
}

static double lognormal_quantile(const struct distribution *d, struct tails at)
{
    double z =
        at.lower < at.upper ? gsl_cdf_ugaussian_Pinv(at.lower) : gsl_cdf_ugaussian_Qinv(at.upper);
    return exp(fmin(d->parameter[0] + d->parameter[1] * z, log(DISTRIBUTION_MOST)));
}

static struct tails loguniform_cdf(const struct distribution *d, double x)
{
    double width = log(d->parameter[1] / d->parameter[0]);
    double lower = x > d->parameter[0] ? fmin(log(x / d->parameter[0]) / width, 1) : 0;
    return (struct tails){lower, 1 - lower};
}

static double loguniform_quantile(const struct distribution *d, struct tails at)
{
    return d->parameter[0] * pow(d->parameter[1] / d->parameter[0], at.lower);
}

static struct tails weibull_cdf(const struct distribution *d, double x)
{
    double power = x > 0 ? pow(x / d->parameter[1], d->parameter[0]) : 0;
    return (struct tails){-expm1(-power), exp(-power)};
}

static double weibull_quantile(const struct distribution *d, struct tails at)
{
    return d->parameter[1] * pow(exponential_inverse(1, at), 1 / d->parameter[0]);
}

/* Between two quantiles: linear in the logarithm, or in the value where one is 0. */
static double between(const struct quantile_point *a, const struct quantile_point *b, double share)
{
    if (a->x > DISTRIBUTION_LEAST) {
        return a->x * pow(b->x / a->x, share);
    }
    return a->x + (b->x - a->x) * share;
}

/* The greatest value with no more than p below it. */
static double empirical_quantile(const struct distribution *d, struct tails at)
{
    size_t low = 0;
    size_t high = d->quantiles.count - 1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (d->quantiles.items[middle].p <= at.lower) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const struct quantile_point *a = &d->quantiles.items[low];
    const struct quantile_point *b = &d->quantiles.items[high];
    double share = b->p > a->p ? (at.lower - a->p) / (b->p - a->p) : 1;
    return is_same(a->x, b->x) ? a->x : between(a, b, fmin(fmax(share, 0), 1));
}

static struct tails empirical_cdf(const struct distribution *d, double x)
{
    const struct quantile_point *points = d->quantiles.items;
    size_t count = d->quantiles.count;
    if (x < points[0].x) {
        return (struct tails){0, 1};
    }
    if (!(x < points[count - 1].x)) {
        return (struct tails){1, 0};
    }
    size_t low = 0; /* the last point that is not above x */
    size_t high = count - 1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (points[middle].x <= x) {
            low = middle;
        } else {
            high = middle;
        }
    }
    const struct quantile_point *a = &points[low];
    const struct quantile_point *b = &points[high];
    double share =
        a->x > DISTRIBUTION_LEAST ? log(x / a->x) / log(b->x / a->x) : (x - a->x) / (b->x - a->x);
    double lower = a->p + (b->p - a->p) * share;
    return (struct tails){lower, 1 - lower};
}

static const struct family_row families[FAMILY_COUNT] = {
    [FAMILY_CONSTANT] = {"constant", {"value"}, constant_cdf, constant_quantile},
    [FAMILY_EMPIRICAL] = {"empirical", {NULL}, empirical_cdf, empirical_quantile},
    [FAMILY_EXPONENTIAL] = {"exponential", {"mean"}, exponential_cdf, exponential_quantile},
    [FAMILY_GAMMA] = {"gamma", {"shape", "scale"}, gamma_cdf, gamma_quantile},
    [FAMILY_HYPEREXPONENTIAL] = {"hyperexponential",
                                 {"p", "mean1", "mean2"},
                                 hyperexponential_cdf,
                                 hyperexponential_quantile},
    [FAMILY_HYPERGAMMA] = {"hypergamma",
                           {"p", "shape1", "scale1", "shape2", "scale2", "p_per_gpu"},
                           hypergamma_cdf,
                           hypergamma_quantile},
    [FAMILY_LOGGAMMA] = {"loggamma", {"shape", "scale"}, loggamma_cdf, loggamma_quantile},
    [FAMILY_LOGHYPERGAMMA] = {"loghypergamma",
                              {"p", "shape1", "scale1", "shape2", "scale2", "p_per_gpu"},
                              loghypergamma_cdf,
                              loghypergamma_quantile},
    [FAMILY_LOGNORMAL] = {"lognormal", {"mu", "sigma"}, lognormal_cdf, lognormal_quantile},
    [FAMILY_LOGUNIFORM] = {"loguniform", {"least", "most"}, loguniform_cdf, loguniform_quantile},
    [FAMILY_WEIBULL] = {"weibull", {"shape", "scale"}, weibull_cdf, weibull_quantile},
};

/* -- in general -------------------------------------------------------------------------------- */

const char *distribution_family_name(enum family family)
{
    CHECK(family < FAMILY_COUNT);
    return families[family].name;
}

bool distribution_family_find(const char *name, enum family *out)
{
    for (unsigned i = 0; i < FAMILY_COUNT; i++) {
        if (strcmp(families[i].name, name) == 0) {
            *out = (enum family)i;
            return true;
        }
    }
    return false;
}

unsigned distribution_parameter_count(enum family family)
{
    unsigned count = 0;
    while (families[family].parameters[count] != NULL) {
        count++;
    }
    return count;
}

const char *distribution_parameter_name(enum family family, unsigned parameter)
{
    CHECK(parameter < distribution_parameter_count(family));
    return families[family].parameters[parameter];
}

struct distribution distribution_of(enum family family, const double *parameters)
{
    CHECK(family < FAMILY_COUNT);
    struct distribution d = {.family = family, .at_most = DISTRIBUTION_MOST};
    for (unsigned i = 0; i < distribution_parameter_count(family); i++) {
        d.parameter[i] = parameters[i];
    }
    return d;
}

void distribution_release(struct distribution *distribution)
{
    vec_release(&distribution->quantiles);
}

struct distribution distribution_copy(const struct distribution *distribution)
{
    struct distribution copy = *distribution;
    copy.quantiles.items = NULL;
    copy.quantiles.count = 0;
    copy.quantiles.capacity = 0;
    for (size_t i = 0; i < distribution->quantiles.count; i++) {
        vec_push(&copy.quantiles, distribution->quantiles.items[i]);
    }
    return copy;
}

bool distribution_needs_size(const struct distribution *distribution)
{
    bool is_hyper =
        distribution->family == FAMILY_HYPERGAMMA || distribution->family == FAMILY_LOGHYPERGAMMA;
    return is_hyper && !is_same(distribution->parameter[HYPER_P_PER_GPU], 0);
}

double distribution_cdf(const struct distribution *distribution, double x)
{
    return families[distribution->family].cdf(distribution, x).lower;
}

double distribution_quantile(const struct distribution *distribution, double p, double q)
{
    const struct family_row *row = &families[distribution->family];
    struct tails at = {p, q};
    bool is_bounded = distribution->at_least > 0 || distribution->at_most < DISTRIBUTION_MOST;
    if (is_bounded) {
        struct tails below = row->cdf(distribution, distribution->at_least);
        struct tails above = row->cdf(distribution, distribution->at_most);
        double inside = below.lower < 0.5 ? above.lower - below.lower : below.upper - above.upper;
        at.lower = below.lower + p * inside;
        at.upper = above.upper + q * inside;
    }
    double x = row->quantile(distribution, at);
    return is_bounded ? fmin(fmax(cut(x), distribution->at_least), distribution->at_most) : cut(x);
}
