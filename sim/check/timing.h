/*
 * timing.h - how long the core takes for a case. For benchmarks and progress only, never for
 * results.
 */
#ifndef CHECK_TIMING_H
#define CHECK_TIMING_H

#include "sim/check/case.h"

/* Milliseconds of the processor; the least of several repetitions. */
struct timing {
    double first_ms;                     /* a new core: opening it and all actions */
    double cycle_ms;                     /* the same core again: what an unchanged cluster costs */
    double action_ms[CORE_ACTION_COUNT]; /* of the later cycles */
    size_t events;
};

/* Runs the first round of a case `repeats` times on new cores and as often again on one core. False
 * with *err when the core refuses the case. */
bool case_time(struct check_case *c, size_t repeats, struct timing *out, struct err *err);

#endif
