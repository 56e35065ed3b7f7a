/* mixture_fit.c - see mixture_fit.h. */
#include "sim/generate/mixture_fit.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_sf_gamma.h>
#include <gsl/gsl_sf_psi.h>

#include "sim/base/mem.h"

enum { MOST_BINS = 4000, FIRST_STEPS = 60, MOST_STEPS = 5000 };

static const double least_shape = 0.01;
static const double most_shape = 1e5;

/* Neighbours in the sorted sample. */
struct bin {
    double weight; /* share of the sample */
    double mean;
    double mean_log;
};

struct bins {
    struct bin *items;
    size_t count;
};

/* One component; its shape stays 1 when it is exponential. */
struct component {
    double share;
    double shape;
    double scale;
};

struct mixture {
    struct component parts[2];
    bool has_shapes;
    double log_likelihood; /* of a value */
};

static struct bins condense(const double *sorted, size_t count)
{
    struct bins bins = {mem_alloc(MOST_BINS, sizeof(*bins.items)), 0};
    size_t wanted = count < MOST_BINS ? count : MOST_BINS;
    for (size_t i = 0; i < wanted; i++) {
        size_t first = i * count / wanted;
        size_t end = (i + 1) * count / wanted;
        struct bin bin = {(double)(end - first) / (double)count, 0, 0};
        for (size_t k = first; k < end; k++) {
            bin.mean += sorted[k] / (double)(end - first);
            bin.mean_log += log(sorted[k]) / (double)(end - first);
        }
        bins.items[bins.count++] = bin;
    }
    return bins;
}

double gamma_shape_of(double mean, double mean_log)
{
    double s = log(mean) - mean_log;
    if (!(s > 0)) {
        return most_shape;
    }
    /* Minka's start ("Estimating a gamma distribution", 2002), then Newton. */
    double shape = (3 - s + sqrt((s - 3) * (s - 3) + 24 * s)) / (12 * s);
    for (int i = 0; i < 20; i++) {
        shape = fmin(fmax(shape, least_shape), most_shape);
        double off = log(shape) - gsl_sf_psi(shape) - s;
        double slope = 1 / shape - gsl_sf_psi_1(shape);
        shape -= off / slope;
    }
    return fmin(fmax(shape, least_shape), most_shape);
}

/* The best component for these sums over bins. */
static struct component maximise(double share, double sum, double log_sum, bool has_shape)
{
    double mean = sum / share;
    double shape = has_shape ? gamma_shape_of(mean, log_sum / share) : 1;
    return (struct component){share, shape, mean / shape};
}

/* The density at a bin without the part of the bin's own logarithm, as a logarithm. */
struct density {
    double constant;
    double shape;
    double rate;
};

static struct density density_of(const struct component *part)
{
    return (struct density){log(part->share) - gsl_sf_lngamma(part->shape) -
                                part->shape * log(part->scale),
                            part->shape, 1 / part->scale};
}

static double log_density(const struct density *density, const struct bin *bin)
{
    return density->constant + (density->shape - 1) * bin->mean_log - bin->mean * density->rate;
}

/* One round of expectation and maximisation; false when a component has died out. */
static bool step(struct mixture *mixture, const struct bins *bins)
{
    struct density first = density_of(&mixture->parts[0]);
    struct density second = density_of(&mixture->parts[1]);
    double share = 0;
    double sum = 0;
    double log_sum = 0;
    double other_sum = 0;
    double other_log_sum = 0;
    mixture->log_likelihood = 0;
    for (size_t i = 0; i < bins->count; i++) {
        const struct bin *bin = &bins->items[i];
        double a = log_density(&first, bin);
        double b = log_density(&second, bin);
        double belongs = 1 / (1 + exp(b - a));
        mixture->log_likelihood +=
            bin->weight * (a > b ? a + log1p(exp(b - a)) : b + log1p(exp(a - b)));
        share += bin->weight * belongs;
        sum += bin->weight * belongs * bin->mean;
        log_sum += bin->weight * belongs * bin->mean_log;
        other_sum += bin->weight * (1 - belongs) * bin->mean;
        other_log_sum += bin->weight * (1 - belongs) * bin->mean_log;
    }
    if (!(share > 1e-6 && share < 1 - 1e-6) || !(sum > 0) || !(other_sum > 0)) {
        return false;
    }
    mixture->parts[0] = maximise(share, sum, log_sum, mixture->has_shapes);
    mixture->parts[1] = maximise(1 - share, other_sum, other_log_sum, mixture->has_shapes);
    return true;
}

