/*
 * answer.h - where the answer of a command goes: to the file that --out names, whole or not at all,
 * or to the screen.
 */
#ifndef CLI_ANSWER_H
#define CLI_ANSWER_H

#include "sim/base/names.h"
#include "sim/cli/cli.h"

struct workload;

/* Writes `text` to the file of the option --out, which the command declares, or to stdout. */
bool cli_answer(const struct cli_args *args, const struct text *text, struct err *err);

/* Opens where the answer goes, for one that is written piece by piece. */
struct out_file;
bool cli_answer_open(const struct cli_args *args, struct out_file *out, struct err *err);

/* The same with a workload as native CSV, written as it is made: it is never in memory as text. */
bool cli_answer_native(const struct cli_args *args, const struct workload *workload,
                       struct err *err);

/* The one file that the command line names, or NULL with *err filled. */
const char *cli_one_file(const struct cli_args *args, struct err *err);

/* Says what was dropped, guessed or cannot be held, a line each on stderr. */
void cli_say_notes(const struct names *notes);

#endif
