/*
 * rate_clock.h - a rate of arrivals that changes, as a clock that runs faster where the rate is
 * higher.
 *
 * Operational time is the integral of the rate, scaled so that it agrees with the real clock over a
 * whole period. Arrivals drawn in operational time with any interarrival distribution and mapped
 * back have the wanted rate everywhere; for exponential ones that is what thinning gives, and for
 * the others it keeps their shape, which thinning does not. No draw is rejected.
 */
#ifndef GENERATE_RATE_CLOCK_H
#define GENERATE_RATE_CLOCK_H

#include "sim/generate/model.h"

struct rate_clock {
    size_t count; /* equal parts of the period; 0: the two clocks agree */
    double part_s;
    double period_s;
    double start_s;     /* where in the period time 0 is */
    double start_op;    /* operational time there */
    double *cumulative; /* operational time at the start of each part, and at the end */
};

void rate_clock_init(struct rate_clock *clock, const struct model_profile *model, double start_s);
void rate_clock_release(struct rate_clock *clock);

/* Both clocks start at 0 together. O(1), and O(log parts) back. */
double rate_clock_op_of(const struct rate_clock *clock, double time_s);
double rate_clock_time_of(const struct rate_clock *clock, double op);

#endif
