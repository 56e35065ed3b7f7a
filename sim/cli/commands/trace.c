/* trace.c - berth trace: everything about traces that is not a run; a verb each in sim/cli/trace/.
 */
#include "sim/cli/cli.h"

extern const struct cli_command cli_command_trace;
const struct cli_command cli_command_trace = {
    .name = "trace",
    .usage = "VERB [FILE] [options]",
    .help = "measures, turns, cuts and makes traces and node lists",
    .verbs = cli_trace_verbs,
};
