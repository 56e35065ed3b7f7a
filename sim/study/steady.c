/* steady.c - see steady.h. */
#include "sim/study/steady.h"

#include <math.h>

#include <gsl/gsl_fit.h>

#include "sim/base/check.h"
#include "sim/base/mem.h"
#include "sim/study/stats.h"

enum { BATCH = 5, LEAST_BATCHES = 10 };

bool steady_mser5(const double *values, size_t count, size_t *cut)
{
    size_t batches = count / BATCH;
    *cut = count / 2;
    if (batches < LEAST_BATCHES) {
        return false;
    }
    /* From the end: sums of what would be left. */
    double sum = 0;
    double squares = 0;
    double best = (double)INFINITY;
    size_t best_batch = 0;
    for (size_t b = batches; b-- > 0;) {
        double mean = 0;
        for (size_t i = 0; i < BATCH; i++) {
            mean += values[b * BATCH + i];
        }
        mean /= BATCH;
        sum += mean;
        squares += mean * mean;
        double left = (double)(batches - b);
        double error = fmax(0, squares - sum * sum / left) / (left * left);
        /* The last few batches may agree by chance, so that they are no cut. */
        if (batches - b >= LEAST_BATCHES / 2 && error <= best) {
            best = error;
            best_batch = b;
        }
    }
    if (best_batch * 2 > batches) {
        return false;
    }
    *cut = best_batch * BATCH;
    return true;
}

/* The line through values[0 .. count-1] at 0, 1, 2, ... */
static void fit_line(const double *values, size_t count, double *start, double *slope)
{
    double *steps = mem_alloc(count, sizeof(*steps));
    for (size_t i = 0; i < count; i++) {
        steps[i] = (double)i;
    }
    double unused[4];
    (void)gsl_fit_linear(steps, 1, values, 1, count, start, slope, &unused[0], &unused[1],
                         &unused[2], &unused[3]);
    free(steps);
}

void steady_growth(const double *values, size_t replications, size_t steps,
                   struct steady_growth *out)
{
    CHECK(replications > 0 && steps >= 4);
    size_t first = steps / 2;
    double *slopes = mem_alloc(replications, sizeof(*slopes));
    *out = (struct steady_growth){0};
    for (size_t r = 0; r < replications; r++) {
        double start = 0;
        fit_line(values + r * steps + first, steps - first, &start, &slopes[r]);
        out->start += start / (double)replications;
    }
    struct stats_estimate estimate;
    stats_estimate(slopes, replications, 0.99, INTERVAL_T, 0, &estimate);
    out->slope = estimate.mean;
    out->slope_low = estimate.low;
    out->end = out->start + out->slope * (double)(steps - 1 - first);
    free(slopes);
}

bool steady_is_growing(const struct steady_growth *growth)
{
    double middle = (growth->start + growth->end) / 2;
    return growth->slope_low > 0 && growth->end - growth->start >= middle / 2;
}
