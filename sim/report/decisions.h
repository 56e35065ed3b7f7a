/*
 * decisions.h - decisions.jsonl: one decision a line, in the order in which they were made.
 *
 *     {"time_s":12.5,"decision":"start","job":"7","queue":"a","gpus":2,
 *      "nodes":[{"node":"n-0","gpus":2,"devices":[0,1]}],"reason":"..."}
 *
 * Decisions are start, preempt, resize, migrate and reject. `nodes` is where the job has its GPUs
 * now (preempt: where it had them; reject: missing); `devices` is missing on a divisible node,
 * `group` (of the tasks of a gang) is missing when it is the first. `lost_s` is there for preempt
 * and migrate, `gpus_before` for resize, `reason` when one was given. A policy that was asked to
 * tell its steps has lines {"time_s","step"} before the decisions that they lead to.
 */
#ifndef REPORT_DECISIONS_H
#define REPORT_DECISIONS_H

#include "sim/base/file.h"
#include "sim/cluster/cluster.h"
#include "sim/log.h"
#include "sim/workload/workload.h"

/* Appends the line of a record that is a decision; of another, nothing. */
void decisions_add(struct out_file *out, const struct workload *workload,
                   const struct cluster *cluster, const struct log_record *record);

#endif
