/*
 * family_fit.h - the parameters of a family that a sample most likely came from.
 *
 * Maximum likelihood throughout: in closed form, as the root of the likelihood equation, or for
 * mixtures by expectation and maximisation from several starts. Mixtures see the sample condensed
 * to a few thousand bins of neighbours, each with its mean and mean logarithm, which is all that
 * their likelihood depends on within a bin.
 */
#ifndef GENERATE_FAMILY_FIT_H
#define GENERATE_FAMILY_FIT_H

#include <stddef.h>

#include "sim/generate/distribution.h"

/* Fits `family` to `count` positive values in ascending order; *out is unbounded and released by
 * the caller. False when the family cannot have made such values (too few, all equal, logarithms
 * that are not positive). FAMILY_EMPIRICAL gives a table of quantiles, which also takes zeros. */
bool family_fit(enum family family, const double *sorted, size_t count, struct distribution *out);

struct family_choice {
    struct distribution distribution; /* released by the caller */
    double distance;                  /* of Kolmogorov and Smirnov, to the sample */
    bool is_first;                    /* passes the 5 % test for the whole sample */
};

/* Chooses a family: the one with the fewest parameters that passes the 5 % test at the size of the
 * sample; when none does, the nearest one, or with `empirical_allowed` a table of quantiles. */
void family_choose(const double *sorted, size_t count, bool empirical_allowed,
                   struct family_choice *out);

#endif
