/*
 * engine.h - replays a workload on a cluster under a policy and a placement rule.
 *
 * The run pops an instant, applies all its events, asks the policy once, checks every answer and
 * emits log records. It costs O(log running jobs) an event plus what the policy and the placement
 * rule cost. A run is a function of its arguments: nothing else reaches it.
 *
 * Time line of one instant t (--pass instant):
 *
 *     finishes at t -> submits at t -> timers at t -> one pass -> again if the pass made events at
 * t
 *
 * Events of one instant are ordered by (class, sequence), with the classes finish < repair < fail <
 * submit < timer < decide; --tie submit puts submit before finish. Sequence is the order in which
 * the events were made, for submits that of the trace.
 */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include <signal.h>
#include <stdint.h>

#include "sim/cluster/cluster.h"
#include "sim/engine/supply.h"
#include "sim/log.h"
#include "sim/place.h"
#include "sim/sched.h"
#include "sim/workload/workload.h"

enum pass_mode {
    PASS_INSTANT, /* once after all events of an instant */
    PASS_EVENT,   /* after every single event */
    PASS_PERIOD,  /* at multiples of pass_period_us, if anything happened since the last */
};

enum tie_order { TIE_FINISH, TIE_SUBMIT };
enum oversize { OVERSIZE_REJECT, OVERSIZE_CLIP };
enum estimates { ESTIMATES_USER, ESTIMATES_ORACLE, ESTIMATES_NOISY, ESTIMATES_LASTK };

/* What a preemption adds to the work of a job that asks for so much or less. */
struct stop_cost {
    int64_t most_gpu_milli;
    int64_t work_us;
};

enum { MOST_STOP_COSTS = 8 };

/* How the time between checkpoints is found (saves.c). */
enum checkpoint_rule { CHECKPOINT_FIXED, CHECKPOINT_YOUNG, CHECKPOINT_DALY };

enum { SPREAD_FULL_PPM = 1000000 };

/* The settings that belong to the model, not to a policy (DESIGN 4). */
struct engine_settings {
    enum pass_mode pass;
    int64_t pass_period_us;
    enum tie_order tie;
    int64_t checkpoint_us; /* between checkpoints; 0: work is never lost; PARAM_NEVER_US: none */
    enum checkpoint_rule checkpoint_rule; /* not FIXED: of jobs that tell no interval themselves */
    int64_t save_us;          /* to write a checkpoint, in which the work stands still */
    int64_t restore_us;       /* before a preempted job works on */
    int64_t start_us;         /* between holding its GPUs and working, at every start */
    int64_t finish_us;        /* between the end of its work and giving back its GPUs */
    int64_t over_nodes_ppm;   /* the speed of a job on more than one node, 0: its full speed; */
    int64_t over_domains_ppm; /* the same over domains of the finest topology level */
    int64_t sharing_ppm;      /* the same for each other task on a GPU that it shares */
    uint32_t stop_cost_count;
    struct stop_cost stop_costs[MOST_STOP_COSTS]; /* rising sizes; the last INT64_MAX */
    int64_t horizon_us; /* the run ends here; PARAM_NEVER_US: when nothing is left to happen */
    enum oversize oversize;
    enum estimates estimates;
    double noise_sigma; /* of ESTIMATES_NOISY: truth times exp(N(0, sigma)) */
    int64_t last_k;     /* of ESTIMATES_LASTK: mean of the user's last k finished jobs */
    uint64_t seed;
    const char *isolate; /* every queue runs alone on the nodes that carry its name under this
                            label; NULL: all on all nodes */
    struct supply_spec *supply; /* what fails and when; NULL: nothing ever does */
    bool audit;                 /* check the whole state after every instant, in every build */
    bool causes;                /* find out why jobs wait, and log it (LOG_CAUSE) */
};

/* DESIGN 3.4 and 3.5: instant, finish first, no costs, no horizon, reject, user. */
void engine_settings_init(struct engine_settings *settings);

struct engine_progress {
    int64_t now_us;
    uint32_t jobs_submitted;
    uint32_t jobs_ended; /* done or rejected */
    uint32_t job_count;
};

/* Lets a run that was interrupted go on: it is run again from its beginning, but what policies
 * computed for long is recalled, and the marks that were made on the way have to come up again. */
struct engine_journal {
    void *self;
    /* sched_recall and sched_remember */
    bool (*recall)(void *self, const int64_t **values, size_t *count);
    void (*remember)(void *self, const int64_t *values, size_t count);
    /* After every instant: is a mark due? If so `mark` is called with what was decided so far;
     * false with *err filled: it cannot be written, or is not what was found here before, and the
     * run ends. */
    bool (*is_due)(void *self);
    bool (*mark)(void *self, int64_t now_us, uint64_t fingerprint, struct err *err);
};

struct engine_input {
    const struct engine_settings *settings;
    const struct workload *workload;
    struct cluster *cluster; /* idle at the start; as the run left it at the end */
    const struct sched_ops *policy;
    const void *policy_params;
    const struct place_ops *place;
    const void *place_params;
    const struct log_sink *sinks;
    uint32_t sink_count;
    /* Called now and then (every few thousand events); NULL for nobody. False stops the run, which
     * then ends as at a horizon. */
    bool (*progress)(void *self, const struct engine_progress *progress);
    void *progress_self;
    /* Looked at after every instant: not 0 stops the run like `progress`; NULL: nobody does. */
    const volatile sig_atomic_t *stop;
    const struct engine_journal *journal; /* NULL: nothing is remembered */
};

struct engine_result {
    int64_t end_us;  /* of the last event */
    uint64_t events; /* finishes, submits, timers */
    uint64_t passes;
    uint64_t fingerprint; /* digest of every decision: time, kind, job, where */
    bool stopped;         /* progress or `stop` said so */
};

/* Runs to the end. False with *err filled when the input cannot be replayed (ERR_USAGE) or the
 * policy asked for something impossible (ERR_POLICY). */
bool engine_run(const struct engine_input *input, struct engine_result *out, struct err *err);

#endif
