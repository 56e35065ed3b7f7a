/*
 * distribution.h - the families of distributions that a workload model is made of.
 *
 * Every family is its distribution function and the inverse of it; nothing is sampled by rejection.
 * A value is the quantile of one normal score z (standard normal), so that equal scores give
 * comparable values under changed parameters, and correlated scores give correlated values (a
 * Gaussian copula). Sampling reads a table of quantiles over z that is made once, so a hyper-gamma
 * value costs as little as an exponential one.
 *
 * Values are positive and cut to DISTRIBUTION_LEAST .. DISTRIBUTION_MOST.
 */
#ifndef GENERATE_DISTRIBUTION_H
#define GENERATE_DISTRIBUTION_H

#include <stdbool.h>

#include <jansson.h>

#include "sim/base/err.h"
#include "sim/base/vec.h"

#define DISTRIBUTION_LEAST 1e-9
#define DISTRIBUTION_MOST  1e11 /* 3,000 years, when the values are seconds */

/* In the order of their names in JSON. */
enum family {
    FAMILY_CONSTANT,         /* value */
    FAMILY_EMPIRICAL,        /* quantiles [[p, x], ...], log-linear between them */
    FAMILY_EXPONENTIAL,      /* mean */
    FAMILY_GAMMA,            /* shape, scale: mean shape * scale */
    FAMILY_HYPEREXPONENTIAL, /* p, mean1, mean2: exponential of mean1 with chance p, else mean2 */
    FAMILY_HYPERGAMMA,       /* p, shape1, scale1, shape2, scale2, p_per_gpu */
    FAMILY_LOGGAMMA,         /* the natural logarithm is gamma (values of 1 and more) */
    FAMILY_LOGHYPERGAMMA,    /* the natural logarithm is hyper-gamma */
    FAMILY_LOGNORMAL,        /* mu, sigma of the natural logarithm */
    FAMILY_LOGUNIFORM,       /* least, most */
    FAMILY_WEIBULL,          /* shape, scale */
    FAMILY_COUNT,
};

enum { DISTRIBUTION_MOST_PARAMETERS = 6, DISTRIBUTION_MOST_QUANTILES = 20000 };

/* Positions in `parameter` of the hyper-gammas. */
enum { HYPER_P, HYPER_SHAPE1, HYPER_SCALE1, HYPER_SHAPE2, HYPER_SCALE2, HYPER_P_PER_GPU };

struct quantile_point {
    double p;
    double x;
};

struct distribution {
    enum family family;
    double parameter[DISTRIBUTION_MOST_PARAMETERS]; /* in the order of the family's comment */
    double at_least;                                /* values outside are never drawn: the rest of
                                                       the distribution is scaled up; 0 and */
    double at_most;                                 /* DISTRIBUTION_MOST: not bounded */
    VEC(struct quantile_point) quantiles; /* of FAMILY_EMPIRICAL: p from 0 to 1, both ascending */
};

/* What a family is called and what it takes. */
const char *distribution_family_name(enum family family);
bool distribution_family_find(const char *name, enum family *out);
unsigned distribution_parameter_count(enum family family);
const char *distribution_parameter_name(enum family family, unsigned parameter);

/* A distribution of this family with these parameters, unbounded. */
struct distribution distribution_of(enum family family, const double *parameters);
void distribution_release(struct distribution *distribution);

/* A copy with quantiles of its own. */
struct distribution distribution_copy(const struct distribution *distribution);

/* Is a chance of the first component that depends on the size of the job (p_per_gpu) in it? */
bool distribution_needs_size(const struct distribution *distribution);

/* The distribution function at x, without the bounds, and its complement. For a distribution that
 * needs the size, at size 0. */
double distribution_cdf(const struct distribution *distribution, double x);

/* The value below which a share p lies, within the bounds; q is 1 - p, exact where p is near 1. */
double distribution_quantile(const struct distribution *distribution, double p, double q);

/* -- JSON -------------------------------------------------------------------------------------- */

/* Reads {"family": NAME, its parameters, "at_least", "at_most"} found at `path`. The caller
 * releases *out. */
bool distribution_read(const json_t *value, const char *path, struct distribution *out,
                       struct err *err);

/* A new reference to an object that reads back as an equal distribution. */
json_t *distribution_json(const struct distribution *distribution);

#endif
