/*
 * replay.h - a run inside a test: a small workload, any policy and placement rule by name, and what
 * became of every job.
 */
#ifndef TESTS_LIB_REPLAY_H
#define TESTS_LIB_REPLAY_H

#include "sim/base/text.h"
#include "sim/engine/engine.h"

#define SECOND_US    INT64_C(1000000)
#define REPLAY_NEVER INT64_MIN

struct replay_job {
    int64_t submit_us;
    int64_t first_start_us; /* REPLAY_NEVER until it started */
    int64_t end_us;         /* REPLAY_NEVER until it ended */
    uint32_t preemptions;
    bool rejected;
};

struct replay {
    struct workload workload;
    struct cluster cluster;
    struct engine_settings settings;
    const char *policy;          /* "easy:order=shortest"; "fifo" at first */
    const struct sched_ops *ops; /* a policy that is not in the table; NULL: that of the name */
    const char *place;           /* "count" at first */
    struct log_sink extra;       /* asked after the outcome of a record is noted; may be empty */
    VEC(struct replay_job) jobs;
    struct engine_result result;
    struct err err;
};

/* A replay with default settings on a cluster in its short form. Jobs come from replay_read, or
 * from workload_add on the empty workload followed by workload_finish. */
void replay_init(struct replay *replay, const char *cluster);
void replay_release(struct replay *replay);

/* Fills the workload from native CSV, its header line included; fails the test when it is bad. */
void replay_read(struct replay *replay, const char *csv);

/* Runs to the end; true when the engine accepted. The cluster is idle again afterwards only if all
 * jobs ended; the same replay may then run again. */
bool replay_run(struct replay *replay);

/* "a 0-10, b 10-12": first start and end of every job in submit order, in seconds, with "*n" behind
 * a job that was preempted n times, "rejected", or "pending". */
void replay_add_schedule(struct text *text, const struct replay *replay);

#endif
