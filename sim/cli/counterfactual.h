/*
 * counterfactual.h - how much of the waiting goes away with a cause removed: the run once more in a
 * world without it.
 *
 *     fragmented, gang, topology   all nodes of a GPU model are one, and no level is required
 *     model                        every GPU is of one model, and jobs ask for none
 *     limit                        queues have no limits
 *     period                       the policy is asked at once
 *
 * The order, fair shares and room itself cannot be removed: they are the policy and the cluster.
 */
#ifndef CLI_COUNTERFACTUAL_H
#define CLI_COUNTERFACTUAL_H

#include "sim/cli/replay.h"

/* Runs it without each of these causes that made jobs of `told` (the run as it is) wait, and
 * appends a line for each: "with no fragmentation, gangs or topology: pending time -23.1 %". The
 * replay is as before afterwards. One run each. */
bool counterfactual_add(struct replay *replay, const struct report *told, bool quiet,
                        struct text *out, struct err *err);

#endif
