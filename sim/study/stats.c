/* stats.c - see stats.h. */
#include "sim/study/stats.h"

#include <math.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"
#include "sim/base/rng.h"

/* Sums in the order of the values, in doubles: those of GSL are in long double, which is not the
 * same on every machine. */
static double mean_of(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += values[i];
    }
    return sum / (double)count;
}

static double products(const double *a, double mean_a, const double *b, double mean_b, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        sum += (a[i] - mean_a) * (b[i] - mean_b);
    }
    return sum;
}

/* -- Student --------------------------------------------------------------------------------- */

static void student(struct stats_estimate *out, double level)
{
    double freedom = (double)out->count - 1;
    double error = out->sd / sqrt((double)out->count);
    double half = gsl_cdf_tdist_Pinv(0.5 + level / 2, freedom) * error;
    out->low = out->mean - half;
    out->high = out->mean + half;
    if (error > 0) {
        out->p = 2 * gsl_cdf_tdist_Q(fabs(out->mean) / error, freedom);
    } else {
        out->p = fabs(out->mean) > 0 ? 0 : 1; /* every value is the same */
    }
}

/* -- bootstrap ------------------------------------------------------------------------------- */

/* Means of resampled values, ascending. */
static void resample(const double *values, size_t count, uint64_t key, double *means)
{
    gsl_rng *stream = rng_new(key, "bootstrap", count);
    for (size_t i = 0; i < STATS_RESAMPLES; i++) {
        double sum = 0;
        for (size_t k = 0; k < count; k++) {
            sum += values[gsl_rng_uniform_int(stream, (unsigned long)count)];
        }
        means[i] = sum / (double)count;
    }
    gsl_rng_free(stream);
    gsl_sort(means, 1, STATS_RESAMPLES);
}

/* Share of the resampled means below `value`, those equal to it by half, kept off 0 and 1. */
static double share_below(const double *means, double value)
{
    double below = 0;
    for (size_t i = 0; i < STATS_RESAMPLES; i++) {
        below += means[i] < value ? 1 : means[i] > value ? 0 : 0.5;
    }
    double least = 0.5 / STATS_RESAMPLES;
    return fmin(fmax(below / STATS_RESAMPLES, least), 1 - least);
}

/* The acceleration: skewness of the mean's jackknife, which for a mean is that of the values. */
static double acceleration(const double *values, size_t count, double mean)
{
    double squares = 0;
    double cubes = 0;
    for (size_t i = 0; i < count; i++) {
        double off = values[i] - mean;
        squares += off * off;
        cubes += off * off * off;
    }
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

/* The share of resampled means below the bound that BCa puts at the normal quantile z. */
static double corrected(double bias, double speed, double z)
{
    double moved = bias + (bias + z) / (1 - speed * (bias + z));
    return gsl_cdf_ugaussian_P(moved);
}

static void bootstrap(const double *values, double level, uint64_t key, struct stats_estimate *out)
{
    if (!(out->sd > 0)) {
        student(out, level);
        return;
    }
    double *means = mem_alloc(STATS_RESAMPLES, sizeof(*means));
    resample(values, out->count, key, means);
    double bias = gsl_cdf_ugaussian_Pinv(share_below(means, out->mean));
    double speed = acceleration(values, out->count, out->mean);
    double z = gsl_cdf_ugaussian_Pinv(0.5 + level / 2);
    out->low =
        gsl_stats_quantile_from_sorted_data(means, 1, STATS_RESAMPLES, corrected(bias, speed, -z));
    out->high =
        gsl_stats_quantile_from_sorted_data(means, 1, STATS_RESAMPLES, corrected(bias, speed, z));
    double below = share_below(means, 0);
    out->p = fmin(1, 2 * fmin(below, 1 - below));
    free(means);
}

/* -- what is asked for ----------------------------------------------------------------------- */

void stats_estimate(const double *values, size_t count, double level, enum interval_method method,
                    uint64_t key, struct stats_estimate *out)
{
    *out = (struct stats_estimate){.count = count, .p = 1};
    if (count == 0) {
        return;
    }
    out->mean = mean_of(values, count);
    out->low = out->mean;
    out->high = out->mean;
    if (count < 2) {
        return;
    }
    out->sd = sqrt(products(values, out->mean, values, out->mean, count) / (double)(count - 1));
    if (method == INTERVAL_BOOTSTRAP) {
        bootstrap(values, level, key, out);
    } else {
        student(out, level);
    }
}

double stats_sign_test(size_t wins, size_t losses)
{
    size_t count = wins + losses;
    if (count == 0) {
        return 1;
    }
    size_t fewer = wins < losses ? wins : losses;
    return fmin(1, 2 * gsl_cdf_binomial_P((unsigned)fewer, 0.5, (unsigned)count));
}

void stats_holm(double *p, size_t count)
{
    size_t *order = mem_alloc(count, sizeof(*order));
    size_t told = 0;
    for (size_t i = 0; i < count; i++) {
        if (!isnan(p[i])) {
            order[told++] = i;
        }
    }
    /* By insertion: there are a few dozen hypotheses, and equal ones keep their order. */
    for (size_t i = 1; i < told; i++) {
        for (size_t k = i; k > 0 && p[order[k]] < p[order[k - 1]]; k--) {
            size_t swapped = order[k];
            order[k] = order[k - 1];
            order[k - 1] = swapped;
        }
    }
    double most = 0;
    for (size_t i = 0; i < told; i++) {
        most = fmax(most, fmin(1, p[order[i]] * (double)(told - i)));
        p[order[i]] = most;
    }
    free(order);
}

size_t stats_needed(double sd, double half_width, double level)
{
    CHECK(sd >= 0 && level > 0 && level < 1);
    size_t low = 2;
    size_t high = STATS_MOST_NEEDED;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        double quantile = gsl_cdf_tdist_Pinv(0.5 + level / 2, (double)middle - 1);
        if (quantile * sd / sqrt((double)middle) <= half_width) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

bool stats_mean_is_above_zero(double sum, double squares, size_t count, double level)
{
    double mean = sum / (double)count;
    if (count < 2 || !(mean > 0)) {
        return false;
    }
    double variance = (squares - (double)count * mean * mean) / ((double)count - 1);
    double error = sqrt((variance > 0 ? variance : 0) / (double)count);
    return mean > error * gsl_cdf_tdist_Pinv(level, (double)count - 1);
}

double stats_correlation(const double *a, const double *b, size_t count)
{
    if (count < 2) {
        return 0;
    }
    double mean_a = mean_of(a, count);
    double mean_b = mean_of(b, count);
    double spreads = products(a, mean_a, a, mean_a, count) * products(b, mean_b, b, mean_b, count);
    return spreads > 0 ? products(a, mean_a, b, mean_b, count) / sqrt(spreads) : 0;
}
