/*
 * make.h - models and workloads in a line, for tests.
 */
#ifndef TESTS_UNIT_GENERATE_MAKE_H
#define TESTS_UNIT_GENERATE_MAKE_H

#include "sim/generate/fit.h"
#include "sim/generate/generate.h"

/* The model of a JSON text, in which ' stands for "; fails the test when it is refused. */
struct generate_model make_model(const char *json);

/* Jobs of such a model. */
struct workload make_jobs(const char *json, uint64_t seed, struct generate_options options);

/* The file below BERTH_TRACES, or NULL with a message that the test is passed over; freed by the
 * caller. */
char *make_trace_path(const char *file);

#endif
