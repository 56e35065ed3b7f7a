/*
 * plain.h - the reference engine: what a run should be, in the slowest and most literal form. At
 * every instant it looks at all jobs and all nodes; there is no heap, no index, nothing is kept
 * that could be found out again. The storm holds the log of the real engine against it.
 *
 * Its world: the policies fifo, sjf, srtf (tie=running) and easy (ask=always); the rules `first`
 * and `count`; whole GPUs, CPUs, memory and models; gangs, free shapes and elastic jobs; every
 * cost, pass and tie; true, stated and remembered estimates.
 */
#ifndef TESTS_STORM_PLAIN_H
#define TESTS_STORM_PLAIN_H

#include "sim/base/text.h"
#include "sim/base/vec.h"
#include "sim/engine/engine.h"

enum plain_policy { PLAIN_FIFO, PLAIN_SJF, PLAIN_SRTF, PLAIN_EASY };
enum plain_state { PLAIN_AWAITED, PLAIN_PENDING, PLAIN_RUNNING, PLAIN_DONE, PLAIN_REJECTED };

/* What is run and how. */
struct plain_input {
    const struct workload *workload;
    const struct cluster *cluster; /* capacities only */
    const struct engine_settings *settings;
    enum plain_policy policy;
    bool skips;            /* fifo, sjf: who finds no room is passed over */
    bool by_gpus;          /* sjf, srtf: keys are times GPUs */
    bool shortest;         /* easy: later jobs by estimate */
    bool fills;            /* srtf */
    int64_t hysteresis_us; /* srtf */
    bool any_gpus;         /* the rule `count`, else `first` */
};

struct plain_job {
    enum plain_state state;
    grant_vec held;
    bool gave_back; /* what it holds, at the instant of its end but before its turn */
    int64_t estimate_us;
    int64_t left_us; /* work, when its run began */
    int64_t start_us;
    int64_t latency_us; /* of this run */
    int64_t rate_ppb;
    uint64_t sequence; /* of its start among all */
    bool stopped_before;
    int64_t expected_us; /* easy: when it ends, as far as anybody knows */
};

/* A decision, as the log has it. */
struct plain_event {
    int64_t time_us;
    enum log_kind kind;
    uint32_t job;
    uint32_t first_grant; /* in `grants` */
    uint32_t grant_count;
    int64_t lost_us;
};

struct plain {
    struct plain_input input;
    struct plain_job *jobs;
    int64_t now_us;
    uint64_t starts;
    VEC(uint32_t) finished; /* jobs, in the order of their ends */
    VEC(struct plain_event) events;
    grant_vec grants;
    bool too_long; /* more instants than a world should have; nothing is compared then */
};

/* False: this world is not one for it. */
bool plain_is_for(const struct plain_input *input);

void plain_run(struct plain *plain, const struct plain_input *input);
void plain_release(struct plain *plain);

/* -- plain_place.c: the room there is -------------------------------------------------------- */

/* Places the job in its rule's way and appends to `out`; false, and nothing appended: no room. With
 * `idle` on an empty cluster. */
bool plain_place(const struct plain *plain, uint32_t job, bool idle, grant_vec *out);

/* Could it ever run? */
bool plain_ever_fits(const struct plain *plain, uint32_t job);

/* GPUs that nobody holds. */
int64_t plain_free_milli(const struct plain *plain);
int64_t plain_held_milli(const struct plain *plain, uint32_t job);
int64_t plain_asked_milli(const struct plain *plain, uint32_t job); /* all tasks */
int64_t plain_gpu_milli(const struct plain *plain);                 /* of the cluster */

/* -- plain_run.c: what a policy may do ------------------------------------------------------- */

bool plain_start(struct plain *plain, uint32_t job);
void plain_stop(struct plain *plain, uint32_t job);
int64_t plain_left_us(const struct plain *plain, uint32_t job);
int64_t plain_end_us(const struct plain *plain, uint32_t job); /* of a running job */

/* -- plain_order.c --------------------------------------------------------------------------- */

void plain_decide(struct plain *plain);

#endif
