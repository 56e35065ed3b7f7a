/*
 * test_distribution.c - every family against GSL's analytic functions and its own inverse, and the
 * samples drawn from it against both. Seeds are fixed, so nothing here depends on luck.
 */
#include <math.h>

#include <criterion/criterion.h>
#include <gsl/gsl_cdf.h>

#include "sim/base/json_read.h"
#include "sim/generate/draw.h"
#include "sim/generate/ks.h"
#include "sim/generate/sampler.h"
#include "tests/unit/generate/make.h"

static struct distribution read_distribution(const char *json)
{
    struct err err = {0};
    struct distribution d = {0};
    char *text = mem_copy_text(json, strlen(json));
    for (char *c = text; *c != '\0'; c++) {
        *c = *c == '\'' ? '"' : *c;
    }
    json_t *value = json_parse(text, strlen(text), &err);
    cr_assert_not_null(value, "%s: %s", json, err.msg);
    bool ok = distribution_read(value, "d", &d, &err);
    cr_assert(ok, "%s: %s", json, err.msg);
    json_decref(value);
    free(text);
    return d;
}

/* One of each family, with its mean. */
static const struct {
    const char *json;
    double mean;
} FAMILIES[] = {
    {"{'family': 'constant', 'value': 7}", 7},
    {"{'family': 'exponential', 'mean': 60}", 60},
    {"{'family': 'gamma', 'shape': 0.5, 'scale': 100}", 50},
    {"{'family': 'gamma', 'shape': 40, 'scale': 3}", 120},
    {"{'family': 'hyperexponential', 'p': 0.9, 'mean1': 10, 'mean2': 1000}", 109},
    {"{'family': 'hypergamma', 'p': 0.6, 'shape1': 2, 'scale1': 10, 'shape2': 5, 'scale2': 200}",
     0.6 * 20 + 0.4 * 1000},
    /* E exp(gamma) is (1 - scale)^-shape. */
    {"{'family': 'loggamma', 'shape': 4, 'scale': 0.2}", 2.44140625},
    {"{'family': 'loghypergamma', 'p': 0.7, 'shape1': 4, 'scale1': 0.2, 'shape2': 9, 'scale2': "
     "0.1}",
     0.7 * 2.44140625 + 0.3 * 2.5811747917131966},
    {"{'family': 'lognormal', 'mu': 5, 'sigma': 1}", 244.69193226422038},
    /* (b - a) / log(b / a). */
    {"{'family': 'loguniform', 'least': 10, 'most': 1000}", 214.97576854210963},
    /* scale * Gamma(1 + 1 / shape). */
    {"{'family': 'weibull', 'shape': 0.5, 'scale': 30}", 60},
    {"{'family': 'weibull', 'shape': 2, 'scale': 30}", 26.586807763582737},
    /* Between x0 and x1 log-linear over p: (x1 - x0) / log(x1 / x0). */
    {"{'family': 'empirical', 'quantiles': [[0, 10], [1, 1000]]}", 214.97576854210963},
    {"{'family': 'empirical', 'quantiles': [[0, 0], [0.5, 0], [0.75, 4], [1, 4]]}", 1.5},
};

enum { FAMILY_ROWS = sizeof(FAMILIES) / sizeof(*FAMILIES), SAMPLES = 100000 };

static double *draw_many(const struct sampler *sampler, size_t count)
{
    struct draws draws = {11, rng_new(11, "", 0)};
    double *values = mem_alloc(count, sizeof(*values));
    for (size_t i = 0; i < count; i++) {
        values[i] = sampler_at(sampler, draw_score(&draws, "test", i));
    }
    gsl_rng_free(draws.stream);
    ks_sort(values, count);
    return values;
}

