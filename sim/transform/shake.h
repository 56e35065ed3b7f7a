/*
 * shake.h - small noise on submit times and durations, to see which differences between policies
 * survive it (Tsafrir, Ouaknine, Feitelson, "Reducing performance evaluation sensitivity and
 * variability by input shaking", MASCOTS 2007).
 */
#ifndef TRANSFORM_SHAKE_H
#define TRANSFORM_SHAKE_H

#include "sim/workload/workload.h"

struct shake {
    int64_t arrivals_us; /* a submit moves by at most this, either way, evenly distributed */
    double durations;    /* a duration changes by at most this share of it, 0 to 1, likewise */
    uint64_t seed;
};

/* In place. The noise of a job depends on the seed and its id only, so a part of a trace shakes as
 * it does in the whole. A job that kept within its estimate still does; one that took any time
 * still takes some. O(jobs). */
bool shake_apply(const struct shake *shake, struct workload *workload, struct err *err);

/* The same for the jobs from number `first` on, which are then no longer by submit time. */
bool shake_jobs(const struct shake *shake, struct workload *workload, size_t first,
                struct err *err);

#endif
