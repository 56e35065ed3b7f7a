/* run.c - berth run: one replay, its results folder and its table. */
#include <string.h>

#include "sim/base/parse.h"
#include "sim/cli/replay.h"

static const struct cli_option run_options[] = {
    REPLAY_INPUT_OPTIONS,
    {"--policy", "NAME", "fifo", "which job next: NAME[:key=value,...]", false},
    {"--place", "NAME", "consolidate", "where: NAME[:key=value,...]", false},
    {"--out", "FOLDER", NULL, "write the results there; an older results folder is replaced",
     false},
    {"--report", NULL, NULL, "also write report.html, a page with figures", false},
    {"--log", "WHAT", NULL, "'decisions': also write decisions.jsonl", false},
    {"--sample", "SECONDS", "0", "time between rows of timeline.csv; 0: a row at every change",
     false},
    {"--fragmentation", "PERCENT", NULL,
     "measure it, for the most frequent kinds of tasks up to PERCENT of the trace's", false},
    {"--causes", NULL, NULL, "find out what pending jobs wait for", false},
    {"--counterfactual", NULL, NULL,
     "also run without each cause that can be removed, and tell what changes", false},
    {"--fairness", NULL, NULL,
     "how fairly queues are served; with each alone on its share of the cluster as a second run",
     false},
    {"--warmup", "SECONDS", "0", "jobs submitted earlier count in no statistic", false},
    {"--tau", "SECONDS", "10", "least duration in the bounded slowdown", false},
    REPLAY_SETTINGS_OPTIONS,
    {.name = NULL},
};

static bool read_fragmentation(const struct cli_args *args, struct report_options *out,
                               struct err *err)
{
    const char *value = cli_value(args, "--fragmentation");
    if (value == NULL) {
        return true;
    }
    double percent = 0;
    if (parse_f64(view_of(value), &percent) != PARSE_OK || !(percent > 0 && percent <= 100)) {
        return err_set(err, ERR_USAGE, 0,
                       "--fragmentation is '%.60s', expected a percentage above 0 up to 100",
                       value);
    }
    out->fragmentation_share = percent / 100;
    return true;
}

static bool read_report_options(const struct cli_args *args, struct replay_choice *choice,
                                struct err *err)
{
    report_options_init(&choice->report);
    choice->report.html = cli_flag(args, "--report");
    choice->report.fairness = cli_flag(args, "--fairness");
    choice->counterfactual = cli_flag(args, "--counterfactual");
    choice->report.causes = cli_flag(args, "--causes") || choice->counterfactual;
    const char *log = cli_value(args, "--log");
    choice->report.log_decisions = log != NULL;
    if (log != NULL && strcmp(log, "decisions") != 0) {
        return err_set(err, ERR_USAGE, 0, "--log is '%.60s', expected decisions", log);
    }
    if (choice->out == NULL && (choice->report.html || log != NULL)) {
        return err_set(err, ERR_USAGE, 0, "--report and --log need --out FOLDER");
    }
    if (!read_fragmentation(args, &choice->report, err) ||
        !cli_seconds_us(args, "--sample", &choice->report.sample_us, err) ||
        !cli_seconds_us(args, "--warmup", &choice->report.warmup_us, err) ||
        !cli_seconds_us(args, "--tau", &choice->report.tau_us, err)) {
        return false;
    }
    return choice->report.tau_us > 0 ||
           err_set(err, ERR_USAGE, 0, "--tau is 0, expected more than 0 seconds");
}

static bool run_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    if (args->words.count > 0) {
        return err_set(err, ERR_USAGE, 0, "unexpected word '%.60s'; a trace is named by --trace",
                       args->words.items[0]);
    }
    struct replay_choice choice = {
        .policy = cli_value(args, "--policy"),
        .place = cli_value(args, "--place"),
        .out = cli_value(args, "--out"),
    };
    struct replay replay;
    if (!read_report_options(args, &choice, err) || !replay_prepare(args, &choice, &replay, err)) {
        return false;
    }
    struct text table = {0};
    bool ok = replay_run(&replay, cli_flag(args, "--quiet"), &table, err) && cli_print(&table, err);
    text_release(&table);
    replay_release(&replay);
    *exit_status = EXIT_DONE;
    return ok;
}

extern const struct cli_command cli_command_run;
const struct cli_command cli_command_run = {
    .name = "run",
    .usage = "--trace FILE --cluster CLUSTER [--policy NAME] [--out FOLDER] [options]",
    .help = "replays a workload on a cluster and reports waits and use",
    .details = "The table goes to standard output; with --out the folder gets run.json, "
               "summary.json,\njobs.csv, timeline.csv, queues.csv and timing.json. 'berth list' "
               "shows policies,\nplacement rules and formats with their parameters.",
    .options = run_options,
    .run = run_run,
};
