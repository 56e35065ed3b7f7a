/*
 * sample.h - small traces in tests/data/traces/, and texts that are none.
 */
#ifndef TESTS_SAMPLE_H
#define TESTS_SAMPLE_H

#include "sim/workload/trace_format.h"

/* Reads a sample, whose format must be found out to be `format` ("name" of "name:settings", the
 * settings given to it), and compares the jobs as native CSV. */
void expect_jobs(const char *sample, const char *format, const char *native);

/* The text is refused with this message, at this line. `format` may be NULL: detected. */
void expect_refused(const char *format, const char *text, int64_t line, const char *message);

/* The same of many texts. */
struct refusal {
    const char *format;
    const char *text;
    int64_t line;
    const char *message;
};
void expect_all_refused(const struct refusal *refusals, size_t count);

#endif
