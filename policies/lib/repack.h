/*
 * repack.h - a pass of a preemptive policy that packs its jobs anew, in order, as if the cluster
 * were empty.
 *
 * The walk goes down all jobs, running and waiting, in the order (key, tie, job) with a quota of
 * all GPUs: whoever fits into what is left of it shall run, others are passed over. Running jobs
 * that shall not are preempted, then waiting jobs that shall are started, in order. Jobs that are
 * not preemptible come before everybody while they run.
 *
 * A decide of such a policy is
 *
 *     set key and tie of everybody in `running`
 *     repack_choose, repack_preempt
 *     repack_wait for every job in `stopped`
 *     repack_start, and repack_fill if a chosen job found no place and others may have its room
 *
 * Keys of waiting jobs are given once, by repack_wait. Cost of a pass: O(r log r) for r running
 * jobs, about O(r) while keys change little, plus the shapes that wait.
 */
#ifndef POLICIES_LIB_REPACK_H
#define POLICIES_LIB_REPACK_H

#include "policies/lib/shape_queue.h"

struct repack_runner {
    int64_t key; /* smaller goes first; then tie, then job */
    int64_t tie;
    int64_t gpu_milli; /* held */
    uint64_t sequence; /* of its start among all starts */
    uint32_t position; /* among those who run, in the last walk */
    uint32_t job;
    bool is_fixed; /* not preemptible */
    bool stays;
};

/* A waiting job that shall run: out of the queue, and where it stood there. */
struct repack_chosen {
    struct shape_queue_place place;
    uint32_t position;
    uint32_t job;
};

struct repack_stopped {
    uint32_t job;
    uint32_t position;
};

struct repack {
    struct shape_queue waiting;
    VEC(struct repack_runner) running;  /* in the order of the last walk, then who was started */
    VEC(struct repack_chosen) chosen;   /* in order; of one pass */
    VEC(struct repack_stopped) stopped; /* whom repack_preempt stopped, in the order of the walk */
    uint64_t starts;
    uint32_t positions; /* given out in the last walk */
};

void repack_init(struct repack *repack, const struct sched_ctx *ctx);
void repack_release(struct repack *repack);

/* A job that waits: submitted or preempted. */
void repack_wait(struct repack *repack, const struct sched_ctx *ctx, uint32_t job,
                 struct shape_queue_place place);

/* A running job has ended. O(r). */
void repack_finish(struct repack *repack, uint32_t job);

void repack_choose(struct repack *repack, struct sched_ctx *ctx);
void repack_preempt(struct repack *repack, struct sched_ctx *ctx, const char *because);

/* True: all that were chosen have started. Others wait on in their old place. */
bool repack_start(struct repack *repack, struct sched_ctx *ctx, const char *because);

/* What differs between policies whose running jobs have a key of the moment and tie 0. */
struct repack_terms {
    int64_t (*key)(const void *state, const struct sched_ctx *ctx, uint32_t job); /* who runs */
    void (*wait)(void *state, struct sched_ctx *ctx, uint32_t job); /* whoever was stopped */
    const char *why_stopped;
    const char *why_started;
};

/* All of the above: gives keys to who runs, chooses, preempts, lets who was stopped wait, starts.
 * Returns what repack_start does. */
bool repack_pass(struct repack *repack, struct sched_ctx *ctx, const struct repack_terms *terms,
                 void *state);

/* Starts whoever finds room, in order. */
void repack_fill(struct repack *repack, struct sched_ctx *ctx, const char *because);

#endif
