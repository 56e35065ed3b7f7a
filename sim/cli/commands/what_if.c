/* what_if.c - berth what-if: what would this change do, to whom, and is that more than luck? */
#include "sim/cli/compare_run.h"
#include "sim/cli/figures_option.h"

static const struct cli_option what_if_options[] = {
    {"--trace", "FILE", NULL, "the workload; '-' reads stdin; .gz and .zst as they are", false},
    TRACE_INPUT_OPTIONS,
    DEMAND_MODEL_OPTIONS,
    {"--cluster", "CLUSTER", NULL, "a JSON file, a node list, or NxG: N nodes of G GPUs", false},
    COMPARING_OPTIONS,
    {"--out", "FOLDER", NULL, "write the results there; an older results folder is replaced",
     false},
    {"--report", NULL, NULL, "also write compare.html, a page with figures, and their scripts",
     false},
    CLI_FIGURES_OPTION,
    SETTINGS_OPTIONS,
    {"--quiet", NULL, NULL, "no progress on standard error; the answer stays", false},
    {.name = NULL},
};

static bool what_if(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct comparing comparing;
    unsigned formats = 0;
    *exit_status = EXIT_DONE;
    if (args->words.count == 0) {
        return err_set(err, ERR_USAGE, 0,
                       "no change is given, expected words such as 'add 8 to pool a'");
    }
    if (cli_value(args, "--policy") == NULL) {
        return err_set(err, ERR_USAGE, 0, "--policy is missing: the base of the changes");
    }
    if (cli_flag(args, "--report") && cli_value(args, "--out") == NULL) {
        return err_set(err, ERR_USAGE, 0, "--report needs --out FOLDER");
    }
    if (!cli_figure_formats(args, &formats, err) || !comparing_read(args, &comparing, err)) {
        return false;
    }
    bool ok = compare_run_all(args, &comparing, formats, err);
    comparing_release(&comparing);
    return ok;
}

extern const struct cli_command cli_command_what_if;
const struct cli_command cli_command_what_if = {
    .name = "what-if",
    .usage = "CHANGE... --trace FILE|--model MODEL --cluster CLUSTER --policy NAME [options]",
    .help = "what would a change do, to whom, and is it more than luck?",
    .details =
        "Every change is run beside the base on the same replications, as 'berth compare' runs\n"
        "policies. A change is one word of the shell, or several between ';':\n"
        "  'add 8 to pool a', 'add 8 dgx-h100 to pool b', 'remove 2 from pool a', 'drop pool a',\n"
        "  'drop queue q', 'drop user u', 'policy kai:k=1@topology', 'demand 1.2',\n"
        "  'durations 0.9', 'cost=checkpoint=600', 'failures=node=mtbf:720h,repair:4h'",
    .options = what_if_options,
    .run = what_if,
};
