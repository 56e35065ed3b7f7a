/* compare.c - berth compare: is one policy better than another, for whom, and is it luck? */
#include "sim/cli/compare_run.h"
#include "sim/cli/figures_option.h"

static const struct cli_option compare_options[] = {
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

static bool compare_command(const struct cli_args *args, int *exit_status, struct err *err)
{
    struct comparing comparing;
    *exit_status = EXIT_DONE;
    if (args->words.count > 0) {
        return err_set(err, ERR_USAGE, 0, "unexpected word '%.60s'; a trace is named by --trace",
                       args->words.items[0]);
    }
    if (cli_flag(args, "--report") && cli_value(args, "--out") == NULL) {
        return err_set(err, ERR_USAGE, 0, "--report needs --out FOLDER");
    }
    unsigned formats = 0;
    if (!cli_figure_formats(args, &formats, err)) {
        return false;
    }
    if (!comparing_read(args, &comparing, err)) {
        return false;
    }
    bool ok = compare_run_all(args, &comparing, formats, err);
    comparing_release(&comparing);
    return ok;
}

extern const struct cli_command cli_command_compare;
const struct cli_command cli_command_compare = {
    .name = "compare",
    .usage = "--trace FILE|--model MODEL --cluster CLUSTER --policy A --policy B [...] [options]",
    .help = "is policy B better than A, for whom, and is it more than luck?",
    .details =
        "Every policy meets the same replications of the workload, at the same loads. The verdict\n"
        "is about --metric, against the first policy, corrected for all comparisons (Holm); with\n"
        "--out the folder gets compare.json, replications.csv, estimates.csv and run.json.",
    .options = compare_options,
    .run = compare_command,
};
