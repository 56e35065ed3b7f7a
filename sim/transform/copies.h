/*
 * copies.h - jobs several times, or not at all: what more and fewer users are made of.
 */
#ifndef TRANSFORM_COPIES_H
#define TRANSFORM_COPIES_H

#include "sim/workload/workload.h"

/* Makes *out of `from` with counts[job] copies of every job. The daily and the weekly cycle stay:
 * the copies of a user are moved by whole weeks, round the end of the trace to its beginning (by
 * whole days, or by any time, in a trace of less than two weeks, or two days), all jobs of one copy
 * of a user by the same time. Copies of user U are called "U+1", "U+2". *out is finished; nothing
 * in it on failure, as when no job is left. O(jobs). */
bool copies_make(const struct workload *from, const uint32_t *counts, uint64_t seed,
                 struct workload *out, struct err *err);

#endif
