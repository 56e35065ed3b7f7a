/*
 * account.h - how far a job should have come, kept from the times at which it held tasks: latency
 * first, then work at the share of its tasks that it holds, then the time to give back. It shares
 * nothing with the engine but what the settings mean.
 */
#ifndef TESTS_STORM_ACCOUNT_H
#define TESTS_STORM_ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/engine/engine.h"

/* What a run may cost a job beside the engine's settings. */
struct account_terms {
    const struct engine_settings *settings;
    int64_t bind_us;  /* from a start to a task that runs, for some policies */
    int64_t grace_us; /* a job that is stopped has stood still for so long before */
    bool leases;      /* jobs may stand still at any time: they end no earlier, but later */
};

struct account {
    int64_t left_us;    /* work still to do */
    int64_t at_run_us;  /* what was left when this run began */
    int64_t latency_us; /* still to pass in this run */
    int64_t finish_us;  /* to hold its tasks when the work is done; still to pass */
    int64_t since_us;   /* the figures above are as of this time */
    int64_t start_us;
    int64_t overhead_us; /* all latency of this run */
    int64_t slack_us;    /* rates are rounded; so much may be missing or too much */
    uint32_t held;       /* tasks */
    uint32_t tasks;      /* all it has */
    bool stopped_before;
};

void account_init(struct account *account, int64_t work_us, uint32_t tasks);
void account_start(struct account *account, const struct account_terms *terms, int64_t now_us,
                   uint32_t held);
void account_resize(struct account *account, int64_t now_us, uint32_t held);

/* Stops it. False: so much work cannot be lost, or so much latency cannot have passed. */
bool account_stop(struct account *account, const struct account_terms *terms, int64_t now_us,
                  int64_t interval_us, const struct log_record *record);

/* How much later (below 0: earlier) than now its end should be, beyond what rounding explains. */
int64_t account_misses_us(const struct account *account, int64_t now_us);

#endif
