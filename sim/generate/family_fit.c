/* family_fit.c - see family_fit.h; the mixtures are in mixture_fit.c. */
#include "sim/generate/family_fit.h"

#include <math.h>

#include "sim/base/check.h"
#include "sim/generate/ks.h"
#include "sim/generate/mixture_fit.h"

enum { TABLE_STEPS = 1000 };

struct moments {
    double mean;
    double mean_log;
    double variance_log;
};

static struct moments moments_of(const double *values, size_t count)
{
    struct moments m = {0};
    for (size_t i = 0; i < count; i++) {
        m.mean += values[i] / (double)count;
        m.mean_log += log(values[i]) / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        double off = log(values[i]) - m.mean_log;
        m.variance_log += off * off / (double)count;
    }
    return m;
}

/* The likelihood equation of the shape k over v = x / x_max:
 * sum(v^k log v) / sum(v^k) - 1/k - mean log v, which rises in k. */
static double weibull_off(const double *sorted, size_t count, double mean_log, double shape)
{
    double most = sorted[count - 1];
    double powers = 0;
    double weighted = 0;
    for (size_t i = 0; i < count; i++) {
        double log_v = log(sorted[i] / most);
        double power = exp(shape * log_v);
        powers += power;
        weighted += power * log_v;
    }
    return weighted / powers - 1 / shape - (mean_log - log(most));
}

static void fit_weibull(const double *sorted, size_t count, struct distribution *out)
{
    struct moments m = moments_of(sorted, count);
    double low = 0.01;
    double high = 100;
    for (int i = 0; i < 40; i++) {
        double middle = sqrt(low * high);
        if (weibull_off(sorted, count, m.mean_log, middle) < 0) {
            low = middle;
        } else {
            high = middle;
        }
    }
    double shape = sqrt(low * high);
    double most = sorted[count - 1];
    double powers = 0;
    for (size_t i = 0; i < count; i++) {
        powers += pow(sorted[i] / most, shape) / (double)count;
    }
    *out = distribution_of(FAMILY_WEIBULL, (const double[]){shape, most * pow(powers, 1 / shape)});
}

static void fit_gamma(const double *values, size_t count, struct distribution *out)
{
    struct moments m = moments_of(values, count);
    double shape = gamma_shape_of(m.mean, m.mean_log);
    *out = distribution_of(FAMILY_GAMMA, (const double[]){shape, m.mean / shape});
}

/* -- the table of quantiles -------------------------------------------------------------------- */

static void add_point(struct distribution *out, const double *sorted, size_t count, double p)
{
    size_t rank = (size_t)(p * (double)count);
    rank = rank < count ? rank : count - 1;
    struct quantile_point point = {p, fmin(sorted[rank], DISTRIBUTION_MOST)};
    size_t last = out->quantiles.count;
    if (last > 0 && !(p > out->quantiles.items[last - 1].p)) {
        return;
    }
    /* Of a run of equal values only the ends matter. */
    if (last > 1 && !(out->quantiles.items[last - 2].x < point.x)) {
        out->quantiles.items[last - 1] = point;
    } else {
        vec_push(&out->quantiles, point);
    }
}

/* Even steps, and ever smaller ones towards both ends down to single values. */
static void fit_table(const double *sorted, size_t count, struct distribution *out)
{
    enum { HALVINGS = 14 };
    *out = distribution_of(FAMILY_EMPIRICAL, NULL);
    add_point(out, sorted, count, 0);
    for (int i = HALVINGS; i > 0; i--) {
        double p = ldexp(1.0 / TABLE_STEPS, -i);
        if (p * (double)count >= 1) {
            add_point(out, sorted, count, p);
        }
    }
    for (int i = 1; i < TABLE_STEPS; i++) {
        add_point(out, sorted, count, (double)i / TABLE_STEPS);
    }
    for (int i = 1; i <= HALVINGS; i++) {
        double q = ldexp(1.0 / TABLE_STEPS, -i);
        if (q * (double)count >= 1) {
            add_point(out, sorted, count, 1 - q);
        }
    }
    add_point(out, sorted, count, 1);
}

/* ---------------------------------------------------------------------------------------------- */