Test(distribution, distribution_functions_are_those_of_gsl)
{
    struct distribution weibull = read_distribution(FAMILIES[10].json);
    struct distribution gamma = read_distribution(FAMILIES[2].json);
    struct distribution lognormal = read_distribution(FAMILIES[8].json);
    struct distribution exponential = read_distribution(FAMILIES[1].json);
    for (double x = 0.01; x < 5000; x *= 1.7) {
        cr_assert_float_eq(distribution_cdf(&weibull, x), gsl_cdf_weibull_P(x, 30, 0.5), 1e-14);
        cr_assert_float_eq(distribution_cdf(&gamma, x), gsl_cdf_gamma_P(x, 0.5, 100), 1e-14);
        cr_assert_float_eq(distribution_cdf(&lognormal, x), gsl_cdf_lognormal_P(x, 5, 1), 1e-14);
        cr_assert_float_eq(distribution_cdf(&exponential, x), gsl_cdf_exponential_P(x, 60), 1e-14);
    }
    struct distribution hyperexponential = read_distribution(FAMILIES[4].json);
    struct distribution hypergamma = read_distribution(FAMILIES[5].json);
    struct distribution loggamma = read_distribution(FAMILIES[6].json);
    struct distribution loghypergamma = read_distribution(FAMILIES[7].json);
    struct distribution loguniform = read_distribution(FAMILIES[9].json);
    for (double x = 1.01; x < 5000; x *= 1.7) {
        double log_x = log(x);
        cr_assert_float_eq(
            distribution_cdf(&hyperexponential, x),
            0.9 * gsl_cdf_exponential_P(x, 10) + 0.1 * gsl_cdf_exponential_P(x, 1000), 1e-14);
        cr_assert_float_eq(distribution_cdf(&hypergamma, x),
                           0.6 * gsl_cdf_gamma_P(x, 2, 10) + 0.4 * gsl_cdf_gamma_P(x, 5, 200),
                           1e-14);
        cr_assert_float_eq(distribution_cdf(&loggamma, x), gsl_cdf_gamma_P(log_x, 4, 0.2), 1e-14);
        cr_assert_float_eq(
            distribution_cdf(&loghypergamma, x),
            0.7 * gsl_cdf_gamma_P(log_x, 4, 0.2) + 0.3 * gsl_cdf_gamma_P(log_x, 9, 0.1), 1e-14);
        cr_assert_float_eq(distribution_cdf(&loguniform, x),
                           gsl_cdf_flat_P(log_x, log(10), log(1000)), 1e-12);
    }
    for (double p = 0.001; p < 1; p += 0.0499) {
        cr_assert_float_eq(
            distribution_quantile(&weibull, p, 1 - p) / gsl_cdf_weibull_Pinv(p, 30, 0.5), 1, 1e-9);
        cr_assert_float_eq(
            distribution_quantile(&gamma, p, 1 - p) / gsl_cdf_gamma_Pinv(p, 0.5, 100), 1, 1e-7);
        cr_assert_float_eq(
            distribution_quantile(&lognormal, p, 1 - p) / gsl_cdf_lognormal_Pinv(p, 5, 1), 1, 1e-9);
    }
}

Test(distribution, a_quantile_is_the_inverse_of_the_distribution_function)
{
    for (size_t i = 1; i < FAMILY_ROWS - 1; i++) {
        struct distribution d = read_distribution(FAMILIES[i].json);
        for (double z = -6; z <= 6; z += 0.25) {
            double p = gsl_cdf_ugaussian_P(z);
            double q = gsl_cdf_ugaussian_Q(z);
            double x = distribution_quantile(&d, p, q);
            if (x <= DISTRIBUTION_LEAST) {
                continue;
            }
            double got = distribution_cdf(&d, x);
            cr_assert_float_eq(got / p, 1, 1e-7, "%s at %g: %g for %g", FAMILIES[i].json, z, got,
                               p);
        }
        distribution_release(&d);
    }
}

/* A tail may be all but nothing where the bounds of a model lie far out. */
Test(distribution, the_farthest_tails_have_quantiles)
{
    static const double TAILS[] = {1e-290, 1e-310, 5e-324, 0};
    struct distribution gamma = distribution_of(FAMILY_GAMMA, (const double[]){20.5, 0.49});
    struct distribution loggamma = distribution_of(FAMILY_LOGGAMMA, (const double[]){20.5, 0.49});
    for (size_t i = 0; i < sizeof(TAILS) / sizeof(*TAILS); i++) {
        double low = distribution_quantile(&gamma, TAILS[i], 1);
        double high = distribution_quantile(&gamma, 1, TAILS[i]);
        cr_assert(isfinite(low) && isfinite(high) && low < 1 && high > 100, "%g: %g, %g", TAILS[i],
                  low, high);
        cr_assert(isfinite(distribution_quantile(&loggamma, TAILS[i], 1)));
        cr_assert(isfinite(distribution_quantile(&loggamma, 1, TAILS[i])));
    }
}

