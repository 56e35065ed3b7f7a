/* ks.c - see ks.h. */
#include "sim/generate/ks.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const double *left = a;
    const double *right = b;
    return (*left > *right) - (*left < *right);
}

void ks_sort(double *values, size_t count)
{
    qsort(values, count, sizeof(*values), compare);
}

double ks_distance(const double *a, size_t a_count, const double *b, size_t b_count)
{
    double largest = 0;
    size_t i = 0;
    size_t j = 0;
    while (i < a_count && j < b_count) {
        double x = fmin(a[i], b[j]);
        while (i < a_count && a[i] <= x) {
            i++;
        }
        while (j < b_count && b[j] <= x) {
            j++;
        }
        largest = fmax(largest, fabs((double)i / (double)a_count - (double)j / (double)b_count));
    }
    return largest;
}

double ks_distance_to(const double *sorted, size_t count, const struct distribution *distribution)
{
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        double share = distribution_cdf(distribution, sorted[i]);
        largest = fmax(largest, share - (double)i / (double)count);
        largest = fmax(largest, (double)(i + 1) / (double)count - share);
    }
    return largest;
}

double ks_probability(double distance, double count)
{
    double root = sqrt(count);
    double t = (root + 0.12 + 0.11 / root) * distance;
    if (t < 0.2) {
        return 1; /* 1 to the last digit; the series converges slowly there */
    }
    double sum = 0;
    for (int k = 1; k <= 100; k++) {
        double term = exp(-2.0 * k * k * t * t);
        sum += k % 2 == 1 ? term : -term;
        if (term < 1e-16) {
            break;
        }
    }
    return fmin(fmax(2 * sum, 0), 1);
}

double ks_passes_up_to(double distance)
{
    /* 1.3581 is the 95 % point of Kolmogorov's distribution. */
    static const double critical = 1.3581;
    return distance > 0 ? floor((critical / distance) * (critical / distance)) : HUGE_VAL;
}
