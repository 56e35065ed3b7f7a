/*
 * rng.h - random streams that do not disturb each other.
 *
 * A stream belongs to (seed, purpose, entity): "arrivals of user 7", "failures of node 12". Two
 * runs that draw different amounts from one stream still agree in all others, which is what makes
 * paired comparisons possible. Draw once a statement: the order of evaluation of two draws in one
 * expression is the compiler's choice.
 */
#ifndef BASE_RNG_H
#define BASE_RNG_H

#include <stdint.h>

#include <gsl/gsl_rng.h>

/* A new stream, for the gsl_ran_* and gsl_rng_* functions; freed by the caller with gsl_rng_free.
 * `purpose` is a short fixed word. The generator is GSL's taus2 (three words of state). */
gsl_rng *rng_new(uint64_t seed, const char *purpose, uint64_t entity);

/* Makes `stream`, which came from rng_new, the stream of another key, at its start. For a draw or
 * two of each of many entities: no memory is taken. */
void rng_restart(gsl_rng *stream, uint64_t seed, const char *purpose, uint64_t entity);

#endif
