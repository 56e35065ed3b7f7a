/*
 * alone.h - how long each job would take were its queue alone on its share of the cluster: the
 * ideal that finish-time fairness compares with (Themis, NSDI 2020).
 */
#ifndef CLI_ALONE_H
#define CLI_ALONE_H

#include "sim/cli/replay.h"

/* Runs every queue by itself, under the same policy, placement and settings, on its part by weight
 * (of the queues that have jobs) of every pool: whole nodes, and one smaller node for what is left
 * of GPUs. Fills jct_us[job] with its completion time there, TIME_UNKNOWN when it does not end
 * (larger than the part). A run over all jobs in all. */
bool alone_run(const struct replay *replay, int64_t *jct_us, struct err *err);

/* The part of a cluster, at least one GPU. Exposed for tests. */
void alone_cluster(const struct cluster *from, double share, struct cluster *out);

#endif
