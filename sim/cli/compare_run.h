/*
 * compare_run.h - runs what `berth compare` and `berth what-if` have read, and tells it.
 */
#ifndef CLI_COMPARE_RUN_H
#define CLI_COMPARE_RUN_H

#include "sim/cli/cli.h"
#include "sim/cli/comparing.h"

/* Makes all runs, writes the folder of --out (with a page for --report, and figures in these
 * formats) and prints the table. */
bool compare_run_all(const struct cli_args *args, struct comparing *comparing, unsigned formats,
                     struct err *err);

#endif
