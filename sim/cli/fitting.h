/*
 * fitting.h - berth trace generate --fit: a model from a trace, and how well it fits.
 */
#ifndef CLI_FITTING_H
#define CLI_FITTING_H

#include "sim/cli/cli.h"
#include "sim/cli/trace_input.h"

/* The options behind a fit, for the option table of the command; it also has --out and --seed. */
#define FITTING_OPTIONS                                                                            \
    {"--fit", "TRACE", NULL, "make a model that fits this trace, instead of jobs", false},         \
        TRACE_INPUT_OPTIONS,                                                                       \
        {"--profile", "P", "auto", "hours of the rate to fit: auto, flat, day or week", false},    \
        {"--durations", "HOW", "sizes", "durations by sizes, with a copula of both, or plain",     \
         false},                                                                                   \
        {"--interarrival", "FAMILY", "auto", "family to fit to interarrival times", false},        \
        {"--duration", "FAMILY", "auto", "family to fit to durations", false},                     \
    {                                                                                              \
        "--parametric", NULL, NULL, "no tables of quantiles where no other family fits", false     \
    }

/* Fits. The model goes to --out and the report to the screen; without --out the model goes to the
 * screen. The report is in the model, too. */
bool fitting_run(const struct cli_args *args, struct err *err);

#endif
