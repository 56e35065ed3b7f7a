/*
 * batsim_write.h - a workload as the JSON that Batsim reads; traces/batsim.c reads it back.
 */
#ifndef WORKLOAD_BATSIM_WRITE_H
#define WORKLOAD_BATSIM_WRITE_H

#include "sim/workload/workload.h"

/* Appends the workload: a delay profile for each duration, GPUs as resources, estimates as
 * walltimes, user and queue as extra data of the job. Jobs that Batsim has no way to say (without
 * GPUs, or of unknown duration) are left out; that, and what else has no place, is added to
 * `notes`, a sentence each. O(jobs). */
void batsim_write(struct text *text, const struct workload *workload, struct names *notes);

#endif
