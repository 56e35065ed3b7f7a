/* schedule.h - small worlds whose schedules were worked out by hand. */
#ifndef TESTS_UNIT_POLICIES_SCHEDULE_H
#define TESTS_UNIT_POLICIES_SCHEDULE_H

#include "tests/lib/replay.h"

#define HEADER "job_id,submit_s,duration_s,gpus,estimate_s\n"

/* Fails unless the run's schedule reads like this (see replay_add_schedule). */
void assert_run(struct replay *replay, const char *expected);

/* The same with jobs as "a,0,10,3,10": name, submit, duration, GPUs, estimate. */
void assert_schedule(const char *policy, const char *cluster, const char *jobs,
                     const char *expected);

#endif
