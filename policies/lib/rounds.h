/*
 * rounds.h - Gavel's round mechanism (Narayanan et al., OSDI 2020, section 5): makes any fractional
 * allocation of GPU types to jobs happen.
 *
 * Time goes in rounds. Within a round nothing changes: every chosen job holds a lease of the whole
 * steps that fit into a round, and holds its GPUs until the last lease is used up, so a round is a
 * little shorter than its length, and much shorter when all its jobs end. At a round's end jobs
 * that have come are admitted; when the jobs have changed the allocation X (fraction of time of job
 * j on type k) is computed anew, at most once per `reset_us`; then for each type in turn jobs are
 * taken by the priority
 *
 *     X[j][k] / (time j had on k / time all had on k, since the last reset)
 *
 * (X times 1e9 when it had none), then by deficit (time it should have had and has not), then by X,
 * then in submit order, each at most once and only while it fits into what is left of the type.
 *
 * Two rules more are those of the Shockwave simulator. With `restart_us` a job that did not run in
 * the round before loses that time of its lease, unless the lease is shorter than the round by more
 * than 5 s. And jobs that change their batch size (sched_checkpoint) do so at the end of a round
 * they ran in; one to which the change leaves no step ends with the fifth round it gets in vain.
 *
 * Taken from the published scheduler, with its peculiarities: the time of a job starts at half a
 * round, and a job that came after the last reset takes up room without running until the next.
 * Times are added up in floating point as there, because the order of jobs that are equal but for
 * rounding depends on it.
 */
#ifndef POLICIES_LIB_ROUNDS_H
#define POLICIES_LIB_ROUNDS_H

#include <stdint.h>

#include "policies/lib/python_random.h"
#include "sim/base/vec.h"
#include "sim/sched.h"

enum { ROUNDS_MOST_TYPES = CLUSTER_MOST_MODELS };

#define ROUNDS_NO_TYPE UINT32_MAX

struct rounds_settings {
    int64_t round_us;   /* more than 0 */
    int64_t reset_us;   /* the least time between two allocations */
    bool shuffle;       /* types in a new random order each round */
    int64_t restart_us; /* of its first round after one without it, a job loses so much */
    bool only_due;      /* a job whose priority on a type is 0 does not run there, room or not */
    bool every_round;   /* an allocation each round, whether jobs have changed or not */
    uint64_t seed;      /* of that order */
};

/* A GPU model of the cluster, or all of it when models are not told everywhere. */
struct rounds_type {
    uint32_t model; /* NAMES_NONE: sched_start without asking for a model */
    int64_t milli;  /* capacity */
};

/* A job and one type. */
struct rounds_cell {
    double steps_per_s; /* 0: it cannot run there */
    double x;           /* the allocation, 0 to 1 */
    double time_s;      /* had since the last reset, and half a round */
    double deficit_s;
    double priority;
};

struct rounds_job {
    uint32_t job;
    uint32_t type;      /* of this round, or ROUNDS_NO_TYPE */
    bool has_x;         /* was there at the last allocation */
    bool ended;         /* since this round began */
    int64_t size_milli; /* at least 1 */
    int64_t lease_end_us;
    double idle_s;        /* of this round, restarting */
    bool no_steps;        /* a change of batch size has left it none, and */
    int64_t past_steps;   /* so many more are done than there are */
    uint32_t vain_rounds; /* rounds that it had since then */
    double finish_s;      /* when its work in this round ends, by rounds->clock_s */
    /* For allocations by finish time: the time its work so far takes alone on its share, and what
     * was told at the last allocation. */
    double alone_s;
    double alone_steps_per_s;
    double steps_left;
};

struct rounds {
    struct rounds_settings settings;
    uint32_t type_count;
    struct rounds_type types[ROUNDS_MOST_TYPES];
    double type_time_s[ROUNDS_MOST_TYPES]; /* of all jobs since the last reset */
    VEC(struct rounds_job) jobs;           /* in submit order */
    VEC(struct rounds_cell) cells;         /* job by job */
    VEC(uint32_t) arrivals;
    VEC(uint64_t) queue; /* scratch: (job << 32 | type) in the order of choice */
    bool has_run;        /* a round went before */
    bool changed;        /* jobs have changed since the last allocation */
    int64_t round_start_us;
    double clock_s;        /* the round's start as a sum of spans, since busy_since_us */
    double reset_at_s;     /* the last reset, by that clock */
    int64_t reset_at_us;   /* the last reset */
    int64_t wake_us;       /* asked for last */
    int64_t busy_since_us; /* when jobs came to an empty cluster */
    struct python_random random;
};

/* Fills cell->x of every job; called with rounds->jobs as they are for the next round. */
typedef void rounds_allocate(void *owner, struct rounds *rounds, struct sched_ctx *ctx);

void rounds_init(struct rounds *rounds, struct rounds_settings settings,
                 const struct sched_ctx *ctx);
void rounds_release(struct rounds *rounds);

static inline struct rounds_cell *rounds_cells(struct rounds *rounds, size_t at)
{
    return &rounds->cells.items[at * rounds->type_count];
}

/* For allocations that take long (sched_recall): fills x of every cell as the run before had it, or
 * false; keeps what was found. */
bool rounds_recall(struct rounds *rounds, struct sched_ctx *ctx);
void rounds_remember(const struct rounds *rounds, struct sched_ctx *ctx);

/* For the policy's own submit and finish. */
void rounds_submit(struct rounds *rounds, uint32_t job);
void rounds_finish(struct rounds *rounds, const struct sched_ctx *ctx, uint32_t job);

/* The pass: nothing before the round is over, then the next round. */
void rounds_decide(struct rounds *rounds, struct sched_ctx *ctx, rounds_allocate *allocate,
                   void *owner);

#endif
