/*
 * trace_input.h - the options that say how a trace is read, the same for every command that reads
 * one.
 */
#ifndef CLI_TRACE_INPUT_H
#define CLI_TRACE_INPUT_H

#include "sim/cli/options.h"
#include "sim/workload/workload.h"

/* For the option table of a command that reads a trace. --columns MAP is short for --format
 * table:MAP, which reads any CSV. */
#define TRACE_INPUT_OPTIONS                                                                        \
    {"--format", "NAME", NULL, "the trace's format, NAME[:key=value,...] [found out by content]",  \
     false},                                                                                       \
    {                                                                                              \
        "--columns", "MAP", NULL,                                                                  \
            "read any table: job_id=JobID,submit_s=start/1000,gpus=1,... "                         \
            "('berth list --format table')",                                                       \
            false                                                                                  \
    }

/* Reads the trace at `path` as the options say; like trace_read otherwise. */
bool trace_input_read(const struct cli_args *args, const char *path, struct workload *out,
                      struct err *err);

/* What was set of the format: the map of --columns, or what follows the name in --format; NULL when
 * nothing was. For the record of a run. */
const char *trace_input_settings(const struct cli_args *args);

#endif
