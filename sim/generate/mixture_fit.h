/*
 * mixture_fit.h - two-component mixtures by expectation and maximisation; see family_fit.h.
 */
#ifndef GENERATE_MIXTURE_FIT_H
#define GENERATE_MIXTURE_FIT_H

#include <stddef.h>

#include "sim/generate/distribution.h"

/* `count` positive values in ascending order, not all equal. False when a component dies out: one
 * is enough then. The first component of the result is the one with the smaller mean. */
bool fit_hyperexponential(const double *sorted, size_t count, struct distribution *out);
bool fit_hypergamma(const double *sorted, size_t count, struct distribution *out);

/* The shape of the gamma distribution with this mean and this mean of logarithms, from 0.01 to 1e5:
 * where log(shape) - digamma(shape) is log(mean) - mean_log. */
double gamma_shape_of(double mean, double mean_log);

#endif
