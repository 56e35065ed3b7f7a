/*
 * model_input.h - a model of workloads named on the command line: a preset or a JSON file.
 */
#ifndef CLI_MODEL_INPUT_H
#define CLI_MODEL_INPUT_H

#include "sim/cli/options.h"
#include "sim/generate/generate.h"

/* Reads the model that `word` names (a file has a dot or a slash in its name, or is "-"), with
 * every --set KEY=VALUE of the command applied. Released with generate_model_release. */
bool model_input_read(const struct cli_args *args, const char *word, struct generate_model *out,
                      struct err *err);

/* The options --jobs and --days: *out is all zeros but for these; `dflt` jobs without either. */
bool model_input_size(const struct cli_args *args, uint64_t dflt, struct generate_options *out,
                      struct err *err);

#endif