/* The logarithms, which have to be positive; NULL when one is not. The caller frees them. */
static double *logarithms(const double *sorted, size_t count)
{
    if (!(log(sorted[0]) > 0)) {
        return NULL;
    }
    double *logs = mem_alloc(count, sizeof(*logs));
    for (size_t i = 0; i < count; i++) {
        logs[i] = log(sorted[i]);
    }
    return logs;
}

/* A family of the logarithm: fitted to the logarithms as `plain`. */
static bool fit_logarithms(enum family plain, enum family family, const double *sorted,
                           size_t count, struct distribution *out)
{
    double *logs = logarithms(sorted, count);
    bool ok = logs != NULL && family_fit(plain, logs, count, out);
    free(logs);
    if (ok) {
        out->family = family;
    }
    return ok;
}

bool family_fit(enum family family, const double *sorted, size_t count, struct distribution *out)
{
    enum { FEWEST = 2 };
    bool all_equal = count > 0 && !(sorted[count - 1] > sorted[0]);
    bool is_table = family == FAMILY_EMPIRICAL || family == FAMILY_CONSTANT;
    if (count == 0 || (!is_table && (count < FEWEST || all_equal || !(sorted[0] > 0)))) {
        return false;
    }
    struct moments m = {0};
    if (!is_table) {
        m = moments_of(sorted, count);
    }
    switch (family) {
    case FAMILY_CONSTANT:
        *out = distribution_of(family, sorted);
        return all_equal;
    case FAMILY_EMPIRICAL:
        fit_table(sorted, count, out);
        return true;
    case FAMILY_EXPONENTIAL:
        *out = distribution_of(family, &m.mean);
        return true;
    case FAMILY_GAMMA:
        fit_gamma(sorted, count, out);
        return true;
    case FAMILY_HYPEREXPONENTIAL:
        return fit_hyperexponential(sorted, count, out);
    case FAMILY_HYPERGAMMA:
        return fit_hypergamma(sorted, count, out);
    case FAMILY_LOGGAMMA:
        return fit_logarithms(FAMILY_GAMMA, family, sorted, count, out);
    case FAMILY_LOGHYPERGAMMA:
        return fit_logarithms(FAMILY_HYPERGAMMA, family, sorted, count, out);
    case FAMILY_LOGNORMAL:
        *out = distribution_of(family, (const double[]){m.mean_log, sqrt(m.variance_log)});
        return true;
    case FAMILY_LOGUNIFORM:
        *out = distribution_of(family, (const double[]){sorted[0], sorted[count - 1]});
        return true;
    case FAMILY_WEIBULL:
        fit_weibull(sorted, count, out);
        return true;
    case FAMILY_COUNT:
        break;
    }
    CHECK_NEVER("a family that is none");
}

void family_choose(const double *sorted, size_t count, bool empirical_allowed,
                   struct family_choice *out)
{
    /* Fewest parameters first. */
    static const enum family candidates[] = {
        FAMILY_CONSTANT,   FAMILY_EXPONENTIAL,   FAMILY_LOGUNIFORM, FAMILY_WEIBULL,
        FAMILY_LOGNORMAL,  FAMILY_GAMMA,         FAMILY_LOGGAMMA,   FAMILY_HYPEREXPONENTIAL,
        FAMILY_HYPERGAMMA, FAMILY_LOGHYPERGAMMA,
    };
    *out = (struct family_choice){.distance = 2};
    for (size_t i = 0; i < sizeof(candidates) / sizeof(*candidates); i++) {
        struct distribution fitted;
        if (!family_fit(candidates[i], sorted, count, &fitted)) {
            continue;
        }
        double distance =
            candidates[i] == FAMILY_CONSTANT ? 0 : ks_distance_to(sorted, count, &fitted);
        if (distance < out->distance) {
            *out = (struct family_choice){fitted, distance, false};
        }
        if (ks_probability(distance, (double)count) >= 0.05) {
            *out = (struct family_choice){fitted, distance, true};
            return;
        }
    }
    struct distribution table;
    if ((empirical_allowed || out->distance > 1) &&
        family_fit(FAMILY_EMPIRICAL, sorted, count, &table)) {
        *out = (struct family_choice){table, ks_distance_to(sorted, count, &table), false};
    }
}
