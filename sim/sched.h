/*
 * sched.h - the only header a policy needs: what it may see, what it may ask, and the table of
 * functions it provides.
 *
 * A policy decides which jobs run. It is one file in policies/ with one `struct sched_ops`; the
 * smallest is policies/fifo.c. The engine tells it what happened (submit, finish), then asks it
 * once for its decisions (decide): when exactly is the run's `--pass` setting, not the policy's
 * affair. Inside decide it starts and stops jobs through the functions below; where a job goes is
 * the placement rule's affair.
 *
 * Reading never changes anything. An action is checked: one that is impossible (starting a job that
 * runs, preempting one that does not, a negative time) ends the run with an error that names the
 * policy, the time and the job. "No room" is not an error but the answer `false`.
 *
 * A job is named by its index, 0 .. sched_job_count - 1, in submit order: comparing two indices is
 * comparing (submit time, place in the trace), so an index is the last word of every comparison.
 *
 * True durations are out of reach unless the policy declares SCHED_ORACLE. Estimates are what the
 * run's `--estimates` setting makes of each job: what the user said, the truth, the truth with
 * noise, or the past of the user.
 */
#ifndef SIM_SCHED_H
#define SIM_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/base/param.h"
#include "sim/cluster/cluster.h"
#include "sim/cluster/wait_cause.h"
#include "sim/workload/workload.h"

struct sched_ctx; /* the engine's; read and steered through the functions below */

#define SCHED_NO_JOB UINT32_MAX

enum sched_state {
    SCHED_WAITING, /* not submitted yet */
    SCHED_PENDING, /* may be started */
    SCHED_RUNNING,
    SCHED_DONE,
    SCHED_REJECTED, /* can never run here; the policy is not told of it */
};

/* What anyone may know of a job. */
struct sched_job {
    int64_t submit_us;
    int64_t estimate_us; /* at least 1, or SCHED_NO_ESTIMATE */
    int64_t gpu_milli;   /* all tasks together */
    uint32_t tasks;      /* 1 for a free shape */
    uint32_t min_tasks;  /* fewer than tasks: the job is elastic */
    uint32_t shape;      /* jobs with equal numbers ask for exactly the same */
    uint32_t user;       /* a number; 0 .. sched_user_count - 1 */
    uint32_t queue;      /* a number; 0 .. sched_queue_count - 1 */
    int32_t priority;    /* higher goes first, for policies that look at it */
    bool preemptible;
};

#define SCHED_NO_ESTIMATE (-1)

/* What a job asks for, made concrete for the cluster. */
struct sched_shape {
    const struct task_group *groups; /* requests with masks of the cluster's GPU models */
    uint32_t group_count;
    uint32_t required_level;  /* in cluster->levels, or CLUSTER_MOST_LEVELS for none */
    uint32_t preferred_level; /* same */
    bool is_free;             /* one request whose whole GPUs may be split over nodes */
};

/* Where one task is to go, for policies that choose the place themselves. */
struct sched_spot {
    uint32_t group; /* its task group */
    uint32_t node;
    uint32_t part_gpus; /* of a free shape: how many of its GPUs; else ignored */
    uint64_t gpus; /* of a request for shared GPUs: which; 0, and for others: the engine's choice */
};

/* -- reading --------------------------------------------------------------------------------- */

int64_t sched_now_us(const struct sched_ctx *ctx);
uint32_t sched_job_count(const struct sched_ctx *ctx);
uint32_t sched_shape_count(const struct sched_ctx *ctx);
uint32_t sched_user_count(const struct sched_ctx *ctx);
uint32_t sched_queue_count(const struct sched_ctx *ctx);
struct sched_job sched_job(const struct sched_ctx *ctx, uint32_t job);
struct sched_shape sched_shape(const struct sched_ctx *ctx, uint32_t job);
const char *sched_queue_name(const struct sched_ctx *ctx, uint32_t queue);
enum sched_state sched_job_state(const struct sched_ctx *ctx, uint32_t job);

