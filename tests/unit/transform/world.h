/* world.h - random workloads with users, queues, gangs, fractions, gaps and ties. */
#ifndef TESTS_TRANSFORM_WORLD_H
#define TESTS_TRANSFORM_WORLD_H

#include "sim/workload/workload.h"

/* How many of them the laws are tested on. */
enum { WORLD_COUNT = 25 };

/* A finished workload of about 300 jobs over some weeks; `number` is the seed. */
void world_make(uint64_t number, struct workload *out);

/* The workload as native CSV, freed by the caller. */
char *world_text(const struct workload *workload);

/* Fails the test unless both are the same jobs at the same times. */
void world_expect_equal(const struct workload *a, const struct workload *b);

/* Everything of a job but its id, user, queue and submit time: equal numbers, equal jobs. */
uint64_t world_job_kind(const struct workload *workload, const struct job *job);

#endif
