/*
 * equal.h - are two workloads the same?
 */
#ifndef TESTS_EQUAL_H
#define TESTS_EQUAL_H

#include "sim/workload/workload.h"

/* Every field of every job and of its shape, names by their text, and the epoch; `what` is for the
 * message. */
void expect_equal_workloads(const struct workload *a, const struct workload *b, const char *what);

/* Reads a text that was just written; it must be readable. */
void read_written(const char *text, size_t length, const char *format, struct workload *out);

#endif