Test(distribution, samples_pass_the_test_of_kolmogorov_and_smirnov)
{
    for (size_t i = 1; i < FAMILY_ROWS - 1; i++) {
        struct err err = {0};
        struct sampler sampler;
        struct distribution d = read_distribution(FAMILIES[i].json);
        cr_assert(sampler_init(&sampler, &d, &err));
        double *values = draw_many(&sampler, SAMPLES);
        double distance = ks_distance_to(values, SAMPLES, &d);
        cr_assert_gt(ks_probability(distance, SAMPLES), 0.01, "%s: %g", FAMILIES[i].json, distance);
        free(values);
        sampler_release(&sampler);
        distribution_release(&d);
    }
}

Test(distribution, means_are_the_analytic_ones)
{
    for (size_t i = 0; i < FAMILY_ROWS; i++) {
        struct err err = {0};
        struct sampler sampler;
        struct distribution d = read_distribution(FAMILIES[i].json);
        cr_assert(sampler_init(&sampler, &d, &err));
        double *values = draw_many(&sampler, SAMPLES);
        double sum = 0;
        double squares = 0;
        for (size_t k = 0; k < SAMPLES; k++) {
            sum += values[k];
            squares += values[k] * values[k];
        }
        double mean = sum / SAMPLES;
        double error = sqrt(fmax(squares / SAMPLES - mean * mean, 0) / SAMPLES);
        cr_assert_leq(fabs(mean - FAMILIES[i].mean), 4 * error + 1e-9 * mean, "%s: %g",
                      FAMILIES[i].json, mean);
        cr_assert_float_eq(sampler_mean(&sampler) / FAMILIES[i].mean, 1, 2e-3, "%s: %g",
                           FAMILIES[i].json, sampler_mean(&sampler));
        free(values);
        sampler_release(&sampler);
        distribution_release(&d);
    }
}

/* Second moments where the families have a closed form, over a sample of bounded tails. */
Test(distribution, variances_are_the_analytic_ones)
{
    static const struct {
        const char *json;
        double variance;
    } ROWS[] = {
        {"{'family': 'exponential', 'mean': 60}", 3600},
        {"{'family': 'gamma', 'shape': 4, 'scale': 10}", 400},
        /* scale^2 (Gamma(1 + 2 / shape) - Gamma(1 + 1 / shape)^2) */
        {"{'family': 'weibull', 'shape': 2, 'scale': 30}", 193.14165294228846},
        /* (exp(sigma^2) - 1) exp(2 mu + sigma^2) */
        {"{'family': 'lognormal', 'mu': 5, 'sigma': 0.5}", 8032.960753911656},
        /* 2 (p m1^2 + (1 - p) m2^2) - mean^2 */
        {"{'family': 'hyperexponential', 'p': 0.5, 'mean1': 10, 'mean2': 30}", 600},
        /* p k1 (k1 + 1) s1^2 + (1 - p) k2 (k2 + 1) s2^2 - mean^2 */
        {"{'family': 'hypergamma', 'p': 0.5, 'shape1': 2, 'scale1': 10, 'shape2': 5, 'scale2': 20}",
         0.5 * 600 + 0.5 * 12000 - 3600},
    };
    for (size_t i = 0; i < sizeof(ROWS) / sizeof(*ROWS); i++) {
        struct err err = {0};
        struct sampler sampler;
        struct distribution d = read_distribution(ROWS[i].json);
        cr_assert(sampler_init(&sampler, &d, &err));
        double *values = draw_many(&sampler, SAMPLES);
        double sum = 0;
        double squares = 0;
        for (size_t k = 0; k < SAMPLES; k++) {
            sum += values[k];
            squares += values[k] * values[k];
        }
        double variance = squares / SAMPLES - sum / SAMPLES * (sum / SAMPLES);
        cr_assert_float_eq(variance / ROWS[i].variance, 1, 0.03, "%s: %g", ROWS[i].json, variance);
        free(values);
        sampler_release(&sampler);
    }
}

