/*
 * cli.h - the commands of berth: one file each in sim/cli/commands/, one table, one way to fail.
 *
 * Exit status: 0 done; 1 the run failed or a check found differences; 2 usage or bad input.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "sim/cli/options.h"

enum { EXIT_DONE = 0, EXIT_DIFFERENT = 1, EXIT_BAD_INPUT = 2 };

struct cli_command {
    const char *name;    /* also the file's name: sim/cli/commands/<name>.c */
    const char *usage;   /* behind "berth NAME ": "--trace FILE --cluster CLUSTER [options]" */
    const char *help;    /* what it does, one line */
    const char *details; /* more lines for its own help page; may be NULL */
    const struct cli_option *options; /* ends with a NULL name */

    /* Commands of its own ("stats" of "berth trace stats"), ends with NULL; a command that has them
     * has no options and no run. A verb is a file in sim/cli/<command>/. */
    const struct cli_command *const *verbs;

    /* Does it. Returns true and sets *exit_status (EXIT_DONE or EXIT_DIFFERENT), or returns false
     * with *err filled. The answer goes to stdout, progress to stderr, nothing else anywhere. */
    bool (*run)(const struct cli_args *args, int *exit_status, struct err *err);
};

/* The sorted tables of every command and of the verbs of `berth trace`; each ends with NULL. */
extern const struct cli_command *const cli_commands[];
extern const struct cli_command *const cli_trace_verbs[];

/* Runs one command line; returns the exit status. */
int cli_main(int argc, char **argv);

/* Writes a text to stdout; false when stdout does not take it (a closed pipe, a full disk). */
bool cli_print(const struct text *text, struct err *err);

/* "berth 0.1.0" */
const char *cli_version(void);

#endif
