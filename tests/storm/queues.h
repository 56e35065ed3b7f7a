/*
 * queues.h - what `kai` owes its queues, judged by the log: limits and quotas kept, fair shares as
 * the rule divides them, nobody reclaimed from who has no more than is his, nobody preempted for
 * less, and of equal jobs the first first.
 */
#ifndef TESTS_STORM_QUEUES_H
#define TESTS_STORM_QUEUES_H

#include "division.h"
#include "policies/kai/settings.h"
#include "sim/log.h"

struct judge;

enum { QUEUES_MOST_EVICTIONS = 64 };

enum queues_cause { QUEUES_RECLAIMED, QUEUES_PREEMPTED, QUEUES_MOVED };

struct queues_eviction {
    uint32_t job;
    uint32_t for_job; /* LOG_NO_JOB: none */
    int64_t milli;    /* given back */
    enum queues_cause cause;
};

struct queues {
    const struct kai_settings *settings; /* NULL: it is not kai's run, or not one run */
    bool all_exact;                      /* no job asks for GPU memory */
    bool any_parts;                      /* some ask for parts of GPUs, whose sums round */
    uint32_t count;
    struct division_queue told[DIVISION_MOST_QUEUES]; /* as the log tells them, by name */
    bool fresh;                                       /* something was told and not judged yet */
    /* Of this instant: */
    bool cycled; /* a cycle took place, as far as the log tells, and nobody ended since */
    uint32_t stops;
    struct queues_eviction evictions[QUEUES_MOST_EVICTIONS];
    uint32_t eviction_count;
    int64_t held_milli[DIVISION_MOST_QUEUES]; /* by queue, before the first eviction */
};

void queues_init(struct judge *judge, const struct kai_settings *settings);

/* A record comes; the accounts of the judge are still as before it. */
void queues_see(struct judge *judge, const struct log_record *record);

/* Everything of this instant has come. */
void queues_end_instant(struct judge *judge);

/* Part of it: does anybody wait beside room? */
void queues_check_idle(struct judge *judge);

#endif