/* The cluster as it is now: capacities, what is free, the queues of its file. */
const struct cluster *sched_cluster(const struct sched_ctx *ctx);

/* When it started last; of a running job only. */
int64_t sched_start_us(const struct sched_ctx *ctx, uint32_t job);

/* Where its tasks are; of a running job only. Valid until the next action. */
const struct grant *sched_grants(const struct sched_ctx *ctx, uint32_t job, uint32_t *count);

/* How long it has held its tasks so far, all runs together, and the same times its milli-GPUs (in
 * milli-GPU microseconds): the attained service of LAS and Tiresias. */
int64_t sched_ran_us(const struct sched_ctx *ctx, uint32_t job);
int64_t sched_attained_milli_us(const struct sched_ctx *ctx, uint32_t job);

/* Work left at reference speed, of a running or pending job, and the whole of it. Only for policies
 * with SCHED_ORACLE; for any other it ends the run. */
int64_t sched_remaining_us(struct sched_ctx *ctx, uint32_t job);
int64_t sched_duration_us(struct sched_ctx *ctx, uint32_t job);

/* Steps a second of a job on a GPU model of the cluster, and (model NAMES_NONE) at the reference
 * speed in which durations are told. A job without a speed class makes a step a microsecond
 * everywhere. 0: it cannot work there. */
double sched_step_speed(const struct sched_ctx *ctx, uint32_t job, uint32_t model);

/* Would sched_start succeed now? No cost when the same shape found no room since the last release,
 * else that of placing and undoing. */
bool sched_fits(struct sched_ctx *ctx, uint32_t job);

/* -- acting ---------------------------------------------------------------------------------- */

/* Starts a pending job if the placement rule finds room for all of it (for an elastic job: for its
 * minimum, and as many more as there is room for). False: no room, nothing changed. A shape that
 * found no room is not tried again until something is released. */
bool sched_start(struct sched_ctx *ctx, uint32_t job);

/* The same on GPUs of these models only (bit i: model i of the cluster). */
bool sched_start_on(struct sched_ctx *ctx, uint32_t job, uint64_t models);

/* From now on a running job makes at most so many whole steps, then holds its tasks without
 * working until it is given another lease or is preempted; a job whose work ends before finishes as
 * always. Returns when the lease is used up, which does not tell whether the job ends before. A job
 * that is started has no such bound. */
int64_t sched_lease(struct sched_ctx *ctx, uint32_t job, int64_t steps);

/* The same for a lease a part of which passes without work, as the restart of a job does. A lease
 * that takes longer than idle_from_us (idle_us or more) makes only the whole steps of its time less
 * idle_us; it takes what its steps, or those the job has left, take without that. */
struct sched_lease_terms {
    int64_t steps;
    int64_t idle_us;
    int64_t idle_from_us;
};
int64_t sched_lease_part(struct sched_ctx *ctx, uint32_t job, struct sched_lease_terms terms);

/* At the end of a lease: a job with a batch plan (sim/workload/batch_plan.h) changes its batch size
 * if it is time, and with it its speed and the steps it has left, then waits for the next lease or
 * to be preempted. Nothing for other jobs. False: the change has left it no step to make, and it
 * ends as soon as it has a lease again; *past_steps is then how many more than all are done. */
bool sched_checkpoint(struct sched_ctx *ctx, uint32_t job, int64_t *past_steps);

/* Stops a running job: it is pending again at once, with the work lost that the cost model says.
 * `submit` is not called for it. */
void sched_preempt(struct sched_ctx *ctx, uint32_t job);

/* Changes how many tasks a running elastic job holds, between its minimum and all. False: no room
 * for more, nothing changed. */
bool sched_resize(struct sched_ctx *ctx, uint32_t job, uint32_t tasks);

/* Moves a running job to where the placement rule would put it now, at the cost of a preemption and
 * a restart. False: it stays where it is. */
bool sched_migrate(struct sched_ctx *ctx, uint32_t job);