Test(distribution, the_table_of_a_sampler_is_as_exact_as_it_says)
{
    for (size_t i = 0; i < FAMILY_ROWS; i++) {
        struct err err = {0};
        struct sampler sampler;
        struct distribution d = read_distribution(FAMILIES[i].json);
        cr_assert(sampler_init(&sampler, &d, &err));
        double worst = 0;
        for (double z = -4.01; z < 4; z += 0.0371) {
            double exact =
                distribution_quantile(&d, gsl_cdf_ugaussian_P(z), gsl_cdf_ugaussian_Q(z));
            double off = fabs(sampler_at(&sampler, z) - exact);
            worst = fmax(worst, off > 0 ? off / exact : 0);
        }
        bool is_mixture = strstr(FAMILIES[i].json, "hyper") != NULL;
        cr_assert_lt(worst, is_mixture ? 2e-2 : 1e-6, "%s: %g", FAMILIES[i].json, worst);
        sampler_release(&sampler);
        distribution_release(&d);
    }
}

Test(distribution, bounds_cut_the_rest_off_and_scale_what_is_inside_up)
{
    struct err err = {0};
    struct sampler sampler;
    struct distribution d =
        read_distribution("{'family': 'exponential', 'mean': 60, 'at_least': 30, 'at_most': 120}");
    cr_assert(sampler_init(&sampler, &d, &err));
    double *values = draw_many(&sampler, SAMPLES);
    cr_assert_geq(values[0], 30);
    cr_assert_leq(values[SAMPLES - 1], 120);
    double inside = exp(-0.5) - exp(-2);
    for (size_t i = 0; i < SAMPLES; i += 1000) {
        double wanted = (exp(-0.5) - exp(-values[i] / 60)) / inside;
        cr_assert_float_eq((double)i / SAMPLES, wanted, 0.006);
    }
    free(values);
    sampler_release(&sampler);
}

/* The first component with chance p + p_per_gpu * gpus, as Lublin and Feitelson have it. */
Test(distribution, the_component_may_depend_on_the_size)
{
    struct err err = {0};
    struct sampler sampler;
    struct distribution d =
        read_distribution("{'family': 'loghypergamma', 'p': 0.8, 'shape1': 4, 'scale1': 1, "
                          "'shape2': 300, 'scale2': 0.03, 'p_per_gpu': -0.005}");
    cr_assert(distribution_needs_size(&d));
    cr_assert(sampler_init(&sampler, &d, &err));
    struct distribution first = distribution_of(FAMILY_LOGGAMMA, (const double[]){4, 1});
    struct distribution second = distribution_of(FAMILY_LOGGAMMA, (const double[]){300, 0.03});
    double of_first = distribution_quantile(&first, 0.5, 0.5);
    double of_second = distribution_quantile(&second, 0.5, 0.5);
    cr_assert_float_eq(sampler_at_size(&sampler, 0, 0.299, 100) / of_first, 1, 1e-6);
    cr_assert_float_eq(sampler_at_size(&sampler, 0, 0.301, 100) / of_second, 1, 1e-6);
    cr_assert_float_eq(sampler_at_size(&sampler, 0, 0.301, 1) / of_first, 1, 1e-6);
    sampler_release(&sampler);
}

Test(distribution, json_reads_back_as_the_same)
{
    for (size_t i = 0; i < FAMILY_ROWS; i++) {
        struct err err = {0};
        struct distribution d = read_distribution(FAMILIES[i].json);
        d.at_most = i % 2 == 0 ? 1e6 : d.at_most;
        json_t *json = distribution_json(&d);
        struct distribution again;
        cr_assert(distribution_read(json, "", &again, &err), "%s", err.msg);
        json_t *twice = distribution_json(&again);
        cr_assert(json_equal(json, twice));
        json_decref(json);
        json_decref(twice);
        distribution_release(&d);
        distribution_release(&again);
    }
}
