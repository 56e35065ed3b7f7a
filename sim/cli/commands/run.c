/* run.c - berth run: one replay, its results folder and its table. */
#include <string.h>

#include "sim/base/parse.h"
#include "sim/cli/figures_option.h"
#include "sim/cli/replay.h"

static const struct cli_option run_options[] = {
    REPLAY_INPUT_OPTIONS,
    {"--policy", "NAME", "fifo", "which job next: NAME[:key=value,...]", false},
    {"--place", "NAME", "consolidate", "where: NAME[:key=value,...]", false},
    {"--out", "FOLDER", NULL, "write the results there; an older results folder is replaced",
     false},
    {"--report", NULL, NULL, "also write report.html, a page with figures", false},
    CLI_FIGURES_OPTION,
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
    {"--checkpoint", "SECONDS", NULL,
     "write beside the folder, every SECONDS of real time, what an interrupted run needs to go on",
     false},
    {"--resume", NULL, NULL,
     "go on where a run of the same command line with --checkpoint was interrupted", false},
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
    if (!cli_figure_formats(args, &choice->report.figure_formats, err) ||
        !read_fragmentation(args, &choice->report, err) ||
        !cli_seconds_us(args, "--sample", &choice->report.sample_us, err) ||
        !cli_seconds_us(args, "--warmup", &choice->report.warmup_us, err) ||
        !cli_seconds_us(args, "--tau", &choice->report.tau_us, err)) {
        return false;
    }
    return choice->report.tau_us > 0 ||
           err_set(err, ERR_USAGE, 0, "--tau is 0, expected more than 0 seconds");
}

/* Without --checkpoint, --resume goes on writing as often as is usual. */
static bool read_checkpoint(const struct cli_args *args, struct replay_choice *choice,
                            struct err *err)
{
    enum { USUAL_US = 60000000 };
    choice->resume = cli_flag(args, "--resume");
    bool given = cli_value(args, "--checkpoint") != NULL;
    choice->checkpoint_us = choice->resume ? USUAL_US : 0;
    if (given && !cli_seconds_us(args, "--checkpoint", &choice->checkpoint_us, err)) {
        return false;
    }
    if (given && choice->checkpoint_us == 0) {
        return err_set(err, ERR_USAGE, 0, "--checkpoint is 0, expected more than 0 seconds");
    }
    return choice->checkpoint_us == 0 || choice->out != NULL ||
           err_set(err, ERR_USAGE, 0, "--checkpoint and --resume need --out FOLDER");
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
    if (!read_report_options(args, &choice, err) || !read_checkpoint(args, &choice, err) ||
        !replay_prepare(args, &choice, &replay, err)) {
        return false;
    }
    struct text table = {0};
    bool ok = replay_run(&replay, cli_flag(args, "--quiet"), &table, err) && cli_print(&table, err);
    text_release(&table);
    replay_release(&replay);
    *exit_status = replay.is_partial ? EXIT_DIFFERENT : EXIT_DONE;
    return ok;
}

extern const struct cli_command cli_command_run;
const struct cli_command cli_command_run = {
    .name = "run",
    .usage = "--trace FILE --cluster CLUSTER [--policy NAME] [--out FOLDER] [options]",
    .help = "replays a workload on a cluster and reports waits and use",
    .details = "The table goes to standard output; with --out the folder gets run.json, "
               "summary.json,\njobs.csv, timeline.csv, queues.csv and timing.json. 'berth list' "
               "shows policies,\nplacement rules and formats with their parameters. An interrupt "
               "(Ctrl-C) ends a run\nwith what is known by then: exit status 1, and \"partial\": "
               "true in summary.json.\n"
               "With --checkpoint, FOLDER.checkpoint is kept while the run lasts; after a crash or "
               "an\ninterrupt the same command with --resume gives the results of a run that was "
               "never\ninterrupted, without the long computations it had made (cycles of kai, "
               "programs of\ngavel). It is good for the same build of berth only.",
    .options = run_options,
    .run = run_run,
};