/* Starts a pending job on these spots, at least the minimum of every task group and at most all; of
 * a free shape, parts that add up to its GPUs. It begins to work `latency_us` later than the run's
 * settings say. False, and nothing changed: some spot has no room. */
bool sched_start_at(struct sched_ctx *ctx, uint32_t job, const struct sched_spot *spots,
                    uint32_t count, int64_t latency_us);

/* Gives a running elastic job more tasks on these spots; false, and nothing changed: no room. */
bool sched_grow_at(struct sched_ctx *ctx, uint32_t job, const struct sched_spot *spots,
                   uint32_t count);

/* Takes from a running elastic job the tasks on these spots (by group, node and GPUs; `gpus` 0: any
 * of that group and node); it keeps the minimum of every group. */
void sched_shrink_at(struct sched_ctx *ctx, uint32_t job, const struct sched_spot *spots,
                     uint32_t count);

/* A running job stops working but holds its tasks until it is preempted, which must follow: the
 * grace period of an eviction. */
void sched_halt(struct sched_ctx *ctx, uint32_t job);

/* For computations that take long and follow from what happened before, so that a run that was
 * interrupted need not make them again (`--resume`). First sched_recall: true when the run before
 * came to the same point; *values, valid until the next action, are then what it remembered there.
 * Otherwise the policy computes, and sched_remember keeps the result. Both are asked in the same
 * order in every run of the same input; nothing is kept, at no cost, without `--checkpoint`. */
bool sched_recall(struct sched_ctx *ctx, const int64_t **values, size_t *count);
void sched_remember(struct sched_ctx *ctx, const int64_t *values, size_t count);

/* Asks for a pass at this time (not in the past) even if nothing happens. */
void sched_wake_at(struct sched_ctx *ctx, int64_t time_us);

/* With `--pass event`, events of one instant come one by one. This gives back what a running job
 * holds when its own end is at this very instant but not its turn yet; false (and no change) when
 * it does not end now. The job is told to finish in its turn. Some published simulators count such
 * a job's GPUs as free. */
bool sched_release_ending(struct sched_ctx *ctx, uint32_t job);

/* Gives the reason that goes with the following actions into the decision log, until the next one
 * or the end of the pass: a constant string such as "backfilled before the head's reservation". */
void sched_because(struct sched_ctx *ctx, const char *reason);

/* The same, and the job for whose sake it is done; SCHED_NO_JOB: none. */
void sched_because_of(struct sched_ctx *ctx, const char *reason, uint32_t job);

/* Why this pending job waits, where the policy knows better than the engine, which judges by the
 * room there is: it holds until the job starts or something else is told. No cost, and no effect,
 * when the run does not ask for causes (sched_wants_causes). */
bool sched_wants_causes(const struct sched_ctx *ctx);
void sched_tell_cause(struct sched_ctx *ctx, uint32_t job, enum wait_cause cause);

/* Takes back what was told: the engine judges again. */
void sched_forget_cause(struct sched_ctx *ctx, uint32_t job);

/* Tells the log what a queue is entitled to and has now: for the report only. */
void sched_tell_share(struct sched_ctx *ctx, const struct queue_standing *standing);

/* Tells the decision log a step of the way to what follows: a line, for a reader only. */
void sched_tell_step(struct sched_ctx *ctx, const char *step);

/* -- what a policy provides ------------------------------------------------------------------ */

enum sched_flags {
    SCHED_ORACLE = 1 << 0,          /* reads true durations */
    SCHED_PREEMPTS = 1 << 1,        /* stops running jobs */
    SCHED_NEEDS_ESTIMATES = 1 << 2, /* a run where some job has none is refused */
    SCHED_STARTS_NOTHING = 1 << 3,  /* not a real policy; the kit does not ask it to finish jobs */
    SCHED_QUOTAS =
        1 << 4, /* jobs that are not preemptible run inside quotas only: some may never */
    SCHED_NEEDS_SPEEDS = 1 << 5, /* wants the speed of each job on each GPU model */
    SCHED_FLAG_COUNT = 6,
};

