/*
 * steady.h - does a run settle, and from when on may it be measured?
 *
 * A mean over a run in which the backlog only grows says how long the run was, not how good the
 * policy is; and the first jobs of a run meet an empty cluster that no later job meets.
 */
#ifndef STUDY_STEADY_H
#define STUDY_STEADY_H

#include <stdbool.h>
#include <stddef.h>

/* MSER-5 (White 1997): means of five values each, and the cut d that makes the standard error of
 * what is left smallest, so many values from the start. Values are in the order of time. False when
 * the best cut lies in the second half (or there are fewer than 50 values): the run is too short to
 * tell, and *cut is half of it. O(count). */
bool steady_mser5(const double *values, size_t count, size_t *cut);

/* A backlog over time, one value a step of equal length, averaged over replications. */
struct steady_growth {
    double slope;      /* of the straight line through the second half, a step */
    double slope_low;  /* its 99 % interval, with the values of replications as independent */
    double start, end; /* of the line: at the beginning and the end of the second half */
};

/* The line through the second half of the backlog, fitted to each replication by itself:
 * values[r * steps + i]; the interval is over replications (fewer than two: slope_low is the slope
 * itself). */
void steady_growth(const double *values, size_t replications, size_t steps,
                   struct steady_growth *out);

/* Does it grow as in overload? It surely rises, and by half of its mean or more. */
bool steady_is_growing(const struct steady_growth *growth);

#endif
