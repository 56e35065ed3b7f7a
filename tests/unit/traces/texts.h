/*
 * texts.h - traces and clusters written in the test itself.
 */
#ifndef TESTS_TEXTS_H
#define TESTS_TEXTS_H

#include "sim/workload/trace_format.h"

/* The text, read as `format` (NULL: detected), gives these jobs as native CSV. */
void expect_text(const char *format, const char *text, const char *native);

/* Reading the text notes something with these words. */
void expect_note(const char *format, const char *text, const char *words);

/* The node list at tests/data/traces/<sample>, read as `format` (NULL: detected), gives the same
 * cluster as this cluster JSON, and each of the `notes` (ended by NULL) is said. */
void expect_cluster(const char *sample, const char *format, const char *json,
                    const char *const *notes);

/* The text is no cluster: this message, at this line. */
void expect_cluster_refused(const char *format, const char *text, int64_t line,
                            const char *message);

#endif
