/*
 * sides.h - the two runs that `berth diff` compares when it makes them itself: two policies, two
 * placement rules, or one policy with two builds of the placement core.
 */
#ifndef CLI_SIDES_H
#define CLI_SIDES_H

#include "sim/cli/replay.h"

/* The options by which sides are chosen, for the option table of the command. */
#define SIDES_OPTIONS                                                                              \
    REPLAY_INPUT_OPTIONS,                                                                          \
        {"--policy", "NAME", NULL, "run this policy; given twice, A's and B's [fifo]", true},      \
        {"--place", "NAME", NULL, "a placement rule for both, or A's and B's [consolidate]",       \
         true},                                                                                    \
        {"--core", "FILE", NULL,                                                                   \
         "given twice: run with these builds of the placement core, shared objects of "            \
         "'make core-library'",                                                                    \
         true},                                                                                    \
        REPLAY_SETTINGS_OPTIONS

enum { SIDES = 2 };

/* Which side is which; texts belong to the command line. */
struct side {
    const char *policy;
    const char *place;
    const char *core; /* a shared object; NULL: the core of this program */
};

/* Reads them; an option given more often than there are sides is an error. */
bool sides_read(const struct cli_args *args, struct side out[SIDES], struct err *err);

/* Runs one into the results folder `folder`, with its decisions. With `steps_at_us` of 0 or more
 * the policy tells its steps at this time, and the run ends right after it. */
bool side_run(const struct cli_args *args, const struct side *side, const char *folder,
              int64_t steps_at_us, struct err *err);

/* Can the policy of this side tell its steps? */
bool side_tells_steps(const struct side *side);

#endif