/* What a policy promises of its schedules beyond what the engine checks anyway; tests/contract
 * holds it to that on random and on tiny worlds. */
enum sched_law {
    SCHED_LAW_NONE,
    SCHED_LAW_SUBMIT_ORDER, /* nobody is overtaken: jobs start in submit order */
    SCHED_LAW_NO_IDLE,      /* work conserving: after a pass, nobody waits whose whole GPUs are idle
                               (where only their number counts) */
    SCHED_LAW_TIME_SCALE,   /* all times k times as long: the same schedule, k times as long */
    SCHED_LAW_SPARE_NODES,  /* nodes whose GPU model nobody may use change nothing */
    /* With true estimates, where only the number of GPUs counts: */
    SCHED_LAW_HEAD_FIRST, /* who waits first in submit order starts no later than if nobody behind
                             it had started since it came first */
    SCHED_LAW_NO_DELAY, /* nobody starts later than if the jobs submitted after it did not exist */
    /* Where only the number of GPUs counts, of whole GPUs: */
    SCHED_LAW_FAIR_TURNS, /* no tenant starts a job while one that has less waits with a job that
                             fits: so nobody who could start is behind by more than the one job with
                             which the other went ahead, a gang counting whole */
    SCHED_LAW_LEVELS,     /* with `limits` in GPU-seconds: nobody waits who would fit in the room of
                             those who have passed more limits than it */
    SCHED_LAW_QUEUE_LIMITS, /* no queue holds more GPUs than the limit in the cluster file */
};

/* One promise; under these parameters only ("mode=skip"; NULL: always). */
struct sched_promise {
    enum sched_law law;
    const char *when;
};

struct sched_ops {
    const char *name;                 /* also the file's name: policies/<name>.c */
    const char *help;                 /* one line */
    const char *source;               /* where it is defined: a paper, a simulator */
    unsigned flags;                   /* of enum sched_flags */
    size_t state_size;                /* zeroed memory that the engine gives to every function */
    size_t params_size;               /* filled from `params` before init */
    const struct param_spec *params;  /* ends with a NULL name; may be NULL */
    const struct sched_promise *laws; /* ends with SCHED_LAW_NONE; NULL: no promises */
    /* Whose schedules it gives job by job, and with which settings of `run`; NULL: nobody's. */
    const char *validated;

    /* Called once, before the first event, with no job running. Missing: nothing to prepare.
     * Whatever it takes (streams, vectors), `release` gives back. It is called only after an init
     * that succeeded or is missing. */
    bool (*init)(void *state, const void *params, struct sched_ctx *ctx, struct err *err);
    void (*release)(void *state);

    /* A job has become pending for the first time. Reading only. Missing: not interested. */
    void (*submit)(void *state, struct sched_ctx *ctx, uint32_t job);

    /* A running job has ended and given back what it held. Reading only. */
    void (*finish)(void *state, struct sched_ctx *ctx, uint32_t job);

    /* What a running job held went away (its node failed): it was stopped and is pending again.
     * Reading only. Missing: `finish` and then `submit` are called for it, as if it had ended and
     * come again. */
    void (*interrupt)(void *state, struct sched_ctx *ctx, uint32_t job);

    /* The pass: the only place for actions. Called when something happened since the last pass or
     * a time asked for with sched_wake_at has come. Required. */
    void (*decide)(void *state, struct sched_ctx *ctx);
};

/* The sorted table of every policy; ends with NULL. */
extern const struct sched_ops *const sched_policies[];

const struct sched_ops *sched_find(const char *name);

/* What a flag and a law are called in words: "needs estimates", "nobody waits who fits". */
const char *sched_flag_text(unsigned flag_bit);
const char *sched_law_text(enum sched_law law);

/* Does the policy promise this under these values of its parameters? */
bool sched_promises(const struct sched_ops *ops, const void *params, enum sched_law law);

#endif
