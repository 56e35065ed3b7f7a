/*
 * fairsim.h - time-based fair share in simulated time: queues, jobs that never finish, and the core
 * run once a second.
 *
 * A configuration is that of the scheduler's own simulator, as JSON: {"Cycles": 100, "WindowSize":
 * 5, "HalfLifePeriod": 0, "KValue": 1, "Nodes": [{"GPUs", "Count"}], "Queues": [{"Name", "Parent",
 * "Priority", "DeservedGPUs", "Weight"}], "Jobs": {"<queue>": {"GPUs", "NumPods", "NumJobs"}}}.
 * A cycle is a second; the usage of a queue is that of the last WindowSize seconds, with the
 * weights of the original's own client (specification 3.7). Evicted pods wait in the next cycle.
 */
#ifndef CHECK_FAIRSIM_H
#define CHECK_FAIRSIM_H

#include <jansson.h>

#include "sim/base/err.h"
#include "sim/base/text.h"

/* Is the value such a configuration, rather than a request for one division? */
bool fairsim_is_config(const json_t *value);

/* Runs it and appends a CSV: Time,QueueID,Allocation,FairShare, with a row for every queue without
 * children in the order of the configuration, cycle by cycle. */
bool fairsim_run(const json_t *config, struct text *csv, struct err *err);

#endif
