/*
 * options.h - the options of a command, declared as data and read by one parser.
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/base/err.h"
#include "sim/base/text.h"
#include "sim/base/vec.h"

struct cli_option {
    const char *name;  /* with its dashes: "--trace" */
    const char *value; /* what stands for the value in the help: "FILE"; NULL: a flag */
    const char *dflt;  /* what holds when it is not given; NULL: nothing */
    const char *help;  /* one line */
    bool repeats;      /* may be given more than once */
};

/* What was found on a command line: for each option in the order given, then the other words. */
struct cli_given {
    const struct cli_option *option;
    const char *value;
};

struct cli_args {
    const struct cli_option *options; /* ends with a NULL name */
    VEC(struct cli_given) given;
    VEC(const char *) words;
};

/* Reads `argv[0 .. argc-1]` (without the command). Values are written `--name VALUE` or
 * `--name=VALUE`; "--" ends the options. The texts of argv must outlive *out, which the caller
 * releases with cli_args_release. An unknown option (told with the nearest name), a missing or
 * unwanted value, a repetition, and a word that is not UTF-8 are errors. */
bool cli_args_read(const struct cli_option *options, int argc, char *const *argv,
                   struct cli_args *out, struct err *err);
void cli_args_release(struct cli_args *args);

/* The value of an option, or its default; for a flag "" when it was given. The option must be one
 * of the command's. */
const char *cli_value(const struct cli_args *args, const char *name);
bool cli_flag(const struct cli_args *args, const char *name);

/* The value as seconds in microseconds ("inf" is PARAM_NEVER_US), as a whole number in a range, and
 * as a number above 0. *out is untouched when the option has neither value nor default. */
bool cli_seconds_us(const struct cli_args *args, const char *name, int64_t *out, struct err *err);
bool cli_whole(const struct cli_args *args, const char *name, int64_t least, int64_t *out,
               struct err *err);

/* Appends the help of the options, a line or more each. */
void cli_add_options_help(struct text *text, const struct cli_option *options);

#endif
