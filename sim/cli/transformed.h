/*
 * transformed.h - what the verbs that make one trace of another share: reading it, options,
 * writing.
 */
#ifndef CLI_TRANSFORMED_H
#define CLI_TRANSFORMED_H

#include "sim/cli/cli.h"
#include "sim/cli/trace_input.h"
#include "sim/workload/workload.h"

/* The options that each of them takes. */
#define TRANSFORMED_OPTIONS                                                                        \
    TRACE_INPUT_OPTIONS,                                                                           \
    {                                                                                              \
        "--out", "FILE", NULL, "write there instead of to the screen", false                       \
    }

#define TRANSFORMED_SEED                                                                           \
    {                                                                                              \
        "--seed", "N", "1", "another seed, another trace; equal seeds, equal bytes", false         \
    }

/* Reads the one trace that the command line names; released by the caller. */
bool transformed_read(const struct cli_args *args, struct workload *out, struct err *err);

/* Makes and writes the whole result without holding the trace, where that can be done: *done. Where
 * it cannot, nothing was written, and the trace is to be read as a whole. False with *err filled
 * when writing failed. */
struct stream_transform;
bool transformed_stream(const struct cli_args *args, const struct stream_transform *transform,
                        bool *done, struct err *err);

/* Writes it as native CSV when `ok`, and releases it in any case. */
bool transformed_write(const struct cli_args *args, struct workload *workload, bool ok,
                       struct err *err);

/* A number above 0 (or at least 0, with `or_zero`) and at most `most`; *out is untouched without a
 * value. */
bool transformed_number(const struct cli_args *args, const char *name, double most, bool or_zero,
                        double *out, struct err *err);

/* Which of the words "a|b|c" the value is, by position. */
bool transformed_word(const struct cli_args *args, const char *name, const char *words, int *out,
                      struct err *err);

bool transformed_seed(const struct cli_args *args, uint64_t *out, struct err *err);

#endif
