/*
 * public_trace.h - public traces, which lie outside of the repository (BERTH_TRACES).
 */
#ifndef TESTS_PUBLIC_TRACE_H
#define TESTS_PUBLIC_TRACE_H

/* The path of a public trace, freed by the caller with free(); skips the test, with a message, when
 * it is not there. */
char *get_public_trace(const char *file);

#endif
