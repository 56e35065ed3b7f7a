/*
 * fold.h - what is kept of the records of a run: a few words a job and a queue, and sums.
 *
 * Everything is an integer. Sums over time are kept from the warm-up on. The state of an instant is
 * what holds after its last record.
 */
#ifndef REPORT_FOLD_H
#define REPORT_FOLD_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/names.h"
#include "sim/cluster/cluster.h"
#include "sim/log.h"
#include "sim/report/profile.h"
#include "sim/report/wide.h"
#include "sim/workload/workload.h"

enum fold_phase {
    PHASE_ABSENT, /* not submitted yet */
    PHASE_PENDING,
    PHASE_RUNNING,
    PHASE_COMPLETED,
    PHASE_REJECTED,
};

struct fold_job {
    int64_t start_us;    /* the first; TIME_UNKNOWN before it */
    int64_t since_us;    /* running: the last start; completed: the end */
    int64_t ran_us;      /* in stretches that are over */
    int64_t lost_us;     /* work done again */
    int64_t asked_milli; /* what it asks for; a request that tells no amount: what it got */
    int64_t held_milli;  /* what it holds now */
    uint32_t preemptions;
    uint16_t reason; /* of a rejection: number in fold->reasons */
    uint8_t phase;   /* enum fold_phase */
    uint8_t unused;
};

_Static_assert(sizeof(struct fold_job) == 56, "memory a job is promised in report.h");

struct fold_queue {
    int64_t held_milli; /* now */
    int64_t since_us;   /* when it last changed */
    wide milli_us;      /* since the warm-up */
};

/* What a row of the timeline shows. */
struct fold_state {
    int64_t allocated_milli;
    int64_t pending_milli; /* what pending jobs ask for */
    int64_t away_milli;    /* of the cluster's GPUs, those that are not there */
    uint32_t running;
    uint32_t pending;
    /* Set by the report, when it measures fragmentation; else 0. */
    int64_t fragmented_milli;
    int64_t stranded_milli;
};

struct fold {
    const struct workload *workload;
    const struct cluster *cluster;
    int64_t all_gpu_milli; /* of the cluster at the beginning: what there can be */
    int64_t warmup_us;
    int64_t now_us;
    bool ended;
    struct fold_state state;
    struct fold_job *jobs;     /* by job */
    struct fold_queue *queues; /* by number in the workload */
    struct names reasons;
    VEC(int32_t) priorities; /* of the workload's jobs, highest first */
    wide milli_us;           /* allocated since the warm-up */
    wide lost_milli_us;
    wide overhead_milli_us; /* held before work began, of runs that are over */
    wide run_milli_us;      /* allocated in the whole run */
    int64_t oldest_us;      /* the longest time since its submit that any job was pending for */
    wide away_milli_us;     /* not there since the warm-up, */
    wide run_away_milli_us; /* and in the whole run */
    uint32_t preemptions;
    uint32_t interruptions;
    uint32_t migrations;
    uint32_t resizes;
    /* GPUs allocated, one series a queue; the last one takes all queues that are left. NULL: none
     */
    struct profile *queue_profile;
};

void fold_init(struct fold *fold, const struct workload *workload, const struct cluster *cluster,
               int64_t warmup_us);
void fold_release(struct fold *fold);

/* Takes the next record; its time is not before that of the last one. A record that cannot follow
 * the ones before it (a finish of a job that does not run) is a mistake of the engine: a CHECK. */
void fold_add(struct fold *fold, const struct log_record *record);

/* The place of a job's priority among fold->priorities. O(log priorities). */
uint32_t fold_priority_rank(const struct fold *fold, uint32_t job);

/* How long the job has held its tasks, until now. */
int64_t fold_ran_us(const struct fold *fold, uint32_t job);

static inline bool fold_is_measured(const struct fold *fold, uint32_t job)
{
    return fold->workload->jobs.items[job].submit_us >= fold->warmup_us;
}

/* Every invariant of the sums. O(jobs and queues). */
void fold_check(const struct fold *fold);

#endif