/* Starts with the values below quantile `split` as one component and those above as the other. */
static struct mixture start_at(const struct bins *bins, double split, bool has_shapes)
{
    double below[3] = {0};
    double above[3] = {0};
    size_t edge = (size_t)(split * (double)bins->count);
    edge = edge < 1 ? 1 : edge;
    for (size_t i = 0; i < bins->count; i++) {
        const struct bin *bin = &bins->items[i];
        double *sums = i < edge ? below : above;
        sums[0] += bin->weight;
        sums[1] += bin->weight * bin->mean;
        sums[2] += bin->weight * bin->mean_log;
    }
    return (struct mixture){
        .parts = {maximise(below[0], below[1], below[2], has_shapes),
                  maximise(above[0], above[1], above[2], has_shapes)},
        .has_shapes = has_shapes,
        .log_likelihood = -HUGE_VAL,
    };
}

/* Until the likelihood of the whole sample rises by less than a thousandth of a unit in 10,000. */
static bool climb(struct mixture *mixture, const struct bins *bins, int most_steps)
{
    double before = -HUGE_VAL;
    for (int i = 0; i < most_steps; i++) {
        if (!step(mixture, bins)) {
            return false;
        }
        if (i > FIRST_STEPS && mixture->log_likelihood - before < 1e-11) {
            break;
        }
        before = mixture->log_likelihood;
    }
    return true;
}

static bool fit_mixture(const double *sorted, size_t count, bool has_shapes, struct mixture *out)
{
    static const double splits[] = {0.1, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9};
    struct bins bins = condense(sorted, count);
    struct mixture best = {.log_likelihood = -HUGE_VAL};
    for (size_t i = 0; bins.count >= 4 && i < sizeof(splits) / sizeof(*splits); i++) {
        struct mixture mixture = start_at(&bins, splits[i], has_shapes);
        if (climb(&mixture, &bins, FIRST_STEPS) && mixture.log_likelihood > best.log_likelihood) {
            best = mixture;
        }
    }
    bool ok = best.log_likelihood > -HUGE_VAL && climb(&best, &bins, MOST_STEPS);
    if (ok &&
        best.parts[0].shape * best.parts[0].scale > best.parts[1].shape * best.parts[1].scale) {
        struct component first = best.parts[0];
        best.parts[0] = best.parts[1];
        best.parts[1] = first;
    }
    free(bins.items);
    *out = best;
    return ok;
}

bool fit_hyperexponential(const double *sorted, size_t count, struct distribution *out)
{
    struct mixture mixture;
    if (!fit_mixture(sorted, count, false, &mixture)) {
        return false;
    }
    const double parameters[] = {mixture.parts[0].share, mixture.parts[0].scale,
                                 mixture.parts[1].scale};
    *out = distribution_of(FAMILY_HYPEREXPONENTIAL, parameters);
    return true;
}

bool fit_hypergamma(const double *sorted, size_t count, struct distribution *out)
{
    struct mixture mixture;
    if (!fit_mixture(sorted, count, true, &mixture)) {
        return false;
    }
    const double parameters[] = {mixture.parts[0].share, mixture.parts[0].shape,
                                 mixture.parts[0].scale, mixture.parts[1].shape,
                                 mixture.parts[1].scale, 0};
    *out = distribution_of(FAMILY_HYPERGAMMA, parameters);
    return true;
}
