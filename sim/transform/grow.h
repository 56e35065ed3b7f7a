/*
 * grow.h - more or fewer users of some kinds of jobs: demand of which parts change.
 *
 * Scaling (scale.h) makes more of everything by whole users. Here every job has a factor of its
 * own, so that one queue grows and another does not; jobs stay as long and as large as they are.
 */
#ifndef TRANSFORM_GROW_H
#define TRANSFORM_GROW_H

#include "sim/workload/workload.h"

/* Makes *out of `from` with factors[job] times as many jobs like each: a factor of 2.3 gives two
 * copies of every user's jobs (copies.h) and a third one of those on three in ten of the user's
 * days; a factor of 0.3 keeps those days. Which days depends on (seed, user, day) alone, so larger
 * factors only add jobs. No factor is negative. *out is finished; nothing in it on failure, as when
 * no job is left. O(jobs). */
bool grow_workload(const struct workload *from, const double *factors, uint64_t seed,
                   struct workload *out, struct err *err);

#endif
