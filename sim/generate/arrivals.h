/*
 * arrivals.h - who submits when: the arrival process of a model, one job after the other.
 */
#ifndef GENERATE_ARRIVALS_H
#define GENERATE_ARRIVALS_H

#include "sim/base/heap.h"
#include "sim/generate/draw.h"
#include "sim/generate/rate_clock.h"
#include "sim/generate/sampler.h"

#define ARRIVAL_NO_USER UINT32_MAX

struct arrival {
    int64_t submit_us;
    uint64_t entity; /* whose draws the job's own are: never that of another job */
    uint64_t leader; /* the same of the first job of its burst, else its own: what a burst shares */
    uint32_t user;   /* ARRIVAL_NO_USER: to be drawn with the job */
};

/* Jobs of a burst that are still to come. */
struct burst {
    double submit_s;
    uint64_t leader;
    uint32_t done; /* jobs that came, the leader among them */
    uint32_t jobs;
};

struct session {
    double submit_s; /* of the next job */
    uint64_t jobs;   /* that came before it */
    uint32_t left;   /* of the session, the next one among them */
    double activity; /* 1 on the average */
};

struct arrivals {
    const struct model_arrivals *model;
    struct draws draws;
    double rate;
    struct rate_clock clock;
    struct sampler interarrival, gap, think, pause;
    double op;                /* operational time of the next arrival that is no burst's */
    uint64_t events;          /* such arrivals before it */
    VEC(struct burst) bursts; /* by slot; free slots are in free_slots */
    VEC(uint32_t) free_slots;
    VEC(struct session) sessions; /* by user */
    struct heap next;             /* slots of bursts, or users, by when they submit */
};

/* Starts the process; `users` is for ARRIVALS_USERS. `rate` is a factor on the model's own. The
 * model must live as long. Released by the caller, also after a failure. */
bool arrivals_init(struct arrivals *arrivals, const struct generate_model *model, uint64_t seed,
                   double rate, struct err *err);
void arrivals_release(struct arrivals *arrivals);

/* The next job, in the order of submit times; false when it lies beyond what a workload holds. */
bool arrivals_next(struct arrivals *arrivals, struct arrival *out);

/* Has to be told after each job: how long it runs, for a user who waits for its end. */
void arrivals_job_runs(struct arrivals *arrivals, const struct arrival *arrival, double duration_s);

#endif
