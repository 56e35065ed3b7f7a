/*
 * draw.h - single draws that belong to an entity: one uniform value, one normal score.
 *
 * Every draw of a workload has a key of its own (what it is for, whose it is), so a changed
 * parameter changes what is made of a draw and shifts none of the others.
 */
#ifndef GENERATE_DRAW_H
#define GENERATE_DRAW_H

#include <gsl/gsl_cdf.h>

#include "sim/base/rng.h"

struct draws {
    uint64_t seed;
    gsl_rng *stream; /* restarted for each draw */
};

/* Above 0, below 1. */
static inline double draw_uniform(const struct draws *draws, const char *purpose, uint64_t entity)
{
    rng_restart(draws->stream, draws->seed, purpose, entity);
    return gsl_rng_uniform_pos(draws->stream);
}

static inline double draw_score(const struct draws *draws, const char *purpose, uint64_t entity)
{
    return gsl_cdf_ugaussian_Pinv(draw_uniform(draws, purpose, entity));
}

#endif
