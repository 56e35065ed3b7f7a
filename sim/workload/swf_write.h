/*
 * swf_write.h - a workload in the Standard Workload Format; traces/swf.c reads it back.
 */
#ifndef WORKLOAD_SWF_WRITE_H
#define WORKLOAD_SWF_WRITE_H

#include "sim/workload/workload.h"

/* Appends a header and a line a job, in the order of the jobs; GPUs are its processors. Ids, users
 * and queues that are numbers stay what they are, others are numbered and the header says what the
 * numbers stand for. What has no place in a line is added to `notes`, a sentence each. O(jobs). */
void swf_write(struct text *text, const struct workload *workload, struct names *notes);

#endif
