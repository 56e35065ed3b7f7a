/*
 * memory.h - what the core decided in a cycle, as numbers, so that a run that is resumed need not
 * ask it again (sched_recall).
 *
 * Layout: events, groups, shares (their counts first), then event by event its action, kind, task,
 * node, job for whose sake, group count, and its job's last start and eviction; group by group
 * whether it is fresh and its number; share by share the queue and the bits of five doubles.
 */
#ifndef KAI_MEMORY_H
#define KAI_MEMORY_H

#include "policies/kai/cycle.h"

/* Fills events, groups, shares and the times of jobs, as run_core does; false: nothing is known. */
bool kai_recall_cycle(struct kai_cycle *cycle, struct sched_ctx *ctx);

void kai_remember_cycle(struct kai_cycle *cycle, struct sched_ctx *ctx);

#endif
