/*
 * null - starts nothing.
 *
 * Not a scheduler: it tests the engine (every job stays pending) and measures what a run costs
 * without any policy.
 */
#include "sim/sched.h"

static void decide(void *state, struct sched_ctx *ctx)
{
    (void)state; /* there is nothing to remember and nothing to do */
    (void)ctx;
}

static const struct sched_promise laws[] = {
    {SCHED_LAW_SPARE_NODES, NULL},
    {.law = SCHED_LAW_NONE},
};

extern const struct sched_ops sched_policy_null;
const struct sched_ops sched_policy_null = {
    .name = "null",
    .help = "starts nothing: to test and measure the engine",
    .source = "Berth",
    .flags = SCHED_STARTS_NOTHING,
    .laws = laws,
    .decide = decide,
};
