/*
 * ks.h - the Kolmogorov-Smirnov distance of samples, and what it means.
 */
#ifndef GENERATE_KS_H
#define GENERATE_KS_H

#include <stddef.h>

#include "sim/generate/distribution.h"

/* Sorts in ascending order. */
void ks_sort(double *values, size_t count);

/* The largest distance between the empirical distribution functions of two sorted samples. Equal
 * values count together, so samples of discrete values can be compared; the test is then too
 * lenient rather than too strict. O(n + m). */
double ks_distance(const double *a, size_t a_count, const double *b, size_t b_count);

/* The largest distance between a sorted sample and a distribution, without its bounds. */
double ks_distance_to(const double *sorted, size_t count, const struct distribution *distribution);

/* The chance of such a distance or a larger one between samples of one distribution: `count` is the
 * size of the sample against a known distribution, or n * m / (n + m) of two samples. Kolmogorov's
 * series with Stephens's correction for small counts ("EDF statistics for goodness of fit", JASA
 * 1974). */
double ks_probability(double distance, double count);

/* So many values have to be looked at until the 5 % test finds that distance significant: it passes
 * up to this size of sample. */
double ks_passes_up_to(double distance);

#endif
