/* diff.c - berth diff: the first decision in which two runs part. */
#include "sim/diff/diff.h"

#include <string.h>
#include <unistd.h>

#include "sim/cli/replay.h"

static const struct cli_option diff_options[] = {
    {"--context", "N", "3", "equal decisions to show before the first difference", false},
    {"--json", NULL, NULL, "one JSON object instead of text", false},
    REPLAY_INPUT_OPTIONS,
    {"--policy", "NAME", NULL, "instead of A and B: run this policy; given twice, A's and B's",
     true},
    {"--place", "NAME", NULL, "a placement rule for both, or A's and B's [consolidate]", true},
    REPLAY_SETTINGS_OPTIONS,
    {.name = NULL},
};

static bool diff_paths(const char *path_a, const char *path_b, const struct diff_options *options,
                       struct text *out, bool *equal, struct err *err)
{
    struct decision_log a;
    struct decision_log b;
    if (!decision_log_open(path_a, &a, err)) {
        return false;
    }
    if (!decision_log_open(path_b, &b, err)) {
        decision_log_release(&a);
        return false;
    }
    bool ok = diff_logs(&a, &b, options, out, equal, err);
    decision_log_release(&a);
    decision_log_release(&b);
    return ok;
}

/* The n-th value of an option, its last one when there are fewer, or `dflt`. */
static const char *nth_value(const struct cli_args *args, const char *name, size_t n,
                             const char *dflt)
{
    const char *value = dflt;
    for (size_t i = 0, seen = 0; i < args->given.count && seen <= n; i++) {
        if (strcmp(args->given.items[i].option->name, name) == 0) {
            value = args->given.items[i].value;
            seen++;
        }
    }
    return value;
}

static size_t count_values(const struct cli_args *args, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < args->given.count; i++) {
        count += strcmp(args->given.items[i].option->name, name) == 0;
    }
    return count;
}

/* Runs A (0) or B (1) into `folder`. */
static bool run_side(const struct cli_args *args, size_t side, const char *folder, struct err *err)
{
    struct replay_choice choice = {
        .policy = nth_value(args, "--policy", side, "fifo"),
        .place = nth_value(args, "--place", side, "consolidate"),
        .out = folder,
    };
    report_options_init(&choice.report);
    choice.report.log_decisions = true;
    struct replay replay;
    if (!replay_prepare(args, &choice, &replay, err)) {
        return false;
    }
    bool ok = replay_run(&replay, cli_flag(args, "--quiet"), NULL, err);
    replay_release(&replay);
    return ok;
}

static bool diff_policies(const struct cli_args *args, const struct diff_options *options,
                          struct text *out, bool *equal, struct err *err)
{
    if (count_values(args, "--policy") > 2 || count_values(args, "--place") > 2) {
        return err_set(err, ERR_USAGE, 0, "--policy or --place is there three times, expected two");
    }
    const char *temporary = getenv("TMPDIR");
    struct text parent = {0};
    text_addf(&parent, "%s/berth-diff-XXXXXX", temporary == NULL ? "/tmp" : temporary);
    if (mkdtemp(parent.bytes) == NULL) {
        (void)err_set(err, ERR_IO, 0, "%.200s: cannot be made", parent.bytes);
        text_release(&parent);
        return false;
    }
    struct text a = {0};
    struct text b = {0};
    text_addf(&a, "%s/a", parent.bytes);
    text_addf(&b, "%s/b", parent.bytes);
    bool ok = run_side(args, 0, a.bytes, err) && run_side(args, 1, b.bytes, err) &&
              diff_paths(a.bytes, b.bytes, options, out, equal, err);
    (void)file_remove_folder(a.bytes);
    (void)file_remove_folder(b.bytes);
    (void)file_remove_folder(parent.bytes);
    text_release(&a);
    text_release(&b);
    text_release(&parent);
    return ok;
}

static bool diff_run(const struct cli_args *args, int *exit_status, struct err *err)
{
    bool runs = cli_value(args, "--trace") != NULL;
    if (args->words.count != (runs ? 0 : 2)) {
        return err_set(err, ERR_USAGE, 0,
                       "expected two, A and B (results folders or decision logs), or --trace and "
                       "two times --policy; 'berth help diff' shows more");
    }
    struct diff_options options = {.json = cli_flag(args, "--json")};
    if (!cli_whole(args, "--context", 0, &options.context, err)) {
        return false;
    }
    struct text out = {0};
    bool equal = false;
    bool ok =
        runs ? diff_policies(args, &options, &out, &equal, err)
             : diff_paths(args->words.items[0], args->words.items[1], &options, &out, &equal, err);
    ok = ok && cli_print(&out, err);
    text_release(&out);
    *exit_status = equal ? EXIT_DONE : EXIT_DIFFERENT;
    return ok;
}

extern const struct cli_command cli_command_diff;
const struct cli_command cli_command_diff = {
    .name = "diff",
    .usage = "A B [--context N] [--json] | --trace FILE --cluster CLUSTER --policy A --policy B",
    .help = "shows the first decision in which two runs part, and what came of it",
    .details =
        "A and B are results folders of 'berth run --log decisions', or decision logs alone.\n"
        "Folders also tell the settings that differ, who ran and waited at the first\n"
        "difference, and how far the outcomes drift. With --trace both are run here.\n"
        "Exit status 1 when the decisions differ.",
    .options = diff_options,
    .run = diff_run,
};
