/*
 * slurm_passes.h - a queue in order of urgency with Slurm's main and backfill passes.
 *
 * The *main pass* comes whenever something happens: it goes down the list and starts jobs until one
 * finds no room; with partitions=queue that holds back its own queue only. It looks at `depth`
 * jobs.
 *
 * The *backfill pass* comes at the earliest `interval` seconds after the one before, if anything
 * has happened since or an estimate has run out. It makes a plan of the milli-GPUs that running
 * jobs leave by their estimates, goes down the list, and starts a job if it fits from now on for as
 * long as its estimate says, without touching what was planned for others before it; else it plans
 * the job in at the earliest time, if that lies within `window` seconds and the job has waited
 * `min_age` seconds. Lengths are rounded up to `resolution`. It looks at `test` jobs, at most
 * `user` of one user and `partition` of one queue, and starts at most `start`. The limits are
 * counts, not time spent, so that a run gives the same on every machine.
 *
 * GPUs are counted in total, as in easy.c; a job that has GPUs enough but no place is planned in at
 * the next expected end. A job that outlives its estimate is expected to run once more as long.
 */
#ifndef POLICIES_LIB_SLURM_PASSES_H
#define POLICIES_LIB_SLURM_PASSES_H

#include "policies/lib/profile.h"
#include "policies/lib/running.h"
#include "sim/sched.h"

struct slurm_limits {
    int partitions; /* 1: a queue is a partition of its own in the main pass */
    int64_t depth;
    int64_t interval_us;
    int64_t resolution_us;
    int64_t window_us;
    int64_t min_age_us;
    int64_t test;
    int64_t user;
    int64_t partition;
    int64_t start;
};

/* Their entries in the parameters of a policy whose parameters, an `owner`, have a field `limits`.
 */
#define SLURM_COUNT(owner, field, default, text)                                                   \
    {                                                                                              \
        .name = #field, .type = PARAM_I64, .offset = offsetof(owner, limits.field),                \
        .dflt = (default), .min = 0, .max = 1e9, .help = (text)                                    \
    }
#define SLURM_TIME(owner, label, field, default, text)                                             \
    {                                                                                              \
        .name = (label), .type = PARAM_SECONDS, .offset = offsetof(owner, limits.field),           \
        .dflt = (default), .min = 0, .max = 1e9, .help = (text)                                    \
    }
#define SLURM_PARAMS(owner)                                                                        \
    {.name = "partitions",                                                                         \
     .type = PARAM_CHOICE,                                                                         \
     .offset = offsetof(owner, limits.partitions),                                                 \
     .dflt = "one",                                                                                \
     .choices = "one|queue",                                                                       \
     .help = "whom a job without room holds back in the main pass: everybody, or its queue"},      \
        SLURM_COUNT(owner, depth, "100",                                                           \
                    "jobs that the main pass looks at (default_queue_depth); 0: all"),             \
        SLURM_TIME(owner, "interval", interval_us, "30",                                           \
                   "least seconds between backfill passes (bf_interval)"),                         \
        SLURM_TIME(owner, "resolution", resolution_us, "60",                                       \
                   "seconds to whose multiples lengths are rounded up (bf_resolution); 0: not"),   \
        SLURM_TIME(owner, "window", window_us, "86400",                                            \
                   "seconds ahead that are planned for (bf_window)"),                              \
        SLURM_TIME(owner, "min_age", min_age_us, "0",                                              \
                   "seconds a job waits before it is planned for (bf_min_age_reserve)"),           \
        SLURM_COUNT(owner, test, "500",                                                            \
                    "jobs that a backfill pass looks at (bf_max_job_test); 0: all"),               \
        SLURM_COUNT(owner, user, "0", "of these, of one user (bf_max_job_user); 0: all"),          \
        SLURM_COUNT(owner, partition, "0", "of these, of one queue (bf_max_job_part); 0: all"),    \
        SLURM_COUNT(owner, start, "0",                                                             \
                    "jobs that a backfill pass starts (bf_max_job_start); 0: all")

struct slurm_waiter {
    int64_t urgency; /* highest first, then in submit order */
    int64_t gpu_milli;
    int64_t estimate_us;
    int64_t submit_us;
    uint32_t job;
    uint32_t user;
    uint32_t queue;
    bool started; /* in this pass: to be taken out */
};

struct slurm_passes {
    struct slurm_limits limits;
    VEC(struct slurm_waiter) waiting; /* in order */
    VEC(uint32_t) started;            /* in the last slurm_passes_decide */
    struct running running;
    struct free_profile plan; /* of one backfill pass */
    uint32_t *by_user;        /* tested in this pass */
    uint32_t *by_queue;
    bool *blocked; /* queues, in this main pass */
    uint32_t user_count;
    uint32_t queue_count;
    int64_t last_us; /* of the last backfill pass, or -1 */
    int64_t wake_us; /* asked for, or -1 */
    bool something_happened;
};

void slurm_passes_init(struct slurm_passes *passes, const struct sched_ctx *ctx,
                       const struct slurm_limits *limits);
void slurm_passes_release(struct slurm_passes *passes);

void slurm_passes_submit(struct slurm_passes *passes, const struct sched_ctx *ctx, uint32_t job,
                         int64_t urgency);
void slurm_passes_finish(struct slurm_passes *passes, uint32_t job);

/* Sorts who waits, whose urgencies were changed in place. */
void slurm_passes_sort(struct slurm_passes *passes);

void slurm_passes_decide(struct slurm_passes *passes, struct sched_ctx *ctx);

#endif
