/*
 * causes.h - why jobs wait, as far as the queues' entitlements are why.
 */
#ifndef KAI_CAUSES_H
#define KAI_CAUSES_H

#include "policies/kai/cycle.h"

/* To be called after a cycle: of every pending job, would its queue (or one above it) go beyond its
 * limit, or a job that cannot be preempted beyond its quota (WAIT_LIMIT); beyond its fair share,
 * so that it may take from nobody (WAIT_SHARE); or neither, and what others hold is protected or
 * not enough (WAIT_PROTECTED)? Over-quota use is allowed where there is room, so after a cycle the
 * last two mean that there is none. O(jobs submitted); nothing when nobody wants causes. */
void kai_tell_causes(const struct kai_cycle *cycle, struct sched_ctx *ctx);

#endif
