/*
 * gittins_index.h - the Gittins index of a job by the services that others needed in all.
 *
 * For a job that has had service a, with a look ahead d and X the services of the past:
 *
 *     index = P(X <= a + d | X > a) / E(min(X - a, d) | X > a)
 *
 * the chance that it ends within d, for what that costs. 0 when no X is greater than a.
 *
 * The variant of Tiresias' simulator (gittins_index_of_code) takes X instead of X - a in the
 * expectation, computes the index at every X and uses that of the next X above a, and rounds.
 */
#ifndef POLICIES_LIB_GITTINS_INDEX_H
#define POLICIES_LIB_GITTINS_INDEX_H

#include "sim/base/err.h"
#include "sim/base/vec.h"
#include "sim/base/view.h"

struct gittins_index {
    VEC(double) services; /* seconds or GPU-seconds; rising after gittins_index_build */
    VEC(double) sums;     /* of the services before this one; one more than services */
    VEC(double) codes;    /* the variant's index at each service */
    double ahead_s;
};

void gittins_index_release(struct gittins_index *index);

/* Reads services, a number a line, behind a line with a word if there is one. An error names file
 * and line. */
bool gittins_index_read(struct gittins_index *index, struct view path, struct err *err);

/* To be called after the last service was pushed, and again after more. O(n log n). */
void gittins_index_build(struct gittins_index *index, double ahead_s);

/* O(log services). */
double gittins_index_of(const struct gittins_index *index, double service_s);
double gittins_index_of_code(const struct gittins_index *index, double service_s);

#endif
